"""The desk's pages behind the admin's sign-in. Addresses carry the ids of rows, nothing else."""

from django.contrib import admin
from django.urls import path

from klikon import (
    staff_activation,
    staff_asking,
    staff_calls,
    staff_catalogue,
    staff_leadership,
    staff_limits,
    staff_views,
)

_staff = admin.site.admin_view

urlpatterns = [
    path("search/", _staff(staff_views.search_page), name="search"),
    path("contract/<int:pk>/", _staff(staff_views.contract_page), name="contract"),
    path("calls/", _staff(staff_calls.call_figures_page), name="call_figures"),
    path("contract/<int:pk>/timeline/", _staff(staff_views.timeline_page), name="timeline"),
    path("catalogue/", _staff(staff_catalogue.catalogue_page), name="catalogue"),
    path(
        "leader/<int:pk>/stop/", _staff(staff_leadership.StopLeader.as_view()), name="stop_leader"
    ),
    path(
        "leader/<int:pk>/number/",
        _staff(staff_leadership.NumberChanged.as_view()),
        name="number_changed",
    ),
    path("group/<int:pk>/limit/", _staff(staff_limits.SetLimit.as_view()), name="set_limit"),
    path("limit/<int:pk>/lift/", _staff(staff_limits.LiftLimit.as_view()), name="lift_limit"),
    path(
        "group/<int:pk>/ask-first/", _staff(staff_asking.AskFirst.as_view()), name="set_ask_above"
    ),
    path(
        "group/<int:pk>/ask-no-more/",
        _staff(staff_asking.AskNoMore.as_view()),
        name="lift_ask_above",
    ),
    path(
        "group/<int:pk>/activate/",
        _staff(staff_activation.ActivateOnBehalf.as_view()),
        name="activate_on_behalf",
    ),
    path(
        "activation/<int:pk>/done/",
        _staff(staff_activation.activation_done),
        name="activation_done",
    ),
]
