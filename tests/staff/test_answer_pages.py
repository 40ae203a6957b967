"""Answers of fixed billing in the browser: upload, what is wrong, the ways out, settled (R22)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import BillingAnswer, Credit, ParkedEntry, Settlement
from groups.models import Contract
from superfamilja.accounts.roles import AUDITOR, BILLING_APPROVER, BILLING_REVIEWER
from tests.billing.answering import accepted, rejected, take, three_contracts, written
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def families() -> list[Contract]:
    return three_contracts()


def upload(client: Client, content: bytes, reason: str = "by e-mail") -> str:
    file = SimpleUploadedFile("answer.csv", content)
    answer = client.post(reverse("take_answer"), {"answer": file, "reason": reason}, follow=True)
    return str(answer.content.decode())


def october(client: Client) -> str:
    return str(client.get(reverse("month", args=[202610])).content.decode())


def confirm(client: Client, name: str, pk: int, **typed: str) -> str:
    address = reverse(name, args=[pk])
    answer = client.post(address, {"reason": "asked them", "step": "confirm", **typed}, follow=True)
    return str(answer.content.decode())


def test_an_answer_is_uploaded_and_the_month_says_that_it_is_settled(
    families: list[Contract],
) -> None:
    one, two, three = families
    client = signed_in(BILLING_REVIEWER)
    assert "month not settled" in october(client)
    page = upload(client, written([accepted(one, 1300), accepted(two, 800), accepted(three, 1300)]))
    assert "The answer is taken." in page
    page = october(client)
    assert "month not settled" not in page
    assert "what fixed billing accepted is what was issued" in page


def test_the_difference_stands_on_the_months_page(families: list[Contract]) -> None:
    take(written([accepted(families[0], 1300), rejected(families[1], 800)]))
    page = " ".join(october(signed_in(AUDITOR)).split())
    for words in ("3</td>", "3.400 Lekë", "1.300 Lekë", "800 Lekë", "not in a file yet"):
        assert words in page
    assert "month not settled" in page


def test_a_bad_answer_is_kept_and_its_page_says_why(families: list[Contract]) -> None:
    client = signed_in(BILLING_REVIEWER)
    page = upload(client, written([accepted(families[0], 1200)]))
    assert "It is kept, and nothing of it counts." in page
    assert "The line of the file has another amount." in page
    row = BillingAnswer.objects.get()
    assert "read it again" in confirm(client, "read_answer_again", row.pk).lower()
    assert "Nothing of it counts." in confirm(client, "look_into_answer", row.pk)
    row.refresh_from_db()
    assert row.closed_reason == "asked them"


def test_the_same_file_twice_says_so(families: list[Contract]) -> None:
    client = signed_in(BILLING_REVIEWER)
    content = written([accepted(families[0], 1300)])
    upload(client, content)
    assert "This answer came before." in upload(client, content)


def test_nothing_chosen_and_no_reason_are_said_above_the_form() -> None:
    client = signed_in(BILLING_REVIEWER)
    answer = client.post(reverse("take_answer"), {})
    assert answer.status_code == 422
    assert answer.content.decode().count("This field is required.") >= 2


def test_an_empty_file_is_refused_in_words() -> None:
    assert "empty or larger than 20 MB" in upload(signed_in(BILLING_REVIEWER), b"")


def test_a_rejected_line_is_sent_again_or_credited_by_its_button(families: list[Contract]) -> None:
    one, two, three = families
    take(written([rejected(one, 1300), rejected(two, 800, "blocked"), accepted(three, 1300)]))
    client = signed_in(BILLING_APPROVER)
    first, second = ParkedEntry.objects.order_by("contract__number")
    page = client.get(reverse("parked_entry", args=[second.pk])).content.decode()
    assert "blocked" in page
    assert reverse("recount_parked", args=[second.pk]) not in page
    assert "next supplement" in confirm(client, "send_parked_again", first.pk)
    assert "it is not billed" in confirm(client, "credit_parked", second.pk, told="goodwill")
    assert [credit.amount_lek for credit in Credit.objects.all()] == [800]
    assert "goes out" not in october(client)
    assert reverse("issue_month", args=[202610]) in october(client)
    assert not Settlement.objects.exists()


def test_the_bytes_that_came_can_be_had_again(families: list[Contract]) -> None:
    content = written([accepted(families[0], 1300)])
    row = take(content)
    given = signed_in(BILLING_REVIEWER).get(reverse("answer_file", args=[row.pk]))
    assert given.content == content


def test_many_answers_take_no_more_queries_than_few() -> None:
    client = signed_in(AUDITOR)
    counts = []
    for number in range(30):
        take(f"nonsense {number}".encode())
        if number in {0, 29}:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                page = client.get(reverse("answers"))
            counts.append(len(asked))
    assert counts[0] == counts[1]
    assert page.content.decode().count("kept for a person") == 25
    assert client.get(reverse("answers"), {"page": 2, "waiting": 1}).status_code == 200
