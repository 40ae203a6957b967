"""Lead from the chosen package to the outcome: repetition, PIN, price, yes, answer.

Each place keeps `chosen_from`, the menu of packages, to which * leads back.
"""

from abc import abstractmethod
from dataclasses import dataclass, replace

from klikon.activation import refusals
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.ivr.dialogue import questions as ask
from klikon.ivr.dialogue.outcomes import CallOutcome
from klikon.ivr.dialogue.turns import (
    Asking,
    Call,
    Keys,
    Place,
    Turn,
    after_a_no,
    end,
    say,
    say_answer,
    say_no,
    say_no_whole,
    say_whole,
    told_no,
)
from klikon.leader.phone_pin import NoPin, WrongPin
from superfamilja.refusal import Refusal

YES, NO = "1", "2"


class Menu(Place):
    """The menu of a member's packages."""

    @abstractmethod
    def offering(self, fits: ask.Fits) -> "Menu":
        """Return the same menu, of these packages."""

    @abstractmethod
    def lookup(self) -> Asking[ask.Fits]:
        """Return the place that looks up what fits the member, as before the choice."""


@dataclass(frozen=True)
class Chosen:
    """A package for a member, and the menu in which it was chosen."""

    fits: ask.Fits
    package: ask.PackageOnOffer
    chosen_from: Menu


def chosen_package(call: Call, fits: ask.Fits, package: ask.PackageOnOffer, menu: Menu) -> Turn:
    """Ask about a repetition first (R25), then the PIN, then say the price."""
    chosen = Chosen(fits, package, menu)
    if package.again is not None:
        return Again(chosen, package.again).turn(call)
    return _pin_or_price(call, chosen, repeat_confirmed=False)


def _pin_or_price(call: Call, chosen: Chosen, *, repeat_confirmed: bool) -> Turn:
    if chosen.package.pin and not call.pin_given:
        if not chosen.fits.has_pin:
            return _without_pin(call, chosen, NoPin())
        return Pin(chosen, repeat_confirmed).turn(call)
    return PriceSaid(chosen, repeat_confirmed).turn(call)


def _without_pin(call: Call, chosen: Chosen, refusal: Refusal) -> Turn:
    """Say that there is no PIN, and offer what needs none."""
    call, menu, fits = after_a_no(call, refusal), chosen.chosen_from, chosen.fits
    # This holds also when the terms began to ask for a PIN, from this price on, during the call.
    cheaper = tuple(
        package
        for package in fits.packages
        if not package.pin and package.charged_lek < chosen.package.charged_lek
    )
    turn = menu.offering(replace(fits, packages=cheaper)).turn if cheaper else menu.back
    return turn(call).after(say_no(refusal))


@dataclass(frozen=True)
class Again(Place):
    """R25: say that the member has it already, to the end. Go on only after a separate yes."""

    name = "again"
    chosen_one: Chosen
    refusal: refusals.RepeatNotConfirmed

    def turn(self, call: Call) -> Turn:
        says = (say_no_whole(self.refusal), say("again_keys"))
        return Turn(call, self, says, Keys(choices=YES + NO))

    def chosen(self, call: Call, keys: str) -> Turn:
        if keys == NO:
            return self.back(call)
        return _pin_or_price(call, self.chosen_one, repeat_confirmed=True)

    def back(self, call: Call) -> Turn:
        return self.chosen_one.chosen_from.turn(call)


@dataclass(frozen=True)
class Pin(Place):
    name = "pin"
    chosen_one: Chosen
    repeat_confirmed: bool

    def turn(self, call: Call) -> Turn:
        return Turn(call, self, (say("pin"),), Keys(pin=True))

    def chosen(self, call: Call, keys: str) -> Turn:
        return CheckingPin(self, keys).turn(call)

    def back(self, call: Call) -> Turn:
        return self.chosen_one.chosen_from.turn(call)


class CheckingPin(Asking[ask.Right]):
    """Check the PIN; keep its digits no longer than that, and never show them."""

    name = "checking_pin"

    def __init__(self, asked: Pin, pin: str) -> None:
        self._asked, self._pin = asked, pin

    def question(self, call: Call) -> ask.CheckPin:
        return ask.CheckPin(call.number, self._pin)

    def found(self, call: Call, answer: ask.Right) -> Turn:
        asked, call = self._asked, replace(call, pin_given=True)
        return _pin_or_price(call, asked.chosen_one, repeat_confirmed=asked.repeat_confirmed)

    def refused(self, call: Call, refusal: Refusal) -> Turn:
        if isinstance(refusal, NoPin):
            return _without_pin(call, self._asked.chosen_one, refusal)
        if isinstance(refusal, WrongPin):
            return self._asked.turn(after_a_no(call, refusal)).after(say_no(refusal))
        return super().refused(call, refusal)


@dataclass(frozen=True)
class PriceSaid(Place):
    """Say who, what, how much and what is left, to the end. Only 1 means yes."""

    name = "price"
    chosen_one: Chosen
    repeat_confirmed: bool

    def turn(self, call: Call) -> Turn:
        fits, package = self.chosen_one.fits, self.chosen_one.package
        left = "price_left_member" if fits.members_limit else "price_left"
        left_lek = fits.room_lek - package.charged_lek
        says = (
            say_whole("price_who", name=fits.member.name, package=package.name),
            say_whole("price", list_lek=package.list_lek, charged_lek=package.charged_lek),
            say_whole("price_waits") if package.waits else say_whole(left, left_lek=left_lek),
            say("price_keys"),
        )
        return Turn(call, self, says, Keys(choices=YES + NO))

    def chosen(self, call: Call, keys: str) -> Turn:
        if keys == NO:
            return self.back(call)
        call = replace(call, confirmations=call.confirmations + 1)
        return Activating(self.chosen_one, self.repeat_confirmed).turn(call)

    def back(self, call: Call) -> Turn:
        return self.chosen_one.chosen_from.turn(call)


@dataclass(frozen=True)
class Activating(Asking[ask.Activated | WaitingForTheFixedLeader]):
    """After the yes. Whatever the line does now, it is done once."""

    name = "activating"
    follows_a_yes = True
    chosen_one: Chosen
    repeat_confirmed: bool

    def question(self, call: Call) -> ask.ActivateByPhone:
        return ask.ActivateByPhone(
            number=call.number,
            member=self.chosen_one.fits.member.msisdn,
            package=self.chosen_one.package.code,
            confirmation=call.confirmations,
            repeat_confirmed=self.repeat_confirmed,
            pin_given=call.pin_given,
            charged_lek=self.chosen_one.package.charged_lek,
        )

    def found(self, call: Call, answer: ask.Activated | WaitingForTheFixedLeader) -> Turn:
        if isinstance(answer, WaitingForTheFixedLeader):  # R28
            call = replace(call, outcome=_at_least_waiting(call))
            return Afterwards().turn(call).after(say_answer(answer), say("waiting_sms"))
        done = "done_later" if answer.arrives_later else "done"
        says = (
            say_whole(done, package=self.chosen_one.package.name),
            say_whole("reference", reference_code=answer.reference),
            say("room", room_lek=answer.room_lek),
        )
        return Afterwards().turn(replace(call, outcome=CallOutcome.ACTIVATED)).after(*says)

    def refused(self, call: Call, refusal: Refusal) -> Turn:
        if isinstance(refusal, refusals.RepeatNotConfirmed):
            # R25: the member got it meanwhile, perhaps by a call that was cut off.
            return Again(self.chosen_one, refusal).turn(call)
        if isinstance(refusal, refusals.PriceChanged):
            priced = Repricing(self.chosen_one, self.repeat_confirmed)
            return priced.turn(after_a_no(call, refusal)).after(say_no(refusal))
        if isinstance(refusal, refusals.PinNotGiven):
            # The terms changed after the choice; the lookup finds whether a PIN is set.
            return Pin(self.chosen_one, self.repeat_confirmed).turn(call)
        return told_no(call, refusal, Afterwards().turn)


@dataclass(frozen=True)
class Repricing(Asking[ask.Fits]):
    """Look up the new price, because it differs from the one that was heard."""

    name = "looking"
    chosen_one: Chosen
    repeat_confirmed: bool

    def question(self, call: Call) -> ask.CallQuestion[ask.Fits]:
        return self.chosen_one.chosen_from.lookup().question(call)

    def refused(self, call: Call, refusal: Refusal) -> Turn:
        return self.chosen_one.chosen_from.lookup().refused(call, refusal)

    def found(self, call: Call, answer: ask.Fits) -> Turn:
        menu, code = self.chosen_one.chosen_from, self.chosen_one.package.code
        package = next((package for package in answer.packages if package.code == code), None)
        if package is None:  # it fits no longer, and the reason is said
            return menu.lookup().found(call, answer)
        if self.repeat_confirmed:
            chosen = Chosen(answer, package, menu.offering(answer))
            return _pin_or_price(call, chosen, repeat_confirmed=True)
        return chosen_package(call, answer, package, menu.offering(answer))


def _at_least_waiting(call: Call) -> CallOutcome:
    is_activated = call.outcome is CallOutcome.ACTIVATED
    return call.outcome if is_activated else CallOutcome.WAITING


@dataclass(frozen=True)
class Afterwards(Place):
    """Offer another one, or goodbye."""

    name = "afterwards"

    def turn(self, call: Call) -> Turn:
        return Turn(call, self, (say("another"),), Keys(choices=YES + NO))

    def chosen(self, call: Call, keys: str) -> Turn:
        return end(call) if keys == NO or call.anew is None else call.anew.turn(call)
