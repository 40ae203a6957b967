"""Map the callbacks of other machines. They bring a signature, no session and no form."""

from django.urls import path

from klikon.provisioning.line.callbacks import charging_callback

urlpatterns = [path("charging/", charging_callback, name="charging_callback")]
