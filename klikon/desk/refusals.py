"""Refusals of the desk that belong to no rule of a lower room."""

from django.utils.translation import gettext_noop

from superfamilja.refusal import Refusal


class DeskRefused(Refusal):
    """Base of the desk's refusals."""

    rule = "desk"


class NotOpen(DeskRefused):
    code = "draft_not_open"
    sentence = gettext_noop("This request has ended or waits for the manager. Nothing was changed.")


class AnotherStands(DeskRefused):
    code = "draft_begun_anew"
    sentence = gettext_noop(
        "The same was begun anew since, and that request stands. Go on with it, or discard it "
        "first. Nothing was changed."
    )


class ChangedMeanwhile(DeskRefused):
    code = "draft_changed"
    sentence = gettext_noop(
        "%(name)s changed this request at %(time)s, after you opened the page. What you typed is "
        "below; look at it once more and go on."
    )


class NotWhatWasSeen(DeskRefused):
    code = "draft_not_as_seen"
    sentence = gettext_noop(
        "%(name)s changed this request at %(time)s, after you opened the page. Nothing was done: "
        "look at the paper once more."
    )


class NotFilledIn(DeskRefused):
    code = "draft_not_filled_in"
    sentence = gettext_noop("Fill in and check the request before it is printed.")


class NotIdentified(DeskRefused):
    """The contract's owner, or the document, changed since the number was compared."""

    rule = "R30"
    code = "draft_not_identified"
    sentence = gettext_noop(
        "Whose contract this is, or which document was shown, has changed since the personal "
        "number was typed. Type it from the document once more."
    )


class NoPaper(DeskRefused):
    code = "draft_without_paper"
    sentence = gettext_noop("Print the paper and have it signed first.")


class PaperOutdated(DeskRefused):
    """The paper names another leader, group, number or limit than the present one."""

    code = "paper_outdated"
    sentence = gettext_noop(
        "What this paper is about has changed since it was made: the group, its Mobile Leader, the "
        "contact mobile or the limit. Nothing was done: make a new paper and have it signed."
    )


class FilledInOtherwise(DeskRefused):
    """What was valid when it was printed is valid no longer."""

    code = "draft_filled_in_otherwise"
    sentence = gettext_noop("What was filled in does not hold any more: %(what)s")


class BlankUnknown(DeskRefused):
    code = "blank_unknown"
    sentence = gettext_noop(
        "%(number)s is no unused blank form of this shop. Read the number at its top once more."
    )


class WordMissing(DeskRefused):
    code = "word_missing"
    sentence = gettext_noop(
        "The signature alone is not enough: type the code that the Fixed Leader reads out, or send "
        "the signed scan to the manager."
    )


class SignatureIsEnough(DeskRefused):
    code = "signature_is_enough"
    sentence = gettext_noop("This request takes the signature alone: confirm it.")


class ContactInDoubt(DeskRefused):
    code = "contact_in_doubt"
    sentence = gettext_noop(
        "The number of the contact mobile changed hands: a code to it proves too little. Scan the "
        "signed paper and send it to the manager."
    )


class ScanMissing(DeskRefused):
    code = "scan_missing"
    sentence = gettext_noop("Scan the signed paper first: the manager decides on what he sees.")


class ScanOfAnotherPaper(DeskRefused):
    code = "scan_of_another_paper"
    sentence = gettext_noop(
        "Page %(page)s of the scan carries the QR code of another paper, %(found)s. Nothing was "
        "kept: scan the paper of this request."
    )


class ScanNotProven(DeskRefused):
    code = "scan_not_proven"
    sentence = gettext_noop(
        "In the scan no QR code of this paper can be read. Say first why it is of this paper all "
        "the same, or have it scanned again. Nothing was done."
    )


class ScanNeedsNoWord(DeskRefused):
    code = "scan_needs_no_word"
    sentence = gettext_noop(
        "This scan was taken back, or carries the QR code of its paper. Nothing was changed."
    )


class NotYourOwnScan(DeskRefused):
    rule = "R30"
    code = "second_person_of_a_scan"
    sentence = gettext_noop(
        "Only a manager who has not served, scanned or sent this request says why a scan has no QR "
        "code."
    )


class ScanReliedOn(DeskRefused):
    code = "scan_relied_on"
    sentence = gettext_noop(
        "A second person approved this by the scan, or the paper is filed: only the manager of the "
        "shop takes the scan back, with a reason. Nothing was changed."
    )


class RequestNotWaiting(DeskRefused):
    code = "draft_not_waiting"
    sentence = gettext_noop("This request does not wait for a decision any more.")


class NotYourOwn(DeskRefused):
    code = "second_person"
    sentence = gettext_noop(
        "You opened, typed, printed, scanned or sent this request yourself: a second person has to "
        "approve it."
    )


class DayIsClosed(DeskRefused):
    code = "day_is_closed"
    sentence = gettext_noop("This day is closed already.")


class DayDoesNotAddUp(DeskRefused):
    code = "day_does_not_add_up"
    sentence = gettext_noop(
        "Printed, signed, scanned and filed are not the same. Write why before you close the day."
    )
