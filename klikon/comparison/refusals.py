"""Refusals of endings of a line or of the halt itself."""

from django.utils.translation import gettext_noop

from superfamilja.refusal import Refusal


class LineEnded(Refusal):
    rule = "R36"
    code = "line_ended"
    sentence = gettext_noop("%(reference)s has ended already: look at the list again.")


class EndingNotPossible(Refusal):
    rule = "R36"
    code = "ending_not_possible"
    sentence = gettext_noop("%(reference)s cannot end like this. Choose another ending.")


class LineNotProposed(Refusal):
    rule = "R36"
    code = "line_not_proposed"
    sentence = gettext_noop("Nothing waits for you here: nobody else has proposed an ending yet.")


class LineProposedByYourself(Refusal):
    rule = "R36"
    code = "line_proposed_by_yourself"
    sentence = gettext_noop("You proposed it, so a second person confirms it.")


class ProposalChanged(Refusal):
    rule = "R36"
    code = "proposal_changed"
    sentence = gettext_noop("What was proposed has changed since you looked. Look at it again.")


class NobodyToCharge(Refusal):
    rule = "R36"
    code = "nobody_to_charge"
    sentence = gettext_noop(
        "%(reference)s cannot be charged: at that moment the number was in no group with a Mobile "
        "Leader here, or the package was not on sale. Accept it as it is, or give it back."
    )


class MonthOver(Refusal):
    rule = "R13"
    code = "month_over"
    sentence = gettext_noop(
        "%(reference)s cannot be charged: its month is closed, and its bill is out. Accept it as "
        "it is, or give it back."
    )


class NotCompared(Refusal):
    rule = "R36"
    code = "not_compared"
    sentence = gettext_noop(
        "The books have not been compared yet. Run on the server: manage.py after_restore"
    )


class LinesOpen(Refusal):
    rule = "R36"
    code = "lines_open"
    sentence = gettext_noop("%(number)s lines have not ended yet. Each needs two persons.")
