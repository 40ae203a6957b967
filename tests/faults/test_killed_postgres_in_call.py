"""kill -9 of PostgreSQL during a call: the caller hears an apology at once.

Only real activations are charged, and 130 goes on by itself when the database is back.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from klikon.demonstration.phone.softphone import Softphone
from klikon.ivr import carrying
from klikon.models import Activation
from superfamilja.embedded_postgres import server
from tests.faults import failpoints, family
from tests.faults.answering import Answering, answering
from tests.faults.conftest import wait_until
from tests.faults.family import Family
from tests.faults.processes import Database, elsewhere
from tests.klikon.ivr.telephone import contains, keys, keys_and_stay

pytestmark = pytest.mark.usefixtures("short_prompts", "django_db_setup")
PATIENCE = 30  # seconds by which the line must be over, also on a busy machine


@dataclass
class Postgres:
    """A server that no connection starts again, and families that live in it."""

    data_dir: Path
    database: Database
    families: Iterator[Family]

    @property
    def url(self) -> str:
        name, user, host = (self.database[key] for key in ("NAME", "USER", "HOST"))
        return f"postgres://{user}@/{name}?host={host}"

    def kill(self) -> None:
        failpoints.kill_postgres(self.data_dir)

    def start(self) -> None:
        server.ensure_started(self.data_dir)

    def suspend(self) -> None:
        for process in self._processes():
            process.suspend()

    def resume(self) -> None:
        for process in self._processes():
            process.resume()

    def ask(self, question: Callable[[], Any]) -> Any:
        return elsewhere(question, self.database).answer

    def _processes(self) -> list[psutil.Process]:
        first = failpoints.postmaster(self.data_dir)
        return [first, *first.children(recursive=True)]


@pytest.fixture(scope="module")
def postgres(data_dir: Path, database: Database) -> Postgres:
    made = elsewhere(partial(family.several, 5), database).answer
    return Postgres(data_dir, database, iter(made))


@pytest.fixture
def one(postgres: Postgres) -> Family:
    postgres.start()
    return next(postgres.families)


def charged(one: Family) -> list[int]:
    own = Activation.objects.filter(contract_id=one.contract_id)
    return list(own.values_list("charge__amount_lek", flat=True))


def nothing_stands_and_the_next_call_activates(
    postgres: Postgres, one: Family, answers: Answering
) -> None:
    postgres.start()
    assert postgres.ask(partial(charged, one)) == []
    answers.call(one.leader, keys("211"))
    assert postgres.ask(partial(charged, one)) == [500]


async def is_over(phone: Softphone, patience: float = PATIENCE) -> None:
    await asyncio.wait_for(phone.over.wait(), patience)


@pytest.mark.parametrize(("pressed", "apology"), [("2", "sorry"), ("211", "sorry_after_yes")])
def test_killed_before_the_last_key(
    pressed: str, apology: str, postgres: Postgres, one: Family, tmp_path: Path
) -> None:
    async def doing(phone: Softphone) -> None:
        await keys_and_stay(phone, pressed[:-1])
        postgres.kill()
        phone.press(pressed[-1])
        await is_over(phone)

    with answering(tmp_path / "calls", database=postgres.url) as answers:
        assert contains(answers.call(one.leader, doing), apology)
        nothing_stands_and_the_next_call_activates(postgres, one, answers)


def test_killed_in_the_transaction_of_the_yes(
    postgres: Postgres, one: Family, tmp_path: Path
) -> None:
    moment = "in the activation's transaction"
    with answering(tmp_path / "calls", moment=moment, database=postgres.url) as answers:

        async def doing(phone: Softphone) -> None:
            await answers.yes_and_stop(phone)
            postgres.kill()
            answers.go_on()
            await is_over(phone)

        assert contains(answers.call(one.leader, doing), "sorry_after_yes")
        nothing_stands_and_the_next_call_activates(postgres, one, answers)


def test_who_calls_while_it_is_away_hears_an_apology(
    postgres: Postgres, one: Family, tmp_path: Path
) -> None:
    async def doing(phone: Softphone) -> None:
        await phone.dial()
        await is_over(phone)

    with answering(tmp_path / "calls", database=postgres.url) as answers:
        postgres.kill()
        assert contains(answers.call(one.leader, doing), "sorry")
        nothing_stands_and_the_next_call_activates(postgres, one, answers)


def test_e16_one_that_hangs_may_do_it_all_the_same_and_the_next_call_says_so(
    postgres: Postgres, one: Family, tmp_path: Path
) -> None:
    async def doing(phone: Softphone) -> None:
        await keys_and_stay(phone, "21")
        postgres.suspend()
        phone.press("1")
        await is_over(phone, PATIENCE + carrying.PATIENCE)

    with answering(tmp_path / "calls", database=postgres.url) as answers:
        try:
            told = answers.call(one.leader, doing)
        finally:
            postgres.resume()
        assert contains(told, "sorry_after_yes")
        wait_until(lambda: postgres.ask(partial(charged, one)) == [500])
        assert contains(answers.call(one.leader, keys("212")), "again_keys")
        assert postgres.ask(partial(charged, one)) == [500]
