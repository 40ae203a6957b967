"""Register the acts of staff in this room, and what each role may do."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from superfamilja.accounts import roles
from superfamilja.accounts.roles import (
    BILLING_APPROVER,
    BILLING_REVIEWER,
    CARE_AGENT,
    CORRECTS_BILLS,
    EVERYBODY,
    IN_A_STORE,
    READS_MONEY,
)
from superfamilja.audit import verbs

ACTS = {
    "give_credit": _("Credit given"),
    "reverse_charge": _("Charge reversed"),
    "ask_question": _("Question about a charge"),
    "make_complaint": _("Question became a complaint"),
    "answer_question": _("Question answered"),
    "close_question": _("Question closed"),
    "export_month": _("Month exported for the fixed bill"),
    "export_draft": _("Draft of a month exported"),
    "close_month": _("Month closed"),
    "cancel_close": _("Close of a month cancelled"),
    "approve_month": _("Month approved"),
    "parked_recounted": _("Parked entry counted anew from its lines"),
    "propose_acceptance": _("Acceptance of a parked entry proposed"),
    "parked_accepted": _("Parked entry accepted as it stands"),
    "parked_sent_again": _("Rejected entry sent again"),
    "parked_credited": _("Rejected entry credited"),
    "take_answer": _("Answer of fixed billing taken"),
    "keep_answer": _("Answer of fixed billing kept for a person"),
    "ask_comparison": _("Comparison of the books asked for"),
    "take_discrepancy": _("Difference between the books taken"),
    "propose_discrepancy": _("Acceptance of a difference between the books proposed"),
    "accept_discrepancy": _("Difference between the books accepted as it is"),
    "recount_entry": _("Entry of an open month counted anew from its lines"),
    "park_entry": _("Entry that differs from its lines parked"),
    "look_into_answer": _("Answer of fixed billing looked into"),
}
# Permission → (place on the first page, words).
MAY = {
    "billing.view_billentry": (6, gettext_noop("read charges and what goes on the fixed bill")),
    "billing.give_credit": (7, gettext_noop("give a credit on a charge")),
    "billing.reverse_charge": (8, gettext_noop("reverse a charge")),
    "billing.take_down_question": (9, gettext_noop("take down a question about a charge")),
    "billing.answer_question": (10, gettext_noop("answer questions and complaints")),
    "billing.close_month": (11, gettext_noop("close a finished month, and cancel its close")),
    "billing.approve_month": (12, gettext_noop("approve a month that somebody else closed")),
    "billing.resolve_parked": (13, gettext_noop("find the way out for a parked entry")),
    "billing.take_answer": (17, gettext_noop("take what fixed billing answers to a file")),
    "billing.end_discrepancy": (18, gettext_noop("end differences between the books")),
    "billing.export_month": (16, gettext_noop("export a month for the fixed bill")),
}
_MONEY = (
    "billentry",
    "charge",
    "billmonth",
    "reversal",
    "credit",
    "carriedcharge",
    "parkedentry",
    "issuedfile",
    "billinganswer",
    "discrepancy",
)


def register() -> None:
    """Register the words with the audit and the permissions with the roles."""
    verbs.register(ACTS)
    roles.describe(MAY)
    roles.grant("billing.view_dispute", EVERYBODY)
    for model in _MONEY:
        roles.grant(f"billing.view_{model}", READS_MONEY)
    answers = (CARE_AGENT, BILLING_REVIEWER)
    roles.grant("billing.take_down_question", (*answers, *IN_A_STORE), ordinary=True)
    roles.grant("billing.answer_question", answers, ordinary=True)
    roles.grant("billing.give_credit", (CARE_AGENT, *CORRECTS_BILLS))
    roles.grant("billing.reverse_charge", CORRECTS_BILLS)
    roles.grant("billing.resolve_parked", CORRECTS_BILLS)
    roles.grant("billing.take_answer", CORRECTS_BILLS)
    roles.grant("billing.end_discrepancy", CORRECTS_BILLS)
    roles.grant("billing.export_month", CORRECTS_BILLS, ordinary=True)
    roles.grant("billing.close_month", (BILLING_REVIEWER,))
    roles.grant("billing.approve_month", (BILLING_APPROVER,))
