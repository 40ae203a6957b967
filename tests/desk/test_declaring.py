"""The Declaration at the counter: with a code, without a phone, with a blank, by a proxy (R3)."""

import pytest

from groups.models import Group
from klikon.desk.models import Paper
from klikon.models import Declaration, LeaderAssignment
from tests.desk.counter import Counter
from tests.factories import family

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> Group:
    return family(3)


def second(group: Group) -> int:
    return group.memberships.get(seat=2).pk


def leads(group: Group) -> str:
    return LeaderAssignment.objects.in_force().get(group=group).member.name


def test_with_the_code_it_is_in_force_at_once(group: Group) -> None:
    clerk = Counter()
    draft = clerk.printed("name_leader", group.contract, member=second(group))
    code = clerk.read_out(draft)
    page = clerk.post("confirm_draft", draft.pk, code=code)
    assert "The Declaration is in force. The Mobile Leader is named." in page
    assert "Scan the signed paper today" in page
    assert leads(group) == "Besnik"
    declaration = Declaration.objects.get()
    assert declaration.reference == Paper.objects.get().reference
    assert declaration.store == clerk.store
    assert not declaration.by_letter
    assert "AB123456" in declaration.evidence
    assert "kod me SMS" in declaration.evidence
    assert bytes(declaration.paper.content) == bytes(Paper.objects.get().content or b"")
