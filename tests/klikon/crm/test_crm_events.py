"""What the CRM tells between two files: signed, once, by the verb that exists, and kept."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from standardwebhooks import Webhook

from klikon.crm.models import CrmEvent
from klikon.models import LeaderFreeze
from superfamilja.accounts.roles import AUDITOR, STORE_CLERK
from superfamilja.audit.models import Act
from tests.factories import ContractFactory, at, family_with_leader
from tests.signing_in import sign_in, staff_member

pytestmark = pytest.mark.django_db
KEY, STRANGER = "whsec_dGhlIGtleSBvZiB0aGUgQ1JN", "whsec_c29tZWJvZHkgZWxzZSBhbHRvZ2V0aGVy"
NOW = at("2026-11-20 10:00")
EARLIER = "2026-11-20T09:00:00+01:00"


@pytest.fixture(autouse=True)
def signed(settings: Settings) -> Iterator[None]:
    settings.CRM_EVENT_KEYS = [KEY]
    with time_machine.travel(NOW, tick=False):
        yield


def tell(message: str = "e1", key: str = KEY, **said: Any) -> HttpResponse:
    body, now = json.dumps({"happened_at": EARLIER, **said}), datetime.now(UTC)
    return Client().post(
        "/callbacks/crm/",
        body,
        content_type="application/json",
        headers={
            "webhook-id": message,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(key).sign(message, now, body),
        },
    )


def outcomes() -> list[str]:
    return list(CrmEvent.objects.order_by("pk").values_list("outcome", flat=True))


@pytest.mark.parametrize(
    ("event", "cause"),
    [("sim_swap", "sim_swapped"), ("port_out", "ported"), ("reassigned", "reassigned")],
)
def test_a_leaders_number_that_changes_hands_stops_the_leader(event: str, cause: str) -> None:
    _, leading = family_with_leader()
    answer = tell(event=event, msisdn=leading.member.msisdn)
    assert (answer.status_code, outcomes()) == (204, ["leader_stopped"])
    assert [freeze.cause for freeze in LeaderFreeze.objects.all()] == [cause]


def test_told_twice_is_told_once() -> None:
    _, leading = family_with_leader()
    said = {"event": "sim_swap", "msisdn": leading.member.msisdn}
    assert [tell(**said).status_code for _ in range(3)] == [204, 204, 204]
    assert (outcomes(), LeaderFreeze.objects.count()) == (["leader_stopped"], 1)


def test_one_key_for_two_events_is_refused() -> None:
    contract = ContractFactory()
    tell(event="suspended", contract=contract.number)
    answer = tell(event="reactivated", contract=contract.number)
    contract.refresh_from_db()
    assert (answer.status_code, contract.status) == (409, "suspended")


def test_a_wrong_signature_is_refused_and_nothing_is_kept() -> None:
    contract = ContractFactory()
    answer = tell(key=STRANGER, event="suspended", contract=contract.number)
    contract.refresh_from_db()
    assert (answer.status_code, contract.status, outcomes()) == (401, "active", [])


def test_without_keys_every_event_is_refused(settings: Settings) -> None:
    settings.CRM_EVENT_KEYS = []
    assert tell(event="suspended", contract="A1").status_code == 401


def test_a_suspended_contract_is_active_again_when_the_crm_says_so() -> None:
    contract = ContractFactory()
    tell(event="suspended", contract=contract.number)
    contract.refresh_from_db()
    assert contract.status == "suspended"
    tell("e2", event="reactivated", contract=contract.number, happened_at="2026-11-20T09:30+01:00")
    contract.refresh_from_db()
    assert (contract.status, outcomes()) == ("active", ["status_changed", "status_changed"])
    acts = Act.objects.filter(verb="change_contract_status").order_by("pk")
    assert [act.details for act in acts] == [
        {"before": "active", "after": "suspended"},
        {"before": "suspended", "after": "active"},
    ]


def test_an_event_that_comes_late_does_not_take_back_a_newer_one() -> None:
    contract = ContractFactory()
    tell(event="reactivated", contract=contract.number, happened_at="2026-11-20T09:30+01:00")
    tell("e2", event="suspended", contract=contract.number)
    contract.refresh_from_db()
    assert (contract.status, outcomes()) == ("active", ["nothing_to_do", "overtaken"])


def test_an_ended_contract_stays_ended() -> None:
    contract = ContractFactory(status="ended")
    tell(event="reactivated", contract=contract.number)
    contract.refresh_from_db()
    assert (contract.status, outcomes()) == ("ended", ["nothing_to_do"])


def test_what_nobody_here_knows_is_kept_and_shown_without_the_whole_number() -> None:
    tell(event="suspended", contract="ZZ9")
    tell("e2", event="sim_swap", msisdn="0671111222")
    assert outcomes() == ["unknown", "unknown"]
    page = sign_in(Client(), staff_member(AUDITOR)).get("/admin/crm-events/?only=unknown")
    assert "ZZ9" in page.content.decode()
    assert "671111222" not in page.content.decode()


def test_a_sender_gone_mad_fills_no_disk(settings: Settings) -> None:
    settings.UNKNOWN_CALLBACKS_A_DAY = 1
    tell(event="suspended", contract="ZZ8")
    answer = tell("e2", event="suspended", contract="ZZ9")
    assert (answer.status_code, answer["Retry-After"], len(outcomes())) == (429, "3600", 1)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"event": "other"}, "event"),
        ({"event": ["sim_swap"]}, "event"),
        ({"event": "sim_swap"}, "msisdn"),
        ({"event": "sim_swap", "msisdn": "042000001"}, "msisdn"),
        ({"event": "suspended", "contract": ""}, "contract"),
        ({"event": "suspended", "contract": "А1"}, "contract"),
        ({"event": "suspended", "contract": "A1", "happened_at": "2026-11-20"}, "happened_at"),
        ({"event": "suspended", "contract": "A1", "happened_at": "2026-13-20T1"}, "happened_at"),
        (
            {"event": "suspended", "contract": "A1", "happened_at": "2026-11-21T09:00+01:00"},
            "happened_at",
        ),
    ],
)
def test_an_event_that_lacks_something_is_told_what(said: dict[str, Any], field: str) -> None:
    answer = tell(**said)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"{field}:")
    assert outcomes() == []


def test_what_was_told_is_never_changed_afterwards() -> None:
    tell(event="suspended", contract="ZZ9")
    with pytest.raises(IntegrityError), transaction.atomic():
        CrmEvent.objects.update(outcome="nothing_to_do")


def test_more_events_ask_the_database_no_oftener() -> None:
    client = sign_in(Client(), staff_member(AUDITOR))
    counts = []
    for number in range(4):
        tell(f"m{number}", event="suspended", contract=f"ZZ{number}")
        with CaptureQueriesContext(connection) as seen:
            client.get("/admin/crm-events/")
        counts.append(len(seen))
    assert len(set(counts)) == 1


def test_a_clerk_does_not_read_what_the_crm_told() -> None:
    assert sign_in(Client(), staff_member(STORE_CLERK)).get("/admin/crm-events/").status_code == 403
