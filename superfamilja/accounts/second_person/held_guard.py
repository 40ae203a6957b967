"""The database's own guard: a held account's name stands under no decision (R35)."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_FUNCTION = """
CREATE OR REPLACE FUNCTION held_account_waits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    person bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    moment timestamptz := (to_jsonb(NEW) ->> TG_ARGV[1])::timestamptz;
BEGIN
    IF person IS NULL OR moment IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND (to_jsonb(OLD) ->> TG_ARGV[0])::bigint IS NOT DISTINCT FROM person THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM accounts_user WHERE id = person AND held_until > moment) THEN
        RAISE EXCEPTION 'account % is held: it approves, credits and administers nothing', person
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


class HeldAccountsWait(Operation):
    """Migration operation: refuse a row on which `person` is held at the row's own `moment`.

    `when` narrows it to the rows that are decisions, as a condition on NEW in SQL.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model: str, person: str, moment: str, when: str = "") -> None:
        self.model, self.person, self.moment, self.when = model, person, moment, when

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
        person = meta.get_field(self.person).column
        when = f"WHEN ({self.when}) " if self.when else ""
        schema_editor.execute(_FUNCTION, params=None)
        schema_editor.execute(
            f'CREATE TRIGGER "held_{self.person}_waits" BEFORE INSERT OR UPDATE '
            f'ON "{meta.db_table}" FOR EACH ROW {when}'
            f"EXECUTE FUNCTION held_account_waits('{person}', '{self.moment}')",
            params=None,
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model)._meta.db_table
        schema_editor.execute(f'DROP TRIGGER "held_{self.person}_waits" ON "{table}"', params=None)

    def describe(self) -> str:
        return f"A held account's {self.person} is refused on {self.model}"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model, self.person, self.moment], {"when": self.when}
