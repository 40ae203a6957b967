"""What a plan would do, row by row: SQL over the tables of a run that stands (staging.py).

Each gives line, contract_number, code, value, other. `suspicious` are not wrong: they are what a
second person looks at before the file is loaded.
"""

from collections.abc import Mapping

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

_LIVE = "k.left_out_by IS NULL AND k.touched"
_CHANGED = {
    "fixed_number": ("fixed_number", "k.fixed"),
    "contract_status": ("status", "k.status"),
    "owner_nid": ("owner_nid", "k.nid"),
    "owner_name": ("owner_name", "k.owner_name"),
    "contact_msisdn": ("contact_msisdn", "k.contact"),
    "contact_email": ("contact_email", "k.email"),
    "service_address": ("service_address", "k.service_address"),
    "store_code": ("store_code", "k.store"),
}


def shown_rows() -> dict[str, str]:
    """Kind → the SQL of its rows."""
    return {
        "new": f"""SELECT k.line, k.contract_number, '' AS code, k.owner_name AS value, '' AS other
            FROM base_import_contract k WHERE {_LIVE} AND k.is_new""",
        "changed": f"""SELECT k.line, k.contract_number, '', {_differences()}, ''
            FROM base_import_contract k JOIN groups_contract c ON c.id = k.contract_id
            WHERE {_LIVE} AND k.changed""",
        "opened": f"""SELECT x.line, x.contract_number, '', to_char(x.opened_on, 'DD.MM.YYYY'), ''
            FROM base_import_group x JOIN base_import_contract k USING (contract_number)
            WHERE {_LIVE} AND x.is_new AND NOT k.is_new""",
        "closed": f"""SELECT x.line, x.contract_number, '', to_char(x.closed_on, 'DD.MM.YYYY'), ''
            FROM base_import_group x JOIN base_import_contract k USING (contract_number)
            WHERE {_LIVE} AND x.closes""",
        "joined": f"""SELECT x.line, x.contract_number, '', x.msisdn, x.member_name
            FROM base_import_row x JOIN base_import_contract k USING (contract_number)
            WHERE {_LIVE} AND x.msisdn IS NOT NULL AND x.membership_id IS NULL""",
        "left": _left(),
        "rejected": """SELECT line, coalesce(contract_number, ''), code, field || E'\\t' ||
            CASE WHEN field = 'owner_nid' THEN '' ELSE coalesce(value, '') END,
            coalesce(other, '') FROM base_import_reject""",
        "suspicious": f"{_contacts_of_many()} UNION ALL {_leaders_elsewhere()}",
    }


def mark() -> int:
    """Return one number for all that the plan would do and all that is suspicious in it."""
    told = " UNION ALL ".join(
        f"SELECT '{kind}' AS kind, x.* FROM ({rows}) x (line, contract_number, code, value, other)"
        for kind, rows in shown_rows().items()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM ({told}) t"
        )
        return int(cursor.fetchone()[0])


def members_now() -> int:
    """How many members there are: a file with which many of them leave is suspicious."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM groups_membership WHERE left_on IS NULL")
        return int(cursor.fetchone()[0])


def many_leave(figures: Mapping[str, int], members: int) -> bool:
    """Whether a larger share of all members leaves than INCOMING_LEAVING_PERCENT."""
    percent: int = settings.INCOMING_LEAVING_PERCENT
    return figures["members_left"] * 100 > percent * members


def _differences() -> str:
    told = ", ".join(
        f"CASE WHEN c.{ours} <> {theirs} THEN '{name}'{_told(name, ours, theirs)} END"
        for name, (ours, theirs) in _CHANGED.items()
    )
    return f"concat_ws('; ', {told})"


def _told(name: str, ours: str, theirs: str) -> str:
    """Return SQL that shows both values, but for a personal number, which is shown to nobody."""
    return "" if name == "owner_nid" else f" || ': ' || c.{ours} || ' → ' || {theirs}"


def _left() -> str:
    """By their own row, and with their group."""
    return f"""
        SELECT coalesce(x.line, g.line), k.contract_number, '', m.msisdn, m.name
        FROM base_import_contract k
        JOIN groups_group own ON own.contract_id = k.contract_id
        JOIN groups_membership m ON m.group_id = own.id AND m.left_on IS NULL
        LEFT JOIN base_import_row x ON x.membership_id = m.id AND x.end_on IS NOT NULL
        LEFT JOIN base_import_group g ON g.group_id = own.id AND g.closes
        WHERE {_LIVE} AND NOT k.is_new AND (x.line IS NOT NULL OR g.line IS NOT NULL)"""


def _contacts_of_many() -> str:
    """Contact numbers that would belong to more owners than INCOMING_OWNERS_A_CONTACT."""
    taken = "k.left_out_by IS NULL AND k.status <> 'ended'"
    told = f"{taken} AND (k.is_new OR k.contact <> k.known_contact)"
    return f"""
        SELECT k.line, k.contract_number, 'contact_of_many', k.contact, many.owners::text
        FROM base_import_contract k JOIN (
            SELECT contact, count(DISTINCT nid) AS owners FROM (
                SELECT k.contact, k.nid FROM base_import_contract k WHERE {taken}
                UNION SELECT c.contact_msisdn, c.owner_nid FROM groups_contract c
                WHERE c.status <> 'ended'
                  AND c.contact_msisdn IN (SELECT k.contact FROM base_import_contract k
                                           WHERE {told})
                  AND NOT EXISTS (SELECT FROM base_import_contract k
                                  WHERE k.contract_id = c.id AND k.left_out_by IS NULL)) each_owner
            GROUP BY contact
            HAVING count(DISTINCT nid) > {int(settings.INCOMING_OWNERS_A_CONTACT)}) many
          USING (contact)
        WHERE {told}"""


def _leaders_elsewhere() -> str:
    """Numbers of leaders that the file gives to another group."""
    leading = import_string(settings.LEADING_MEMBERS_PROVIDER)()
    return f"""
        SELECT x.line, x.contract_number, 'leader_elsewhere', x.msisdn, c.number
        FROM base_import_row x JOIN base_import_contract k USING (contract_number)
        JOIN groups_membership m ON m.msisdn = x.msisdn AND m.left_on IS NULL
        JOIN groups_group g ON g.id = m.group_id JOIN groups_contract c ON c.id = g.contract_id
        WHERE {_LIVE} AND x.membership_id IS NULL AND x.end_on IS NULL AND m.id IN ({leading})"""
