"""Tables whose rows are written once: the database itself refuses to edit or remove them.

Plain triggers on purpose: those of a library can be told to look away by a setting of the
session, and money and history must not depend on who knows that setting.
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_FUNCTION = """
CREATE OR REPLACE FUNCTION written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %: its rows are written once and never edited or removed',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


class WrittenOnce(Operation):
    """Migration operation: rows of this model can only be added.

    `set_once` names columns that may go from NULL to a value, once; `undone` those that may go
    back to NULL, too, but never from one value to another; `free` names columns that may change
    (each needs a good reason). Nothing may ever be deleted or truncated.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(
        self,
        model: str,
        set_once: list[str] | None = None,
        free: list[str] | None = None,
        undone: list[str] | None = None,
    ):
        self.model = model
        self.set_once = set_once or []
        self.undone = undone or []
        self.free = free or []

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Triggers are no part of Django's model state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        meta = to_state.apps.get_model(app_label, self.model)._meta
        table = meta.db_table
        columns = [field.column for field in meta.local_concrete_fields]
        frozen = [c for c in columns if c not in {*self.set_once, *self.undone, *self.free}]
        changed = [
            *(f'OLD."{c}" IS DISTINCT FROM NEW."{c}"' for c in frozen),
            *(
                f'(OLD."{c}" IS NOT NULL AND OLD."{c}" IS DISTINCT FROM NEW."{c}")'
                for c in self.set_once
            ),
            *(f'OLD."{c}" <> NEW."{c}"' for c in self.undone),  # with a NULL it is no yes
        ]
        self.database_backwards(app_label, schema_editor, from_state, to_state)
        for sql in (
            _FUNCTION,
            f'CREATE TRIGGER written_once_update BEFORE UPDATE ON "{table}" FOR EACH ROW '
            f"WHEN ({' OR '.join(changed)}) EXECUTE FUNCTION written_once()",
            f'CREATE TRIGGER written_once_delete BEFORE DELETE ON "{table}" FOR EACH ROW '
            "EXECUTE FUNCTION written_once()",
            f'CREATE TRIGGER written_once_truncate BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION written_once()",
        ):
            schema_editor.execute(sql, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        states = (from_state, to_state)
        model = next(
            s.apps.get_model(app_label, self.model)
            for s in states
            if (app_label, self.model.lower()) in s.models
        )
        for act in ("update", "delete", "truncate"):
            schema_editor.execute(
                f'DROP TRIGGER IF EXISTS written_once_{act} ON "{model._meta.db_table}"',
                params=None,
            )

    def describe(self) -> str:
        return f"Rows of {self.model} are written once"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        how = {"set_once": self.set_once, "free": self.free, "undone": self.undone}
        return type(self).__name__, [self.model], how
