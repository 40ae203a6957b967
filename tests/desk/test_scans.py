"""Keep the signed paper as pictures: once, shown to few, each look recorded."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from groups.models import Group
from klikon.desk.day import day_end
from klikon.desk.models import DayEnd, Draft, Paper, Scan, ScanPage
from klikon.desk.papers import scanning
from superfamilja.accounts.models import User
from superfamilja.audit.models import Act
from superfamilja.uploads import keeping, pages
from tests.desk.counter import Counter, photograph, scan_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(clerk: Counter, group: Group) -> Draft:
    return clerk.printed("close_group", group.contract)


def test_the_scan_is_shown_as_a_picture_of_ours(clerk: Counter, draft: Draft) -> None:
    clerk.scanned(draft)
    shown = clerk.client.get(reverse("scan_page", args=[ScanPage.objects.get().pk]))
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(shown.content)).size == (827, 1170)
    assert shown.content != scan_of(draft).read()
    look = Act.objects.get(verb="view_scan")
    assert (look.actor, look.contract_number) == (clerk.user, draft.contract.number)


def test_sent_twice_it_is_kept_once(clerk: Counter, draft: Draft, settings: Settings) -> None:
    clerk.scanned(draft)
    clerk.scanned(draft)
    assert Scan.objects.count() == 1
    assert len(list(settings.UPLOADS_DIR.glob("*/*/*.jpg"))) == 1


def test_the_wrong_paper_is_taken_back_and_another_scanned(clerk: Counter, draft: Draft) -> None:
    clerk.scanned(draft)
    clerk.go_by("withdraw_scan", Scan.objects.get().pk)
    clerk.scanned(draft, colour="gray")
    assert [s.withdrawn_at is None for s in Scan.objects.order_by("pk")] == [False, True]


def test_what_is_done_is_due_for_scanning_until_it_is_scanned(clerk: Counter, draft: Draft) -> None:
    clerk.go_by("confirm_draft", draft.pk)
    assert "Every signed paper is scanned." not in clerk.page("desk")
    clerk.scanned(draft)
    assert "Every signed paper is scanned." in clerk.page("desk")


def test_what_is_no_scan_is_refused_in_words_and_nothing_stays(
    clerk: Counter, draft: Draft, settings: Settings
) -> None:
    page = clerk.post(
        "attach_scan", draft.pk, scan=SimpleUploadedFile("scan.pdf", b"<html>hello</html>")
    )
    assert "This was not done." in page
    assert not Scan.objects.exists()
    assert list(settings.UPLOADS_DIR.glob("*/*/*")) == []


def test_no_file_is_no_scan(clerk: Counter, draft: Draft) -> None:
    assert "Scan the signed paper first" in clerk.post("attach_scan", draft.pk)


def test_files_whose_row_never_came_are_swept(
    clerk: Counter, draft: Draft, settings: Settings
) -> None:
    clerk.scanned(draft)
    keeping.keep(pages.read(photograph("red"), "red.jpg"))
    later = timezone.now() + scanning.ORPHANED_AFTER * 2
    assert scanning.sweep(timezone.now()) == 0
    assert scanning.sweep(later) == 1
    assert [
        str(p.relative_to(settings.UPLOADS_DIR)) for p in settings.UPLOADS_DIR.glob("*/*/*")
    ] == [ScanPage.objects.get().name]


def test_the_manager_sees_the_scan_while_it_waits(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    draft = clerk.printed("name_leader", group.contract, member=group.memberships.get(seat=1).pk)
    clerk.scanned(draft)
    clerk.go_by("send_for_approval", draft.pk)
    page = manager.page("draft", draft.pk)
    assert reverse("scan_page", args=[ScanPage.objects.get().pk]) in page
    assert "Yes, it comes into force" in page
    assert "Yes, it comes into force" not in clerk.page("draft", draft.pk)


def test_what_the_manager_decides_on_stays_as_he_sees_it(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("name_leader", group.contract, member=group.memberships.get(seat=1).pk)
    clerk.scanned(draft)
    clerk.go_by("send_for_approval", draft.pk)
    for said in (
        clerk.scan(draft, colour="gray"),
        clerk.post("withdraw_scan", Scan.objects.get().pk),
    ):
        assert "has ended or waits for the manager. Nothing was changed." in said
    assert Scan.objects.get().withdrawn_at is None


def approved(clerk: Counter, manager: Counter, group: Group) -> Draft:
    """Return a Declaration in force without a code, approved by the scan."""
    draft = clerk.printed("name_leader", group.contract, member=group.memberships.get(seat=1).pk)
    clerk.scanned(draft)
    clerk.go_by("send_for_approval", draft.pk)
    manager.go_by("approve_draft", draft.pk)
    return draft


def filed(clerk: Counter, manager: Counter, draft: Draft) -> Paper:
    """Return a request that is complete and filed."""
    clerk.go_by("confirm_draft", draft.pk)
    clerk.scanned(draft)
    manager.go_by("file_papers", paper=draft.papers.get().pk)
    return draft.papers.get()


RELIED_ON = "only the manager of the shop takes the scan back, with a reason."


def test_a_clerk_takes_back_no_scan_that_the_manager_approved_by(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    draft = approved(clerk, manager, group)
    scan = Scan.objects.get()
    assert RELIED_ON in clerk.post("withdraw_scan", scan.pk, reason="my mistake")
    assert Scan.objects.get().withdrawn_at is None
    withdraw = reverse("withdraw_scan", args=[scan.pk])
    assert withdraw not in clerk.page("draft", draft.pk)
    assert withdraw in manager.page("draft", draft.pk)


def test_a_clerk_takes_back_no_scan_of_a_filed_paper(
    clerk: Counter, manager: Counter, draft: Draft
) -> None:
    paper = filed(clerk, manager, draft)
    assert RELIED_ON in clerk.post("withdraw_scan", Scan.objects.get().pk, reason="my mistake")
    assert Scan.objects.get().withdrawn_at is None
    assert Paper.objects.get().filed_at == paper.filed_at


def test_a_clerk_corrects_his_scan_until_somebody_went_by_it(clerk: Counter, draft: Draft) -> None:
    clerk.go_by("confirm_draft", draft.pk)
    clerk.scanned(draft)
    clerk.go_by("withdraw_scan", Scan.objects.get().pk)
    assert Scan.objects.get().withdrawn_by == clerk.user


def test_the_manager_takes_it_back_with_a_reason_and_it_is_filed_anew(
    clerk: Counter, manager: Counter, draft: Draft
) -> None:
    paper, scan = filed(clerk, manager, draft), Scan.objects.get()
    assert paper.filed_at is not None
    said = manager.post("withdraw_scan", scan.pk, reason="  ")
    assert "Write the reason" in said
    assert Scan.objects.get().withdrawn_at is None
    manager.go_by("withdraw_scan", scan.pk, reason="another family's paper")
    paper.refresh_from_db()
    assert (paper.filed_at, paper.filed_by) == (None, None)
    act = Act.objects.get(verb="withdraw_scan")
    assert (act.actor, act.reason) == (manager.user, "another family's paper")
    assert act.details["filed_by"] == "Arta Prova"
    counted = day_end.figures(manager.store, None)
    assert (counted.printed, counted.signed, counted.scanned, counted.filed) == (1, 1, 0, 0)
    clerk.scanned(draft, colour="gray")
    manager.go_by("file_papers", paper=paper.pk)
    counted = day_end.figures(manager.store, None)
    assert (counted.printed, counted.signed, counted.scanned, counted.filed) == (1, 1, 1, 1)


def test_a_held_manager_takes_no_scan_back_that_somebody_went_by(
    clerk: Counter, manager: Counter, draft: Draft
) -> None:
    filed(clerk, manager, draft)
    until = timezone.now() + timedelta(hours=1)
    User.objects.filter(pk=manager.user.pk).update(held_until=until)
    said = manager.post("withdraw_scan", Scan.objects.get().pk, reason="another family's paper")
    assert "Your account was changed by administrators a short time ago." in said
    assert Scan.objects.get().withdrawn_at is None


def test_the_database_dates_no_filing_anew(clerk: Counter, manager: Counter, draft: Draft) -> None:
    paper = filed(clerk, manager, draft)
    with pytest.raises(Exception, match="written once"), transaction.atomic():
        Paper.objects.filter(pk=paper.pk).update(filed_at=timezone.now())
    Paper.objects.filter(pk=paper.pk).update(filed_at=None, filed_by=None)
    assert not Paper.objects.filter(filed_at__isnull=False).exists()


def test_a_scan_taken_back_is_shown_with_who_and_opened_on_record(
    clerk: Counter, manager: Counter, draft: Draft
) -> None:
    clerk.scanned(draft)
    page = reverse("scan_page", args=[ScanPage.objects.get().pk])
    clerk.go_by("withdraw_scan", Scan.objects.get().pk)
    shown = manager.page("draft", draft.pk)
    assert "Scans taken back" in shown
    assert "Taken back by Arta Prova" in shown
    assert f'href="{page}"' in shown
    assert f'src="{page}"' not in shown
    assert manager.client.get(page).headers["Content-Type"] == "image/jpeg"
    assert Act.objects.get(verb="view_scan").actor == manager.user


def test_scans_taken_back_are_looked_at_twice_the_evening_they_are(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    draft = approved(clerk, manager, group)
    manager.go_by("close_day", note="not filed")
    since = DayEnd.objects.get().closed_at
    assert day_end.exceptions(manager.store, since)["withdrawn"] == []
    manager.go_by("withdraw_scan", Scan.objects.get().pk, reason="another family's paper")
    assert day_end.exceptions(manager.store, since)["withdrawn"] == [draft]
    assert "Scans taken back" in manager.page("day_end")
    manager.scanned(draft, colour="gray")
    assert day_end.exceptions(manager.store, timezone.now())["withdrawn"] == []


def test_a_lost_page_says_so(clerk: Counter, draft: Draft, settings: Settings) -> None:
    clerk.scanned(draft)
    for kept in settings.UPLOADS_DIR.glob("*/*/*.jpg"):
        kept.unlink()
    shown = clerk.client.get(reverse("scan_page", args=[ScanPage.objects.get().pk]))
    assert (shown.status_code, shown.headers["Content-Type"]) == (410, "text/plain; charset=utf-8")
    assert "is missing or damaged in the archive" in shown.content.decode()


def test_many_scans_are_shown_with_as_many_queries_as_one(clerk: Counter, draft: Draft) -> None:
    def count(colour: str) -> int:
        clerk.scanned(draft, colour)
        with CaptureQueriesContext(connection) as asked:
            clerk.page("draft", draft.pk)
        return len(asked)

    # Every half minute a session records that it is there, which costs extra queries.
    with time_machine.travel(timezone.now(), tick=False):
        few = count("white")
        assert few == count("gray")
        for scan in Scan.objects.all():
            clerk.go_by("withdraw_scan", scan.pk)
        assert few == count("black")
