"""Take the locks of an activation, then read every fact in one joined SELECT.

The locks have a statement of their own. A statement sees the database as it was when it began,
so facts read in the same statement could be older than the locks that protect them.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from billing.models import not_reversed
from groups import terms
from klikon.catalogue.prices import PromotionTerms
from klikon.models import lowest_limit_lek
from superfamilja.data.advisory_locks import KEY_LOCK, MONTH_LOCK, REFERENCE_LOCK, REPEAT_LOCK
from superfamilja.data.database import one_row
from superfamilja.values.months import local_date, month_number, month_of

# Two requests with the same key wait for each other (R21). So do two for the same package and
# member, unless the repetition is confirmed (R25). Then comes the usual lock order: group row,
# month, entry. MATERIALIZED and the outer join fix that order. The reference never waits:
# it has a try-lock.
_LOCK = """
WITH key AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(%(key_lock)s, hashtext(%(client)s || chr(31) || %(key)s))
), again AS MATERIALIZED (
    SELECT CASE WHEN NOT %(repeat_confirmed)s THEN pg_advisory_xact_lock(
        %(repeat_lock)s, hashtext(%(member)s || chr(31) || %(package)s)) END FROM key
), home AS MATERIALIZED (
    SELECT g.id
    FROM groups_membership m JOIN groups_group g ON g.id = m.group_id
    WHERE m.msisdn = %(leader)s AND m.left_on IS NULL
    FOR SHARE OF g
)
SELECT home.id AS group_id, portal_now() AS now,
       pg_try_advisory_xact_lock(
           %(reference_lock)s, hashtext(%(reference)s)) AS reference_reserved,
       pg_advisory_xact_lock_shared(%(month_lock)s, %(month_key)s) IS NULL AS month_locked
FROM again LEFT JOIN home ON true
"""

# What the member has spent this month; the member's own limit counts it (R27).
_MEMBER_SPENT = f"""
    SELECT coalesce(sum(a.charged_lek), 0)
    FROM klikon_activation a
    JOIN billing_charge b ON b.id = a.charge_id AND {not_reversed("b")}
    JOIN groups_membership m ON m.id = a.member_id AND m.msisdn = %(member)s
    WHERE a.contract_id = c.id AND a.month = %(month)s::date
      AND a.accepted_at >= %(month)s::date::timestamp AT TIME ZONE 'Europe/Tirane'
"""  # noqa: S608 - only our own fragments are joined in
# When the member got the same package, if that is within the hours of the terms (R25).
_SAME_SINCE = f"""
    SELECT a.accepted_at
    FROM groups_membership m
    JOIN klikon_activation a ON a.member_id = m.id AND a.package_code = %(package)s
     AND a.accepted_at > %(at)s::timestamptz - t.repeat_hours * interval '1 hour'
    JOIN billing_charge b ON b.id = a.charge_id AND {not_reversed("b")}
    WHERE m.msisdn = %(member)s
    ORDER BY a.accepted_at DESC LIMIT 1
"""  # noqa: S608 - only our own fragments are joined in
# The same request, if it already waits for the payer under the same leadership (R28).
_SAME_WAITING = """
    SELECT w.id
    FROM klikon_waitingrequest w
    JOIN klikon_package v ON v.id = w.package_id AND v.code = %(package)s
    WHERE w.assignment_id = a.id AND w.member_id = member.id
      AND w.outcome IS NULL AND w.expires_at > %(at)s::timestamptz
      AND NOT EXISTS (SELECT FROM klikon_leaderfreeze s
                      WHERE s.assignment_id = a.id AND s.id > w.last_stop_id)
    ORDER BY w.id LIMIT 1
"""
# Detects a later freeze by its id instead of by its timestamp (R28).
_LAST_STOP = "SELECT coalesce(max(id), 0) FROM klikon_leaderfreeze WHERE assignment_id = a.id"
_PROMOTIONS = """
    SELECT jsonb_agg(jsonb_build_object('package_code', o.package_code, 'kind', o.kind,
                                        'value', o.value, 'valid_to', o.valid_to) ORDER BY o.id)
    FROM klikon_promotion o
    WHERE o.msisdn = %(member)s AND o.valid_from <= %(day)s::date AND o.valid_to >= %(day)s::date
"""
_FACTS = f"""
SELECT g.id AS group_id, g.closed_on AS group_closed_on,
       c.id AS contract_id, c.number AS contract_number, c.status AS contract_status,
       c.contact_msisdn, c.language,
       leader.id AS leader_id, leader.name AS leader_name,
       a.id AS assignment_id, f.id AS freeze_id, pin.locked_at IS NOT NULL AS phone_locked,
       member.id AS member_id, member.name AS member_name,
       t.id AS terms_id, t.number AS terms_number, t.cap_lek, t.discount_lek,
       t.smallest_list_price_lek, t.shortest_validity_days, t.channels, t.repeat_hours,
       t.pin_above_lek,
       p.id AS package_id, p.family AS package_family, p.name AS package_name, p.list_price_lek,
       p.validity_days,
       EXISTS (SELECT FROM billing_billmonth
               WHERE month = %(month)s::date AND state <> 'open') AS month_closed,
       coalesce(e.spent, 0) AS spent,
       gl.limit_lek AS group_limit_lek, ml.limit_lek AS member_limit_lek,
       CASE WHEN ml.id IS NULL THEN 0 ELSE ({_MEMBER_SPENT}) END AS member_spent,
       CASE WHEN %(repeat_confirmed)s THEN NULL ELSE ({_SAME_SINCE}) END AS same_since,
       coalesce(({_PROMOTIONS}), '[]'::jsonb) AS promotions,
       ask.above_lek AS ask_above_lek,
       CASE WHEN ask.id IS NULL THEN NULL ELSE ({_SAME_WAITING}) END AS same_waiting_id,
       CASE WHEN ask.id IS NULL THEN 0 ELSE ({_LAST_STOP}) END AS last_stop_id,
       EXISTS (SELECT FROM billing_charge WHERE reference = %(reference)s) AS reference_taken,
       EXISTS (SELECT FROM provisioning_line WHERE down_since IS NOT NULL) AS arrives_later,
       (SELECT id FROM klikon_activation
        WHERE client = %(client)s AND key = %(key)s) AS earlier_activation_id,
       (SELECT id FROM klikon_refusedactivation
        WHERE client = %(client)s AND key = %(key)s) AS earlier_refusal_id,
       (SELECT id FROM klikon_waitingrequest
        WHERE client = %(client)s AND key = %(key)s) AS earlier_waiting_id
FROM (VALUES (true)) AS always_one_row
LEFT JOIN groups_group g ON g.id = %(group)s::bigint
LEFT JOIN groups_contract c ON c.id = g.contract_id
LEFT JOIN groups_membership leader
       ON leader.group_id = g.id AND leader.msisdn = %(leader)s AND leader.left_on IS NULL
LEFT JOIN klikon_leaderassignment a
       ON a.group_id = g.id AND a.member_id = leader.id AND a.ended_at IS NULL
LEFT JOIN klikon_leaderfreeze f ON f.assignment_id = a.id AND f.ended_at IS NULL
LEFT JOIN klikon_phonepin pin ON pin.assignment_id = a.id AND pin.ended_at IS NULL
LEFT JOIN groups_membership member
       ON member.group_id = g.id AND member.msisdn = %(member)s AND member.left_on IS NULL
LEFT JOIN LATERAL ({terms.IN_FORCE}) t ON true
LEFT JOIN LATERAL (
    SELECT * FROM klikon_package v WHERE v.code = %(package)s AND v.on_sale_from <= %(day)s::date
    ORDER BY v.on_sale_from DESC LIMIT 1
) p ON p.on_sale_until IS NULL OR p.on_sale_until > %(day)s::date
LEFT JOIN klikon_ownlimit gl
       ON gl.group_id = g.id AND gl.member_id IS NULL AND gl.ended_at IS NULL
LEFT JOIN klikon_ownlimit ml ON ml.member_id = member.id AND ml.ended_at IS NULL
LEFT JOIN klikon_askabove ask ON ask.group_id = g.id AND ask.ended_at IS NULL
LEFT JOIN billing_billentry e ON e.contract_id = c.id AND e.month = %(month)s::date
"""  # noqa: S608 - only our own fragments are joined in


@dataclass(frozen=True)
class Question:
    """The part of a request that the facts depend on: E.164 numbers, a package code, the moment."""

    leader: str
    member: str
    package: str
    at: datetime
    client: str = ""
    key: str = ""
    repeat_confirmed: bool = False

    @property
    def month(self) -> date:
        """Return the month of the acceptance, in Tirana time (R11)."""
        return month_of(self.at)


@dataclass(frozen=True)
class Locked:
    """The result of locking: the leader's group, whether the reference is reserved for this
    request, and the database's time.
    """

    group_id: int | None
    reference_reserved: bool
    now: datetime


@dataclass(frozen=True)
class Facts:
    """Everything that the rules read, at one instant under the locks. None means: not there."""

    group_id: int | None
    group_closed_on: date | None
    contract_id: int
    contract_number: str
    contract_status: str
    contact_msisdn: str
    language: str
    leader_id: int
    leader_name: str
    assignment_id: int | None
    freeze_id: int | None
    phone_locked: bool
    member_id: int | None
    member_name: str
    terms_id: int
    terms_number: int
    cap_lek: int
    discount_lek: int
    smallest_list_price_lek: int
    shortest_validity_days: int
    channels: list[str]
    repeat_hours: int
    pin_above_lek: int | None
    package_id: int | None
    package_family: str
    package_name: str
    list_price_lek: int
    validity_days: int
    month_closed: bool
    spent: int
    group_limit_lek: int | None
    member_limit_lek: int | None
    member_spent: int
    same_since: datetime | None
    promotions: list[PromotionTerms]
    ask_above_lek: int | None
    same_waiting_id: int | None
    last_stop_id: int
    reference_taken: bool
    arrives_later: bool
    earlier_activation_id: int | None
    earlier_refusal_id: int | None
    earlier_waiting_id: int | None

    @property
    def limit_lek(self) -> int:
        """Return what the contract's month may reach, without a member's own limit (R9, R27)."""
        return lowest_limit_lek(self.cap_lek, self.group_limit_lek)


def lock(question: Question, reference: str) -> Locked:
    """Lock the key, the repetition, the leader's group FOR SHARE and the month, in that order.

    Also try to reserve the reference, without waiting.
    """
    row = one_row(
        _LOCK,
        {
            **_values(question),
            "reference": reference,
            "key_lock": KEY_LOCK,
            "repeat_lock": REPEAT_LOCK,
            "reference_lock": REFERENCE_LOCK,
            "month_lock": MONTH_LOCK,
            "month_key": month_number(question.month),
        },
    )
    return Locked(row["group_id"], row["reference_reserved"], row["now"])


def lock_key(client: str, key: str) -> None:
    """Lock this key, as an activation does first, and wait for its current holder (R21)."""
    sql = "SELECT pg_advisory_xact_lock(%(lock)s::int, hashtext(%(client)s || chr(31) || %(key)s))"
    one_row(sql, {"lock": KEY_LOCK, "client": client, "key": key})


def read(question: Question, group_id: int | None, reference: str = "") -> Facts:
    """Return all facts from one joined SELECT. An activation calls this after `lock`."""
    row = one_row(
        _FACTS,
        {
            **_values(question),
            "group": group_id,
            "reference": reference,
            "at": question.at,
            "day": local_date(question.at),
            "month": question.month,
        },
    )
    # Decode here, because Django leaves JSON as text.
    return Facts(**{**row, "promotions": json.loads(row["promotions"])})


def member_spent(question: Question, contract_id: int) -> int:
    """Return what the member has spent this month, in Lek. Exact only while the entry is locked."""
    row = one_row(
        f"SELECT ({_MEMBER_SPENT}) AS spent FROM (VALUES (%(contract)s::bigint)) AS c(id)",  # noqa: S608
        {"member": question.member, "month": question.month, "contract": contract_id},
    )
    return int(row["spent"])


def _values(question: Question) -> dict[str, Any]:
    return {
        "leader": question.leader,
        "member": question.member,
        "package": question.package,
        "client": question.client,
        "key": question.key,
        "repeat_confirmed": question.repeat_confirmed,
    }
