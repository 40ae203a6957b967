"""A customer without a task is opened by a kind of reason and by words that say something."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import disputes
from groups.models import Contract
from groups.opening import Task, WhyOpened, open_customer
from klikon.customer.timeline.acts import _why
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import AUDITOR, CARE_AGENT
from superfamilja.audit import acts
from superfamilja.audit.models import Act
from tests.factories import ContractFactory, charge
from tests.signing_in import staff_member
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db

OPENED = "Rruga e Provës"
TOO_LITTLE = "This says too little."


@pytest.fixture
def contract() -> Contract:
    return ContractFactory()


def answer(client: Client, contract: Contract, reason: str, why: str = "letter") -> str:
    typed = {"why": why, "reason": reason}
    address = reverse("contract", args=[contract.pk])
    return str(client.post(address, typed, follow=True).content.decode())


@pytest.mark.parametrize(
    "reason",
    [
        "punë",
        "Punë!",
        "...",
        "-",
        "aaaa aaaa",
        "aaaa bbbb cccc dddd",
        "punë punë punë punë",
        "test test test",
        "123456789 123456789 1234",
        "x y z x y z x y z",
        "ok po jo",
        "klient",
        "për punë",
        "kontroll",
        "zxcv bnmk qwrt plkj",
        "SQ-999999",
        "D-1",
        "B-000001",
        "\u200b \u200b \u200b",
        "!!! ??? *** punë",
    ],
)
def test_this_says_too_little(contract: Contract, reason: str) -> None:
    page = answer(signed_in(AUDITOR), contract, reason)
    assert TOO_LITTLE in page or "Something is missing" in page
    assert OPENED not in page
    assert not Act.objects.filter(verb="open_customer").exists()


@pytest.mark.parametrize(
    "reason",
    [
        "Klienti ankohet me letrën nr. 1204/3",
        "Kërkesë e AKEP-it nr. 77 e datës 12.11.2026",
        "The customer complains by letter 12",
        "mostër e auditimit për nëntorin",
    ],
)
def test_a_sentence_opens(contract: Contract, reason: str) -> None:
    assert OPENED in answer(signed_in(AUDITOR), contract, reason)
    act = Act.objects.get(verb="open_customer")
    assert (act.reason, act.details) == (reason, {"how": "reason", "why": "letter"})


def test_a_reference_of_this_customer_is_enough_and_anothers_is_not(contract: Contract) -> None:
    other = ContractFactory()
    asked, others = (
        disputes.ask(charge=charge(of, 500), text="?", key=of.number, at=timezone.now())
        for of in (contract, other)
    )
    client = signed_in(AUDITOR)
    assert TOO_LITTLE in answer(client, contract, others.reference)
    assert OPENED in answer(client, contract, f"{asked.reference}.", "bill_error")
    act = Act.objects.get(verb="open_customer", contract_number=contract.number)
    assert act.details == {"how": "reason", "why": "bill_error", "reference": asked.reference}


@pytest.mark.parametrize("why", ["", "punë", "LETTER", "reason"])
def test_a_kind_that_is_none_opens_nothing_and_what_was_typed_stays(
    contract: Contract, why: str
) -> None:
    reason = "Klienti ankohet me letrën nr. 1204/3"
    page = answer(signed_in(CARE_AGENT), contract, reason, why)
    assert reason in page
    assert OPENED not in page
    with pytest.raises(acts.ReasonMissing):
        open_customer(
            contract=contract,
            actor=staff_member(AUDITOR),
            at=timezone.now(),
            task=Task("reason", why=why),
            reason=reason,
        )


def test_every_kind_opens_and_is_counted_by_its_code(contract: Contract) -> None:
    for why in WhyOpened.values:
        answer(signed_in(AUDITOR), contract, "Klienti ankohet me letrën nr. 1204/3", why)
    codes = Act.objects.filter(verb="open_customer").values_list("details__why", flat=True)
    assert sorted(codes) == [
        "audit",
        "authority",
        "bill_error",
        "call_back",
        "fault",
        "letter",
        "other",
    ]


def test_a_reason_from_before_is_shown_as_it_was(contract: Contract) -> None:
    client = signed_in(AUDITOR)
    acts.record(
        "open_customer",
        actor=User.objects.get(),
        at=timezone.now(),
        reason="punë",
        contract_number=contract.number,
        how="reason",
    )
    assert (
        "for a reason · punë"
        in client.get(reverse("contract", args=[contract.pk])).content.decode()
    )
    assert _why({"how": "reason", "why": "gone"}) == "for a reason"
