"""The database keeps no text that the normaliser would change (superfamilja/texts.py)."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Func

from superfamilja.texts import UNSEEN_SQL


class IsComposed(Func):
    """NFC: a letter with its mark is one letter."""

    template = "%(expressions)s IS NFC NORMALIZED"
    output_field = models.BooleanField()


class CleanText(models.CheckConstraint):
    """These columns of one line hold nothing that nobody sees, no outer and no double spaces."""

    def __init__(self, *, columns: Iterable[str], name: str) -> None:
        self.columns = tuple(columns)
        super().__init__(condition=_all_clean(self.columns), name=name)

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path = f"{type(self).__module__}.{type(self).__qualname__}"
        return path, (), {"columns": list(self.columns), "name": self.name}


def _all_clean(columns: tuple[str, ...]) -> Q:
    condition = Q()
    for column in columns:
        condition &= ~Q(**{f"{column}__regex": UNSEEN_SQL}) & Q(IsComposed(F(column)))
    return condition


def kept_clean() -> list[tuple[type[models.Model], CleanText]]:
    """Every model of the house with the constraint that names its columns."""
    return [
        (model, constraint)
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, CleanText)
    ]
