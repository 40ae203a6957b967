"""The catalogue of what 130 says: a key, a sentence, and example values.

Sentences are English here and Albanian through gettext, like every text of the house. The end of a
value's name says how it is spoken (klikon/ivr/voice/speech.py). Refusals are not listed here: every
channel uses their sentences, and their code is their key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop

_DAY = date(2026, 11, 28)
_NAME, _PACKAGE = "Përparim", "Super 2000"


@dataclass(frozen=True)
class Prompt:
    """A prompt.

    `example` holds the longest values that the sentence has to take. `language` is set when it is
    spoken in that language, whatever the call's.
    """

    sentence: str
    example: Mapping[str, Any] = field(default_factory=dict)
    language: str = ""


PROMPTS: dict[str, Prompt] = {
    # who calls
    "welcome": Prompt(gettext_noop("Welcome to Klik-ON.")),
    "to_english": Prompt("For English, press 5.", language="en"),
    "to_albanian": Prompt("Për shqip, shtypni 5.", language="sq"),
    "hidden": Prompt(
        gettext_noop(
            "Your number is hidden, so we cannot know who calls. Call again with your number shown."
        )
    ),
    "what_klik_on_is": Prompt(
        gettext_noop(
            "With Klik-ON, the Mobile Leader of a SuperFamilja group gives its members Super "
            "packages, with a discount, on the fixed bill."
        )
    ),
    "how_a_leader_is_named": Prompt(
        gettext_noop("The Fixed Leader names the Mobile Leader in a shop or online.")
    ),
    "your_number": Prompt(
        gettext_noop(
            "You call from the number %(number_digits)s. If you have two SIM cards, call from the "
            "other one."
        ),
        {"number_digits": "+355671234567"},
    ),
    "group_closed": Prompt(
        gettext_noop(
            "The SuperFamilja group of this number is closed, so nothing can be activated. Ask in "
            "a shop."
        )
    ),
    "told_keys": Prompt(gettext_noop("To hear it again press hash. To end press 2.")),
    # the Fixed Leader
    "payer_leader": Prompt(gettext_noop("Your Mobile Leader: %(name)s."), {"name": _NAME}),
    "payer_no_leader": Prompt(gettext_noop("Your group has no Mobile Leader.")),
    "payer_month": Prompt(
        gettext_noop("Spent with Klik-ON this month: %(spent_lek)s of %(cap_lek)s."),
        {"spent_lek": 6500, "cap_lek": 6500},
    ),
    "payer_last": Prompt(gettext_noop("The last ones:")),
    "payer_stop": Prompt(gettext_noop("To stop activations at once, press 8.")),
    "payer_stopped_already": Prompt(
        gettext_noop("Activations are stopped. You can allow them again online or in a shop.")
    ),
    "payer_stopped": Prompt(
        gettext_noop(
            "From now on activations are stopped. Mobile Leader: %(name)s. You can allow them "
            "again online or in a shop."
        ),
        {"name": _NAME},
    ),
    # for whom
    "room": Prompt(gettext_noop("Left this month: %(room_lek)s."), {"room_lek": 6500}),
    "member_choice": Prompt(
        gettext_noop("%(name)s %(end_digits)s: press %(press)s."),
        {"name": _NAME, "end_digits": "4567", "press": "4"},
    ),
    "number_choice": Prompt(gettext_noop("Or key in the whole number.")),
    "month_choice": Prompt(gettext_noop("For what was activated, press 9.")),
    "number_back": Prompt(
        gettext_noop("The number is %(number_digits)s."), {"number_digits": "+355671234567"}
    ),
    "number_keys": Prompt(gettext_noop("If it is right press 1, to key it again press 2.")),
    "not_a_mobile_number": Prompt(gettext_noop("This is not a mobile number.")),
    "line": Prompt(
        gettext_noop("%(package)s, %(charged_lek)s, on %(on_day)s, for: %(name)s."),
        {"package": _PACKAGE, "charged_lek": 1800, "on_day": _DAY, "name": _NAME},
    ),
    "nothing_this_month": Prompt(gettext_noop("Nothing was activated this month.")),
    "more_online": Prompt(gettext_noop("You see the earlier ones online.")),
    # which package
    "active": Prompt(
        gettext_noop("Active: %(package)s, until %(until_day)s."),
        {"package": _PACKAGE, "until_day": _DAY},
    ),
    "nothing_active": Prompt(gettext_noop("Nothing is active through Klik-ON.")),
    "too_dear_group": Prompt(
        gettext_noop(
            "Left of the limit that the Fixed Leader set for the group this month: %(room_lek)s."
        ),
        {"room_lek": 6300},
    ),
    "too_dear_member": Prompt(
        gettext_noop(
            "Left of the limit that the Fixed Leader set for this member this month: %(room_lek)s."
        ),
        {"room_lek": 6300},
    ),
    "not_enough_for": Prompt(
        gettext_noop("That is not enough for: %(packages)s."),
        {"packages": "Super 700, Super 1000, Super 1200, Super 1500, Super 2000"},
    ),
    "nothing_on_sale": Prompt(gettext_noop("No Klik-ON package is on sale today.")),
    "cheaper_elsewhere": Prompt(
        gettext_noop(
            "With this member's promotion %(package)s costs less in the shop: %(elsewhere_lek)s."
        ),
        {"package": _PACKAGE, "elsewhere_lek": 1600},
    ),
    "with_klik_on": Prompt(gettext_noop("With Klik-ON:")),
    "package_choice": Prompt(
        gettext_noop("%(package)s, %(charged_lek)s: press %(press)s."),
        {"package": _PACKAGE, "charged_lek": 1800, "press": "6"},
    ),
    "more_packages": Prompt(gettext_noop("For more packages, press 7.")),
    # the yes
    "again_keys": Prompt(gettext_noop("To get it once more press 1, otherwise press 2.")),
    "pin": Prompt(gettext_noop("Key in the PIN of the phone channel, then hash.")),
    "price_who": Prompt(
        gettext_noop("%(package)s for: %(name)s."), {"name": _NAME, "package": _PACKAGE}
    ),
    "price": Prompt(
        gettext_noop(
            "In the shop %(list_lek)s, with Klik-ON %(charged_lek)s, on the next fixed bill."
        ),
        {"list_lek": 2000, "charged_lek": 1800},
    ),
    "price_left": Prompt(gettext_noop("Then left: %(left_lek)s."), {"left_lek": 4700}),
    "price_left_member": Prompt(
        gettext_noop("Then left of this member's limit: %(left_lek)s."), {"left_lek": 4700}
    ),
    "price_waits": Prompt(
        gettext_noop("The Fixed Leader is asked first. Until then nothing is charged.")
    ),
    "price_keys": Prompt(gettext_noop("For yes press 1, for no 2.")),
    # what became of it
    "done": Prompt(gettext_noop("Done: %(package)s is active."), {"package": _PACKAGE}),
    "done_later": Prompt(
        gettext_noop("Accepted. %(package)s arrives in some minutes."), {"package": _PACKAGE}
    ),
    "reference": Prompt(
        gettext_noop("The reference, by SMS: %(reference_code)s."),
        {"reference_code": "KN-7QX-4PW-R2AR"},
    ),
    "waiting_sms": Prompt(gettext_noop("When it is approved, you get an SMS.")),
    "another": Prompt(gettext_noop("For another one press 1, to end 2.")),
    # the line itself
    "help": Prompt(
        gettext_noop(
            "Star goes back, hash says it again. For customer care press 0 and wait two seconds."
        )
    ),
    "not_understood": Prompt(gettext_noop("That choice is not there.")),
    "nothing_heard": Prompt(gettext_noop("We heard no key.")),
    "gave_up": Prompt(gettext_noop("Let us end here. Call again whenever you like.")),
    "too_long": Prompt(gettext_noop("This call has become long. Call again to go on.")),
    "care": Prompt(gettext_noop("We connect you with customer care.")),
    "no_care": Prompt(
        gettext_noop("Customer care cannot be reached from this line. Ask in a shop.")
    ),
    "sorry": Prompt(
        gettext_noop(
            "We are sorry, we cannot answer at this moment. Nothing more was activated. Call again "
            "in some minutes."
        )
    ),
    "sorry_after_yes": Prompt(
        gettext_noop(
            "We are sorry, we cannot answer at this moment. If the package was activated you get "
            "an SMS; when you call again we tell you."
        )
    ),
    "halted": Prompt(
        gettext_noop(
            "Klik-ON stands still for a check of its data. Nothing was activated. Call again later."
        )
    ),
    "goodbye": Prompt(gettext_noop("Thank you for calling. Goodbye.")),
}
