"""What the CRM told, behind the admin's sign-in."""

from django.contrib import admin
from django.urls import path

from klikon.crm import pages

urlpatterns = [
    path("crm-events/", admin.site.admin_view(pages.crm_events), name="crm_events"),
]
