"""Make tables write-once: the database itself refuses to edit or remove their rows.

The triggers are plain SQL on purpose. A setting of the session can switch a library's triggers off,
and money and history must not depend on who knows that setting.
"""

from collections.abc import Iterable
from typing import Any

from superfamilja.data.table_operation import TableOperation

_FUNCTION = """
CREATE OR REPLACE FUNCTION written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %: its rows are written once and never edited or removed',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


class WrittenOnce(TableOperation):
    """Migration operation: rows of this model can only be added.

    `set_once` names columns that may go once from NULL to a value. `undone` names columns that may
    also go back to NULL, but never from one value to another. `free` names columns that may change;
    each needs a good reason. No row may ever be deleted, and no table truncated.
    """

    def __init__(
        self,
        model: str,
        set_once: list[str] | None = None,
        free: list[str] | None = None,
        undone: list[str] | None = None,
    ) -> None:
        super().__init__(model)
        self.set_once = set_once or []
        self.undone = undone or []
        self.free = free or []

    def sql_there(self, model: type[Any]) -> Iterable[str]:
        table, changed = model._meta.db_table, " OR ".join(self._changed(model))
        yield from self.sql_back(model)
        yield _FUNCTION
        yield (
            f'CREATE TRIGGER written_once_update BEFORE UPDATE ON "{table}" FOR EACH ROW '
            f"WHEN ({changed}) EXECUTE FUNCTION written_once()"
        )
        yield (
            f'CREATE TRIGGER written_once_delete BEFORE DELETE ON "{table}" FOR EACH ROW '
            "EXECUTE FUNCTION written_once()"
        )
        yield (
            f'CREATE TRIGGER written_once_truncate BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION written_once()"
        )

    def _changed(self, model: type[Any]) -> Iterable[str]:
        """Return the refused changes of a row as conditions in SQL."""
        columns = [field.column for field in model._meta.local_concrete_fields]
        frozen = [c for c in columns if c not in {*self.set_once, *self.undone, *self.free}]
        yield from (f'OLD."{c}" IS DISTINCT FROM NEW."{c}"' for c in frozen)
        for c in self.set_once:
            yield f'(OLD."{c}" IS NOT NULL AND OLD."{c}" IS DISTINCT FROM NEW."{c}")'
        # a comparison with NULL is never true
        yield from (f'OLD."{c}" <> NEW."{c}"' for c in self.undone)

    def sql_back(self, model: type[Any]) -> Iterable[str]:
        for act in ("update", "delete", "truncate"):
            yield f'DROP TRIGGER IF EXISTS written_once_{act} ON "{model._meta.db_table}"'

    def describe(self) -> str:
        return f"Rows of {self.model} are written once"
