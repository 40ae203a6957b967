"""A file is refused when ClamAV knows a virus in it or could not check it."""

import io
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from superfamilja.uploads import checks, pages, viruses
from superfamilja.uploads.refusals import ScannerUnreachable
from tests.uploads import clam
from tests.uploads.making import changed, paper
from tests.uploads.sending import refused


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """Return its port, and the folder of its socket."""
    folder = tmp_path_factory.mktemp("clam")
    with clam.running(folder) as port:
        yield port, folder


@pytest.mark.clamd
class TestWithAScanner:
    @pytest.fixture(autouse=True)
    def _named(self, clamd: tuple[int, Path], settings) -> None:
        settings.CLAMAV_URL = f"tcp://127.0.0.1:{clamd[0]}"

    def test_a_known_virus_is_refused_before_anything_else_looks_at_it(self, kept: Path) -> None:
        no = refused(clam.EICAR, kept)
        assert (no.code, no.text("en"), no.text("sq")) == (
            "scan_with_virus",
            "“scan.pdf” holds a virus (Eicar-Test-Signature.UNOFFICIAL) and was not kept. "
            "Do not open or send it again; "
            "scan the paper on another device and tell the administrators.",
            "“scan.pdf” ka një virus (Eicar-Test-Signature.UNOFFICIAL) dhe nuk u ruajt. "
            "Mos e hapni dhe mos e dërgoni përsëri; "
            "skanojeni letrën me një pajisje tjetër dhe njoftoni administratorët.",
        )

    def test_a_virus_inside_a_pdf_is_found(self, kept: Path) -> None:
        infected = changed(paper(1), lambda pdf: pdf.add_attachment("more.com", clam.EICAR))
        assert refused(infected, kept).code == "scan_with_virus"

    def test_a_clean_scan_is_taken(self) -> None:
        assert len(pages.read(io.BytesIO(paper(2)), "scan.pdf")) == 2

    def test_by_its_socket(self, clamd: tuple[int, Path], settings, kept: Path) -> None:
        settings.CLAMAV_URL = f"unix://{clamd[1]}/clamd.ctl"
        assert refused(clam.EICAR, kept).code == "scan_with_virus"

    def test_what_it_will_not_look_at_is_not_taken(self, kept: Path) -> None:
        assert isinstance(refused(bytes(2_000_000), kept), ScannerUnreachable)


def test_a_scanner_that_is_down_is_no_reason_to_take_it_unchecked(settings, kept: Path) -> None:
    settings.CLAMAV_URL = f"tcp://127.0.0.1:{clam.a_free_port()}"
    no = refused(paper(1), kept)
    assert (no.code, no.text("en"), no.text("sq")) == (
        "virus_scanner_unreachable",
        "“scan.pdf” could not be checked for viruses and was not kept. Try again in a few minutes; "
        "until then keep the signed paper safe.",
        "“scan.pdf” nuk u kontrollua dot për viruse dhe nuk u ruajt. Provoni përsëri pas disa "
        "minutash; deri atëherë ruajeni mirë letrën e nënshkruar.",
    )


def _say(server: socket.socket, answer: bytes) -> None:
    connection, _address = server.accept()
    with connection:
        connection.sendall(answer)
        while connection.recv(65_536):
            pass


@pytest.mark.parametrize(
    "answer", [b"", b"\n", b"stream: busy ERROR\n", b"stream: \xff OK\n", b"nothing that it says\n"]
)
def test_a_scanner_that_says_anything_but_ok_has_not_checked(
    answer: bytes, settings, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viruses, "_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMAV_URL = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        talking = Thread(target=_say, args=(server, answer))
        talking.start()
        assert isinstance(refused(paper(1), kept), ScannerUnreachable)
        talking.join()


@pytest.mark.parametrize("url", ["127.0.0.1:3310", "tcp://127.0.0.1", "unix://run/clamd.ctl"])
def test_a_mistyped_address_is_found_at_the_start(url: str, settings) -> None:
    settings.CLAMAV_URL = url
    (error,) = checks.the_scanner_has_an_address()
    assert error.msg == f"CLAMAV_URL is wrong: {url} is neither tcp://HOST:PORT nor unix:///PATH."


def test_production_is_warned_when_nothing_is_checked(settings) -> None:
    settings.PRODUCTION = True
    (warning,) = checks.scans_are_checked_in_production()
    assert warning.msg == "CLAMAV_URL is not set: scans are not checked for viruses."


def test_scans_are_not_kept_where_everybody_sees_them(settings) -> None:
    assert checks.scans_are_kept_apart() == []
    settings.UPLOADS_DIR = settings.BASE_DIR / "static" / "scans"
    (error,) = checks.scans_are_kept_apart()
    assert error.msg == "UPLOADS_DIR is in a folder that the web server shows to everybody."
