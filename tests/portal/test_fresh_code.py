"""R30: loosening asks for a code when the last one is old; tightening never does."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups.models import Group
from klikon.leader import freezes, phone_pin
from klikon.models import LeaderAssignment
from klikon.payer import limits
from superfamilja.messages.models import OutgoingMessage
from tests.factories import family_with_leader
from tests.portal.families import code_sent_to, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


@pytest.fixture
def client(leader: LeaderAssignment) -> Iterator[Client]:
    """Return the payer's browser, eleven minutes after the sign-in's code."""
    client = signed_in(leader.group.contract.contact_msisdn)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        yield client


def send(client: Client, page: str, group: Group, step: str = "confirm", **typed: object) -> str:
    path = reverse(page, args=[group.contract_id])
    answer = client.post(path, {"step": step, **typed}, follow=True)
    return str(answer.content.decode())


def code_of(group: Group) -> str:
    return code_sent_to(group.contract.contact_msisdn)


def limit_of(group: Group) -> int | None:
    own = limits.limit_of(group, None)
    return own.limit_lek if own else None


def test_allowing_again_takes_a_new_code(client: Client, leader: LeaderAssignment) -> None:
    group = leader.group
    freezes.freeze(assignment=leader, at=timezone.now())
    page = send(client, "payer_allows", group)
    assert "an SMS with a code is on its way" in page
    assert leader.freezes.filter(ended_at=None).exists()
    send(client, "payer_allows", group, "fresh", fresh_code=code_of(group))
    assert not leader.freezes.filter(ended_at=None).exists()


def test_what_was_typed_is_kept_and_done_with_the_code(
    client: Client, leader: LeaderAssignment
) -> None:
    group = leader.group
    limits.set_limit(group=group, limit_lek=500, at=timezone.now())
    page = send(client, "payer_sets_limit", group, whom="", limit_lek="3.000")
    assert 'name="limit_lek" value="3.000"' in page
    assert limit_of(group) == 500
    send(
        client,
        "payer_sets_limit",
        group,
        "fresh",
        whom="",
        limit_lek="3.000",
        fresh_code=code_of(group),
    )
    assert limit_of(group) == 3000


def test_a_wrong_code_does_nothing_and_says_what_is_left(
    client: Client, leader: LeaderAssignment
) -> None:
    group = leader.group
    limits.set_limit(group=group, limit_lek=500, at=timezone.now())
    send(client, "payer_sets_limit", group, whom="", limit_lek="3.000")
    wrong = "000000" if code_of(group) != "000000" else "111111"
    page = send(
        client, "payer_sets_limit", group, "fresh", whom="", limit_lek="3.000", fresh_code=wrong
    )
    assert "Tries left: 2" in page
    assert limit_of(group) == 500


def test_one_code_serves_the_next_act_too(client: Client, leader: LeaderAssignment) -> None:
    group = leader.group
    freezes.freeze(assignment=leader, at=timezone.now())
    send(client, "payer_allows", group)
    send(client, "payer_allows", group, "fresh", fresh_code=code_of(group))
    limits.set_limit(group=group, limit_lek=500, at=timezone.now())
    send(client, "payer_sets_limit", group, whom="", limit_lek="3.000")
    assert limit_of(group) == 3000


@pytest.mark.parametrize("limit", ["500", "0"])
def test_lowering_asks_for_no_code(client: Client, leader: LeaderAssignment, limit: str) -> None:
    send(client, "payer_sets_limit", leader.group, whom="", limit_lek=limit)
    assert limit_of(leader.group) == int(limit)
    assert not OutgoingMessage.objects.filter(why="fresh_code").exists()


def test_no_page_carries_a_pin(client: Client, leader: LeaderAssignment) -> None:
    group = leader.group
    page = send(client, "payer_sets_pin", group, pin="739158", again="739158")
    assert "an SMS with a code is on its way" in page
    assert "739158" not in page
    again = send(client, "payer_sets_pin", group, "fresh", fresh_code=code_of(group))
    assert "The same PIN again" in again
    send(client, "payer_sets_pin", group, pin="739158", again="739158")
    assert phone_pin.current(leader) is not None


def test_who_has_just_signed_in_is_asked_for_nothing(leader: LeaderAssignment) -> None:
    group = leader.group
    freezes.freeze(assignment=leader, at=timezone.now())
    send(signed_in(group.contract.contact_msisdn), "payer_allows", group)
    assert not leader.freezes.filter(ended_at=None).exists()
