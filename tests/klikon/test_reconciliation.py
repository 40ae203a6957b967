"""The books beside one another: each planted difference is found, and ends by its own way out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from billing import outcomes
from billing.answers import rejected as rejections
from billing.answers import taking
from billing.models import BillEntry, Discrepancy, ParkedEntry, Reconciliation
from billing.month import export
from billing.reconciliation import comparing, light, ways_out
from billing.reconciliation.kinds import KINDS
from billing.reconciliation.light import Colour, OpenKind
from klikon.models import Activation
from klikon.provisioning import decisions
from klikon.provisioning.line import listing
from klikon.provisioning.models import Order, UnknownCallback
from superfamilja.messages.models import OutgoingMessage
from tests.billing import answering
from tests.billing.closing import approve, close, reviewer, settled
from tests.billing.closing import spoil as spoil_entry
from tests.factories import ContractFactory, at, charge
from tests.klikon.books import (
    NOW,
    activated,
    compare,
    ended,
    give_list,
    spoil,
    standing,
    their_list,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
NO_ORDER = "DELETE FROM provisioning_orderevent; DELETE FROM provisioning_order"


def by(username: str = "closes") -> dict[str, Any]:
    return {"actor": reviewer(username), "at": LATER, "reason": "looked into it"}


@pytest.fixture(autouse=True)
def _their_list(monkeypatch: pytest.MonkeyPatch) -> None:
    give_list(monkeypatch)


def sent_all() -> None:
    OutgoingMessage.objects.filter(state="queued").update(state="failed", last_error="withdrawn")


def colour(moment: datetime = NOW) -> Colour:
    return light.light(moment).colour


# --- what is planted, and by which verb it is put right ------------------------------------------
def order_of(activation: Activation) -> Order:
    return Order.objects.get(activation=activation)


def reverse(activation: Activation) -> None:
    outcomes.reverse(reference=activation.reference, **by())


def decide(verb: str) -> Callable[[Activation], None]:
    return lambda activation: getattr(decisions, verb)(order=order_of(activation), **by())


def accept(_activation: Activation) -> None:
    """By two people, what nobody can put right."""
    for found in Discrepancy.objects.standing():
        ways_out.propose(found=found, **by())
        ways_out.accept_difference(found=found, **by("approves"))


def set_right(activation: Activation) -> None:
    entry = BillEntry.objects.get(contract=activation.contract_id)
    ways_out.set_entry_right(entry=entry, **by())


PLANTED = {
    "no_order": ("done", NO_ORDER, reverse),
    "no_activation": ("done", f"{NO_ORDER}; DELETE FROM klikon_activation", reverse),
    "settled_not_done": (
        "done",
        "UPDATE provisioning_order SET state = 'person', next_at = NULL",
        decide("mark_done"),
    ),
    "done_not_settled": (
        "done",
        "UPDATE billing_charge SET state = 'held', outcome_at = NULL",
        decide("settle_delivered"),
    ),
    "failed_not_reversed": (
        "done",
        "UPDATE provisioning_order SET state = 'failed', next_at = NULL",
        reverse,
    ),
    "order_for_a_person": ("unknown", "SELECT 1", decide("reverse")),
    "order_too_long": (
        "unknown",
        "UPDATE provisioning_order SET state = 'unknown', next_at = '2026-11-20', "
        "ordered_at = '2026-11-01'",
        decide("mark_done"),
    ),
    "entry_differs": (
        "done",
        "UPDATE billing_billentry SET spent = spent - 1",
        set_right,
    ),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_difference_is_found_and_ends_by_its_own_way_out(kind: str) -> None:
    how, sql, way_out = PLANTED[kind]
    activation = ended(how)
    sent_all()
    spoil(sql)
    compare()
    assert standing() == [kind]
    found = Discrepancy.objects.get()
    assert (found.first_seen_at, found.ended_at) == (NOW, None)
    assert colour() != Colour.GREEN
    way_out(activation)
    sent_all()
    assert colour(LATER) != Colour.GREEN  # only a comparison turns it green again
    compare(LATER)
    assert standing() == []
    found.refresh_from_db()
    assert (found.ended_at, found.ended_how) == (LATER, "gone")
    assert colour(LATER) == Colour.GREEN


@pytest.mark.parametrize("how", ["done", "failed"])
def test_control_without_a_difference_it_is_green(how: str) -> None:
    ended(how)
    sent_all()
    run = compare()
    assert (run.open, run.new, run.silent) == (0, 0, {})
    assert colour() == Colour.GREEN


class TestTheirList:
    """The charging system's own list, asked for outside of the transaction."""

    @pytest.fixture
    def activation(self) -> Activation:
        found = ended()
        sent_all()
        return found

    @pytest.mark.parametrize(
        ("kind", "change"),
        [
            ("list_missing_there", None),
            ("list_content", {"package": "S1000"}),
            ("list_outcome", {"state": "failed"}),
        ],
    )
    def test_each_kind_is_found_and_ends_when_they_agree(
        self,
        activation: Activation,
        monkeypatch: pytest.MonkeyPatch,
        kind: str,
        change: dict[str, str] | None,
    ) -> None:
        reference = activation.reference
        their = their_list().orders[reference]
        other = replace(their, **change) if change else None
        give_list(monkeypatch, {reference: other})
        compare()
        assert standing() == [kind]
        assert Discrepancy.objects.get().links["charge"] == activation.charge_id
        give_list(monkeypatch)
        compare(LATER)
        assert (standing(), colour(LATER)) == ([], Colour.GREEN)

    def test_what_only_they_have_is_accepted_by_two_people(
        self, activation: Activation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stranger = replace(their_list().orders[activation.reference], reference="KN-9")
        give_list(monkeypatch, {"KN-9": stranger})
        compare()
        assert standing() == ["list_missing_here"]
        found = Discrepancy.objects.get()
        assert found.theirs["number"] == f"***{activation.member.msisdn[-3:]}"
        accept(activation)
        compare(LATER)
        assert (standing(), colour(LATER)) == ([], Colour.GREEN)

    def test_a_list_that_does_not_come_concludes_nothing(
        self, activation: Activation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        give_list(monkeypatch, {activation.reference: None})
        compare()

        def broken(_since: datetime) -> None:
            raise listing.ListBrokenError("the charging system answers 503")

        monkeypatch.setattr(listing, "orders_since", broken)
        run = compare(LATER)
        assert run.silent == {"charging_list": "the charging system answers 503"}
        assert standing() == ["list_missing_there"]

    def test_silent_it_is_not_green_although_nothing_is_open(
        self, activation: Activation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(_since: datetime) -> None:
            raise listing.ListBrokenError("no answer from there")

        monkeypatch.setattr(listing, "orders_since", broken)
        compare()
        assert colour() == Colour.AMBER

    def test_what_was_delivered_a_moment_ago_may_be_missing(
        self, activation: Activation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        give_list(monkeypatch, {activation.reference: None})
        compare(at("2026-11-05 14:10"))
        assert standing() == []


class TestFilesAndAnswers:
    """Charges, entries, files and what fixed billing answered."""

    NOV = at("2026-11-09 09:00")

    def test_a_file_that_is_not_answered_and_what_is_parked(self) -> None:
        one, two, three = answering.three_contracts()
        answering.take(answering.written([answering.accepted(one, 1300)]))

        compare(self.NOV)
        assert self.kinds() == ["not_answered"]
        assert Discrepancy.objects.get(kind="not_answered").theirs == {
            "lines": 1,
            "amount_lek": 1300,
        }
        answering.take(
            answering.written([answering.rejected(two, 800), answering.accepted(three, 1300)])
        )
        compare(self.NOV)
        assert self.kinds() == ["parked_waits"]
        parked = ParkedEntry.objects.get()
        rejections.send_again(parked=parked, **by())
        compare(self.NOV)
        assert self.kinds() == ["not_issued"]
        supplement = export.issue(
            answering.OCTOBER, at=self.NOV, actor=reviewer(), reason="supplement"
        )[-1]
        compare(self.NOV)
        assert self.kinds() == []
        answering.take(answering.written([answering.accepted(two, 800)], supplement))
        compare(self.NOV + timedelta(days=9))
        assert self.kinds() == []

    def test_an_answer_that_is_kept_ends_when_somebody_has_looked_into_it(self) -> None:
        answer = answering.take(b"nonsense")
        compare(self.NOV)
        assert self.kinds() == ["answer_kept"]
        taking.look_into(answer=answer, **by())
        compare(self.NOV)
        assert self.kinds() == []

    def test_an_entry_that_changed_after_its_file_is_accepted_by_two_people(self) -> None:
        one, two, three = answering.three_contracts()
        amounts = [(one, 1300), (two, 800), (three, 1300)]
        answering.take(answering.written([answering.accepted(*pair) for pair in amounts]))
        spoil(f"UPDATE billing_billentry SET adjusted = -100 WHERE contract_id = {one.pk}")
        compare(self.NOV)
        assert self.kinds() == ["accepted_differs", "entry_differs", "file_differs"]
        said = Discrepancy.objects.get(kind="file_differs")
        assert (said.ours, said.theirs["issued_lek"]) == ({"bills_lek": 3300}, 3400)
        entry = BillEntry.objects.get(contract=one)
        with pytest.raises(ways_out.EntryIssued):
            ways_out.set_entry_right(entry=entry, **by())
        accept(Activation())
        compare(self.NOV)
        assert self.kinds() == []

    def test_in_a_closed_month_it_is_parked_before_its_file_goes_out(self) -> None:
        contract = ContractFactory()
        settled(contract, 800, "2026-10-05 12:00")
        close("2026-10")
        spoil(f"UPDATE billing_billentry SET spent = 700 WHERE contract_id = {contract.pk}")
        compare(self.NOV)
        assert self.kinds() == ["entry_differs"]
        entry = BillEntry.objects.get(contract=contract)
        ways_out.set_entry_right(entry=entry, **by())
        assert ParkedEntry.objects.get().differences == {"spent": [700, 800]}
        compare(self.NOV)
        assert self.kinds() == ["parked_waits"]

    def test_control_a_month_that_was_parked_at_its_close_is_no_new_difference(self) -> None:
        contract = ContractFactory()
        settled(contract, 800, "2026-10-05 12:00")
        spoil_entry(contract, 700)
        close("2026-10")
        approve("2026-10")
        compare(self.NOV)
        assert self.kinds() == ["parked_waits"]

    def kinds(self) -> list[str]:
        """Without the charges that no activation stands behind: these tests post bare ones."""
        return [kind for kind in standing() if kind != "no_activation"]


class TestMessages:
    def test_one_that_failed_and_one_that_waits(self) -> None:
        activated()
        first, second = OutgoingMessage.objects.order_by("pk")[:2]
        failed = {"state": "failed", "last_error": "unknown number"}
        OutgoingMessage.objects.filter(pk=first.pk).update(**failed)
        others = OutgoingMessage.objects.exclude(pk__in=[first.pk, second.pk])
        others.update(state="failed", last_error="withdrawn")
        compare()
        assert standing() == ["sms_failed", "sms_waits"]
        accept(Activation())
        compare(LATER)
        assert (standing(), colour(LATER)) == ([], Colour.GREEN)

    def test_one_that_is_due_since_a_moment_is_no_difference(self) -> None:
        activated()
        earlier = OutgoingMessage.objects.filter(due_at__lt=at("2026-11-05 00:00"))
        earlier.update(state="failed", last_error="withdrawn")
        compare(at("2026-11-05 14:30"))
        assert standing() == []


class TestOneDifference:
    """From seen to ended."""

    @pytest.fixture
    def found(self) -> Discrepancy:
        ended("unknown")
        sent_all()
        compare()
        return Discrepancy.objects.get()

    def test_seen_again_it_keeps_its_age(self, found: Discrepancy) -> None:
        compare(LATER)
        found.refresh_from_db()
        assert (found.first_seen_at, found.last_seen_at) == (NOW, LATER)

    def test_somebody_takes_it_and_another_takes_it_over(self, found: Discrepancy) -> None:
        for username in ("closes", "approves"):
            ways_out.take(found=found, **by(username))
        found.refresh_from_db()
        assert found.owner == reviewer("approves")

    def test_one_person_alone_accepts_nothing(self, found: Discrepancy) -> None:
        with pytest.raises(ways_out.NobodyProposed):
            ways_out.accept_difference(found=found, **by())
        ways_out.propose(found=found, **by())
        with pytest.raises(ways_out.YourOwnProposal):
            ways_out.accept_difference(found=found, **by())
        with pytest.raises(DatabaseError), transaction.atomic():
            Discrepancy.objects.filter(pk=found.pk).update(
                ended_at=NOW, ended_how="accepted", ended_by=reviewer()
            )

    def test_accepted_it_comes_back_when_a_book_says_something_else(
        self, found: Discrepancy
    ) -> None:
        accept(Activation())
        compare(LATER)
        assert standing() == []
        spoil("UPDATE billing_charge SET amount_lek = amount_lek + 1")
        compare(LATER)
        assert "order_for_a_person" in standing()

    def test_a_proposal_falls_when_what_was_seen_has_changed(self, found: Discrepancy) -> None:
        ways_out.propose(found=found, **by())
        spoil("UPDATE billing_charge SET amount_lek = amount_lek + 1")
        compare(LATER)
        with pytest.raises(ways_out.NobodyProposed):
            ways_out.accept_difference(found=found, **by("approves"))

    def test_what_has_ended_stays_as_it_ended(self, found: Discrepancy) -> None:
        accept(Activation())
        with pytest.raises(ways_out.DiscrepancyEnded):
            ways_out.take(found=found, **by())
        with pytest.raises(DatabaseError), transaction.atomic():
            Discrepancy.objects.filter(pk=found.pk).update(reason="x")


class TestTheRun:
    def test_one_at_a_time(self) -> None:
        comparing.ask(at=NOW, actor=None)
        with pytest.raises(comparing.ComparedAlready):
            comparing.ask(at=NOW, actor=None)

    def test_it_is_due_once_a_day(self) -> None:
        assert comparing.carry_out_next(NOW) is not None
        assert comparing.carry_out_next(NOW + timedelta(hours=23)) is None
        assert comparing.carry_out_next(NOW + timedelta(hours=24)) is not None
        assert Reconciliation.objects.count() == 2

    def test_a_comparison_that_fails_is_named_and_stops_no_other(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def absurd(_since: datetime) -> None:
            raise OverflowError("date value out of range")

        monkeypatch.setattr(listing, "orders_since", absurd)
        run = comparing.carry_out_next(NOW)
        assert run is not None
        assert run.silent == {"charging_list": "it failed; the log says why"}
        comparing.ask(at=LATER, actor=None)  # the run has ended

    def test_an_accepted_difference_hides_no_later_one_with_the_same_figures(self) -> None:
        line = "'not_issued', '2026-10', %(moment)s::timestamptz, '{}'::jsonb, '{}'::jsonb, '{}'"
        kept = []
        for moment in (NOW, NOW, LATER):
            with connection.cursor() as cursor:
                cursor.execute(
                    comparing._FIND.format(sql=f"SELECT {line}::jsonb"), {"moment": moment}
                )
                cursor.execute(comparing._KEEP, {"at": LATER})
                kept.append(len(cursor.fetchall()))
            accept(Activation())
        assert kept == [1, 0, 1]

    def test_a_callback_for_an_unknown_order_ends_when_it_is_looked_into(self) -> None:
        kept = UnknownCallback.objects.create(received_at=NOW, message_id="m1")
        compare()
        assert standing() == ["unknown_callback"]
        decisions.close_callback(kept=kept, **by())
        compare(LATER)
        assert (standing(), colour(LATER)) == ([], Colour.GREEN)

    def test_as_many_statements_for_many_as_for_one(self) -> None:
        counts = []
        for number in (1, 4):
            for _ in range(number):
                charge(ContractFactory(), 500)
            with CaptureQueriesContext(connection) as asked:
                compare(NOW)
            counts.append(len(asked))
        assert counts[0] == counts[1]


class TestTheLight:
    def test_never_compared_is_amber(self) -> None:
        assert light.judge({}, compared_at=None, at=NOW).colour == Colour.AMBER

    @pytest.mark.parametrize(("hours", "colour"), [(35, "green"), (37, "amber")])
    def test_compared_too_long_ago_is_not_green(
        self, hours: int, colour: str, settings: Settings
    ) -> None:
        settings.RECONCILIATION_HOURS = 24
        seen = light.judge({}, compared_at=NOW - timedelta(hours=hours), at=NOW)
        assert seen.colour == colour

    @pytest.mark.parametrize(
        ("kind", "days", "colour"),
        [
            ("no_order", 0, "red"),
            ("order_for_a_person", 0, "amber"),
            ("order_for_a_person", 1, "red"),
            ("parked_waits", 4, "amber"),
            ("parked_waits", 5, "red"),
            ("a kind of before", 0, "red"),
        ],
    )
    def test_amber_or_red_by_kind_and_age(self, kind: str, days: int, colour: str) -> None:
        kinds = {kind: OpenKind(1, timedelta(days=days))}
        assert light.judge(kinds, compared_at=NOW, at=NOW).colour == colour

    def test_every_kind_is_planted_here(self) -> None:
        others = {
            "file_differs",
            "not_answered",
            "answer_kept",
            "parked_waits",
            "not_issued",
            "accepted_differs",
            "unknown_callback",
            "list_missing_here",
            "list_missing_there",
            "list_content",
            "list_outcome",
            "sms_failed",
            "sms_waits",
        }
        assert set(KINDS) == set(PLANTED) | others

    def test_it_takes_one_statement(self) -> None:
        activated()
        with CaptureQueriesContext(connection) as asked:
            light.light(timezone.now())
        assert len(asked) == 1
