"""Close, cancel, approve, issue and draft, as staff do it in the browser (R13, R22, R29)."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from billing import outcomes
from billing.models import BillMonth, CloseRequest
from billing.month import close_requests, closing
from billing.month.parked import recount
from billing.tasks import close_what_was_asked
from superfamilja.accounts.roles import BILLING_APPROVER, BILLING_REVIEWER, CARE_AGENT
from superfamilja.audit.models import Act
from superfamilja.values.months import month_number, month_of
from tests.billing.closing import reviewer
from tests.factories import ContractFactory, charge
from tests.staff.month_steps import Steps, both_roles, hidden, page_of_october
from tests.staff.months import NUMBER, OCTOBER, SECOND, a_full_october, approved, closed, parked
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db


class TestClosing:
    def test_checking_shows_what_would_be_carried_and_parked_and_writes_nothing(self) -> None:
        a_full_october()
        page = Steps(signed_in(BILLING_REVIEWER), "close_month").check()
        for words in ("1.300 Lekë", "700 Lekë", "1.600 Lekë", "+3.900 Lekë"):
            assert words in page
        assert not CloseRequest.objects.exists()
        assert not BillMonth.objects.filter(month=OCTOBER).exists()

    def test_confirming_leads_to_the_month_which_says_who_asked(self) -> None:
        a_full_october()
        client = signed_in(BILLING_REVIEWER)
        act = Steps(client, "close_month")
        act.check()
        answer = act.confirm()
        assert (answer.status_code, answer.url) == (302, reverse("month", args=[NUMBER]))
        page = page_of_october(client)
        assert "The month is being closed." in page
        assert "Arta Prova asked for it" in page
        assert reverse("close_month", args=[NUMBER]) not in page

    def test_the_worker_closes_with_the_name_and_the_reason(self) -> None:
        a_full_october()
        client = signed_in(BILLING_REVIEWER)
        act = Steps(client, "close_month")
        act.check()
        act.confirm(reason="all outcomes are known")
        close_what_was_asked(0)
        row = BillMonth.objects.get(month=OCTOBER)
        assert row.closed_by.shown_name == "Arta Prova"
        assert Act.objects.get(verb="close_month", details__month="2026-10").reason == (
            "all outcomes are known"
        )
        page = page_of_october(client)
        assert "The month is being closed." not in page
        assert reverse("cancel_close", args=[NUMBER]) in page

    def test_r21_a_double_click_is_one_request(self) -> None:
        act = Steps(signed_in(BILLING_REVIEWER), "close_month")
        act.check()
        answers = [act.confirm() for _ in range(2)]
        assert [a.status_code for a in answers] == [302, 302]
        assert CloseRequest.objects.count() == 1

    def test_r21_a_request_sent_again_after_a_cancelled_close_closes_nothing(self) -> None:
        client = signed_in(BILLING_REVIEWER)
        act = Steps(client, "close_month")
        act.check()
        act.confirm()
        close_what_was_asked(0)
        cancel = Steps(client, "cancel_close")
        cancel.check("too early")
        cancel.confirm("too early")
        act.confirm()
        close_what_was_asked(0)
        assert BillMonth.objects.get(month=OCTOBER).state == "open"

    def test_a_second_person_who_asks_meanwhile_is_told(self) -> None:
        first, second = (Steps(signed_in(BILLING_REVIEWER), "close_month") for _ in range(2))
        first.check()
        second.check()
        first.confirm()
        page = second.confirm().content.decode()
        assert "Somebody has asked to close month 10/2026 already" in page

    def test_a_page_with_figures_of_before_closes_nothing_and_the_month_says_why(self) -> None:
        contract = a_full_october()
        client = signed_in(BILLING_REVIEWER)
        act = Steps(client, "close_month")
        act.check()
        held = contract.charges.get(month=OCTOBER, state="held")
        outcomes.settle(reference=held.reference, at=SECOND)
        act.confirm()
        close_what_was_asked(0)
        assert not BillMonth.objects.filter(month=OCTOBER).exists()
        page = page_of_october(client)
        assert "The figures of month 10/2026 changed after you looked at them" in page
        assert reverse("close_month", args=[NUMBER]) in page

    def test_confirming_again_shows_the_earlier_refusal_and_checking_again_helps(
        self,
    ) -> None:
        contract = a_full_october()
        act = Steps(signed_in(BILLING_REVIEWER), "close_month")
        act.check()
        act.confirm()
        held = contract.charges.get(month=OCTOBER, state="held")
        outcomes.settle(reference=held.reference, at=SECOND)
        close_what_was_asked(0)
        act.page = act.confirm().content.decode()
        assert "asked for before and did not happen: The figures of month 10/2026" in act.page
        act.check()
        act.confirm()
        close_what_was_asked(0)
        assert BillMonth.objects.get(month=OCTOBER).state == "closed"

    def test_confirming_without_having_looked_closes_nothing(self) -> None:
        act = Steps(signed_in(BILLING_REVIEWER), "close_month")
        assert "Look at them again." in act.confirm().content.decode()
        assert not CloseRequest.objects.exists()

    def test_unreadable_figures_make_the_page_invalid(self) -> None:
        act = Steps(signed_in(BILLING_REVIEWER), "close_month")
        data = {**hidden(act.page), "reason": "x", "step": "confirm", "expected": '{"a": 1}'}
        page = act.client.post(act.address, data).content.decode()
        assert "This page is no longer valid. Begin anew." in page

    def test_a_month_that_is_not_over_says_so_at_once(self) -> None:
        number = month_number(month_of(timezone.now()))
        page = Steps(signed_in(BILLING_REVIEWER), "close_month", number).page
        assert "is not over yet" in page

    def test_a_closed_month_says_so_at_once(self) -> None:
        closed()
        assert (
            "was closed before; nothing changed"
            in Steps(signed_in(BILLING_REVIEWER), "close_month").page
        )

    def test_without_a_reason_nothing_is_checked(self) -> None:
        page = Steps(signed_in(BILLING_REVIEWER), "close_month").check(reason=" ")
        assert "Yes, close the month" not in page

    def test_what_was_seen_is_what_the_request_expects(self) -> None:
        a_full_october()
        act = Steps(signed_in(BILLING_REVIEWER), "close_month")
        seen = json.loads(hidden(act.check())["expected"])
        act.confirm()
        assert CloseRequest.objects.get().expected == seen
        assert seen["carried_out_lek"] == 1300


class TestCancelling:
    def test_the_month_is_open_again_and_the_reason_is_kept(self) -> None:
        closed()
        client = signed_in(BILLING_REVIEWER)
        act = Steps(client, "cancel_close")
        act.check("a file of the CRM is missing")
        assert act.confirm("a file of the CRM is missing").status_code == 302
        assert BillMonth.objects.get(month=OCTOBER).state == "open"
        assert "a file of the CRM is missing" in page_of_october(client)

    def test_an_approved_month_is_refused_in_words(self) -> None:
        closed()
        act = Steps(signed_in(BILLING_REVIEWER), "cancel_close")
        act.check("x")
        approved()
        page = act.confirm("x").content.decode()
        assert "Month 10/2026 is approved, and that is for good." in page


class TestApproving:
    def test_checking_shows_the_figures_and_confirming_is_for_good(self) -> None:
        a_full_october()
        closed()
        client = signed_in(BILLING_APPROVER)
        act = Steps(client, "approve_month")
        page = act.check("figures checked")
        assert ("1.600 Lekë" in page, "This is for good" in page) == (True, True)
        act.confirm("figures checked")
        row = BillMonth.objects.get(month=OCTOBER)
        assert (row.state, row.approved_by.shown_name) == ("approved", "Arta Prova")
        assert Act.objects.get(verb="approve_month", details__month="2026-10").reason == (
            "figures checked"
        )

    def test_whoever_closed_is_refused_in_words_and_warned_before(self) -> None:
        client = both_roles()
        close = Steps(client, "close_month")
        close.check()
        close.confirm()
        close_what_was_asked(0)
        assert "You closed this month, so a second person approves it." in page_of_october(client)
        act = Steps(client, "approve_month")
        act.check("x")
        page = act.confirm("x").content.decode()
        assert "Whoever closed month 10/2026 cannot approve it: a second person does." in page
        assert BillMonth.objects.get(month=OCTOBER).state == "closed"

    def test_a_close_that_was_done_anew_is_looked_at_anew(self) -> None:
        closed()
        act = Steps(signed_in(BILLING_APPROVER), "approve_month")
        act.check("x")
        reopen_and_close_later()
        page = act.confirm("x").content.decode()
        assert "was opened and closed again after you looked at it" in page
        assert BillMonth.objects.get(month=OCTOBER).state == "closed"

    def test_who_looks_again_at_a_close_done_anew_approves_it(self) -> None:
        closed()
        act = Steps(signed_in(BILLING_APPROVER), "approve_month")
        act.check("x")
        reopen_and_close_later()
        act.page = act.confirm("x").content.decode()
        act.check("x")
        assert act.confirm("x").status_code == 302
        assert BillMonth.objects.get(month=OCTOBER).state == "approved"

    def test_what_was_resolved_since_the_close_is_shown_beside_its_figures(self) -> None:
        recount(parked=parked(), at=SECOND, actor=reviewer(), reason="lines checked")
        page = Steps(signed_in(BILLING_APPROVER), "approve_month").check("x")
        for words in ("2 entries, 2.400 Lekë", "1 entry, 1.600 Lekë"):
            assert words in page
        assert re.search(r"resolved since</dt>\s*<dd>1<", page)

    def test_a_file_that_would_hold_something_else_is_looked_at_again(self) -> None:
        entry = parked()
        act = Steps(signed_in(BILLING_APPROVER), "approve_month")
        assert "<dd>1 entry, 1.600 Lekë</dd>" in act.check("x")
        recount(parked=entry, at=SECOND, actor=reviewer(), reason="lines checked")
        act.page = act.confirm("x").content.decode()
        assert "What the file of month 10/2026 will hold changed" in act.page
        assert BillMonth.objects.get(month=OCTOBER).state == "closed"
        act.check("x")
        assert act.confirm("x").status_code == 302
        assert BillMonth.objects.get(month=OCTOBER).state == "approved"

    @pytest.mark.parametrize(
        ("role", "name"), [(BILLING_APPROVER, "approve_month"), (BILLING_REVIEWER, "cancel_close")]
    )
    def test_a_page_of_the_open_month_says_nothing_about_a_later_close(
        self, role: str, name: str
    ) -> None:
        act = Steps(signed_in(role), name)
        act.check("x")
        closed()
        page = act.confirm("x").content.decode()
        assert "Month 10/2026 is open. Close it first." in page
        assert BillMonth.objects.get(month=OCTOBER).state == "closed"


def reopen_and_close_later() -> None:
    closing.cancel_close(month=OCTOBER, at=SECOND, actor=reviewer(), reason="too early")
    closing.close_month(month=OCTOBER, at=SECOND + timedelta(hours=1), actor=reviewer())


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        (BILLING_REVIEWER, {"cancel_close", "draft_month"}),
        (BILLING_APPROVER, {"approve_month", "draft_month"}),
        (CARE_AGENT, set()),
    ],
)
def test_the_page_of_a_closed_month_offers_what_the_role_may_do(role: str, acts: set[str]) -> None:
    closed()
    page = page_of_october(signed_in(role))
    every = ("close_month", "cancel_close", "approve_month", "issue_month", "draft_month")
    assert {name for name in every if reverse(name, args=[NUMBER]) in page} == acts


def test_the_queries_of_checking_a_close_do_not_grow_with_the_month() -> None:
    act = Steps(signed_in(BILLING_REVIEWER), "close_month")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            act.check()
        return len(queries)

    a_full_october()
    few = asked()
    for _ in range(4):
        charge(ContractFactory(), 500, "2026-10-07 12:00")
    assert asked() == few
    assert close_requests.latest(OCTOBER) is None
