"""Pages of the desk that act on groups, behind the admin's sign-in."""

from django.contrib import admin
from django.urls import path

from groups import views

_staff = admin.site.admin_view

urlpatterns = [
    path("contract/<int:pk>/open/", _staff(views.OpenGroup.as_view()), name="open_group"),
    path(
        "contract/<int:pk>/contact/",
        _staff(views.ChangeContact.as_view()),
        name="change_contact",
    ),
    path("group/<int:pk>/add/", _staff(views.AddMember.as_view()), name="add_member"),
    path("group/<int:pk>/close/", _staff(views.CloseGroup.as_view()), name="close_group"),
    path("member/<int:pk>/remove/", _staff(views.RemoveMember.as_view()), name="remove_member"),
]
