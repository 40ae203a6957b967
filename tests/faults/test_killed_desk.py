"""kill -9 of the web server between and within the steps of a Declaration at the counter.

The request stays as it was left, and no act is half in force.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, cast

import pytest
from django.db.models import QuerySet
from django.test import Client
from pytest_django import Settings

from groups.models import Group
from klikon.desk.models import Draft, Paper, Scan
from klikon.models import Declaration, LeaderAssignment
from superfamilja.accounts.models import Store
from superfamilja.messages.models import OutgoingMessage
from tests.desk.counter import IDENTIFIED, Counter, photograph
from tests.factories import family
from tests.faults.served import Wire, served

pytestmark = pytest.mark.django_db(transaction=True)


class Stands(NamedTuple):
    """The rows of this family's request."""

    state: str = ""
    typed: bool = False
    checked: bool = False
    papers: int = 0
    codes: int = 0
    scans: int = 0
    declarations: int = 0
    leaders: int = 0


NOTHING = Stands()
BEGUN = Stands("open")
TYPED = Stands("open", typed=True)
CHECKED = Stands("open", typed=True, checked=True)
PRINTED = Stands("open", typed=True, checked=True, papers=1)
CODE_SENT = Stands("open", typed=True, checked=True, papers=1, codes=1)
SCANNED = Stands("open", typed=True, checked=True, papers=1, codes=1, scans=1)
IN_FORCE = Stands("done", True, True, papers=1, codes=1, scans=1, declarations=1, leaders=1)
STATES = [NOTHING, BEGUN, TYPED, CHECKED, PRINTED, CODE_SENT, SCANNED, IN_FORCE]


@dataclass
class Request:
    """One Declaration at one counter, step by step."""

    clerk: Counter
    group: Group

    @property
    def draft(self) -> Draft:
        return Draft.objects.get(contract=self.group.contract)

    @property
    def member(self) -> int:
        return self.group.memberships.get(seat=2).pk

    def begin(self) -> None:
        self.clerk.begin("name_leader", self.group.contract)

    def type(self) -> None:
        self.clerk.post(
            "save_draft",
            self.draft.pk,
            step="keep",
            version=self.draft.version,
            member=self.member,
            **IDENTIFIED,
        )

    def check(self) -> None:
        self.clerk.fill(self.draft, member=self.member)

    def print(self) -> None:
        self.clerk.sign(self.draft)

    def send_code(self) -> None:
        self.clerk.post("send_shop_code", self.draft.pk)

    def scan(self) -> None:
        self.clerk.post("attach_scan", self.draft.pk, scan=photograph())

    def confirm(self) -> str:
        code = self.sms().latest("pk").parameters["code"]
        return self.clerk.post("confirm_draft", self.draft.pk, code=code)

    def sms(self) -> "QuerySet[OutgoingMessage]":
        return OutgoingMessage.objects.filter(
            template="code_for_shop", contract_number=self.group.contract.number
        )

    @property
    def steps(self) -> list[Callable[[], object]]:
        return [
            self.begin,
            self.type,
            self.check,
            self.print,
            self.send_code,
            self.scan,
            self.confirm,
        ]

    def come_as_far_as(self, step: str) -> None:
        """Run every step before this one."""
        for done in self.steps:
            if done.__name__ == step:
                return
            done()

    def go_on_from(self, step: str) -> None:
        """Run this step and all that come after it."""
        names = [one.__name__ for one in self.steps]
        for one in self.steps[names.index(step) :]:
            one()

    def stands(self) -> Stands:
        draft = Draft.objects.filter(contract=self.group.contract).first()
        if draft is None:
            return NOTHING
        return Stands(
            draft.state,
            bool(draft.typed),
            draft.is_checked,
            Paper.objects.filter(draft=draft).count(),
            self.sms().count(),
            Scan.objects.filter(paper__draft=draft).count(),
            Declaration.objects.filter(contract=self.group.contract).count(),
            LeaderAssignment.objects.in_force().filter(group=self.group).count(),
        )

    def agrees(self) -> bool:
        """Check that Declaration, paper and draft agree, with the same bytes."""
        paper, declaration = self.draft.papers.get(), self.draft.declaration
        assert declaration is not None
        return (declaration.reference, declaration.paper.sha256, declaration.member_id) == (
            paper.reference,
            paper.sha256,
            self.member,
        )


@pytest.fixture
def request_(settings: Settings, tmp_path: Path) -> Request:
    settings.UPLOADS_DIR = tmp_path / "scans"
    return Request(Counter(store=f"F{Store.objects.count()}"), family(3))


def through(request: Request, url: str) -> Request:
    """Return the same clerk, whose browser talks to that server."""
    clerk = Counter(store=request.clerk.store.code, user=request.clerk.user)
    clerk.client = cast(Client, Wire(url, clerk.client))
    return Request(clerk, request.group)


def test_killed_between_any_two_steps_the_request_is_where_it_was(
    request_: Request, tmp_path: Path
) -> None:
    for number, (before, after) in enumerate(pairwise(STATES)):
        with served(tmp_path) as server:
            there = through(request_, server.url)
            assert there.stands() == before
            there.steps[number]()
            server.kill()
        assert request_.stands() == after
    assert request_.agrees()
    with served(tmp_path) as server:
        assert "The Declaration is in force." in through(request_, server.url).confirm()
    assert request_.stands() == IN_FORCE


WITHIN = [
    ("begin", "done, not committed", NOTHING),
    ("type", "typed, not committed", BEGUN),
    ("check", "typed, not committed", TYPED),
    ("print", "done, not committed", CHECKED),
    ("send_code", "done, not committed", PRINTED),
    ("scan", "done, not committed", CODE_SENT),
    ("confirm", "code checked, nobody named", SCANNED),
    ("confirm", "done, not committed", SCANNED),
    ("confirm", "named, not committed", SCANNED),
    ("confirm", "committed, not answered", IN_FORCE),
]


@pytest.mark.parametrize(("step", "moment", "stands"), WITHIN)
def test_killed_within_a_step_nothing_of_it_stands_and_it_is_simply_sent_again(
    request_: Request, tmp_path: Path, step: str, moment: str, stands: Stands
) -> None:
    request_.come_as_far_as(step)
    with served(tmp_path, moment) as server, ThreadPoolExecutor(1) as pool:
        there = through(request_, server.url)
        sent = pool.submit(getattr(there, step))
        server.wait_until_it_stops()
        server.kill()
        assert sent.exception() is not None
    assert request_.stands() == stands
    request_.go_on_from(step)
    assert request_.stands() == IN_FORCE
    assert request_.agrees()
