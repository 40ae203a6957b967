"""The administrator of these tests."""

import pytest

from superfamilja.accounts import roles
from superfamilja.accounts.models import User
from tests.signing_in import staff_member


@pytest.fixture
def ada() -> User:
    return staff_member(roles.ADMINISTRATOR, username="ada")
