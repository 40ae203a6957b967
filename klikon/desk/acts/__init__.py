"""List what can be asked for at the desk, in the order of its page."""

from groups.models import Contract
from klikon.desk.acts.base import DeskAct, Signed
from klikon.desk.acts.family import (
    AddMember,
    ChangeContact,
    CloseGroup,
    DisputeContact,
    OpenGroup,
    RemoveMember,
)
from klikon.desk.acts.leader import (
    FreezeLeader,
    NameLeader,
    ResetPin,
    RevokeLeader,
    UnfreezeLeader,
    UnlockPhone,
)
from klikon.desk.acts.payer import AskFirst, AskNoMore, LiftLimit, SetLimit
from klikon.desk.acts.question import AskQuestion

__all__ = ["ACTS", "DeskAct", "Signed", "act_of", "title_of"]

ACTS: dict[str, type[DeskAct]] = {
    act.name: act
    for act in (
        NameLeader,
        OpenGroup,
        AddMember,
        RemoveMember,
        FreezeLeader,
        UnfreezeLeader,
        RevokeLeader,
        ChangeContact,
        DisputeContact,
        SetLimit,
        LiftLimit,
        AskFirst,
        AskNoMore,
        ResetPin,
        UnlockPhone,
        AskQuestion,
        CloseGroup,
    )
}


def act_of(name: str, contract: Contract) -> DeskAct:
    """Return the act of that name on this contract. Raise KeyError for an unknown name."""
    return ACTS[name](contract)


def title_of(name: str) -> str:
    """Return «Add a member» in the current language."""
    return str(ACTS[name].title)
