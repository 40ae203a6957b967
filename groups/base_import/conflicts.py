"""Check rows against each other and against the database (R19, R20).

A contract is imported whole or left out whole. Leaving one out may also drop an ending that another
contract needs, so the check repeats until it finds nothing new.
"""

from datetime import datetime

from django.db import connection

from groups import terms
from groups.base_import.checks import CONTRACT_CHECKS, ROW_CHECKS, found_by, name_the_encoding
from groups.base_import.staging import run
from superfamilja.values.months import local_date

_REJECT = "INSERT INTO base_import_reject (line, contract_number, field, value, code, other) "
# a membership that is not in the database
_ADDS = "r.msisdn IS NOT NULL AND r.membership_id IS NULL"
_OVERLAP = """
    a.joined_on < COALESCE(b.end_on, 'infinity') AND b.joined_on < COALESCE(a.end_on, 'infinity')
    AND a.joined_on < COALESCE(a.end_on, 'infinity')
    AND b.joined_on < COALESCE(b.end_on, 'infinity')
"""


def judge(kind: str, at: datetime) -> None:
    """Fill base_import_reject, mark the contracts left out, and collect passed-on numbers."""
    today = local_date(at)
    _unreadable_rows()
    run(found_by(ROW_CHECKS, "base_import_row", today))
    run(found_by(CONTRACT_CHECKS, "base_import_contract", today))
    run(name_the_encoding())
    _contradictions()
    _repeated_and_shared_numbers(kind)
    _fixed_numbers_shared()
    _terms(kind, at)
    _claims(kind)
    _mark_left_out()
    while _claims_without_ending():
        _mark_left_out()
    _name_the_rows_left_out()
    _touch()
    _gather_linked()


def _unreadable_rows() -> None:
    run(f"""{_REJECT}
        SELECT line, contract_number, '', problem_value, problem, NULL FROM base_import_raw
        WHERE problem IS NOT NULL
        UNION ALL
        SELECT line, NULL, 'contract_number', NULL, 'missing_value', NULL FROM base_import_raw
        WHERE problem IS NULL AND contract_number IS NULL
    """)


def _contradictions() -> None:
    fields = {
        "fixed_number": "fixed",
        "contract_status": "status",
        "owner_nid": "nid",
        "owner_name": "owner_name",
        "contact_msisdn": "contact_sent",
        "contact_email": "email",
        "service_address": "service_address",
        "store_code": "store",
    }
    pairs = ", ".join(f"('{name}', a.{read}, b.{read})" for name, read in fields.items())
    run(f"""{_REJECT}
        SELECT b.line, b.contract_number, f.field, f.now, 'contradicts', a.line::text
        FROM (SELECT contract_number, min(line) AS line FROM base_import_contract
              GROUP BY contract_number HAVING count(*) > 1) twice
        JOIN base_import_contract a USING (contract_number, line)
        JOIN base_import_contract b
          ON b.contract_number = a.contract_number AND b.line <> a.line
        CROSS JOIN LATERAL (VALUES {pairs}) AS f (field, was, now)
        WHERE f.was IS DISTINCT FROM f.now
    """)
    run("""
        DELETE FROM base_import_contract later USING
            (SELECT contract_number, min(line) AS line FROM base_import_contract
             GROUP BY contract_number HAVING count(*) > 1) first
        WHERE later.contract_number = first.contract_number AND later.line <> first.line
    """)
    run(f"""{_REJECT}
        SELECT r.line, r.contract_number, 'group_closed_on', r.closed_on::text, 'contradicts',
               g.line::text
        FROM base_import_group g JOIN base_import_row r USING (contract_number, opened_on)
        JOIN base_import_row f ON f.line = g.line
        WHERE g.contradicts AND r.closed_on IS DISTINCT FROM f.closed_on
    """)
    run(f"""{_REJECT}
        SELECT line, contract_number, 'group_opened_on', opened_on::text, 'two_open_groups',
               first::text
        FROM (SELECT line, contract_number, opened_on,
                     min(line) OVER (PARTITION BY contract_number) AS first
              FROM base_import_group
              WHERE closed_on IS NULL AND known_closed_on IS NULL
                AND contract_number IN (SELECT contract_number FROM base_import_group
                    WHERE closed_on IS NULL GROUP BY contract_number HAVING count(*) > 1)) g
        WHERE line <> first
    """)


def _repeated_and_shared_numbers(kind: str) -> None:
    run(f"""
        CREATE {kind} TABLE base_import_shared AS
        SELECT r.line, r.msisdn, r.contract_number, r.opened_on, r.joined_on, r.end_on
        FROM base_import_row r JOIN (SELECT msisdn FROM base_import_row
             WHERE msisdn IS NOT NULL GROUP BY msisdn HAVING count(*) > 1) s USING (msisdn)
    """)
    run("ANALYZE base_import_shared")
    same = """a.contract_number = b.contract_number AND a.opened_on = b.opened_on
              AND a.joined_on = b.joined_on"""
    run(f"""{_REJECT}
        SELECT b.line, b.contract_number, '', b.msisdn, 'repeated_row', min(a.line)::text
        FROM base_import_shared a JOIN base_import_shared b USING (msisdn)
        WHERE a.line < b.line AND {same} GROUP BY b.line, b.contract_number, b.msisdn
        UNION ALL
        SELECT b.line, b.contract_number, 'member_msisdn', b.msisdn, 'number_in_two_groups',
               min(a.line)::text
        FROM base_import_shared a JOIN base_import_shared b USING (msisdn)
        WHERE a.line <> b.line AND NOT ({same}) AND {_OVERLAP}
        GROUP BY b.line, b.contract_number, b.msisdn
    """)
    # A contract without members has one row.
    run(f"""{_REJECT}
        SELECT r.line, r.contract_number, '', r.contract_number, 'repeated_row', first::text
        FROM (SELECT line, contract_number, opened_on,
                     min(line) OVER (PARTITION BY contract_number, opened_on) AS first
              FROM base_import_row WHERE msisdn IS NULL AND member_name IS NULL AND NOT bad) r
        WHERE r.line <> first
    """)


def _fixed_numbers_shared() -> None:
    run(f"""{_REJECT}
        SELECT a.line, a.contract_number, 'fixed_number', a.fixed, 'fixed_number_on_two_contracts',
               min(b.line)::text
        FROM base_import_contract a
        JOIN (SELECT fixed FROM base_import_contract WHERE status <> 'ended'
              GROUP BY fixed HAVING count(*) > 1) twice USING (fixed)
        JOIN base_import_contract b
          ON b.fixed = a.fixed AND b.line <> a.line AND b.status <> 'ended'
        WHERE a.status <> 'ended' GROUP BY a.line, a.contract_number, a.fixed
    """)


def _terms(kind: str, at: datetime) -> None:
    """Find the terms of groups whose members join or change plan: allowed plans and group size."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE {kind} TABLE base_import_terms AS
            SELECT g.opened_on, g.group_id, t.number, t.members_max, t.allowed_plans
            FROM (SELECT DISTINCT x.opened_on, x.group_id, COALESCE(x.group_id, -1) AS id,
                         known.opened_at
                  FROM base_import_group x LEFT JOIN groups_group known ON known.id = x.group_id
                  WHERE joining > 0 OR changing > 0) g,
                 LATERAL ({terms.IN_FORCE}) t
            """,
            {"at": at},
        )
    run("ANALYZE base_import_terms")
    run(f"""{_REJECT}
        SELECT r.line, r.contract_number, 'member_plan', r.member_plan, 'plan_not_allowed',
               array_to_string(t.allowed_plans, ', ')
        FROM base_import_row r JOIN base_import_terms t
          ON t.opened_on = r.opened_on AND t.group_id IS NOT DISTINCT FROM r.group_id
        WHERE ({_ADDS} OR r.other_plan) AND r.end_on IS NULL
          AND r.member_plan <> ALL (t.allowed_plans)""")
    # Members are counted once for all groups; a count for each group would read the whole file each
    # time.
    run(f"""
        WITH sitting AS MATERIALIZED (
            SELECT m.group_id, count(*) AS n FROM groups_membership m
            LEFT JOIN base_import_row e ON e.membership_id = m.id AND e.end_on IS NOT NULL
            WHERE m.left_on IS NULL AND e.line IS NULL
              AND m.group_id IN (SELECT group_id FROM base_import_group WHERE joining > 0)
            GROUP BY m.group_id)
        {_REJECT}
        SELECT line, contract_number, 'member_msisdn', msisdn, 'group_full', members_max::text
        FROM (SELECT r.*, t.members_max, coalesce(sitting.n, 0)
                     + row_number() OVER (PARTITION BY r.contract_number, r.opened_on
                                          ORDER BY r.line) AS place
              FROM base_import_group g
              JOIN base_import_terms t
                ON t.opened_on = g.opened_on AND t.group_id IS NOT DISTINCT FROM g.group_id
              LEFT JOIN sitting ON sitting.group_id = g.group_id
              JOIN base_import_row r
                ON r.contract_number = g.contract_number AND r.opened_on = g.opened_on
              WHERE g.joining > 0 AND g.joining + coalesce(sitting.n, 0) > t.members_max
                AND {_ADDS} AND r.end_on IS NULL
                -- who stands there twice takes one seat
                AND NOT EXISTS (SELECT FROM base_import_reject twice
                                WHERE twice.line = r.line AND twice.code = 'repeated_row')) x
        WHERE place > members_max""")
    run(f"""{_REJECT}
        SELECT r.line, r.contract_number, 'group_opened_on', r.opened_on::text,
               'group_closed_here', r.known_closed_on::text
        FROM base_import_row r
        WHERE {_ADDS} AND r.known_closed_on IS NOT NULL AND r.end_on IS NULL""")


def _claims(kind: str) -> None:
    """Find numbers that the file gives to one contract while the database has them with another.

    `freed` means that the file takes the number from its holder. It counts only if the holder's
    contract is imported, too.
    """
    run(f"""
        CREATE {kind} TABLE base_import_claim AS
        SELECT r.line, r.contract_number, 'member_msisdn' AS field, r.msisdn AS value,
               'number_in_a_group' AS code, c.number AS holder,
               EXISTS (SELECT FROM base_import_row e
                       WHERE e.membership_id = m.id AND e.end_on IS NOT NULL)
               OR EXISTS (SELECT FROM base_import_group e
                          WHERE e.group_id = m.group_id AND e.closes) AS freed
        FROM base_import_row r
        JOIN groups_membership m ON m.msisdn = r.msisdn AND m.left_on IS NULL
        JOIN groups_group g ON g.id = m.group_id JOIN groups_contract c ON c.id = g.contract_id
        WHERE {_ADDS} AND r.end_on IS NULL
        UNION ALL
        SELECT a.line, a.contract_number, 'fixed_number', a.fixed, 'fixed_number_taken', c.number,
               h.status = 'ended' OR (h.fixed <> c.fixed_number AND NOT EXISTS (
                   SELECT FROM groups_contract o
                   WHERE o.fixed_number = h.fixed AND o.status <> 'ended'))
        FROM base_import_contract a
        JOIN groups_contract c ON c.fixed_number = a.fixed AND c.status <> 'ended'
                              AND c.number <> a.contract_number
        LEFT JOIN base_import_contract h ON h.contract_number = c.number
        WHERE a.status <> 'ended' AND (a.is_new OR a.changed)
        UNION ALL
        SELECT g.line, g.contract_number, 'group_opened_on', g.opened_on::text,
               'another_group_open', o.opened_on::text, EXISTS (
                   SELECT FROM base_import_group e WHERE e.group_id = o.id AND e.closes)
        FROM base_import_group g JOIN base_import_contract k USING (contract_number)
        JOIN groups_group o ON o.contract_id = k.contract_id AND o.closed_on IS NULL
        WHERE g.is_new AND g.closed_on IS NULL AND NOT k.is_new
    """)


def _claims_without_ending() -> int:
    return run(f"""{_REJECT}
        SELECT c.line, c.contract_number, c.field, c.value, c.code, c.holder
        FROM base_import_claim c
        LEFT JOIN base_import_contract h
               ON h.contract_number = c.holder AND h.left_out_by IS NULL
        WHERE (c.freed IS NOT TRUE OR (h.line IS NULL AND c.code <> 'another_group_open'))
          AND NOT EXISTS (SELECT FROM base_import_reject j
                          WHERE j.line = c.line AND j.code = c.code)
    """)


def _mark_left_out() -> None:
    run("""
        UPDATE base_import_contract k SET left_out_by = j.line
        FROM (SELECT contract_number, min(line) AS line FROM base_import_reject
              WHERE contract_number IS NOT NULL GROUP BY contract_number) j
        WHERE k.contract_number = j.contract_number AND k.left_out_by IS NULL
    """)


def _name_the_rows_left_out() -> None:
    run(f"""{_REJECT}
        SELECT r.line, r.contract_number, '', r.contract_number, 'contract_left_out',
               k.left_out_by::text
        FROM base_import_contract k JOIN base_import_row r USING (contract_number)
        WHERE k.left_out_by IS NOT NULL
          AND NOT EXISTS (SELECT FROM base_import_reject j WHERE j.line = r.line)
    """)


def _touch() -> None:
    """Mark known contracts in which the portal's own rows change."""
    run(f"""
        UPDATE base_import_contract k SET touched = true
        FROM (SELECT contract_number FROM base_import_group WHERE is_new OR closes
              UNION SELECT r.contract_number FROM base_import_row r
              WHERE r.contract_id IS NOT NULL AND ({_ADDS} OR (
                    r.membership_id IS NOT NULL AND r.known_left_on IS NULL
                    AND r.end_on IS NOT NULL))) x
        WHERE k.contract_number = x.contract_number AND NOT k.touched
    """)


def _gather_linked() -> None:
    """Put contracts that pass a number to one another into batch 0, which runs first."""
    run("""
        UPDATE base_import_contract k SET batch = 0
        FROM (SELECT contract_number FROM base_import_shared WHERE msisdn IN (
                  SELECT msisdn FROM base_import_shared GROUP BY msisdn
                  HAVING min(contract_number) <> max(contract_number))
              UNION SELECT contract_number FROM base_import_claim
              UNION SELECT holder FROM base_import_claim) x
        WHERE k.contract_number = x.contract_number
    """)
