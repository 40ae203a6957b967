"""Compare the personal number of a Fixed Leader: whole, three tries, then a manager.

A try takes its place (groups/tries.py) before it is compared, so that the database itself prevents
a fourth one. The audit has every try. The typed number is stored nowhere.
"""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_variables

from groups.models import Contract
from groups.tries import MOST, PersonalNumberTry, TryEnd
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts, reasons
from superfamilja.refusal import Refusal

A_DAY = timedelta(days=1)
# Wrong numbers of one person a day over all contracts, against a few guesses at each of many.
MOST_OF_ONE_PERSON = 10
RIGHT, WRONG = "personal_number_right", "personal_number_wrong"
MAY_RELEASE = "groups.release_tries"
SEARCHED, RELEASED = "search_personal_number", "release_tries"

_SHAPE = re.compile(r"[A-Z][0-9]{8}[A-Z]")
_OF_ONE_OWNER = 100


class PersonalNumberRefused(Refusal):
    rule = "R30"


class PersonalNumberWrong(PersonalNumberRefused):
    code = "personal_number_wrong"
    sentence = gettext_noop(
        "This is not the personal number of this contract's Fixed Leader. Look at the document "
        "once more; serve nobody else. The try is recorded. Tries left: %(left)s."
    )


class PersonalNumberLocked(PersonalNumberRefused):
    code = "personal_number_locked"
    sentence = gettext_noop(
        "Three wrong personal numbers were typed for this contract. Nothing more is compared until "
        "a manager who typed none of them lets the shop go on."
    )


class PersonTriedTooOften(PersonalNumberRefused):
    code = "person_tried_too_often"
    sentence = gettext_noop(
        "You typed too many wrong personal numbers. Nothing more that you type is compared until a "
        "manager lets you go on."
    )


class NothingToRelease(PersonalNumberRefused):
    code = "nothing_to_release"
    sentence = gettext_noop("Nobody is kept from going on here any more. Nothing was changed.")


class OwnTries(PersonalNumberRefused):
    code = "own_tries"
    sentence = gettext_noop(
        "Some of these wrong numbers were typed by you: another manager has to look."
    )


def normalised(typed: str) -> str:
    """Return the number in the form that is compared: «j 12345678-a» becomes J12345678A."""
    plain = unicodedata.normalize("NFKC", typed)
    seen = "".join(sign for sign in plain if unicodedata.category(sign) not in {"Cf", "Cc"})
    return re.sub(r"[\s.\-]", "", seen).upper()


def is_one(typed: str) -> bool:
    """Return whether the text has the shape of a personal number: letter, eight digits, letter."""
    return _SHAPE.fullmatch(normalised(typed)) is not None


@sensitive_variables("typed")
def tried(
    *, contract: Contract, typed: str, actor: User, at: datetime, store: str = "", **more: Any
) -> Refusal | None:
    """Compare and record one try; return None when it is right, else the refusal.

    The caller raises the refusal after the transaction that counted it has committed. A right
    number clears the mistakes of the person who typed it, and of nobody else.
    """
    # The lock mode lets charges go on. Tries at one contract wait for each other.
    now = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    _hold(actor)
    if _is_a_spray(actor, at):
        return PersonTriedTooOften()
    own_row = _take_place(PersonalNumberTry(contract=now, actor=actor), at, store)
    if own_row is None:
        return PersonalNumberLocked()
    is_right = constant_time_compare(normalised(typed), now.owner_nid)
    left = MOST - of_contract(now).count()
    trail = {"contract_number": now.number, "store": store, **more}
    if is_right:
        _end(of_contract(now).filter(actor=actor), TryEnd.RIGHT, actor, at)
        acts.record(RIGHT, actor=actor, at=at, **trail)
        return None
    acts.record(WRONG, actor=actor, at=at, left=left, **trail)
    return PersonalNumberWrong(left=left) if left else PersonalNumberLocked()


@sensitive_variables("typed")
def owned_by(*, typed: str, actor: User, at: datetime, store: str = "") -> list[Contract]:
    """Return the contracts of that owner, found by the whole number.

    The audit has every search. A search that finds nothing is a wrong try of this person, and
    counts for a day. Raise PersonTriedTooOften.
    """
    with transaction.atomic():
        found = _searched(typed, actor, at, store)
    if found is None:
        raise PersonTriedTooOften
    return found


def of_contract(contract: Contract) -> QuerySet[PersonalNumberTry]:
    """Return the wrong tries that count at this contract."""
    return PersonalNumberTry.objects.filter(contract=contract, ended_at=None)


def of_person(person: User) -> QuerySet[PersonalNumberTry]:
    """Return the wrong tries of this person that count anywhere."""
    return PersonalNumberTry.objects.filter(actor=person, ended_at=None)


def is_locked(contract: Contract) -> bool:
    """Return whether this contract is locked until a manager releases it."""
    return of_contract(contract).count() >= MOST


@transaction.atomic
def release_contract(*, contract: Contract, actor: User, at: datetime, reason: str) -> None:
    """Let the shops try again at this contract. Raises ReasonMissing, ReasonTooThin,
    NothingToRelease, OwnTries, AccountHeld."""
    reasons.require_sentence(reason)
    holding.require_free(actor, at)
    Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    _release(of_contract(contract), actor, at)
    acts.record(RELEASED, actor=actor, at=at, contract_number=contract.number, reason=reason)


@transaction.atomic
def release_person(*, person: User, actor: User, at: datetime, reason: str) -> None:
    """Let this person search and compare again; their wrong tries stop counting everywhere.

    Raise what `release_contract` raises.
    """
    reasons.require_sentence(reason)
    # a fixed order, so that two managers never wait for each other
    for one in sorted((person, actor), key=_id):
        _hold(one)
    holding.require_free(actor, at)
    _release(of_person(person), actor, at)
    acts.record(RELEASED, actor=actor, at=at, reason=reason, person=person.shown_name)


def _searched(typed: str, actor: User, at: datetime, store: str) -> list[Contract] | None:
    _hold(actor)
    own = PersonalNumberTry.objects.filter(contract=None, actor=actor, ended_at=None)
    if own.count() < MOST:
        _end(own.filter(tried_at__lte=at - A_DAY), TryEnd.OLD, None, at)
    row = _take_place(PersonalNumberTry(actor=actor), at, store)
    if row is None:
        return None
    owned = Contract.objects.filter(owner_nid=normalised(typed)).order_by("number")
    found = list(owned[:_OF_ONE_OWNER])
    if found:
        _end(own.filter(pk=row.pk), TryEnd.RIGHT, actor, at)
    # One act for each customer whom the search named; if none, one act without a customer.
    for number in [contract.number for contract in found] or [""]:
        acts.record(
            SEARCHED, actor=actor, at=at, contract_number=number, store=store, found=len(found)
        )
    return found


def _take_place(row: PersonalNumberTry, at: datetime, store: str) -> PersonalNumberTry | None:
    """Take the lowest free place for this try; None when all three are taken."""
    standing = PersonalNumberTry.objects.filter(contract=row.contract, ended_at=None)
    if row.contract is None:
        standing = standing.filter(actor=row.actor)
    taken = set(standing.values_list("place", flat=True))
    free = [place for place in range(1, MOST + 1) if place not in taken]
    if not free:
        return None
    row.place, row.tried_at, row.store_code = free[0], at, store
    row.save(force_insert=True)
    return row


def _is_a_spray(actor: User, at: datetime) -> bool:
    lately = of_person(actor).filter(contract__isnull=False, tried_at__gt=at - A_DAY)
    return lately.count() >= MOST_OF_ONE_PERSON


def _release(rows: QuerySet[PersonalNumberTry], actor: User, at: datetime) -> None:
    if not actor.has_perm(MAY_RELEASE):
        raise PermissionDenied
    if not rows.exists():
        raise NothingToRelease
    if rows.filter(actor=actor).exists():
        raise OwnTries
    _end(rows, TryEnd.RELEASED, actor, at)


def _end(rows: QuerySet[PersonalNumberTry], how: TryEnd, actor: User | None, at: datetime) -> None:
    rows.update(ended_at=at, ended_as=how, ended_by=actor)


def _id(person: User) -> int:
    return person.pk


def _hold(person: User) -> None:
    """Make this person's own tries wait for each other, and for nobody else's."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)


def locked_contracts(most: int) -> list[Contract]:
    """Return the contracts that are locked."""
    standing = PersonalNumberTry.objects.filter(ended_at=None, contract__isnull=False)
    counted = standing.values("contract").annotate(times=Count("pk")).filter(times__gte=MOST)
    return list(Contract.objects.filter(pk__in=counted.values("contract")).order_by("-pk")[:most])


def locked_people(at: datetime, most: int) -> list[User]:
    """Return the people who may not search or compare any more."""
    full = PersonalNumberTry.objects.filter(ended_at=None, contract=None)
    sprayed = PersonalNumberTry.objects.filter(
        ended_at=None, contract__isnull=False, tried_at__gt=at - A_DAY
    )
    stopped = Q(pk__in=_often(full, MOST)) | Q(pk__in=_often(sprayed, MOST_OF_ONE_PERSON))
    return list(User.objects.filter(stopped).order_by("username")[:most])


def _often(rows: QuerySet[PersonalNumberTry], times: int) -> QuerySet[Any]:
    counted = rows.values("actor").annotate(times=Count("pk")).filter(times__gte=times)
    return counted.values("actor")
