"""Close, cancel, approve, issue and draft, as staff do it in the browser (R13, R22, R29)."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from billing import close_requests, closing, outcomes
from billing.models import BillMonth, CloseRequest, IssuedFile
from billing.parked import recount
from billing.tasks import close_what_was_asked
from superfamilja.accounts.roles import BILLING_APPROVER, BILLING_REVIEWER, CARE_AGENT
from superfamilja.audit.models import Act
from superfamilja.months import month_number, month_of
from tests.billing.closing import reviewer
from tests.factories import ContractFactory, charge
from tests.signing_in import sign_in, staff_member
from tests.staff.months import NUMBER, OCTOBER, SECOND, a_full_october, approved, closed, parked
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db


def hidden(page: str) -> dict[str, str]:
    """What the page carries to the next step."""
    return {
        name: unescape(value)
        for name, value in re.findall(
            r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.replace(" id=", " data-id=")
        )
        if name != "csrfmiddlewaretoken"
    }


class Steps:
    """One act on October in one browser: each step sends what the page before carried."""

    def __init__(self, client: Client, name: str, number: int = NUMBER) -> None:
        self.client, self.address = client, reverse(name, args=[number])
        self.page = self.client.get(self.address).content.decode()

    def check(self, reason: str = "month is over") -> str:
        self.page = self._send("check", reason).content.decode()
        return str(self.page)

    def confirm(self, reason: str = "month is over") -> HttpResponseBase:
        return self._send("confirm", reason)

    def _send(self, step: str, reason: str) -> HttpResponseBase:
        data = {**hidden(self.page), "reason": reason, "step": step}
        return self.client.post(self.address, data)


def both_roles(language: str = "en") -> Client:
    """Somebody who may close and approve."""
    user = staff_member(BILLING_REVIEWER, first_name="Dy", last_name="Role")
    user.groups.add(Group.objects.get(name=BILLING_APPROVER))
    client = sign_in(Client(), user)
    client.cookies["django_language"] = language
    return client


def page_of_october(client: Client) -> str:
    return str(client.get(reverse("month", args=[NUMBER])).content.decode())


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

    def test_r21_sent_again_after_a_cancelled_close_it_closes_nothing(self) -> None:
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

    def test_confirmed_once_more_after_it_was_refused_the_no_is_told_and_looking_again_helps(
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

    def test_figures_that_are_none_are_a_page_that_is_no_longer_valid(self) -> None:
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
        for words in ("2 entries, 2.400 Lekë", "1 entry, 1.600 Lekë", "resolved since</dt><dd>1<"):
            assert words in page

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


class TestFiles:
    @pytest.fixture
    def client_(self) -> Client:
        return signed_in(BILLING_APPROVER)

    def issue(self, client: Client) -> HttpResponseBase:
        act = Steps(client, "issue_month")
        act.check("for the November bill")
        return act.confirm("for the November bill")

    def test_an_approved_month_is_issued_once_however_often_it_is_confirmed(
        self, client_: Client
    ) -> None:
        a_full_october()
        approved()
        assert [self.issue(client_).status_code for _ in range(2)] == [302, 302]
        issued = IssuedFile.objects.get()
        assert (issued.name, issued.amount_lek) == ("klikon-2026-10.csv", 1600)
        assert Act.objects.filter(verb="export_month").count() == 1

    def test_r21_the_same_confirmation_sent_twice_is_one_file(self, client_: Client) -> None:
        a_full_october()
        approved()
        act = Steps(client_, "issue_month")
        act.check("x")
        assert [act.confirm("x").status_code for _ in range(2)] == [302, 302]
        assert IssuedFile.objects.get().amount_lek == 1600

    def test_the_file_that_was_shown_is_the_one_that_is_issued(self, client_: Client) -> None:
        entry = parked()
        approved()
        act = Steps(client_, "issue_month")
        act.check("x")
        recount(parked=entry, at=SECOND, actor=reviewer(), reason="lines checked")
        act.page = act.confirm("x").content.decode()
        assert "What the file of month 10/2026 will hold changed" in act.page
        assert not IssuedFile.objects.exists()
        assert "2 entries, 2.400 Lekë" in act.check("x")
        act.confirm("x")
        assert IssuedFile.objects.get().amount_lek == 2400

    def test_the_download_has_the_bytes_of_its_checksum(self, client_: Client) -> None:
        a_full_october()
        approved()
        self.issue(client_)
        pk = IssuedFile.objects.get().pk
        copies = [self.body(client_.get(reverse("issued_file", args=[pk]))) for _ in range(2)]
        checksum = self.body(client_.get(reverse("issued_checksum", args=[pk])))
        digest = hashlib.sha256(copies[0]).hexdigest()
        assert copies[0] == copies[1]
        assert checksum.decode() == f"{digest}  klikon-2026-10.csv\n"
        assert copies[0].decode().splitlines()[-1] == "TRAILER,2026-10,1,,3,1600,266.67"

    def test_it_is_saved_under_its_own_name(self, client_: Client) -> None:
        approved()
        self.issue(client_)
        answer = client_.get(reverse("issued_file", args=[IssuedFile.objects.get().pk]))
        assert answer["Content-Disposition"] == 'attachment; filename="klikon-2026-10.csv"'
        assert answer["Content-Type"] == "text/csv; charset=utf-8"

    def test_what_was_resolved_later_is_issued_as_a_supplement(self, client_: Client) -> None:
        entry = parked()
        approved()
        self.issue(client_)
        assert reverse("issue_month", args=[NUMBER]) not in page_of_october(client_)
        recount(parked=entry, at=SECOND, actor=reviewer(), reason="lines checked")
        assert reverse("issue_month", args=[NUMBER]) in page_of_october(client_)
        self.issue(client_)
        names = IssuedFile.objects.order_by("number").values_list("name", flat=True)
        assert list(names) == ["klikon-2026-10.csv", "klikon-2026-10-1.csv"]

    def test_a_month_that_nobody_approved_is_not_issued(self, client_: Client) -> None:
        closed()
        page = self.issue(client_).content.decode()  # type: ignore[attr-defined]
        assert "Month 10/2026 is not approved, so no file goes out." in page

    def test_a_draft_says_so_in_its_name_and_its_last_line_and_is_an_act(
        self, client_: Client
    ) -> None:
        a_full_october()
        act = Steps(client_, "draft_month")
        act.check("to look at it")
        answer = act.confirm("to look at it")
        assert answer["Content-Disposition"] == 'attachment; filename="klikon-2026-10-draft.csv"'
        assert self.body(answer).decode().splitlines()[-1].startswith("DRAFT,2026-10,2,")
        assert Act.objects.get(verb="export_draft").reason == "to look at it"

    def test_of_an_approved_month_there_is_no_draft(self, client_: Client) -> None:
        approved()
        act = Steps(client_, "draft_month")
        act.check("x")
        assert "take its file instead of a draft" in act.confirm("x").content.decode()
        assert not IssuedFile.objects.exists()

    @staticmethod
    def body(answer: HttpResponseBase) -> bytes:
        if answer.streaming:
            pieces: Iterator[bytes] = iter(answer.streaming_content)  # type: ignore[attr-defined]
            return b"".join(pieces)
        return bytes(answer.content)  # type: ignore[attr-defined]


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
