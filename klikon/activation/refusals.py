"""The refusals of an activation: one class per rule, the same words on every channel.

Each other act has its refusals beside its verb. A request that waits for the payer is not refused
(klikon/activation/waiting.py).
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, ClassVar, TypedDict

from django.utils.translation import gettext, gettext_noop

from superfamilja.refusal import Refusal
from superfamilja.values.lek import lek


class Offer(TypedDict):
    """A package that is still possible: its code, its name and its charged price in Lek."""

    code: str
    name: str
    charged_lek: int


class ActivationRefused(Refusal):
    """Base of the refusals of an activation.

    `stops_the_leader` is true where whatever else this leader chooses now is refused too, so that a
    call need not go on.
    """

    stops_the_leader: ClassVar[bool] = False

    @property
    def room_lek(self) -> int | None:
        """Return the room of the limit that refuses, in Lek, or None if no limit refuses."""
        left: int | None = self.details.get("room_lek")
        return left

    def shown(self) -> dict[str, Any]:
        return {
            name: lek(value) if name.endswith("_lek") else value
            for name, value in self.details.items()
        }


class NotTheLeader(ActivationRefused):
    rule = "R2"
    code = "not_the_leader"
    stops_the_leader = True
    sentence = gettext_noop(
        "Only the Mobile Leader of an open SuperFamilja group can activate packages. The Fixed "
        "Leader names the Mobile Leader in a shop or online."
    )


class LeaderFrozen(ActivationRefused):
    rule = "R4"
    code = "leader_frozen"
    stops_the_leader = True
    sentence = gettext_noop(
        "Activations by this Mobile Leader are stopped for now. The Fixed Leader can allow them "
        "again, online or in a shop."
    )


class NotInTheGroup(ActivationRefused):
    rule = "R2"
    code = "not_in_the_group"
    sentence = gettext_noop("This number is not a member of the Mobile Leader's group.")


class ContractSuspended(ActivationRefused):
    rule = "R16"
    code = "contract_suspended"
    stops_the_leader = True
    sentence = gettext_noop(
        "The fixed contract is suspended or ended, so nothing more can be activated. What is "
        "active stays active. After the bill is paid, try again."
    )


class ChannelNotAllowed(ActivationRefused):
    rule = "R19"
    code = "channel_not_allowed"
    stops_the_leader = True
    sentence = gettext_noop("The group's terms do not allow this channel. Call 130.")


class PhoneLocked(ActivationRefused):
    """The caller typed a wrong PIN three times (klikon/leader/phone_pin.py)."""

    rule = "R19"
    code = "phone_locked"
    stops_the_leader = True
    sentence = gettext_noop(
        "The phone channel is locked, because the PIN was wrong three times. The Fixed Leader "
        "unlocks it online or in a shop."
    )


class PinNotGiven(ActivationRefused):
    """The phone channel has not asked for the PIN (klikon/leader/phone_pin.py)."""

    rule = "R19"
    code = "pin_not_given"
    sentence = gettext_noop(
        "By phone this needs the PIN of the phone channel. Call 130 and key it in when it is asked "
        "for."
    )


class NotAKlikOnPackage(ActivationRefused):
    rule = "R5"
    code = "not_a_klik_on_package"
    sentence = gettext_noop(
        "This is not a Klik-ON package today. Klik-ON gives monthly Super packages on sale: from "
        "%(smallest_list_price_lek)s up, valid for at least %(shortest_validity_days)s days."
    )

    def shown(self) -> dict[str, Any]:
        # Refusals stored before the terms had a shortest validity do not contain one.
        return {"shortest_validity_days": 28, **super().shown()}


class PriceChanged(ActivationRefused):
    """The person agreed to another price: show the new one and ask again, with a new key."""

    rule = "R6"
    code = "price_changed"
    sentence = gettext_noop(
        "The price of %(package)s has changed: with Klik-ON it costs %(charged_lek)s now, and not "
        "%(told_lek)s. Nothing was charged."
    )


class RepeatNotConfirmed(ActivationRefused):
    """R25: not final. A confirmed request with a new key goes on."""

    rule = "R25"
    code = "repeat_not_confirmed"
    sentence = gettext_noop(
        "%(package)s is active already, since %(since)s until %(until)s, for: %(member)s. It is "
        "charged once more only if you confirm that you want it once more."
    )

    def shown(self) -> dict[str, Any]:
        since = datetime.fromisoformat(self.details["since"])
        until = date.fromisoformat(self.details["until"])
        return {**self.details, "since": f"{since:%d.%m.%Y %H:%M}", "until": f"{until:%d.%m.%Y}"}


class OverALimit(ActivationRefused):
    """Says what the package costs, what is left, and what still fits (E5, E18)."""

    @property
    def still_fits(self) -> list[Offer]:
        """Return the packages that still fit, cheapest first."""
        offers: list[Offer] = self.details["still_fits"]
        return offers

    def shown(self) -> dict[str, Any]:
        offers = ", ".join(f"{o['name']} ({lek(o['charged_lek'])})" for o in self.still_fits)
        words = (
            gettext("Still possible: %(offers)s.") % {"offers": offers}
            if offers
            else gettext("Nothing more fits until next month.")
        )
        return {**super().shown(), "still_fits": words}


class OverTheCap(OverALimit):
    rule = "R9"
    code = "over_the_cap"
    sentence = gettext_noop(
        "This needs %(charged_lek)s, but only %(room_lek)s of %(limit_lek)s are left this month. "
        "%(still_fits)s"
    )


class OverTheGroupsLimit(OverALimit):
    rule = "R27"
    code = "over_the_groups_limit"
    sentence = gettext_noop(
        "This needs %(charged_lek)s, but of the limit that the Fixed Leader set for the group, "
        "%(limit_lek)s a month, only %(room_lek)s are left. %(still_fits)s"
    )


class OverTheMembersLimit(OverALimit):
    rule = "R27"
    code = "over_the_members_limit"
    sentence = gettext_noop(
        "This needs %(charged_lek)s, but of the limit that the Fixed Leader set for this member, "
        "%(limit_lek)s a month, only %(room_lek)s are left. %(still_fits)s"
    )


class DeclinedByTheFixedLeader(ActivationRefused):
    rule = "R28"
    code = "declined_by_the_fixed_leader"
    sentence = gettext_noop(
        "The Fixed Leader did not approve %(package)s for: %(member)s. Nothing was charged."
    )


class NotApprovedInTime(ActivationRefused):
    rule = "R28"
    code = "not_approved_in_time"
    sentence = gettext_noop(
        "The Fixed Leader did not answer within 24 hours about %(package)s for: %(member)s. "
        "Nothing was charged. Ask for it again."
    )


class RequestCancelled(ActivationRefused):
    """R28: the leader, the member or the group has changed since the request."""

    rule = "R28"
    code = "request_cancelled"
    sentence = gettext_noop(
        "This request does not wait any more, because the Mobile Leader or the group has changed "
        "since: %(package)s for: %(member)s. Nothing was charged."
    )


class KeyUsedForSomethingElse(ActivationRefused):
    rule = "R21"
    code = "key_used_for_something_else"
    sentence = gettext_noop(
        "This request was already used for something else. Begin anew; nothing was charged."
    )


def _named(base: type[ActivationRefused]) -> Iterator[type[ActivationRefused]]:
    for refusal in base.__subclasses__():
        if hasattr(refusal, "code"):
            yield refusal
        yield from _named(refusal)


BY_CODE: dict[str, type[ActivationRefused]] = {
    refusal.code: refusal for refusal in _named(ActivationRefused)
}
