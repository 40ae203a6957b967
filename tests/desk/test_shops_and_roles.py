"""Try every role of every shop on every address of the desk, against this table."""

import pytest
from django.test import Client
from django.urls import reverse

from klikon.desk.models import Draft, Paper, ScanPage
from klikon.desk.urls import urlpatterns
from superfamilja.accounts.roles import (
    ADMINISTRATOR,
    AUDITOR,
    BILLING_APPROVER,
    BILLING_REVIEWER,
    CARE_AGENT,
    STORE_CLERK,
    STORE_MANAGER,
)
from superfamilja.audit.models import Act
from tests.desk.counter import Counter
from tests.factories import family
from tests.signing_in import shop, sign_in, staff_member

pytestmark = [pytest.mark.full, pytest.mark.django_db]

CLERK, MANAGER = (STORE_CLERK, "D01"), (STORE_MANAGER, "D01")
OTHER_CLERK, OTHER_MANAGER = (STORE_CLERK, "D02"), (STORE_MANAGER, "D02")
READERS = [(AUDITOR, ""), (ADMINISTRATOR, "")]
OTHERS = [(CARE_AGENT, ""), (BILLING_REVIEWER, ""), (BILLING_APPROVER, "")]
PEOPLE = [CLERK, MANAGER, OTHER_CLERK, OTHER_MANAGER, *READERS, *OTHERS]

# Who may open an address: of a request of D01, or of a shop in general.
OWN_SHOP = {CLERK, MANAGER}
READING = {*OWN_SHOP, *READERS}
ANY_SHOP = {*OWN_SHOP, OTHER_CLERK, OTHER_MANAGER}
ANY_MANAGER = {MANAGER, OTHER_MANAGER}
LOOKED_AT = {
    "draft": READING,
    "paper": READING,
    "scan_page": READING,
    "desk": ANY_SHOP,
    "blanks": ANY_SHOP,
    "day_end": ANY_MANAGER,
    "letters": ANY_MANAGER,
    "cancel_declaration": {MANAGER},
}
SENT = {
    "start_draft": ANY_SHOP,
    "save_draft": OWN_SHOP,
    "change_draft": OWN_SHOP,
    "print_paper": OWN_SHOP,
    "use_blank": OWN_SHOP,
    "send_shop_code": OWN_SHOP,
    "confirm_draft": OWN_SHOP,
    "attach_scan": OWN_SHOP,
    "send_for_approval": OWN_SHOP,
    "approve_draft": {MANAGER},
    "vouch_for_scan": {MANAGER},
    "send_back_draft": {MANAGER},
    "discard_draft": OWN_SHOP,
    "restore_draft": OWN_SHOP,
    "cancel_declaration": {MANAGER},
    "withdraw_scan": OWN_SHOP,
    "blanks": ANY_SHOP,
    "letters": ANY_MANAGER,
    "file_papers": ANY_MANAGER,
    "close_day": ANY_MANAGER,
}


@pytest.fixture
def paths() -> dict[str, str]:
    """Return every address, for a Declaration of D01 in force with its scan."""
    clerk, group = Counter(), family(2)
    draft = clerk.declare(group.contract, group.memberships.get(seat=1).pk)
    clerk.scan(draft)
    page = ScanPage.objects.get()
    ids = {
        "start_draft": [group.contract_id, "close_group"],
        "paper": [Paper.objects.get().pk],
        "scan_page": [page.pk],
        "withdraw_scan": [page.scan_id],
        "vouch_for_scan": [page.scan_id],
    }
    of_a_shop = {"desk", "blanks", "day_end", "letters", "file_papers", "close_day"}
    names = [str(pattern.name) for pattern in urlpatterns]
    return {
        name: reverse(name, args=[] if name in of_a_shop else ids.get(name, [draft.pk]))
        for name in names
    }


def somebody(role: str, store: str) -> Client:
    user = staff_member(role, shops=[shop(store)] if store else None)
    return sign_in(Client(), user, shop(store) if store else None)


def test_every_address_of_the_desk_has_its_line() -> None:
    assert {p.name for p in urlpatterns} == set(LOOKED_AT) | set(SENT)


@pytest.mark.parametrize("person", PEOPLE, ids="-".join)
def test_who_may_look_at_what(person: tuple[str, str], paths: dict[str, str]) -> None:
    client = somebody(*person)
    found = {name: client.get(paths[name]).status_code == 200 for name in LOOKED_AT}
    assert found == {name: person in may for name, may in LOOKED_AT.items()}


@pytest.mark.parametrize("person", PEOPLE, ids="-".join)
def test_who_may_do_what(person: tuple[str, str], paths: dict[str, str]) -> None:
    client = somebody(*person)
    before = Act.objects.count()
    found = {}
    for name in SENT:
        refused = client.post(paths[name], {}).status_code in {403, 404}
        found[name] = not refused
    assert found == {name: person in may for name, may in SENT.items()}
    if person not in ANY_SHOP:
        assert Act.objects.count() == before


def test_a_stranger_is_led_to_the_sign_in(paths: dict[str, str]) -> None:
    for name in LOOKED_AT:
        assert "login" in Client().get(paths[name]).headers["Location"]
    for name in SENT:
        assert "login" in Client().post(paths[name]).headers["Location"]


def test_another_shop_sees_neither_the_request_nor_its_end(paths: dict[str, str]) -> None:
    page = somebody(*OTHER_MANAGER).get(paths["day_end"]).content.decode()
    assert "Drita Dardha" not in page
    assert "Drita Dardha" in somebody(*MANAGER).get(paths["day_end"]).content.decode()


def test_a_person_of_two_shops_sees_the_one_that_he_is_in() -> None:
    both = staff_member(STORE_CLERK, shops=[shop("D01"), shop("D02")])
    group = family(1)
    here, there = Counter(store="D01", user=both), Counter(store="D02", user=both)
    draft = here.begin("close_group", group.contract)
    assert there.client.get(reverse("draft", args=[draft.pk])).status_code == 404
    assert Draft.objects.of(there.store).count() == 0
