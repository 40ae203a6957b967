"""Race clerks, managers and double clicks on one request of the desk, with real threads.

Every verb of the desk locks the request's row; each control turns that lock off.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import Settings

from groups import contact
from groups.models import Group
from klikon.desk import confirming, drafts
from klikon.desk.day import day_end
from klikon.desk.models import Draft, Letter, Paper
from klikon.desk.papers import blanks, printing
from klikon.leader import freezes
from klikon.models import Declaration, FreezeCause, LeaderAssignment
from superfamilja.accounts.models import Store, User
from superfamilja.accounts.roles import STORE_MANAGER
from superfamilja.audit.models import Act
from superfamilja.messages.models import OutgoingMessage
from tests.concurrency.racing import DONE, interrupted_by, meeting_before, race
from tests.desk.counter import Counter
from tests.factories import assign, family
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db(transaction=True)

DOING = "klikon.desk.confirming._done"  # at this point the request is checked; only writing follows
UNLOCKED = mock.patch.object(QuerySet, "select_for_update", lambda self, **_how: self.all())

Doing = Callable[[], Any]


def unlocked(draft: Draft) -> Draft:
    return Draft.objects.select_related("contract", "store").get(pk=draft.pk)


@contextmanager
def no_draft_lock() -> Iterator[None]:
    with (
        mock.patch("klikon.desk.drafts.locked", unlocked),
        mock.patch("klikon.desk.confirming.locked", unlocked),
    ):
        yield


@pytest.fixture
def group() -> Group:
    return family(3)


@pytest.fixture
def clerk(settings: Settings, tmp_path: Path) -> Counter:
    settings.UPLOADS_DIR = tmp_path
    return Counter(store=f"R{Store.objects.count()}")


def papers(group: Group) -> list[bool]:
    """Return which of the request's papers are void."""
    found = Paper.objects.filter(draft__contract=group.contract).order_by("pk")
    return [paper.voided_at is not None for paper in found]


class TestASignedDeclaration:
    """A Declaration whose code was read out."""

    @pytest.fixture
    def draft(self, clerk: Counter, group: Group) -> Draft:
        draft = clerk.printed("name_leader", group.contract, member=group.memberships.last().pk)
        self.code = clerk.read_out(draft)
        draft.refresh_from_db()
        return draft

    def confirming(self, draft: Draft, by: User) -> Doing:
        draft = Draft.objects.get(pk=draft.pk)
        return partial(
            confirming.confirm,
            draft=draft,
            version=draft.version,
            actor=by,
            at=timezone.now(),
            code=self.code,
        )

    def discarding(self, draft: Draft, by: User) -> Doing:
        draft = Draft.objects.get(pk=draft.pk)
        return partial(drafts.discard, draft=draft, actor=by, at=timezone.now())

    def confirmed_twice(self, draft: Draft, clerk: Counter) -> dict[str, int]:
        with meeting_before("superfamilja.customers.codes.check"):
            return race(*(self.confirming(draft, clerk.user) for _ in range(2)))

    def test_confirmed_twice_at_once_it_is_in_force_once_and_both_hear_so(
        self, draft: Draft, clerk: Counter, group: Group
    ) -> None:
        assert self.confirmed_twice(draft, clerk) == {DONE: 2}
        assert Declaration.objects.filter(contract=group.contract).count() == 1
        assert LeaderAssignment.objects.filter(group=group).count() == 1

    def test_control_without_the_lock_the_second_hears_of_a_code_that_is_over(
        self, draft: Draft, clerk: Counter
    ) -> None:
        with no_draft_lock():
            assert self.confirmed_twice(draft, clerk) == {DONE: 1, "code_over": 1}

    def discarded_meanwhile(self, draft: Draft, clerk: Counter) -> dict[str, int]:
        discarding = self.discarding(draft, clerk.user)
        with interrupted_by(discarding, at=DOING) as discarded:
            assert race(self.confirming(draft, clerk.user)) == {DONE: 1}
        return discarded.result()

    def test_what_is_being_confirmed_is_not_discarded(
        self, draft: Draft, clerk: Counter, group: Group
    ) -> None:
        assert self.discarded_meanwhile(draft, clerk) == {"draft_not_open": 1}
        draft.refresh_from_db()
        assert (draft.state, papers(group)) == ("done", [False])

    def test_control_without_the_lock_a_void_paper_would_be_in_force(
        self, draft: Draft, clerk: Counter, group: Group
    ) -> None:
        # The verb itself checks the paper, too: a void one proves nothing (R30).
        unasked = mock.patch("klikon.leader.leadership.require_loosening", lambda _p, of, **_: of)
        with no_draft_lock(), unasked:
            assert self.discarded_meanwhile(draft, clerk) == {DONE: 1}
        draft.refresh_from_db()
        assert (draft.state, papers(group)) == ("done", [True])

    def confirmed_meanwhile(
        self, draft: Draft, clerk: Counter
    ) -> tuple[dict[str, int], dict[str, int]]:
        confirming = self.confirming(draft, clerk.user)
        at = "klikon.desk.drafts.void_paper"
        with interrupted_by(confirming, at=at) as confirmed:
            discarded = race(self.discarding(draft, clerk.user))
        return discarded, confirmed.result()

    def test_what_is_being_discarded_is_not_confirmed(
        self, draft: Draft, clerk: Counter, group: Group
    ) -> None:
        assert self.confirmed_meanwhile(draft, clerk) == ({DONE: 1}, {"draft_not_open": 1})
        assert not LeaderAssignment.objects.filter(group=group).exists()

    def test_control_without_the_lock_the_database_has_to_keep_what_is_done(
        self, draft: Draft, clerk: Counter
    ) -> None:
        with no_draft_lock():
            both = self.confirmed_meanwhile(draft, clerk)
        assert both == ({"IntegrityError": 1}, {DONE: 1})


class TestPrintedWithTheCodeTwiceAtOnce:
    """The same click twice: the paper has its code, and no second one goes out."""

    def attempt(self, clerk: Counter, group: Group) -> dict[str, int]:
        draft = clerk.printed("name_leader", group.contract, member=group.memberships.last().pk)
        sending = partial(
            confirming.send_code,
            draft=draft,
            actor=clerk.user,
            at=timezone.now(),
            address="",
            is_first=True,
        )
        with meeting_before("superfamilja.customers.codes.send"):
            ended = race(sending, sending)
        sent = OutgoingMessage.objects.filter(
            template="code_for_shop", contract_number=group.contract.number
        )
        assert sent.count() == 1
        return ended

    def test_one_code_is_sent_and_both_get_their_page(self, clerk: Counter, group: Group) -> None:
        assert self.attempt(clerk, group) == {DONE: 2}

    def test_control_without_the_lock_the_second_is_told_to_wait(
        self, clerk: Counter, group: Group
    ) -> None:
        with no_draft_lock():
            assert self.attempt(clerk, group) == {DONE: 1, "code_too_soon": 1}


class TestTwoManagersApprove:
    @pytest.fixture
    def draft(self, clerk: Counter, group: Group) -> Draft:
        draft = clerk.printed("name_leader", group.contract, member=group.memberships.last().pk)
        clerk.scan(draft)
        clerk.post("send_for_approval", draft.pk)
        draft.refresh_from_db()
        return draft

    def attempt(self, draft: Draft, clerk: Counter) -> dict[str, int]:
        managers = [Counter(STORE_MANAGER, store=clerk.store.code).user for _ in range(2)]
        with meeting_before(DOING):
            return race(
                *(
                    partial(
                        confirming.approve,
                        draft=draft,
                        version=draft.version,
                        actor=one,
                        at=timezone.now(),
                    )
                    for one in managers
                )
            )

    def test_one_does(self, draft: Draft, clerk: Counter, group: Group) -> None:
        assert self.attempt(draft, clerk) == {DONE: 1, "draft_not_waiting": 1}
        declaration = Declaration.objects.get(contract=group.contract)
        draft.refresh_from_db()
        assert (draft.declaration, draft.done_by) == (declaration, declaration.recorded_by)
        assert Letter.objects.filter(paper__draft__declaration=declaration).count() == 1

    def test_control_without_the_lock_both_would_try(self, draft: Draft, clerk: Counter) -> None:
        with no_draft_lock():
            assert self.attempt(draft, clerk) == {DONE: 1, "paper_outdated": 1}


class TestTwoManagersPostOneLetter:
    def attempt(self, clerk: Counter, group: Group) -> dict[str, int]:
        draft = clerk.printed("name_leader", group.contract, member=group.memberships.last().pk)
        clerk.scan(draft)
        clerk.post("send_for_approval", draft.pk)
        draft.refresh_from_db()
        managers = [Counter(STORE_MANAGER, store=clerk.store.code).user for _ in range(2)]
        one, another = managers
        confirming.approve(draft=draft, version=draft.version, actor=one, at=timezone.now())
        letter = Letter.objects.get(store=clerk.store)

        def posting(manager: User) -> Doing:
            return partial(
                day_end.post_letters,
                store=clerk.store,
                chosen=[letter.pk],
                actor=manager,
                at=timezone.now(),
            )

        with interrupted_by(posting(another), at="superfamilja.audit.acts.record") as other:
            assert race(posting(one)) == {DONE: 1}
        told = Act.objects.filter(verb="post_letters", actor__in=managers)
        assert [act.details["letters"] for act in told] == [1]
        return other.result()

    def test_the_second_finds_nothing_to_do(self, clerk: Counter, group: Group) -> None:
        assert self.attempt(clerk, group) == {DONE: 1}

    def test_control_joined_it_would_not_be_looked_at_again_and_the_database_refuses_it(
        self, clerk: Counter, group: Group
    ) -> None:
        joined = Letter.objects.filter(posted_at=None, paper__voided_at=None)
        with mock.patch.object(day_end, "_unposted", lambda store: joined.filter(store=store)):
            assert self.attempt(clerk, group) == {"IntegrityError": 1}


class TestOneBlankInTwoRequests:
    def attempt(self, clerk: Counter, group: Group) -> dict[str, int]:
        (blank,) = blanks.make_blanks(
            store=clerk.store, count=1, actor=clerk.user, at=timezone.now()
        )
        requests = [clerk.begin(act, group.contract) for act in ("close_group", "name_leader")]
        for draft in requests:
            clerk.fill(draft, member=group.memberships.last().pk)
        with meeting_before("klikon.desk.papers.printing._next_reference"):
            return race(
                *(
                    partial(
                        printing.use_blank,
                        draft=draft,
                        number=blank.number,
                        actor=clerk.user,
                        at=timezone.now(),
                    )
                    for draft in requests
                )
            )

    def test_one_gets_it(self, clerk: Counter, group: Group) -> None:
        assert self.attempt(clerk, group) == {DONE: 1, "blank_unknown": 1}
        assert papers(group) == [False]

    def test_control_without_its_lock_the_constraint_has_to_stop_it(
        self, clerk: Counter, group: Group
    ) -> None:
        with UNLOCKED:
            assert self.attempt(clerk, group) == {DONE: 1, "IntegrityError": 1}


class TestTwoTypeAtOnce:
    def attempt(self, clerk: Counter, group: Group) -> dict[str, int]:
        draft = clerk.begin("close_group", group.contract)
        with meeting_before("klikon.desk.drafts.void_paper"):
            return race(
                *(
                    partial(
                        drafts.save,
                        draft=draft,
                        typed={"document_number": number},
                        version=0,
                        actor=clerk.user,
                        at=timezone.now(),
                    )
                    for number in ("AB1", "AB2")
                )
            )

    def test_the_second_is_told(self, clerk: Counter, group: Group) -> None:
        assert self.attempt(clerk, group) == {DONE: 1, "draft_changed": 1}

    def test_control_without_the_lock_one_would_lose_what_was_typed(
        self, clerk: Counter, group: Group
    ) -> None:
        with no_draft_lock():
            assert self.attempt(clerk, group) == {DONE: 2}


class TestOneButtonPressedTwice:
    def attempt(self, clerk: Counter, group: Group) -> dict[str, int]:
        start = starting(clerk, group)
        with meeting_before("klikon.desk.drafts._kept"):
            ended = race(start, start)
        assert Draft.objects.filter(contract=group.contract).count() == 1
        return ended

    def test_one_request_is_opened_and_both_get_it(self, clerk: Counter, group: Group) -> None:
        assert self.attempt(clerk, group) == {DONE: 2}

    def test_control_without_the_contracts_lock_the_database_has_to_stop_it(
        self, clerk: Counter, group: Group
    ) -> None:
        with UNLOCKED:
            assert self.attempt(clerk, group) == {DONE: 1, "IntegrityError": 1}


class TestBegunAnewWhileTheOldOneIsBroughtBack:
    def restored_meanwhile(self, clerk: Counter, group: Group) -> dict[str, int]:
        starting(clerk, group)()
        draft = Draft.objects.get(contract=group.contract)
        drafts.discard(draft=draft, actor=clerk.user, at=timezone.now())
        restoring = partial(drafts.restore, draft=draft, actor=clerk.user, at=timezone.now())
        with interrupted_by(restoring, at="klikon.desk.drafts.record") as restored:
            assert race(starting(clerk, group)) == {DONE: 1}
        standing = Draft.objects.filter(contract=group.contract, state="open")
        assert standing.count() == 1
        return restored.result()

    def test_the_new_one_stands(self, clerk: Counter, group: Group) -> None:
        assert self.restored_meanwhile(clerk, group) == {"draft_begun_anew": 1}

    def test_control_without_the_contracts_lock_the_database_has_to_stop_it(
        self, clerk: Counter, group: Group
    ) -> None:
        with UNLOCKED:
            assert self.restored_meanwhile(clerk, group) == {"IntegrityError": 1}


class TestTheCrmStopsHimWhileThePayersOwnStopIsLifted:
    """R26: a signature ends the stop that its paper names, and no stop of the CRM."""

    def stops_left(self, clerk: Counter, group: Group) -> list[str]:
        leader = assign(group.memberships.get(seat=1))
        freezes.freeze(assignment=leader, at=timezone.now())
        draft = clerk.printed("unfreeze_leader", group.contract)
        code = clerk.read_out(draft)
        swapping = partial(
            freezes.number_changed,
            msisdn=leader.member.msisdn,
            cause=FreezeCause.SIM_SWAPPED,
            at=timezone.now(),
        )
        with interrupted_by(swapping, at="klikon.leader.freezes.unfreeze") as swapped:
            assert race(confirming_of(draft, clerk, code)) == {DONE: 1}
        assert swapped.result() == {DONE: 1}
        return [stop.cause for stop in leader.freezes.filter(ended_at=None)]

    def test_the_crms_stop_stands(self, clerk: Counter, group: Group) -> None:
        assert self.stops_left(clerk, group) == ["sim_swapped"]

    def test_control_without_the_look_under_the_lock_it_is_lifted(
        self, clerk: Counter, group: Group
    ) -> None:
        with mock.patch("klikon.desk.acts.leader._require_the_same"):
            assert self.stops_left(clerk, group) == []


class TestTheOwnerChangesHisContactMeanwhile:
    """A paper that names the former number does not overwrite a newer one."""

    ONLINE, IN_THE_SHOP = "+355693333333", "+355692222222"

    def contact_then(self, clerk: Counter, group: Group, ended: dict[str, int]) -> str:
        draft = clerk.printed("change_contact", group.contract, msisdn="069 222 2222")
        online = partial(
            contact.change_contact,
            proof=payers_word(group.contract, timezone.now()),
            contract=group.contract,
            msisdn=self.ONLINE,
            evidence="codes",
            at=timezone.now(),
        )
        code = clerk.read_out(draft)
        with interrupted_by(online, at="groups.contact.change_contact") as changed:
            assert race(confirming_of(draft, clerk, code)) == ended
        assert changed.result() == {DONE: 1}
        group.contract.refresh_from_db()
        return group.contract.contact_msisdn

    def test_his_own_stands(self, clerk: Counter, group: Group) -> None:
        assert self.contact_then(clerk, group, {"contact_moved": 1}) == self.ONLINE

    def test_control_where_nobody_asks_it_is_overwritten(
        self, clerk: Counter, group: Group
    ) -> None:
        with (
            mock.patch("groups.contact.require_changeable"),
            mock.patch("groups.contact.require_loosening"),
        ):
            assert self.contact_then(clerk, group, {DONE: 1}) == self.IN_THE_SHOP


def confirming_of(draft: Draft, clerk: Counter, code: str = "") -> Doing:
    return partial(
        confirming.confirm,
        draft=draft,
        version=draft.version,
        actor=clerk.user,
        at=timezone.now(),
        code=code,
    )


def starting(clerk: Counter, group: Group) -> Doing:
    return partial(
        drafts.start,
        contract=group.contract,
        act="close_group",
        store=clerk.store,
        actor=clerk.user,
        at=timezone.now(),
    )
