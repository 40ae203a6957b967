"""The menus of a Mobile Leader on the phone: for whom, and which package."""

from dataclasses import dataclass

from klikon.activation import refusals
from klikon.ivr.dialogue import questions as ask
from klikon.ivr.dialogue.confirming import Menu, chosen_package
from klikon.ivr.dialogue.languages import KEY, Speaking, other_language
from klikon.ivr.dialogue.turns import (
    Asking,
    Call,
    Keys,
    Place,
    Say,
    Turn,
    after_a_no,
    say,
    say_no,
    told_no,
)
from superfamilja.refusal import Refusal
from superfamilja.values.phone import UnreadableNumberError, parse_msisdn

PAGE = 6
MORE = "7"
MONTH = "9"
LINES_READ = 5
_WHY: dict[type[refusals.OverALimit], str] = {
    refusals.OverTheCap: "room",
    refusals.OverTheGroupsLimit: "too_dear_group",
    refusals.OverTheMembersLimit: "too_dear_member",
}


@dataclass(frozen=True)
class Members(Place):
    """Offer the members by their last digits, or a number keyed at once."""

    name = "members"
    leader: ask.LeaderCalls

    def turn(self, call: Call) -> Turn:
        ends = last_digits([member.msisdn for member in self.leader.members])
        choices = [
            say("member_choice", name=given(member.name), end_digits=digits, press=str(number))
            for number, (member, digits) in enumerate(
                zip(self.leader.members, ends, strict=True), start=1
            )
        ]
        says = (*choices, say("number_choice"), say("month_choice"), other_language(call))
        keys = "".join(str(number) for number in range(1, len(choices) + 1)) + MONTH + KEY
        return Turn(call, self, says, Keys(choices=keys, number=True))

    def chosen(self, call: Call, keys: str) -> Turn:
        if keys == MONTH:
            return Month(self).turn(call)
        if keys == KEY:
            return Speaking(self).turn(call)
        if len(keys) == 1:
            return Looking(self, self.leader.members[int(keys) - 1].msisdn).turn(call)
        try:
            return NumberBack(self, parse_msisdn(keys)).turn(call)
        except UnreadableNumberError:
            return self.turn(call).after(say("not_a_mobile_number"))


@dataclass(frozen=True)
class NumberBack(Place):
    """Say the keyed number back: 1 right, 2 again."""

    name = "number"
    members: Members
    number: str

    def turn(self, call: Call) -> Turn:
        says = (say("number_back", number_digits=self.number), say("number_keys"))
        return Turn(call, self, says, Keys(choices="12"))

    def chosen(self, call: Call, keys: str) -> Turn:
        return Looking(self.members, self.number).turn(call) if keys == "1" else self.back(call)

    def back(self, call: Call) -> Turn:
        return self.members.turn(call)


@dataclass(frozen=True)
class Looking(Asking[ask.Fits]):
    """Look up what this member has and may get."""

    name = "looking"
    members: Members
    member: str

    def question(self, call: Call) -> ask.WhatFits:
        return ask.WhatFits(call.number, self.member)

    def refused(self, call: Call, refusal: Refusal) -> Turn:
        return told_no(call, refusal, self.members.turn)

    def found(self, call: Call, answer: ask.Fits) -> Turn:
        has = [say("active", package=a.package, until_day=a.until) for a in answer.active] or [
            say("nothing_active")
        ]
        if not answer.packages:
            return self._nothing_fits(call, answer).after(*has)
        too_dear = _too_dear(answer)
        return Packages(self.members, answer).turn(call).after(*has, *too_dear)

    def _nothing_fits(self, call: Call, fits: ask.Fits) -> Turn:
        if fits.why is None:
            return self.members.turn(call).after(say("nothing_on_sale"))
        return self.members.turn(after_a_no(call, fits.why)).after(say_no(fits.why))


@dataclass(frozen=True)
class Packages(Menu):
    """Offer what fits, cheapest first, six at a time, with the price that is charged."""

    name = "packages"
    members: Members
    fits: ask.Fits
    page: int = 0

    def turn(self, call: Call) -> Turn:
        shown = self._shown()
        cheaper = [
            say("cheaper_elsewhere", package=p.name, elsewhere_lek=p.elsewhere_lek)
            for p in shown
            if p.elsewhere_lek is not None
        ]
        choices = [
            say("package_choice", package=p.name, charged_lek=p.charged_lek, press=str(number))
            for number, p in enumerate(shown, start=1)
        ]
        more = [say("more_packages")] if self._has_more() else []
        keys = "".join(str(number) for number in range(1, len(shown) + 1))
        says = (*cheaper, say("with_klik_on"), *choices, *more)
        return Turn(call, self, says, Keys(choices=keys + (MORE if more else "")))

    def chosen(self, call: Call, keys: str) -> Turn:
        if keys == MORE:
            return Packages(self.members, self.fits, self.page + 1).turn(call)
        package = self._shown()[int(keys) - 1]
        return chosen_package(call, self.fits, package, self)

    def back(self, call: Call) -> Turn:
        return self.members.turn(call)

    def offering(self, fits: ask.Fits) -> "Packages":
        return Packages(self.members, fits)

    def lookup(self) -> "Looking":
        return Looking(self.members, self.fits.member.msisdn)

    def _shown(self) -> tuple[ask.PackageOnOffer, ...]:
        return self.fits.packages[self.page * PAGE : (self.page + 1) * PAGE]

    def _has_more(self) -> bool:
        return len(self.fits.packages) > (self.page + 1) * PAGE


@dataclass(frozen=True)
class Month(Asking[ask.SpokenCharges]):
    """Say what was activated this month."""

    name = "month"
    members: Members

    def question(self, call: Call) -> ask.ThisMonth:
        return ask.ThisMonth(call.number)

    def found(self, call: Call, answer: ask.SpokenCharges) -> Turn:
        lines = answer.lines[:LINES_READ]
        read = [line_of(line) for line in lines] or [say("nothing_this_month")]
        if len(answer.lines) > len(lines):
            read.append(say("more_online"))
        return self.members.turn(call).after(*read)


def _too_dear(fits: ask.Fits) -> list[Say]:
    """Say once what does not fit, with the limit that stops it (R9, R27).

    The member's own limit is always said, because it leaves less than what was heard for the group.
    """
    if fits.why is None:
        left = say("too_dear_member", room_lek=fits.room_lek)
        return [left] if fits.members_limit else []
    names = ", ".join(fits.too_dear)
    return [
        say(_WHY[type(fits.why)], room_lek=fits.room_lek),
        say("not_enough_for", packages=names),
    ]


def line_of(line: ask.SpokenCharge) -> Say:
    """Return a charge as it is read out."""
    return say(
        "line",
        package=line.package,
        name=given(line.name),
        charged_lek=line.charged_lek,
        on_day=line.on,
    )


def last_digits(numbers: list[str]) -> list[str]:
    """Return the last three digits of each, more where they would be equal."""
    for count in range(3, 10):
        ends = [number[-count:] for number in numbers]
        if len(set(ends)) == len(ends):
            break
    return ends if numbers else []


def given(name: str) -> str:
    """Return «Elira» for «Elira Dardha», because the family knows who that is."""
    return name.split(maxsplit=1)[0] if name.strip() else name
