"""R30, R31: try each loosening act with each proof, and what invalidates a proof."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from groups import contact, contact_hold
from groups.models import ContactHoldCause, Group
from groups.proof import (
    PaperAlone,
    PaperWithCode,
    PaperWithSecondPerson,
    PayerSession,
    Proof,
    RecordedCall,
)
from klikon.activation.activate import activate
from klikon.leader import freezes, leadership, phone_pin
from klikon.models import Channel, DeclarationChannel, LeaderAssignment, WaitingRequest
from klikon.payer import asking, limits
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import STORE_MANAGER
from superfamilja.audit.models import Act
from superfamilja.refusal import Refusal
from tests.desk.counter import Counter
from tests.factories import family_with_leader
from tests.proofs import payers_word, seen_paper, typed_code

pytestmark = pytest.mark.django_db
NEW, NEXT = "+355692222222", "+355693333333"
ACTS = (
    "name_leader",
    "unfreeze_leader",
    "set_limit",
    "lift_limit",
    "ask_first",
    "ask_no_more",
    "set_pin",
    "unlock_phone",
    "change_contact",
)
DESK = tuple(act for act in ACTS if act != "set_pin")  # a PIN is never typed at a desk


@pytest.fixture(autouse=True)
def _folder(settings: pytest.FixtureRequest, tmp_path: object) -> None:
    settings.UPLOADS_DIR = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def leader() -> LeaderAssignment:
    return tight()


def tight() -> LeaderAssignment:
    """Make a family in which everything is tight: stopped, limited, locked."""
    group, leader = family_with_leader()
    now = timezone.now()
    limits.set_limit(group=group, limit_lek=500, at=now)
    asking.set_ask_above(group=group, above_lek=0, at=now)
    phone_pin.set_pin(leader=leader, pin="8305", proof=payers_word(group.contract, now), at=now)
    for _ in range(3):
        with pytest.raises(Refusal):
            phone_pin.check(leader=leader, pin="9999", at=now)
    freezes.freeze(assignment=leader, at=now)
    return leader


def _act(name: str, leader: LeaderAssignment, proof: Proof | None) -> object:
    group, at = leader.group, timezone.now()
    said = {"proof": proof, "at": at}
    acts: dict[str, Callable[[], object]] = {
        "name_leader": lambda: leadership.assign(
            member=group.memberships.get(seat=2),
            channel=DeclarationChannel.STORE,
            signatory_name="Drita Dardha",
            evidence="paper",
            **said,
        ),
        "unfreeze_leader": lambda: freezes.unfreeze(assignment=leader, **said),
        "set_limit": lambda: limits.set_limit(group=group, limit_lek=3000, **said),
        "lift_limit": lambda: limits.lift_limit(group=group, **said),
        "ask_first": lambda: asking.set_ask_above(group=group, above_lek=600, **said),
        "ask_no_more": lambda: asking.lift_ask_above(group=group, **said),
        "set_pin": lambda: phone_pin.set_pin(leader=leader, pin="739158", **said),
        "unlock_phone": lambda: phone_pin.unlock(leader=leader, **said),
        "change_contact": lambda: contact.change_contact(
            contract=group.contract, msisdn=NEXT, evidence="paper", **said
        ),
    }
    return acts[name]()


def code_of(name: str, leader: LeaderAssignment, proof: Proof | None) -> str:
    """Return "done", or the code of the refusal."""
    try:
        _act(name, leader, proof)
    except Refusal as refusal:
        return refusal.code
    return "done"


def typed_for(act: str, group: Group) -> dict[str, object]:
    """Return what the clerk types into a request of this act."""
    typed: dict[str, dict[str, object]] = {
        "name_leader": {"member": group.memberships.get(seat=2).pk},
        "set_limit": {"limit_lek": 3000},
        "ask_first": {"above_lek": 600},
        "change_contact": {"msisdn": "069 222 2222"},
    }
    return typed.get(act, {})


def printed(act: str, group: Group) -> str:
    """Print a paper of this act; return its reference."""
    draft = Counter().printed(act, group.contract, **typed_for(act, group))
    return draft.papers.get(voided_at=None).reference


def scanned(act: str, group: Group) -> PaperWithSecondPerson:
    """Print, scan and send a paper of this act; return it with the manager."""
    clerk = Counter()
    draft = clerk.printed(act, group.contract, **typed_for(act, group))
    clerk.scanned(draft)
    clerk.go_by("send_for_approval", draft.pk)
    draft.refresh_from_db()
    assert draft.state == "waiting"
    paper = draft.papers.get(voided_at=None)
    return PaperWithSecondPerson(paper=paper.reference, second=Counter(STORE_MANAGER).user)


def with_code(act: str, group: Group) -> PaperWithCode:
    paper = printed(act, group)
    code = typed_code(
        group.contract.contact_msisdn, timezone.now(), "declare_in_a_shop", about=paper
    )
    return PaperWithCode(paper=paper, code=code)


class TestActByProof:
    @pytest.mark.parametrize("act", ACTS)
    @pytest.mark.parametrize(
        ("proof", "code"),
        [
            (None, "proof_missing"),
            (RecordedCall(call="C-2026-118"), "only_tightens"),
            (PaperAlone(paper="K-1"), "only_tightens"),
            (PayerSession(code=0), "code_not_fresh"),
            (PaperWithCode(paper="K-999999", code=1), "proof_of_another"),
        ],
    )
    def test_is_refused(
        self, leader: LeaderAssignment, act: str, proof: Proof | None, code: str
    ) -> None:
        recorded = Act.objects.count()
        assert code_of(act, leader, proof) == code
        assert Act.objects.count() == recorded

    @pytest.mark.parametrize("act", ACTS)
    def test_the_payers_session_suffices(self, leader: LeaderAssignment, act: str) -> None:
        proof = payers_word(leader.group.contract, timezone.now())
        assert code_of(act, leader, proof) == "done"
        assert Act.objects.latest("pk").details["proof"] == "payer_session"

    @pytest.mark.parametrize("act", DESK)
    def test_a_paper_with_its_code_suffices(self, leader: LeaderAssignment, act: str) -> None:
        assert code_of(act, leader, with_code(act, leader.group)) == "done"

    @pytest.mark.parametrize("act", DESK)
    def test_a_paper_with_its_scan_and_a_second_person_suffices(
        self, leader: LeaderAssignment, act: str
    ) -> None:
        assert code_of(act, leader, scanned(act, leader.group)) == "done"


@pytest.mark.parametrize("act", ["name_leader", "unfreeze_leader", "set_limit", "lift_limit"])
class TestWhoMayNameAllowAndRaise:
    def test_not_with_a_session_that_is_eleven_minutes_old(
        self, leader: LeaderAssignment, act: str
    ) -> None:
        old = payers_word(leader.group.contract, timezone.now() - timedelta(minutes=11))
        assert code_of(act, leader, old) == "code_not_fresh"

    def test_not_with_a_code_that_was_read_out_eleven_minutes_ago(
        self, leader: LeaderAssignment, act: str
    ) -> None:
        paper, then = printed(act, leader.group), timezone.now() - timedelta(minutes=11)
        number = leader.group.contract.contact_msisdn
        code = typed_code(number, then, "declare_in_a_shop", about=paper)
        proof = PaperWithCode(paper=paper, code=code)
        assert code_of(act, leader, proof) == "proof_of_another"

    def test_not_with_the_session_of_another_payer(
        self, leader: LeaderAssignment, act: str
    ) -> None:
        other = payers_word(tight().group.contract, timezone.now())
        assert code_of(act, leader, other) == "code_not_fresh"

    def test_not_with_the_paper_of_another_group(self, leader: LeaderAssignment, act: str) -> None:
        assert code_of(act, leader, with_code(act, tight().group)) == "proof_of_another"

    def test_not_with_another_groups_paper_and_a_second_person(
        self, leader: LeaderAssignment, act: str
    ) -> None:
        assert code_of(act, leader, scanned(act, tight().group)) == "proof_of_another"

    def test_not_twice_with_one_paper(self, leader: LeaderAssignment, act: str) -> None:
        clerk, group = Counter(), leader.group
        draft = clerk.printed(act, group.contract, **typed_for(act, group))
        clerk.go_by("confirm_draft", draft.pk, code=clerk.read_out(draft))
        draft.refresh_from_db()
        assert draft.state == "done"
        used = PaperWithCode(paper=draft.papers.get().reference, code=draft.code_pk or 0)
        tightened_anew(act, leader)
        assert code_of(act, leader, used) == "proof_of_another"


def tightened_anew(act: str, leader: LeaderAssignment) -> None:
    """Tighten again what was loosened, so that it can be loosened once more."""
    now = timezone.now()
    if act == "name_leader":
        named = LeaderAssignment.objects.standing().get(group=leader.group)
        leadership.revoke(assignment=named, at=now)
    elif act == "unfreeze_leader":
        freezes.freeze(assignment=leader, at=now)
    else:
        limits.set_limit(group=leader.group, limit_lek=400, at=now)


class TestWhatIsNoProof:
    def test_a_code_of_eleven_minutes_ago(self, leader: LeaderAssignment) -> None:
        old = payers_word(leader.group.contract, timezone.now() - timedelta(minutes=11))
        assert code_of("lift_limit", leader, old) == "code_not_fresh"

    def test_a_code_of_nine_minutes_ago_still_is(self, leader: LeaderAssignment) -> None:
        young = payers_word(leader.group.contract, timezone.now() - timedelta(minutes=9))
        assert code_of("lift_limit", leader, young) == "done"

    def test_a_code_that_another_number_typed(self, leader: LeaderAssignment) -> None:
        other = PayerSession(code=typed_code(leader.member.msisdn, timezone.now()))
        assert code_of("lift_limit", leader, other) == "code_not_fresh"

    def test_a_code_that_was_read_out_to_a_clerk(self, leader: LeaderAssignment) -> None:
        number = leader.group.contract.contact_msisdn
        read_out = typed_code(number, timezone.now(), "declare_in_a_shop", about="K-1")
        assert code_of("lift_limit", leader, PayerSession(code=read_out)) == "code_not_fresh"

    def test_a_paper_of_another_act(self, leader: LeaderAssignment) -> None:
        proof = with_code("lift_limit", leader.group)
        assert code_of("change_contact", leader, proof) == "proof_of_another"

    def test_a_paper_of_another_group(self, leader: LeaderAssignment) -> None:
        other = family_with_leader()[0]
        limits.set_limit(group=other, limit_lek=500, at=timezone.now())
        proof = with_code("lift_limit", other)
        assert code_of("lift_limit", leader, proof) == "proof_of_another"

    def test_a_code_of_another_paper(self, leader: LeaderAssignment) -> None:
        first = with_code("lift_limit", leader.group)
        second = PaperWithCode(paper=printed("ask_no_more", leader.group), code=first.code)
        assert code_of("ask_no_more", leader, second) == "proof_of_another"

    def test_a_paper_that_was_used(self, leader: LeaderAssignment) -> None:
        clerk, contract = Counter(), leader.group.contract
        draft = clerk.printed("lift_limit", contract, whom="")
        clerk.go_by("confirm_draft", draft.pk, code=clerk.read_out(draft))
        draft.refresh_from_db()
        used = PaperWithCode(paper=draft.papers.get().reference, code=draft.code_pk or 0)
        limits.set_limit(group=leader.group, limit_lek=500, at=timezone.now())
        assert code_of("lift_limit", leader, used) == "proof_of_another"

    def test_a_second_person_without_a_scan(self, leader: LeaderAssignment) -> None:
        proof = PaperWithSecondPerson(
            paper=printed("lift_limit", leader.group), second=Counter(STORE_MANAGER).user
        )
        assert code_of("lift_limit", leader, proof) == "no_second_person"

    def test_a_second_person_who_may_not_approve(self, leader: LeaderAssignment) -> None:
        seen = seen_paper(leader.group.contract, "lift_limit")
        clerk: User = Counter().user
        proof = PaperWithSecondPerson(paper=seen.paper, second=clerk)
        assert code_of("lift_limit", leader, proof) == "no_second_person"

    @pytest.mark.parametrize("call", ["", "12345", "abcdefgh", "C 2026 118"])
    def test_a_call_without_an_id_does_not_even_tighten(
        self, leader: LeaderAssignment, call: str
    ) -> None:
        with pytest.raises(Refusal) as refused:
            limits.set_limit(
                group=leader.group, limit_lek=0, proof=RecordedCall(call=call), at=timezone.now()
            )
        assert refused.value.code == "call_id_missing"


class TestAHeldContact:
    def hold(self, leader: LeaderAssignment) -> Proof:
        """Let the CRM report another number, whose owner signs in."""
        contract, now = leader.group.contract, timezone.now()
        contact_hold.begin(contract, after=NEW, cause=ContactHoldCause.CRM, at=now)
        type(contract).objects.filter(pk=contract.pk).update(contact_msisdn=NEW)
        return payers_word(contract, now)

    @pytest.mark.parametrize("act", ACTS)
    def test_it_loosens_nothing(self, leader: LeaderAssignment, act: str) -> None:
        assert code_of(act, leader, self.hold(leader)) == "contact_held"

    def test_it_approves_nothing_and_declines(self, leader: LeaderAssignment) -> None:
        group = leader.group
        now = timezone.now()
        freezes.unfreeze(assignment=leader, proof=payers_word(group.contract, now), at=now)
        activate(
            leader=leader.member.msisdn,
            member=leader.member.msisdn,
            package="S700",
            at=now,
            channel=Channel.WEB,
            client="test",
            key="1",
        )
        waiting = WaitingRequest.objects.get()
        self.hold(leader)
        with pytest.raises(Refusal) as refused:
            asking.approve(waiting=waiting, at=timezone.now())
        assert refused.value.code == "contact_held"
        assert asking.decline(waiting=waiting, at=timezone.now()).outcome == "declined"

    def test_it_tightens(self, leader: LeaderAssignment) -> None:
        proof = self.hold(leader)
        own = limits.set_limit(group=leader.group, limit_lek=0, proof=proof, at=timezone.now())
        assert own.limit_lek == 0

    def test_the_number_before_still_proves_a_paper(self, leader: LeaderAssignment) -> None:
        before = leader.group.contract.contact_msisdn
        self.hold(leader)
        paper = printed("lift_limit", leader.group)
        now = timezone.now()
        old = typed_code(before, now, "declare_in_a_shop", about=paper)
        new = typed_code(NEW, now, "declare_in_a_shop", about=paper)
        assert code_of("lift_limit", leader, PaperWithCode(paper=paper, code=new)) == (
            "proof_of_another"
        )
        assert code_of("lift_limit", leader, PaperWithCode(paper=paper, code=old)) == "done"
