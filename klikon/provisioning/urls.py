"""Map the pages of orders, behind the admin's sign-in. Addresses carry ids of rows only."""

from django.contrib import admin
from django.urls import path

from klikon.provisioning import unknown_admin, views

_staff = admin.site.admin_view

urlpatterns = [
    path("order/<int:pk>/done/", _staff(views.MarkDone.as_view()), name="mark_order_done"),
    path("order/<int:pk>/reverse/", _staff(views.ReverseOrder.as_view()), name="reverse_order"),
    path("order/<int:pk>/ask/", _staff(views.AskAgain.as_view()), name="ask_order_again"),
    path(
        "order/<int:pk>/settle/", _staff(views.SettleDelivered.as_view()), name="settle_delivered"
    ),
    path(
        "callback/<int:pk>/close/",
        _staff(unknown_admin.CloseCallback.as_view()),
        name="close_callback",
    ),
]
