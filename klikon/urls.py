"""The desk's pages behind the admin's sign-in. Addresses carry the ids of rows, nothing else."""

from django.contrib import admin
from django.urls import path

from klikon import staff_activation, staff_views

_staff = admin.site.admin_view

urlpatterns = [
    path("search/", _staff(staff_views.search_page), name="search"),
    path("contract/<int:pk>/", _staff(staff_views.contract_page), name="contract"),
    path("group/<int:pk>/leader/", _staff(staff_views.NameLeader.as_view()), name="name_leader"),
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
