"""Make proofs of the payer's will, for tests about something else (R30)."""

from datetime import datetime, timedelta

from django.utils import timezone

from groups.models import Contract, Membership
from groups.proof import PaperWithSecondPerson, PayerSession
from klikon.desk.models import Draft, DraftState, Paper, Scan, ScanCode
from klikon.papers.typeset import new_seal
from superfamilja.accounts.roles import STORE_CLERK, STORE_MANAGER
from superfamilja.customers.models import OneTimeCode
from tests.signing_in import shop, staff_member


def typed_code(msisdn: str, at: datetime, purpose: str = "sign_in", about: str = "") -> int:
    """Return the id of a code that this number (E.164) has just typed."""
    code = OneTimeCode.objects.create(
        msisdn=msisdn,
        purpose=purpose,
        about=about,
        digest="0" * 64,
        made_at=at,
        expires_at=at + timedelta(minutes=10),
        used_at=at,
        is_sent=True,
        known_browser=True,
        address="0" * 64,
    )
    return code.pk


def naming_word(member: Membership, at: datetime) -> PayerSession:
    """Return the payer with a typed code that was sent for naming this member."""
    number = Contract.objects.get(groups=member.group_id).contact_msisdn
    return PayerSession(code=typed_code(number, at, "name_leader", f"member {member.pk}"))


def payers_word(contract: Contract, at: datetime) -> PayerSession:
    """Return the payer, who typed the sign-in's code a moment ago."""
    number = Contract.objects.get(pk=contract.pk).contact_msisdn
    return PayerSession(code=typed_code(number, at))


def seen_paper(contract: Contract, act: str) -> PaperWithSecondPerson:
    """Return a signed, scanned paper of this act that waits for a manager; and the manager."""
    now, store = timezone.now(), shop()
    clerk = staff_member(STORE_CLERK, shops=[store])
    draft = Draft.objects.create(
        store=store,
        contract=contract,
        act=act,
        is_checked=True,
        state=DraftState.WAITING,
        opened_by=clerk,
        opened_at=now,
        changed_by=clerk,
        changed_at=now,
        sent_by=clerk,
        sent_at=now,
    )
    paper = Paper.objects.create(
        draft=draft,
        reference=f"K-{900_000 + draft.pk}",
        content=b"%PDF",
        sha256="0" * 64,
        parts=[],
        made_at=now,
        made_by=clerk,
        seal=new_seal(),
    )
    Scan.objects.create(
        paper=paper, sha256="0" * 64, scanned_at=now, scanned_by=clerk, code=ScanCode.OWN
    )
    manager = staff_member(STORE_MANAGER, shops=[store])
    return PaperWithSecondPerson(paper=paper.reference, second=manager)
