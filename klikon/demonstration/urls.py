"""Addresses of the demonstration: included only where it is one (superfamilja/urls.py)."""

from django.urls import path

from klikon.demonstration import handset_views, views

urlpatterns = [
    path("", views.demo_page, name="demo"),
    path("live/", views.demo_live, name="demo_live"),
    path("charging/", views.demo_switch, name="demo_switch"),
    path("at-once/", views.demo_at_once, name="demo_at_once"),
    path("phone/", handset_views.phone, name="demo_phone"),
    path("phone/dial/", handset_views.dial, name="demo_phone_dial"),
    path("phone/key/", handset_views.press, name="demo_phone_key"),
    path("phone/sound/", handset_views.sound, name="demo_phone_sound"),
]
