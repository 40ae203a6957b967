"""Check the proof that the payer wants an act, in the verb's own transaction (R30, R31).

*Loosening* needs one of three proofs: the payer's session with a fresh code, a printed paper with
a code to the proven number, or a printed paper with its scan and a second person. A signature or a
recorded call alone only *tightens*. A provider of the room above says which papers exist.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext, gettext_noop, override

from groups import contact_hold
from groups.models import Contract, Membership
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.customers.models import CODE_LIVES, OneTimeCode
from superfamilja.refusal import Refusal
from superfamilja.values import phone

# Purposes of codes that the payer types into a page of their own. A code that they read out to a
# clerk proves one paper and never a session.
NAMING = "name_leader"
IN_A_SESSION = ("sign_in", "fresh_code", NAMING, "contact_old", "contact_new")
READ_OUT = "declare_in_a_shop"
_CALL = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9/_-]{5,39}", re.ASCII)


class ProofRefused(Refusal):
    """Base of every refusal of a proof."""

    rule = "R30"


class ProofMissing(ProofRefused):
    code = "proof_missing"
    sentence = gettext_noop(
        "This takes the Fixed Leader's own word: online with a code, or in a shop with a signed "
        "paper and a code to the contact mobile."
    )


class OnlyTightens(ProofRefused):
    code = "only_tightens"
    sentence = gettext_noop(
        "A signature or a recorded call alone only stops or lowers. The Fixed Leader does this "
        "online with a code, or in a shop with a signed paper and a code to the contact mobile."
    )


class CodeNotFresh(ProofRefused):
    code = "code_not_fresh"
    sentence = gettext_noop("So that nobody else does this for you, type the code of a new SMS.")


class ProofOfAnother(ProofRefused):
    """The code or paper belongs to another contract or act, or was used before."""

    code = "proof_of_another"
    sentence = gettext_noop(
        "This paper or code does not belong to this act, or was used before. Nothing was done: "
        "make a new paper and have it signed."
    )


class NoSecondPerson(ProofRefused):
    code = "no_second_person"
    sentence = gettext_noop(
        "A manager who has not served this request has to see the scan of the signed paper."
    )


class CallIdMissing(ProofRefused):
    code = "call_id_missing"
    sentence = gettext_noop(
        "Write the id of the recorded call: letters and digits, at least six, as the call system "
        "shows it."
    )


class ContactHeld(ProofRefused):
    """The contact mobile changed without a code to the old number less than 72 hours ago."""

    rule = "R31"
    code = "contact_held"
    sentence = gettext_noop(
        "The contact mobile was changed without a code to the old number. For three days the new "
        "one may look, stop and lower, and nothing else. Without waiting: in any shop, with your "
        "document."
    )


class ContactDisputed(ProofRefused):
    rule = "R31"
    code = "contact_disputed"
    sentence = gettext_noop(
        "Somebody said that the Fixed Leader did not change the contact mobile. First the contact "
        "mobile is proven anew, in any shop with a document."
    )


class ConfirmInAShop(Refusal):
    """A phone cannot confirm by itself that it changed hands rightfully."""

    rule = "R26"
    code = "confirm_in_a_shop"
    sentence = gettext_noop(
        "The number that you sign in with, or the Mobile Leader's, is new or changed hands. So "
        "that nobody confirms this for you, come to any shop with your document."
    )


@dataclass(frozen=True, kw_only=True)
class PayerSession:
    """The payer is signed in with the contact mobile. `code` is the last code that they typed."""

    kind: ClassVar[str] = "payer_session"
    code: int


@dataclass(frozen=True, kw_only=True)
class PaperWithCode:
    """A printed paper, and the code for this paper that the payer read out."""

    kind: ClassVar[str] = "paper_with_code"
    paper: str
    code: int


@dataclass(frozen=True, kw_only=True)
class PaperWithSecondPerson:
    """A printed paper with its own scan, checked by somebody who did not serve it."""

    kind: ClassVar[str] = "paper_with_second_person"
    paper: str
    second: User


@dataclass(frozen=True, kw_only=True)
class PaperAlone:
    """A signed paper. It is enough only to tighten."""

    kind: ClassVar[str] = "paper"
    paper: str


@dataclass(frozen=True, kw_only=True)
class RecordedCall:
    """The id of a recorded call: enough to tighten, and to activate on request (R2)."""

    kind: ClassVar[str] = "recorded_call"
    call: str


Proof = PayerSession | PaperWithCode | PaperWithSecondPerson | PaperAlone | RecordedCall


@dataclass(frozen=True, kw_only=True)
class PaperOnFile:
    """A paper as the room above knows it: its contract, its act, its scan and who served it."""

    contract_id: int
    act: str
    is_open: bool
    has_scan: bool
    served_by: frozenset[int]
    may_approve: bool = False


def require_loosening(
    proof: Proof | None,
    contract: Contract,
    *,
    acts: Collection[str],
    at: datetime,
    sent_for: str = "",
) -> Contract:
    """Lock the contract's row and return it if this proof is enough to loosen.

    `acts` are the names of the papers that may ask for it; with `sent_for` a session's code has to
    be one that was sent for the naming of that member. Called inside the verb's transaction,
    after the group's lock. Raises the refusals above.
    """
    contract = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    require_that_it_loosens(proof)
    match proof:
        case PayerSession():
            require_the_payers_number(contract, at)
            typed = _require_fresh(proof, contract, at)
            if sent_for and (typed.purpose, typed.about) != (NAMING, sent_for):
                raise ProofOfAnother
        case PaperWithCode():
            _require_read_out(proof, contract, acts, at)
        case PaperWithSecondPerson():
            _require_seen(proof, contract, acts, at)
    return contract


def require_that_it_loosens(proof: Proof | None) -> None:
    """Raise when a proof of this kind never loosens: ProofMissing, OnlyTightens."""
    match proof:
        case None:
            raise ProofMissing
        case PaperAlone() | RecordedCall():
            raise OnlyTightens


def require_suitable(proof: Proof | None, contract: Contract, *, loosens: bool) -> None:
    """Raise when a proof of this kind does not suffice, before its code or paper is looked at:
    ProofMissing, OnlyTightens, CallIdMissing, ProofOfAnother."""
    if loosens:
        require_that_it_loosens(proof)
    else:
        require_tightening(proof, contract)


def require_undisputed(contract: Contract, acts: Collection[str], at: datetime) -> None:
    """Raise ContactDisputed when no paper of these acts loosens anything now (R31).

    The contact mobile has to be proven first.
    """
    hold = contact_hold.standing(contract, at)
    if hold and hold.disputed_at and "change_contact" not in acts:
        raise ContactDisputed


def require_tightening(proof: Proof | None, contract: Contract) -> None:
    """Accept every valid proof, or none, to tighten. Raise CallIdMissing or ProofOfAnother."""
    match proof:
        case RecordedCall():
            require_recorded(proof)
        case PaperAlone() | PaperWithCode() | PaperWithSecondPerson():
            paper = _paper(proof.paper)
            if paper is None or paper.contract_id != contract.pk:
                raise ProofOfAnother


def require_recorded(call: RecordedCall | None) -> str:
    """Return the id of the recorded call. Raise CallIdMissing when there is none.

    It tightens at the Fixed Leader's word, and shows the Mobile Leader's request to staff (R2).
    """
    if call is None or not _CALL.fullmatch(call.call.strip()):
        raise CallIdMissing
    return call.call.strip()


def require_unheld(contract: Contract, at: datetime) -> None:
    """Raise ContactHeld or ContactDisputed while R31 holds the contact mobile."""
    hold = contact_hold.standing(contract, at)
    if hold is not None:
        raise ContactDisputed if hold.disputed_at else ContactHeld


def require_the_payers_number(contract: Contract, at: datetime) -> None:
    """Raise unless the contact mobile speaks for the payer now.

    Raise ContactHeld or ContactDisputed (R31), or ConfirmInAShop (R26).
    """
    require_unheld(contract, at)
    if in_doubt(contract, contract.contact_msisdn):
        raise ConfirmInAShop


def number_for_codes(contract: Contract, at: datetime) -> str | None:
    """Return the number that was proven last, because its codes speak for the payer.

    Return None when that number changed hands (R26).
    """
    number = contact_hold.proven_number(contract, at)
    return None if in_doubt(contract, number) else number


def in_doubt(contract: Contract, number: str) -> bool:
    """Return True when the number got a new SIM card or owner and is not confirmed yet (R26)."""
    return bool(import_string(settings.NUMBER_IN_DOUBT_PROVIDER)(contract, number))


def recorded(proof: Proof | None) -> dict[str, str]:
    """Return what the trail keeps of a proof: its kind, and the paper or call."""
    match proof:
        case None:
            return {}
        case RecordedCall():
            return {"proof": proof.kind, "call": proof.call.strip()}
        case PayerSession():
            return {"proof": proof.kind}
    return {"proof": proof.kind, "paper": proof.paper}


def in_words(proof: Proof | None, contract: Contract) -> str:
    """Return what a record says of a proof beside a signature, in the contract's language."""
    with override(contract.language):
        match proof:
            case PayerSession() | PaperWithCode():
                sent = OneTimeCode.objects.get(pk=proof.code)
                return gettext("code by SMS to %(number)s") % {"number": phone.masked(sent.msisdn)}
            case PaperWithSecondPerson():
                name = proof.second.shown_name
                return gettext("signed paper seen by %(name)s") % {"name": name}
    return ""


def code_about(member: Membership) -> str:
    """Return what a code that names this member is about."""
    return f"member {member.pk}"


def _require_fresh(proof: PayerSession, contract: Contract, at: datetime) -> OneTimeCode:
    fresh = timedelta(minutes=settings.FAMILY_FRESH_MINUTES)
    typed = OneTimeCode.objects.filter(
        pk=proof.code,
        msisdn=contract.contact_msisdn,
        purpose__in=IN_A_SESSION,
        used_at__gt=at - fresh,
    ).first()
    if typed is None:
        raise CodeNotFresh
    return typed


def _require_read_out(
    proof: PaperWithCode, contract: Contract, acts: Collection[str], at: datetime
) -> None:
    _require_own_paper(proof.paper, contract, acts)
    require_undisputed(contract, acts, at)
    hold = contact_hold.standing(contract, at)
    # Long after the change, the old number's phone may be stolen. Then a second person has to see
    # the paper, as for the change itself.
    if hold and hold.disputed_at and hold.disputed_at > hold.until:
        raise ContactDisputed
    number = number_for_codes(contract, at)
    read_out = OneTimeCode.objects.filter(
        pk=proof.code,
        msisdn=number or "",
        purpose=READ_OUT,
        about=proof.paper,
        used_at__gt=at - CODE_LIVES,
    )
    if not read_out.exists():
        raise ProofOfAnother


def _require_seen(
    proof: PaperWithSecondPerson, contract: Contract, acts: Collection[str], at: datetime
) -> None:
    paper = _require_own_paper(proof.paper, contract, acts, proof.second)
    require_undisputed(contract, acts, at)
    if not (paper.has_scan and paper.may_approve) or proof.second.pk in paper.served_by:
        raise NoSecondPerson
    holding.require_free(proof.second, at)  # R35


def _require_own_paper(
    reference: str, contract: Contract, acts: Collection[str], second: User | None = None
) -> PaperOnFile:
    paper = _paper(reference, second)
    if paper is None or paper.contract_id != contract.pk:
        raise ProofOfAnother
    if paper.act not in acts or not paper.is_open:
        raise ProofOfAnother
    return paper


def _paper(reference: str, second: User | None = None) -> PaperOnFile | None:
    found: PaperOnFile | None = import_string(settings.SIGNED_PAPER_PROVIDER)(reference, second)
    return found
