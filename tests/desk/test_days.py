"""*Mbyllja e ditës*: printed = signed = scanned = filed, letters, and a mistake of today."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from groups.models import Group
from klikon.activation.activate import activate
from klikon.desk.day import day_end
from klikon.desk.models import DayEnd, Draft, Letter, Paper
from klikon.leader import leadership
from klikon.leader.refusals import NotToday
from klikon.models import Channel, Declaration, DeclarationChannel, LeaderAssignment
from superfamilja.accounts.roles import STORE_MANAGER
from superfamilja.audit.models import Act
from superfamilja.data.database import constraint_of
from superfamilja.values import shop_day
from tests.desk.counter import Counter
from tests.factories import at, catalogue, family
from tests.proofs import payers_word

pytestmark = [pytest.mark.full, pytest.mark.django_db]


def whole(clerk: Counter) -> Draft:
    """Return a request that is complete but for the filing."""
    draft = clerk.printed("close_group", family(1).contract)
    clerk.post("confirm_draft", draft.pk)
    clerk.scan(draft)
    return draft


def figures(counter: Counter) -> tuple[int, int, int, int]:
    found = day_end.figures(counter.store, None)
    return found.printed, found.signed, found.scanned, found.filed


def test_a_paper_is_counted_as_far_as_it_came(clerk: Counter, manager: Counter) -> None:
    clerk.printed("close_group", family(1).contract)
    clerk.serve("close_group", family(1).contract)
    whole(clerk)
    filed = whole(clerk)
    manager.post("file_papers", paper=filed.papers.get().pk)
    assert figures(manager) == (4, 3, 2, 1)
    assert "does not add up" in manager.page("day_end")


def test_void_papers_are_not_counted_and_are_looked_at_twice(
    clerk: Counter, manager: Counter
) -> None:
    draft = clerk.printed("close_group", family(1).contract)
    clerk.post("discard_draft", draft.pk)
    assert figures(manager) == (0, 0, 0, 0)
    assert "Requests with a void paper" in manager.page("day_end")


def test_a_day_that_adds_up_is_closed_without_a_word(clerk: Counter, manager: Counter) -> None:
    draft = whole(clerk)
    manager.post("file_papers", paper=draft.papers.get().pk)
    assert "The day is closed." in manager.post("close_day")
    end = DayEnd.objects.get()
    assert (end.printed, end.signed, end.scanned, end.filed) == (1, 1, 1, 1)
    assert end.closed_by == manager.user


def test_a_day_that_does_not_add_up_is_closed_with_the_reason(
    clerk: Counter, manager: Counter
) -> None:
    clerk.serve("close_group", family(1).contract)
    assert "Write why before you close the day." in manager.post("close_day")
    assert not DayEnd.objects.exists()
    manager.post("close_day", note="The scanner is broken.")
    assert DayEnd.objects.get().note == "The scanner is broken."
    assert Act.objects.get(verb="close_day").reason == "The scanner is broken."


def test_a_day_is_closed_once() -> None:
    with time_machine.travel(at("2026-11-26 20:00"), tick=False):
        manager = Counter(STORE_MANAGER)
        manager.post("close_day")
        assert "This day is closed already." in manager.post("close_day")
    assert DayEnd.objects.count() == 1


def test_closed_after_midnight_it_is_the_evening_s_day(manager: Counter) -> None:
    for moment in ("2026-11-26 00:05", "2026-11-26 21:00", "2026-11-28 03:59"):
        day_end.close_day(store=manager.store, actor=manager.user, at=at(moment))
    days = DayEnd.objects.order_by("pk").values_list("day", flat=True)
    assert list(days) == [date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27)]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-26 03:59:59.999999", date(2026, 11, 25)),
        ("2026-11-26 04:00", date(2026, 11, 26)),
        # The nights of the Sundays on which the clocks change.
        ("2026-03-29 03:59", date(2026, 3, 28)),
        ("2026-03-29 04:00", date(2026, 3, 29)),
        ("2026-10-25 03:59", date(2026, 10, 24)),
        ("2026-10-25 04:00", date(2026, 10, 25)),
    ],
)
def test_the_desk_s_day_turns_at_four(moment: str, day: date) -> None:
    assert shop_day.day_of(at(moment)) == day
    begin, end = shop_day.bounds_of(day)
    assert begin <= at(moment) < end


def test_past_midnight_the_page_is_still_the_evening_s() -> None:
    with time_machine.travel(at("2026-11-26 23:55"), tick=False) as clock:
        clerk, manager = Counter(), Counter(STORE_MANAGER)
        clerk.serve("close_group", family(1).contract)
        clock.move_to(at("2026-11-27 00:05"))
        page = manager.page("day_end")
        assert "Tirana 3, 26.11.2026" in page
        assert page.count("23:55 – ") == 2
        assert Draft.objects.done_on(shop_day.day_of(timezone.now())).count() == 1


def test_what_was_not_filed_stays_until_it_is(clerk: Counter, manager: Counter) -> None:
    draft = whole(clerk)
    manager.post("close_day", note="late")
    tomorrow = timezone.now() + timedelta(days=1)
    since = DayEnd.objects.get().closed_at
    assert [p.draft for p in day_end.papers_since(manager.store, since)] == [draft]
    manager.post("file_papers", paper=draft.papers.get().pk)
    end = day_end.close_day(store=manager.store, actor=manager.user, at=tomorrow)
    assert (end.printed, end.signed, end.scanned, end.filed) == (1, 1, 1, 1)
    assert list(day_end.papers_since(manager.store, tomorrow)) == []


def test_only_signed_papers_of_the_own_shop_are_filed(clerk: Counter, manager: Counter) -> None:
    unsigned = clerk.printed("close_group", family(1).contract).papers.get()
    elsewhere = whole(Counter(store="D02")).papers.get()
    manager.post("file_papers", paper=[unsigned.pk, elsewhere.pk])
    assert Paper.objects.filter(filed_at__isnull=False).count() == 0


def test_the_database_closes_no_day_that_does_not_add_up_in_silence(manager: Counter) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        DayEnd.objects.create(
            store=manager.store,
            day="2026-11-24",
            closed_at=timezone.now(),
            closed_by=manager.user,
            printed=1,
            signed=0,
            scanned=0,
            filed=0,
        )
    assert constraint_of(refused.value) == "day_end_adds_up_or_says_why"


def test_letters_wait_until_they_are_posted(clerk: Counter, manager: Counter, group: Group) -> None:
    draft = clerk.printed("name_leader", group.contract, member=group.memberships.get(seat=1).pk)
    clerk.scan(draft)
    clerk.post("send_for_approval", draft.pk)
    manager.post("approve_draft", draft.pk)
    page = manager.page("letters")
    assert "Rruga e Provës 1, Tiranë" in page
    assert Letter.objects.get().paper.reference in page
    manager.post("letters", letter=Letter.objects.get().pk)
    assert "No letter is waiting." in manager.page("letters")
    assert Letter.objects.get().posted_by == manager.user


def test_the_language_can_be_changed_where_the_close_was_refused(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    clerk.serve("close_group", group.contract)
    assert 'name="next" value="/desk/day/"' in manager.post("close_day", note="")


def test_a_letter_says_that_its_declaration_was_cancelled(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    draft = clerk.printed("name_leader", group.contract, member=group.memberships.get(seat=1).pk)
    clerk.scan(draft)
    clerk.post("send_for_approval", draft.pk)
    manager.post("approve_draft", draft.pk)
    assert "cancelled: the letter has to say so" not in manager.page("letters")
    manager.post("cancel_declaration", draft.pk, reason="wrong family")
    assert "cancelled: the letter has to say so" in manager.page("letters")


class TestAMistakeOfToday:
    @pytest.fixture
    def draft(self, clerk: Counter, group: Group) -> Draft:
        catalogue()
        return clerk.declare(group.contract, group.memberships.get(seat=1).pk)

    def test_it_is_cancelled_with_a_reason_and_what_was_spent_stays(
        self, draft: Draft, manager: Counter, group: Group
    ) -> None:
        first = group.memberships.get(seat=1).msisdn
        bought = activate(
            leader=first,
            member=first,
            package="S700",
            at=timezone.now(),
            channel=Channel.IVR,
            client="test",
            key="1",
        )
        page = manager.page("cancel_declaration", draft.pk)
        assert "It stays on the bill until somebody gives a credit for it." in page
        assert bought.reference in page
        manager.post("cancel_declaration", draft.pk, reason="wrong family")
        assignment = LeaderAssignment.objects.get()
        assert assignment.ended_reason == "cancelled as a mistake of the shop"
        bought.charge.refresh_from_db()
        assert bought.charge.state == "held"
        assert Act.objects.get(verb="cancel_declaration").reason == "wrong family"

    def test_who_led_before_does_not_come_back_by_himself(
        self, draft: Draft, clerk: Counter, manager: Counter, group: Group
    ) -> None:
        second = clerk.declare(group.contract, group.memberships.get(seat=2).pk)
        manager.post("cancel_declaration", second.pk, reason="mistake")
        assert not LeaderAssignment.objects.in_force().exists()

    def test_without_a_reason_nothing_is_cancelled(self, draft: Draft, manager: Counter) -> None:
        assert "Something is missing" in manager.post("cancel_declaration", draft.pk)
        assert LeaderAssignment.objects.in_force().exists()

    def test_only_today(self, draft: Draft, manager: Counter) -> None:
        assignment = LeaderAssignment.objects.get()
        tomorrow = timezone.now() + timedelta(days=1)
        with pytest.raises(NotToday):
            leadership.cancel(assignment=assignment, at=tomorrow, actor=manager.user, reason="late")
        assert LeaderAssignment.objects.in_force().exists()

    def test_after_midnight_it_still_is_the_evening_s(self, manager: Counter, group: Group) -> None:
        member = group.memberships.get(seat=1)
        evening = at("2026-11-05 23:50")
        named = leadership.assign(
            proof=payers_word(member.group.contract, evening),
            member=member,
            channel=DeclarationChannel.STORE,
            signatory_name="Drita Dardha",
            evidence="form 1",
            at=evening,
            store=manager.store,
        )
        with pytest.raises(NotToday):
            leadership.cancel(
                assignment=named, at=at("2026-11-06 04:00"), actor=manager.user, reason="late"
            )
        leadership.cancel(
            assignment=named, at=at("2026-11-06 03:59"), actor=manager.user, reason="mistake"
        )
        assert not LeaderAssignment.objects.in_force().filter(group=group).exists()

    def test_the_request_says_that_it_ended(self, draft: Draft, manager: Counter) -> None:
        manager.post("cancel_declaration", draft.pk, reason="mistake")
        page = manager.page("draft", draft.pk)
        assert "cancelled as a mistake of the shop" in page
        assert "The Declaration is in force." not in page
        assert reverse("cancel_declaration", args=[draft.pk]) not in page
        assert Declaration.objects.count() == 1
        assert "Cancelled Declarations" in manager.page("day_end")

    def test_cancelled_after_the_day_s_end_it_is_on_the_next_one(
        self, draft: Draft, manager: Counter
    ) -> None:
        manager.post("close_day", note="not scanned")
        manager.post("cancel_declaration", draft.pk, reason="mistake")
        since = DayEnd.objects.get().closed_at
        assert day_end.exceptions(manager.store, since)["cancelled"] == [draft]


def test_a_paper_without_a_scan_is_not_filed_until_it_is_scanned(
    clerk: Counter, manager: Counter
) -> None:
    clerk.serve("close_group", family(1).contract)
    draft = Draft.objects.get()
    said = manager.post("file_papers", paper=draft.papers.get().pk)
    assert "Not filed: 1. Their scan is missing" in said
    manager.post("close_day", note="The scanner is broken.")
    since = DayEnd.objects.get().closed_at
    found = day_end.figures(manager.store, since)
    assert (found.printed, found.signed, found.scanned, found.filed) == (1, 1, 0, 0)
    clerk.scan(draft)
    manager.post("file_papers", paper=draft.papers.get().pk)
    found = day_end.figures(manager.store, since)
    assert (found.printed, found.signed, found.scanned, found.filed) == (1, 1, 1, 1)
    assert list(day_end.papers_since(manager.store, timezone.now())) == []


def test_a_paper_signed_scanned_and_filed_after_the_close_is_whole_the_next_day(
    clerk: Counter, manager: Counter
) -> None:
    draft = clerk.printed("close_group", family(1).contract)
    manager.post("close_day", note="The customer comes back.")
    first = DayEnd.objects.get()
    assert (first.printed, first.signed, first.scanned, first.filed) == (1, 0, 0, 0)
    clerk.post("confirm_draft", draft.pk)
    clerk.scan(draft)
    manager.post("file_papers", paper=draft.papers.get().pk)
    tomorrow = timezone.now() + timedelta(days=1)
    end = day_end.close_day(store=manager.store, actor=manager.user, at=tomorrow)
    assert (end.printed, end.signed, end.scanned, end.filed) == (1, 1, 1, 1)
    assert list(day_end.papers_since(manager.store, tomorrow)) == []


@pytest.mark.parametrize("number", ["²", "-1", "1e3", "9" * 30, "\x00", ""])
def test_what_is_no_number_files_and_posts_nothing(manager: Counter, number: str) -> None:
    assert "Filed: 0." in manager.post("file_papers", paper=number)
    assert "In the post: 0." in manager.post("letters", letter=number)


def test_a_note_with_a_nul_is_kept_without_it(manager: Counter) -> None:
    manager.post("close_day", note="late\x00r")
    assert DayEnd.objects.get().note == "later"


def asked(counter: Counter, page: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        counter.page(page)
    return len(queries)


def test_the_managers_pages_ask_as_much_after_a_long_day(clerk: Counter, manager: Counter) -> None:
    def work() -> None:
        whole(clerk)
        clerk.post("discard_draft", clerk.printed("close_group", family(1).contract).pk)
        group = family(2)
        member = group.memberships.get(seat=1).pk
        draft = clerk.printed("name_leader", group.contract, member=member)
        clerk.scan(draft)
        clerk.post("send_for_approval", draft.pk)
        manager.post("approve_draft", draft.pk)

    work()
    few = asked(manager, "day_end"), asked(manager, "letters")
    work()
    work()
    assert (asked(manager, "day_end"), asked(manager, "letters")) == few
    assert Letter.objects.count() == 3
