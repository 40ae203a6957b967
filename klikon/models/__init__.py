"""Collect the models of klikon; other modules import them from here."""

from klikon.models.asking import AskAbove, Outcome, WaitingRequest
from klikon.models.centre import (
    SUPER,
    Activation,
    Channel,
    OwnLimit,
    Package,
    Promotion,
    PromotionKind,
    RefusedActivation,
    lowest_limit_lek,
)
from klikon.models.leadership import (
    Declaration,
    DeclarationChannel,
    DeclarationPaper,
    FreezeCause,
    LeaderAssignment,
    LeaderFreeze,
    NumberChange,
)
from klikon.models.phone_pin import PhonePin

__all__ = [
    "SUPER",
    "Activation",
    "AskAbove",
    "Channel",
    "Declaration",
    "DeclarationChannel",
    "DeclarationPaper",
    "FreezeCause",
    "LeaderAssignment",
    "LeaderFreeze",
    "NumberChange",
    "Outcome",
    "OwnLimit",
    "Package",
    "PhonePin",
    "Promotion",
    "PromotionKind",
    "RefusedActivation",
    "WaitingRequest",
    "lowest_limit_lek",
]
