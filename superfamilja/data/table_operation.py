"""A migration operation on one model's table that Django's model state does not contain."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class TableOperation(Operation, ABC):
    """Base of operations that write SQL: triggers, functions, defaults in the database.

    The model is the same before and after, so the state of either side names its table.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model: str) -> None:
        self.model = model

    @abstractmethod
    def sql_there(self, model: type[Any]) -> Iterable[str]:
        """Return the statements that apply it to this model's table."""

    @abstractmethod
    def sql_back(self, model: type[Any]) -> Iterable[str]:
        """Return the statements that undo it."""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the model state as it is."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        _execute(schema_editor, self.sql_there(to_state.apps.get_model(app_label, self.model)))

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        _execute(schema_editor, self.sql_back(to_state.apps.get_model(app_label, self.model)))


def _execute(schema_editor: BaseDatabaseSchemaEditor, statements: Iterable[str]) -> None:
    for sql in statements:
        # Execute without parameters, because a percent sign in a function's body is no placeholder.
        schema_editor.execute(sql, params=None)
