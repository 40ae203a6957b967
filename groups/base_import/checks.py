"""Check single rows by a table: code, field, and an SQL condition that is true for a bad row.

A condition may name the file's columns (text) and those that were read from them (msisdn,
opened_on, fixed, status …). `words.py` holds the words for each code. `conflicts.py` checks rows
against each other and against the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from groups.base_import.columns import (
    CONTRACT_COLUMNS,
    DATES,
    LENGTHS,
    MEMBER_COLUMNS,
    NAME_COLUMNS,
)
from groups.models import ContractStatus

_HAS_MEMBER = f"num_nonnulls({', '.join(MEMBER_COLUMNS)}) > 0"
_STATUSES = ", ".join(f"'{status}'" for status in ContractStatus.values)


@dataclass(frozen=True)
class Check:
    """One possible fault of one field of a row."""

    code: str
    field: str
    when: str


# UTF-8 that was read in another encoding shows pairs that no name has: ë is “Ã«”, “Ă«”, “├½”, “√´”.
_LATER_BYTE = "\\u0080-\\u00bfŒœŠšŸŽžƒˆ˜–-―‘-„†-•…‰‹›€™ˇ˘˙˛˝ŚśŤťŹźŁłĄąŞşŻżĽľ"
MISREAD = {
    "Windows-1252": f"[ÃÂÄÅ][{_LATER_BYTE}]|â€",
    "Windows-1250": f"[ĂÂ][{_LATER_BYTE}]",
    "DOS": "[├┬─┼]",
    "Mac Roman": "[√¬][\\u0080-\\uffff]",
}
LOST_LETTER = "�|[[:alpha:]]\\?+[[:alpha:]]"
ANY_MISREAD = "|".join(MISREAD.values())


def _misread(*fields: str) -> list[Check]:
    """A rare letter is looked for first: nearly every name has none of them."""
    rare = "[ÃÂÄÅâĂ├┬─┼√¬]"
    of_misread = [
        Check("misread", name, f"{name} ~ '{rare}' AND {name} ~ '{ANY_MISREAD}'") for name in fields
    ]
    lost = [
        Check("lost_letter", name, f"{name} ~ '[?�]' AND {name} ~ '{LOST_LETTER}'")
        for name in fields
    ]
    return of_misread + lost


def _too_long(*fields: str) -> list[Check]:
    return [Check("too_long", field, f"length({field}) > {LENGTHS[field]}") for field in fields]


ROW_CHECKS = [
    Check(
        "missing_value",
        "group_opened_on",
        f"group_opened_on IS NULL AND (group_closed_on IS NOT NULL OR {_HAS_MEMBER})",
    ),
    *(
        Check("missing_value", field, f"{field} IS NULL AND {_HAS_MEMBER}")
        for field in MEMBER_COLUMNS
        if field != "member_left_on"
    ),
    Check("unreadable_number", "member_msisdn", "member_msisdn IS NOT NULL AND msisdn IS NULL"),
    *(
        Check("unreadable_date", text, f"{text} IS NOT NULL AND t.{read} IS NULL")
        for text, read in DATES.items()
    ),
    *(Check("future_date", text, f"t.{read} > {{today}}") for text, read in DATES.items()),
    Check("closed_before_opened", "group_closed_on", "t.closed_on < t.opened_on"),
    Check("left_before_joined", "member_left_on", "t.left_on < t.joined_on"),
    Check("joined_after_closing", "member_joined_on", "t.joined_on > t.closed_on"),
    Check("look_alike", "contract_number", "contract_number ~ '[^ -~]'"),
    *_misread("member_name"),
    *_too_long("contract_number", "member_name", "member_plan"),
]

CONTRACT_CHECKS = [
    *(
        Check("missing_value", field, f"{field} IS NULL")
        for field in (
            "fixed_number",
            "contract_status",
            "owner_nid",
            "owner_name",
            "contact_msisdn",
            "service_address",
        )
    ),
    Check("unreadable_number", "fixed_number", "fixed_number IS NOT NULL AND fixed IS NULL"),
    Check("unreadable_number", "contact_msisdn", "contact_msisdn IS NOT NULL AND contact IS NULL"),
    Check("unknown_status", "contract_status", f"status NOT IN ({_STATUSES})"),
    Check("bad_nid", "owner_nid", "owner_nid !~ '^[A-Za-z][0-9]{8}[A-Za-z]$'"),
    Check("bad_email", "contact_email", r"contact_email !~ '^[^@\s]+@[^@\s]+\.[^@\s.]+$'"),
    Check("look_alike", "store_code", "store_code ~ '[^ -~]'"),
    *_misread("owner_name", "service_address"),
    *_too_long("owner_name", "contact_email", "service_address", "store_code"),
]


def any_of(checks: Sequence[Check], today: date) -> str:
    """Return SQL that is true when any of the checks finds a fault."""
    conditions = " OR ".join(f"({_when(check, today)})" for check in checks)
    return f"COALESCE({conditions}, false)"


def found_by(checks: Sequence[Check], table: str, today: date) -> str:
    """Return SQL that adds every finding of these checks on `table` to the rejects."""
    findings = ", ".join(
        f"('{check.code}', '{check.field}', {check.field}, {_when(check, today)})"
        for check in checks
    )
    return f"""
        INSERT INTO base_import_reject (line, contract_number, field, value, code)
        SELECT t.line, t.contract_number, f.field, f.value, f.code
        FROM (SELECT b.*, {_raw_columns(table)} FROM {table} b
              JOIN base_import_raw r USING (line) WHERE b.bad) t
        CROSS JOIN LATERAL (VALUES {findings}) AS f (code, field, value, wrong)
        WHERE f.wrong
    """


def name_the_encoding() -> str:
    """SQL that writes beside each misread name in which encoding it was read."""
    encodings = " ".join(f"WHEN value ~ '{shape}' THEN '{name}'" for name, shape in MISREAD.items())
    return f"UPDATE base_import_reject SET other = CASE {encodings} END WHERE code = 'misread'"


def misread_lines() -> str:
    """SQL: the lines of the file in which a name was misread or has lost a letter."""
    wrong = " OR ".join(f"{name} ~ '{ANY_MISREAD}|{LOST_LETTER}'" for name in NAME_COLUMNS)
    return f"SELECT line FROM base_import_raw WHERE {wrong}"


def _when(check: Check, today: date) -> str:
    return check.when.replace("{today}", f"DATE '{today}'")


def _raw_columns(table: str) -> str:
    if table == "base_import_row":
        return "r.member_msisdn, " + ", ".join(f"r.{text}" for text in DATES)
    return ", ".join(
        f"r.{text}"
        for text in CONTRACT_COLUMNS
        if text not in ("owner_name", "service_address")  # the table has these columns unchanged
    )
