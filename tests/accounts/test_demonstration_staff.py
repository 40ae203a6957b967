"""The demonstration's people: every role, two shops, and codes that production never tells."""

from io import StringIO

import pytest
from django.core import checks as django_checks
from django.core.management import CommandError, call_command

from superfamilja.accounts import checks, demonstration, staff
from superfamilja.accounts.models import Store, User

pytestmark = pytest.mark.django_db


def test_they_are_the_same_however_often_they_are_made():
    for _ in range(2):
        demonstration.create_staff()
        found = {
            user.username: (*staff.roles_of(user), *staff.codes_of(user))
            for user in User.objects.filter(is_staff=True)
        }
        assert found == {
            "agjenti": ("care agent",),
            "kleriku": ("store clerk", "D01"),
            "menaxheri": ("store manager", "D01"),
            "kleriku2": ("store clerk", "D02"),
            "menaxheri2": ("store manager", "D02"),
            "dydyqane": ("store clerk", "D01", "D02"),
            "shqyrtuesi": ("billing reviewer",),
            "miratuesi": ("billing approver",),
            "auditori": ("auditor",),
            "administratori": ("administrator",),
            "administratori2": ("administrator",),
        }


def test_their_shops_get_their_names_back_and_open_again():
    Store.objects.create(code="D01", name="D01", is_active=False)
    demonstration.create_staff()
    assert list(Store.objects.values_list("code", "name", "place", "is_active")) == [
        ("D01", "Tirana 3", "Tiranë", True),
        ("D02", "Durrës 1", "Durrës", True),
    ]


def test_staff_code_tells_the_code_of_a_demonstration_account_only():
    demonstration.create_staff()
    out = StringIO()
    call_command("staff_code", "agjenti", stdout=out)
    assert len(out.getvalue().strip()) == 6
    with pytest.raises(CommandError):
        call_command("staff_code", "somebody")


def test_in_production_no_code_is_told(settings):
    demonstration.create_staff()
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError):
        call_command("staff_code", "agjenti")


def test_the_system_check_stops_demonstration_codes_in_production(settings):
    settings.MODE = "production"
    assert [error.id for error in checks.codes_are_secret_in_production()] == ["accounts.E001"]
    assert checks.codes_are_secret_in_production in django_checks.registry.registry.get_checks()


def test_the_system_check_finds_demonstration_accounts_in_production(settings):
    demonstration.create_staff()
    settings.MODE = "production"
    found = checks.no_demonstration_people_in_production(databases=["default"])
    assert [error.id for error in found] == ["accounts.E002"]
