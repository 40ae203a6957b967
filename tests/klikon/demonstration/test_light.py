"""The light: green when all agree, amber while something is on its way, red with what disagrees."""

import pytest
from django.db import connection

from billing import outcomes
from billing.reconciliation.light import Colour
from klikon.activation.activate import activate
from klikon.demonstration.agreement import Count, judge, light
from klikon.demonstration.world import past
from klikon.models import Activation, Channel
from klikon.provisioning.models import Order
from tests.billing.closing import reviewer
from tests.factories import at, charge, family_with_leader


def activated(package: str = "S700") -> Activation:
    group, leader = family_with_leader()
    return activate(
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package=package,
        at=at("2026-11-05 14:05"),
        channel=Channel.IVR,
        client="light",
        key=f"{group.pk}{package}",
    )


def ended(how: str) -> Activation:
    activation = activated()
    past.ends(activation, how)
    return activation


GUARDED = (
    "klikon_activation",
    "provisioning_order",
    "provisioning_orderevent",
    "billing_charge",
    "billing_billentry",
    "billing_reversal",
)
NO_ORDER = "DELETE FROM provisioning_orderevent; DELETE FROM provisioning_order"


def spoil(sql: str) -> None:
    """Write what no verb would, with the tables' own guards off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql)


def said() -> list[tuple[str, int]]:
    return [(str(d.register), d.number) for d in light().disagreements]


def test_nothing_counted_is_green() -> None:
    assert judge({}).colour == Colour.GREEN


def test_on_its_way_is_amber() -> None:
    assert judge({"on_its_way": Count(2)}).colour == Colour.AMBER


def test_what_waits_for_a_person_stays_green_and_is_said() -> None:
    found = judge({"for_a_person": Count(1, 7)})
    assert (found.colour, found.for_a_person) == (Colour.GREEN, 1)


def test_a_disagreement_is_red_whatever_is_on_its_way() -> None:
    found = judge({"on_its_way": Count(2), "no_order": Count(3, 11)})
    assert found.colour == Colour.RED
    assert [(d.number, d.example) for d in found.disagreements] == [(3, 11)]


@pytest.mark.django_db
class TestCounted:
    @pytest.mark.parametrize("how", ["done", "failed", "unknown"])
    def test_each_way_to_end_is_green(self, how: str) -> None:
        ended(how)
        assert light().colour == Colour.GREEN

    def test_an_order_that_was_not_delivered_yet_is_amber(self) -> None:
        activated()
        assert (light().colour, light().on_its_way) == (Colour.AMBER, 1)

    def test_one_that_was_forgotten_and_is_sent_again_is_amber(self) -> None:
        Order.objects.filter(activation=ended("done")).update(
            state="ordered", next_at=at("2026-11-05 15:00"), forgotten=1
        )
        assert light().colour == Colour.AMBER

    def test_a_reversal_by_a_person_after_delivery_is_no_news(self) -> None:
        activation = ended("done")
        outcomes.reverse(
            reference=activation.reference,
            at=at("2026-11-06 10:00"),
            reason="goodwill",
            actor=reviewer(),
        )
        assert light().colour == Colour.GREEN

    @pytest.mark.parametrize(
        ("how", "sql", "register"),
        [
            ("done", NO_ORDER, "klikon_activation"),
            ("done", f"{NO_ORDER}; DELETE FROM klikon_activation", "billing_charge"),
            ("done", "UPDATE provisioning_order SET state = 'person'", "provisioning_order"),
            (
                "done",
                "UPDATE provisioning_order SET state = 'ordered', next_at = now()",
                "provisioning_order",
            ),
            ("done", "UPDATE billing_charge SET state = 'held'", "provisioning_order"),
            ("failed", "UPDATE billing_charge SET state = 'held'", "provisioning_order"),
            ("done", "UPDATE provisioning_order SET state = 'failed'", "provisioning_order"),
            ("failed", "UPDATE provisioning_order SET state = 'person'", "provisioning_order"),
            ("done", "UPDATE billing_billentry SET spent = spent - 1", "billing_billentry"),
        ],
    )
    def test_control_each_disagreement_is_red(self, how: str, sql: str, register: str) -> None:
        ended(how)
        spoil(sql)
        assert light().colour == Colour.RED
        assert (register, 1) in said()

    def test_a_delivered_package_whose_charge_is_gone_is_red(self) -> None:
        ended("done")
        spoil(
            "UPDATE billing_charge SET state = 'reversed'; UPDATE billing_billentry SET spent = 0"
        )
        assert said() == [("provisioning_order", 1)]

    def test_a_charge_of_nobody_is_red(self) -> None:
        charge(activated().contract, 500)
        assert said() == [("billing_charge", 1)]
