"""Refusals of signing in and of codes; each says what to do instead."""

from django.utils.translation import gettext_noop

from superfamilja.refusal import Refusal


class CodeRefused(Refusal):
    """Base of every refusal of a code."""

    rule = "R3"


class CodeWrong(CodeRefused):
    code = "code_wrong"
    sentence = gettext_noop(
        "This code is not right. Read the SMS once more and type its six digits. Tries left: "
        "%(left)s."
    )


class CodeOver(CodeRefused):
    """The code is expired, used, or was tried three times."""

    code = "code_over"
    sentence = gettext_noop(
        "This code is no longer valid: it lives for 10 minutes, is good for one use, and can be "
        "tried three times. Ask for a new one."
    )


class WaitForTheNext(CodeRefused):
    code = "code_too_soon"
    sentence = gettext_noop(
        "A code was sent a moment ago. The SMS may need a minute; then you can ask for another."
    )


class TooManyCodes(CodeRefused):
    """A number has no more codes today, or an address none this hour."""

    code = "too_many_codes"
    sentence = gettext_noop(
        "Too many codes were asked for. Try again in some hours, or from a phone or computer on "
        "which you have signed in before. Without waiting: with your document in any shop."
    )


class TooManyCodesAtCounters(CodeRefused):
    """Shops may send no more codes to this number today."""

    code = "too_many_codes_at_counters"
    sentence = gettext_noop(
        "Shops have sent too many codes to this number today. Without waiting: scan the signed "
        "paper and send the request to the manager."
    )
