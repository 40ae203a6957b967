"""Map the store desk, behind the gate of staff. Addresses carry ids of rows only."""

from django.urls import path

from klikon.desk.pages import drafts, home, manager, papers

_DRAFT = "draft/<int:pk>/"

urlpatterns = [
    path("", home.desk_page, name="desk"),
    path("customer/<int:pk>/<slug:act>/", drafts.start, name="start_draft"),
    path(_DRAFT, drafts.draft_page, name="draft"),
    path(f"{_DRAFT}save/", drafts.save, name="save_draft"),
    path(f"{_DRAFT}change/", drafts.change, name="change_draft"),
    path(f"{_DRAFT}print/", drafts.print_paper, name="print_paper"),
    path(f"{_DRAFT}blank/", drafts.use_blank, name="use_blank"),
    path(f"{_DRAFT}code/", drafts.send_code, name="send_shop_code"),
    path(f"{_DRAFT}confirm/", drafts.confirm, name="confirm_draft"),
    path(f"{_DRAFT}scan/", drafts.attach_scan, name="attach_scan"),
    path(f"{_DRAFT}send/", drafts.send_for_approval, name="send_for_approval"),
    path(f"{_DRAFT}approve/", drafts.approve, name="approve_draft"),
    path(f"{_DRAFT}return/", drafts.send_back, name="send_back_draft"),
    path(f"{_DRAFT}discard/", drafts.discard, name="discard_draft"),
    path(f"{_DRAFT}restore/", drafts.restore, name="restore_draft"),
    path(f"{_DRAFT}cancel/", manager.cancel_page, name="cancel_declaration"),
    path("paper/<int:pk>.pdf", papers.paper, name="paper"),
    path("scan/page/<int:pk>.jpg", papers.scan_page, name="scan_page"),
    path("scan/<int:pk>/withdraw/", papers.withdraw_scan, name="withdraw_scan"),
    path("scan/<int:pk>/vouch/", papers.vouch_for_scan, name="vouch_for_scan"),
    path("blanks/", papers.blanks_page, name="blanks"),
    path("day/", manager.day_page, name="day_end"),
    path("day/file/", manager.file_papers, name="file_papers"),
    path("day/close/", manager.close_day, name="close_day"),
    path("letters/", manager.letters_page, name="letters"),
]
