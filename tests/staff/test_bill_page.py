"""A contract's bill of a month for the care agent: page, file, and the way from month to month."""

import csv
from datetime import date
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing import outcomes
from billing.charges import post_charge
from billing.credits import give_credit
from billing.models import CreditSentence
from groups.models import Contract
from superfamilja.accounts.roles import CARE_AGENT, STORE_CLERK
from tests.billing.closing import reviewer
from tests.factories import ContractFactory, at, charge
from tests.staff.months import NUMBER, a_full_october, closed, parked, settled
from tests.staff.people import opened, signed_in

pytestmark = pytest.mark.django_db


def bill(client: Client, contract: Contract, number: int = NUMBER) -> str:
    return opened(client, reverse("contract_bill", args=[contract.pk, number]))


def test_every_line_with_its_note_the_total_and_the_vat() -> None:
    contract = a_full_october()
    closed()
    page = bill(signed_in(CARE_AGENT), contract)
    for words in (
        "reversed",
        "being verified",
        "of month 09/2026",
        "-200 Lekë",
        "1.600 Lekë",
        "266,67 Lekë",
    ):
        assert words in page


def test_in_albanian_what_is_held_is_ne_verifikim() -> None:
    contract = a_full_october()
    closed()
    assert "në verifikim" in bill(signed_in(CARE_AGENT, language="sq"), contract)


def test_it_leads_from_month_to_month_with_a_bill_and_to_this_one() -> None:
    contract = ContractFactory()
    for month in ("2026-06", "2026-08", "2026-09"):
        settled(contract, 500, f"{month}-05 12:00")
    client = signed_in(CARE_AGENT)

    def leads(number: int, to: int) -> bool:
        return reverse("contract_bill", args=[contract.pk, to]) in bill(client, contract, number)

    assert [leads(202608, to) for to in (202606, 202607, 202609)] == [True, False, True]
    assert leads(202606, 202605) is False


def test_the_contract_leads_to_it_for_who_may_read_bills() -> None:
    contract = ContractFactory()
    address = reverse("contract", args=[contract.pk])
    assert "/bill/" in opened(signed_in(CARE_AGENT), address)
    assert "/bill/" not in opened(signed_in(STORE_CLERK), address)


def test_one_that_is_parked_says_that_it_is_on_no_file() -> None:
    row = parked()
    assert "it is on no file yet" in bill(signed_in(CARE_AGENT), row.contract)


def test_a_month_without_anything_says_so() -> None:
    assert "There is nothing on this bill." in bill(signed_in(CARE_AGENT), ContractFactory())


@pytest.mark.parametrize("number", [202613, 209901])
def test_what_is_no_month_or_has_not_begun_is_not_found(number: int) -> None:
    contract, client = ContractFactory(), signed_in(CARE_AGENT)
    bill(client, contract)
    address = reverse("contract_bill", args=[contract.pk, number])
    assert client.get(address).status_code == 404


def file_of(contract: Contract, language: str = "en") -> list[list[str]]:
    client = signed_in(CARE_AGENT, language=language)
    bill(client, contract)
    answer = client.get(reverse("contract_bill_file", args=[contract.pk, NUMBER]))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(StringIO(b"".join(answer.streaming_content).decode())))


def test_the_file_has_the_same_lines_and_its_last_is_the_total() -> None:
    rows = file_of(a_full_october())
    assert rows[0] == ["when", "line", "text", "charge", "amount, Lek", "counts, Lek", "note"]
    assert [row[5] for row in rows[1:]] == ["500", "500", "800", "0", "1300", "-200", "2900"]
    assert rows[-1] == ["", "Total 10/2026", "VAT in it", "", "483.33", "2900", ""]


def test_the_customer_reads_a_sentence_and_not_the_reason_and_an_amount_is_a_number() -> None:
    contract = ContractFactory()
    give_credit(
        charge=settled(contract, 500),
        amount_lek=200,
        key="1",
        at=at("2026-10-06 09:00"),
        actor=reviewer(),
        reason="=1+1 she shouts",
        told=CreditSentence.NOT_RECEIVED,
    )
    (row,) = [row for row in file_of(contract) if row[1] == "Credit"]
    assert (row[2], row[4], row[5]) == ("The package was not received", "-200", "-200")


@pytest.mark.parametrize("text", ["=1+1", "@sum", " =1+1", "\u00a0=1+1", "-200", "\uff1d1+1"])
def test_a_text_that_a_spreadsheet_would_run_is_inert(text: str) -> None:
    contract = ContractFactory()
    post_charge(
        contract_id=contract.pk,
        month=date(2026, 10, 1),
        amount_lek=500,
        limit_lek=6500,
        reference="T-INERT",
        text=text,
        at=at("2026-10-06 09:00"),
    )
    (row,) = [row for row in file_of(contract) if row[3] == "T-INERT"]
    assert row[2] == f"'{text}"


def test_the_queries_do_not_grow_with_the_lines() -> None:
    client = signed_in(CARE_AGENT)
    contract = ContractFactory()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            bill(client, contract)
        return len(queries)

    settled(contract, 500)
    bill(client, contract)
    few = asked()
    for _ in range(5):
        settled(contract, 500)
    failed = charge(contract, 500, "2026-10-06 12:00")
    outcomes.reverse(reference=failed.reference, at=at("2026-10-06 12:01"), reason="failed")
    assert asked() == few
