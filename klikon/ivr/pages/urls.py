"""What staff read about the calls."""

from django.contrib import admin
from django.urls import path

from klikon.ivr.pages import figures

urlpatterns = [
    path("calls/", admin.site.admin_view(figures.call_figures_page), name="call_figures"),
]
