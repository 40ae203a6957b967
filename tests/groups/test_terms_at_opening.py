"""R18: a group begins with the terms published at the moment of its opening."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, transaction

from groups import membership, terms
from groups.models import Group, TermsVersion
from tests.factories import ContractFactory, GroupFactory, at

pytestmark = pytest.mark.django_db

LONG_AFTER = at("2027-06-01 12:00")


def published(moment: datetime) -> None:
    first = TermsVersion.objects.filter(number=1).values().get()
    TermsVersion.objects.create(
        **{**first, "id": None, "number": 2, "published_at": moment, "cap_lek": 5000}
    )


def opened(moment: datetime) -> Group:
    return membership.open_group(contract=ContractFactory(), at=moment)


def cap(group: Group) -> int:
    return terms.in_force(group, LONG_AFTER).cap_lek


def test_r18_terms_published_later_on_the_day_do_not_bind_the_group() -> None:
    group = opened(at("2026-11-05 10:00"))
    published(at("2026-11-05 10:01"))
    assert cap(group) == 6500


def test_r18_terms_published_before_it_opened_on_the_day_bind_it_at_once() -> None:
    published(at("2026-11-05 09:59"))
    assert cap(opened(at("2026-11-05 10:00"))) == 5000


def test_r18_the_moment_of_the_publication_itself_counts() -> None:
    published(at("2026-11-05 10:00"))
    assert cap(opened(at("2026-11-05 10:00"))) == 5000


@pytest.mark.parametrize(
    ("opening", "expected"),
    [("2026-10-25T00:29+00:00", 6500), ("2026-10-25T01:29+00:00", 5000)],
)
def test_r18_half_past_two_comes_twice_in_october(opening: str, expected: int) -> None:
    published(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert cap(opened(datetime.fromisoformat(opening))) == expected


@pytest.mark.parametrize(
    ("publication", "expected"), [("2026-11-05 00:00", 5000), ("2026-11-05 00:01", 6500)]
)
def test_r18_where_only_the_date_is_known_the_first_moment_of_the_day_counts(
    publication: str, expected: int
) -> None:
    published(at(publication))
    assert cap(GroupFactory(opened_on=date(2026, 11, 5))) == expected


def test_the_moment_of_the_opening_is_kept_and_never_changed() -> None:
    group = opened(at("2026-11-05 10:00"))
    assert Group.objects.get(pk=group.pk).opened_at == at("2026-11-05 10:00")
    with pytest.raises(DatabaseError), transaction.atomic():
        Group.objects.filter(pk=group.pk).update(opened_at=at("2026-11-05 11:00"))


def test_the_moment_of_the_opening_lies_on_its_day() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        GroupFactory(opened_on=date(2026, 11, 5), opened_at=at("2026-11-06 00:00"))
