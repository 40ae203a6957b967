"""Find rows that were stored before the normaliser existed, and clean what can be cleaned."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, models, transaction

from superfamilja.data.clean_text import CleanText

_VALIDATE = "ALTER TABLE {table} VALIDATE CONSTRAINT {name}"


@dataclass(frozen=True)
class Unclean:
    """A row whose listed columns are not clean, with their present and their clean texts."""

    model: type[models.Model]
    pk: Any
    was: dict[str, str]
    now: dict[str, str]

    def repair(self) -> bool:
        """Write the clean texts.

        Return False when another row has them or the row is written once.
        """
        try:
            with transaction.atomic():
                self.model._base_manager.filter(pk=self.pk).update(**self.now)
        except DatabaseError:
            return False
        return True


def unclean(model: type[models.Model], constraint: CleanText) -> Iterator[Unclean]:
    """Return the rows of the model that its constraint would refuse."""
    found = model._base_manager.exclude(constraint.condition_of_all()).order_by("pk")
    for values in found.values("pk", *constraint.cleaners):
        was = {name: values[name] for name in constraint.cleaners}
        now = {name: clean(was[name]) for name, clean in constraint.cleaners.items()}
        changed = {name: text for name, text in now.items() if text != was[name]}
        yield Unclean(model, values["pk"], {name: was[name] for name in changed}, changed)


def validate(model: type[models.Model], constraint: CleanText) -> bool:
    """Validate the constraint for existing rows, too. Return False while some are not clean."""
    quote = connection.ops.quote_name
    table, name = quote(model._meta.db_table), quote(constraint.name)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_VALIDATE.format(table=table, name=name))
    except DatabaseError:
        return False
    return True
