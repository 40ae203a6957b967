"""Where the CRM tells us things. No session, no form: a signature."""

from django.urls import path

from klikon.crm.callbacks import crm_callback

urlpatterns = [path("crm/", crm_callback, name="crm_callback")]
