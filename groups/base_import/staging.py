"""From the file to rows that can be judged: COPY, numbers and dates read, known rows found.

The tables of a run are unlogged (a dry run's are temporary), so they survive a killed import
and cost no write-ahead log:

    base_import_raw       the file as it came, with its line numbers
    base_import_row       one a member: read values, and the membership that it is, if we know it
    base_import_contract  one a contract: the CRM's columns, and what we have
    base_import_group     one a group
    base_import_reject    what is wrong, by line
"""

from collections.abc import Callable, Iterator
from datetime import date

from django.db import connection

from groups.base_import import phones
from groups.base_import.checks import CONTRACT_CHECKS, ROW_CHECKS, any_of
from groups.base_import.columns import COLUMNS, CONTRACT_COLUMNS, DATES
from superfamilja.data.csv_files import Header

TABLES = ("raw", "row", "contract", "group", "reject", "shared", "terms", "claim", "run")
_KEPT = ("raw", "run")  # tables that making the plan anew needs


# A contact number that was changed here (docs/adr/0013). `contact` is the number in force: while
# the CRM sends a number that was replaced here, the CRM is behind and ours stays. `said` means that
# the CRM has answered, so that the open change is settled. Open changes are few, whatever the size
# of the base.
_HERE_AND_THERE = """
        LEFT JOIN (SELECT contract_id, array_agg(before) AS numbers FROM groups_contactchange
                   WHERE settled_at IS NULL GROUP BY contract_id) left_here
               ON left_here.contract_id = c.id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN t.contact = ANY (left_here.numbers) THEN c.contact_msisdn
                        ELSE t.contact END AS contact,
                   left_here.contract_id IS NOT NULL
                   AND COALESCE(t.contact = c.contact_msisdn
                                OR t.contact <> ALL (left_here.numbers), false) AS said) h
"""


def run(sql: str) -> int:
    """Run one statement; return the number of rows that it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.rowcount)


def drop(kind: str, keep: tuple[str, ...] = ()) -> None:
    """Remove what a run left behind. A dry run never touches the tables of a real one."""
    schema = "pg_temp." if kind == "TEMP" else ""
    names = ", ".join(f"{schema}base_import_{name}" for name in TABLES if name not in keep)
    run(f"DROP TABLE IF EXISTS {names}")


def load(
    kind: str,
    header: Header,
    chunks: Iterator[tuple[bytes, int, int]],
    advance: Callable[[int], None],
) -> int:
    """COPY the file into base_import_raw. Return the number of its last line."""
    drop(kind)
    texts = ", ".join(f"{name} text" for name in COLUMNS)
    run(
        f"CREATE {kind} TABLE base_import_raw (line int, problem text, problem_value text, {texts})"
    )
    names = ", ".join(header.kept)
    last = 1
    with (
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY base_import_raw (line, problem, problem_value, {names}) FROM STDIN "
            f"(FORMAT csv, FORCE_NULL (problem, problem_value, {names}))"
        ) as copy,
    ):
        for piece, number, read in chunks:
            copy.write(piece)
            last = number
            advance(read)
    run("ANALYZE base_import_raw (line, problem, contract_number)")
    return last


def read_values(kind: str, today: date, batches: int, *, take_ids: bool) -> None:
    """Make the tables of rows, contracts and groups from the raw text."""
    drop(kind, keep=_KEPT)
    run(
        f"CREATE {kind} TABLE base_import_reject"
        "(line int, contract_number text, field text, value text, code text, other text)"
    )
    _rows(kind, today, batches)
    _contracts(kind, today, batches, take_ids=take_ids)
    _groups(kind, take_ids=take_ids)


def _rows(kind: str, today: date, batches: int) -> None:
    dates = ", ".join(f"{_date(text)} AS {name}" for text, name in DATES.items())
    run(f"""
        CREATE {kind} TABLE base_import_row AS
        SELECT t.line, t.contract_number, {_batch("t.contract_number", batches)} AS batch,
               t.opened_on, t.closed_on, t.msisdn, t.member_name, t.member_plan, t.joined_on,
               t.left_on, COALESCE(m.left_on, LEAST(t.left_on, t.closed_on)) AS end_on,
               t.bad, c.id AS contract_id, g.id AS group_id, g.closed_on AS known_closed_on,
               m.id AS membership_id, m.left_on AS known_left_on,
               m.plan <> t.member_plan AS other_plan
        FROM (SELECT *, {any_of(ROW_CHECKS, today)} AS bad
              FROM (SELECT *, {phones.msisdn("member_msisdn")} AS msisdn, {dates}
                    FROM base_import_raw WHERE problem IS NULL AND contract_number IS NOT NULL
                    OFFSET 0) t) t
        LEFT JOIN groups_contract c ON c.number = t.contract_number
        LEFT JOIN groups_group g ON g.contract_id = c.id AND g.opened_on = t.opened_on
        LEFT JOIN groups_membership m
               ON m.group_id = g.id AND m.msisdn = t.msisdn AND m.joined_on = t.joined_on
    """)
    run(
        "ANALYZE base_import_row (line, contract_number, batch, opened_on, msisdn, end_on, bad, "
        "contract_id, group_id, membership_id, known_left_on)"
    )
    _one_known_row_each()
    _same_in_other_words()


def _one_known_row_each() -> None:
    """Keep one known row a line: of groups opened twice on one day, the one that lasts."""
    run("""
        DELETE FROM base_import_row WHERE ctid IN (
            SELECT unnest((array_agg(ctid ORDER BY known_closed_on IS NULL DESC,
                known_left_on IS NULL DESC, membership_id DESC NULLS LAST))[2:])
            FROM base_import_row
            WHERE line IN (SELECT line FROM base_import_row WHERE contract_id IS NOT NULL
                           GROUP BY line HAVING count(*) > 1)
            GROUP BY line)
    """)


def _same_in_other_words() -> None:
    """Match what the portal recorded some days before or after the CRM: it is the same thing.

    One contract's groups, and one number's memberships in a group, never overlap in time.
    """
    run("""
        UPDATE base_import_row r SET group_id = g.id, known_closed_on = g.closed_on
        FROM groups_group g
        WHERE r.contract_id IS NOT NULL AND r.group_id IS NULL AND g.contract_id = r.contract_id
          AND g.opened_on < COALESCE(r.closed_on, 'infinity')
          AND r.opened_on < COALESCE(g.closed_on, 'infinity')
          AND NOT EXISTS (SELECT FROM base_import_row o WHERE o.group_id = g.id)
    """)
    run("""
        UPDATE base_import_row r
        SET membership_id = m.id, known_left_on = m.left_on, other_plan = m.plan <> r.member_plan,
            end_on = COALESCE(m.left_on, LEAST(r.left_on, r.closed_on))
        FROM groups_membership m
        WHERE r.group_id IS NOT NULL AND r.membership_id IS NULL AND m.group_id = r.group_id
          AND m.msisdn = r.msisdn AND (m.joined_on = r.joined_on OR
              (m.joined_on < COALESCE(r.left_on, r.closed_on, 'infinity')
               AND r.joined_on < COALESCE(m.left_on, 'infinity')))
          AND NOT EXISTS (SELECT FROM base_import_row o WHERE o.membership_id = m.id)
    """)


def _contracts(kind: str, today: date, batches: int, *, take_ids: bool) -> None:
    # The CRM's columns repeat with every member, so normally there is one version a contract.
    columns = ", ".join(CONTRACT_COLUMNS)
    run(f"""
        CREATE {kind} TABLE base_import_contract AS
        SELECT t.line, t.contract_number, {_batch("t.contract_number", batches)} AS batch,
               t.fixed, t.status, t.nid, t.owner_name, h.contact, t.email, t.service_address,
               t.store, t.bad, t.contact AS contact_sent,
               COALESCE(c.id, {_next_id("groups_contract", take_ids)}) AS contract_id,
               c.id IS NULL AS is_new,
               h.said OR (c.fixed_number, c.status, c.owner_nid, c.owner_name, c.contact_msisdn,
                c.contact_email, c.service_address, c.store_code)
                IS DISTINCT FROM (t.fixed, t.status, t.nid, t.owner_name, h.contact, t.email,
                t.service_address, t.store) AS touched,
               c.id IS NOT NULL AND
               (c.fixed_number, c.status, c.owner_nid, c.owner_name, c.contact_msisdn,
                c.contact_email, c.service_address, c.store_code)
                IS DISTINCT FROM (t.fixed, t.status, t.nid, t.owner_name, h.contact, t.email,
                t.service_address, t.store) AS changed,
               c.fixed_number AS known_fixed, c.status AS known_status,
               c.contact_msisdn AS known_contact, h.said AS settles,
               NULL::int AS left_out_by
        FROM (SELECT *, {any_of(CONTRACT_CHECKS, today)} AS bad FROM
             (SELECT r.*, {phones.fixed("fixed_number")} AS fixed, lower(contract_status) AS status,
                     upper(owner_nid) AS nid, {phones.msisdn("contact_msisdn")} AS contact,
                     COALESCE(contact_email, '') AS email, COALESCE(store_code, '') AS store
              FROM (SELECT min(line) AS line FROM base_import_raw
                    WHERE problem IS NULL AND contract_number IS NOT NULL
                    GROUP BY contract_number, hash_record_extended(ROW({columns}), 0)) v
              JOIN base_import_raw r USING (line) ORDER BY line OFFSET 0) t) t
        LEFT JOIN groups_contract c ON c.number = t.contract_number
        {_HERE_AND_THERE}
    """)
    run("ANALYZE base_import_contract (line, contract_number, batch, bad, is_new, touched, fixed)")


def _groups(kind: str, *, take_ids: bool) -> None:
    run(f"""
        CREATE {kind} TABLE base_import_group AS
        SELECT *, group_id IS NULL AS is_new,
               group_id IS NOT NULL AND known_closed_on IS NULL AND closed_on IS NOT NULL AS closes,
               COALESCE(group_id, {_next_id("groups_group", take_ids)}) AS id
        FROM (SELECT contract_number, opened_on, min(batch) AS batch, min(line) AS line,
                     max(group_id) AS group_id, max(known_closed_on) AS known_closed_on,
                     max(closed_on) AS closed_on,
                     count(closed_on) NOT IN (0, count(*)) OR min(closed_on) <> max(closed_on)
                     AS contradicts,
                     count(*) FILTER (WHERE msisdn IS NOT NULL AND membership_id IS NULL
                                      AND end_on IS NULL) AS joining,
                     count(*) FILTER (WHERE other_plan AND end_on IS NULL) AS changing
              FROM base_import_row WHERE opened_on IS NOT NULL
              GROUP BY contract_number, opened_on ORDER BY 4 OFFSET 0) g
    """)
    run("ANALYZE base_import_group")


def _date(text: str) -> str:
    return (
        f"CASE WHEN {text} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$' "
        f"AND pg_input_is_valid({text}, 'date') THEN {text}::date END"
    )


def _batch(number: str, batches: int) -> str:
    return f"1 + (hashtext({number}) & 2147483647) % {batches}"


def _next_id(table: str, take: bool) -> str:
    return f"nextval(pg_get_serial_sequence('{table}', 'id'))" if take else "-1"
