"""A session ends during a form, and a button is tapped twice."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import disputes
from billing.models import Dispute
from groups.models import Group
from klikon.activation.activate import activate
from klikon.models import Channel, Declaration, LeaderFreeze
from superfamilja.customers import gate
from tests.factories import family_with_leader
from tests.portal.families import code_sent_to, session_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> Group:
    return family_with_leader()[0]


def payer(group: Group) -> str:
    return group.contract.contact_msisdn


def a_charge(group: Group) -> int:
    leader = group.memberships.get(seat=1).msisdn
    return activate(
        leader=leader,
        member=leader,
        package="S700",
        at=timezone.now(),
        channel=Channel.IVR,
        client="interrupted",
        key="1",
    ).charge_id


def back_again(client: Client, number: str) -> str:
    """Sign in once more; return the page that follows."""
    client.post(reverse("family_sign_in"), {"number": number})
    page = client.post(reverse("family_code"), {"code": code_sent_to(number)}, follow=True)
    return str(page.content.decode())


def test_what_was_typed_when_the_session_ended_is_still_there(group: Group) -> None:
    client = signed_in(payer(group))
    path = reverse("payer_asks", args=[a_charge(group)])
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        sign_in = client.post(path, {"text": "Kush e kërkoi?", "step": "confirm"}, follow=True)
        assert "it is kept for you" in sign_in.content.decode()
        page = back_again(client, payer(group))
    assert "Kush e kërkoi?</textarea>" in page
    assert "Nothing was sent yet" in page
    assert not Dispute.objects.exists()


def test_it_is_shown_to_no_other_number(group: Group) -> None:
    client = signed_in(payer(group))
    path = reverse("payer_names_members", args=[group.contract_id])
    member = group.memberships.get(seat=2)
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        client.post(path, {f"member_{member.pk}": "Vajza", "step": "confirm"})
        back_again(client, member.msisdn)
    assert gate.LOST not in session_of(client)


def test_a_pin_is_not_kept(group: Group) -> None:
    client = signed_in(payer(group))
    path = reverse("payer_sets_pin", args=[group.contract_id])
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        client.post(path, {"pin": "8305", "again": "8305", "step": "confirm"})
        assert session_of(client)[gate.LOST]["fields"] == {}
        page = back_again(client, payer(group))
    assert "nothing was done yet" in page


def test_stopping_twice_is_one_stop_and_the_same_answer(group: Group) -> None:
    client = signed_in(payer(group))
    path = reverse("payer_stops", args=[group.contract_id])
    pages = [client.post(path, {"step": "confirm"}, follow=True) for _ in range(2)]
    assert ["Activations are stopped" in page.content.decode() for page in pages] == [True, True]
    assert LeaderFreeze.objects.count() == 1


def test_revoking_twice_ends_at_home(group: Group) -> None:
    client = signed_in(payer(group))
    path = reverse("payer_revokes", args=[group.contract_id])
    pages = [client.post(path, {"step": "confirm"}) for _ in range(2)]
    home = reverse("payer", args=[group.contract_id])
    assert [page.url for page in pages] == [home, home]


def test_giving_back_twice_ends_at_home(group: Group) -> None:
    client = signed_in(group.memberships.get(seat=1).msisdn)
    pages = [client.post(reverse("leader_gives_back"), {"step": "confirm"}) for _ in range(2)]
    assert [page.url for page in pages] == [reverse("family"), reverse("family")]


def test_naming_twice_is_one_declaration_and_the_same_page(group: Group) -> None:
    client = signed_in(payer(group))
    path = reverse("choose_leader", args=[group.contract_id])
    client.post(path, {"member": group.memberships.get(seat=2).pk, "step": "check"})
    typed = {"code": code_sent_to(payer(group)), "step": "confirm"}
    pages = [client.post(path, typed) for _ in range(2)]
    online = Declaration.objects.get(channel="online")
    assert [page.url for page in pages] == [reverse("declaration", args=[online.pk])] * 2


def test_knowing_a_charge_by_its_address_alone_changes_nothing(group: Group) -> None:
    charge = a_charge(group)
    page = signed_in(payer(group)).get(reverse("payer_knows", args=[charge]))
    assert page.url == reverse("payer_charge", args=[charge])
    assert not hasattr(disputes.Charge.objects.get(pk=charge), "recognition")
