"""What fixed billing answers to a month's file, and when the month is settled (R22)."""

import pytest
from django.db import DatabaseError, connection, transaction

from billing import outcomes
from billing.answers import rejected as ways_out
from billing.answers import settling, taking
from billing.credits import give_credit
from billing.models import (
    AnsweredLine,
    BillEntry,
    BillingAnswer,
    Charge,
    Credit,
    IssuedFile,
    ParkedEntry,
    Settlement,
)
from billing.month import export, parked
from groups.models import Contract
from superfamilja.audit.models import Act
from tests.billing.answering import (
    LATER,
    OCTOBER,
    accepted,
    issued,
    problems,
    rejected,
    take,
    three_contracts,
    written,
)
from tests.billing.closing import approve, close, reviewer, settled
from tests.factories import ContractFactory, at, charge

pytestmark = pytest.mark.django_db

WHY = "asked fixed billing"


@pytest.fixture
def families() -> list[Contract]:
    return three_contracts()


@pytest.fixture
def one_rejected(families: list[Contract]) -> ParkedEntry:
    """FX 2's 800 is rejected, the rest accepted."""
    one, two, three = families
    take(written([accepted(one, 1300), rejected(two, 800), accepted(three, 1300)]))
    return ParkedEntry.objects.get()


def standing() -> settling.AnsweredMonth:
    return settling.standing_of(OCTOBER)


def lines_of(file: IssuedFile) -> list[str]:
    return b"".join(export.content_of(file)).decode().splitlines()


class TestAccepted:
    def test_all_accepted_settles_the_month(self, families: list[Contract]) -> None:
        one, two, three = families
        answer = take(written([accepted(one, 1300), accepted(two, 800), accepted(three, 1300)]))
        assert (answer.state, answer.accepted, answer.accepted_lek) == ("taken", 3, 3400)
        even = Settlement.objects.get()
        assert (even.month, even.settled_at) == (OCTOBER, LATER)
        assert (even.issued, even.issued_lek) == (3, 3400)
        assert (even.accepted, even.accepted_lek) == (3, 3400)
        assert (even.billed, even.billed_lek) == (3, 3400)

    def test_an_answer_in_two_parts_settles_with_the_second(self, families: list[Contract]) -> None:
        one, two, three = families
        take(written([accepted(one, 1300)]))
        assert (standing().unanswered, standing().unanswered_lek) == (2, 2100)
        assert not Settlement.objects.exists()
        take(written([accepted(two, 800), accepted(three, 1300)]))
        assert Settlement.objects.get().accepted_lek == 3400

    def test_semicolons_a_bom_and_line_ends_of_windows_are_read(
        self, families: list[Contract]
    ) -> None:
        content = written([accepted(contract, 800) for contract in families[1:2]])
        other = b"\xef\xbb\xbf" + content.replace(b",", b";").replace(b"\n", b"\r\n")
        assert take(other).state == "taken"

    def test_an_empty_month_is_settled_by_an_empty_answer(self) -> None:
        close("2026-10")
        approve("2026-10")
        issued()
        assert not Settlement.objects.exists()
        take(written([]))
        assert Settlement.objects.get().issued == 0

    def test_taking_is_an_act(self, families: list[Contract]) -> None:
        take(written([accepted(families[0], 1300)]))
        act = Act.objects.get(verb="take_answer")
        assert (act.reason, act.details["month"], act.details["accepted"]) == (
            "came by e-mail",
            "2026-10",
            1,
        )


class TestRejected:
    def test_it_is_parked_with_the_reason_and_the_month_is_not_settled(
        self, one_rejected: ParkedEntry
    ) -> None:
        assert one_rejected.contract.number == "FX 2"
        assert one_rejected.rejection == "unknown contract"
        assert one_rejected.differences == {}
        seen = standing()
        assert (seen.accepted_lek, seen.rejected_lek, seen.unanswered_lek) == (2600, 800, 0)
        assert (seen.waiting, seen.settled_at) == (1, None)

    def test_sent_again_it_follows_in_a_supplement_and_settles(
        self, one_rejected: ParkedEntry
    ) -> None:
        ways_out.send_again(parked=one_rejected, at=LATER, actor=reviewer(), reason=WHY)
        supplement = issued()
        assert supplement.name.startswith("klikon-2026-10-1-")
        assert lines_of(supplement)[1].startswith("FX 2,2026-10,K2610-")
        assert lines_of(supplement)[-1] == "TRAILER,2026-10,1,,1,800,133.33"
        assert not Settlement.objects.exists()
        take(written([accepted(one_rejected.contract, 800)], supplement))
        even = Settlement.objects.get()
        assert (even.issued, even.issued_lek) == (4, 4200)
        assert (even.rejected, even.rejected_lek) == (1, 800)
        assert (even.accepted, even.accepted_lek) == (3, 3400)

    def test_credited_it_is_billed_nowhere_and_the_month_is_settled_without_it(
        self, one_rejected: ParkedEntry
    ) -> None:
        ways_out.credit_rejected(
            parked=one_rejected, at=LATER, actor=reviewer(), reason=WHY, told="wrong_amount"
        )
        credit = Credit.objects.get()
        assert (credit.amount_lek, credit.month, credit.kind) == (800, OCTOBER, "unbilled")
        assert credit.told == "wrong_amount"
        one_rejected.entry.refresh_from_db()
        assert (one_rejected.entry.spent, one_rejected.entry.total_lek) == (800, 0)
        assert not BillEntry.objects.filter(month="2026-11-01").exists()
        even = Settlement.objects.get()
        assert (even.issued_lek, even.rejected_lek, even.accepted_lek) == (3400, 800, 2600)
        assert (even.billed, even.billed_lek) == (2, 2600)
        assert issued().number == 0  # no supplement follows

    def test_what_was_credited_is_not_given_back_a_second_time(
        self, one_rejected: ParkedEntry
    ) -> None:
        ways_out.credit_rejected(parked=one_rejected, at=LATER, actor=reviewer(), reason=WHY)
        reference = one_rejected.entry.charges.get().reference
        outcomes.reverse(reference=reference, at=LATER, reason="never came", actor=reviewer())
        assert [credit.amount_lek for credit in Credit.objects.all()] == [800]

    def test_a_credit_that_stands_on_another_bill_stays_to_be_billed(
        self, one_rejected: ParkedEntry
    ) -> None:

        posted = one_rejected.entry.charges.get()
        give_credit(
            charge=posted, amount_lek=200, key="1", at=LATER, actor=reviewer(), reason="slow"
        )
        ways_out.credit_rejected(parked=one_rejected, at=LATER, actor=reviewer(), reason=WHY)
        # November's bill has −200; October's keeps 200, so that both come to nothing.
        assert lines_of(issued())[-1] == "TRAILER,2026-10,1,,1,200,33.33"
        posted.refresh_from_db()
        assert posted.credited_lek == 800

    def test_rejected_a_second_time_it_is_parked_a_second_time(
        self, one_rejected: ParkedEntry
    ) -> None:
        ways_out.send_again(parked=one_rejected, at=LATER, actor=reviewer(), reason=WHY)
        supplement = issued()
        take(written([rejected(one_rejected.contract, 800, "blocked")], supplement))
        waiting = ParkedEntry.objects.waiting().get()
        assert (waiting.rejection, waiting.pk != one_rejected.pk) == ("blocked", True)
        ways_out.credit_rejected(parked=waiting, at=LATER, actor=reviewer(), reason=WHY)
        even = Settlement.objects.get()
        assert (even.issued_lek, even.rejected_lek, even.accepted_lek) == (
            4200,
            1600,
            2600,
        )

    def test_a_credit_line_that_is_rejected_can_only_be_sent_again(self) -> None:

        contract = ContractFactory(number="FX 9")
        posted = settled(contract, 500, "2026-09-05 12:00")
        moment = at("2026-10-05 12:00")
        give_credit(
            charge=posted, amount_lek=500, key="1", at=moment, actor=reviewer(), reason="slow"
        )
        close("2026-10")
        approve("2026-10")
        take(written([rejected(contract, -500)]))
        with pytest.raises(ways_out.NothingToCredit):
            ways_out.credit_rejected(
                parked=ParkedEntry.objects.get(), at=LATER, actor=reviewer(), reason=WHY
            )

    def test_each_kind_of_parked_entry_has_its_own_ways_out(
        self, one_rejected: ParkedEntry
    ) -> None:
        by = {"at": LATER, "actor": reviewer(), "reason": WHY}
        with pytest.raises(parked.WasRejected):
            parked.recount(parked=one_rejected, **by)
        with pytest.raises(parked.WasRejected):
            parked.propose_acceptance(parked=one_rejected, **by)

    def test_resolved_once(self, one_rejected: ParkedEntry) -> None:
        by = {"at": LATER, "actor": reviewer(), "reason": WHY}
        ways_out.send_again(parked=one_rejected, **by)
        with pytest.raises(parked.NotParked):
            ways_out.credit_rejected(parked=one_rejected, **by)


class TestKeptForAPerson:
    """Nothing of such an answer counts, and nothing of it is lost."""

    @pytest.fixture
    def bad(self, families: list[Contract], request: pytest.FixtureRequest) -> bytes:
        one, two, _three = families
        good, stranger = accepted(one, 1300), accepted(two, 800)
        shapes = {
            "encoding": "ë".encode("latin-1"),
            "columns": b"reference,result\n",
            "trailer": written([good]).rpartition(b"TRAILER")[0],
            "unknown_file": written([good], "klikon-2026-10-000000000000.csv"),
            "unreadable": written([("K2610-222-222-2222", *good[1:])]),
            "result": written([(good[0], "maybe", 1300, "")]),
            "amount": written([good]).replace(b",1300,\n", b",13.5,\n"),
            "no_reason": written([(good[0], "rejected", 1300, "")]),
            "unknown_line": written([(f"K2609{good[0][5:]}", *good[1:])]),
            "other_amount": written([(good[0], "accepted", 1200, "")]),
            "twice": written([good, stranger, good]),
            "totals": written([good], totals="1,1301,0,0"),
        }
        return shapes[request.param]

    @pytest.mark.parametrize(
        ("bad", "line"),
        [
            ("encoding", 0),
            ("columns", 1),
            ("trailer", 0),
            ("unknown_file", 0),
            ("unreadable", 2),
            ("result", 2),
            ("amount", 2),
            ("no_reason", 2),
            ("unknown_line", 0),
            ("other_amount", 2),
            ("twice", 4),
            ("totals", 0),
        ],
        indirect=["bad"],
    )
    def test_each_problem_is_named_and_nothing_counts(
        self, bad: bytes, line: int, request: pytest.FixtureRequest
    ) -> None:
        answer = take(bad)
        kind = request.node.callspec.params["bad"]
        assert (answer.state, problems(answer)) == ("refused", [(kind, line)])
        assert taking.content_of(answer) == bad
        assert not AnsweredLine.objects.exists()
        assert not ParkedEntry.objects.exists()
        assert standing().accepted == 0

    def test_the_sums_of_a_million_contracts_are_read(self, families: list[Contract]) -> None:
        answer = take(written([accepted(families[0], 1300)], totals="1,1300000000,0,0"))
        assert problems(answer) == [("totals", 0)]

    def test_a_line_of_another_entry_is_unknown(self, families: list[Contract]) -> None:
        other = charge(ContractFactory(), 500, "2026-11-03 10:00").entry
        line = (f"K2610{other.reference[5:]}", "accepted", 500, "")
        answer = take(written([accepted(families[0], 1300), line]))
        assert problems(answer) == [("unknown_line", 3)]

    def test_a_line_that_an_earlier_answer_has_is_answered_before(
        self, families: list[Contract]
    ) -> None:
        take(written([accepted(families[0], 1300)]))
        answer = take(written([rejected(families[0], 1300), accepted(families[1], 800)]))
        assert problems(answer) == [("answered_before", 2)]
        assert (standing().accepted_lek, standing().rejected_lek) == (1300, 0)

    def test_what_stands_behind_the_trailer_makes_it_none(self, families: list[Contract]) -> None:
        answer = take(written([accepted(families[0], 1300)]) + b"K2610-1,accepted,1,\n")
        assert problems(answer) == [("trailer", 0)]

    def test_the_same_answer_twice_is_one(self, families: list[Contract]) -> None:
        content = written([rejected(families[0], 1300)])
        first, second = take(content), take(content, "again.csv")
        assert (first.pk, first.name) == (second.pk, "answer.csv")
        assert ParkedEntry.objects.count() == 1
        assert Act.objects.filter(verb="take_answer").count() == 1

    def test_it_is_read_again_when_we_know_more(self, families: list[Contract]) -> None:
        take(written([rejected(families[0], 1300)]))
        sent = {"at": LATER, "actor": reviewer(), "reason": WHY}
        ways_out.send_again(parked=ParkedEntry.objects.get(), **sent)
        # It came before its file was issued here: after a restore, for example.
        early = take(written([accepted(families[0], 1300)], "klikon-2026-10-1-early.csv"))
        again = taking.read_again(answer=early, **sent)
        assert problems(again) == [("unknown_file", 0)]

    def test_somebody_looks_into_it_once(self, families: list[Contract]) -> None:
        answer = take(b"nonsense")
        taking.look_into(answer=answer, at=LATER, actor=reviewer(), reason="a test of theirs")
        answer.refresh_from_db()
        assert (answer.waits, answer.closed_reason) == (False, "a test of theirs")
        with pytest.raises(taking.AnswerTaken):
            taking.look_into(answer=answer, at=LATER, actor=reviewer(), reason="again")

    def test_a_thousand_problems_are_counted_and_a_hundred_shown(
        self, families: list[Contract]
    ) -> None:
        line = ("K2610-222-222-2222", "accepted", 1, "")
        answer = take(written([line] * 1000))
        assert (answer.found, len(answer.problems)) == (1000, 100)


class TestKeptByTheDatabase:
    """The constraints and triggers, without the verbs."""

    def refused(self, sql: str) -> bool:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
        except DatabaseError as error:
            said = getattr(error.__cause__, "sqlstate", "")
            return said in {"23001", "23514", "23505"}  # a constraint, and no slip of SQL
        return False

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE billing_answeredline SET result = 'accepted', reason = ''",
            "DELETE FROM billing_answeredline",
            "UPDATE billing_billinganswer SET accepted = 4",
            "DELETE FROM billing_billinganswer",
            "UPDATE billing_parkedentry SET rejection = ''",
            "UPDATE billing_parkedentry SET resolution = 'recounted', resolved_at = now(), "
            "resolved_by_id = (SELECT min(id) FROM accounts_user)",
            "INSERT INTO billing_settlement VALUES "
            "('2026-10-01', now(), 2, 2600, 0, 0, 2, 2600, 2, 2600)",
            "INSERT INTO billing_settlement VALUES "
            "('2026-10-01', now(), 3, 3400, 1, 800, 2, 2600, 2, 2600)",
        ],
    )
    def test_it_cannot_be_written_otherwise(self, one_rejected: ParkedEntry, sql: str) -> None:
        assert self.refused(sql)

    def test_a_month_whose_supplement_has_not_gone_out_is_not_settled(
        self, one_rejected: ParkedEntry
    ) -> None:
        ways_out.send_again(parked=one_rejected, at=LATER, actor=reviewer(), reason=WHY)
        assert self.refused(
            "INSERT INTO billing_settlement VALUES "
            "('2026-10-01', now(), 3, 3400, 1, 800, 2, 2600, 2, 2600)"
        )

    def test_control_a_settlement_that_adds_up_can_be_written(
        self, one_rejected: ParkedEntry
    ) -> None:
        ways_out.credit_rejected(parked=one_rejected, at=LATER, actor=reviewer(), reason=WHY)
        assert Settlement.objects.count() == 1

    def test_no_other_credit_lands_in_a_closed_month(self, one_rejected: ParkedEntry) -> None:
        posted = Charge.objects.exclude(contract=one_rejected.contract).first()
        assert posted is not None
        columns = (
            "kind, contract_id, charge_id, entry_id, month, amount_lek, reason, key, credited_at"
        )
        values = f"{posted.contract_id}, {posted.pk}, {posted.entry_id}, '2026-10-01', 1, 'x', 'k'"
        for kind in ("unbilled", "goodwill"):
            into = f"INSERT INTO billing_credit ({columns})"
            assert self.refused(f"{into} VALUES ('{kind}', {values}, now())")

    def test_an_answer_is_kept_once(self, one_rejected: ParkedEntry) -> None:
        answer = BillingAnswer.objects.get()
        answer.pk = None
        with pytest.raises(DatabaseError), transaction.atomic():
            answer.save(force_insert=True)
