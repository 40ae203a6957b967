"""Map the pages of billing, behind the admin's sign-in. Addresses carry ids of rows only."""

from django.contrib import admin
from django.urls import path

from billing.pages import (
    answers,
    bill,
    charge_acts,
    file_acts,
    month_acts,
    months,
    parked,
    questions,
    reconciliation,
    rejected,
)

_staff = admin.site.admin_view

urlpatterns = [
    path("charge/<int:pk>/credit/", _staff(charge_acts.GiveCredit.as_view()), name="give_credit"),
    path(
        "charge/<int:pk>/reverse/",
        _staff(charge_acts.ReverseCharge.as_view()),
        name="reverse_charge",
    ),
    path("months/", _staff(months.month_list), name="months"),
    path("month/<int:pk>/", _staff(months.month_page), name="month"),
    path("month/<int:pk>/close/", _staff(month_acts.CloseMonth.as_view()), name="close_month"),
    path("month/<int:pk>/cancel/", _staff(month_acts.CancelClose.as_view()), name="cancel_close"),
    path("month/<int:pk>/approve/", _staff(file_acts.ApproveMonth.as_view()), name="approve_month"),
    path("month/<int:pk>/issue/", _staff(file_acts.IssueMonth.as_view()), name="issue_month"),
    path("month/<int:pk>/draft/", _staff(file_acts.DraftMonth.as_view()), name="draft_month"),
    path("issued/<int:pk>/", _staff(months.issued_file), name="issued_file"),
    path("issued/<int:pk>/sha256/", _staff(months.issued_checksum), name="issued_checksum"),
    path("parked/", _staff(parked.parked_list), name="parked_list"),
    path("parked/<int:pk>/", _staff(parked.parked_entry), name="parked_entry"),
    path("parked/<int:pk>/recount/", _staff(parked.Recount.as_view()), name="recount_parked"),
    path("parked/<int:pk>/propose/", _staff(parked.Propose.as_view()), name="propose_parked"),
    path("parked/<int:pk>/accept/", _staff(parked.Accept.as_view()), name="accept_parked"),
    path("parked/<int:pk>/send/", _staff(rejected.SendAgain.as_view()), name="send_parked_again"),
    path("parked/<int:pk>/credit/", _staff(rejected.CreditParked.as_view()), name="credit_parked"),
    path("answers/", _staff(answers.answer_list), name="answers"),
    path("answers/take/", _staff(answers.take_answer), name="take_answer"),
    path("answer/<int:pk>/", _staff(answers.answer_page), name="answer"),
    path("answer/<int:pk>/file/", _staff(answers.answer_file), name="answer_file"),
    path("answer/<int:pk>/again/", _staff(answers.ReadAgain.as_view()), name="read_answer_again"),
    path("answer/<int:pk>/close/", _staff(answers.LookInto.as_view()), name="look_into_answer"),
    path("books/", _staff(reconciliation.reconciliation_page), name="reconciliation"),
    path(
        "books/compare/",
        _staff(reconciliation.CompareNow.as_view()),
        {"pk": 0},
        name="compare_books_now",
    ),
    path("books/<int:pk>/", _staff(reconciliation.discrepancy_page), name="discrepancy"),
    path(
        "books/<int:pk>/take/",
        _staff(reconciliation.TakeDiscrepancy.as_view()),
        name="take_discrepancy",
    ),
    path(
        "books/<int:pk>/propose/",
        _staff(reconciliation.ProposeDiscrepancy.as_view()),
        name="propose_discrepancy",
    ),
    path(
        "books/<int:pk>/accept/",
        _staff(reconciliation.AcceptDiscrepancy.as_view()),
        name="accept_discrepancy",
    ),
    path(
        "entry/<int:pk>/right/",
        _staff(reconciliation.SetEntryRight.as_view()),
        name="set_entry_right",
    ),
    path(
        "contract/<int:pk>/bill/<int:number>/",
        _staff(bill.contract_bill),
        name="contract_bill",
    ),
    path(
        "contract/<int:pk>/bill/<int:number>/file/",
        _staff(bill.contract_bill_file),
        name="contract_bill_file",
    ),
    path(
        "charge/<int:pk>/question/",
        _staff(questions.TakeDownQuestion.as_view()),
        name="take_down_question",
    ),
    path("questions/", _staff(questions.questions_page), name="questions"),
    path("question/<int:pk>/", _staff(questions.question_page), name="question"),
    path(
        "question/<int:pk>/answer/",
        _staff(questions.AnswerQuestion.as_view()),
        name="answer_question",
    ),
    path(
        "question/<int:pk>/complaint/",
        _staff(questions.MakeComplaint.as_view()),
        name="make_complaint",
    ),
    path(
        "question/<int:pk>/close/",
        _staff(questions.CloseQuestion.as_view()),
        name="close_question",
    ),
]
