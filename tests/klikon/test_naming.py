"""R3, R30: one verb uses the code up and names the Mobile Leader online: both, or neither."""

from datetime import timedelta

import pytest
from django.utils import timezone

from groups.models import Group, Membership
from groups.proof import PayerSession
from klikon.leader import leadership, naming
from klikon.leader.naming import NamingCode
from klikon.models import Declaration, DeclarationChannel, LeaderAssignment
from superfamilja.customers import codes
from superfamilja.customers.models import OneTimeCode
from superfamilja.messages.outbox import Sms
from superfamilja.refusal import Refusal
from tests.factories import family
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db


def sent(member: Membership, **also: object) -> NamingCode:
    """Return the code that was sent for this member, and its digits."""
    contract, digits = member.group.contract, []
    code = codes.send(
        msisdn=contract.contact_msisdn,
        purpose="name_leader",
        about=f"member {member.pk}",
        at=also.pop("at", timezone.now()),  # type: ignore[arg-type]
        address="127.0.0.1",
        sms=lambda typed: digits.append(typed) or _sms(contract.contact_msisdn),  # type: ignore[func-returns-value]
    )
    return NamingCode(code=code.pk, digits=digits[0], **also)  # type: ignore[arg-type]


def _sms(to: str) -> Sms:
    return Sms(
        to=to,
        template="code_for_leader",
        language="sq",
        why="name_leader",
        about="",
        contract_number="",
        parameters={"code": "1", "leader_number": to, "limit_lek": 500},
        expires_at=timezone.now() + timedelta(minutes=10),
    )


def code_of(member: Membership, proof: NamingCode) -> str:
    """Return "done", or the code of the refusal."""
    try:
        naming.name_online(member=member, proof=proof, at=timezone.now())
    except Refusal as refusal:
        return refusal.code
    return "done"


@pytest.fixture
def group() -> Group:
    return family(3)


@pytest.fixture
def member(group: Group) -> Membership:
    found: Membership = group.memberships.get(seat=2)
    return found


def test_the_right_code_names_and_is_used_up(member: Membership) -> None:
    proof = sent(member)
    assert code_of(member, proof) == "done"
    assert LeaderAssignment.objects.in_force().get().member == member
    assert OneTimeCode.objects.get(pk=proof.code).used_at is not None


def test_no_code_names_nobody(member: Membership) -> None:
    assert code_of(member, NamingCode(code=0, digits="123456")) == "code_over"
    assert not Declaration.objects.exists()


def test_a_wrong_code_names_nobody_and_counts(member: Membership) -> None:
    right = sent(member)
    wrong = NamingCode(code=right.code, digits="000000" if right.digits != "000000" else "1")
    assert [code_of(member, wrong) for _ in range(3)] == ["code_wrong", "code_wrong", "code_over"]
    assert code_of(member, right) == "code_over"
    assert not Declaration.objects.exists()


def test_a_code_of_another_group_names_nobody(member: Membership) -> None:
    other = family(1).memberships.get()
    assert code_of(member, sent(other)) == "code_over"


def test_a_code_for_another_member_names_nobody(member: Membership, group: Group) -> None:
    assert code_of(member, sent(group.memberships.get(seat=3))) == "code_wrong"


def test_a_code_names_once(member: Membership) -> None:
    proof = sent(member)
    named = naming.name_online(member=member, proof=proof, at=timezone.now())
    leadership.revoke(assignment=named, at=timezone.now())
    assert code_of(member, proof) == "code_over"
    assert not LeaderAssignment.objects.standing().exists()


def test_an_expired_code_names_nobody(member: Membership) -> None:
    assert code_of(member, sent(member, at=timezone.now() - timedelta(minutes=11))) == "code_over"


def test_a_naming_that_is_refused_leaves_the_code_as_it_was(member: Membership) -> None:
    proof = sent(member)
    Membership.objects.filter(pk=member.pk).update(
        left_on=timezone.localdate(), left_at=timezone.now()
    )
    assert code_of(member, proof) == "not_a_member"
    code = OneTimeCode.objects.get(pk=proof.code)
    assert (code.used_at, code.tries) == (None, 0)


def test_the_number_that_is_named_shows_the_bill_too(member: Membership, group: Group) -> None:
    contract = group.contract
    contract.contact_msisdn = member.msisdn
    contract.save()
    without = sent(member)
    assert code_of(member, without) == "code_wrong"
    shown = NamingCode(code=without.code, digits=without.digits, bill_number=contract.number)
    assert code_of(member, shown) == "done"


@pytest.mark.parametrize("is_for_this_member", [False, True])
def test_online_the_record_itself_takes_no_other_code(
    member: Membership, group: Group, is_for_this_member: bool
) -> None:
    """Without the verb, a fresh session names nobody, and a code names once only."""
    proof = payers_word(group.contract, timezone.now())
    if is_for_this_member:
        used = sent(member)
        named = naming.name_online(member=member, proof=used, at=timezone.now())
        leadership.revoke(assignment=named, at=timezone.now())
        proof = PayerSession(code=used.code)
    with pytest.raises(Refusal) as refused:
        leadership.assign(
            member=member,
            channel=DeclarationChannel.ONLINE,
            signatory_name="Drita Dardha",
            evidence="online",
            proof=proof,
            at=timezone.now(),
        )
    assert refused.value.code == "proof_of_another"
