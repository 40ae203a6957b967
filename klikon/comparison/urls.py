"""Map the page after a restore and its four acts, two of which a second person does."""

from django.contrib import admin
from django.urls import path

from klikon.comparison import pages

_staff = admin.site.admin_view
_propose_end = _staff(pages.ProposeEndOfHalt.as_view())
HERE = "after-restore"

urlpatterns = [
    path(f"{HERE}/", _staff(pages.after_restore), name="after_restore"),
    path(f"{HERE}/<int:pk>/propose/", _staff(pages.ProposeEnding.as_view()), name="propose_ending"),
    path(
        f"{HERE}/<int:pk>/confirm/", _staff(pages.ConfirmEndings.as_view()), name="confirm_endings"
    ),
    path(f"{HERE}/<int:pk>/propose-end/", _propose_end, name="propose_end_of_halt"),
    path(f"{HERE}/<int:pk>/end/", _staff(pages.EndHalt.as_view()), name="end_halt"),
]
