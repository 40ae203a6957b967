"""Pages of billing, behind the admin's sign-in. Addresses carry the ids of rows, nothing else."""

from django.contrib import admin
from django.urls import path

from billing import dispute_views, views

_staff = admin.site.admin_view

urlpatterns = [
    path("charge/<int:pk>/credit/", _staff(views.GiveCredit.as_view()), name="give_credit"),
    path("charge/<int:pk>/reverse/", _staff(views.ReverseCharge.as_view()), name="reverse_charge"),
    path(
        "charge/<int:pk>/question/",
        _staff(dispute_views.TakeDownQuestion.as_view()),
        name="take_down_question",
    ),
    path("questions/", _staff(dispute_views.questions_page), name="questions"),
    path("question/<int:pk>/", _staff(dispute_views.question_page), name="question"),
    path(
        "question/<int:pk>/answer/",
        _staff(dispute_views.AnswerQuestion.as_view()),
        name="answer_question",
    ),
    path(
        "question/<int:pk>/complaint/",
        _staff(dispute_views.MakeComplaint.as_view()),
        name="make_complaint",
    ),
    path(
        "question/<int:pk>/close/",
        _staff(dispute_views.CloseQuestion.as_view()),
        name="close_question",
    ),
]
