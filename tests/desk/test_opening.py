"""Open a customer for a task or a reason, and record which."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import disputes
from billing.models import ParkedEntry
from groups import opening
from groups.models import Contract, Group
from groups.opening import Task
from klikon.desk import drafts
from klikon.desk.models import Draft, ScanPage
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import (
    ADMINISTRATOR,
    AUDITOR,
    BILLING_REVIEWER,
    CARE_AGENT,
    STORE_CLERK,
    STORE_MANAGER,
)
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from tests.desk.counter import Counter
from tests.factories import ContractFactory, at, charge
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db
WHY = "Why do you open this customer?"
BY_LETTER = {"why": "letter", "reason": "complains by letter no. 7"}


@pytest.fixture
def contract() -> Contract:
    return ContractFactory()


def begun(clerk: Counter, contract: Contract) -> Draft:
    """Return an open request of a colleague in the same shop."""
    return drafts.start(
        contract=contract, act="open_group", store=clerk.store, actor=clerk.user, at=timezone.now()
    )


def address(contract: Contract) -> str:
    return reverse("contract", args=[contract.pk])


def page(client: Client, contract: Contract) -> str:
    return str(client.get(address(contract)).content.decode())


def search(client: Client, text: str) -> None:
    client.post(reverse("search"), {"text": text})


def openings() -> list[tuple[str, str, str]]:
    """Return how, for what reason and by whom, in order of time."""
    acts = Act.objects.filter(verb="open_customer").order_by("pk")
    return [(act.details["how"], act.reason, act.actor_name) for act in acts]


def user_of(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def ago(client: Client, contract: Contract, minutes: int) -> None:
    """Open the customer as this person that long ago."""
    opening.open_customer(
        contract=contract,
        actor=user_of(client),
        at=timezone.now() - timedelta(minutes=minutes),
        task=Task("contract"),
    )


# --- with a task -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "how"),
    [
        ("{0.number}", "contract"),
        ("{0.fixed_number}", "fixed"),
        ("{0.contact_msisdn}", "contact"),
        ("{0.owner_nid}", "document"),
    ],
)
def test_who_found_him_by_a_number_is_not_asked(group: Group, typed: str, how: str) -> None:
    client = signed_in(BILLING_REVIEWER)
    search(client, typed.format(group.contract))
    assert "Drita Dardha" in page(client, group.contract)
    assert openings() == [(how, "", "Arta Prova")]


def test_by_a_members_number_and_by_a_reference(group: Group) -> None:
    clerk = Counter()
    draft = clerk.declare(group.contract, group.memberships.get(seat=1).pk)
    client = signed_in(CARE_AGENT)
    search(client, group.memberships.get(seat=2).msisdn)
    page(client, group.contract)
    other = signed_in(CARE_AGENT)
    assert draft.declaration is not None
    search(other, draft.declaration.reference)
    assert "Drita Dardha" in page(other, group.contract)
    assert [how for how, _reason, _who in openings()][-2:] == ["member", "reference"]
    assert Act.objects.filter(details__reference=draft.declaration.reference).count() == 1


@pytest.mark.parametrize("role", [STORE_CLERK, STORE_MANAGER, CARE_AGENT])
def test_who_serves_customers_may_come_by_name_and_the_record_says_so(
    contract: Contract, role: str
) -> None:
    client = signed_in(role)
    search(client, "drita")
    client.get(reverse("search"))
    assert "Rruga e Provës" in page(client, contract)
    assert openings() == [("name", "", "Arta Prova")]


def test_a_name_is_no_task_for_who_serves_nobody(contract: Contract) -> None:
    client = signed_in(BILLING_REVIEWER)
    search(client, "drita")
    assert WHY in page(client, contract)
    assert openings() == []


def test_a_search_is_forgotten_after_an_hour(contract: Contract) -> None:
    client = signed_in(CARE_AGENT)
    search(client, contract.number)
    session = client.session
    (found,) = session["found_customers"].values()
    found[2] = (timezone.now() - timedelta(minutes=60)).isoformat()
    session.save()
    assert WHY in page(client, contract)


def test_a_request_of_the_own_shop_is_a_task_and_one_of_another_is_none(
    contract: Contract,
) -> None:
    clerk, other = Counter(), Counter(store="D02")
    begun(clerk, contract)
    assert WHY in page(other.client, contract)
    assert "Rruga e Provës" in page(clerk.client, contract)
    assert openings() == [("draft", "", "Arta Prova")]


def test_a_request_that_was_discarded_is_none(contract: Contract) -> None:
    clerk = Counter()
    drafts.discard(draft=begun(clerk, contract), actor=clerk.user, at=timezone.now())
    assert WHY in page(clerk.client, contract)


def test_a_request_done_today_still_is_one(contract: Contract) -> None:
    clerk = Counter()
    clerk.served("open_group", contract)
    assert "Rruga e Provës" in page(Counter().client, contract)


def test_a_request_done_yesterday_is_none(contract: Contract) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=1)):
        Counter().served("open_group", contract)
    assert WHY in page(Counter().client, contract)


def test_an_open_question_is_a_task_for_who_answers(contract: Contract) -> None:
    asked = disputes.ask(charge=charge(contract, 500), text="?", key="1", at=timezone.now())
    assert WHY in page(signed_in(STORE_CLERK), contract)
    assert "Rruga e Provës" in page(signed_in(CARE_AGENT), contract)
    disputes.close(dispute=asked, at=timezone.now())
    assert WHY in page(signed_in(CARE_AGENT), contract)
    assert [how for how, _reason, _who in openings()] == ["question"]


def test_a_parked_entry_is_a_task_for_who_resolves_it(contract: Contract) -> None:
    entry = charge(contract, 500).entry
    ParkedEntry.objects.create(
        contract=contract, entry=entry, month=entry.month, differences={}, parked_at=timezone.now()
    )
    assert WHY in page(signed_in(CARE_AGENT), contract)
    assert "Rruga e Provës" in page(signed_in(BILLING_REVIEWER), contract)


# --- without one -------------------------------------------------------------------------


def test_without_a_task_only_the_contracts_number_is_shown(group: Group) -> None:
    shown = page(signed_in(CARE_AGENT), group.contract)
    assert WHY in shown
    assert group.contract.number in shown
    for secret in ("Drita", "Dardha", "Rruga", "Elira", "069", "067", "J10000001A", "J1·"):
        assert secret not in shown
    assert openings() == []


@pytest.mark.parametrize("role", [AUDITOR, ADMINISTRATOR])
def test_auditors_and_administrators_are_always_asked(contract: Contract, role: str) -> None:
    client = signed_in(role)
    search(client, contract.number)
    assert WHY in page(client, contract)


def test_the_reason_is_recorded_and_opens_this_customer_and_no_other(
    contract: Contract, group: Group
) -> None:
    client = signed_in(AUDITOR)
    answer = client.post(address(contract), BY_LETTER, follow=True)
    assert answer.redirect_chain == [(address(contract), 302)]
    assert "Rruga e Provës" in answer.content.decode()
    assert WHY not in client.get(reverse("timeline", args=[contract.pk])).content.decode()
    assert WHY in page(client, group.contract)
    assert openings() == [("reason", "complains by letter no. 7", "Arta Prova")]


def test_a_reason_of_blanks_is_none(contract: Contract) -> None:
    client = signed_in(AUDITOR)
    answer = client.post(address(contract), {"why": "audit", "reason": "   "}).content.decode()
    assert "Something is missing" in answer
    assert "Rruga" not in answer
    with pytest.raises(ReasonMissing):
        opening.open_customer(
            contract=contract,
            actor=user_of(client),
            at=timezone.now(),
            task=Task("reason", why="audit"),
            reason=" ",
        )
    assert openings() == []


@pytest.mark.parametrize("name", ["timeline", "contract_bill", "contract_bill_file"])
def test_whatever_shows_a_customer_whole_asks_first(contract: Contract, name: str) -> None:
    month = [] if name == "timeline" else [202611]
    where = reverse(name, args=[contract.pk, *month])
    client = signed_in(CARE_AGENT)
    assert WHY in client.get(where).content.decode()
    client.post(where, {"why": "call_back", "reason": "asked us by telephone"})
    assert client.get(where).status_code == 200
    assert openings() == [("reason", "asked us by telephone", "Arta Prova")]


def test_the_register_of_contracts_leads_through_the_same_door(contract: Contract) -> None:
    record = reverse("admin:groups_contract_change", args=[contract.pk])
    assert signed_in(AUDITOR).get(record).url == address(contract)


# --- a request, its paper and its scan ---------------------------------------------------


def looks() -> list[tuple[str, int]]:
    """Return in order who looked at which finished request."""
    acts = Act.objects.filter(verb="view_draft").order_by("pk")
    return [(act.actor_name, act.details["draft"]) for act in acts]


def scanned(clerk: Counter, contract: Contract) -> Draft:
    """Return a finished request with its scan."""
    clerk.served("open_group", contract)
    draft = Draft.objects.get()
    clerk.scanned(draft)
    return draft


@pytest.mark.parametrize("role", [AUDITOR, ADMINISTRATOR])
@pytest.mark.parametrize("name", ["draft", "paper", "scan_page"])
def test_who_reads_every_shop_says_why_before_he_sees_a_request(
    contract: Contract, role: str, name: str
) -> None:
    draft = scanned(Counter(), contract)
    paper = draft.papers.get()
    pk = {"draft": draft.pk, "paper": paper.pk, "scan_page": ScanPage.objects.get().pk}[name]
    where, client = reverse(name, args=[pk]), signed_in(role)
    asked = client.get(where)
    assert WHY in asked.content.decode()
    assert "Drita" not in asked.content.decode()
    assert not Act.objects.filter(actor=user_of(client), contract_number=contract.number).exists()
    answer = client.post(where, BY_LETTER)
    assert (answer.status_code, answer.headers["Location"]) == (302, where)
    shown = client.get(where)
    kinds = {
        "draft": "text/html; charset=utf-8",
        "paper": "application/pdf",
        "scan_page": "image/jpeg",
    }
    assert shown.headers["Content-Type"] == kinds[name]
    acts = Act.objects.filter(actor=user_of(client)).order_by("pk")
    verb = {"draft": "view_draft", "paper": "view_paper", "scan_page": "view_scan"}[name]
    assert [act.verb for act in acts] == ["open_customer", verb]
    assert acts[0].reason == "complains by letter no. 7"
    assert acts[1].details["draft"] == draft.pk


def test_his_shop_has_it_at_hand_until_the_day_is_over_and_later_looks_are_recorded(
    contract: Contract,
) -> None:
    with time_machine.travel(at("2026-11-26 10:00"), tick=False):
        clerk = Counter()
        draft = begun(clerk, contract)
        assert "Discard this request" in clerk.page("draft", draft.pk)
        clerk.served("open_group", contract)
        clerk.page("draft", draft.pk)
        gone = clerk.begin("close_group", contract)
        clerk.go_by("discard_draft", gone.pk)
    with time_machine.travel(at("2026-11-27 03:59"), tick=False):
        Counter().page("draft", draft.pk)
        assert looks() == []
    with time_machine.travel(at("2026-11-27 04:00"), tick=False):
        later = Counter()
        for old in (draft, gone):
            assert WHY not in later.page("draft", old.pk)
    assert looks() == [("Arta Prova", draft.pk), ("Arta Prova", gone.pk)]


def test_a_step_that_is_refused_shows_an_old_request_on_record_too(contract: Contract) -> None:
    with time_machine.travel(at("2026-11-26 10:00"), tick=False):
        draft = scanned(Counter(), contract)
    with time_machine.travel(at("2026-11-27 10:00"), tick=False):
        assert "This request has ended" in Counter().post("change_draft", draft.pk)
    assert looks() == [("Arta Prova", draft.pk)]


def test_nobody_of_the_shop_is_asked_and_nothing_is_sent_there(contract: Contract) -> None:
    clerk = Counter()
    draft = begun(clerk, contract)
    where = reverse("draft", args=[draft.pk])
    assert clerk.client.post(where, {"reason": "just so"}).status_code == 405
    assert openings() == []


# --- how often ---------------------------------------------------------------------------


def test_it_is_recorded_once_in_a_quarter_of_an_hour(contract: Contract) -> None:
    client = signed_in(CARE_AGENT)
    search(client, contract.number)
    for _ in range(3):
        page(client, contract)
    assert len(openings()) == 1


def test_a_quarter_of_an_hour_later_it_is_recorded_anew(contract: Contract) -> None:
    client = signed_in(CARE_AGENT)
    ago(client, contract, minutes=15)
    search(client, contract.number)
    page(client, contract)
    assert len(openings()) == 2


def test_a_reason_is_good_for_a_quarter_of_an_hour(contract: Contract) -> None:
    client, other = signed_in(AUDITOR), signed_in(AUDITOR)
    ago(client, contract, minutes=14)
    assert WHY not in page(client, contract)
    ago(other, contract, minutes=15)
    assert WHY in page(other, contract)


def test_another_persons_opening_opens_nothing(contract: Contract) -> None:
    ago(signed_in(CARE_AGENT), contract, minutes=1)
    assert WHY in page(signed_in(CARE_AGENT), contract)
