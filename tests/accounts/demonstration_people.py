"""Some of the demonstration's people: a test that needs one makes one, and not all eleven."""

from unittest import mock

from superfamilja.accounts import demonstration
from superfamilja.accounts.models import User


def made(*usernames: str) -> User:
    """Make these, as the demonstration makes them; the first of them."""
    people = {username: demonstration.PEOPLE[username] for username in usernames}
    with mock.patch.object(demonstration, "PEOPLE", people):
        demonstration.create_staff()
    return User.objects.get(username=usernames[0])
