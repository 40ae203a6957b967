"""Questions and complaints as staff meet them: the list and its clock, the conversation."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from billing import disputes, outcomes
from billing.models import Charge, Dispute
from klikon.activation.activate import activate
from klikon.models import Channel
from superfamilja.accounts.roles import AUDITOR, BILLING_REVIEWER, CARE_AGENT, STORE_CLERK
from tests.factories import ContractFactory, at, charge, family_with_leader
from tests.staff.people import opened, signed_in

pytestmark = pytest.mark.django_db

LIST = "/admin/questions/"


@pytest.fixture
def posted() -> Charge:
    return outcomes.settle(
        reference=charge(ContractFactory(), 500).reference, at=at("2026-11-06 09:00")
    )


def asked(posted: Charge, days_ago: int = 0, text: str = "Who bought this?") -> Dispute:
    moment = timezone.now() - timedelta(days=days_ago)
    return disputes.ask(charge=posted, text=text, key="1", at=moment)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def send(client: Client, act: str, pk: int, **typed: str) -> str:
    """Fill in the act's form, confirm it, and read where it leads."""
    address = reverse(act, args=[pk])
    key = re.search(r'name="key" value="([^"]+)"', page(client, address))
    data = {"step": "confirm", "key": key[1] if key else "", **typed}
    return str(client.post(address, data, follow=True).content.decode())


def test_the_longest_waiting_comes_first_and_what_is_late_says_so() -> None:
    for days in (3, 20, 8):
        asked(charge(ContractFactory(number=f"FX days {days}"), 500), days_ago=days)
    seen = page(signed_in(CARE_AGENT), LIST)
    assert re.findall(r"FX days (\d+)", seen) == ["20", "8", "3"]
    assert (seen.count("overdue:"), seen.count("answer by")) == (1, 2)


def test_the_list_is_paged_and_its_queries_do_not_grow(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = signed_in(CARE_AGENT)
    asked(charge(ContractFactory(), 500))
    with django_assert_num_queries(7):
        client.get(LIST)
    for _ in range(22):
        asked(charge(ContractFactory(), 500))
    with django_assert_num_queries(7):
        first = page(client, LIST)
    assert (first.count("SQ-"), page(client, LIST + "?page=2").count("SQ-")) == (20, 3)


def test_everything_of_one_question_is_on_one_page() -> None:
    group, leader = family_with_leader()
    done = activate(
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package="S700",
        at=timezone.now(),
        channel=Channel.IVR,
        client="test",
        key="1",
    )
    seen = page(signed_in(CARE_AGENT), reverse("question", args=[asked(done.charge).pk]))
    for what in (
        "Who bought this?",
        done.reference,
        "500 Lekë",
        group.contract.owner_name,
        reverse("admin:klikon_activation_change", args=[done.pk]),
        "15 days after the bill, which is not out yet",
    ):
        assert what in seen


def test_a_clerk_takes_a_question_down_and_reads_its_reference(posted: Charge) -> None:
    seen = send(
        signed_in(STORE_CLERK),
        "take_down_question",
        posted.pk,
        text="Kush e bleu?",
        reason="came with her card",
    )
    asked = Dispute.objects.get()
    assert f"The question is taken down. Its reference: {asked.reference}" in seen
    assert "Kush e bleu?" in seen
    assert reverse("answer_question", args=[asked.pk]) not in seen


def test_an_agent_answers_and_names_what_was_given(posted: Charge) -> None:
    client = signed_in(CARE_AGENT)
    dispute = asked(posted)
    send(client, "give_credit", posted.pk, amount_lek="200", reason="goodwill", told="goodwill")
    credit = posted.credits.get()
    seen = send(
        client,
        "answer_question",
        dispute.pk,
        text="Ju kthyem 200 Lekë.",
        correction=f"credit-{credit.pk}",
    )
    assert "Ju kthyem 200 Lekë." in seen
    assert '<span class="chip">answered</span>' in seen
    assert Dispute.objects.get().conversation.get(said="answer").credit == credit


def test_what_is_not_answered_is_not_closed(posted: Charge) -> None:
    client = signed_in(BILLING_REVIEWER)
    dispute = asked(posted)
    assert "Answer it before you close it." in send(
        client, "close_question", dispute.pk, reason="done"
    )
    send(client, "answer_question", dispute.pk, text="Po.")
    assert "The question is closed." in send(client, "close_question", dispute.pk, reason="done")
    assert page(client, LIST).count("SQ-") == 0


def test_a_question_becomes_a_complaint_at_the_desk(posted: Charge) -> None:
    seen = send(
        signed_in(STORE_CLERK),
        "make_complaint",
        asked(posted).pk,
        text="Nuk pajtohem.",
        reason="signed form 7",
    )
    assert "It is a complaint now." in seen
    assert Dispute.objects.get().is_complaint


def test_an_answer_without_a_word_is_not_sent(posted: Charge) -> None:
    seen = send(signed_in(CARE_AGENT), "answer_question", asked(posted).pk, text=" ")
    assert "Something is missing" in seen


def test_late_is_late_on_the_contract_as_well(posted: Charge) -> None:
    asked(posted, days_ago=20)
    address = reverse("contract", args=[posted.contract_id])
    assert "overdue:" in opened(signed_in(AUDITOR), address)


def test_the_contract_and_the_charge_lead_to_their_questions(posted: Charge) -> None:
    address = reverse("question", args=[asked(posted).pk])
    client = signed_in(AUDITOR)
    assert address in opened(client, reverse("contract", args=[posted.contract_id]))
    assert address in page(client, reverse("admin:billing_charge_change", args=[posted.pk]))


@pytest.mark.parametrize("role", [AUDITOR, STORE_CLERK])
def test_who_only_reads_is_offered_no_answer(posted: Charge, role: str) -> None:
    dispute = asked(posted)
    assert signed_in(role).get(reverse("answer_question", args=[dispute.pk])).status_code == 403
