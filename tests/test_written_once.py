"""History and money cannot be edited or removed in any way (ADR 0003)."""

import pytest
from django.db import DatabaseError, connection, transaction

from billing import outcomes
from billing.credits import give_credit
from billing.models import CarriedCharge
from klikon.activation.activate import activate
from klikon.models import Channel
from superfamilja.audit import acts
from tests.factories import ContractFactory, at, charge, family_with_leader
from tests.signing_in import staff_member

NOW = at("2026-11-05 14:05")


@pytest.fixture
def one_of_each(db: None) -> None:
    _group, leader = family_with_leader()
    activate(
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package="S700",
        at=NOW,
        channel=Channel.IVR,
        client="test",
        key="1",
    )
    acts.record("look", actor=None, at=NOW)


@pytest.fixture
def money(db: None) -> None:
    """Make a credit of 100 on a settled charge, a reversal, and a charge carried out of October."""
    contract = ContractFactory()
    settled, failed = charge(contract, 500), charge(contract, 800)
    outcomes.settle(reference=settled.reference, at=NOW)
    give_credit(
        charge=settled,
        amount_lek=100,
        key="1",
        at=NOW,
        actor=staff_member("care agent"),
        reason="the shop was slow",
    )
    outcomes.reverse(reference=failed.reference, at=NOW, reason="failed")
    held = charge(contract, 1000, "2026-10-31 23:00")
    CarriedCharge.objects.create(
        contract=contract, charge=held, from_month=held.month, carried_at=NOW
    )


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
        "UPDATE provisioning_order SET reference = 'KN-7777-7777'",
        "UPDATE provisioning_order SET ordered_at = now()",
        "UPDATE provisioning_order SET next_at = NULL",
        "UPDATE provisioning_order SET state = 'person'",
        "DELETE FROM provisioning_order",
        "TRUNCATE provisioning_orderevent",
        "UPDATE provisioning_order SET mismatched = true",
        "TRUNCATE provisioning_unknowncallback",
        "INSERT INTO provisioning_line (id, failures) VALUES (2, 0)",
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


@pytest.mark.usefixtures("money")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_credit SET amount_lek = 1",
        "UPDATE billing_credit SET charge_id = charge_id + 1",
        "DELETE FROM billing_credit",
        "TRUNCATE billing_credit",
        "UPDATE billing_charge SET credited_lek = 0 WHERE credited_lek > 0",
        "UPDATE billing_charge SET credited_lek = 501 WHERE credited_lek > 0",
        "UPDATE billing_charge SET credited_lek = 1 WHERE state <> 'settled'",
        "UPDATE billing_charge SET outcome_at = now() WHERE outcome_at IS NOT NULL",
        "UPDATE billing_reversal SET reason = 'another'",
        "UPDATE billing_reversal SET reversed_at = now()",
        "DELETE FROM billing_reversal",
        "INSERT INTO billing_reversal (contract_id, charge_id, reason, reversed_at) "
        "SELECT contract_id, charge_id, 'twice', now() FROM billing_reversal",
        "UPDATE billing_carriedcharge SET from_month = '2026-09-01'",
        "UPDATE billing_carriedcharge SET into_month = '2026-10-01'",
        "DELETE FROM billing_carriedcharge",
        "INSERT INTO billing_carriedcharge (contract_id, charge_id, from_month, carried_at) "
        "SELECT contract_id, charge_id, from_month, now() FROM billing_carriedcharge",
        "UPDATE billing_carriedcharge SET into_month = '2026-11-01', withdrawn_at = now()",
    ],
)
def test_the_database_refuses_to_rewrite_money(sql: str) -> None:
    assert refused(sql)


@pytest.mark.usefixtures("money")
def test_r29_a_carried_charge_goes_on_one_bill_once() -> None:
    assert not refused("UPDATE billing_carriedcharge SET into_month = '2026-11-01'")
    assert refused("UPDATE billing_carriedcharge SET into_month = '2026-12-01'")
    assert refused("UPDATE billing_carriedcharge SET withdrawn_at = now()")
