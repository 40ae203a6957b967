"""Make, rename, shut and reopen shops. Each act records who, when and why."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from superfamilja.accounts.models import SessionEnd, Store, User
from superfamilja.accounts.refusals import StoreCodeTaken
from superfamilja.accounts.staff import require_administrator
from superfamilja.accounts.stores import store_sessions
from superfamilja.audit import acts


@transaction.atomic
def make_store(
    *, code: str, name: str, place: str, actor: User | None, at: datetime, reason: str
) -> Store:
    """Make a new, open shop. Its code is kept in capitals and never changes.

    Raises ReasonMissing, NotAnAdministrator, StoreCodeTaken.
    """
    require_administrator(actor, reason, permission="accounts.add_store", at=at)
    code = code.strip().upper()
    try:
        with transaction.atomic():
            store = Store.objects.create(code=code, name=name.strip(), place=place.strip())
    except IntegrityError:
        raise StoreCodeTaken(code=code) from None
    _record("make_store", store, actor, at, reason, **_named(store))
    return store


@transaction.atomic
def rename_store(
    *, store: Store, name: str, place: str, actor: User | None, at: datetime, reason: str
) -> None:
    """Change the shop's name or place; papers printed before keep the old one.

    Raises ReasonMissing, NotAnAdministrator.
    """
    store = _locked(store, actor, at, reason)
    before = {"name": store.name, "place": store.place}
    store.name, store.place = name.strip(), place.strip()
    store.save()
    _record(
        "rename_store", store, actor, at, reason, before=before, name=store.name, place=store.place
    )


@transaction.atomic
def shut_store(*, store: Store, actor: User | None, at: datetime, reason: str) -> None:
    """Shut the shop: the next request of everybody who is signed in there is turned away.

    Raises ReasonMissing, NotAnAdministrator.
    """
    store = _locked(store, actor, at, reason)
    store.is_active = False
    store.save()
    here = store_sessions.still_open().filter(store=store)
    store_sessions.end(here, SessionEnd.STORE_SHUT, at)
    _record("shut_store", store, actor, at, reason)


@transaction.atomic
def reopen_store(*, store: Store, actor: User | None, at: datetime, reason: str) -> None:
    """Open the shop again for the people who worked there.

    Raises ReasonMissing, NotAnAdministrator.
    """
    store = _locked(store, actor, at, reason)
    store.is_active = True
    store.save()
    _record("reopen_store", store, actor, at, reason)


def _locked(store: Store, actor: User | None, at: datetime, reason: str) -> Store:
    require_administrator(actor, reason, permission="accounts.change_store", at=at)
    return Store.objects.select_for_update().get(pk=store.pk)


def _named(store: Store) -> dict[str, str]:
    return {"name": store.name, "place": store.place}


def _record(
    verb: str, store: Store, actor: User | None, at: datetime, reason: str, **details: Any
) -> None:
    acts.record(verb, actor=actor, at=at, reason=reason, store=store.code, **details)
