"""Find by one box: numbers, documents, names and references; ranked, paged, not in addresses."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from billing import disputes
from billing.models import BillEntry
from groups.models import Contract, Group
from klikon.activation.activate import activate
from klikon.desk.models import Blank, Paper
from klikon.models import Activation, Channel, Declaration
from superfamilja.accounts.roles import AUDITOR, BILLING_REVIEWER, CARE_AGENT, STORE_CLERK
from tests.desk.counter import Counter
from tests.factories import ContractFactory, MembershipFactory, family_with_leader
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db
SEARCH = "/admin/search/"


@pytest.fixture
def contract() -> Contract:
    return ContractFactory()


def find(client: Client, text: str) -> str:
    """Return the address that it leads to, or the page that it shows."""
    answer = client.post(SEARCH, {"text": text})
    return str(answer.url if answer.url != SEARCH else client.get(SEARCH).content.decode())


def order(page: str, *names: str) -> list[str]:
    """Return these names in the order of the page."""
    return sorted((name for name in names if name in page), key=page.index)


def activated(group: Group) -> Activation:
    leader = group.memberships.get(seat=1).msisdn
    return activate(
        leader=leader,
        member=leader,
        package="S700",
        at=timezone.now(),
        channel=Channel.IVR,
        client="test",
        key=f"find-{group.pk}",
    )


# --- who comes first ---------------------------------------------------------------------


def test_a_member_of_today_stands_before_the_contact_and_who_was_a_member() -> None:
    number = "+355677000001"
    MembershipFactory(group__contract__owner_name="Former", msisdn=number, left_on="2025-05-01")
    ContractFactory(owner_name="Contact", contact_msisdn=number)
    MembershipFactory(group__contract__owner_name="Current", msisdn=number)
    page = find(signed_in(), "067 700 0001")
    assert order(page, "Current", "Contact", "Former") == ["Current", "Contact", "Former"]
    assert ("Member: " in page, "Was a member: " in page, "Contact mobile" in page) == (True,) * 3


def test_a_contract_that_ended_stands_last() -> None:
    for name, status in (("Over", "ended"), ("Standing", "active"), ("Paused", "suspended")):
        ContractFactory(owner_name=name, status=status, owner_nid="J10000055A")
    page = find(signed_in(), "j10000055a")
    assert order(page, "Over", "Standing", "Paused") == ["Standing", "Paused", "Over"]


def test_whole_words_stand_before_beginnings() -> None:
    for name in ("Anastas Dako", "Ana Zeneli", "Zana Anamali"):
        ContractFactory(owner_name=name)
    page = find(signed_in(), "ana")
    assert order(page, "Anastas Dako", "Ana Zeneli", "Zana Anamali") == [
        "Ana Zeneli",
        "Anastas Dako",
        "Zana Anamali",
    ]


def test_the_first_result_has_the_focus_so_that_enter_opens_it() -> None:
    first, _second = ContractFactory(owner_name="Liri A"), ContractFactory(owner_name="Liri B")
    page = find(signed_in(), "liri")
    assert f'href="{reverse("contract", args=[first.pk])}" autofocus' in page
    assert page.count("autofocus") == 1


# --- references --------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["D-{}", "d{}", "D/{}", " d - {} "])
def test_a_declaration_leads_its_own_shop_to_the_request(typed: str, group: Group) -> None:
    clerk = Counter()
    draft = clerk.declare(group.contract, group.memberships.get(seat=1).pk)
    found = find(clerk.client, typed.format(Declaration.objects.get().reference[2:]))
    assert found == reverse("draft", args=[draft.pk])


def test_a_declaration_leads_others_to_its_record(group: Group) -> None:
    Counter().declare(group.contract, group.memberships.get(seat=1).pk)
    declaration = Declaration.objects.get()
    record = reverse("admin:klikon_declaration_change", args=[declaration.pk])
    assert find(Counter(store="D02").client, declaration.reference) == record
    assert find(signed_in(CARE_AGENT), declaration.reference) == record


def test_another_paper_is_found_in_its_own_shop_only(group: Group) -> None:
    clerk = Counter()
    draft = clerk.printed("close_group", group.contract)
    reference = Paper.objects.get().reference
    assert reference.startswith("K-")
    assert find(clerk.client, reference) == reverse("draft", args=[draft.pk])
    assert find(signed_in(AUDITOR), reference) == reverse("draft", args=[draft.pk])
    assert "Nothing was found." in find(Counter(store="D02").client, reference)


def test_a_blank_form_leads_to_the_request_that_used_it(group: Group) -> None:
    clerk = Counter()
    clerk.client.post(reverse("blanks"), {"count": 2})
    used, unused = Blank.objects.order_by("pk")
    draft = clerk.begin("close_group", group.contract)
    clerk.filled(draft)
    clerk.go_by("use_blank", draft.pk, number=used.number)
    assert find(clerk.client, used.number) == reverse("draft", args=[draft.pk])
    assert "nobody has used it yet" in find(clerk.client, unused.number)
    other = Counter(store="D02").client
    assert "Nothing was found." in find(other, used.number)
    assert "Nothing was found." in find(other, unused.number)


def test_an_activation_a_question_and_a_bill_entry_lead_to_their_records() -> None:
    activation = activated(family_with_leader()[0])
    asked = disputes.ask(charge=activation.charge, text="Who?", key="1", at=timezone.now())
    entry = BillEntry.objects.get()
    client = signed_in(CARE_AGENT)
    assert [
        find(client, typed)
        for typed in (
            activation.reference,
            asked.reference.lower().replace("-", ""),
            entry.reference.replace("-", " "),
        )
    ] == [
        reverse("admin:klikon_activation_change", args=[activation.pk]),
        reverse("question", args=[asked.pk]),
        reverse("admin:billing_billentry_change", args=[entry.pk]),
    ]


def test_who_may_not_read_bill_entries_is_led_to_the_customer() -> None:
    activated(family_with_leader()[0])
    entry = BillEntry.objects.get()
    assert find(signed_in(STORE_CLERK), entry.reference) == reverse(
        "contract", args=[entry.contract_id]
    )


def test_a_bill_entry_of_another_month_is_none() -> None:
    activated(family_with_leader()[0])
    key = BillEntry.objects.get().reference.partition("-")[2]
    assert "Nothing was found." in find(signed_in(CARE_AGENT), f"K1901-{key}")


@pytest.mark.parametrize("typed", ["D-2231", "d2231", "D/2231", " d - 2231 "])
def test_a_declaration_that_was_counted_is_found_as_before(
    group: Group, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr("superfamilja.values.random_keys.drawn", lambda: 2231)
    clerk = Counter()
    draft = clerk.declare(group.contract, group.memberships.get(seat=1).pk)
    assert Declaration.objects.get().reference == "D-2231"
    assert find(clerk.client, typed) == reverse("draft", args=[draft.pk])


def test_one_wrong_letter_finds_nothing(group: Group) -> None:
    clerk = Counter()
    clerk.printed("close_group", group.contract)
    reference = Paper.objects.get().reference
    wrong = "X" if reference[2] != "X" else "Y"
    assert "Nothing was found." in find(clerk.client, f"K-{wrong}{reference[3:]}")


def test_a_number_that_could_be_two_things_shows_both(group: Group) -> None:
    clerk = Counter()
    clerk.printed("close_group", group.contract)
    reference = Paper.objects.get().reference
    ContractFactory(number=reference.replace("-", ""), owner_name="Somebody Else")
    page = find(clerk.client, reference.replace("-", ""))
    assert order(page, "Drita Dardha", "Somebody Else") == ["Drita Dardha", "Somebody Else"]


# --- nothing, too little, too much -------------------------------------------------------


def test_what_finds_nothing_says_what_to_try() -> None:
    client = signed_in(BILLING_REVIEWER)
    assert "What you can type or scan" in client.get(SEARCH).content.decode()
    assert "A name needs three letters" in find(client, "ab")
    assert "A name needs three letters" in find(client, "- -")
    assert "Check the digits" in find(client, "067 999 9999")
    assert "What you can type or scan" in find(client, "   ")


def test_a_page_that_is_none_is_not_there() -> None:
    assert signed_in().get(f"{SEARCH}?page=x").status_code == 404


def test_what_was_typed_is_in_no_address(contract: Contract) -> None:
    client = signed_in()
    typed = ("067 999 9999", contract.contact_msisdn, contract.owner_nid, "Drita Dardha")
    addresses = [client.post(SEARCH, {"text": text}).url for text in typed]
    assert set(addresses) <= {SEARCH, reverse("contract", args=[contract.pk])}


@pytest.mark.parametrize("typed", ["067 700 0002", "J10000066A", "Liri"])
def test_more_results_ask_the_database_no_more(
    typed: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in()

    def some_more(number: int) -> None:
        ContractFactory.create_batch(
            number, owner_name="Liri Prova", owner_nid="J10000066A", contact_msisdn="+355677000002"
        )

    some_more(2)
    find(client, typed)
    asked = {"067 700 0002": 11, "J10000066A": 9, "Liri": 10}[typed]
    with django_assert_num_queries(asked):
        client.get(SEARCH)
    some_more(15)
    with django_assert_num_queries(asked):
        client.get(SEARCH)
