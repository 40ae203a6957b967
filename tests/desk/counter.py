"""A counter: what a clerk's browser sends for a customer who is there with their document."""

import io
from typing import Any

import pypdfium2 as pdfium
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageChops

from groups.models import Contract
from groups.opening import Task, open_customer
from klikon.desk.models import Draft, Paper
from klikon.desk.pages.draft_look import PRINT_NOW
from klikon.desk.papers.blanks import drawn
from superfamilja.accounts.models import Store, User
from superfamilja.accounts.roles import STORE_CLERK
from superfamilja.messages.models import OutgoingMessage
from tests.signing_in import shop, sign_in, staff_member

IDENTIFIED = {
    "who": "owner",
    "document": "id_card",
    "document_number": "AB 123456",
    "personal_number": "J10000001A",
}
WITH_A_PROXY = {
    **IDENTIFIED,
    "who": "proxy",
    "proxy_name": "Petrit Prokura",
    "proxy_number": "1204/3",
    "proxy_date": "24.11.2026",
}

TINTS = {"white": "white", "gray": "#dddddd", "black": "#bbbbbb", "red": "#ffdddd"}


class Counter:
    """One member of staff at work in a shop, in English."""

    def __init__(self, role: str = STORE_CLERK, store: str = "D01", user: User | None = None):
        self.store: Store = shop(store)
        self.user = user or staff_member(
            role, shops=[self.store], first_name="Arta", last_name="Prova"
        )
        self.client = sign_in(Client(), self.user, self.store)
        self.client.cookies["django_language"] = "en"

    def post(self, name: str, /, *args: Any, **typed: Any) -> str:
        """Post, and return what the page says; status 4xx raises nothing.

        A decision is about the present request, unless `version` names an older page.
        """
        answer = self._sent(name, args, typed, follow=True)
        return str(answer.content.decode())

    def go_by(self, name: str, /, *args: Any, **typed: Any) -> None:
        """Post without reading a page, because drawing pages takes a third of a walk's time."""
        self._sent(name, args, typed, follow=False)

    def _sent(self, name: str, args: tuple[Any, ...], typed: dict[str, Any], follow: bool) -> Any:
        if name in {"confirm_draft", "approve_draft"}:
            typed.setdefault("version", Draft.objects.get(pk=args[0]).version)
        return self.client.post(reverse(name, args=args), typed, follow=follow)

    def page(self, name: str, /, *args: Any) -> str:
        return str(self.client.get(reverse(name, args=args)).content.decode())

    def begin(self, act: str, contract: Contract) -> Draft:
        """Press the act's button on the page of a customer who is present."""
        open_customer(
            contract=contract, actor=self.user, at=timezone.now(), task=Task("contract_number")
        )
        self.go_by("start_draft", contract.pk, act)
        return Draft.objects.filter(act=act, contract=contract).latest("pk")

    def fill(self, draft: Draft, **typed: Any) -> str:
        """Fill in the form with an identified owner, and go on to the check."""
        return self.post("save_draft", draft.pk, **self._filled_in(draft, typed))

    def filled(self, draft: Draft, **typed: Any) -> None:
        """The same, and look at no page."""
        self.go_by("save_draft", draft.pk, **self._filled_in(draft, typed))

    @staticmethod
    def _filled_in(draft: Draft, typed: dict[str, Any]) -> dict[str, Any]:
        draft.refresh_from_db()
        return {"step": "check", "version": draft.version, **IDENTIFIED, **typed}

    def sign(self, draft: Draft) -> str:
        """Print the paper."""
        return self.post("print_paper", draft.pk)

    def printed(self, act: str, contract: Contract, **typed: Any) -> Draft:
        """A request whose paper lies on the counter."""
        draft = self.checked(act, contract, **typed)
        self.go_by("print_paper", draft.pk)
        self._paper_came_out()
        draft.refresh_from_db()
        return draft

    def _paper_came_out(self) -> None:
        """As if its page was drawn: the next one that looks is not asked to print."""
        session = self.client.session
        session.pop(PRINT_NOW, None)
        session.save()

    def checked(self, act: str, contract: Contract, **typed: Any) -> Draft:
        """A request that is filled in, before its check page."""
        draft = self.begin(act, contract)
        self.filled(draft, **typed)
        return draft

    def serve(self, act: str, contract: Contract, **typed: Any) -> str:
        """Serve an act from its button to its end with a signature alone."""
        draft = self.printed(act, contract, **typed)
        return self.post("confirm_draft", draft.pk)

    def served(self, act: str, contract: Contract, **typed: Any) -> None:
        """The same, and look at no page."""
        self.go_by("confirm_draft", self.printed(act, contract, **typed).pk)

    def read_out(self, draft: Draft) -> str:
        """Send the code, and let the Fixed Leader read it out from their phone."""
        self.go_by("send_shop_code", draft.pk)
        return self.on_the_phone()

    @staticmethod
    def on_the_phone() -> str:
        """The code of the newest SMS."""
        codes = OutgoingMessage.objects.filter(template__in=["code_for_shop", "code_for_paper"])
        return str(codes.latest("pk").parameters["code"])

    def prove(self, act: str, contract: Contract, **typed: Any) -> str:
        """The same for an act that takes the owner's word: the code is sent as it is printed."""
        draft = self.checked(act, contract, **typed)
        self.go_by("print_paper", draft.pk, with_code="1")
        return self.post("confirm_draft", draft.pk, code=self.on_the_phone())

    def declare(self, contract: Contract, member: int) -> Draft:
        """Put a Declaration into force by the code."""
        draft = self.printed("name_leader", contract, member=member)
        self.go_by("confirm_draft", draft.pk, code=self.read_out(draft))
        draft.refresh_from_db()
        return draft

    def scan(self, draft: Draft, colour: str = "white") -> str:
        """Scan the signed paper, on a sheet of that colour."""
        return self.post("attach_scan", draft.pk, scan=scan_of(draft, colour))

    def scanned(self, draft: Draft, colour: str = "white") -> None:
        """The same, and look at no page."""
        self.go_by("attach_scan", draft.pk, scan=scan_of(draft, colour))

    def scan_nothing(self, draft: Draft, colour: str = "white") -> str:
        """Scan a sheet without a QR code."""
        return self.post("attach_scan", draft.pk, scan=photograph(colour))


def sheet(paper: Paper, dpi: int = 100) -> Image.Image:
    """Return what a scanner sees of the paper: our own PDF, or the blank form, as a picture."""
    content = bytes(paper.content) if paper.content else drawn([paper.blank])  # type: ignore[list-item]
    page = pdfium.PdfDocument(content)[0]
    return page.render(scale=dpi / 72).to_pil().convert("RGB")


def scan_of(draft: Draft, colour: str = "white", name: str = "scan.jpg") -> SimpleUploadedFile:
    """Return the paper's standing scan on a sheet of that colour."""
    paper = draft.papers.get(voided_at=None)
    picture = sheet(paper)
    # Another colour makes another picture; the code stays black.
    tinted = ImageChops.multiply(picture, Image.new("RGB", picture.size, TINTS[colour]))
    return sent(tinted, name)


def sent(picture: Image.Image, name: str = "scan.jpg") -> SimpleUploadedFile:
    """Return the picture as a file that a browser sends."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def photograph(colour: str = "white", name: str = "scan.jpg") -> SimpleUploadedFile:
    """Return a small picture without a QR code."""
    out = io.BytesIO()
    Image.new("RGB", (300, 400), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")
