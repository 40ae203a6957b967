"""R23: who is told what about an activation, in exact words."""

from itertools import count

import pytest

from groups.models import Group
from klikon.activation.activate import activate
from klikon.models import Channel
from klikon.provisioning.models import Line
from superfamilja.messages.delivery import deliver_all
from superfamilja.messages.models import OutgoingMessage
from tests.factories import GroupFactory, MembershipFactory, assign, at, catalogue

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")
ELIRA, BESNIK, DRITA = "+355671000001", "+355671000002", "+355691000003"
_keys = count()


def household(payer: str = DRITA) -> Group:
    """Make a household: Elira leads, Besnik is a member; Drita pays with a number outside."""
    catalogue()
    group = GroupFactory(contract__contact_msisdn=payer)
    MembershipFactory(group=group, seat=2, msisdn=BESNIK, name="Besnik")
    assign(MembershipFactory(group=group, seat=1, msisdn=ELIRA, name="Elira"))
    return group


def buy(member: str, package: str = "S700", times: int = 1) -> str:
    """Let Elira activate; return the last activation's reference."""
    for _ in range(times):
        activation = activate(
            leader=ELIRA,
            member=member,
            package=package,
            at=NOW,
            channel=Channel.IVR,
            client="receipts",
            key=str(next(_keys)),
            repeat_confirmed=True,
        )
    return activation.reference


def told(about: str, why: str = "activation_receipt") -> dict[str, str]:
    """Return number → the SMS about that fact."""
    deliver_all(lambda: NOW)
    messages = OutgoingMessage.objects.filter(about=about, why=why, state="sent")
    return {message.recipient: message.words for message in messages}


def test_three_people_hear_three_things() -> None:
    household()
    reference = buy(BESNIK)
    assert told(reference) == {
        BESNIK: f"Klik-ON: keni Super 700 deri më 03.12.2026. E aktivizoi: Elira. Ref. {reference}",
        ELIRA: "Klik-ON: Super 700 u aktivizua për: Besnik, deri më 03.12.2026. "
        f"Mbeten 6.000 Lekë nga 6.500 Lekë për 11/2026. Ref. {reference}",
        DRITA: "Klik-ON: Super 700 për: Besnik, nga: Elira. "
        "Në dyqan 700 Lekë, me Klik-ON 500 Lekë, në faturën fikse 12/2026. "
        f"Ref. {reference}",
    }


def test_one_number_in_three_roles_hears_it_once() -> None:
    household(payer=ELIRA)
    reference = buy(ELIRA)
    assert told(reference) == {
        ELIRA: "Klik-ON: keni Super 700 deri më 03.12.2026. "
        "Në dyqan 700 Lekë, me Klik-ON 500 Lekë, në faturën fikse 12/2026. "
        f"Mbeten 6.000 Lekë nga 6.500 Lekë. {reference}"
    }


def test_half_of_the_cap_is_told_to_who_pays_and_to_who_leads() -> None:
    household()
    assert told(buy(BESNIK, times=6), "cap_warning") == {}
    assert told(buy(BESNIK), "cap_warning") == {
        DRITA: "Klik-ON 11/2026: u arrit 50 % e kufirit: 3.500 Lekë nga 6.500 Lekë. "
        "Mbeten 3.000 Lekë. Liderin Mobile e ndaloni online ose në dyqan.",
        ELIRA: "Klik-ON 11/2026: u arrit 50 % e kufirit: 3.500 Lekë nga 6.500 Lekë. "
        "Mbeten 3.000 Lekë.",
    }


def test_the_whole_cap_is_told_as_reached() -> None:
    household()
    assert told(buy(BESNIK, times=13), "cap_warning")[ELIRA] == (
        "Klik-ON 11/2026: u arrit 100 % e kufirit: 6.500 Lekë nga 6.500 Lekë. Nuk mbetet asgjë."
    )


def test_while_the_charging_system_is_down_everybody_is_told_in_minutes() -> None:
    household()
    Line.objects.update(failures=5, down_since=NOW, open_until=NOW)
    reference = buy(BESNIK)
    assert told(reference, "activation_on_its_way") == {
        BESNIK: "Klik-ON: Super 700 vjen brenda pak minutash. E aktivizoi: Elira. "
        f"Ref. {reference}",
        ELIRA: "Klik-ON: Super 700 vjen brenda pak minutash për: Besnik. "
        f"Mbeten 6.000 Lekë nga 6.500 Lekë për 11/2026. Ref. {reference}",
        DRITA: "Klik-ON: Super 700, që vjen brenda pak minutash, për: Besnik, nga: Elira. "
        "Në dyqan 700 Lekë, me Klik-ON 500 Lekë, në faturën fikse 12/2026. "
        f"Ref. {reference}",
    }
    assert told(reference) == {}
