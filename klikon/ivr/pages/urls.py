"""Map what staff read about the calls."""

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.urls import path, re_path
from django.views.generic import RedirectView

from klikon.ivr.pages import figures

# Bookmarks of the register from before 130 was an app of its own.
_moved = permission_required("ivr.view_phonecall", raise_exception=True)(
    RedirectView.as_view(url="/admin/ivr/phonecall/%(rest)s", query_string=True)
)

urlpatterns = [
    path("calls/", admin.site.admin_view(figures.call_figures_page), name="call_figures"),
    re_path(r"^klikon/phonecall/(?P<rest>.*)$", admin.site.admin_view(_moved), name="calls_moved"),
]
