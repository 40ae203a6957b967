"""Take a loaded subscriber file back, in one transaction and set-based, from the history.

What it brought is removed (the history keeps it), what it changed is as it was, what it ended goes
on. Only this transaction may do so: triggers ask for `undone_in`.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from groups import contact_hold
from groups.models import BaseImport, ContactHold, ContactHoldCause, Contract
from groups.undoing.built_on import ids_brought, require_undoable
from groups.undoing.refusals import PlaceTaken
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.data.advisory_locks import SUBSCRIBER_IMPORT_LOCK
from superfamilja.data.database import large_statements

_CHANGED = """
    (SELECT DISTINCT ON (pgh_obj_id) * FROM groups_contractevent
     WHERE pgh_created_at = ANY(%(moments)s) ORDER BY pgh_obj_id, pgh_id) was"""
_AS_IT_WAS = """
    fixed_number = was.fixed_number, status = was.status, owner_nid = was.owner_nid,
    owner_name = was.owner_name, contact_msisdn = was.contact_msisdn,
    contact_email = was.contact_email, service_address = was.service_address,
    store_code = was.store_code"""
_STEPS = (
    f"DELETE FROM groups_membership WHERE {ids_brought('members_brought')} @> id",
    f"DELETE FROM groups_group WHERE {ids_brought('groups_brought')} @> id",
    f"DELETE FROM groups_contract WHERE {ids_brought('contracts_brought')} @> id",
    # Whoever holds a fixed number that goes back lets go of it first.
    f"""UPDATE groups_contract c SET status = 'ended' FROM {_CHANGED}
        WHERE c.id = was.pgh_obj_id AND c.fixed_number <> was.fixed_number""",
    f"UPDATE groups_contract c SET {_AS_IT_WAS} FROM {_CHANGED} WHERE c.id = was.pgh_obj_id",
    """UPDATE groups_group g SET closed_on = NULL, closed_at = NULL
       WHERE id IN (SELECT pgh_obj_id FROM groups_groupevent
                    WHERE pgh_created_at = ANY(%(moments)s))""",
    """UPDATE groups_membership m SET left_on = NULL, left_at = NULL
       WHERE id IN (SELECT pgh_obj_id FROM groups_membershipevent
                    WHERE pgh_created_at = ANY(%(moments)s))""",
)
_LOCK_GROUPS = f"""
    SELECT count(*) FROM (
        SELECT g.id FROM groups_group g
        WHERE {ids_brought("groups_brought")} @> g.id
           OR g.contract_id IN (SELECT pgh_obj_id FROM groups_contractevent
                                WHERE pgh_created_at = ANY(%(moments)s))
           OR g.id IN (SELECT pgh_obj_id FROM groups_groupevent
                       WHERE pgh_created_at = ANY(%(moments)s))
           OR g.id IN (SELECT group_id FROM groups_membershipevent
                       WHERE pgh_created_at = ANY(%(moments)s))
        ORDER BY g.id FOR UPDATE) locked"""


@transaction.atomic
def undo_import(*, run: BaseImport, at: datetime, actor: User, reason: str) -> BaseImport:
    """Make the base what it was before this file.

    Raises NotTheLastFile, HistoryIsSilent, BuiltOn, ChangedSince, ContactSettled, PlaceTaken,
    ReasonMissing, AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)  # R35
    large_statements()
    _run("SELECT pg_advisory_xact_lock(%(lock)s)", lock=SUBSCRIBER_IMPORT_LOCK)
    run = BaseImport.objects.select_for_update().get(pk=run.pk)
    said = {"run": run.pk, "moments": run.moments}
    _run(_LOCK_GROUPS, **said)
    require_undoable(run)
    _run(
        """UPDATE groups_baseimport SET undone_at = %(at)s, moments = moments || now(),
           undone_in = pg_current_xact_id()::text::bigint WHERE id = %(run)s""",
        run=run.pk,
        at=at,
    )
    try:
        with transaction.atomic():
            for step in _STEPS:
                _run(step, **said)
            # Foreign keys speak here and not at the commit, where nobody would hear them.
            _run("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        raise PlaceTaken from error
    _contacts_go_back(run, at)
    acts.record(
        "undo_import",
        actor=actor,
        at=at,
        reason=reason,
        file_sha256=run.file_sha256,
        figures=run.figures,
    )
    run.refresh_from_db()
    return run


def _contacts_go_back(run: BaseImport, at: datetime) -> None:
    """The holds that the file began are over. One that stood before it begins anew, so that a
    number which nobody proved loosens nothing by this way (R31)."""
    begun = ContactHold.objects.filter(
        contract__in=_contracts_changed(run),
        cause=ContactHoldCause.CRM,
        began_at__gte=run.started_at,
        ended_at=None,
    )
    for hold in begun.select_related("contract"):
        ContactHold.objects.filter(pk=hold.pk).update(ended_at=max(at, hold.began_at))
        contact_hold.withdraw_warnings(hold)
    stood = ContactHold.objects.filter(
        Q(until__gt=run.started_at) | Q(disputed_at__isnull=False),
        contract__in=_contracts_changed(run),
        began_at__lt=run.started_at,
        ended_at__gte=run.started_at,
    ).select_related("contract")
    again = [_again(hold, at) for hold in stood if hold.after == hold.contract.contact_msisdn]
    contact_hold.warn(ContactHold.objects.bulk_create(again), at=at)


def _again(hold: ContactHold, at: datetime) -> ContactHold:
    return ContactHold(
        contract=hold.contract,
        before=hold.before,
        after=hold.after,
        cause=hold.cause,
        began_at=at,
        until=at + contact_hold.HELD,
        disputed_at=at if hold.disputed_at else None,
        disputed_by=hold.disputed_by,
    )


def _contracts_changed(run: BaseImport) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT pgh_obj_id FROM groups_contractevent WHERE pgh_created_at = ANY(%s)",
            [run.moments],
        )
        changed = [pk for (pk,) in cursor.fetchall()]
    return list(Contract.objects.filter(pk__in=changed).values_list("pk", flat=True))


def _run(sql: str, **said: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, said)
