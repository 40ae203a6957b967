"""The page of the demonstration: open to everybody in a demonstration, and never in production."""

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from groups.models import Contract
from klikon.charging_simulator.faults import Behaviour
from klikon.demonstration.checks import no_demonstration_in_production
from superfamilja.accounts import demonstration
from tests.klikon.provisioning.charging import simulator

pytestmark = pytest.mark.django_db
PARTS = ["light", "stories", "charging", "people", "family"]
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _no_simulator(settings: Settings) -> None:
    settings.CHARGING_URL = NOWHERE


def contract(number: str) -> int:
    return Contract.objects.get(number=number).pk


def read(path: str = "/demo/", **asked: Any) -> str:
    response = Client().get(path, asked)
    assert response.status_code == 200
    return response.content.decode()


def queries(number: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        read(family=contract(number))
    return len(asked)


@pytest.mark.usefixtures("world")
class TestPage:
    def test_it_needs_no_sign_in_and_tells_the_stories(self) -> None:
        page = read()
        for said in ("Familja Dardha", "Familja Dëllinja", "5.800 Lekë", "Super 700 (500 Lekë)"):
            assert said in page

    @time_machine.travel("2026-11-20 10:00:05Z", tick=False)  # a code lives for half a minute
    def test_it_tells_the_codes_of_the_staff(self) -> None:
        assert demonstration.current_code("agjenti") in read()

    def test_codes_are_told_of_accounts_with_their_fixed_factor_only(self) -> None:
        codes = demonstration.current_codes()
        assert {name: demonstration.current_code(name) for name in demonstration.PEOPLE} == codes

    @pytest.mark.parametrize("path", ["/demo/", "/demo/live/"])
    def test_the_live_part_has_the_same_parts_as_the_page(self, path: str) -> None:
        page = read(path)
        assert [part for part in PARTS if f'data-live="{part}"' in page] == PARTS

    def test_it_asks_the_database_as_often_for_this_family_as_for_that(self) -> None:
        assert queries("SF1000007") == queries("SF1000016")

    @pytest.mark.parametrize("asked", ["0", "x", "999999", "-1"])
    def test_a_family_that_is_not_there_is_not_found(self, asked: str) -> None:
        assert Client().get("/demo/", {"family": asked}).status_code == 404

    def test_a_simulator_that_does_not_answer_is_said(self) -> None:
        assert "Simulatori i parapagimit nuk përgjigjet." in read()

    def test_a_switch_that_reaches_nobody_is_said(self) -> None:
        response = Client().post(reverse("demo_switch"), {"switch": "down"})
        assert response.status_code == 503
        assert "Sjellja nuk u ndryshua" in response.content.decode()

    @pytest.mark.parametrize(
        ("switch", "behaviour"),
        [
            ("slow", Behaviour("slow", seconds=5)),
            ("down", Behaviour("down")),
            ("lying", Behaviour("forget")),
            ("mistaken", Behaviour("wrong_number")),
            ("fine", Behaviour("fine")),
        ],
    )
    def test_a_switch_tells_the_simulator(
        self, settings: Settings, switch: str, behaviour: Behaviour
    ) -> None:
        with simulator(settings) as server:
            response = Client().post(reverse("demo_switch"), {"switch": switch})
            assert (response.status_code, server.behaviour) == (302, behaviour)
            page = " ".join(read().split())
            assert f'value="{switch}" aria-pressed="true"' in page

    def test_an_unknown_switch_is_not_found(self) -> None:
        assert Client().post(reverse("demo_switch"), {"switch": "explode"}).status_code == 404

    @pytest.mark.parametrize("name", ["demo_switch", "demo_at_once"])
    def test_its_buttons_are_protected_against_forged_requests(self, name: str) -> None:
        client = Client(enforce_csrf_checks=True)
        assert client.post(reverse(name), {"switch": "down"}).status_code == 403
        assert client.get(reverse(name)).status_code == 405

    @pytest.mark.parametrize("name", ["demo", "demo_live"])
    def test_in_production_it_is_not_there(self, settings: Settings, name: str) -> None:
        settings.MODE = "production"
        assert Client().get(reverse(name)).status_code == 404

    def test_production_with_its_addresses_does_not_pass_the_check(
        self, settings: Settings
    ) -> None:
        assert no_demonstration_in_production() == []
        settings.MODE = "production"
        assert [error.id for error in no_demonstration_in_production()] == ["demonstration.E001"]
