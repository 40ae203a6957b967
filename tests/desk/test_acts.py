"""Take each act of the desk through its form, check, print and signature, to its verb."""

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.models import Dispute
from groups.models import ContactChange, Contract, Group, Membership
from klikon.desk.acts import ACTS
from klikon.desk.models import Draft, Paper
from klikon.leader import freezes, phone_pin
from klikon.models import FreezeCause, LeaderAssignment, LeaderFreeze, PhonePin
from superfamilja.audit.models import Act
from superfamilja.messages.models import OutgoingMessage
from tests.desk.counter import WITH_A_PROXY, Counter
from tests.factories import (
    ContractFactory,
    GroupFactory,
    MembershipFactory,
    assign,
    charge,
    family,
)
from tests.proofs import payers_word
from tests.staff.people import opened

pytestmark = pytest.mark.django_db
NEW = "+355692222222"


def in_force(leader: LeaderAssignment) -> bool:
    return LeaderAssignment.objects.in_force().filter(pk=leader.pk).exists()


def test_a_group_is_opened_and_the_history_says_why(clerk: Counter) -> None:
    contract: Contract = ContractFactory()
    assert "The group is open." in clerk.serve("open_group", contract)
    assert contract.groups.count() == 1
    paper = Paper.objects.get()
    act = Act.objects.get(verb="open_group")
    assert act.reason == f"{paper.reference}: Drita Dardha, letërnjoftim AB123456"
    assert act.actor == clerk.user


def test_a_proxy_signs_with_his_own_name_and_his_power(clerk: Counter, group: Group) -> None:
    clerk.served("close_group", group.contract, **WITH_A_PROXY)
    assert Act.objects.get(verb="close_group").reason.endswith(
        ": Petrit Prokura, letërnjoftim AB123456; prokurë nr. 1204/3, datë 24.11.2026"
    )


def test_a_member_is_added_by_a_number_written_as_people_write_it(clerk: Counter) -> None:
    group = family(members=1)
    clerk.served(
        "add_member", group.contract, msisdn="067 888 0011", name="Ana", plan="standard_prepaid"
    )
    assert group.memberships.get(name="Ana").msisdn == "+355678880011"


def test_a_refused_member_is_explained_and_what_was_typed_stays(clerk: Counter) -> None:
    group = family(members=1)
    page = clerk.serve(
        "add_member", group.contract, msisdn="067 888 0012", name="Ana", plan="other"
    )
    assert "cannot join a group" in page
    assert Draft.objects.get().typed["msisdn"] == "067 888 0012"
    assert Draft.objects.get().state == "open"


def test_a_member_is_removed(clerk: Counter, group: Group) -> None:
    member: Membership = group.memberships.get(seat=2)
    assert "The member has left the group." in clerk.serve(
        "remove_member", group.contract, member=member.pk
    )
    assert not group.memberships.current().filter(pk=member.pk).exists()


def test_no_other_familys_member_can_be_removed(clerk: Counter, group: Group) -> None:
    stranger = family(1).memberships.get()
    page = clerk.fill(clerk.begin("remove_member", group.contract), member=stranger.pk)
    assert "This member is not in the group any more." in page
    stranger.refresh_from_db()
    assert stranger.left_on is None


def test_a_group_is_closed(clerk: Counter, group: Group) -> None:
    assert "The group is closed." in clerk.serve("close_group", group.contract)
    group.refresh_from_db()
    assert group.closed_on is not None


def test_r4_the_leader_is_revoked(clerk: Counter, leader: LeaderAssignment) -> None:
    page = clerk.serve("revoke_leader", leader.group.contract)
    assert "The Mobile Leader is revoked." in page
    leader.refresh_from_db()
    assert leader.ended_reason == "revoked by the Fixed Leader"


def test_r4_the_leader_is_stopped_and_allowed_again(
    clerk: Counter, leader: LeaderAssignment
) -> None:
    clerk.served("freeze_leader", leader.group.contract)
    assert not in_force(leader)
    clerk.prove("unfreeze_leader", leader.group.contract)
    assert in_force(leader)


def test_r26_after_the_crms_word_it_takes_the_owners_word_beside_the_paper(
    clerk: Counter, leader: LeaderAssignment
) -> None:
    freezes.number_changed(msisdn=leader.member.msisdn, cause=FreezeCause.PORTED, at=timezone.now())
    draft = clerk.begin("unfreeze_leader", leader.group.contract)
    assert "the number was ported" in clerk.fill(draft)
    clerk.sign(draft)
    assert "The signature alone is not enough" in clerk.post("confirm_draft", draft.pk)
    assert not in_force(leader)
    clerk.go_by("confirm_draft", draft.pk, code=clerk.read_out(draft))
    assert in_force(leader)
    evidence = f"{Paper.objects.get().reference}; letërnjoftim AB123456; kod me SMS te "
    assert str(LeaderFreeze.objects.get().ended_evidence).startswith(evidence)


def test_r26_without_a_phone_a_second_person_lets_him_in_again(
    clerk: Counter, manager: Counter, leader: LeaderAssignment
) -> None:
    freezes.number_changed(
        msisdn=leader.member.msisdn, cause=FreezeCause.SIM_SWAPPED, at=timezone.now()
    )
    draft = clerk.printed("unfreeze_leader", leader.group.contract)
    clerk.scanned(draft)
    clerk.go_by("send_for_approval", draft.pk)
    assert not in_force(leader)
    manager.go_by("approve_draft", draft.pk)
    assert in_force(leader)


@pytest.mark.parametrize("act", ["unfreeze_leader", "name_leader"])
def test_r26_a_code_to_the_very_number_that_changed_hands_proves_nothing(
    clerk: Counter, act: str
) -> None:
    his_own = "+355671112223"
    contract = ContractFactory(contact_msisdn=his_own)
    group = GroupFactory(contract=contract)
    first = MembershipFactory(group=group, msisdn=his_own)
    second = MembershipFactory(group=group, seat=2)
    assign(first)
    freezes.number_changed(msisdn=his_own, cause=FreezeCause.SIM_SWAPPED, at=timezone.now())
    draft = clerk.printed(act, contract, **({"member": second.pk} if act == "name_leader" else {}))
    assert "The number of the contact mobile changed hands" in clerk.post(
        "send_shop_code", draft.pk
    )
    assert not OutgoingMessage.objects.filter(template="code_for_shop").exists()


def test_r26_revoking_first_does_not_make_the_number_speak_again(clerk: Counter) -> None:
    his_own = "+355671112223"
    group = GroupFactory(contract=ContractFactory(contact_msisdn=his_own))
    assign(MembershipFactory(group=group, msisdn=his_own))
    second = MembershipFactory(group=group, seat=2)
    freezes.number_changed(msisdn=his_own, cause=FreezeCause.SIM_SWAPPED, at=timezone.now())
    clerk.served("revoke_leader", group.contract)
    draft = clerk.printed("name_leader", group.contract, member=second.pk)
    assert "The number of the contact mobile changed hands" in clerk.post(
        "send_shop_code", draft.pk
    )


def test_the_contact_mobile_is_changed_and_both_numbers_are_told(
    clerk: Counter, group: Group
) -> None:
    clerk.prove("change_contact", group.contract, msisdn="069 222 2222")
    made = ContactChange.objects.get()
    assert made.after == NEW
    assert "; letërnjoftim AB123456; kod me SMS te " in made.evidence
    assert OutgoingMessage.objects.filter(template="contact_changed").count() == 2


def test_a_forgotten_pin_is_removed_with_its_lock(clerk: Counter, leader: LeaderAssignment) -> None:
    phone_pin.set_pin(
        proof=payers_word(leader.group.contract, timezone.now()),
        leader=leader,
        pin="8305",
        at=timezone.now(),
    )
    assert "The PIN is removed." in clerk.serve("reset_pin", leader.group.contract)
    assert PhonePin.objects.filter(ended_at=None).count() == 0


def test_a_locked_phone_channel_is_unlocked(clerk: Counter, leader: LeaderAssignment) -> None:
    phone_pin.set_pin(
        proof=payers_word(leader.group.contract, timezone.now()),
        leader=leader,
        pin="8305",
        at=timezone.now(),
    )
    for _ in range(3):
        with pytest.raises(phone_pin.Refusal):
            phone_pin.check(leader=leader, pin="4711", at=timezone.now())
    assert "The phone channel is unlocked." in clerk.prove("unlock_phone", leader.group.contract)
    assert PhonePin.objects.get().locked_at is None


def test_what_is_not_locked_is_not_unlocked(clerk: Counter, leader: LeaderAssignment) -> None:
    page = clerk.fill(clerk.begin("unlock_phone", leader.group.contract))
    assert "The phone channel is not locked." in page
    assert "Print for the signature" not in page


def test_a_question_is_taken_down_in_the_payers_words(clerk: Counter, group: Group) -> None:
    posted = charge(group.contract, 500)
    clerk.served("ask_question", group.contract, charge=posted.pk, text="Kush e bleu?")
    asked = Dispute.objects.get()
    assert asked.charge == posted
    assert asked.conversation.get().text == "Kush e bleu?"
    assert asked.taken_down_by == clerk.user


def test_every_act_has_a_key_of_its_own() -> None:
    keys = [act.key for act in ACTS.values()]
    assert "".join(sorted(keys)) == "adfghklmnopruwxyz"


def test_an_act_that_cannot_be_done_is_not_begun(clerk: Counter, group: Group) -> None:
    clerk.go_by("search", text=group.contract.number)
    said = clerk.post("start_draft", group.contract_id, "revoke_leader")
    assert "This group has no Mobile Leader." in said
    assert not Draft.objects.exists()


def test_the_customers_page_offers_what_fits(clerk: Counter, group: Group) -> None:
    page = opened(clerk.client, reverse("contract", args=[group.contract_id]))
    offered = [
        name for name in ACTS if reverse("start_draft", args=[group.contract_id, name]) in page
    ]
    assert offered == [
        "name_leader",
        "add_member",
        "remove_member",
        "change_contact",
        "set_limit",
        "ask_first",
        "ask_question",
        "close_group",
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"personal_number": "J10000002A"}, "This is not the personal number of this contract"),
        ({"personal_number": "12"}, "A personal number is a letter, eight digits and a letter"),
        ({"document_number": "!"}, "Type the number of the document: letters and digits."),
        ({"who": "proxy"}, "A power of attorney needs this."),
        ({**WITH_A_PROXY, "proxy_date": "01.01.2999"}, "This day is still to come."),
        ({"who": "anybody"}, "Select a valid choice"),
    ],
)
def test_who_is_not_known_by_a_document_is_not_served(
    clerk: Counter, group: Group, typed: dict[str, str], said: str
) -> None:
    draft = clerk.begin("close_group", group.contract)
    assert said in clerk.fill(draft, **typed)
    assert "Fill in and check the request" in clerk.sign(draft)
    assert not Paper.objects.exists()


def test_an_error_and_its_help_are_tied_to_their_field(clerk: Counter, group: Group) -> None:
    page = clerk.fill(clerk.begin("add_member", group.contract), msisdn="042", name="Ana")
    assert 'aria-invalid="true" aria-describedby="id_msisdn_helptext id_msisdn_error"' in page
    assert 'id="id_msisdn_helptext"' in page
    assert 'class="errorlist" id="id_msisdn_error"' in page
