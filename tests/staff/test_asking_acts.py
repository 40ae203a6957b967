"""Staff's acts on “ask me first” and on a locked phone channel, at the payer's word (R28)."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.models import Group
from klikon.activation.activate import activate
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.leader import phone_pin
from klikon.models import AskAbove, Channel, LeaderAssignment, WaitingRequest
from klikon.payer import asking
from superfamilja.accounts.roles import AUDITOR, CARE_AGENT
from superfamilja.audit.models import Act
from tests.proofs import payers_word
from tests.staff.acts import contract_page, post
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db


def test_r28_it_is_set_with_the_amount_as_people_write_it(group: Group) -> None:
    assert "1.000 Lekë" in post("set_ask_above", group.pk, step="check", above_lek="1.000")
    assert not AskAbove.objects.exists()
    page = post("set_ask_above", group.pk, above_lek="1.000")
    assert AskAbove.objects.get().above_lek == 1000
    assert "is asked before anything above" in page
    assert Act.objects.get(verb="set_ask_above").reason == "came with her card"


def test_r28_zero_is_said_in_words(group: Group) -> None:
    assert "is asked before every activation" in post("set_ask_above", group.pk, above_lek="0")


def test_r28_an_amount_that_nothing_reaches_is_refused_and_stays_typed(group: Group) -> None:
    page = post("set_ask_above", group.pk, above_lek="6500")
    assert "the monthly cap is 6.500 Lekë" in page
    assert 'value="6500"' in page


def test_r30_by_phone_the_amount_only_becomes_lower(group: Group) -> None:
    asking.set_ask_above(group=group, above_lek=600, at=timezone.now())
    page = post("set_ask_above", group.pk, above_lek="800")
    assert "A signature or a recorded call alone only stops or lowers." in page
    assert 'value="800"' in page
    post("set_ask_above", group.pk, above_lek="500")
    assert AskAbove.objects.get(ended_at=None).above_lek == 500


@pytest.mark.parametrize("role", [AUDITOR])
def test_r28_who_serves_nobody_sets_it(group: Group, role: str) -> None:
    assert signed_in(role).get(reverse("set_ask_above", args=[group.pk])).status_code == 403


def test_r28_who_waits_and_until_when_is_on_the_contract_page(leader: LeaderAssignment) -> None:
    asking.set_ask_above(group=leader.group, above_lek=600, at=timezone.now())
    answer = activate(
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package="S1000",
        at=timezone.now(),
        channel=Channel.IVR,
        client="test",
        key="1",
    )
    assert isinstance(answer, WaitingForTheFixedLeader)
    row = WaitingRequest.objects.get()
    until = timezone.localtime(row.expires_at)
    page = contract_page(leader.group)
    assert "Waiting for the Fixed Leader" in page
    assert f"until {until:%d.%m.%Y}" in page
    asking.decline(waiting=row, at=timezone.now())
    assert "Waiting for the Fixed Leader" not in contract_page(leader.group)


class TestActivatingOnBehalf:
    def data(self, group: Group, step: str) -> dict[str, Any]:
        member = group.memberships.get(seat=2)
        return {
            "package": "S1000",
            "member": member.pk,
            "key": "k" * 32,
            "step": step,
            "reason": "called 130",
            "call": "C-2026-118",
        }

    def send(self, group: Group, step: str) -> str:
        asking.set_ask_above(group=group, above_lek=600, at=timezone.now())
        client = signed_in(CARE_AGENT)
        address = reverse("activate_on_behalf", args=[group.pk])
        for _ in range(2):
            answer = client.post(address, self.data(group, step), follow=True)
        return str(answer.content.decode())

    def test_r28_the_check_page_says_that_it_waits(self, group: Group) -> None:
        page = self.send(group, "check")
        assert "Tell the caller: this waits for the Fixed Leader." in page
        assert "Yes, ask the Fixed Leader: Super 1000" in page

    def test_r21_r28_a_double_click_is_one_request_and_leads_to_the_contract(
        self, group: Group
    ) -> None:
        page = self.send(group, "confirm")
        assert "Super 1000 waits for the Fixed Leader, until" in page
        assert "This was not done." not in page
        assert WaitingRequest.objects.count() == 1


class TestALockedPhone:
    @pytest.fixture
    def locked(self, leader: LeaderAssignment) -> LeaderAssignment:
        phone_pin.set_pin(
            proof=payers_word(leader.group.contract, timezone.now()),
            leader=leader,
            pin="8305",
            at=timezone.now(),
        )
        for _ in range(3):
            with pytest.raises(phone_pin.Refusal):
                phone_pin.check(leader=leader, pin="4711", at=timezone.now())
        return leader

    def test_the_contract_page_says_so(self, locked: LeaderAssignment) -> None:
        assert "The phone channel is locked." in contract_page(locked.group, AUDITOR)
