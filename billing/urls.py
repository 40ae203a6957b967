"""Pages of billing, behind the admin's sign-in. Addresses carry the ids of rows, nothing else."""

from django.contrib import admin
from django.urls import path

from billing import views

_staff = admin.site.admin_view

urlpatterns = [
    path("charge/<int:pk>/credit/", _staff(views.GiveCredit.as_view()), name="give_credit"),
    path("charge/<int:pk>/reverse/", _staff(views.ReverseCharge.as_view()), name="reverse_charge"),
]
