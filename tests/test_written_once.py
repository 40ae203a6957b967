"""History and money cannot be edited or removed, by whatever way (ADR 0003)."""

import pytest
from django.db import DatabaseError, connection, transaction

from klikon.activation import activate
from klikon.models import Channel
from superfamilja.audit import acts
from tests.factories import at, family_with_leader

NOW = at("2026-11-05 14:05")


@pytest.fixture
def one_of_each(db: None) -> None:
    _group, leader = family_with_leader()
    activate(
        leader=leader.member.msisdn, member=leader.member.msisdn, package="S700", at=NOW,
        channel=Channel.IVR, client="test", key="1",
    )  # fmt: skip
    acts.record("look", actor=None, at=NOW)


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        return True
    return False


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_charge SET amount_lek = 1",
        "UPDATE billing_charge SET month = '2026-12-01'",
        "UPDATE billing_charge SET state = 'held'; UPDATE billing_charge SET spent_after = 0",
        "DELETE FROM billing_charge",
        "TRUNCATE billing_charge CASCADE",
        "DELETE FROM billing_billentry",
        "UPDATE billing_billentry SET month = '2026-12-01'",
        "UPDATE billing_billentry SET spent = 6501",
        "UPDATE billing_billentry SET spent = -1",
        "UPDATE klikon_activation SET charged_lek = 1",
        "DELETE FROM klikon_activation",
        "UPDATE klikon_leaderassignment SET assigned_at = now()",
        "DELETE FROM klikon_declaration",
        "UPDATE groups_membership SET group_id = group_id + 1",
        "UPDATE groups_membership SET msisdn = '+355679999999'",
        "DELETE FROM groups_membership",
        "UPDATE groups_group SET contract_id = contract_id + 1",
        "UPDATE groups_termsversion SET cap_lek = 100000",
        "UPDATE audit_act SET reason = 'another'",
        "DELETE FROM audit_act",
    ],
)
def test_the_database_refuses(sql: str) -> None:
    assert refused(sql)


@pytest.mark.usefixtures("one_of_each")
def test_a_membership_ends_once() -> None:
    assert not refused("UPDATE groups_membership SET left_on = '2026-11-06'")
    assert refused("UPDATE groups_membership SET left_on = '2026-11-07'")
    assert refused("UPDATE groups_membership SET left_on = NULL")


@pytest.mark.usefixtures("one_of_each")
def test_r13_r29_a_charge_only_moves_forward() -> None:
    assert not refused("UPDATE billing_charge SET state = 'settled'")
    assert refused("UPDATE billing_charge SET state = 'held'")
    assert not refused("UPDATE billing_charge SET state = 'reversed'")
    assert refused("UPDATE billing_charge SET state = 'settled'")


@pytest.mark.usefixtures("one_of_each")
def test_a_charge_cannot_begin_settled() -> None:
    assert refused(
        "INSERT INTO billing_charge (contract_id, entry_id, month, amount_lek, reference, text, "
        "state, accepted_at, spent_after, limit_then) SELECT contract_id, entry_id, month, 1, "
        "'X', '', 'settled', accepted_at, 1, 1 FROM billing_charge"
    )
