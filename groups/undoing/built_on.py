"""Whether a file can still be taken back: precisely what “nothing was built on it” means.

1. It is the last file that was loaded.
2. Nothing of any app points at a contract, group or member that it brought, but its own rows.
3. What it changed or ended was not changed again since.
4. No contact number that was changed here was overruled by it.
That a place is free again, the constraints of the tables say at the end.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection, models

from groups.models import BaseImport, Contract, Group, Membership
from groups.undoing.refusals import (
    BuiltOn,
    ChangedSince,
    ContactSettled,
    HistoryIsSilent,
    NotTheLastFile,
)

_BROUGHT: dict[type[models.Model], tuple[str, str]] = {
    Contract: ("contracts_brought", "contracts_new"),
    Group: ("groups_brought", "groups_opened"),
    Membership: ("members_brought", "members_new"),
}
# Rows of the file itself point at one another; the history points at what it was.
_OWN = {("groups_group", "contract_id"), ("groups_membership", "group_id")}


def require_undoable(run: BaseImport) -> None:
    """Raise why this file cannot be taken back. Reads only; the caller's transaction holds."""
    later = BaseImport.objects.filter(pk__gt=run.pk, undone_at=None).exclude(step="given_up")
    if run.step != "done" or run.undone_at or later.exists():
        raise NotTheLastFile
    _require_known(run)
    for model in _BROUGHT:
        _require_nothing_points_at(model, run)
    _require_unchanged(run)
    overruled = counted(
        """SELECT count(*) FROM groups_contactchange h
           WHERE NOT h.crm_agrees AND h.settled_at >= %(since)s AND h.contract_id IN (
               SELECT pgh_obj_id FROM groups_contractevent WHERE pgh_created_at = ANY(%(at)s))""",
        since=run.started_at,
        at=run.moments,
    )
    if overruled:
        raise ContactSettled(number=overruled)


def ids_brought(column: str) -> str:
    """SQL: the multirange of ids in that column of the run %(run)s."""
    return f"(SELECT {column}::int8multirange FROM groups_baseimport WHERE id = %(run)s)"


def counted(sql: str, **said: Any) -> int:
    """The number that this query gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql, said)
        return int(cursor.fetchone()[0])


def _require_known(run: BaseImport) -> None:
    """The rows that it brought are all there, and the history tells each change."""
    for model, (column, figure) in _BROUGHT.items():
        there = f"SELECT count(*) FROM {model._meta.db_table} WHERE {ids_brought(column)} @> id"
        if counted(there, run=run.pk) != run.figures.get(figure, 0):
            raise HistoryIsSilent
    for table, figure in (
        ("groups_contractevent", "contracts_changed"),
        ("groups_groupevent", "groups_closed"),
        ("groups_membershipevent", "members_left"),
    ):
        told = f"SELECT count(DISTINCT pgh_obj_id) FROM {table} WHERE pgh_created_at = ANY(%(at)s)"
        if counted(told, at=run.moments) != run.figures.get(figure, 0):
            raise HistoryIsSilent


def _require_nothing_points_at(model: type[models.Model], run: BaseImport) -> None:
    column, _figure = _BROUGHT[model]
    for pointing, field in _pointing_at(model):
        own = (pointing._meta.db_table, field) in _OWN
        apart = _not_brought(pointing) if own else "true"
        number = counted(
            f"""SELECT count(*) FROM {pointing._meta.db_table} p
                WHERE {ids_brought(column)} @> p.{field} AND {apart}""",
            run=run.pk,
        )
        if number:
            raise BuiltOn(what=str(pointing._meta.verbose_name_plural), number=number)


def _not_brought(model: type[models.Model]) -> str:
    column, _figure = _BROUGHT[model]
    return f"NOT {ids_brought(column)} @> p.id"


def _pointing_at(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Every table with a foreign key to it, of whatever app, but the history's."""
    for relation in model._meta.get_fields(include_hidden=True):  # those named "+", too
        field = getattr(relation, "field", None)
        # The history's keys are no constraints: it points at what was.
        if isinstance(field, models.ForeignKey) and getattr(field, "db_constraint", True):
            yield field.model, field.column


def _require_unchanged(run: BaseImport) -> None:
    last: datetime | None = max(run.moments, default=None)
    again = sum(
        counted(
            f"""SELECT count(*) FROM {model._meta.db_table}event later
                WHERE NOT later.pgh_created_at = ANY(%(at)s) AND later.pgh_created_at >= %(first)s
                AND ({ids_brought(column)} @> later.pgh_obj_id
                  OR EXISTS (SELECT FROM {model._meta.db_table}event own
                    WHERE own.pgh_obj_id = later.pgh_obj_id
                    AND own.pgh_created_at = ANY(%(at)s) AND own.pgh_id < later.pgh_id))""",
            run=run.pk,
            at=run.moments,
            first=min(run.moments, default=last),
        )
        for model, (column, _figure) in _BROUGHT.items()
    )
    if again:
        raise ChangedSince(number=again)
