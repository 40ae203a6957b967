"""A house of plain values for the dialogue: a family of three, five packages."""

from datetime import date
from typing import Any

from klikon.activation import refusals
from klikon.ivr.dialogue import questions as ask
from klikon.leader.phone_pin import NoPin, WrongPin
from superfamilja.refusal import Refusal

LEADER, SECOND, THIRD = "+355670000001", "+355670000002", "+355671230003"
FOURTH = "+355670000004"
PAYER, STRANGER = "+355690000009", "+355680000008"
AGAIN = refusals.RepeatNotConfirmed(
    member="Mira", package="Super 700", since="2026-11-05T14:05+01:00", until="2026-12-03"
)


class House(ask.House):
    """Answers like the real one; `activated` lists what was activated."""

    def __init__(self, **changes: Any) -> None:
        self.language = "sq"
        self.spent = 0
        self.activated: list[ask.ActivateByPhone] = []
        self.frozen = False
        self.pin: str | None = None
        self.asks_beforehand = True
        self.pin_is_set = True
        self.pin_above = 0
        self.wrong_tries = 0
        self.refuses: list[Any] = []
        self.down = False
        self.waits_above: int | None = None
        self.discount = 200
        self.fourth = False
        self.packages = [
            ("S700", 700),
            ("S1000", 1000),
            ("S1200", 1200),
            ("S1500", 1500),
            ("S2000", 2000),
        ]
        for name, value in changes.items():
            setattr(self, name, value)

    def answer(self, question: Any) -> Any:
        if self.down:
            raise ConnectionError
        return question.put_to(self)

    def who_calls(self, question: ask.WhoCalls) -> Any:
        members = (
            ask.Member(LEADER, "Elira Dardha"),
            ask.Member(SECOND, "Besnik Dardha"),
            ask.Member(THIRD, "Mira Dardha"),
            ask.Member(FOURTH, "Drita Dardha"),
        )[: 4 if self.fourth else 3]
        if question.number == LEADER:
            return ask.LeaderCalls(self.language, 6500 - self.spent, members)
        if question.number == PAYER:
            lines = (ask.SpokenCharge("Super 700", "Mira Dardha", 500, date(2026, 11, 5)),)
            return ask.PayerCalls(
                self.language, "Elira Dardha", self.frozen, self.spent, 6500, lines
            )
        return ask.SomebodyCalls(self.language)

    def speak_from_now_on(self, question: ask.SpeakFromNowOn) -> Any:
        self.language = question.language
        return ask.Right()

    def what_fits(self, question: ask.WhatFits) -> Any:
        names = {LEADER: "Elira Dardha", SECOND: "Besnik Dardha", THIRD: "Mira Dardha"}
        if question.member not in names:
            return ask.Refused(refusals.NotInTheGroup())
        room = 6500 - self.spent
        had = {(act.member, act.package) for act in self.activated}
        packages = tuple(
            ask.PackageOnOffer(
                code,
                f"Super {price}",
                price,
                price - self.discount,
                again=AGAIN if (question.member, code) in had else None,
                waits=self.waits_above is not None and price - self.discount > self.waits_above,
                pin=self.pin is not None
                and self.asks_beforehand
                and price - self.discount > self.pin_above,
            )
            for code, price in self.packages
            if price - self.discount <= room
        )
        dear = tuple(
            f"Super {price}" for _code, price in self.packages if price - self.discount > room
        )
        why = (
            refusals.OverTheCap(charged_lek=500, room_lek=room, limit_lek=6500, still_fits=[])
            if dear
            else None
        )
        return ask.Fits(
            ask.Member(question.member, names[question.member]),
            room,
            (),
            packages,
            dear,
            why,
            has_pin=self.pin is not None and self.pin_is_set,
        )

    def this_month(self, question: ask.ThisMonth) -> Any:
        return ask.SpokenCharges(())

    def check_pin(self, question: ask.CheckPin) -> Any:
        if not self.pin_is_set:
            return ask.Refused(NoPin())
        if question.pin == self.pin:
            return ask.Right()
        self.wrong_tries += 1
        if self.wrong_tries == 3:
            return ask.Refused(refusals.PhoneLocked())
        return ask.Refused(WrongPin(left=3 - self.wrong_tries))

    def activate(self, question: ask.ActivateByPhone) -> Any:
        if self.refuses:
            given = self.refuses.pop(0)
            return ask.Refused(given) if isinstance(given, Refusal) else given
        charged = dict(self.packages)[question.package] - self.discount
        if question.charged_lek != charged:
            return ask.Refused(
                refusals.PriceChanged(
                    package="Super 700", charged_lek=charged, told_lek=question.charged_lek
                )
            )
        self.activated.append(question)
        self.spent += charged
        return ask.Activated("KN-7QX-4PW-R2AR", 6500 - self.spent, False)

    def freeze(self, question: ask.Freeze) -> Any:
        self.frozen = True
        return ask.Frozen("Elira Dardha")
