"""Refuse in the database every text that the normaliser would change
(superfamilja/values/texts.py).
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Func

from superfamilja.values import texts

_CODE_SQL = r"^([!-~]+( [!-~]+)*)?$"


class IsComposed(Func):
    """Condition: the text is in NFC, where a letter and its mark are one character."""

    template = "%(expressions)s IS NFC NORMALIZED"
    output_field = models.BooleanField()


class CleanText(models.CheckConstraint):
    """Constraint: one-line columns hold no invisible letters and no outer or double spaces.

    Columns of codes, which people copy and compare, hold ASCII only as well.
    """

    def __init__(self, *, lines: Iterable[str] = (), codes: Iterable[str] = (), name: str) -> None:
        self.lines, self.codes = tuple(lines), tuple(codes)
        super().__init__(condition=self.condition_of_all(), name=name)

    @property
    def cleaners(self) -> dict[str, Callable[[str], str]]:
        """Return the function that cleans each column."""
        of_lines = dict.fromkeys(self.lines, texts.clean)
        return {**of_lines, **dict.fromkeys(self.codes, texts.clean_code)}

    def condition_of_all(self) -> Q:
        condition = Q()
        for column in self.lines:
            condition &= ~Q(**{f"{column}__regex": texts.UNSEEN_SQL}) & Q(IsComposed(F(column)))
        for column in self.codes:
            condition &= Q(**{f"{column}__regex": _CODE_SQL})
        return condition

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path = f"{type(self).__module__}.{type(self).__qualname__}"
        named = {"lines": list(self.lines), "codes": list(self.codes), "name": self.name}
        return path, (), named


def kept_clean() -> list[tuple[type[models.Model], CleanText]]:
    """Return every model with the constraint that names its columns."""
    return [
        (model, constraint)
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, CleanText)
    ]


def only_cleaned(table: str, constraint: CleanText) -> tuple[str, str]:
    """Return SQL, and its undoing: written-once columns may change only while they are unclean.

    The table's own guard has to leave these columns free.
    """
    unclean = {
        **{
            c: f"OLD.{c} ~ '{texts.UNSEEN_SQL}' OR OLD.{c} IS NOT NFC NORMALIZED"
            for c in constraint.lines
        },
        **{c: f"OLD.{c} !~ '{_CODE_SQL}'" for c in constraint.codes},
    }
    rewritten = " OR ".join(
        f"(OLD.{column} <> NEW.{column} AND NOT ({is_unclean}))"
        for column, is_unclean in unclean.items()
    )
    return (
        f"CREATE TRIGGER only_cleaned BEFORE UPDATE OF {', '.join(unclean)} ON {table} "
        f"FOR EACH ROW WHEN ({rewritten}) EXECUTE FUNCTION written_once()",
        f"DROP TRIGGER only_cleaned ON {table}",
    )
