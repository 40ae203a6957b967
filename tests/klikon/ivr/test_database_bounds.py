"""While somebody blocks the database, the caller hears an apology and pays nothing."""

import pytest
from django.db import connection, transaction

from groups.models import Group
from klikon.ivr.answering import carry, threads
from klikon.ivr.models import Adapter
from klikon.models import LeaderAssignment
from tests.klikon.ivr.loop import in_a_thread, run
from tests.klikon.ivr.telephone import lek_spent, register_of
from tests.klikon.ivr.test_carrying import Wire

pytestmark = pytest.mark.django_db(transaction=True)


def called(leader: LeaderAssignment, wire: Wire) -> None:
    async def call() -> None:
        with threads() as pool:
            await carry(
                wire,
                adapter=Adapter.SIP,
                call_id=f"bounds {leader.pk}",
                number=leader.member.msisdn,
                care=False,
                pool=pool,
            )

    run(call())


@pytest.mark.parametrize(("lock", "statement"), [(50, 60_000), (60_000, 1000)])
def test_who_says_yes_behind_a_lock_hears_an_apology_and_pays_nothing(
    leader: LeaderAssignment, settings, lock: int, statement: int
) -> None:
    settings.IVR_LOCK_MILLISECONDS, settings.IVR_STATEMENT_MILLISECONDS = lock, statement
    wire = Wire("211")
    with transaction.atomic():
        Group.objects.select_for_update().get(pk=leader.group_id)
        called(leader, wire)
    assert wire.heard[-2:] == ["sorry_after_yes", "goodbye"]
    assert (lek_spent(leader), register_of(leader).end) == ([], "failed")


def test_when_nobody_stands_there_any_more_the_same_yes_is_one(leader: LeaderAssignment) -> None:
    called(leader, Wire("211"))
    assert lek_spent(leader) == [500]


def test_the_bounds_are_those_of_its_own_threads_alone() -> None:
    def bounds() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
            )
            found = list(cursor.fetchone())
        connection.close()
        return found

    with threads() as pool:
        assert pool.submit(bounds).result() == ["3s", "5s"]
    assert in_a_thread(bounds) == ["0", "0"]
