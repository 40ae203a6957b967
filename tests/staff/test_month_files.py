"""Staff issue a month for the fixed bill, with its drafts and supplements (R22)."""

import hashlib
from collections.abc import Iterator

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from billing.models import IssuedFile
from billing.month.parked import recount
from superfamilja.accounts.roles import BILLING_APPROVER
from superfamilja.audit.models import Act
from tests.billing.closing import reviewer
from tests.staff.month_steps import Steps, page_of_october
from tests.staff.months import NUMBER, SECOND, a_full_october, approved, closed, parked
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db


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
        assert (issued.number, issued.amount_lek) == (0, 1600)
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
        assert checksum.decode() == f"{digest}  klikon-2026-10-{digest[:12]}.csv\n"
        assert copies[0].decode().splitlines()[-1] == "TRAILER,2026-10,1,,3,1600,266.67"

    def test_it_is_saved_under_its_own_name(self, client_: Client) -> None:
        approved()
        self.issue(client_)
        issued = IssuedFile.objects.get()
        answer = client_.get(reverse("issued_file", args=[issued.pk]))
        assert answer["Content-Disposition"] == f'attachment; filename="{issued.name}"'
        assert answer["Content-Type"] == "text/csv; charset=utf-8"

    def test_what_was_resolved_later_is_issued_as_a_supplement(self, client_: Client) -> None:
        entry = parked()
        approved()
        self.issue(client_)
        assert reverse("issue_month", args=[NUMBER]) not in page_of_october(client_)
        recount(parked=entry, at=SECOND, actor=reviewer(), reason="lines checked")
        assert reverse("issue_month", args=[NUMBER]) in page_of_october(client_)
        self.issue(client_)
        first, second = IssuedFile.objects.order_by("number")
        assert first.name == f"klikon-2026-10-{first.sha256[:12]}.csv"
        assert second.name == f"klikon-2026-10-1-{second.sha256[:12]}.csv"

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
