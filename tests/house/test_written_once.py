"""Check that every column of a written-once table is guarded, also columns added later."""

import re

import pytest
from django.db import connection

# Columns that a verb may change often. All others are frozen, or go from NULL to a value once.
FREE = {
    "accounts_accountrequest": {"sealed_half"},  # emptied at the end
    "accounts_storesession": {"last_seen_at"},
    "billing_billentry": {"spent", "ceiling", "adjusted", "carried_out", "carried_in"},
    "billing_billinganswer": {
        "state",
        "accepted",
        "accepted_lek",
        "rejected",
        "rejected_lek",
        "problems",
        "found",
    },
    "billing_billmonth": {
        "state",
        "figures",
        "closed_at",
        "closed_by_id",
        "approved_at",
        "approved_by_id",
    },
    "billing_charge": {"state", "credited_lek"},
    "billing_discrepancy": {
        "ours",
        "theirs",
        "links",
        "last_seen_at",
        "owner_id",
        "owned_at",
        "proposed_at",
        "proposed_by_id",
        "reason",
    },
    "billing_reconciliation": {"silent", "open", "new", "gone"},
    "billing_dispute": {"waiting_since"},
    "billing_parkedentry": {"reason", "proposed_at", "proposed_by_id"},
    "comparison_comparedorder": {"ending", "reason", "proposed_at", "proposed_by_id"},
    "epoch_halt": {"proposed_at", "proposed_by_id", "reason", "send_waiting"},
    "groups_membership": {"called", "name"},
    "klikon_phonepin": {"wrong_tries", "locked_at"},
    "desk_draft": {
        "typed",
        "version",
        "is_checked",
        "identified_as",
        "state",
        "changed_by_id",
        "changed_at",
        "code_pk",
        "code_sent_at",
        "sent_by_id",
        "sent_at",
        "returned_because",
    },
    "klikon_package": {"on_sale_until", "list_price_lek", "name", "code", "sms_code"},
    "klikon_promotion": {"valid_to", "package_code"},
    "provisioning_order": {
        "state",
        "next_at",
        "silent_since",
        "attempt",
        "maybe_sent",
        "tries",
        "asks",
        "forgotten",
        "mismatched",
    },
    # A trigger of its own guards its facts and its text: only an expired code may be removed.
    "outbox_outgoingmessage": {
        "state",
        "attempts",
        "next_attempt_at",
        "last_error",
        "parameters",
        "text",
        "delivery",
    },
}


def guarded() -> dict[str, set[str]]:
    """Return for each table the columns that its trigger lets change freely."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger "
            "WHERE tgname = 'written_once_update'"
        )
        triggers = dict(cursor.fetchall())
        cursor.execute(
            "SELECT attrelid::regclass::text, attname FROM pg_attribute "
            "WHERE attnum > 0 AND NOT attisdropped AND attrelid = ANY(%s::regclass[])",
            [list(triggers)],
        )
        free: dict[str, set[str]] = {table: set() for table in triggers}
        for table, column in cursor.fetchall():
            if not re.search(rf'old\."?{column}"?\b', triggers[table]):
                free[table].add(column)
    return free


@pytest.mark.django_db
def test_only_the_columns_named_here_may_change() -> None:
    assert {table: columns for table, columns in guarded().items() if columns} == FREE
