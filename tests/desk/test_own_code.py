"""A scan shows the QR code of its own paper, or a second person says why not."""

import io

import pytest
import qrcode
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image, ImageEnhance, ImageFilter
from pypdf import PdfReader, PdfWriter

from groups.models import Group
from klikon.desk.models import Draft, Paper, Scan
from klikon.desk.papers.blanks import make_blanks
from superfamilja.accounts.roles import STORE_MANAGER
from superfamilja.audit.models import Act
from superfamilja.uploads import pages
from tests.desk.counter import Counter, sent, sheet
from tests.factories import family

pytestmark = [pytest.mark.full, pytest.mark.django_db]

WHY = "The printer smeared the square, the signature is hers."
OWN = "This is the paper of this request: its QR code was read."
NOT_MATCHED = "Not matched: no QR code of this paper can be read in this scan."
YES = "Yes, it comes into force"


@pytest.fixture
def draft(clerk: Counter, group: Group) -> Draft:
    return clerk.printed("close_group", group.contract)


def paper_of(draft: Draft) -> Paper:
    return draft.papers.get(voided_at=None)


def attach(clerk: Counter, draft: Draft, picture: Image.Image) -> str:
    return clerk.post("attach_scan", draft.pk, scan=sent(picture))


def side_by_side(*pictures: Image.Image) -> Image.Image:
    wide = sum(picture.width for picture in pictures)
    both = Image.new("RGB", (wide, max(p.height for p in pictures)), "white")
    at = 0
    for picture in pictures:
        both.paste(picture, (at, 0))
        at += picture.width
    return both


def photographed(picture: Image.Image) -> Image.Image:
    """Photograph the paper on a dark table, askew and in perspective."""
    width, height = picture.size
    table = Image.new("RGB", (int(width * 1.3), int(height * 1.2)), (90, 80, 70))
    table.paste(picture, (int(width * 0.15), int(height * 0.1)))
    w, h = table.size
    corners = (w * 0.06, h * 0.02, -w * 0.02, h * 0.97, w * 1.05, h * 1.03, w * 0.9, h * 0.05)
    return table.transform((w, h), Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)


SEEN = {
    "100 dpi": sheet,
    "300 dpi": lambda p: sheet(p, 300),
    "upside down": lambda p: sheet(p).rotate(180),
    "on its side": lambda p: sheet(p).rotate(90, expand=True),
    "skewed": lambda p: sheet(p, 150).rotate(7, expand=True, fillcolor="white"),
    "dark": lambda p: ImageEnhance.Brightness(sheet(p, 150)).enhance(0.3),
    "a little blurred": lambda p: sheet(p, 150).filter(ImageFilter.GaussianBlur(2)),
    "with a phone": lambda p: photographed(sheet(p, 200)),
}


@pytest.mark.parametrize("seen", SEEN)
def test_the_papers_own_code_is_read(clerk: Counter, draft: Draft, seen: str) -> None:
    assert OWN in attach(clerk, draft, SEEN[seen](paper_of(draft)))
    assert Scan.objects.get().code == "own"


def test_a_pdf_of_two_pages_has_the_code_on_one(clerk: Counter, draft: Draft) -> None:
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.append(PdfReader(io.BytesIO(bytes(paper_of(draft).content or b""))))
    out = io.BytesIO()
    writer.write(out)
    clerk.post("attach_scan", draft.pk, scan=SimpleUploadedFile("scan.pdf", out.getvalue()))
    assert Scan.objects.get().code == "own"
    assert Scan.objects.get().pages.count() == 2


def test_a_blank_forms_own_code_is_read(clerk: Counter, group: Group) -> None:
    blank, other = make_blanks(store=clerk.store, count=2, actor=clerk.user, at=timezone.now())
    draft = clerk.begin("close_group", group.contract)
    clerk.fill(draft)
    clerk.post("use_blank", draft.pk, number=blank.number)
    wrong = sheet(Paper(blank=other))
    assert f"carries the QR code of another paper, {other.number}." in attach(clerk, draft, wrong)
    assert OWN in attach(clerk, draft, sheet(paper_of(draft)))


@pytest.mark.parametrize("own_too", [False, True], ids=["alone", "beside its own"])
def test_another_papers_code_is_refused_with_the_page_and_what_was_found(
    clerk: Counter, draft: Draft, own_too: bool
) -> None:
    other = paper_of(clerk.printed("close_group", family(1).contract))
    pictures = [sheet(paper_of(draft)), sheet(other)] if own_too else [sheet(other)]
    said = attach(clerk, draft, side_by_side(*pictures))
    assert f"Page 1 of the scan carries the QR code of another paper, {other.reference}." in said
    assert not Scan.objects.exists()
    act = Act.objects.get(verb="refuse_scan")
    assert (act.actor, act.details["found"]) == (clerk.user, other.reference)


def test_a_paper_that_is_void_is_another_paper(clerk: Counter, draft: Draft) -> None:
    void = paper_of(draft)
    picture = sheet(void)
    clerk.fill(draft, document_number="XY 999999")
    clerk.sign(draft)
    assert f"of another paper, {void.reference}." in attach(clerk, draft, picture)


def test_a_code_that_somebody_made_up_is_refused(clerk: Counter, draft: Draft) -> None:
    text = f"{paper_of(draft).reference} ABCDEFGHJKLMNPRS"
    made = qrcode.make(text).get_image().convert("RGB")
    assert "carries the QR code of another paper" in attach(clerk, draft, made)


@pytest.mark.parametrize("text", ["https://example.al/bill/1", "{reference}", "D-", "X" * 90])
def test_a_code_that_is_not_ours_or_has_no_seal_proves_nothing(
    clerk: Counter, draft: Draft, text: str
) -> None:
    made = qrcode.make(text.format(reference=paper_of(draft).reference)).get_image()
    assert NOT_MATCHED in attach(clerk, draft, made.convert("RGB"))
    assert Scan.objects.get().code == "missing"


def test_a_code_blurred_beyond_recognition_is_not_matched(clerk: Counter, draft: Draft) -> None:
    blurred = sheet(paper_of(draft)).filter(ImageFilter.GaussianBlur(6))
    assert NOT_MATCHED in attach(clerk, draft, blurred)


def test_the_code_names_no_person_and_no_two_papers_share_it(clerk: Counter, draft: Draft) -> None:
    codes = [page.codes for page in pages.read(sent(sheet(paper_of(draft))), "x.jpg")]
    assert codes == [(paper_of(draft).code,)]
    reference, _, seal = paper_of(draft).code.partition(" ")
    assert (reference, len(seal)) == (paper_of(draft).reference, 16)
    other = paper_of(clerk.printed("close_group", family(1).contract))
    assert other.seal != seal


def waiting(clerk: Counter, group: Group) -> Draft:
    """Return a Declaration at the manager's whose scan shows no code."""
    member = group.memberships.get(seat=1).pk
    draft = clerk.printed("name_leader", group.contract, member=member)
    clerk.scan_nothing(draft)
    clerk.post("send_for_approval", draft.pk)
    return draft


def test_nobody_approves_by_a_scan_without_it_before_a_second_person_said_why(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    draft = waiting(clerk, group)
    scan = Scan.objects.get()
    assert YES not in manager.page("draft", draft.pk)
    assert "no QR code of this paper can be read" in manager.post("approve_draft", draft.pk)
    for reason, said in (("", "Write the reason"), ("ok ok ok", "This says too little")):
        assert said in manager.post("vouch_for_scan", scan.pk, reason=reason)
    page = manager.post("vouch_for_scan", scan.pk, reason=WHY)
    assert YES in page
    assert WHY in page
    manager.post("approve_draft", draft.pk)
    draft.refresh_from_db()
    assert draft.state == "done"
    act = Act.objects.get(verb="vouch_for_scan")
    assert (act.actor, act.reason) == (manager.user, WHY)


def test_who_served_or_scanned_it_is_no_second_person(clerk: Counter, group: Group) -> None:
    server, scanner, second = (Counter(STORE_MANAGER) for _ in range(3))
    draft = server.printed("close_group", group.contract)
    scanner.scan_nothing(draft)
    scan = Scan.objects.get()
    assert clerk.client.post(f"/desk/scan/{scan.pk}/vouch/", {"reason": WHY}).status_code == 403
    for person in (server, scanner):
        assert "It is this paper" not in person.page("draft", draft.pk)
        assert "Only a manager who has not served" in person.post(
            "vouch_for_scan", scan.pk, reason=WHY
        )
    second.post("vouch_for_scan", scan.pk, reason=WHY)
    assert Scan.objects.get().vouched_by == second.user


def test_it_is_not_filed_before(clerk: Counter, manager: Counter, draft: Draft) -> None:
    clerk.post("confirm_draft", draft.pk)
    clerk.scan_nothing(draft)
    paper = paper_of(draft)
    assert "Not filed: 1." in manager.post("file_papers", paper=paper.pk)
    with pytest.raises(IntegrityError, match="known to be its own"), transaction.atomic():
        Paper.objects.filter(pk=paper.pk).update(filed_at=timezone.now(), filed_by=manager.user)
    manager.post("vouch_for_scan", Scan.objects.get().pk, reason=WHY)
    assert "Filed: 1." in manager.post("file_papers", paper=paper.pk)


def test_the_database_approves_by_no_such_scan_and_takes_no_word_of_who_scanned(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    draft, now = waiting(clerk, group), timezone.now()
    done = {"state": "done", "done_by": manager.user, "done_at": now}
    with pytest.raises(IntegrityError, match="nobody approves"), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(**done)
    own = {"vouched_at": now, "vouched_by": clerk.user, "vouched_because": WHY}
    with pytest.raises(IntegrityError, match="vouched_for_by_another"), transaction.atomic():
        Scan.objects.update(**own)


def test_a_scan_that_shows_the_code_needs_no_word(clerk: Counter, manager: Counter) -> None:
    draft = clerk.printed("close_group", family(1).contract)
    clerk.scan(draft)
    said = manager.post("vouch_for_scan", Scan.objects.get().pk, reason=WHY)
    assert "carries the QR code of its paper. Nothing was changed." in said


def test_it_may_be_scanned_again_and_then_needs_no_word(clerk: Counter, draft: Draft) -> None:
    clerk.post("confirm_draft", draft.pk)
    page = clerk.scan_nothing(draft)
    assert "Attach the scan" in page
    assert OWN in clerk.scan(draft)
    assert Scan.objects.count() == 2


def test_a_paper_from_before_takes_the_word_of_a_second_person(
    clerk: Counter, manager: Counter, draft: Draft
) -> None:
    old = Paper(reference="K-99", content=b"", seal="")
    assert old.code == ""
    clerk.scan_nothing(draft)
    manager.post("vouch_for_scan", Scan.objects.get().pk, reason=WHY)
    assert Scan.objects.proven().count() == 1


def test_a_scanner_that_types_the_code_finds_the_request(clerk: Counter, draft: Draft) -> None:
    code = paper_of(draft).code
    for typed in (code, code.replace("-", "/"), code.replace("-", "").replace(" ", "")):
        answer = clerk.client.post("/admin/search/", {"text": typed})
        assert answer.url == f"/desk/draft/{draft.pk}/"


def test_a_picture_made_to_cost_much_is_drawn_in_time(clerk: Counter, draft: Draft) -> None:
    corner = qrcode.make("X").get_image().convert("L").resize((50, 50)).crop((0, 0, 25, 25))
    corner, bomb = corner.resize((14, 14)), Image.new("L", (2400, 2400), 255)
    for x in range(0, 2400, 14):
        for y in range(0, 2400, 14):
            bomb.paste(corner, (x, y))
    assert NOT_MATCHED in attach(clerk, draft, bomb.convert("RGB"))
