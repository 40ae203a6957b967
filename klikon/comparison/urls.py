"""After a restore: one page and its four acts, each by a person who may decide."""

from django.urls import path

from klikon.comparison import pages

urlpatterns = [
    path("after-restore/", pages.after_restore, name="after_restore"),
    path(
        "after-restore/<int:pk>/propose/", pages.ProposeEnding.as_view(), name="propose_ending"
    ),
    path(
        "after-restore/<int:pk>/confirm/", pages.ConfirmEndings.as_view(), name="confirm_endings"
    ),
    path(
        "after-restore/<int:pk>/propose-end/", pages.ProposeEndOfHalt.as_view(),
        name="propose_end_of_halt",
    ),
    path("after-restore/<int:pk>/end/", pages.EndHalt.as_view(), name="end_halt"),
]  # fmt: skip
