"""A form's files stay in memory; a file that is too large is explained beside its form."""

import pytest
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from superfamilja.uploads import pages
from superfamilja.uploads.refusals import TooLarge
from tests.uploads.making import paper

LIMIT = 20_971_520


def sent(**files: bytes) -> HttpRequest:
    form = {name: SimpleUploadedFile(f"{name}.pdf", content) for name, content in files.items()}
    return RequestFactory().post("/", {**form, "reference": "KO-1"})


def test_a_scan_arrives_whole() -> None:
    file = sent(scan=paper(2)).FILES["scan"]
    assert len(pages.read(file, file.name)) == 2


def test_twenty_megabytes_stay_in_memory() -> None:
    file = sent(scan=bytes(LIMIT)).FILES["scan"]
    assert isinstance(file, InMemoryUploadedFile)
    assert (file.size, len(file.read())) == (LIMIT, LIMIT)


def test_a_larger_one_is_refused_in_words_and_the_form_is_whole() -> None:
    request = sent(scan=bytes(LIMIT + 1))
    file = request.FILES["scan"]
    with pytest.raises(TooLarge) as no:
        pages.read(file, file.name)
    assert no.value.text("en").startswith("“scan.pdf” is too large: at most 20 MB")
    assert request.POST["reference"] == "KO-1"


def test_nothing_of_it_is_kept() -> None:
    assert sent(scan=bytes(LIMIT + 1)).FILES["scan"].read() == b""


def test_many_files_together_are_no_way_around() -> None:
    files = sent(one=paper(1), two=bytes(LIMIT), three=paper(1)).FILES
    assert len(pages.read(files["one"], "one.pdf")) == 1
    for name in ("two", "three"):
        with pytest.raises(TooLarge):
            pages.read(files[name], name)
