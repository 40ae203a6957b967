"""Map the pages of staff, behind the admin's sign-in. Addresses carry ids of rows only."""

from django.contrib import admin
from django.urls import path

from klikon.staff import activation, asking, catalogue, contact, leadership, limits, tries

_staff = admin.site.admin_view

urlpatterns = [
    path("tries/", _staff(tries.tries_page), name="tries"),
    path("tries/<slug:whose>/<int:pk>/", _staff(tries.release), name="release_tries"),
    path("catalogue/", _staff(catalogue.catalogue_page), name="catalogue"),
    path("package/<int:pk>/price/", _staff(catalogue.CorrectPrice.as_view()), name="correct_price"),
    path("leader/<int:pk>/stop/", _staff(leadership.StopLeader.as_view()), name="stop_leader"),
    path(
        "leader/<int:pk>/number/",
        _staff(leadership.NumberChanged.as_view()),
        name="number_changed",
    ),
    path("group/<int:pk>/limit/", _staff(limits.SetLimitPage.as_view()), name="set_limit"),
    path("group/<int:pk>/ask-first/", _staff(asking.AskFirstPage.as_view()), name="set_ask_above"),
    path(
        "contract/<int:pk>/not-me/",
        _staff(contact.DisputeContactPage.as_view()),
        name="dispute_contact",
    ),
    path(
        "group/<int:pk>/activate/",
        _staff(activation.ActivateOnBehalf.as_view()),
        name="activate_on_behalf",
    ),
    path("activation/<int:pk>/done/", _staff(activation.activation_done), name="activation_done"),
]
