"""Take over a stranger's contract as a clerk, step by step, and see where it stops (R30, R31).

The last class shows that the honest ways still work.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups import contact, contact_hold
from groups.models import ContactHold, Contract, Group
from groups.proof import ProofMissing, RecordedCall
from klikon.desk.models import Letter
from klikon.leader import phone_pin
from klikon.models import Declaration, LeaderAssignment
from klikon.payer import asking, limits
from superfamilja.accounts.roles import CARE_AGENT
from superfamilja.audit.models import Act
from superfamilja.messages.models import OutgoingMessage
from tests.desk.counter import Counter
from tests.portal.families import code_sent_to, signed_in
from tests.proofs import payers_word
from tests.signing_in import sign_in, staff_member

pytestmark = pytest.mark.django_db
ACCOMPLICE = "+355692222222"
HELD = "The contact mobile was changed without a code to the old number."


def contact_of(group: Group) -> str:
    return Contract.objects.get(pk=group.contract_id).contact_msisdn


def take_over(clerk: Counter, manager: Counter, group: Group) -> Contract:
    """Let a scan mislead a manager, so that the accomplice's number becomes the contact mobile."""
    draft = clerk.printed("change_contact", group.contract, msisdn="069 222 2222")
    clerk.scanned(draft)
    clerk.go_by("send_for_approval", draft.pk)
    manager.go_by("approve_draft", draft.pk)
    return Contract.objects.get(pk=group.contract_id)


def dispute(contract: Contract, at: datetime) -> None:
    """Tell care on a recorded call that the Fixed Leader did not ask for the change."""
    agent = staff_member(CARE_AGENT)
    contact.dispute_contact(
        contract=contract,
        proof=RecordedCall(call="C-2026-118"),
        at=at,
        actor=agent,
        reason="called",
    )


def confirm_page(client: Client, name: str, pk: int, **typed: object) -> str:
    page = client.post(reverse(name, args=[pk]), {"step": "confirm", **typed}, follow=True)
    return str(page.content.decode())


def sms_times(number: str, template: str) -> list[datetime]:
    sms = OutgoingMessage.objects.filter(recipient=number, template=template, state="queued")
    return list(sms.order_by("due_at").values_list("due_at", flat=True))


class TestTheClerkAlone:
    def test_a_signature_changes_no_contact(self, clerk: Counter, group: Group) -> None:
        before = group.contract.contact_msisdn
        page = clerk.serve("change_contact", group.contract, msisdn="069 222 2222")
        assert "The signature alone is not enough" in page
        assert contact_of(group) == before

    def test_the_code_goes_to_the_old_number_and_is_for_this_paper(
        self, clerk: Counter, group: Group
    ) -> None:
        draft = clerk.printed("change_contact", group.contract, msisdn="069 222 2222")
        code = clerk.read_out(draft)
        sms = OutgoingMessage.objects.get(template="code_for_paper")
        assert sms.recipient == group.contract.contact_msisdn
        assert sms.parameters["asked"].endswith("***222")
        clerk.filled(draft, msisdn="069 333 3333")
        clerk.sign(draft)
        clerk.go_by("confirm_draft", draft.pk, code=code)
        assert contact_of(group) == group.contract.contact_msisdn

    def test_without_a_scan_it_goes_to_no_manager(self, clerk: Counter, group: Group) -> None:
        draft = clerk.printed("change_contact", group.contract, msisdn="069 222 2222")
        assert "Scan the signed paper first" in clerk.post("send_for_approval", draft.pk)

    def test_a_manager_who_served_it_is_no_second_person(
        self, manager: Counter, group: Group
    ) -> None:
        draft = manager.printed("change_contact", group.contract, msisdn="069 222 2222")
        manager.scanned(draft)
        manager.go_by("send_for_approval", draft.pk)
        manager.go_by("approve_draft", draft.pk)
        assert contact_of(group) == group.contract.contact_msisdn

    @pytest.mark.parametrize("act", ["unfreeze_leader", "lift_limit", "ask_no_more"])
    def test_a_signature_loosens_nothing(
        self, clerk: Counter, leader: LeaderAssignment, act: str
    ) -> None:
        group, now = leader.group, timezone.now()
        clerk.served("freeze_leader", group.contract)
        limits.set_limit(group=group, limit_lek=500, at=now)
        asking.set_ask_above(group=group, above_lek=0, at=now)
        page = clerk.serve(act, group.contract, whom="")
        assert "The signature alone is not enough" in page
        assert leader.freezes.filter(ended_at=None).exists()
        assert limits.limit_of(group, None) is not None
        assert asking.ask_above_of(group) is not None

    def test_a_signature_lowers_and_a_code_raises(
        self, clerk: Counter, leader: LeaderAssignment
    ) -> None:
        group = leader.group
        now = lambda: getattr(limits.limit_of(group, None), "limit_lek", None)  # noqa: E731
        clerk.served("set_limit", group.contract, whom="", limit_lek="2.000")
        clerk.served("set_limit", group.contract, whom="", limit_lek="500")
        assert now() == 500
        raising = clerk.serve("set_limit", group.contract, whom="", limit_lek="3.000")
        assert ("The signature alone is not enough" in raising, now()) == (True, 500)
        draft = clerk.begin("set_limit", group.contract)
        clerk.go_by("confirm_draft", draft.pk, code=clerk.read_out(draft))
        assert now() == 3000
        assert len(sms_times(group.contract.contact_msisdn, "loosened")) == 1


class TestTheAccomplice:
    def test_the_old_number_is_told_at_once_and_on_the_two_days_after(
        self, clerk: Counter, manager: Counter, group: Group
    ) -> None:
        old, before = group.contract.contact_msisdn, timezone.now()
        take_over(clerk, manager, group)
        assert len(sms_times(old, "contact_changed")) == 1
        days = [
            round((due - before) / timedelta(days=1)) for due in sms_times(old, "contact_warned")
        ]
        assert days == [1, 2]

    def test_the_accomplice_sees_stops_and_lowers(
        self, clerk: Counter, manager: Counter, leader: LeaderAssignment
    ) -> None:
        contract = take_over(clerk, manager, leader.group)
        client = signed_in(ACCOMPLICE)
        assert client.get(reverse("payer", args=[contract.pk])).status_code == 200
        confirm_page(client, "payer_sets_limit", contract.pk, whom="", limit_lek="0")
        confirm_page(client, "payer_stops", contract.pk)
        assert leader.freezes.filter(ended_at=None).exists()

    def test_the_accomplice_names_nobody(
        self, clerk: Counter, manager: Counter, group: Group
    ) -> None:
        contract = take_over(clerk, manager, group)
        page = signed_in(ACCOMPLICE).post(
            reverse("choose_leader", args=[contract.pk]),
            {"member": group.memberships.get(seat=2).pk, "step": "check"},
        )
        assert HELD in page.content.decode()
        assert not OutgoingMessage.objects.filter(template="code_for_leader").exists()

    def test_the_accomplice_proves_no_next_number(
        self, clerk: Counter, manager: Counter, group: Group
    ) -> None:
        contract = take_over(clerk, manager, group)
        page = signed_in(ACCOMPLICE).post(
            reverse("payer_changes_contact", args=[contract.pk]),
            {"number": "069 333 3333", "step": "check"},
        )
        assert HELD in page.content.decode()

    def test_after_73_hours_a_declaration_is_told_to_the_old_number_and_by_letter(
        self, clerk: Counter, manager: Counter, group: Group
    ) -> None:
        old = group.contract.contact_msisdn
        contract = take_over(clerk, manager, group)
        with time_machine.travel(timezone.now() + timedelta(hours=73)):
            client, member = signed_in(ACCOMPLICE), group.memberships.get(seat=2)
            path = reverse("choose_leader", args=[contract.pk])
            client.post(path, {"member": member.pk, "step": "check"})
            client.post(path, {"code": code_sent_to(ACCOMPLICE), "step": "confirm"})
        declaration = Declaration.objects.get()
        assert declaration.by_letter
        assert len(sms_times(old, "leader_after_change")) == 1
        assert Letter.objects.get().declaration == declaration

    def test_after_31_days_only_the_contact_mobile_is_told(
        self, clerk: Counter, manager: Counter, group: Group
    ) -> None:
        take_over(clerk, manager, group)
        with time_machine.travel(timezone.now() + timedelta(days=31)):
            Counter().declare(Contract.objects.get(), group.memberships.get(seat=2).pk)
        assert sms_times(group.contract.contact_msisdn, "leader_after_change") == []
        assert not Letter.objects.exists()


class TestTheOwnerHearsOfIt:
    def test_by_phone_it_stops_for_longer_than_three_days(
        self, clerk: Counter, manager: Counter, leader: LeaderAssignment
    ) -> None:
        contract = take_over(clerk, manager, leader.group)
        agent = sign_in(Client(), staff_member(CARE_AGENT))
        page = agent.post(
            reverse("dispute_contact", args=[contract.pk]),
            {"call": "C-2026-118", "reason": "called from the old number", "step": "confirm"},
            follow=True,
        )
        assert page.status_code == 200
        assert leader.freezes.filter(ended_at=None).exists()
        with time_machine.travel(timezone.now() + timedelta(hours=100)):
            page_now = confirm_page(signed_in(ACCOMPLICE), "payer_allows", contract.pk)
        assert "Somebody said that the Fixed Leader did not change" in page_now
        assert leader.freezes.filter(ended_at=None).exists()

    def test_with_the_old_phone_the_payer_is_back_at_once(
        self, clerk: Counter, manager: Counter, group: Group
    ) -> None:
        old = group.contract.contact_msisdn
        contract = take_over(clerk, manager, group)
        back = "0" + old.removeprefix("+355")
        clerk.prove("change_contact", contract, msisdn=back)
        assert contact_of(group) == old
        assert contact_hold.standing(contract, timezone.now()) is None
        assert sms_times(old, "contact_warned") == []
        assert contact_hold.proven_number(Contract.objects.get(), timezone.now()) == old

    def test_the_first_change_can_be_disputed_after_a_further_change_by_codes(
        self, clerk: Counter, manager: Counter, group: Group
    ) -> None:
        contract = take_over(clerk, manager, group)
        later = timezone.now() + timedelta(hours=73)
        contact.change_contact(
            contract=contract,
            msisdn="+355693333333",
            proof=payers_word(contract, later),
            evidence="codes",
            at=later,
        )
        dispute(contract, later + timedelta(days=1))
        assert ContactHold.objects.get().disputed_at is not None

    def test_long_after_the_change_the_old_phone_alone_takes_nothing_back(
        self, clerk: Counter, manager: Counter, group: Group
    ) -> None:
        """The phone may be stolen, and the payer may have made the change."""
        contract = take_over(clerk, manager, group)
        dispute(contract, timezone.now() + timedelta(hours=73))
        clerk.prove("change_contact", contract, msisdn="069 444 4444")
        assert contact_of(group) == ACCOMPLICE

    def test_without_the_old_phone_a_signature_stops_it(
        self, clerk: Counter, manager: Counter, leader: LeaderAssignment
    ) -> None:
        contract = take_over(clerk, manager, leader.group)
        clerk.served("dispute_contact", contract)
        assert ContactHold.objects.get().disputed_at is not None
        assert leader.freezes.filter(ended_at=None).exists()

    def test_a_dispute_that_was_wrong_is_settled_by_a_second_person(
        self, clerk: Counter, manager: Counter, group: Group
    ) -> None:
        contract = take_over(clerk, manager, group)
        clerk.served("dispute_contact", contract)
        take_over(clerk, manager, Group.objects.get(pk=group.pk))
        first, second = ContactHold.objects.order_by("pk")
        assert (first.ended_at is None, second.disputed_at, second.ended_at) == (False, None, None)


def test_a_member_who_leaves_and_comes_back_keeps_the_limit_that_the_payer_set(
    clerk: Counter, group: Group
) -> None:
    """R30: otherwise two signatures would lift the limit."""
    member = group.memberships.get(seat=2)
    limits.set_limit(group=group, member=member, limit_lek=500, at=timezone.now())
    clerk.served("remove_member", group.contract, member=member.pk)
    number = "0" + member.msisdn.removeprefix("+355")
    clerk.served("add_member", group.contract, msisdn=number, name=member.name, plan=member.plan)
    again = group.memberships.get(msisdn=member.msisdn, left_on=None)
    assert again.pk != member.pk
    kept = limits.limit_of(group, again)
    assert kept is not None
    assert kept.limit_lek == 500


class TestWhatThePayerSetStays:
    """R30: otherwise two signatures, for closing and for opening, would lift it."""

    def closed_and_opened(self, clerk: Counter, group: Group) -> Group:
        clerk.served("close_group", group.contract)
        clerk.served("open_group", group.contract)
        return Group.objects.get(contract=group.contract_id, closed_on=None)

    def test_a_group_that_is_closed_and_opened_again_keeps_limit_and_question(
        self, clerk: Counter, group: Group
    ) -> None:
        limits.set_limit(group=group, limit_lek=1500, at=timezone.now())
        asking.set_ask_above(group=group, above_lek=600, at=timezone.now())
        anew = self.closed_and_opened(clerk, group)
        limit, asked = limits.limit_of(anew, None), asking.ask_above_of(anew)
        assert limit is not None
        assert asked is not None
        assert (limit.limit_lek, asked.above_lek) == (1500, 600)
        kept = Act.objects.filter(verb__startswith="keep_").order_by("pk")
        assert [(act.verb, act.details, act.actor_name) for act in kept] == [
            ("keep_limit", {"group": anew.pk, "limit_lek": 1500}, "Arta Prova"),
            ("keep_ask_above", {"group": anew.pk, "above_lek": 600}, "Arta Prova"),
        ]

    def test_a_member_who_joins_the_new_group_keeps_the_limit(
        self, clerk: Counter, group: Group
    ) -> None:
        member = group.memberships.get(seat=2)
        limits.set_limit(group=group, member=member, limit_lek=500, at=timezone.now())
        anew = self.closed_and_opened(clerk, group)
        number = "0" + member.msisdn.removeprefix("+355")
        typed = {"msisdn": number, "name": member.name, "plan": member.plan}
        clerk.served("add_member", group.contract, **typed)
        kept = limits.limit_of(anew, anew.memberships.get(msisdn=member.msisdn))
        assert kept is not None
        assert kept.limit_lek == 500

    def test_what_the_payer_lifted_with_a_proof_stays_lifted(
        self, clerk: Counter, group: Group
    ) -> None:
        now = timezone.now()
        word = payers_word(group.contract, now)
        limits.set_limit(group=group, limit_lek=1500, at=now)
        limits.lift_limit(group=group, proof=word, at=now)
        asking.set_ask_above(group=group, above_lek=600, at=now)
        asking.lift_ask_above(group=group, proof=word, at=now)
        anew = self.closed_and_opened(clerk, group)
        assert (limits.limit_of(anew, None), asking.ask_above_of(anew)) == (None, None)

    def test_raising_what_was_kept_takes_a_proof(self, clerk: Counter, group: Group) -> None:
        limits.set_limit(group=group, limit_lek=1500, at=timezone.now())
        anew = self.closed_and_opened(clerk, group)
        with pytest.raises(ProofMissing):
            limits.set_limit(group=anew, limit_lek=6500, at=timezone.now())

    def test_control_with_nobody_keeping_it_two_signatures_lift_it(
        self, clerk: Counter, group: Group, settings: Any
    ) -> None:
        # takes the same arguments and keeps nothing
        settings.PAYERS_WILL_PROVIDER = "builtins.dict"
        limits.set_limit(group=group, limit_lek=1500, at=timezone.now())
        asking.set_ask_above(group=group, above_lek=600, at=timezone.now())
        anew = self.closed_and_opened(clerk, group)
        assert (limits.limit_of(anew, None), asking.ask_above_of(anew)) == (None, None)


class TestTheHonestWays:
    def test_with_the_old_phone_the_new_number_is_whole_at_once(
        self, clerk: Counter, leader: LeaderAssignment
    ) -> None:
        contract = leader.group.contract
        page = clerk.prove("change_contact", contract, msisdn="069 222 2222")
        assert "The contact mobile is changed." in page
        assert not ContactHold.objects.exists()
        client = signed_in(ACCOMPLICE)
        confirm_page(client, "payer_stops", contract.pk)
        confirm_page(client, "payer_allows", contract.pk)
        assert not leader.freezes.filter(ended_at=None).exists()

    @pytest.mark.parametrize("act", ["change_contact", "name_leader"])
    def test_with_the_phone_it_takes_four_posts(
        self, clerk: Counter, group: Group, monkeypatch: pytest.MonkeyPatch, act: str
    ) -> None:
        """Begin, check, print and send the code, confirm: as many as a signature alone takes."""
        sent: list[str] = []
        post = clerk.client.post
        monkeypatch.setattr(
            clerk.client, "post", lambda path, *a, **k: (sent.append(path), post(path, *a, **k))[1]
        )
        typed = {"msisdn": "069 222 2222", "member": group.memberships.get(seat=2).pk}
        assert " in force" in clerk.prove(act, group.contract, **typed) or act != "name_leader"
        assert len(sent) == 4
        changed = contact_of(group) == ACCOMPLICE
        assert changed == (act == "change_contact")

    def test_a_pin_is_set_by_the_payer_and_told(self, leader: LeaderAssignment) -> None:
        contract = leader.group.contract
        client = signed_in(contract.contact_msisdn)
        confirm_page(client, "payer_sets_pin", contract.pk, pin="739158", again="739158")
        assert phone_pin.current(leader) is not None
        assert len(sms_times(contract.contact_msisdn, "loosened")) == 1
