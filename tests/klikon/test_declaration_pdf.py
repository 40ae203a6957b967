"""The Declaration as a PDF: both languages, tagged, and always the same bytes (R3)."""

import io

import pytest
from pypdf import PdfReader

from klikon.leader import leadership
from klikon.models import Declaration, DeclarationChannel, DeclarationPaper
from klikon.papers.declaration import keep, paper_of, render
from tests.factories import ContractFactory, MembershipFactory, assign, at
from tests.proofs import naming_word

HOSTILE = '#image("/etc/passwd") *Ëngjëll* $x^2$ <b>Çeliku</b> =1+1 \u202e' + "ë" * 150
pytestmark = pytest.mark.django_db


def declaration(name: str = "Ëngjëll Çinari") -> Declaration:
    """Make a shop's Declaration."""
    member = MembershipFactory(name=name, group__contract=ContractFactory())
    return assign(member).declaration


def online(number: str = "FX7654321") -> Declaration:
    member = MembershipFactory(group__contract=ContractFactory(number=number))
    return leadership.assign(
        proof=naming_word(member, at("2026-11-05 14:05")),
        member=member,
        channel=DeclarationChannel.ONLINE,
        signatory_name="Drita Dardha",
        evidence="code",
        at=at("2026-11-05 14:05"),
    ).declaration


def text_of(made: Declaration) -> str:
    pages = PdfReader(io.BytesIO(render(made))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_it_says_who_may_do_what_on_which_bill_in_both_languages() -> None:
    made = declaration()
    text = text_of(made)
    for words in (
        "Deklaratë për zgjedhjen e Liderit Mobile",
        made.reference,
        "Ëngjëll Çinari",
        "Drita Dardha",
        made.contract.number,
        "6.500 Lekë (= 13 × Super 700)",
        "−200 Lekë",
        "The Fixed Leader can stop or revoke the Mobile Leader at any moment",
        "v1",
    ):
        assert words in text


def test_it_is_tagged_for_those_who_hear_it() -> None:
    content = render(declaration())
    assert content.startswith(b"%PDF-1.7")
    assert b"/MarkInfo" in content
    assert b"/StructTreeRoot" in content


def test_its_bytes_never_change_whatever_becomes_of_the_names() -> None:
    made = online()
    first = paper_of(made)
    made.contract.owner_name = "Tjetër Kush"
    made.contract.save()
    again = paper_of(Declaration.objects.get(pk=made.pk))
    assert first is not None
    assert again is not None
    assert bytes(again.content) == bytes(first.content)
    assert len(again.sha256) == 64


def test_nothing_is_drawn_for_what_a_shop_did_not_print() -> None:
    made = declaration()
    assert paper_of(made) is None
    assert not DeclarationPaper.objects.exists()
    kept = keep(made, b"%PDF as it was signed")
    assert paper_of(made) == kept


def test_hostile_names_print_as_text() -> None:
    made = declaration()
    made.member.name = HOSTILE[:200]  # as stored before the normaliser existed
    text = text_of(made)
    assert '#image("/etc/passwd") *Ëngjëll* $x^2$ <b>Çeliku</b> =1+1' in text


def test_online_it_shows_only_the_end_of_the_contract_number() -> None:
    text = text_of(online("FX7654321"))
    assert "···321" in text
    assert "FX7654321" not in text
