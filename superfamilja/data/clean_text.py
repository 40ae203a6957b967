"""The database keeps no text that the normaliser would change (superfamilja/values/texts.py)."""

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Func

from superfamilja.values import texts

_CODE_SQL = r"^([!-~]+( [!-~]+)*)?$"


class IsComposed(Func):
    """NFC: a letter with its mark is one letter."""

    template = "%(expressions)s IS NFC NORMALIZED"
    output_field = models.BooleanField()


class CleanText(models.CheckConstraint):
    """Columns of one line hold nothing that nobody sees, no outer and no double spaces; those of
    codes, which people copy and compare, hold nothing but ASCII besides."""

    def __init__(self, *, lines: Iterable[str] = (), codes: Iterable[str] = (), name: str) -> None:
        self.lines, self.codes = tuple(lines), tuple(codes)
        super().__init__(condition=self.condition_of_all(), name=name)

    @property
    def cleaners(self) -> dict[str, Callable[[str], str]]:
        """What makes each column clean."""
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
    """Every model of the house with the constraint that names its columns."""
    return [
        (model, constraint)
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, CleanText)
    ]


def only_cleaned(table: str, constraint: CleanText) -> tuple[str, str]:
    """SQL, and its undoing: these columns of rows that are written once change only where they are
    not clean yet. The table's own guard has to leave them free."""
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
