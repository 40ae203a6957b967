"""A paper is complete, tagged, always the same bytes, and no name in it is markup."""

import hashlib
import io

import pytest
from django.db import connection
from django.urls import reverse
from pypdf import PdfReader

from groups.models import Group
from klikon.desk.models import Paper
from superfamilja.audit.models import Act
from superfamilja.data.database import constraint_of
from tests.desk.counter import WITH_A_PROXY, Counter
from tests.factories import MembershipFactory, family

pytestmark = pytest.mark.django_db
HOSTILE = '#image("/etc/passwd") *Ëngjëll* $x^2$ <b>Çeliku</b> =1+1 \u202e' + "ë" * 150


@pytest.fixture
def names_of_before() -> None:
    """Return names as they were stored before the database required clean ones."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE groups_membership DROP CONSTRAINT membership_texts_clean")


def pdf_of(paper: Paper) -> PdfReader:
    return PdfReader(io.BytesIO(bytes(paper.content or b"")))


def text_of(paper: Paper) -> str:
    return " ".join(" ".join(p.extract_text() for p in pdf_of(paper).pages).split())


def test_the_declaration_says_who_what_where_and_how_to_revoke(
    clerk: Counter, group: Group
) -> None:
    member = group.memberships.get(seat=2)
    clerk.printed("name_leader", group.contract, member=member.pk)
    paper = Paper.objects.get()
    text = text_of(paper)
    for words in (
        "Deklaratë për zgjedhjen e Liderit Mobile",
        paper.reference,
        group.contract.number,
        "Drita Dardha",
        member.name,
        "6.500 Lekë (= 13 × Super 700)",
        "−200 Lekë",
        "with the next fixed bill",
        "Tirana 3, Tiranë",
        "Arta Prova",
        "letërnjoftim AB123456",
        "The Fixed Leader can stop or revoke the Mobile Leader at any moment",
        "v1",
    ):
        assert words in text


@pytest.mark.parametrize("act", ["name_leader", "close_group"])
def test_under_the_line_stands_who_signs_there(clerk: Counter, act: str) -> None:
    for proxy, name in (({}, "Drita Dardha"), (WITH_A_PROXY, "Petrit Prokura")):
        group = family(3)
        member = group.memberships.get(seat=2).pk
        draft = clerk.printed(act, group.contract, member=member, **proxy)
        text = text_of(draft.papers.get())
        assert f"{name} Për operatorin For the operator" in text
        assert f"{name} {name}" not in text


@pytest.mark.parametrize(
    "name", ["Besnik", ("Maksimilian-Aleksandër Çelaj-Përmetarakëvë " * 3).strip()]
)
def test_what_is_signed_and_the_signatures_are_one_page(clerk: Counter, name: str) -> None:
    group = family(3)
    group.contract.owner_name = name
    group.contract.save()
    member = MembershipFactory(group=group, seat=4, name=name)
    proxy = {**WITH_A_PROXY, "proxy_name": name}
    for draft in (
        clerk.printed("name_leader", group.contract, member=member.pk, **proxy),
        clerk.printed("close_group", group.contract, **proxy),
    ):
        assert len(pdf_of(draft.papers.get()).pages) == 1


def test_it_is_tagged_for_those_who_hear_it(clerk: Counter, group: Group) -> None:
    clerk.printed("close_group", group.contract)
    paper = Paper.objects.get()
    catalog = pdf_of(paper).root_object
    assert catalog["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalog
    assert catalog["/Lang"] == "sq"


def test_another_request_says_what_follows_and_who_signed(clerk: Counter, group: Group) -> None:
    clerk.printed("close_group", group.contract, **WITH_A_PROXY)
    text = text_of(Paper.objects.get())
    for words in (
        "Mbyllni grupin",
        "Close the group",
        "Petrit Prokura",
        "1204/3",
        "Tirana 3, Tiranë",
        "What was spent stays on the next bill",
    ):
        assert words in text


@pytest.mark.usefixtures("names_of_before")
@pytest.mark.parametrize("name", [HOSTILE[:200], "Ç" * 200, "A\u202eB\u2066C", "ë ç Ë Ç"])
def test_hostile_names_print_as_text(clerk: Counter, name: str) -> None:
    group = family(3)
    hostile = MembershipFactory(group=group, seat=4, name=name)
    clerk.printed("name_leader", group.contract, member=hostile.pk)
    # Without spaces, because text longer than its line is broken.
    text = text_of(Paper.objects.get()).replace(" ", "")
    assert name.split("\u202e", maxsplit=1)[0].replace(" ", "")[:100] in text


@pytest.mark.usefixtures("names_of_before")
def test_a_mark_that_turns_the_direction_turns_no_number_behind_it(clerk: Counter) -> None:
    group = family(1)
    MembershipFactory(group=group, seat=2, name="A\u202eB\u2066C", msisdn="+355671234567")
    clerk.printed("close_group", group.contract)
    assert "ABC, 067 123 4567" in text_of(Paper.objects.get())


def test_the_bytes_never_change_and_each_look_is_recorded(clerk: Counter, group: Group) -> None:
    draft = clerk.declare(group.contract, group.memberships.get(seat=1).pk)
    paper = Paper.objects.get()
    group.contract.owner_name = "Tjetër Kush"
    group.contract.save()
    shown = clerk.client.get(reverse("paper", args=[paper.pk]))
    assert hashlib.sha256(shown.content).hexdigest() == paper.sha256
    assert draft.declaration is not None
    assert draft.declaration.paper.sha256 == paper.sha256
    assert Act.objects.get(verb="view_paper").actor == clerk.user


def test_the_database_refuses_to_change_a_paper(clerk: Counter, group: Group) -> None:
    clerk.printed("close_group", group.contract)
    with pytest.raises(Exception, match="written once") as refused:
        Paper.objects.update(content=b"other")
    assert constraint_of(refused.value) is None


def test_printing_twice_gives_the_same_paper(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("close_group", group.contract)
    clerk.sign(draft)
    assert Paper.objects.count() == 1


def test_a_frame_of_our_own_page_may_print_it_and_no_other(clerk: Counter, group: Group) -> None:
    clerk.printed("close_group", group.contract)
    shown = clerk.client.get(reverse("paper", args=[Paper.objects.get().pk]))
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]
    page = clerk.client.get(reverse("desk"))
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_blanks_have_their_numbers_on_a_page_each(clerk: Counter) -> None:
    answer = clerk.client.post(reverse("blanks"), {"count": "3"})
    pages = PdfReader(io.BytesIO(answer.content)).pages
    numbers = {blank.number for blank in clerk.store.blanks.all()}
    on_pages = [{number for number in numbers if number in p.extract_text()} for p in pages]
    assert [len(on_page) for on_page in on_pages] == [1, 1, 1]
    assert set.union(*on_pages) == numbers


@pytest.mark.parametrize("count", ["0", "51", "dy"])
def test_no_odd_number_of_blanks_is_printed(clerk: Counter, count: str) -> None:
    clerk.go_by("blanks", count=count)
    assert clerk.store.blanks.count() == 0


@pytest.mark.parametrize("name", ["Ana 😀 Gjoka", "Ana 李小龙 Gjoka"])
def test_a_letter_that_no_font_has_stops_no_paper(clerk: Counter, group: Group, name: str) -> None:
    clerk.printed("close_group", group.contract, **WITH_A_PROXY | {"proxy_name": name})
    text = text_of(Paper.objects.get())
    assert "Ana" in text
    assert "Gjoka" in text
