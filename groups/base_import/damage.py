"""Damage a sound base while it is written, once for each kind, and list where, for tests.

Only the damaged rows differ from the sound base of the same seed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from groups.base_import.columns import COLUMNS
from groups.base_import.making import EMPTY_MEMBER, Made

_AT = {name: place for place, name in enumerate(COLUMNS)}


@dataclass
class Planted:
    """A damaged row of this contract (0 is its first); `also` counts rows back from the first."""

    code: str
    row: int
    kind: str = ""
    also: int = 0
    raw: bytes | None = None  # the row's bytes, when cells cannot express the damage


def _set(field: str, value: str, code: str) -> Callable[[Made, Made], Planted]:
    def plant(made: Made, _before: Made) -> Planted:
        made.rows[-1][_AT[field]] = value
        return Planted(code, len(made.rows) - 1)

    return plant


def _set_everywhere(field: str, value: str, code: str) -> Callable[[Made, Made], Planted]:
    def plant(made: Made, _before: Made) -> Planted:
        for row in made.rows:
            row[_AT[field]] = value
        return Planted(code, 0)

    return plant


def _fifth_member(made: Made, _before: Made) -> Planted:
    made.rows.append(list(made.rows[-1]))
    made.rows[-1][_AT["member_msisdn"]] = made.spare_mobile
    made.rows[-1][_AT["member_name"]] = "Anëtari i Pestë"
    return Planted("group_full", 4)


def _number_in_two_groups(made: Made, before: Made) -> Planted:
    made.rows[-1][_AT["member_msisdn"]] = before.rows[-1][_AT["member_msisdn"]]
    return Planted("number_in_two_groups", len(made.rows) - 1, also=1)


def _fixed_number_twice(made: Made, before: Made) -> Planted:
    for row in made.rows:
        row[_AT["fixed_number"]] = before.rows[0][_AT["fixed_number"]]
    return Planted("fixed_number_on_two_contracts", 0, also=len(before.rows))


def _repeated_row(made: Made, _before: Made) -> Planted:
    made.rows.append(list(made.rows[-1]))
    return Planted("repeated_row", len(made.rows) - 1)


def _left_before_joined(made: Made, _before: Made) -> Planted:
    made.rows[-1][_AT["member_left_on"]] = "2020-01-01"
    return Planted("left_before_joined", len(made.rows) - 1)


def _closed_before_opened(made: Made, _before: Made) -> Planted:
    for row in made.rows:
        row[_AT["group_closed_on"]] = "2020-01-01"
    return Planted("closed_before_opened", 0)


def _two_open_groups(made: Made, _before: Made) -> Planted:
    second = list(made.rows[0])
    second[_AT["group_opened_on"]] = "2026-09-01"
    second[11:16] = EMPTY_MEMBER
    made.rows.append(second)
    return Planted("two_open_groups", len(made.rows) - 1)


def _extra_cell(made: Made, _before: Made) -> Planted:
    made.rows[-1].append("tepër")
    return Planted("wrong_number_of_cells", len(made.rows) - 1)


def _latin_1(made: Made, _before: Made) -> Planted:
    row = made.rows[-1]
    row[_AT["member_name"]] = "Ëngjëll Gështenja"
    row[_AT["service_address"]] = row[_AT["service_address"]].replace(",", "")
    return Planted("wrong_encoding", len(made.rows) - 1, raw=",".join(row).encode("latin-1"))


def _open_quote(made: Made, _before: Made) -> Planted:
    row = list(made.rows[-1])
    row[_AT["service_address"]] = row[_AT["service_address"]].replace(",", "")
    row[_AT["member_name"]] = '"' + row[_AT["member_name"]]
    return Planted("unclosed_quote", len(made.rows) - 1, raw=",".join(row).encode())


KINDS: dict[str, Callable[[Made, Made], Planted]] = {
    "number in two groups": _number_in_two_groups,
    "fifth member": _fifth_member,
    "plan not allowed": _set("member_plan", "postpaid_plus", "plan_not_allowed"),
    "unreadable number": _set("member_msisdn", "067-ABC", "unreadable_number"),
    "fixed number for a mobile": _set("member_msisdn", "042223344", "unreadable_number"),
    "future date": _set("member_joined_on", "2999-01-01", "future_date"),
    "repeated row": _repeated_row,
    "wrong encoding": _latin_1,
    "unclosed quote": _open_quote,
    "wrong number of cells": _extra_cell,
    "unknown status": _set_everywhere("contract_status", "aktiv", "unknown_status"),
    "bad personal number": _set_everywhere("owner_nid", "12345678AB", "bad_nid"),
    "left before joined": _left_before_joined,
    "contradicting owner": _set("owner_name", "Tjetër Kush", "contradicts"),
    "fixed number twice": _fixed_number_twice,
    "missing name": _set("member_name", "", "missing_value"),
    "missing contract number": _set("contract_number", "", "missing_value"),
    "missing address": _set_everywhere("service_address", "", "missing_value"),
    "unreadable date": _set("member_joined_on", "31.12.2025", "unreadable_date"),
    "impossible date": _set("member_joined_on", "2025-02-30", "unreadable_date"),
    "closed before opened": _closed_before_opened,
    "bad e-mail": _set_everywhere("contact_email", "drita(at)shembull", "bad_email"),
    "name too long": _set("member_name", "Ë" * 201, "too_long"),
    "two open groups": _two_open_groups,
}

# The fifth member needs a group of four; every other kind works on a group of two or more.
_FULL = 4


def damaged(sound: Iterable[Made], contracts: int) -> Iterator[tuple[Made, Planted | None]]:
    """Yield the same contracts with every kind of damage, one each, spread over the whole base.

    A contract is damaged only if the one before it is plain and sound, because some damage involves
    that neighbour. Raise ValueError at the end when a kind found no place.
    """
    step = (contracts - 2) // (len(KINDS) + 1)
    waiting = list(KINDS)
    before = Made([])
    for number, made in enumerate(sound):
        is_due = len(KINDS) - len(waiting) < (number - 1) // step if step else False
        kind = _kind_for(made, before, waiting) if is_due else None
        if kind is None:
            yield made, None
            before = made
            continue
        waiting.remove(kind)
        copy = Made([list(row) for row in made.rows], spare_mobile=made.spare_mobile)
        planted = KINDS[kind](copy, before)
        planted.kind = kind
        yield copy, planted
        before = copy
    if waiting:
        raise ValueError(
            f"{contracts} contracts are too few for every kind of damage: no place was found for "
            f"{', '.join(waiting)}. Make {4 * len(KINDS)} or more."
        )


def _kind_for(made: Made, before: Made, waiting: list[str]) -> str | None:
    """Return the first waiting kind that works on this contract."""
    if not (made.is_plain and before.is_plain) or len(made.rows) < 2:
        return None
    is_full = len(made.rows) == _FULL
    return next((kind for kind in waiting if is_full or kind != "fifth member"), None)
