"""Make single people of the demonstration, so that a test need not make all eleven."""

from unittest import mock

from superfamilja.accounts import demonstration
from superfamilja.accounts.models import User


def made(*usernames: str) -> User:
    """Make these people as the demonstration does; return the first."""
    people = {username: demonstration.PEOPLE[username] for username in usernames}
    with mock.patch.object(demonstration, "PEOPLE", people):
        demonstration.create_staff()
    return User.objects.get(username=usernames[0])
