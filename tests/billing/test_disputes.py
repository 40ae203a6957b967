"""Questions and complaints about charges, and “I know this charge”."""

import re
from datetime import date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from billing import disputes, outcomes
from billing.credits import give_credit
from billing.models import (
    BillMonth,
    CarriedCharge,
    Charge,
    Dispute,
    DisputeMessage,
    IssuedFile,
    ParkedEntry,
    Recognition,
)
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import CARE_AGENT
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from superfamilja.messages import templates
from superfamilja.messages.models import OutgoingMessage
from tests.factories import ContractFactory, at, charge
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db

NOW = at("2026-11-06 10:00")
LATER = at("2026-11-08 10:00")


@pytest.fixture
def posted() -> Charge:
    return outcomes.settle(reference=charge(ContractFactory(), 500).reference, at=NOW)


@pytest.fixture
def agent() -> User:
    return staff_member(CARE_AGENT)


def ask(posted: Charge, text: str = "Who bought this?", key: str = "1", **other: Any) -> Dispute:
    return disputes.ask(charge=posted, text=text, key=key, **{"at": NOW, **other})


def complain(dispute: Dispute, moment: datetime = LATER, key: str = "c") -> Dispute:
    return disputes.make_complaint(dispute=dispute, text="I did not.", key=key, at=moment)


def answer(dispute: Dispute, agent: User, key: str = "a", **other: Any) -> Dispute:
    said = {"text": "Your son did, by telephone.", "at": LATER, **other}
    return disputes.answer(dispute=dispute, key=key, actor=agent, **said)


def said(dispute: Dispute) -> list[tuple[str, str]]:
    return [(m.said, m.text) for m in dispute.conversation.order_by("pk")]


def issue(month: str, moment: str) -> IssuedFile:
    """Issue the month's file at that moment."""
    return IssuedFile.objects.create(
        month=f"{month}-01",
        number=0,
        name=f"{month}.csv",
        sha256="0" * 64,
        entries=1,
        activations=1,
        amount_lek=500,
        vat_lek=83,
        issued_at=at(moment),
    )


class TestAsking:
    def test_a_question_gets_a_reference_and_its_clock(self, posted: Charge) -> None:
        asked = ask(posted)
        assert re.fullmatch(r"SQ-.{3}-.{3}-.{4}", asked.reference)
        assert (asked.waiting_since, asked.due_on, asked.is_complaint) == (
            NOW,
            date(2026, 11, 21),
            False,
        )
        assert said(asked) == [("question", "Who bought this?")]

    def test_the_last_day_is_not_overdue_and_the_next_is(self, posted: Charge) -> None:
        asked = ask(posted)
        assert asked.is_overdue(date(2026, 11, 21)) is False
        assert asked.is_overdue(date(2026, 11, 22)) is True

    def test_what_is_asked_while_one_is_open_is_added_to_it_and_the_clock_goes_on(
        self, posted: Charge
    ) -> None:
        first = ask(posted)
        again = ask(posted, "And why?", key="2", at=LATER)
        assert (again, again.waiting_since) == (first, NOW)
        assert said(first) == [("question", "Who bought this?"), ("question", "And why?")]

    def test_r21_the_same_key_is_one_question(self, posted: Charge) -> None:
        assert ask(posted) == ask(posted)
        assert DisputeMessage.objects.count() == 1

    def test_r21_the_same_key_for_something_else_is_refused(self, posted: Charge) -> None:
        ask(posted)
        with pytest.raises(disputes.DisputeKeyUsed):
            ask(posted, "And why?")

    @pytest.mark.parametrize("text", ["", "  \n", "a" * 2001])
    def test_something_has_to_be_said(self, posted: Charge, text: str) -> None:
        with pytest.raises(disputes.NothingSaid):
            ask(posted, text)

    def test_staff_take_down_what_they_are_told_and_say_how(
        self, posted: Charge, agent: User
    ) -> None:
        with pytest.raises(ReasonMissing):
            ask(posted, actor=agent)
        asked = ask(posted, actor=agent, reason="came with her card")
        assert (asked.taken_down_by, asked.conversation.get().author) == (agent, agent)
        assert Act.objects.get(verb="ask_question").reason == "came with her card"


class TestAnswering:
    def test_an_answer_stops_the_clock_and_the_payer_is_told(
        self, posted: Charge, agent: User
    ) -> None:
        answered = answer(ask(posted), agent)
        assert (answered.waiting_since, answered.due_on) == (None, None)
        message = OutgoingMessage.objects.get(template="question_answered")
        assert message.recipient == posted.contract.contact_msisdn
        assert templates.render(message.template, "en", message.parameters) == (
            f"Klik-ON: your question {answered.reference} about the charge {posted.reference} is "
            "answered. Read it at Klik-ON or in a shop."
        )

    def test_r21_a_double_click_answers_once(self, posted: Charge, agent: User) -> None:
        asked = ask(posted)
        assert answer(asked, agent) == answer(asked, agent)
        assert OutgoingMessage.objects.filter(template="question_answered").count() == 1

    def test_asked_on_the_clock_begins_anew(self, posted: Charge, agent: User) -> None:
        answer(ask(posted), agent)
        assert ask(posted, "Which son?", key="2", at=LATER).due_on == date(2026, 11, 23)

    def test_it_may_name_the_credit_that_was_given(self, posted: Charge, agent: User) -> None:
        credit = give_credit(
            charge=posted, amount_lek=200, key="g", at=LATER, actor=agent, reason="goodwill"
        )
        answered = answer(ask(posted), agent, correction=credit)
        assert answered.conversation.get(said="answer").credit == credit

    def test_or_the_reversal(self, agent: User) -> None:
        failed = charge(ContractFactory(), 800)
        asked = ask(failed)
        outcomes.reverse(reference=failed.reference, at=LATER, reason="never came")
        failed = Charge.objects.get(pk=failed.pk)
        answered = answer(asked, agent, correction=failed.reversal)
        assert answered.conversation.get(said="answer").reversal == failed.reversal

    def test_a_credit_of_another_charge_is_refused(self, posted: Charge, agent: User) -> None:
        other = charge(posted.contract, 800)
        credit = give_credit(
            charge=posted, amount_lek=200, key="g", at=LATER, actor=agent, reason="goodwill"
        )
        asked = ask(other)
        with pytest.raises(disputes.CorrectionOfAnotherCharge):
            answer(asked, agent, correction=credit)


class TestComplaining:
    def test_a_question_becomes_a_complaint_with_its_clock_running_on(self, posted: Charge) -> None:
        complaint = complain(ask(posted))
        assert (complaint.is_complaint, complaint.complained_at) == (True, LATER)
        assert complaint.due_on == date(2026, 11, 21)

    def test_an_answered_one_begins_its_clock_anew(self, posted: Charge, agent: User) -> None:
        assert complain(answer(ask(posted), agent)).due_on == date(2026, 11, 23)

    def test_while_the_bill_is_not_out_it_is_always_possible(self, posted: Charge) -> None:
        assert disputes.complaint_until(posted) is None
        assert complain(ask(posted), at("2027-06-01 10:00")).is_complaint

    @pytest.mark.parametrize(
        ("moment", "possible"), [("2026-12-18 23:59", True), ("2026-12-19 00:00", False)]
    )
    def test_until_fifteen_days_after_the_bill_and_not_a_day_longer(
        self, posted: Charge, moment: str, possible: bool
    ) -> None:
        issue("2026-11", "2026-12-03 11:00")
        assert disputes.complaint_until(posted) == date(2026, 12, 18)
        asked = ask(posted)
        if possible:
            assert complain(asked, at(moment)).is_complaint
        else:
            with pytest.raises(disputes.TooLateToComplain) as refused:
                complain(asked, at(moment))
            assert "possible until 18.12.2026" in refused.value.text("en")

    def test_r29_a_carried_charge_counts_from_the_bill_that_it_came_on(
        self, posted: Charge
    ) -> None:
        issue("2026-11", "2026-12-03 11:00")
        carried = CarriedCharge.objects.create(
            contract=posted.contract, charge=posted, from_month=posted.month, carried_at=NOW
        )
        assert disputes.complaint_until(posted) is None
        CarriedCharge.objects.filter(pk=carried.pk).update(into_month="2026-12-01")
        assert disputes.complaint_until(posted) is None
        issue("2026-12", "2027-01-04 11:00")
        assert disputes.complaint_until(posted) == date(2027, 1, 19)

    def test_r22_a_parked_entry_counts_from_its_supplement(self, posted: Charge) -> None:
        issue("2026-11", "2026-12-03 11:00")
        BillMonth.objects.create(month="2026-11-01", state="closed", closed_at=NOW)
        ParkedEntry.objects.create(
            contract=posted.contract,
            entry=posted.entry,
            month=posted.month,
            differences={},
            parked_at=NOW,
        )
        assert disputes.complaint_until(posted) is None

    def test_once_a_complaint_always_one(self, posted: Charge) -> None:
        complaint = complain(ask(posted))
        assert complain(complaint) == complaint
        with pytest.raises(disputes.AlreadyAComplaint):
            complain(complaint, key="d")


class TestClosing:
    def test_the_payer_closes_at_any_time(self, posted: Charge) -> None:
        closed = disputes.close(dispute=ask(posted), at=LATER)
        assert (closed.closed_at, closed.waiting_since, closed.closed_by) == (LATER, None, None)
        assert disputes.close(dispute=closed, at=LATER) == closed

    def test_staff_close_only_what_is_answered(self, posted: Charge, agent: User) -> None:
        asked = ask(posted)
        with pytest.raises(disputes.NotAnsweredYet):
            disputes.close(dispute=asked, at=LATER, actor=agent, reason="settled")
        answer(asked, agent)
        closed = disputes.close(dispute=asked, at=LATER, actor=agent, reason="settled")
        assert (closed.closed_by, closed.closed_reason) == (agent, "settled")

    def test_a_closed_one_hears_nothing_more_and_a_new_one_begins(
        self, posted: Charge, agent: User
    ) -> None:
        closed = disputes.close(dispute=ask(posted), at=LATER)
        with pytest.raises(disputes.DisputeClosed):
            answer(closed, agent)
        with pytest.raises(disputes.DisputeClosed):
            complain(closed)
        assert ask(posted, "Once more", key="2") != closed


def test_i_know_this_charge_is_a_fact_once(posted: Charge) -> None:
    first = disputes.recognise(charge=posted, at=NOW)
    assert disputes.recognise(charge=posted, at=LATER) == first
    assert Recognition.objects.get().recognised_at == NOW


class TestTheDatabase:
    @pytest.mark.parametrize(
        "change",
        [{"text": "another"}, {"said_at": LATER}, {"key": "9"}],
    )
    def test_what_was_said_stays(self, posted: Charge, change: dict[str, Any]) -> None:
        ask(posted)
        with pytest.raises(DatabaseError), transaction.atomic():
            DisputeMessage.objects.update(**change)

    @pytest.mark.parametrize(
        "change",
        [{"closed_at": LATER}, {"opened_at": LATER}, {"closed_reason": "because"}],
    )
    def test_a_question_is_closed_whole_and_else_stays(
        self, posted: Charge, change: dict[str, Any]
    ) -> None:
        ask(posted)
        with pytest.raises(DatabaseError), transaction.atomic():
            Dispute.objects.update(**change)

    def test_one_is_open_a_charge(self, posted: Charge) -> None:
        ask(posted)
        with pytest.raises(IntegrityError), transaction.atomic():
            Dispute.objects.create(contract=posted.contract, charge=posted, opened_at=NOW)

    def test_only_staff_answer(self, posted: Charge) -> None:
        asked = ask(posted)
        with pytest.raises(IntegrityError), transaction.atomic():
            DisputeMessage.objects.create(
                contract=posted.contract,
                dispute=asked,
                said="answer",
                said_at=NOW,
                text="a",
                key="9",
            )
