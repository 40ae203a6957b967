"""The store desk, behind the gate of staff. Addresses carry the ids of rows, nothing else."""

from django.urls import path

from klikon.desk import draft_pages, home, manager_pages, paper_pages

_DRAFT = "draft/<int:pk>/"

urlpatterns = [
    path("", home.desk_page, name="desk"),
    path("customer/<int:pk>/<slug:act>/", draft_pages.start, name="start_draft"),
    path(_DRAFT, draft_pages.draft_page, name="draft"),
    path(f"{_DRAFT}save/", draft_pages.save, name="save_draft"),
    path(f"{_DRAFT}change/", draft_pages.change, name="change_draft"),
    path(f"{_DRAFT}print/", draft_pages.print_paper, name="print_paper"),
    path(f"{_DRAFT}blank/", draft_pages.use_blank, name="use_blank"),
    path(f"{_DRAFT}code/", draft_pages.send_code, name="send_shop_code"),
    path(f"{_DRAFT}confirm/", draft_pages.confirm, name="confirm_draft"),
    path(f"{_DRAFT}scan/", draft_pages.attach_scan, name="attach_scan"),
    path(f"{_DRAFT}send/", draft_pages.send_for_approval, name="send_for_approval"),
    path(f"{_DRAFT}approve/", draft_pages.approve, name="approve_draft"),
    path(f"{_DRAFT}return/", draft_pages.send_back, name="send_back_draft"),
    path(f"{_DRAFT}discard/", draft_pages.discard, name="discard_draft"),
    path(f"{_DRAFT}restore/", draft_pages.restore, name="restore_draft"),
    path(f"{_DRAFT}cancel/", manager_pages.cancel_page, name="cancel_declaration"),
    path("paper/<int:pk>.pdf", paper_pages.paper, name="paper"),
    path("scan/page/<int:pk>.jpg", paper_pages.scan_page, name="scan_page"),
    path("scan/<int:pk>/withdraw/", paper_pages.withdraw_scan, name="withdraw_scan"),
    path("scan/<int:pk>/vouch/", paper_pages.vouch_for_scan, name="vouch_for_scan"),
    path("blanks/", paper_pages.blanks_page, name="blanks"),
    path("day/", manager_pages.day_page, name="day_end"),
    path("day/file/", manager_pages.file_papers, name="file_papers"),
    path("day/close/", manager_pages.close_day, name="close_day"),
    path("letters/", manager_pages.letters_page, name="letters"),
]
