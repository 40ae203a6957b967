"""Staff at the door of the portal, for tests that start behind it."""

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth.models import Group
from django.test import Client

from superfamilja.accounts.models import User


def staff_member(role: str, username: str = "", **fields: object) -> User:
    """An active member of staff in that role (a name of superfamilja.accounts.roles)."""
    count = User.objects.count()
    user = User.objects.create_user(username or f"staff{count}", is_staff=True, **fields)
    user.groups.add(Group.objects.get(name=role))
    return user


def sign_in(client: Client, user: User) -> Client:
    """Sign this user in, as if password and second factor had both been right just now."""
    client.force_login(user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "type": "totp", "at": time.time()}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
