"""Show facts that are no acts: activations, refusals, reversals, credits, messages, calls."""

from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext

from billing.models import Credit, Reversal
from groups.models import Contract
from klikon.activation.waiting import first_answer
from klikon.customer.timeline.line import (
    CALLS,
    MESSAGES,
    Reader,
    Source,
    TimelineLine,
    joined,
    name_of,
)
from klikon.ivr.models import PhoneCall
from klikon.ivr.words import REFUSALS
from klikon.models import Activation, RefusedActivation, WaitingRequest
from superfamilja.messages import templates
from superfamilja.messages.models import OutgoingMessage
from superfamilja.values import phone


class Requests(Source):
    """Requests that waited for the Fixed Leader, or still do."""

    at, actor = "asked_at", "actor"

    def rows(self, contract: Contract) -> QuerySet[WaitingRequest]:
        waiting = WaitingRequest.objects.filter(contract=contract)
        return waiting.select_related("leader", "member", "package", "actor")

    def line(self, row: WaitingRequest, reader: Reader) -> TimelineLine:
        what = gettext("%(package)s asked for, above “ask me first”")
        return self.said(
            row,
            reader,
            what=what % {"package": row.package.name},
            whom=row.member.name,
            amount_lek=row.charged_lek,
            reference=row.reference,
            who=_through(row),
            why=joined(row.reason, row.get_outcome_display() if row.outcome else ""),
        )


class Refusals(Source):
    """Refusals, with the words that the caller got."""

    at, actor, needs = "refused_at", "actor", "klikon.view_refusedactivation"

    def rows(self, contract: Contract) -> QuerySet[RefusedActivation]:
        return RefusedActivation.objects.filter(contract=contract).select_related("actor")

    def line(self, row: RefusedActivation, reader: Reader) -> TimelineLine:
        return self.said(
            row,
            reader,
            what=gettext("Refused: %(package)s") % {"package": row.package_code},
            whom=phone.masked(row.member_msisdn),
            who=joined(row.get_channel_display(), name_of(row.actor)),
            why=first_answer(row).text(),
        )


class Activations(Source):
    at, actor = "accepted_at", "actor"

    def rows(self, contract: Contract) -> QuerySet[Activation]:
        rows = Activation.objects.filter(contract=contract)
        return rows.select_related("leader", "member", "package", "actor")

    def line(self, row: Activation, reader: Reader) -> TimelineLine:
        return self.said(
            row,
            reader,
            what=row.package.name,
            whom=row.member.name,
            amount_lek=row.charged_lek,
            who=_through(row),
            why=row.reason,
            reference=row.reference,
        )


class Reversals(Source):
    at, actor = "reversed_at", "actor"

    def rows(self, contract: Contract) -> QuerySet[Reversal]:
        # Read through the charges, which have an index by contract.
        reversals = Reversal.objects.filter(charge__contract=contract)
        return reversals.select_related("charge", "actor")

    def line(self, row: Reversal, reader: Reader) -> TimelineLine:
        charge = row.charge
        return self.said(
            row,
            reader,
            what=gettext("Charge reversed"),
            whom=charge.text,
            amount_lek=-charge.amount_lek,
            who=name_of(row.actor) or gettext("the system"),
            why=row.reason,
            reference=charge.reference,
        )


class Credits(Source):
    at, actor = "credited_at", "author"

    def rows(self, contract: Contract) -> QuerySet[Credit]:
        return Credit.objects.filter(contract=contract).select_related("charge", "author")

    def line(self, row: Credit, reader: Reader) -> TimelineLine:
        return self.said(
            row,
            reader,
            what=gettext("Credit: %(kind)s") % {"kind": row.get_kind_display()},
            whom=row.charge.text,
            amount_lek=-row.amount_lek,
            who=name_of(row.author) or gettext("the system"),
            why=row.reason,
            reference=row.charge.reference,
        )


class Messages(Source):
    """SMS with title and recipient; their words are on their own page."""

    at, kind = "written_at", MESSAGES

    def rows(self, contract: Contract) -> QuerySet[OutgoingMessage]:
        return OutgoingMessage.objects.filter(contract_number=contract.number)

    def line(self, row: OutgoingMessage, reader: Reader) -> TimelineLine:
        title = gettext("SMS “%(title)s”") % {"title": templates.title(row.template)}
        masked = phone.masked(row.recipient)
        return self.said(row, reader, what=title, whom=masked, why=row.standing)


class Calls(Source):
    at, kind = "began_at", CALLS

    def rows(self, contract: Contract) -> QuerySet[PhoneCall]:
        return PhoneCall.objects.filter(contract=contract)

    def line(self, row: PhoneCall, reader: Reader) -> TimelineLine:
        what = gettext("Call to 130: %(outcome)s") % {"outcome": row.get_outcome_display()}
        caller = phone.masked(row.caller) if row.caller else gettext("hidden number")
        refusal = str(REFUSALS.get(row.refusal, row.refusal))
        return self.said(row, reader, what=what, who=caller, why=joined(refusal, _length(row)))


def _through(row: Activation | WaitingRequest) -> str:
    return joined(row.leader.name, row.get_channel_display(), name_of(row.actor))


def _length(call: PhoneCall) -> str:
    if call.seconds is None:
        return gettext("still on the line")
    seconds = ngettext("%(seconds)s second", "%(seconds)s seconds", call.seconds)
    return joined(seconds % {"seconds": call.seconds}, call.get_end_display())
