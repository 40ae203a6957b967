"""Find a contract by whatever the customer says first: a number, a document, a name.

Members are found by number and not by name. An index over the names of 3,000,000 members would slow
the load of that table from 30 s to 84 s, and members know their own number.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from groups.models import Contract, ContractStatus, Membership
from superfamilja.values import names, phone, texts

_OF_ONE_NUMBER = 20

# The ways to find a customer, the surest first.
MATCHED: dict[str, str | Promise] = {
    "contract": _("contract number"),
    "fixed": _("fixed number"),
    "member": _("member"),
    "contact": _("contact mobile"),
    "document": _("personal number"),
    "former": _("was a member"),
    "name": _("Fixed Leader"),
}
_SURER = list(MATCHED)


@dataclass(frozen=True)
class Hit:
    """A contract and what matched (a key of MATCHED); `member` when a member matched."""

    contract: Contract
    how: str
    member: Membership | None = None


def by_key(text: str) -> list[Hit]:
    """Return the contracts that the text names exactly, the surest first.

    Current ones stand before former ones, and each contract stands once. At most five queries. A
    personal number is not searched here, because each such question is counted (`by_document`).
    """
    hits = sorted(
        [*_by_number(text), *_by_mobile(text)],
        key=lambda hit: (hit.contract.status == ContractStatus.ENDED, _SURER.index(hit.how)),
    )
    return list({hit.contract.pk: hit for hit in reversed(hits)}.values())[::-1]


def by_name(text: str, *, start: int, count: int) -> list[Hit] | None:
    """Return contracts whose owner's name has words that begin so. One query.

    Names that have exactly these words come first, then the others by name. Return None for a short
    text.
    """
    beginning = names.beginning_with(text)
    if beginning is None:
        return None
    is_whole = ExpressionWrapper(Q(words=names.with_words(text)), BooleanField())
    found = (
        Contract.objects.annotate(words=names.words_of("owner_name"))
        .filter(words=beginning)
        .annotate(is_whole=is_whole)
        .order_by("-is_whole", names.folded("owner_name"), "pk")
    )
    return [Hit(contract, "name") for contract in found[start : start + count]]


def _by_number(text: str) -> list[Hit]:
    code = texts.clean_code(text)
    written = {code, re.sub(r"\s", "", code).upper()}
    hits = [Hit(contract, "contract") for contract in Contract.objects.filter(number__in=written)]
    if fixed := _read(phone.parse_fixed, text):
        # R20: of the contracts that ever had this number, the present one.
        holders = Contract.objects.filter(~Q(status=ContractStatus.ENDED), fixed_number=fixed)
        hits += [Hit(contract, "fixed") for contract in holders]
    return hits


def _by_mobile(text: str) -> list[Hit]:
    """Return where the number is a member, where it is the contact, and where it was a member."""
    msisdn = _read(phone.parse_msisdn, text)
    if msisdn is None:
        return []
    members = (
        Membership.objects.filter(msisdn=msisdn)
        .select_related("group__contract")
        .order_by("-left_on", "-pk")[:_OF_ONE_NUMBER]  # nulls come first: the current membership
    )
    contact = Contract.objects.filter(contact_msisdn=msisdn).order_by("number")
    return [
        *(Hit(m.group.contract, "former" if m.left_on else "member", m) for m in members),
        *(Hit(contract, "contact") for contract in contact[:_OF_ONE_NUMBER]),
    ]


def by_document(contracts: list[Contract]) -> list[Hit]:
    """Return the same for contracts found by a whole personal number
    (groups/personal_number.py).
    """
    return [Hit(contract, "document") for contract in sorted(contracts, key=_has_ended)]


def _has_ended(contract: Contract) -> bool:
    return contract.status == ContractStatus.ENDED


def _read(parse: Callable[[str], str], text: str) -> str | None:
    try:
        return parse(text)
    except phone.UnreadableNumberError:
        return None
