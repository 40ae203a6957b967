"""Map the demonstration, which superfamilja/urls.py includes only in one."""

from django.urls import path

from klikon.demonstration import views
from klikon.demonstration.phone import pages

urlpatterns = [
    path("", views.demo_page, name="demo"),
    path("live/", views.demo_live, name="demo_live"),
    path("phone/<int:pk>/", views.demo_phone, name="demo_phone"),
    path("phone/<int:pk>/live/", views.demo_phone_live, name="demo_phone_live"),
    path("payer/<int:pk>/", views.demo_payer, name="demo_payer"),
    path("payer/<int:pk>/live/", views.demo_payer_live, name="demo_payer_live"),
    path("charging/", views.demo_switch, name="demo_switch"),
    path("at-once/", views.demo_at_once, name="demo_at_once"),
    path("call/", pages.phone, name="demo_call"),
    path("call/dial/", pages.dial, name="demo_call_dial"),
    path("call/key/", pages.press, name="demo_call_key"),
    path("call/sound/", pages.sound, name="demo_call_sound"),
]
