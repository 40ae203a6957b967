"""Show acts on a contract by staff, the payer and the system, and which staff looked."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from groups.models import Contract
from groups.opening import OPENED, WhyOpened
from klikon.customer.task_at_hand import SPOKEN
from klikon.customer.timeline.line import (
    ALL,
    LEADER,
    MONEY,
    STAFF,
    Reader,
    Source,
    TimelineLine,
    joined,
)
from superfamilja.audit.models import Act
from superfamilja.audit.verbs import spoken_verb
from superfamilja.values.random_keys import number_of

LOOKED = (OPENED, "search_personal_number", "view_draft", "view_paper", "view_scan")
# Left out here, because their facts show them with the amount.
_SAID_BY_FACTS = ("give_credit", "reverse_charge")

_FIXED_LEADER, _MOBILE_LEADER = _("the Fixed Leader"), _("the Mobile Leader")
_SYSTEM = _("the system")
# The chip of an act, and its author when no member of staff did it.
_KNOWN: dict[str, tuple[str, str | Promise]] = {
    **dict.fromkeys(
        (
            "assign_leader",
            "revoke_leader",
            "freeze_leader",
            "unfreeze_leader",
            "set_phone_pin",
            "remove_phone_pin",
            "unlock_phone",
        ),
        (LEADER, _FIXED_LEADER),
    ),
    "give_back_leadership": (LEADER, _MOBILE_LEADER),
    "number_changed": (LEADER, _("the CRM")),
    **dict.fromkeys(("lock_phone", "cancel_declaration"), (LEADER, _SYSTEM)),
    **dict.fromkeys(
        (
            "set_limit",
            "lift_limit",
            "set_ask_above",
            "lift_ask_above",
            "approve_request",
            "decline_request",
            "ask_question",
            "make_complaint",
            "close_question",
        ),
        (MONEY, _FIXED_LEADER),
    ),
    **dict.fromkeys(
        (
            "answer_question",
            "mark_order_done",
            "reverse_order",
            "ask_order_again",
            "parked_recounted",
            "propose_acceptance",
            "parked_accepted",
            "parked_sent_again",
            "parked_credited",
            "recount_entry",
            "park_entry",
            "keep_limit",
            "keep_ask_above",
        ),
        (MONEY, _SYSTEM),
    ),
    **dict.fromkeys(
        ("change_contact", "call_member", "dispute_contact", "prove_contact"),
        (STAFF, _FIXED_LEADER),
    ),
}
_OTHER = (STAFF, _SYSTEM)
_AMOUNTS = ("limit_lek", "above_lek", "amount_lek")
# What an act names by its reference, and the page of it.
_NAMED = (
    ("declaration", "admin:klikon_declaration_change", "klikon.view_declaration"),
    ("question", "question", "billing.view_dispute"),
    ("request", "admin:klikon_waitingrequest_change", "klikon.view_waitingrequest"),
)


class Acts(Source):
    at, kind, actor = "at", STAFF, "actor"

    def rows(self, contract: Contract) -> QuerySet[Act]:
        acts = Act.objects.filter(contract_number=contract.number)
        return acts.exclude(verb__in=[*_SAID_BY_FACTS, *LOOKED])

    def of_kind(self, contract: Contract, kind: str) -> QuerySet[Act] | None:
        if kind == ALL:
            return self.rows(contract)
        if kind == STAFF:
            return self.rows(contract).filter(actor__isnull=False)
        verbs = [verb for verb, (chip, _who) in _KNOWN.items() if chip == kind]
        return self.rows(contract).filter(verb__in=verbs) if verbs else None

    def line(self, row: Act, reader: Reader) -> TimelineLine:
        said, (kind, who) = row.details, _KNOWN.get(row.verb, _OTHER)
        moved = f"{said['before']} → {said['after']}" if "before" in said else ""
        address, reference = self._record(row, reader)
        return self.said(
            row,
            reader,
            kind=kind,
            what=spoken_verb(row.verb),
            whom=reader.members.get(said.get("member", 0), moved),
            amount_lek=next((said[name] for name in _AMOUNTS if name in said), None),
            who=row.actor_name if row.actor_id else str(who),
            why=row.reason,
            address=address,
            reference=reference,
        )

    def _record(self, act: Act, reader: Reader) -> tuple[str, str]:
        """Return the page of the act's subject and its reference; otherwise the act's own page."""
        for name, page, needs in _NAMED:
            if reference := act.details.get(name):
                pk = number_of(reference.partition("-")[2])
                return (reverse(page, args=[pk]) if reader.may(needs) else ""), reference
        paper: str = act.details.get("paper", "")
        if (draft := act.details.get("draft")) in reader.drafts:
            return reverse("draft", args=[draft]), paper
        return reader.record(act), paper


def _why(said: dict[str, str]) -> str:
    """Return how the customer was found; for a reason its kind. Older acts have none."""
    if (kind := said.get("why", "")) in WhyOpened.values:
        return str(WhyOpened(kind).label)
    return str(SPOKEN.get(said.get("how", ""), ""))


class Looks(Source):
    """Openings of the customer, a paper or a scan, for readers of the audit."""

    at, kind, needs = "at", STAFF, "audit.view_act"

    def rows(self, contract: Contract) -> QuerySet[Act]:
        return Act.objects.filter(contract_number=contract.number, verb__in=LOOKED)

    def line(self, row: Act, reader: Reader) -> TimelineLine:
        said = row.details
        return self.said(
            row,
            reader,
            what=spoken_verb(row.verb),
            who=row.actor_name,
            why=joined(_why(said), row.reason),
            reference=said.get("reference") or said.get("paper", ""),
        )
