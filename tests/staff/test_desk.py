"""Search, the contract's page and the acts on a group."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from groups.models import Group
from klikon.activation.activate import activate
from klikon.models import Activation, Channel
from superfamilja.accounts.roles import ADMINISTRATOR, CARE_AGENT, STORE_CLERK
from tests.factories import (
    ContractFactory,
    MembershipFactory,
    family,
    family_with_leader,
)
from tests.staff.people import serving, signed_in

pytestmark = pytest.mark.django_db


def find(client: Client, text: str) -> str:
    """Return where a search leads, or the page that it shows."""
    answer = client.post(reverse("search"), {"text": text})
    if answer.url != reverse("search"):
        return answer.url
    return client.get(answer.url).content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        "FX 77 01",
        "fx7701",
        "04 222 7701",
        "+355 4 222 7701",
        "j10000077a",
        "067 777 7701",
        "+355677777701",
        "00355 67 777 7701",
        "069 777 7701",
    ],
)
def test_a_number_however_typed_leads_to_its_contract(typed: str) -> None:
    contract = ContractFactory(
        number="FX7701",
        fixed_number="+35542227701",
        owner_nid="J10000077A",
        contact_msisdn="+355697777701",
    )
    MembershipFactory(group__contract=contract, msisdn="+355677777701")
    assert find(signed_in(), typed) == reverse("contract", args=[contract.pk])


@pytest.mark.parametrize("typed", ["përparim çel", "CELA perparim", "perparim"])
def test_a_name_is_found_without_its_accents_and_in_any_order(typed: str) -> None:
    ContractFactory(owner_name="Përparim Çela")
    ContractFactory(owner_name="Drita Dardha")
    page = find(signed_in(), typed)
    assert "Përparim Çela" in page
    assert "Drita Dardha" not in page


def test_a_reference_leads_to_its_activation() -> None:
    group, _ = family_with_leader()
    activation = activated(group)
    assert find(signed_in(), activation.reference.lower().replace("-", " ")) == reverse(
        "admin:klikon_activation_change", args=[activation.pk]
    )


def test_nothing_found_is_said_and_nothing_personal_is_in_the_address() -> None:
    client = signed_in()
    answer = client.post(reverse("search"), {"text": "067 999 9999"}, follow=True)
    assert "Nothing was found." in answer.content.decode()
    assert answer.redirect_chain == [(reverse("search"), 302)]


def test_names_are_paged_and_the_queries_do_not_grow(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = signed_in()
    ContractFactory.create_batch(2, owner_name="Liri Prova")
    client.post(reverse("search"), {"text": "liri"})
    with django_assert_num_queries(10):
        client.get(reverse("search"))
    ContractFactory.create_batch(25, owner_name="Liri Prova")
    with django_assert_num_queries(10):
        page = client.get(reverse("search")).content.decode()
    assert page.count("Liri Prova") == 20
    assert client.get(reverse("search") + "?page=2").content.decode().count("Liri Prova") == 7


def activated(group: Group, package: str = "S700") -> Activation:
    leader = group.memberships.get(seat=1).msisdn
    return activate(
        leader=leader,
        member=leader,
        package=package,
        at=timezone.now(),
        channel=Channel.IVR,
        client="test",
        key=f"{group.pk}-{package}",
    )


def test_the_contract_page_asks_the_database_as_often_for_much_as_for_little(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    group, _ = family_with_leader(members=1)
    activated(group)
    client = serving(ADMINISTRATOR)
    address = reverse("contract", args=[group.contract_id])
    with django_assert_num_queries(32):
        client.get(address)
    for seat in (2, 3, 4):
        MembershipFactory(group=group, seat=seat)
    activated(group, "S1000")
    activated(group, "S1200")
    with django_assert_num_queries(32):
        page = client.get(address).content.decode()
    assert "2.300 Lekë" in page
    assert "on file, not shown" in page
    assert group.contract.owner_nid not in page


def test_a_care_agent_is_offered_the_activation_and_a_clerk_the_group() -> None:
    group, _ = family_with_leader()
    address = reverse("contract", args=[group.contract_id])
    care = serving(CARE_AGENT).get(address).content.decode()
    clerk = serving(STORE_CLERK).get(address).content.decode()
    activating = reverse("activate_on_behalf", args=[group.pk])
    closing = reverse("start_draft", args=[group.contract_id, "close_group"])
    assert (activating in care, closing in care) == (True, False)
    assert (activating in clerk, closing in clerk) == (False, True)


def test_albanian_comes_first_whatever_the_browser_prefers() -> None:
    group = family()
    client = signed_in(language="")
    page = client.get(
        reverse("contract", args=[group.contract_id]), headers={"accept-language": "en"}
    )
    assert '<html lang="sq">' in page.content.decode()


def test_the_first_page_offers_search_what_the_role_may_and_its_registers() -> None:
    page = signed_in(CARE_AGENT).get(reverse("admin:index")).content.decode()
    assert 'name="text"' in page
    assert "activate a Super package" in page
    assert reverse("admin:klikon_activation_changelist") in page
    assert reverse("admin:audit_act_changelist") not in page
