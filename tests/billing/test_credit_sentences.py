"""The customer reads a sentence about a credit; the reason stays inside."""

import csv
import io

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from billing import outcomes
from billing.bill import bill_of
from billing.credits import give_credit
from billing.models import Charge, Credit, CreditSentence
from superfamilja.accounts.roles import CARE_AGENT
from tests.factories import ContractFactory, charge
from tests.portal.families import signed_in as family_signed_in
from tests.signing_in import staff_member
from tests.staff.people import opened, signed_in

pytestmark = pytest.mark.django_db

INSIDE = "he shouted, again"


@pytest.fixture
def settled() -> Charge:
    now = timezone.localtime()
    posted = charge(ContractFactory(), 500, f"{now:%Y-%m-%d %H:%M}")
    return outcomes.settle(reference=posted.reference, at=now)


def given(settled: Charge, told: CreditSentence = CreditSentence.NOT_RECEIVED) -> Credit:
    return give_credit(
        charge=settled,
        amount_lek=200,
        key="1",
        at=timezone.now(),
        actor=staff_member(CARE_AGENT),
        reason=INSIDE,
        told=told,
    )


def test_the_payer_reads_the_sentence_on_page_and_file_and_no_reason(settled: Charge) -> None:
    given(settled)
    client = family_signed_in(settled.contract.contact_msisdn)
    ids = [settled.contract_id, f"{timezone.localtime():%Y-%m}"]
    page = client.get(reverse("payer_bill", args=ids)).content.decode()
    file = b"".join(client.get(reverse("payer_bill_csv", args=ids))).decode("utf-8-sig")
    for said in (page, file):
        assert "The package was not received" in said
        assert INSIDE not in said


def test_the_payers_file_adds_up(settled: Charge) -> None:
    given(settled)
    client = family_signed_in(settled.contract.contact_msisdn)
    ids = [settled.contract_id, f"{timezone.localtime():%Y-%m}"]
    file = b"".join(client.get(reverse("payer_bill_csv", args=ids))).decode("utf-8-sig")
    amounts = [row[3] for row in csv.reader(io.StringIO(file))][1:]
    assert amounts == ["500", "-200"]
    assert sum(int(amount) for amount in amounts) == 300


def test_staff_read_the_reason_where_the_customer_is_not(settled: Charge) -> None:
    given(settled)
    client = signed_in(CARE_AGENT)
    timeline = opened(client, reverse("timeline", args=[settled.contract_id]))
    bill = opened(
        client,
        reverse("contract_bill", args=[settled.contract_id, int(f"{timezone.localtime():%Y%m}")]),
    )
    assert (INSIDE in timeline, INSIDE in bill) == (True, False)


def test_a_credit_of_before_says_a_neutral_sentence(settled: Charge) -> None:
    give_credit(
        charge=settled,
        amount_lek=200,
        key="1",
        at=timezone.now(),
        actor=staff_member(CARE_AGENT),
        reason=INSIDE,
    )
    line = bill_of(settled.contract, settled.month).lines[-1]
    assert str(line.text) == "Korrigjim i një shpenzimi të mëparshëm"


def test_the_sentence_is_written_once_and_one_of_the_list(settled: Charge) -> None:
    credit = given(settled)
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        Credit.objects.filter(pk=credit.pk).update(told="goodwill")


def test_the_page_asks_which_sentence(settled: Charge) -> None:
    client = signed_in(CARE_AGENT)
    page = client.post(
        reverse("give_credit", args=[settled.pk]),
        {"amount_lek": "200", "told": "", "reason": INSIDE, "step": "check"},
    ).content.decode()
    assert "Choose what the customer reads." in page
    assert INSIDE in page
