"""What an activation looks at: the locks, then every fact in one joined SELECT.

The locks come in a statement of their own: a statement sees the database as it was when it
began, so facts read in the same breath could be older than the locks that protect them.
"""

from dataclasses import dataclass
from datetime import date, datetime

from billing.charges import MONTH_LOCK, month_key
from groups import terms
from superfamilja.database import one_row
from superfamilja.months import local_date

KEY_LOCK = 130_002

# The same key waits for itself (R21); then the lock order of the house: group row, month, entry.
# MATERIALIZED and the outer join fix that order.
_LOCK = """
WITH key AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(%(key_lock)s, hashtext(%(client)s || chr(31) || %(key)s))
), home AS MATERIALIZED (
    SELECT g.id
    FROM groups_membership m JOIN groups_group g ON g.id = m.group_id
    WHERE m.msisdn = %(leader)s AND m.left_on IS NULL
    FOR SHARE OF g
)
SELECT home.id AS group_id, nextval('klikon_reference') AS number, clock_timestamp() AS now,
       pg_advisory_xact_lock_shared(%(month_lock)s, %(month_key)s) IS NULL AS month_locked
FROM key LEFT JOIN home ON true
"""

_FACTS = f"""
SELECT g.id AS group_id, g.closed_on AS group_closed_on,
       c.id AS contract_id, c.status AS contract_status,
       leader.id AS leader_id, a.id AS assignment_id, f.id AS freeze_id,
       member.id AS member_id, member.name AS member_name,
       t.id AS terms_id, t.cap_lek, t.discount_lek, t.smallest_list_price_lek, t.channels,
       p.id AS package_id, p.family AS package_family, p.name AS package_name, p.list_price_lek,
       coalesce(e.spent, 0) AS spent,
       (SELECT id FROM klikon_activation
        WHERE client = %(client)s AND key = %(key)s) AS earlier_activation_id,
       (SELECT id FROM klikon_refusedactivation
        WHERE client = %(client)s AND key = %(key)s) AS earlier_refusal_id
FROM (VALUES (true)) AS always_one_row
LEFT JOIN groups_group g ON g.id = %(group)s
LEFT JOIN groups_contract c ON c.id = g.contract_id
LEFT JOIN groups_membership leader
       ON leader.group_id = g.id AND leader.msisdn = %(leader)s AND leader.left_on IS NULL
LEFT JOIN klikon_leaderassignment a
       ON a.group_id = g.id AND a.member_id = leader.id AND a.ended_at IS NULL
LEFT JOIN klikon_leaderfreeze f ON f.assignment_id = a.id AND f.ended_at IS NULL
LEFT JOIN groups_membership member
       ON member.group_id = g.id AND member.msisdn = %(member)s AND member.left_on IS NULL
LEFT JOIN LATERAL ({terms.IN_FORCE}) t ON true
LEFT JOIN LATERAL (
    SELECT * FROM klikon_package v WHERE v.code = %(package)s AND v.on_sale_from <= %(day)s
    ORDER BY v.on_sale_from DESC LIMIT 1
) p ON p.on_sale_until IS NULL OR p.on_sale_until > %(day)s
LEFT JOIN billing_billentry e ON e.contract_id = c.id AND e.month = %(month)s
"""  # noqa: S608 - only our own fragment is joined in


@dataclass(frozen=True)
class Locked:
    """What locking gave: the leader's group, a fresh number for the reference, the time there."""

    group_id: int | None
    number: int
    now: datetime


@dataclass(frozen=True)
class Facts:
    """Everything that the rules look at, as of one instant under the locks. None: not there."""

    group_id: int | None
    group_closed_on: date | None
    contract_id: int
    contract_status: str
    leader_id: int
    assignment_id: int | None
    freeze_id: int | None
    member_id: int | None
    member_name: str
    terms_id: int
    cap_lek: int
    discount_lek: int
    smallest_list_price_lek: int
    channels: list[str]
    package_id: int | None
    package_family: str
    package_name: str
    list_price_lek: int
    spent: int
    earlier_activation_id: int | None
    earlier_refusal_id: int | None


def lock(*, leader: str, client: str, key: str, month: date) -> Locked:
    """Take the request's key, the leader's group FOR SHARE and the month, in that order."""
    row = one_row(
        _LOCK,
        {
            "key_lock": KEY_LOCK,
            "client": client,
            "key": key,
            "leader": leader,
            "month_lock": MONTH_LOCK,
            "month_key": month_key(month),
        },
    )
    assert row is not None  # noqa: S101 - an outer join on one row
    return Locked(group_id=row["group_id"], number=row["number"], now=row["now"])


def read(
    *,
    group_id: int | None,
    leader: str,
    member: str,
    package: str,
    client: str,
    key: str,
    at: datetime,
    month: date,
) -> Facts:
    """One joined SELECT of all facts, taken after the locks."""
    row = one_row(
        _FACTS,
        {
            "group": group_id,
            "leader": leader,
            "member": member,
            "package": package,
            "client": client,
            "key": key,
            "at": at,
            "day": local_date(at),
            "month": month,
        },
    )
    assert row is not None  # noqa: S101
    return Facts(**row)
