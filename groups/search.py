"""Find a contract from whatever the customer says first: a number, a document, a name."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from groups.models import Contract, ContractStatus, Membership
from superfamilja import names, phone

_NID = re.compile(r"[A-Z][0-9]{8}[A-Z]")


@dataclass(frozen=True)
class Hit:
    """A contract and what of it matched; `member` when it was found through one."""

    contract: Contract
    matched: str | Promise
    member: Membership | None = None


def by_key(text: str) -> list[Hit]:
    """Contracts that the text names exactly, the likeliest first. A contract stands once."""
    compact = re.sub(r"\s", "", text).upper()
    hits = [
        Hit(contract, _("contract number"))
        for contract in Contract.objects.filter(number__in={text.strip(), compact})
    ]
    if fixed := _read(phone.parse_fixed, text):
        # R20: of the contracts that ever had this number, the one that has it.
        holders = Contract.objects.filter(~Q(status=ContractStatus.ENDED), fixed_number=fixed)
        hits += [Hit(contract, _("fixed number")) for contract in holders]
    if mobile := _read(phone.parse_msisdn, text):
        hits += _by_mobile(mobile)
    if _NID.fullmatch(compact):
        owned = Contract.objects.filter(owner_nid=compact).order_by("status", "number")
        hits += [Hit(contract, _("personal number")) for contract in owned[:100]]
    return list({hit.contract.pk: hit for hit in reversed(hits)}.values())[::-1]


def by_name(text: str, *, start: int, count: int) -> list[Hit]:
    """Contracts whose owner's name has words that begin so, in the order of the name."""
    query = names.beginning_with(text)
    if query is None:
        return []
    found = (
        Contract.objects.annotate(words=names.words_of("owner_name"))
        .filter(words=query)
        .order_by(names.folded("owner_name"), "pk")
    )
    return [Hit(contract, _("Fixed Leader")) for contract in found[start : start + count]]


def _by_mobile(msisdn: str) -> list[Hit]:
    """Where it is a member now, whose contact it is, and where it was a member."""
    members = list(
        Membership.objects.filter(msisdn=msisdn)
        .select_related("group__contract")
        .order_by("-left_on", "-pk")[:20]  # nulls come first: the current one
    )
    now = [Hit(m.group.contract, _("member"), m) for m in members if m.left_on is None]
    past = [Hit(m.group.contract, _("was a member"), m) for m in members if m.left_on]
    contact = Contract.objects.filter(contact_msisdn=msisdn).order_by("status", "number")[:20]
    return [*now, *(Hit(contract, _("contact mobile")) for contract in contact), *past]


def _read(parse: Callable[[str], str], text: str) -> str | None:
    try:
        return parse(text)
    except phone.UnreadableNumberError:
        return None
