"""Pages of files that come in: who may, what they show, and how often they ask the database."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from groups.incoming.models import IncomingFile
from groups.incoming.telling import telling
from superfamilja.accounts.roles import AUDITOR
from superfamilja.audit.models import Act
from tests.groups.incoming.conftest import (
    BESNIK,
    ELIRA,
    MIRA,
    A,
    B,
    approver,
    body,
    loaded,
    looked,
    reviewer,
    sent,
)
from tests.signing_in import sign_in, staff_member

pytestmark = pytest.mark.django_db
FILES = "/admin/files/"


def as_reviewer(**options: bool) -> Client:
    return sign_in(Client(**options), reviewer())


def post(client: Client, text: str, rows: str = "") -> HttpResponse:
    file = SimpleUploadedFile("crm.csv", text.encode(), "text/csv")
    return client.post(FILES, {"kind": "subscribers", "rows": rows, "file": file})


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_a_file_that_is_sent_in_waits_to_be_looked_at_and_leaves_who_sent_it() -> None:
    answer = post(as_reviewer(), body(A + "," + ELIRA))
    file = IncomingFile.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/file/{file.pk}/")
    assert (file.state, file.received_by, file.name) == ("received", reviewer(), "crm.csv")
    assert Act.objects.get(verb="receive_file").actor == reviewer()


def test_a_file_without_its_number_of_rows_says_what_to_do(settings: Settings) -> None:
    text = body(A + "," + ELIRA).replace("#rows=1\n", "")
    answer = post(as_reviewer(), text)
    assert answer.status_code == 200
    assert "#rows=1200" in answer.content.decode()
    assert list(Path(settings.INCOMING_DIR).iterdir()) == []  # nothing of it stays
    assert post(as_reviewer(), text, rows="1").status_code == 302


def test_the_same_file_again_is_answered_with_who_and_when() -> None:
    loaded(body(A + "," + ELIRA))
    answer = post(as_reviewer(), body(A + "," + ELIRA))
    assert "Shpresa Shqyrtuesi" in answer.content.decode()
    assert "20.11.2026 10:00" in answer.content.decode()
    assert IncomingFile.objects.count() == 1


def test_a_file_larger_than_allowed_is_not_kept(settings: Settings) -> None:
    settings.INCOMING_LARGEST_MEGABYTES = 0
    answer = post(as_reviewer(), body(A + "," + ELIRA))
    assert answer.status_code == 200
    assert not IncomingFile.objects.exists()


def test_a_forged_form_sends_nothing_in() -> None:
    assert post(as_reviewer(enforce_csrf_checks=True), body(A + "," + ELIRA)).status_code == 403
    assert not IncomingFile.objects.exists()


def test_who_reads_the_trail_reads_and_sends_nothing() -> None:
    client = sign_in(Client(), staff_member(AUDITOR))
    assert 'type="file"' not in client.get(FILES).content.decode()
    assert post(client, body(A + "," + ELIRA)).status_code == 403


def test_each_count_leads_to_its_rows() -> None:
    file = looked(body(A + "," + ELIRA, A + "," + BESNIK, B.replace("active", "x") + "," + MIRA))
    client = as_reviewer()
    client.cookies["django_language"] = "en"
    page = client.get(f"/admin/file/{file.pk}/").content.decode()
    for kind in ("new", "joined", "rejected"):
        assert f"/admin/file/{file.pk}/rows/?kind={kind}" in page
    rows = client.get(f"/admin/file/{file.pk}/rows/?kind=rejected").content.decode()
    assert "The status “x” is unknown. Write active, suspended or ended." in rows
    assert client.get(f"/admin/file/{file.pk}/rows/?kind=other").status_code == 404


def test_the_rejected_rows_are_downloaded_by_who_may_load() -> None:
    file = looked(body(A.replace("active", "x") + "," + ELIRA))
    answer = as_reviewer().get(f"/admin/file/{file.pk}/rejects/")
    text = b"".join(answer.streaming_content).decode()
    assert text.splitlines()[1].startswith("A1,042000001,x,J10000001A,Drita Dardha")


def test_two_people_load_a_suspicious_file_by_their_pages() -> None:
    loaded(body(A + "," + ELIRA, A + "," + BESNIK))
    file = looked(body(A + "," + ELIRA + "2026-11-02"))
    first, second = as_reviewer(), sign_in(Client(), approver())
    said = {"step": "confirm", "reason": "seen", "seen": file.previewed_at.isoformat()}
    assert first.post(reverse("confirm_file", args=[file.pk]), said).status_code == 302
    assert "agree_to_file" not in first.get(f"/admin/file/{file.pk}/").content.decode()
    refused = first.post(reverse("agree_to_file", args=[file.pk]), said)
    file.refresh_from_db()
    assert (refused.status_code, file.state) == (200, "confirmed")
    assert "agree_to_file" in second.get(f"/admin/file/{file.pk}/").content.decode()
    assert second.post(reverse("agree_to_file", args=[file.pk]), said).status_code == 302
    file.refresh_from_db()
    assert (file.state, file.agreed_by) == ("ready", approver())


def test_more_files_and_more_rows_ask_the_database_no_oftener() -> None:
    client = as_reviewer()
    file = looked(body(A + "," + ELIRA))
    rows = f"/admin/file/{file.pk}/rows/?kind=joined"
    few = [queries(client, FILES), queries(client, rows)]
    file.previewed_rows.filter(kind="joined").update(file=file)
    for number in range(3):
        text = body(A + "," + BESNIK, B + "," + MIRA.replace("03-01", f"03-0{number + 1}"))
        other = looked(text)
        other.previewed_rows.update(file=file)
    assert [queries(client, FILES), queries(client, rows)] == few


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_how_far_the_worker_is_stands_on_the_page_while_it_reads() -> None:
    file = sent(body("P1" + A[2:] + "," + ELIRA))
    client = as_reviewer()
    with telling(file) as report, transaction.atomic():
        report("read", 40, 160)
        report("read", 60, 160)  # too soon to be told again
        page = client.get(f"/admin/file/{file.pk}/").content.decode()
    assert "Po lexohet skedari" in page
    assert 'value="25"' in page
    IncomingFile.objects.filter(pk=file.pk).update(state="discarded")


def test_pages_say_in_the_readers_language_what_was_refused() -> None:
    file = looked(body(A + "," + ELIRA, trailer=2))
    page = as_reviewer().get(f"/admin/file/{file.pk}/").content.decode()
    assert "Skedari duhet të ketë 2 rreshta dhe ka 1" in page
