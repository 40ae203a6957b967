"""Credits and reversals as staff meet them (R13, R21)."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from billing import outcomes
from billing.models import Charge, Credit, Reversal
from superfamilja.accounts.roles import BILLING_REVIEWER, CARE_AGENT, STORE_CLERK
from tests.factories import ContractFactory, at, charge, entry, family_with_leader
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled() -> Charge:
    posted = charge(ContractFactory(), 500)
    return outcomes.settle(reference=posted.reference, at=at("2026-11-06 09:00"))


def typed(client: Client, settled: Charge, **also: str) -> dict[str, str]:
    """Return what the credit page would send, with its key."""
    page = client.get(reverse("give_credit", args=[settled.pk])).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    return {
        "amount_lek": "200",
        "told": "goodwill",
        "reason": "the shop was slow",
        "key": key[1],
        **also,
    }


def test_checking_a_credit_writes_nothing_and_shows_the_amount(settled: Charge) -> None:
    client = signed_in(CARE_AGENT)
    address = reverse("give_credit", args=[settled.pk])
    page = client.post(address, typed(client, settled, step="check")).content.decode()
    assert "200 Lekë" in page
    assert "Yes, give this credit" in page
    assert not Credit.objects.exists()


def test_r21_a_double_click_gives_one_credit(settled: Charge) -> None:
    client = signed_in(CARE_AGENT)
    address = reverse("give_credit", args=[settled.pk])
    data = typed(client, settled, step="confirm")
    answers = [client.post(address, data) for _ in range(2)]
    assert [a.url for a in answers] == [reverse("contract", args=[settled.contract_id])] * 2
    assert Credit.objects.get().amount_lek == 200


def test_a_credit_above_the_charge_is_refused_in_words_and_what_was_typed_stays(
    settled: Charge,
) -> None:
    client = signed_in(CARE_AGENT)
    data = typed(client, settled, amount_lek="501", step="confirm")
    page = client.post(reverse("give_credit", args=[settled.pk]), data).content.decode()
    assert "at most 500 Lekë more" in page
    assert 'value="501"' in page


def test_billing_reverses_and_the_room_comes_back(settled: Charge) -> None:
    client = signed_in(BILLING_REVIEWER)
    client.post(
        reverse("reverse_charge", args=[settled.pk]), {"reason": "never came", "step": "confirm"}
    )
    assert Reversal.objects.get().reason == "never came"
    assert entry(settled.contract).spent == 0


@pytest.mark.parametrize(
    ("role", "page", "status"),
    [
        (CARE_AGENT, "give_credit", 200),
        (CARE_AGENT, "reverse_charge", 403),
        (STORE_CLERK, "give_credit", 403),
        (STORE_CLERK, "reverse_charge", 403),
        (BILLING_REVIEWER, "reverse_charge", 200),
    ],
)
def test_who_may_do_what(settled: Charge, role: str, page: str, status: int) -> None:
    assert signed_in(role).get(reverse(page, args=[settled.pk])).status_code == status


def test_the_charge_leads_to_what_became_of_it_and_back(settled: Charge) -> None:
    client = signed_in(BILLING_REVIEWER)
    client.post(reverse("give_credit", args=[settled.pk]), typed(client, settled, step="confirm"))
    credit = Credit.objects.get()
    charge_page = reverse("admin:billing_charge_change", args=[settled.pk])
    page = client.get(charge_page).content.decode()
    assert f"{reverse('admin:billing_credit_changelist')}?charge__id__exact={settled.pk}" in page
    assert reverse("give_credit", args=[settled.pk]) in page
    back = client.get(reverse("admin:billing_credit_change", args=[credit.pk])).content.decode()
    assert charge_page in back
    assert reverse("admin:billing_billentry_change", args=[credit.entry_id]) in back


def test_the_charge_names_the_activation_behind_it_and_only_that() -> None:
    client = signed_in(BILLING_REVIEWER)
    group, _leader = family_with_leader()
    posted = charge(group.contract, 500)
    outcomes.reverse(reference=posted.reference, at=at("2026-11-06 09:00"), reason="failed")
    page = client.get(reverse("admin:billing_charge_change", args=[posted.pk])).content.decode()
    assert reverse("admin:billing_reversal_change", args=[posted.reversal.pk]) in page
    assert "klikon/activation" not in page


@pytest.mark.parametrize("register", ["reversal", "credit", "carriedcharge"])
def test_the_registers_open(register: str) -> None:
    page = signed_in(BILLING_REVIEWER).get(reverse(f"admin:billing_{register}_changelist"))
    assert page.status_code == 200
