"""Collect the models of billing; other modules import them from here."""

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

__all__ = [
    "BILL_LEK",
    "BillEntry",
    "BillMonth",
    "CarriedCharge",
    "Charge",
    "ChargeQuerySet",
    "ChargeState",
    "CloseRequest",
    "Credit",
    "CreditKind",
    "CreditSentence",
    "Dispute",
    "DisputeMessage",
    "IssuedFile",
    "IssuedPart",
    "MonthState",
    "ParkedEntry",
    "Recognition",
    "Resolution",
    "Reversal",
    "Said",
    "entry_reference",
    "not_reversed",
]
