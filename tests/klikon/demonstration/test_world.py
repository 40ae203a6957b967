"""The demonstration's world has everything that its stories need, and is made once."""

import csv
from datetime import date, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from billing.models import BillEntry, BillMonth, Charge, Credit, ParkedEntry
from groups.models import Contract
from klikon.demonstration.agreement import Colour, light
from klikon.demonstration.world import families, plan
from klikon.management.commands.demo import BASE
from klikon.models import Activation, LeaderAssignment
from klikon.provisioning.models import Order
from superfamilja.messages.models import OutgoingMessage
from superfamilja.values.months import TIRANE, month_before, month_of
from tests.factories import at
from tests.klikon.demonstration.conftest import before_the_world

pytestmark = pytest.mark.django_db


def counts() -> dict[str, int]:
    models = (Activation, Charge, Order, OutgoingMessage, LeaderAssignment, BillMonth, Credit)
    return {model.__name__: model._default_manager.count() for model in models}


def of_the_last_month(key: str) -> Activation:
    return Activation.objects.select_related("order", "charge").get(key=key)


def test_the_base_has_thirty_families() -> None:
    with BASE.open(encoding="utf-8", newline="") as file:
        assert len({row["contract_number"] for row in csv.DictReader(file)}) == 30


@pytest.mark.usefixtures("world")
class TestWhole:
    """The world as `make run` makes it."""

    def test_six_months_four_approved_one_closed_and_this_one_open(self) -> None:
        states = list(BillMonth.objects.order_by("month").values_list("state", flat=True))
        assert states == ["approved"] * 4 + ["closed"]
        assert Activation.objects.values("month").distinct().count() == 6

    def test_each_past_month_has_figures(self) -> None:
        assert all(month.figures["bills_lek"] > 0 for month in BillMonth.objects.all())

    def test_familja_dardha_has_no_leader_and_no_activation(self) -> None:
        dardha = Contract.objects.get(number="SF1000001")
        assert not LeaderAssignment.objects.filter(group__contract=dardha).exists()
        assert not dardha.activations.exists()

    def test_familja_dellinja_has_spent_5800_lek_this_month(self) -> None:
        month = month_of(timezone.now())
        assert BillEntry.objects.get(contract__number="SF1000022", month=month).spent == 5800

    def test_its_puzzling_charge_was_entered_by_staff_for_somebody_who_never_gets_one(self) -> None:
        puzzling = families.last_activation()
        assert puzzling is not None
        assert (puzzling.charged_lek, puzzling.actor.username) == (1000, "agjenti")
        assert puzzling.reason.endswith(": kërkesë me telefon në 130")
        assert puzzling.member.activations.count() == 1

    def test_last_month_one_failed_and_was_reversed(self) -> None:
        failed = of_the_last_month(plan.failed_key(month_before(month_of(timezone.now()))))
        assert (failed.order.state, failed.charge.state) == ("failed", "reversed")

    def test_last_month_one_is_unknown_and_off_the_bill(self) -> None:
        unknown = of_the_last_month(plan.unknown_key(month_before(month_of(timezone.now()))))
        assert (unknown.order.state, unknown.charge.state) == ("person", "held")
        assert unknown.charge.carried.get().into_month is None

    def test_last_month_one_entry_is_parked_500_lek_above_its_lines(self) -> None:
        parked = ParkedEntry.objects.get()
        says, lines = parked.differences["spent"]
        assert says - lines == 500

    def test_every_sms_was_sent_in_its_time(self) -> None:
        assert not OutgoingMessage.objects.exclude(state="sent").exists()
        late = OutgoingMessage.objects.filter(sent_at__gte=timezone.now()).exists()
        assert not late

    def test_the_worker_finds_no_job_of_the_past(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
            assert cursor.fetchone() == (0,)

    def test_the_light_is_green(self) -> None:
        found = light()
        assert (found.colour, found.disagreements) == (Colour.GREEN, [])
        assert (found.on_its_way, found.for_a_person) == (0, 1)

    def test_making_it_again_changes_nothing(self) -> None:
        before = counts()
        assert families.make(timezone.now()) is False
        assert counts() == before


class Killed(BaseException):
    """Stop like a killed process, without tidying up."""


@pytest.mark.full
def test_a_first_run_that_was_killed_is_simply_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = at("2026-11-26 10:00")
    before_the_world(tmp_path)

    def die(*_args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(families, "_this_month", die)
        with pytest.raises(Killed):
            families.make(now)
    half = counts()
    assert families.make(now) is True
    assert {name: counts()[name] - half[name] for name in ("BillMonth", "Credit")} == {
        "BillMonth": 0,
        "Credit": 0,
    }
    assert light().colour == Colour.GREEN
    assert families.last_activation() is not None


@pytest.mark.parametrize(
    "now", ["2026-11-01 00:10", "2026-11-01 12:00", "2026-11-02 02:00", "2026-12-31 23:59"]
)
def test_on_any_day_of_a_month_all_of_it_lies_before_now_and_in_it(
    tmp_path: Path, now: str
) -> None:
    before_the_world(tmp_path)
    moment = at(now)
    month = month_of(moment)
    found = families.read()
    wishes = [*plan.of_month(found, month, moment), *plan.dellinja(found, moment)]
    assert {month_of(wish.at) for wish in wishes} == {month}
    assert max(wish.at for wish in wishes) < moment


def test_the_puzzling_charge_is_of_last_night() -> None:
    assert plan._at_night(date(2026, 11, 1), at("2026-11-26 10:00")) == at("2026-11-26 03:12")
    assert plan._at_night(date(2026, 11, 1), at("2026-11-26 02:00")) == at("2026-11-25 03:12")
    assert plan._at_night(date(2026, 11, 1), datetime(2026, 11, 1, 1, tzinfo=TIRANE)).day == 1
