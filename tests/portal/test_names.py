"""The payer's own names for members are on their and the Mobile Leader's pages only."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing.models import Charge
from groups.models import Group
from klikon.activation.activate import activate
from klikon.models import Activation, Channel
from superfamilja.messages.models import OutgoingMessage
from tests.factories import MembershipFactory, family_with_leader
from tests.portal.families import signed_in
from tests.signing_in import sign_in, staff_member
from tests.staff.people import opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> Group:
    made = family_with_leader(members=1)[0]
    MembershipFactory(group=made, seat=2, name="Elira Dardha")
    return made


def call(group: Group, name: str, seat: int = 2) -> str:
    """Let the payer save that name; return the page that follows."""
    page = signed_in(group.contract.contact_msisdn).post(
        reverse("payer_names_members", args=[group.contract_id]),
        {f"member_{group.memberships.get(seat=seat).pk}": name, "step": "confirm"},
        follow=True,
    )
    return str(page.content.decode())


def activated(group: Group) -> Activation:
    return activate(
        leader=group.memberships.get(seat=1).msisdn,
        member=group.memberships.get(seat=2).msisdn,
        package="S700",
        at=timezone.now(),
        channel=Channel.IVR,
        client="names",
        key="1",
    )


def page(client: Client, name: str, *args: int) -> str:
    return str(client.get(reverse(name, args=args)).content.decode())


def test_the_payer_sees_his_name_beside_the_contracts(group: Group) -> None:
    shown = call(group, "  Vajza   e vogël ")
    assert "Vajza e vogël<br>" in shown
    assert "Elira Dardha ·" in shown


def test_the_mobile_leader_sees_it_on_his_pages(group: Group) -> None:
    call(group, "Vajza")
    member = group.memberships.get(seat=2)
    client = signed_in(group.memberships.get(seat=1).msisdn)
    assert "Vajza" in page(client, "leader")
    assert "Super packages for: Vajza" in page(client, "leader_activates", member.pk)


def test_the_member_does_not_see_what_he_is_called(group: Group) -> None:
    call(group, "Vajza")
    shown = page(signed_in(group.memberships.get(seat=2).msisdn), "member")
    assert "Elira Dardha" in shown
    assert "Vajza" not in shown


def test_no_charge_and_no_sms_carries_it(group: Group) -> None:
    call(group, "Vajza")
    activated(group)
    assert Charge.objects.get().text == "Super 700: Elira Dardha"
    assert not [m for m in OutgoingMessage.objects.all() if "Vajza" in m.words]


def test_staff_see_both(group: Group) -> None:
    call(group, "Vajza")
    client = sign_in(Client(), staff_member("care agent"))
    client.cookies["django_language"] = "en"
    shown = opened(client, reverse("contract", args=[group.contract_id]))
    assert "Elira Dardha" in shown
    assert "“Vajza”" in shown


def test_an_empty_name_undoes_it(group: Group) -> None:
    call(group, "Vajza")
    call(group, " ")
    assert group.memberships.get(seat=2).called == ""


def test_the_bar_has_the_letter_of_the_name_on_the_page(group: Group) -> None:
    call(group, "Vajza")
    activated(group)
    shown = page(signed_in(group.contract.contact_msisdn), "payer", group.contract_id)
    assert ">V</text>" in shown


def test_what_a_name_was_before_stays_in_the_history(group: Group) -> None:
    call(group, "Vajza")
    call(group, "Bija")
    assert [e.called for e in group.memberships.get(seat=2).events.order_by("pgh_id")][-1] == (
        "Vajza"
    )
