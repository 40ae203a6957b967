"""Two people end each line; what is charged stands in its own month (R36)."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from billing.models import BillEntry, Charge, ChargeState
from billing.month import closing
from klikon.activation.activate import activate
from klikon.comparison import deciding, ending
from klikon.comparison.models import ComparedOrder, Difference, Ending
from klikon.comparison.refusals import (
    EndingNotPossible,
    LineEnded,
    LineProposedByYourself,
    LinesOpen,
    MonthOver,
    NobodyToCharge,
    NotCompared,
    ProposalChanged,
)
from klikon.models import Activation, Channel
from klikon.provisioning.models import Order
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import BILLING_APPROVER, BILLING_REVIEWER
from superfamilja.audit.models import Act
from superfamilja.epoch.models import Halt
from superfamilja.messages.models import OutgoingMessage
from tests.epoch.standing_still import compared, halted, line
from tests.factories import at, family_with_leader
from tests.klikon.provisioning.charging import ordered
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> User:
    return staff_member(BILLING_REVIEWER)


@pytest.fixture
def two() -> User:
    return staff_member(BILLING_APPROVER)


def said() -> dict[str, Any]:
    return {"at": timezone.now(), "reason": "the restore of 30 November"}


def end(row: ComparedOrder, how: Ending, one: User, two: User) -> None:
    deciding.propose_ending(lines=[row], how=how, actor=one, **said())
    deciding.confirm_ending(line=row, expected=how, actor=two, **said())


def test_a_lost_sale_is_charged_in_the_month_of_its_acceptance(one: User, two: User) -> None:
    group, leading = family_with_leader()
    row = line(halted(), leading.member.msisdn)
    end(row, Ending.CHARGED, one, two)
    activation = Activation.objects.get(reference="KN-LOST-0001")
    assert (activation.charged_lek, f"{activation.month}") == (500, "2026-11-01")
    assert activation.charge.state == ChargeState.SETTLED
    assert activation.order.state == "done"
    assert BillEntry.objects.get(contract=group.contract).spent == 500
    assert not OutgoingMessage.objects.filter(about="KN-LOST-0001").exists()


def test_what_was_promised_is_charged_also_above_the_cap(one: User, two: User) -> None:
    """R9: it was within the cap when it was accepted; the ceiling records what was allowed."""
    group, leading = family_with_leader()
    for number in range(13):
        activate(
            leader=leading.member.msisdn,
            member=leading.member.msisdn,
            package="S700",
            at=at("2026-11-06 10:00"),
            channel=Channel.IVR,
            client="t",
            key=f"full {number}",
            repeat_confirmed=True,
        )
    end(line(halted(), leading.member.msisdn), Ending.CHARGED, one, two)
    entry = BillEntry.objects.get(contract=group.contract)
    assert (entry.spent, entry.ceiling) == (7000, 7000)
    assert Activation.objects.get(reference="KN-LOST-0001").room_left == 0


def test_an_order_that_is_still_on_its_way_there_is_asked_for(one: User, two: User) -> None:
    leading = family_with_leader()[1]
    end(line(halted(), leading.member.msisdn, state="pending"), Ending.CHARGED, one, two)
    order = Order.objects.get(activation_id="KN-LOST-0001")
    assert (order.state, order.activation.charge.state) == ("unknown", "held")
    assert order.next_at is not None


@pytest.mark.parametrize("how", [Ending.GIVEN_BACK, Ending.ACCEPTED])
def test_other_endings_write_no_money(how: Ending, one: User, two: User) -> None:
    leading = family_with_leader()[1]
    end(line(halted(), leading.member.msisdn), how, one, two)
    assert Charge.objects.count() == 0


def test_ours_that_they_do_not_know_is_given_back_to_the_family(one: User, two: User) -> None:
    order = ordered()
    row = line(halted(), "", order.reference, difference=Difference.MISSING_THERE, state="")
    end(row, Ending.GIVEN_BACK, one, two)
    order.refresh_from_db()
    assert (order.state, order.activation.charge.state) == ("failed", "reversed")
    assert OutgoingMessage.objects.filter(
        about=order.reference, why="activation_reversed", state="queued"
    ).exists()


def test_nobody_confirms_what_they_proposed(one: User) -> None:
    leading = family_with_leader()[1]
    row = line(halted(), leading.member.msisdn)
    deciding.propose_ending(lines=[row], how=Ending.ACCEPTED, actor=one, **said())
    with pytest.raises(LineProposedByYourself):
        deciding.confirm_ending(line=row, expected=Ending.ACCEPTED, actor=one, **said())


def test_the_database_wants_a_second_person_too(one: User) -> None:
    row = line(halted(), "+355670000001")
    deciding.propose_ending(lines=[row], how=Ending.ACCEPTED, actor=one, **said())
    with pytest.raises(IntegrityError, match="compared_confirmed_by_a_second_person"):
        ComparedOrder.objects.filter(pk=row.pk).update(
            confirmed_at=timezone.now(), confirmed_by=one, confirmed_in=1
        )


def test_a_line_ends_once(one: User, two: User) -> None:
    leading = family_with_leader()[1]
    row = line(halted(), leading.member.msisdn)
    end(row, Ending.CHARGED, one, two)
    with pytest.raises(LineEnded):
        deciding.confirm_ending(line=row, expected=Ending.CHARGED, actor=two, **said())
    with pytest.raises(LineEnded):
        deciding.propose_ending(lines=[row], how=Ending.ACCEPTED, actor=one, **said())
    assert Charge.objects.count() == 1


def test_a_number_that_nobody_leads_is_not_charged(one: User) -> None:
    row = line(halted(), "+355670000001")
    with pytest.raises(NobodyToCharge):
        deciding.propose_ending(lines=[row], how=Ending.CHARGED, actor=one, **said())


def test_what_failed_there_is_not_charged(one: User) -> None:
    leading = family_with_leader()[1]
    row = line(halted(), leading.member.msisdn, state="failed")
    with pytest.raises(EndingNotPossible):
        deciding.propose_ending(lines=[row], how=Ending.CHARGED, actor=one, **said())


def test_a_closed_month_takes_nothing(one: User, two: User) -> None:
    leading = family_with_leader()[1]
    closing.close_month(month=at("2026-11-01 00:00").date(), at=at("2026-12-02 08:00"), actor=one)
    row = line(halted(), leading.member.msisdn)
    deciding.propose_ending(lines=[row], how=Ending.CHARGED, actor=one, **said())
    with pytest.raises(MonthOver):
        deciding.confirm_ending(line=row, expected=Ending.CHARGED, actor=two, **said())
    row.refresh_from_db()
    assert row.confirmed_at is None


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_charge SET state = 'settled'",
        "UPDATE provisioning_order SET attempt = 9",
        "UPDATE outbox_outgoingmessage SET attempts = 9",
        "INSERT INTO billing_billmonth (month, state, figures) VALUES ('2026-10-01', 'open', '{}')",
        "UPDATE klikon_package SET on_sale_until = '2030-01-01'",
        "UPDATE groups_baseimport SET step = 'x'",
        "UPDATE klikon_waitingrequest SET outcome = 'x'",
    ],
)
def test_while_it_stands_still_the_database_itself_refuses(sql: str) -> None:
    ordered()
    with connection.cursor() as cursor:
        halt = halted()
        refuses = pytest.raises(DatabaseError, match="waits until the books are compared")
        with refuses, transaction.atomic():
            cursor.execute(sql)
        compared(halt)


def test_who_is_decided_to_be_charged_opens_no_other_order(one: User, two: User) -> None:
    leading = family_with_leader()[1]
    other = ordered()
    end(line(halted(), leading.member.msisdn), Ending.CHARGED, one, two)
    with pytest.raises(DatabaseError, match="waits until"):
        Order.objects.filter(pk=other.pk).update(attempt=9)


def test_nobody_goes_on_before_every_line_has_ended(one: User, two: User) -> None:
    halt = halted()
    with pytest.raises(NotCompared):
        deciding.require_compared()
    row = line(halt, "+355670000001")
    with pytest.raises(LinesOpen):
        deciding.require_compared()
    with pytest.raises(IntegrityError, match="books are not compared"), transaction.atomic():
        Halt.objects.filter(pk=halt.pk).update(
            ended_at=timezone.now(), ended_by=two, proposed_by=one
        )
    end(row, Ending.ACCEPTED, one, two)
    assert deciding.require_compared() == halt


def test_the_trail_says_who_proposed_and_who_confirmed(one: User, two: User) -> None:
    end(line(halted(), "+355670000001"), Ending.ACCEPTED, one, two)
    verbs = Act.objects.filter(verb__endswith="_ending").order_by("pk")
    assert [(act.verb, act.actor) for act in verbs] == [
        ("propose_ending", one),
        ("confirm_ending", two),
    ]


def test_one_person_does_not_end_the_standstill(own_mark: None, one: User) -> None:
    compared(halted())
    ending.propose_end(actor=one, send_waiting=False, **said())
    with pytest.raises(ending.EndProposedByYourself):
        deciding.end_standstill(actor=one, **said())


@pytest.mark.parametrize(("send", "state"), [(False, "failed"), (True, "queued")])
def test_sms_that_waited_are_given_up_or_sent(
    own_mark: None, one: User, two: User, send: bool, state: str
) -> None:
    order = ordered()
    newest = OutgoingMessage.objects.latest("pk").pk
    halt = Halt.objects.create(noticed_at=timezone.now(), why="reloaded", last_message=newest)
    compared(halt)
    ending.propose_end(actor=one, send_waiting=send, **said())
    deciding.end_standstill(actor=two, **said())
    told = OutgoingMessage.objects.filter(about=order.reference)
    assert set(told.values_list("state", flat=True)) == {state}


def test_what_was_answered_for_something_else_is_given_back_as_well(one: User, two: User) -> None:
    order = ordered()
    Order.objects.filter(pk=order.pk).update(state="person", next_at=None, mismatched=True)
    halt = halted()
    row = line(
        halt,
        order.activation.member.msisdn,
        reference=order.reference,
        difference=Difference.CONTENT,
    )
    end(row, Ending.GIVEN_BACK, one, two)
    order.refresh_from_db()
    assert (order.state, order.mismatched) == ("failed", False)
    assert Charge.objects.get(reference=order.reference).state == ChargeState.REVERSED


def test_a_second_person_ends_the_standstill_as_it_was_proposed_to_them(
    own_mark: None, one: User, two: User
) -> None:
    halt = halted()
    compared(halt)
    shown = ending.propose_end(actor=one, send_waiting=False, **said()).proposed_at
    ending.propose_end(actor=one, send_waiting=True, **said())
    with pytest.raises(ProposalChanged):
        deciding.end_standstill(actor=two, proposed_at=str(shown), **said())
    with pytest.raises(ending.EndProposedAnew):
        ending.end_halt(actor=two, proposed_at=shown, **said())
    assert ending.open_halt() is not None
