"""Write one batch of whole contracts in one transaction: first endings, then beginnings.

Every statement touches only rows of the plan that are still as the plan saw them.
"""

from datetime import datetime

from django.db import IntegrityError, connection

from groups import contact_hold, membership
from groups.base_import.staging import run
from groups.models import ContactHold, ContactHoldCause

# Ids as one value; those that follow one another take no more room than one of them.
_RANGES = "coalesce(range_agg(int8range({id}, {id} + 1)), '{{}}')"
FIGURES = (
    "contracts_new",
    "contracts_changed",
    "contracts_touched",
    "groups_opened",
    "groups_closed",
    "members_new",
    "members_left",
)


class PlanOutdatedError(Exception):
    """A group was changed between the plan and its batch, so a new plan is needed."""


def batches_with_work() -> list[int]:
    """Return the batches that write something, in order; 0 holds contracts linked by a number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT batch FROM base_import_contract "
            "WHERE touched AND left_out_by IS NULL ORDER BY batch"
        )
        return [batch for (batch,) in cursor.fetchall()]


def merge(batch: int, at: datetime, record: int) -> dict[str, int]:
    """Write the batch of that run in the caller's transaction. Raise PlanOutdatedError."""
    live = f"k.batch = {batch} AND k.left_out_by IS NULL AND k.touched"
    # Rows carry the batch of their contract's number; those of batch 0 may carry any.
    of_batch = f"x.batch = {batch} AND" if batch else ""
    _lock(live)
    try:
        figures = _write(live, of_batch, at, record)
    except IntegrityError as error:
        raise PlanOutdatedError from error
    _require_room(live)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM base_import_contract k WHERE {live} AND NOT k.is_new")
        figures["contracts_touched"] = cursor.fetchone()[0]
    return figures


def planned() -> dict[str, int]:
    """Return the figures that writing all batches would give."""
    live = "k.left_out_by IS NULL AND k.touched"
    rows = f"base_import_row x JOIN base_import_contract k USING (contract_number) WHERE {live}"
    groups = rows.replace("base_import_row", "base_import_group")
    contracts = f"base_import_contract k WHERE {live}"
    counts = {
        "contracts_new": f"{contracts} AND k.is_new",
        "contracts_changed": f"{contracts} AND k.changed",
        "contracts_touched": f"{contracts} AND NOT k.is_new",
        "groups_opened": f"{groups} AND x.is_new",
        "groups_closed": f"{groups} AND x.closes",
        "members_new": f"{rows} AND x.msisdn IS NOT NULL AND x.membership_id IS NULL",
    }
    figures = {}
    with connection.cursor() as cursor:
        for name, source in counts.items():
            cursor.execute(f"SELECT count(*) FROM {source}")
            figures[name] = cursor.fetchone()[0]
        cursor.execute(f"""
            SELECT count(*) FROM (
                SELECT x.membership_id FROM {rows} AND x.membership_id IS NOT NULL
                   AND x.known_left_on IS NULL AND x.end_on IS NOT NULL
                UNION SELECT m.id FROM groups_membership m JOIN base_import_group x
                  ON x.group_id = m.group_id JOIN base_import_contract k USING (contract_number)
                WHERE {live} AND x.closes AND m.left_on IS NULL) ended""")
        figures["members_left"] = cursor.fetchone()[0]
    return figures


def _lock(live: str) -> None:
    """Lock the groups of every known contract that is touched, FOR UPDATE, lowest first."""
    run(f"""
        SELECT count(*) FROM (
            SELECT g.id FROM groups_group g JOIN base_import_contract k
              ON k.contract_id = g.contract_id AND NOT k.is_new
            WHERE {live} ORDER BY g.id FOR UPDATE OF g) locked
    """)
    with connection.cursor() as cursor:
        cursor.execute(f"""
            SELECT EXISTS (SELECT FROM base_import_contract k
                JOIN base_import_group x USING (contract_number)
                JOIN groups_group g ON g.id = x.group_id
                WHERE {live} AND g.closed_on IS DISTINCT FROM x.known_closed_on)
        """)
        if cursor.fetchone()[0]:
            raise PlanOutdatedError


def _require_room(live: str) -> None:
    """Raise PlanOutdatedError when a group now has more members than its terms allow (R19).

    Seat numbers alone do not show it, because terms may allow fewer members than there are seats.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"""
            SELECT EXISTS (
                SELECT FROM base_import_contract k
                JOIN base_import_group x USING (contract_number)
                JOIN base_import_terms t USING (group_id)
                JOIN groups_membership m ON m.group_id = x.group_id AND m.left_on IS NULL
                WHERE {live} AND x.joining > 0
                GROUP BY x.group_id, t.members_max HAVING count(*) > t.members_max)
        """)
        if cursor.fetchone()[0]:
            raise PlanOutdatedError


def _write(live: str, of_batch: str, at: datetime, record: int) -> dict[str, int]:
    left = _end_members(live, of_batch)
    left_with_group, closed = _close_groups(live)
    _hold_contacts(live, at)
    changed = _update_contracts(live)
    _settle_contacts(live)
    new = _add_contracts(live)
    opened = _open_groups(live)
    added = _add_members(live, of_batch, record)
    _remember(live, record)
    _keep_payers_will(live, at)
    return {
        "contracts_new": new,
        "contracts_changed": changed,
        "groups_opened": opened,
        "groups_closed": closed,
        "members_new": added,
        "members_left": left + left_with_group,
    }


def _end_members(live: str, of_batch: str) -> int:
    return run(f"""
        UPDATE groups_membership m SET left_on = x.end_on, left_at = portal_now()
        FROM base_import_row x JOIN base_import_contract k USING (contract_number)
        WHERE {of_batch} {live} AND m.id = x.membership_id AND m.left_on IS NULL
          AND x.known_left_on IS NULL AND x.end_on IS NOT NULL
    """)


def _close_groups(live: str) -> tuple[int, int]:
    closing = f"""
        FROM base_import_group x JOIN base_import_contract k USING (contract_number)
        WHERE {live} AND x.closes"""
    left = run(f"""
        UPDATE groups_membership m SET left_on = GREATEST(c.closed_on, m.joined_on),
               left_at = portal_now()
        FROM (SELECT x.group_id, x.closed_on {closing}) c
        WHERE m.group_id = c.group_id AND m.left_on IS NULL
    """)
    closed = run(f"""
        UPDATE groups_group g SET closed_on = c.closed_on, closed_at = portal_now()
        FROM (SELECT x.group_id, x.closed_on {closing}) c
        WHERE g.id = c.group_id AND g.closed_on IS NULL
    """)
    return left, closed


def _update_contracts(live: str) -> int:
    """Update the columns whose master is the CRM.

    A contract gives up its fixed number before another takes it. A contact number that was changed
    here since the plan stays, because the CRM cannot know of it.
    """
    contact = """CASE WHEN c.contact_msisdn = k.known_contact THEN k.contact
                      ELSE c.contact_msisdn END"""
    # A status that the CRM told by an event since the plan is newer than the file.
    status = """CASE WHEN k.status = 'ended' OR c.status = k.known_status THEN k.status
                     ELSE c.status END"""
    update = f"""
        UPDATE groups_contract c SET fixed_number = k.fixed, status = {status},
               owner_nid = k.nid, owner_name = k.owner_name, contact_msisdn = {contact},
               contact_email = k.email, service_address = k.service_address,
               store_code = k.store
        FROM base_import_contract k
        WHERE {live} AND k.changed AND c.id = k.contract_id"""
    waits = """k.status <> 'ended' AND EXISTS (
        SELECT FROM groups_contract o WHERE o.fixed_number = k.fixed AND o.id <> k.contract_id
           AND o.status <> 'ended')"""
    first = run(f"{update} AND NOT ({waits})")
    # Contracts that had to wait for a number still differ in one of these two columns.
    return first + run(f"{update} AND (c.fixed_number, c.status) <> (k.fixed, {status})")


def _hold_contacts(live: str, at: datetime) -> None:
    """R31: hold contact numbers that the CRM changed, because no code proved them.

    The rows are locked first, so that a simultaneous change here is either seen or waits.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"""
            SELECT c.id, c.contact_msisdn, k.contact
            FROM base_import_contract k JOIN groups_contract c ON c.id = k.contract_id
            WHERE {live} AND k.changed AND k.contact <> k.known_contact
              AND c.contact_msisdn = k.known_contact AND k.status <> 'ended'
            ORDER BY c.id FOR NO KEY UPDATE OF c""")
        told = cursor.fetchall()
    for start in range(0, len(told), 1000):
        _hold_some(told[start : start + 1000], at)


def _hold_some(told: list[tuple[int, str, str]], at: datetime) -> None:
    """End standing holds, begin new ones, and warn: a few statements for a thousand contracts."""
    now = ContactHold.objects.filter(contract__in=[pk for pk, _, _ in told], ended_at=None)
    stood = {hold.contract_id: hold for hold in now}
    # The number proven last stays the proven one, whatever unproven ones followed.
    proven = {pk: hold.before for pk, hold in stood.items() if hold.disputed_at or hold.until > at}
    now.update(ended_at=at)
    for hold in stood.values():
        contact_hold.withdraw_warnings(hold)
    begun = [
        ContactHold(
            contract_id=pk,
            before=proven.get(pk, before),
            after=after,
            began_at=at,
            cause=ContactHoldCause.CRM,
            until=at + contact_hold.HELD,
        )
        for pk, before, after in told
        if proven.get(pk, before) != after
    ]
    made = ContactHold.objects.bulk_create(begun)
    whole = ContactHold.objects.filter(pk__in=[hold.pk for hold in made])
    contact_hold.warn(list(whole.select_related("contract")), at=at)


def _settle_contacts(live: str) -> int:
    """Settle changes made here: the CRM has confirmed them or sent another number."""
    return run(f"""
        UPDATE groups_contactchange h
           SET settled_at = portal_now(), crm_agrees = (k.contact = k.known_contact)
        FROM base_import_contract k JOIN groups_contract c ON c.id = k.contract_id
        WHERE {live} AND k.settles AND c.contact_msisdn = k.contact
          AND h.contract_id = k.contract_id AND h.settled_at IS NULL
    """)


def _add_contracts(live: str) -> int:
    return run(f"""
        INSERT INTO groups_contract (id, number, fixed_number, status, owner_nid, owner_name,
            contact_msisdn, contact_email, service_address, store_code)
        SELECT k.contract_id, k.contract_number, k.fixed, k.status, k.nid, k.owner_name,
               k.contact, k.email, k.service_address, k.store
        FROM base_import_contract k WHERE {live} AND k.is_new ORDER BY k.line
    """)


def _open_groups(live: str) -> int:
    return run(f"""
        INSERT INTO groups_group (id, contract_id, opened_on, closed_on)
        SELECT x.id, k.contract_id, x.opened_on, x.closed_on
        FROM base_import_group x JOIN base_import_contract k USING (contract_number)
        WHERE {live} AND x.is_new ORDER BY x.id
    """)


def _keep_payers_will(live: str, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT k.contract_id FROM base_import_contract k WHERE {live} AND NOT k.is_new"
        )
        known = [pk for (pk,) in cursor.fetchall()]
    membership.keep_payers_will(known, at)


def _add_members(live: str, of_batch: str, record: int) -> int:
    """Insert the new members.

    In a new group the seats follow the lines; in a known group each takes the lowest free seat.
    """
    rows = f"""
        FROM base_import_row x JOIN base_import_contract k USING (contract_number)
        JOIN base_import_group g
          ON g.contract_number = x.contract_number AND g.opened_on = x.opened_on
        WHERE {of_batch} {live} AND x.msisdn IS NOT NULL AND x.membership_id IS NULL"""
    place = "row_number() OVER (PARTITION BY g.id, x.end_on IS NULL ORDER BY x.line)"
    columns = "(group_id, msisdn, name, plan, joined_on, left_on, seat)"
    values = "g.id, x.msisdn, x.member_name, x.member_plan, x.joined_on, x.end_on"
    added = _add_and_remember(
        f"""
        INSERT INTO groups_membership {columns}
        SELECT {values}, 1 + ({place} - 1) % 4 {rows} AND (g.is_new OR x.end_on IS NOT NULL)
    """,
        record,
    )
    return added + _add_and_remember(
        f"""
        INSERT INTO groups_membership {columns}
        SELECT n.id, n.msisdn, n.member_name, n.member_plan, n.joined_on, NULL, free.seat
        FROM (SELECT g.id, x.msisdn, x.member_name, x.member_plan, x.joined_on, {place} AS place
              {rows} AND NOT g.is_new AND x.end_on IS NULL) n
        LEFT JOIN LATERAL (
            SELECT s AS seat FROM generate_series(1, 4) s
            WHERE NOT EXISTS (SELECT FROM groups_membership m WHERE m.group_id = n.id
                              AND m.left_on IS NULL AND m.seat = s)
            ORDER BY s OFFSET n.place - 1 LIMIT 1) free ON true
    """,
        record,
    )


def _add_and_remember(insert: str, record: int) -> int:
    """Insert memberships, and add their ids to what this run brought."""
    with connection.cursor() as cursor:
        cursor.execute(f"""
            WITH added AS ({insert} RETURNING id),
                 ids AS (SELECT count(*) AS n, {_RANGES.format(id="id")} AS brought FROM added),
                 kept AS (UPDATE groups_baseimport SET members_brought =
                              (members_brought::int8multirange + ids.brought)::text
                          FROM ids WHERE id = {record} AND ids.n > 0)
            SELECT n FROM ids""")
        return int(cursor.fetchone()[0])


def _remember(live: str, record: int) -> None:
    """Keep which contracts and groups this transaction adds, and its moment."""
    run(f"""
        UPDATE groups_baseimport SET moments = moments || now(),
            contracts_brought = (contracts_brought::int8multirange + (
                SELECT {_RANGES.format(id="k.contract_id")}
                FROM base_import_contract k WHERE {live} AND k.is_new))::text,
            groups_brought = (groups_brought::int8multirange + (
                SELECT {_RANGES.format(id="x.id")}
                FROM base_import_group x JOIN base_import_contract k USING (contract_number)
                WHERE {live} AND x.is_new))::text
        WHERE id = {record}""")
