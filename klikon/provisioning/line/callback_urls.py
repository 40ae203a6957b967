"""Where other machines tell us things. No session, no form: a signature."""

from django.urls import path

from klikon.provisioning.line.callbacks import charging_callback

urlpatterns = [path("charging/", charging_callback, name="charging_callback")]
