"""Sign staff in, for tests that start behind the door."""

import time
from collections.abc import Iterable

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from superfamilja.accounts import roles
from superfamilja.accounts.models import Store, User
from superfamilja.accounts.stores import chosen


def staff_member(
    role: str, username: str = "", shops: Iterable[Store] | None = None, **fields: object
) -> User:
    """Make an active member of staff in that role (a name of superfamilja.accounts.roles).

    Staff with a role in a shop work in D01, unless told otherwise.
    """
    count = User.objects.count()
    user = User.objects.create_user(username or f"staff{count}", is_staff=True, **fields)
    user.groups.add(Group.objects.get(name=role))
    if role in roles.IN_A_STORE:
        user.stores.set([shop()] if shops is None else shops)
    return user


def shop(code: str = "D01") -> Store:
    """Return the shop with that code: D01 is Tirana 3, others are named by their code."""
    named = {"name": "Tirana 3", "place": "Tiranë"} if code == "D01" else {}
    return Store.objects.get_or_create(code=code, defaults={"name": code, **named})[0]


def sign_in(client: Client, user: User, store: Store | None = None) -> Client:
    """Sign this user in, as if password and second factor had both been right just now.

    The session works in that shop or, without one, in the person's only shop.
    """
    client.force_login(user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "type": "totp", "at": time.time()}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    request = HttpRequest()
    request.user, request.session = user, session
    if store:
        chosen.enter(request, store, at=timezone.now())
    else:
        chosen.must_choose(request)  # enters the only one
    session.save()
    return client
