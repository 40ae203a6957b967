"""503 while the database does not answer: for people, for machines, and never with a secret."""

from typing import Any
from unittest import mock

import pytest
from django.db import (
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.db.transaction import TransactionManagementError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.http import require_POST

from superfamilja.web import unavailable

SORRY = (
    "Portali nuk përgjigjet dot në këtë çast",
    "The portal cannot answer at this moment",
)
handler500 = "superfamilja.web.unavailable.server_error"


def sleeps(_request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50")
        cursor.execute("SELECT pg_sleep(60)")
    return HttpResponse()


def is_away(_request: HttpRequest) -> HttpResponse:
    raise OperationalError("the database is away")


@require_POST
def is_sent(request: HttpRequest) -> HttpResponse:
    return is_away(request)


def is_wrong(_request: HttpRequest) -> HttpResponse:
    raise ValueError("a fault of ours")


urlpatterns = [
    path("sleeps/", sleeps),
    path("away/", is_away),
    path("sent/", is_sent),
    path("callbacks/away/", is_away),
    path("wrong/", is_wrong),
    path("", is_away, name="start"),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def there() -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def sent(there: Client, **typed: str) -> str:
    token = "a" * 32
    there.cookies["csrftoken"] = token
    answer = there.post("/sent/", {"csrfmiddlewaretoken": token, **typed})
    assert answer.status_code == 503
    return answer.content.decode()


def test_both_languages_are_on_the_page_and_when_to_come_again(there: Client) -> None:
    answer = there.get("/away/?page=2")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    page = answer.content.decode()
    assert all(words in page for words in SORRY)
    assert 'href="/away/?page=2"' in page


@pytest.mark.django_db
def test_a_statement_that_is_too_slow_is_told_as_well(there: Client) -> None:
    assert there.get("/sleeps/").status_code == 503


def test_what_was_typed_and_its_key_can_be_sent_again(there: Client) -> None:
    page = sent(there, key="k" * 32, reason='Më "besoni" <këtë>', step="confirm")
    assert f'<input type="hidden" name="key" value="{"k" * 32}">' in page
    assert "Më &quot;besoni&quot; &lt;këtë&gt;" in page
    assert '<input type="hidden" name="step" value="confirm">' in page
    assert "Dërgojeni përsëri" in page
    assert "Codes, PINs" not in page


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "oldpassword",
        "password1",
        "pin",
        "again",
        "code",
        "customer_code",
        "contact_old",
        "contact_new",
    ],
)
def test_a_secret_is_never_shown_again(there: Client, name: str) -> None:
    page = sent(there, reason="pse", **{name: "S3CR3T"})
    assert "S3CR3T" not in page
    assert "Codes, PINs and passwords you type once more." in page


def test_a_form_that_no_page_of_ours_sent_is_not_made_ours(there: Client) -> None:
    with mock.patch(
        "superfamilja.web.language.ChosenLanguageMiddleware.process_request", is_away_too
    ):
        answer = there.post("/sent/", {"amount": "500"})
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "<form" not in page
    assert "500" not in page


def is_away_too(_middleware: Any, request: HttpRequest) -> HttpResponse:
    return is_away(request)


@pytest.mark.parametrize(
    "where", ["customers.sessions.TwoSessions", "accounts.sign_in.gate.StaffGate"]
)
def test_middleware_stands_inside_of_the_net(there: Client, where: str) -> None:
    with mock.patch(f"superfamilja.{where}.__call__", is_away_too):
        assert there.get("/away/").status_code == 503


@pytest.mark.parametrize(
    ("address", "headers"),
    [("/callbacks/away/", {}), ("/away/", {"HTTP_ACCEPT": "application/json"})],
)
def test_machines_get_data(there: Client, address: str, headers: dict[str, str]) -> None:
    answer = there.get(address, **headers)
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/json")
    assert answer.json() == {"error": "database_unavailable", "retry_after": 5}


def test_a_fault_of_ours_stays_one(there: Client) -> None:
    assert there.get("/wrong/").status_code == 500


def test_the_page_asks_nothing_of_the_database(there: Client) -> None:
    """Outside of a test's database any query would fail."""
    assert there.get("/away/").status_code == 503


def test_what_comes_after_a_lost_connection_is_the_same_trouble() -> None:
    after = TransactionManagementError("cannot go on")
    assert not unavailable.is_unavailable(after)
    after.__context__ = InterfaceError("connection already closed")
    assert unavailable.is_unavailable(after)
