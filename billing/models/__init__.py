"""Collect the models of billing; other modules import them from here."""

from billing.models.answers import (
    AnsweredLine,
    AnswerState,
    BillingAnswer,
    LineResult,
    Settlement,
)
from billing.models.close_request import CloseRequest
from billing.models.dispute import Dispute, DisputeMessage, Recognition, Said
from billing.models.money import (
    BILL_LEK,
    BillEntry,
    CarriedCharge,
    Charge,
    ChargeQuerySet,
    ChargeState,
    Credit,
    CreditKind,
    CreditSentence,
    Reversal,
    entry_reference,
    not_reversed,
)
from billing.models.month import (
    BillMonth,
    IssuedFile,
    IssuedPart,
    MonthState,
    ParkedEntry,
    Resolution,
)
from billing.models.reconciliation import Discrepancy, DiscrepancyEnd, Reconciliation

__all__ = [
    "BILL_LEK",
    "AnswerState",
    "AnsweredLine",
    "BillEntry",
    "BillMonth",
    "BillingAnswer",
    "CarriedCharge",
    "Charge",
    "ChargeQuerySet",
    "ChargeState",
    "CloseRequest",
    "Credit",
    "CreditKind",
    "CreditSentence",
    "Discrepancy",
    "DiscrepancyEnd",
    "Dispute",
    "DisputeMessage",
    "IssuedFile",
    "IssuedPart",
    "LineResult",
    "MonthState",
    "ParkedEntry",
    "Recognition",
    "Reconciliation",
    "Resolution",
    "Reversal",
    "Said",
    "Settlement",
    "entry_reference",
    "not_reversed",
]
