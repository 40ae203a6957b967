"""The books in the browser: the light in the frame, the list, one difference and its buttons."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from billing.models import BillEntry, Discrepancy, Reconciliation
from billing.reconciliation import comparing
from superfamilja.accounts.roles import (
    AUDITOR,
    BILLING_APPROVER,
    BILLING_REVIEWER,
    STORE_CLERK,
)
from tests.factories import ContractFactory, charge
from tests.klikon.books import compare, give_list, spoil
from tests.staff.people import serving, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _their_list(monkeypatch: pytest.MonkeyPatch) -> None:
    give_list(monkeypatch)


@pytest.fixture
def found() -> Discrepancy:
    """A charge that no activation stands behind."""
    charge(ContractFactory(), 500)
    compare(timezone.now())
    return Discrepancy.objects.get()


def page(client: Client, name: str, *args: object, **query: object) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def confirm(client: Client, name: str, *args: object) -> str:
    sent = {"reason": "looked into it", "step": "confirm"}
    answer = client.post(reverse(name, args=args), sent, follow=True)
    return " ".join(answer.content.decode().split())


def test_the_light_stands_on_every_staff_page(found: Discrepancy) -> None:
    for client, name in (
        (signed_in(AUDITOR), "admin:index"),
        (signed_in(BILLING_REVIEWER), "months"),
        (serving(STORE_CLERK), "desk"),
    ):
        shown = page(client, name)
        assert "1 difference in the books" in shown
        assert 'class="books red"' in shown


def test_never_compared_and_all_agreeing_are_said() -> None:
    client = signed_in(AUDITOR)
    assert "Books not compared yet" in page(client, "admin:index")
    compare(timezone.now())
    shown = page(client, "admin:index")
    assert "The books agree" in shown
    assert 'class="books green"' in shown
    Reconciliation.objects.create(asked_at=timezone.now())


def test_too_long_ago_is_not_green() -> None:
    compare(timezone.now() - timedelta(hours=40))
    shown = page(signed_in(AUDITOR), "reconciliation")
    assert 'class="light amber"' in shown
    assert "is a worker running?" in shown


def test_a_stranger_at_the_sign_in_sees_no_light() -> None:
    assert 'class="books' not in Client().get(reverse("account_login")).content.decode()


def test_one_difference_with_what_both_books_say(found: Discrepancy) -> None:
    shown = page(signed_in(BILLING_REVIEWER), "discrepancy", found.pk)
    assert "Charges without an activation" in shown
    assert found.key in shown
    assert reverse("reverse_charge", args=[found.links["charge"]]) in shown
    assert "nobody yet" in shown


def test_a_reader_sees_no_buttons(found: Discrepancy) -> None:
    shown = page(signed_in(AUDITOR), "discrepancy", found.pk)
    for name in ("take_discrepancy", "propose_discrepancy", "accept_discrepancy"):
        assert reverse(name, args=[found.pk]) not in shown
    assert reverse("compare_books_now") not in page(signed_in(AUDITOR), "reconciliation")


def test_taken_proposed_and_accepted_by_two_people(found: Discrepancy) -> None:
    first, second = signed_in(BILLING_REVIEWER), signed_in(BILLING_APPROVER)
    assert "You look after it now." in confirm(first, "take_discrepancy", found.pk)
    assert "a second person accepts it" in confirm(first, "propose_discrepancy", found.pk)
    assert "a second person accepts it" in confirm(first, "accept_discrepancy", found.pk)
    found.refresh_from_db()
    assert found.ended_at is None
    assert "is accepted as it is" in confirm(second, "accept_discrepancy", found.pk)
    assert "The books agree" in page(second, "admin:index")
    assert "accepted as it is" in page(second, "reconciliation", ended=1)


def test_compared_now_by_the_worker(found: Discrepancy) -> None:
    client = signed_in(BILLING_REVIEWER)
    assert "The comparison is on its way." in confirm(client, "compare_books_now")
    assert "The books are being compared." in page(client, "reconciliation")
    assert "being compared already" in confirm(client, "compare_books_now")
    assert comparing.carry_out_next(timezone.now()) is not None
    assert "The books are being compared." not in page(client, "reconciliation")


def test_an_entry_is_set_right_by_its_button(found: Discrepancy) -> None:
    entry = BillEntry.objects.get()
    spoil("UPDATE billing_billentry SET spent = spent - 1")
    client = signed_in(BILLING_REVIEWER)
    assert "The entry is set right." in confirm(client, "set_entry_right", entry.pk)
    entry.refresh_from_db()
    assert entry.spent == 500
    assert "agrees with its lines" in confirm(client, "set_entry_right", entry.pk)


def test_narrowed_by_kind_and_age(found: Discrepancy) -> None:
    client = signed_in(AUDITOR)
    assert found.key in page(client, "reconciliation", kind="no_activation")
    assert found.key not in page(client, "reconciliation", kind="no_order")
    assert found.key not in page(client, "reconciliation", days=1)


def test_many_differences_take_no_more_queries_than_few(found: Discrepancy) -> None:
    client = signed_in(AUDITOR)
    counts = []
    for number in (0, 60):
        for _ in range(number):
            charge(ContractFactory(), 500)
        compare(timezone.now())
        with CaptureQueriesContext(connection) as asked:
            shown = page(client, "reconciliation")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert shown.count("somebody") == 0
    assert "page=2" in shown
    assert page(client, "reconciliation", page=2)
