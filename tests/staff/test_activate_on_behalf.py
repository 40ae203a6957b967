"""The desk's activation: R2, R9, R21 as a person meets them."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from billing.models import Charge
from groups.models import Group
from klikon.models import Activation
from superfamilja.accounts.roles import CARE_AGENT
from tests.factories import (
    OwnLimitFactory,
    PromotionFactory,
    family,
    family_with_leader,
    terms_of_its_own,
)
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db


def address(group: Group) -> str:
    return reverse("activate_on_behalf", args=[group.pk])


def asked(client: Client, group: Group, package: str = "S1000", **also: str) -> dict[str, str]:
    """Return what the choose page of the second member would send, with its key."""
    member = group.memberships.get(seat=2)
    page = client.get(address(group), {"member": member.pk}).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    return {
        "member": str(member.pk),
        "package": package,
        "reason": "called 130 from his number",
        "call": "C-2026-118",
        "key": key[1],
        **also,
    }


def test_the_activation_is_the_leaders_and_the_actor_is_staff() -> None:
    group, assignment = family_with_leader()
    client = signed_in(CARE_AGENT)
    data = asked(client, group, step="confirm")
    done = client.post(address(group), data, follow=True)
    activation = Activation.objects.get()
    assert activation.reference in done.content.decode()
    assert (activation.charged_lek, activation.leader_id, activation.channel) == (
        800,
        assignment.member_id,
        "staff",
    )
    assert (activation.reason, activation.actor.shown_name) == (
        "C-2026-118: called 130 from his number",
        "Arta Prova",
    )


def test_checking_writes_nothing_and_shows_price_and_room() -> None:
    group, _ = family_with_leader()
    client = signed_in(CARE_AGENT)
    page = client.post(address(group), asked(client, group, step="check")).content.decode()
    assert "800 Lekë" in page
    assert "5.700 Lekë" in page
    assert not Activation.objects.exists()


def test_r6_at_another_price_than_the_one_that_was_shown_it_is_asked_again() -> None:
    group, _ = family_with_leader()
    client = signed_in(CARE_AGENT)
    data = asked(client, group, step="confirm", charged_lek="800")
    terms_of_its_own(group, discount_lek=50)
    page = client.post(address(group), data).content.decode()
    assert "with Klik-ON it costs 950 Lekë now, and not 800 Lekë." in page
    assert re.findall(r'name="charged_lek" value="(\d+)"', page) == ["950"]
    assert not Activation.objects.exists()


@pytest.mark.parametrize("step", ["check", "confirm"])
def test_r30_without_the_recorded_call_nothing_is_checked_or_done(step: str) -> None:
    group, _ = family_with_leader()
    client = signed_in(CARE_AGENT)
    page = client.post(address(group), asked(client, group, step=step, call="12345"))
    assert "Write the id of the recorded call" in page.content.decode()
    assert 'value="12345"' in page.content.decode()
    assert not Activation.objects.exists()


def test_r21_a_second_confirmation_leads_to_the_same_done_page() -> None:
    group, _ = family_with_leader()
    client = signed_in(CARE_AGENT)
    data = asked(client, group, step="confirm")
    first = client.post(address(group), data)
    again = client.post(address(group), data)
    back = client.post(address(group), {**data, "step": "check"})
    assert first.url == again.url == back.url
    assert Charge.objects.count() == 1


def test_r21_a_used_key_with_another_package_begins_anew() -> None:
    group, _ = family_with_leader()
    client = signed_in(CARE_AGENT)
    data = asked(client, group, step="confirm")
    client.post(address(group), data)
    page = client.post(address(group), {**data, "package": "S700", "step": "check"})
    assert data["key"] not in page.content.decode()


def test_a_refusal_is_said_in_words_and_keeps_what_was_typed() -> None:
    group, _ = family_with_leader()
    client = signed_in(CARE_AGENT)
    for package in ("S2000", "S1200", "S1200", "S1200", "S1200"):
        client.post(
            address(group), asked(client, group, package, step="confirm", repeat_confirmed="on")
        )
    page = client.post(address(group), asked(client, group, "S1000", step="confirm"))
    text = page.content.decode()
    assert "only 700 Lekë of 6.500 Lekë are left" in text
    assert "Super 700 (500 Lekë)" in text
    assert "called 130 from his number" in text


def test_the_reason_is_demanded() -> None:
    group, _ = family_with_leader()
    client = signed_in(CARE_AGENT)
    page = client.post(address(group), asked(client, group, step="confirm", reason=" "))
    assert "Something is missing" in page.content.decode()
    assert not Activation.objects.exists()


def test_r2_without_a_leader_in_force_nothing_is_offered() -> None:
    page = signed_in(CARE_AGENT).get(address(family())).content.decode()
    assert "Only the Mobile Leader" in page
    assert 'name="package"' not in page


def test_where_nothing_fits_there_is_nothing_to_send() -> None:
    group, _ = family_with_leader()
    OwnLimitFactory(group=group, limit_lek=400)
    page = signed_in(CARE_AGENT).get(address(group)).content.decode()
    assert "Super 700" in page
    assert 'name="reason"' not in page
    assert 'value="check"' not in page


def test_super_400_is_shown_but_cannot_be_chosen() -> None:
    group, _ = family_with_leader()
    page = signed_in(CARE_AGENT).get(address(group)).content.decode()
    assert "Super 400" in page
    assert 'value="S400"' not in page


def test_r25_the_check_page_asks_again_and_only_its_yes_charges_once_more() -> None:
    group, _ = family_with_leader()
    client = signed_in(CARE_AGENT)
    client.post(address(group), asked(client, group, step="confirm"))
    again = asked(client, group, step="check")
    page = client.post(address(group), again).content.decode()
    assert "Super 1000 is active already" in page
    assert 'name="repeat_confirmed" value="on"' in page
    without_yes = client.post(address(group), {**again, "step": "confirm"}).content.decode()
    assert "Ask again before you confirm." in without_yes
    assert Charge.objects.count() == 1
    key = re.search(r'name="key" value="([^"]+)"', without_yes)
    assert key is not None
    yes = {**again, "step": "confirm", "key": key[1], "repeat_confirmed": "on"}
    client.post(address(group), yes)
    assert Charge.objects.count() == 2


def test_e7_a_cheaper_promotion_elsewhere_is_told_before_and_recorded_after() -> None:
    group, _ = family_with_leader()
    PromotionFactory(msisdn=group.memberships.get(seat=2).msisdn, package_code="S1000", value=30)
    client = signed_in(CARE_AGENT)
    data = asked(client, group)
    chosen = client.get(address(group), {"member": data["member"]}).content.decode()
    check = client.post(address(group), {**data, "step": "check"}).content.decode()
    assert "makes it 700 Lekë in the shop" in strip_tags(chosen)
    assert "it costs 700 Lekë in the shop" in strip_tags(check)
    done = client.post(address(group), {**data, "step": "confirm"}, follow=True).content.decode()
    assert "own promotion: 700 Lekë in the shop" in strip_tags(done)


def test_r23_the_answer_shows_who_was_told() -> None:
    group, _ = family_with_leader()
    client = signed_in(CARE_AGENT)
    data = asked(client, group, step="confirm")
    done = client.post(address(group), data, follow=True).content.decode()
    assert done.count("Klik-ON: ") == 3
    assert "keni Super 1000 deri më" in done


def test_a_member_of_another_group_cannot_be_asked_for() -> None:
    group, _ = family_with_leader()
    stranger = family().memberships.get(seat=1)
    client = signed_in(CARE_AGENT)
    assert client.get(address(group), {"member": stranger.pk}).status_code == 404
    data = asked(client, group, step="confirm", member=str(stranger.pk))
    assert client.post(address(group), data).status_code == 404
