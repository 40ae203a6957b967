"""Plant each kind of damage in a base that is being made, and say where, for a test to find."""

from collections.abc import Callable
from dataclasses import dataclass

from groups.base_import.columns import COLUMNS
from groups.base_import.making import EMPTY_MEMBER, Made, Maker

_AT = {name: place for place, name in enumerate(COLUMNS)}


@dataclass
class Planted:
    """Damage at a row of this contract (0 = its first); `also` at the row before the contract."""

    code: str
    row: int
    also: bool = False
    raw: bytes | None = None  # the row's bytes, where cells cannot say it


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
    return Planted("group_full", 4)


def _number_in_two_groups(made: Made, before: Made) -> Planted:
    made.rows[-1][_AT["member_msisdn"]] = before.rows[-1][_AT["member_msisdn"]]
    return Planted("number_in_two_groups", len(made.rows) - 1, also=True)


def _fixed_number_twice(made: Made, before: Made) -> Planted:
    for row in made.rows:
        row[_AT["fixed_number"]] = before.rows[0][_AT["fixed_number"]]
    return Planted("fixed_number_on_two_contracts", 0, also=True)


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


KINDS: dict[str, tuple[int, Callable[[Made, Made], Planted]]] = {
    "number in two groups": (2, _number_in_two_groups),
    "fifth member": (5, _fifth_member),
    "plan not allowed": (2, _set("member_plan", "postpaid_plus", "plan_not_allowed")),
    "unreadable number": (2, _set("member_msisdn", "067-ABC", "unreadable_number")),
    "fixed number for a mobile": (2, _set("member_msisdn", "042223344", "unreadable_number")),
    "future date": (2, _set("member_joined_on", "2999-01-01", "future_date")),
    "repeated row": (2, _repeated_row),
    "wrong encoding": (2, _latin_1),
    "unclosed quote": (2, _open_quote),
    "wrong number of cells": (2, _extra_cell),
    "unknown status": (2, _set_everywhere("contract_status", "aktiv", "unknown_status")),
    "bad personal number": (2, _set_everywhere("owner_nid", "12345678AB", "bad_nid")),
    "left before joined": (2, _left_before_joined),
    "contradicting owner": (2, _set("owner_name", "Tjetër Kush", "contradicts")),
    "fixed number twice": (2, _fixed_number_twice),
    "missing name": (2, _set("member_name", "", "missing_value")),
    "missing contract number": (2, _set("contract_number", "", "missing_value")),
    "missing address": (2, _set_everywhere("service_address", "", "missing_value")),
    "unreadable date": (2, _set("member_joined_on", "31.12.2025", "unreadable_date")),
    "impossible date": (2, _set("member_joined_on", "2025-02-30", "unreadable_date")),
    "closed before opened": (2, _closed_before_opened),
    "bad e-mail": (2, _set_everywhere("contact_email", "drita(at)shembull", "bad_email")),
    "name too long": (2, _set("member_name", "Ë" * 201, "too_long")),
    "two open groups": (2, _two_open_groups),
}


def places(contracts: int) -> dict[int, str]:
    """Which contract gets which damage; the one before each stays sound."""
    step = (contracts - 2) // len(KINDS)
    if step < 2:
        raise ValueError(f"damage needs at least {2 * len(KINDS) + 2} contracts")
    return {2 + step * n + step - 1: kind for n, kind in enumerate(KINDS)}


def damaged(maker: Maker, kind: str, before: Made) -> tuple[Made, Planted]:
    """A contract with this damage in it."""
    members, plant = KINDS[kind]
    made = maker.plain(members)
    return made, plant(made, before)
