"""Pages, SMS, files, papers and 130 name the same bill for a charge (R14)."""

import re
from io import BytesIO

import pytest
import time_machine
from django.urls import reverse
from pypdf import PdfReader

from billing.bill import BillOfCharge, bill_of_charge
from billing.models import CarriedCharge, Charge
from klikon.activation.activate import activate
from klikon.ivr.facts import CallFacts
from klikon.models import Activation, Channel, LeaderAssignment
from klikon.papers import declaration
from superfamilja.accounts.roles import CARE_AGENT
from superfamilja.messages import templates
from superfamilja.messages.models import OutgoingMessage
from superfamilja.values.months import bill_label, bill_month
from tests.factories import ContractFactory, at, charge, family_with_leader
from tests.klikon.ivr.calling import Phoned
from tests.portal.families import signed_in as family_signed_in
from tests.staff.people import opened, signed_in

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


@pytest.fixture
def done(leader: LeaderAssignment) -> Activation:
    number = leader.member.msisdn
    return activate(
        leader=number,
        member=number,
        package="S700",
        at=NOW,
        channel=Channel.IVR,
        client="t",
        key="1",
    )


def plain(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def test_november_is_on_the_bill_of_december_and_december_on_that_of_january() -> None:
    assert bill_month(at("2026-11-30 12:00").date().replace(day=1)).isoformat() == "2026-12-01"
    assert (bill_label("11/2026"), bill_label("12/2026")) == ("12/2026", "01/2027")


@pytest.mark.parametrize(
    ("language", "said"),
    [("sq", "në faturën fikse 12/2026"), ("en", "on the fixed bill 12/2026")],
)
def test_the_payers_sms_says_december(done: Activation, language: str, said: str) -> None:
    payer = done.contract.contact_msisdn
    told = OutgoingMessage.objects.get(template="activation_receipt", recipient=payer)
    words = templates.render(told.template, language, told.parameters)
    assert said in words
    assert "11/2026" not in words


def test_the_portals_pages_say_december(done: Activation) -> None:
    with time_machine.travel(NOW, tick=False):
        client = family_signed_in(done.contract.contact_msisdn)
        home = plain(client.get(reverse("payer", args=[done.contract_id])).content)
        one = plain(client.get(reverse("payer_charge", args=[done.charge_id])).content)
    assert "On the bill of 12/2026: 500 Lekë" in home
    assert "On the bill your fixed bill of 12/2026" in one


def test_the_staffs_check_before_an_activation_says_december(leader: LeaderAssignment) -> None:
    address = reverse("activate_on_behalf", args=[leader.group_id])
    with time_machine.travel(NOW, tick=False):
        client = signed_in(CARE_AGENT)
        opened(client, reverse("contract", args=[leader.group.contract_id]))
        page = client.get(f"{address}?member={leader.member_id}").content.decode()
        key = re.search(r'name="key" value="([^"]+)"', page)
        assert key is not None
        check = client.post(
            address,
            {
                "package": "S700",
                "member": leader.member_id,
                "reason": "called 130",
                "call": "C-2026-118",
                "key": key[1],
                "step": "check",
            },
        )
    assert "the next fixed bill, month 12/2026" in plain(check.content)


def test_130_and_the_paper_say_the_next_bill(leader: LeaderAssignment) -> None:
    call = Phoned(CallFacts(adapter="sip", call_id="a", clock=lambda: NOW), leader.member.msisdn)
    assert "në faturën fikse të radhës" in call.press("21").new_words()
    paper = declaration.render(leader.declaration)
    words = " ".join(" ".join(p.extract_text() for p in PdfReader(BytesIO(paper)).pages).split())
    assert "comes on the next fixed bill" in words


def test_r29_a_charge_that_settled_late_is_on_the_bill_after_the_month_it_came_to() -> None:
    late: Charge = charge(ContractFactory(), 500)
    assert bill_of_charge(late) == BillOfCharge(late.month, at("2026-12-01 00:00").date())
    carried = CarriedCharge.objects.create(
        contract=late.contract, charge=late, from_month=late.month, carried_at=NOW
    )
    assert bill_of_charge(late) is None
    carried.into_month = at("2026-12-01 00:00").date()
    carried.save()
    assert bill_of_charge(late) == BillOfCharge(carried.into_month, at("2027-01-01 00:00").date())
