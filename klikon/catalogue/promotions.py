"""Import the promotions that numbers have outside Klik-ON, from a file of the CRM (R8).

Klik-ON does not apply them. It keeps them to tell a caller when one would have been cheaper.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from klikon.models import Package, PromotionKind
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.data.csv_files import FileRow, ImportOutcome, RejectsFile, read_rows
from superfamilja.values import phone, texts
from superfamilja.values.lek_field import read_lek

COLUMNS = ("msisdn", "package_code", "kind", "value", "valid_from", "valid_to")
EVERY_PACKAGE = "*"

_ROWS = """
DROP TABLE IF EXISTS pg_temp.promotion_row;
CREATE TEMP TABLE promotion_row (
    msisdn text, package_code text, kind text, value int, valid_from date, valid_to date
) ON COMMIT DROP
"""
# A row with another last day moves that day. The database forbids every other change.
_MERGE = """
WITH merged AS (
    INSERT INTO klikon_promotion AS p (msisdn, package_code, kind, value, valid_from, valid_to)
    SELECT * FROM promotion_row
    ON CONFLICT (msisdn, package_code, kind, value, valid_from)
    DO UPDATE SET valid_to = EXCLUDED.valid_to WHERE p.valid_to <> EXCLUDED.valid_to
    RETURNING p.xmax = 0 AS is_new
)
SELECT (SELECT count(*) FROM promotion_row), count(*) FILTER (WHERE is_new),
       count(*) FILTER (WHERE NOT is_new)
FROM merged
"""


class PromotionRow(NamedTuple):
    """Hold one promotion of the file; all fields but `valid_to` identify it."""

    msisdn: str
    package_code: str
    kind: str
    value: int
    valid_from: date
    valid_to: date


@transaction.atomic
def import_promotions(
    path: Path, *, at: datetime, actor: User | None = None, dry_run: bool = False
) -> ImportOutcome:
    """Load the file of promotions; a bad row never stops the good ones. Raise FileRefused.

    The number of statements is constant. A dry run does the same and rolls it back.
    """
    codes = {EVERY_PACKAGE, *Package.objects.values_list("code", flat=True)}
    with RejectsFile(path, columns=COLUMNS) as rejects, connection.cursor() as cursor:
        cursor.execute(_ROWS)
        with cursor.copy("COPY promotion_row FROM STDIN") as copy:
            for promotion in _readable(path, codes, rejects):
                copy.write_row(promotion)
        cursor.execute(_MERGE)
        rows, new, changed = cursor.fetchone()
    figures = Counter(
        new=new, changed=changed, unchanged=rows - new - changed, rejected=rejects.rows
    )
    if dry_run:
        transaction.set_rollback(True)
    elif new or changed:
        acts.record("import_promotions", actor=actor, at=at, reason=path.name, figures=figures)
    return ImportOutcome(figures, rejects.path if rejects.rows else None)


def _readable(path: Path, codes: Collection[str], rejects: RejectsFile) -> Iterator[PromotionRow]:
    seen: dict[tuple[object, ...], int] = {}
    for row in read_rows(path, COLUMNS):
        promotion, problems = _read(row, codes)
        if promotion and (first := seen.setdefault(promotion[:-1], row.line)) != row.line:
            problems["msisdn"] = ValidationError(
                _("It repeats line %(line)s."), params={"line": first}
            )
        if problems:
            rejects.reject(row, {field: [problem] for field, problem in problems.items()})
        elif promotion:
            yield promotion


def _read(
    row: FileRow, codes: Collection[str]
) -> tuple[PromotionRow | None, dict[str, ValidationError]]:
    """Return the promotion of the row, or what is wrong with each of its fields."""
    if row.problem:
        return None, {"": row.problem}
    problems: dict[str, ValidationError] = {}
    values: list[Any] = []
    readers = _READERS | ({"value": _percent} if _is_percent(row.cells["kind"]) else {})
    for field in COLUMNS:
        try:
            values.append(readers[field](row.cells[field]))
        except ValidationError as problem:
            problems[field] = problem
    if problems:
        return None, problems
    promotion = PromotionRow(*values)
    if promotion.package_code not in codes:
        problems["package_code"] = ValidationError(
            _("No package has this code. Load the catalogue first, or write * for every package.")
        )
    if promotion.valid_to < promotion.valid_from:
        problems["valid_to"] = ValidationError(_("It is before valid_from. Correct the dates."))
    return promotion, problems


def _msisdn(text: str) -> str:
    try:
        return phone.parse_msisdn(text)
    except phone.UnreadableNumberError as error:
        raise ValidationError(
            _("This is not an Albanian mobile number. Write it as 067 000 0102.")
        ) from error


def _kind(text: str) -> str:
    if text.lower() not in PromotionKind.values:
        raise ValidationError(_("Write percent or amount."))
    return text.lower()


def _is_percent(text: str) -> bool:
    return text.lower() == PromotionKind.PERCENT


def _percent(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= 100:
        raise ValidationError(_("A percentage is from 1 to 100."))
    return int(text)


def _amount(text: str) -> int:
    return read_lek(text, at_least=1)


def _day(text: str) -> date:
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValidationError(_("This is not a date; write it as 2026-11-30.")) from error


def _code(text: str) -> str:
    return texts.clean_code(text).upper()


_READERS: dict[str, Callable[[str], Any]] = {
    "msisdn": _msisdn,
    "package_code": _code,
    "kind": _kind,
    "value": _amount,
    "valid_from": _day,
    "valid_to": _day,
}
