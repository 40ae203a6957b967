"""An upload of a shop or a phone becomes pages of ours, and nothing else of it stays."""

import hashlib
import io

import pytest
from PIL import Image
from pypdf.actions import JavaScript

from superfamilja.uploads import pages
from tests.uploads.making import BLUE, RED, WHITE, changed, half_red, paper, saved
from tests.uploads.sending import drawn


def near(colour: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(colour, wanted, strict=True))


def phone_photo() -> bytes:
    """Return a photo taken upright: the picture lies on its side, and EXIF has the place."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Maker of phones"
    exif.get_ifd(0x8825).update({1: "N", 2: (41.0, 19.0, 39.0)})
    return saved(half_red(), "JPEG", exif=exif, comment=b"taken at home", quality=95)


def test_a_phones_photograph_is_turned_upright() -> None:
    (page,) = drawn(phone_photo())
    assert page.size == (200, 400)
    assert near(page.getpixel((100, 100)), RED)
    assert near(page.getpixel((100, 300)), WHITE)


def test_nothing_that_a_phone_writes_about_a_photograph_stays() -> None:
    assert Image.open(io.BytesIO(phone_photo())).getexif().get_ifd(0x8825)
    (page,) = drawn(phone_photo())
    assert dict(page.getexif()) == {}
    assert set(page.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    ("orientation", "top_left"),
    [(1, RED), (2, WHITE), (3, WHITE), (4, RED), (5, RED), (6, RED), (7, WHITE), (8, WHITE)],
)
def test_every_way_to_hold_a_camera(orientation: int, top_left: tuple[int, int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    (page,) = drawn(saved(half_red(), "JPEG", exif=exif))
    assert near(page.getpixel((10, 10)), top_left)


def test_an_exif_that_makes_no_sense_does_not_spoil_the_picture() -> None:
    broken = saved(half_red(), "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff\x01")
    assert drawn(broken)[0].size == (400, 200)


def test_a_phones_file_of_several_pictures_gives_the_first() -> None:
    other = Image.new("RGB", (400, 200), BLUE)
    (page,) = drawn(saved(half_red(), "MPO", save_all=True, append_images=[other]))
    assert near(page.getpixel((10, 10)), RED)


def test_what_is_transparent_becomes_white() -> None:
    image = half_red().convert("RGBA")
    image.putalpha(0)
    (page,) = drawn(saved(image, "PNG"))
    assert near(page.getpixel((10, 10)), WHITE)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png(mode: str) -> None:
    image = half_red().convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = image.point(lambda value: value * 256, "I").convert("I;16")
    (page,) = drawn(saved(image, "PNG"))
    assert page.convert("L").getpixel((390, 10)) > 243
    assert page.convert("L").getpixel((10, 10)) < 90


def test_a_long_picture_is_brought_down_to_2400_pixels() -> None:
    assert drawn(saved(half_red((4000, 3000)), "JPEG"))[0].size == (2400, 1800)


def test_fifty_megapixels_are_taken() -> None:
    assert drawn(saved(Image.new("1", (10_000, 5_000)), "PNG"))[0].size == (2400, 1200)


def test_a_pdf_of_two_pages_a4_is_drawn_at_150_dots_per_inch() -> None:
    assert [page.size for page in drawn(paper(2))] == [(1241, 1754), (1241, 1754)]


def test_a_pdf_of_ten_pages_is_taken() -> None:
    assert len(drawn(paper(10))) == 10


def test_a_pdf_with_javascript_and_a_file_inside_is_drawn_without_them() -> None:
    def arm(writer) -> None:
        writer.add_open_action(JavaScript("app.alert('hello')"))
        writer.add_attachment("more.exe", b"MZ of a program")

    armed = changed(paper(1), arm)
    assert b"/JavaScript" in armed
    (page,) = pages.read(io.BytesIO(armed), "scan.pdf")
    assert b"JavaScript" not in page.jpeg
    assert b"MZ of a program" not in page.jpeg


@pytest.mark.parametrize(
    ("content", "after"),
    [
        (paper(1), b"<html><script>alert(1)</script></html>"),
        (saved(half_red(), "JPEG"), b"PK\x03\x04 a program in a ZIP"),
        (saved(half_red(), "PNG"), b"PK\x03\x04 a program in a ZIP"),
    ],
)
def test_what_is_two_things_at_once_leaves_the_other_behind(content: bytes, after: bytes) -> None:
    (page,) = pages.read(io.BytesIO(content + after), "scan")
    assert after not in page.jpeg


def test_a_name_decides_nothing() -> None:
    assert len(pages.read(io.BytesIO(paper(2)), "photo.jpg")) == 2


def test_pages_are_numbered_and_carry_their_hash() -> None:
    read = pages.read(io.BytesIO(paper(2)), "scan.pdf")
    assert [page.number for page in read] == [1, 2]
    assert all(page.sha256 == hashlib.sha256(page.jpeg).hexdigest() for page in read)
