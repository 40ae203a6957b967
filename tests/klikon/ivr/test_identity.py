"""Read the caller's number from what a carrier writes, also when a caller tampers with it."""

import pytest

from klikon.ivr.identity import asserted_number

OWN = "+355672222222"


@pytest.mark.parametrize(
    "written",
    [
        "<sip:+355672222222@carrier.example;user=phone>",
        "<sip:+355672222222@carrier.example>;tag=a1",
        '"Elira" <sip:0672222222@10.0.0.1>',
        'Elira Dardha <sip:0672222222@10.0.0.1:5060;transport=udp>;party=calling;x="a, <b>"',
        "<SIP:+355672222222@CARRIER>",
        "SIPS:+355672222222@carrier",
        "sip:+355672222222@carrier;tag=a1",
        "<sip:+355672222222;npdi;rn=+355690000000@carrier>",
        "<sip:+355672222222:secret@carrier>",
        "<sip:%2B355672222222@carrier>",
        "tel:+355672222222",
        "<TEL:+355-67-222-2222>",
        "<tel:0672222222;phone-context=+355>",
        "00355672222222",
        "067 222 2222",
        "<sip:+355672222222@carrier>, <tel:+355672222222>",
        "<sip:anonymous@anonymous.invalid>, <tel:+355672222222>",
        '"0671111111, sip:0671111111@x" <sip:+355672222222@carrier>',
        '"sip:0671111111@x" <sip:+355672222222@carrier>',
        '"<sip:0671111111@x>" <sip:+355672222222@carrier>',
        '"<sip:0671111111@x>, " <sip:+355672222222@carrier>',
        '"a\\" <sip:0671111111@x>, \\"" <sip:+355672222222@carrier>',
        '"tel:0671111111" <tel:+355672222222>',
        '"\\\\" <sip:+355672222222@carrier>',
        "<sip:+355672222222@carrier>;x=sip:0671111111@x",
    ],
)
def test_the_number_is_the_one_that_is_called_from(written: str) -> None:
    assert asserted_number(written) == OWN


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "anonymous",
        "<sip:anonymous@anonymous.invalid>",
        '"0671111111" <sip:anonymous@anonymous.invalid>',
        '"sip:0671111111@x',
        '"sip:0671111111@x\\" <sip:+355672222222@carrier>',
        "sip:0671111111@x <sip:+355672222222@carrier>",
        "<sip:0671111111@x> <sip:+355672222222@carrier>",
        "<sip:0671111111@x>, <sip:+355672222222@carrier",
        "<<sip:0671111111@x>>",
        "<sip:0671111111>",
        "<sip:0671111111@x@carrier>",
        "<sip:carrier;x=sip:0671111111@x>",
        "<http:0671111111@x>",
        "<mailto:x?sip:0671111111@x>",
        "<tel:>",
        "<sip:@carrier>",
        "<sip:0671111111%00@x>",
        "<sip:٠٦٧١١١١١١١@x>",
        "sip:",
        "<" * 5000,
        '"\\' * 5000,
        "<sip:" + "0" * 60000 + "@x>",
        "a " * 30000 + "@",
        '"a"' + " " * 60000 + "<sip:0671111111@x>",
    ],
)
def test_what_cannot_be_read_is_a_hidden_number(written: str) -> None:
    assert asserted_number(written) == ""


def test_of_two_headers_the_first_number_counts() -> None:
    headers = ("<sip:anonymous@anonymous.invalid>", "<tel:+355672222222>", "<tel:+355671111111>")
    assert asserted_number(*headers) == OWN


def test_a_broken_header_takes_nothing_from_the_next() -> None:
    assert asserted_number('"<sip:0671111111@x>', "<sip:0672222222@carrier>") == OWN


def test_a_number_from_abroad_is_read() -> None:
    assert asserted_number("+4930123456") == "+4930123456"


def test_without_a_header_it_is_hidden() -> None:
    assert asserted_number() == ""
