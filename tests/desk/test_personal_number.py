"""The personal number at the counter and in the search: three tries, then a manager."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from groups import personal_number
from groups.models import Contract, Group, PersonalNumberTry
from klikon.desk.models import Draft
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import ADMINISTRATOR, CARE_AGENT, STORE_MANAGER
from superfamilja.audit.models import Act
from tests.desk.counter import WITH_A_PROXY, Counter
from tests.factories import family
from tests.signing_in import staff_member
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db

RIGHT = "J10000001A"
WRONG = "This is not the personal number of this contract"
LOCKED = "Three wrong personal numbers were typed for this contract."
WHY = "The owner was here with her new passport."


def wrong(number: int) -> str:
    return f"J2000000{number}B"


def tried() -> list[tuple[str, str]]:
    """Return what the audit recorded of tries at the counter, in order."""
    verbs = ("personal_number_right", "personal_number_wrong")
    return list(Act.objects.filter(verb__in=verbs).order_by("pk").values_list("verb", "actor_name"))


def lock(clerk: Counter, draft: Draft) -> None:
    for number in range(3):
        clerk.filled(draft, personal_number=wrong(number))


def test_three_wrong_numbers_are_compared_and_a_right_fourth_one_is_not(
    clerk: Counter, group: Group
) -> None:
    draft = clerk.begin("close_group", group.contract)
    said = [clerk.fill(draft, personal_number=wrong(n)) for n in range(3)]
    assert [f"Tries left: {left}." in page for left, page in zip((2, 1), said, strict=False)] == [
        True,
        True,
    ]
    assert LOCKED in said[2]
    for number in (RIGHT, wrong(4), RIGHT):
        page = clerk.fill(draft, personal_number=number)
        assert LOCKED in page
        assert WRONG not in page
    assert tried() == [("personal_number_wrong", "Arta Prova")] * 3
    assert "Fill in and check the request" in clerk.sign(draft)


@pytest.mark.full
def test_sixty_tries_compare_three(clerk: Counter, group: Group) -> None:
    draft = clerk.begin("close_group", group.contract)
    for number in range(60):
        clerk.filled(draft, personal_number=f"J2000{number:04}B")
    assert len(tried()) == 3
    assert PersonalNumberTry.objects.count() == 3


def test_another_clerk_another_shop_and_another_request_have_no_tries_of_their_own(
    clerk: Counter, group: Group
) -> None:
    clerk.filled(clerk.begin("close_group", group.contract), personal_number=wrong(1))
    colleague, elsewhere = Counter(), Counter(store="D02")
    member = group.memberships.get(seat=1).pk
    other = colleague.begin("remove_member", group.contract)
    colleague.filled(other, personal_number=wrong(2), member=member)
    first = elsewhere.begin("close_group", group.contract)
    elsewhere.filled(first, personal_number=wrong(3))
    elsewhere.go_by("discard_draft", first.pk)
    page = elsewhere.fill(elsewhere.begin("close_group", group.contract))
    assert LOCKED in page


def test_a_proxys_try_counts_the_same(clerk: Counter, group: Group) -> None:
    draft = clerk.begin("close_group", group.contract)
    for number in range(3):
        clerk.filled(draft, **{**WITH_A_PROXY, "personal_number": wrong(number)})
    assert LOCKED in clerk.fill(draft)


def test_what_the_page_keeps_by_itself_is_compared_with_nothing(
    clerk: Counter, group: Group
) -> None:
    draft = clerk.begin("close_group", group.contract)
    answers = set()
    for number in (RIGHT, wrong(1), wrong(2), wrong(3), wrong(4)):
        typed = {"step": "keep", "version": 0, "personal_number": number}
        answer = clerk.client.post(reverse("save_draft", args=[draft.pk]), typed)
        answers.add((answer.status_code, answer.content))
    assert answers == {(200, b"0")}
    draft.refresh_from_db()
    assert (draft.typed, tried(), draft.identified_as) == ({}, [], "")


def test_with_another_field_wrong_nothing_is_compared(clerk: Counter, group: Group) -> None:
    draft = clerk.begin("close_group", group.contract)
    for number in (RIGHT, wrong(1)):
        page = clerk.fill(draft, document_number="!", personal_number=number)
        assert WRONG not in page
    assert tried() == []


def test_the_number_is_kept_nowhere_and_shown_nowhere(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("close_group", group.contract)
    colleague = Counter()
    shown = [
        colleague.page("draft", draft.pk),
        colleague.post("change_draft", draft.pk),
        colleague.page("contract", group.contract_id),
        colleague.page("desk"),
    ]
    assert [RIGHT in page for page in shown] == [False] * 4
    draft.refresh_from_db()
    assert RIGHT not in str(draft.typed)
    assert not any(RIGHT in str(act.details) + act.reason for act in Act.objects.all())
    assert RIGHT not in str(draft.papers.get().parts)


@pytest.mark.parametrize("typed", ["j10000001a", "J 1000 0001 A", "j-10000001-a", "Ｊ10000001A"])
def test_however_it_is_typed_it_is_the_same_number(
    clerk: Counter, group: Group, typed: str
) -> None:
    draft = clerk.begin("close_group", group.contract)
    assert "Is this right?" in clerk.fill(draft, personal_number=typed)


def test_a_right_number_forgets_the_mistakes_of_who_typed_it_and_nobody_elses(
    clerk: Counter, group: Group
) -> None:
    draft, colleague = clerk.begin("close_group", group.contract), Counter()
    clerk.filled(draft, personal_number=wrong(1))
    colleague.filled(draft, personal_number=wrong(2))
    assert "Is this right?" in colleague.fill(draft)
    standing = PersonalNumberTry.objects.filter(ended_at=None)
    assert [row.actor for row in standing] == [clerk.user]


def test_once_right_it_need_not_be_typed_again_for_the_same_document(
    clerk: Counter, group: Group
) -> None:
    draft = clerk.begin("close_group", group.contract)
    clerk.filled(draft)
    clerk.go_by("change_draft", draft.pk)
    assert "Is this right?" in clerk.fill(draft, personal_number="")
    again = clerk.fill(draft, personal_number="", document_number="XY 999999")
    assert "Type the personal number from the document." in again
    assert "Fill in and check the request" in clerk.sign(draft)


def test_a_new_owner_of_the_contract_is_identified_anew(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("close_group", group.contract)
    Contract.objects.filter(pk=group.contract_id).update(owner_nid="K20000002B")
    said = clerk.post("confirm_draft", draft.pk)
    assert "Type it from the document once more." in said
    draft.refresh_from_db()
    assert draft.state == "open"


def test_the_clerk_who_tried_is_no_manager_for_it_and_another_one_lets_go_on(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    draft = clerk.begin("close_group", group.contract)
    clerk.filled(draft, personal_number=wrong(1))
    for number in (2, 3):
        manager.filled(draft, personal_number=wrong(number))
    assert clerk.client.get(reverse("tries")).status_code == 403
    address = ("contract", group.contract_id)
    assert "another manager has to look" in manager.post("release_tries", *address, reason=WHY)
    assert LOCKED in clerk.fill(draft)
    other = Counter(STORE_MANAGER, store="D02")
    assert group.contract.number in other.page("tries")
    assert "This says too little." in other.post("release_tries", *address, reason="punë")
    assert "They may go on." in other.post("release_tries", *address, reason=WHY)
    assert "Is this right?" in clerk.fill(draft)
    act = Act.objects.get(verb="release_tries")
    assert (act.actor, act.contract_number, act.reason) == (other.user, group.contract.number, WHY)


def test_the_database_lets_nobody_release_their_own_and_knows_no_fourth_place(
    clerk: Counter, group: Group
) -> None:
    lock(clerk, clerk.begin("close_group", group.contract))
    own = PersonalNumberTry.objects.filter(actor=clerk.user)
    with pytest.raises(IntegrityError, match="released_by_another"), transaction.atomic():
        own.update(ended_at=timezone.now(), ended_as="released", ended_by=clerk.user)
    for place in (3, 4):
        row = PersonalNumberTry(
            contract=group.contract, place=place, actor=clerk.user, tried_at=timezone.now()
        )
        with pytest.raises(IntegrityError, match="personal_number"), transaction.atomic():
            row.save()


@pytest.mark.full
def test_one_try_at_each_of_many_contracts_is_stopped_after_ten(clerk: Counter) -> None:
    answers = []
    for _ in range(11):
        draft = clerk.begin("close_group", family(1).contract)
        answers.append(clerk.fill(draft, personal_number=wrong(1)))
    assert [WRONG in page for page in answers] == [True] * 10 + [False]
    assert "You typed too many wrong personal numbers." in answers[10]
    assert "Drita" not in signed_in(ADMINISTRATOR).get(reverse("tries")).content.decode()
    admin = signed_in(ADMINISTRATOR)
    where = reverse("release_tries", args=["person", clerk.user.pk])
    admin.post(where, {"reason": "A training day with invented documents."})
    assert WRONG in clerk.fill(draft, personal_number=wrong(1))


class TestTheSearch:
    """Search by a whole personal number."""

    def test_after_three_searches_that_find_nobody_no_further_one_is_made(
        self, group: Group
    ) -> None:
        client = signed_in(CARE_AGENT)
        for number in range(3):
            answer = client.post(reverse("search"), {"text": wrong(number)}, follow=True)
            assert "Nobody with this personal number has a contract." in answer.content.decode()
        said = client.post(reverse("search"), {"text": RIGHT}, follow=True).content.decode()
        assert "You typed too many wrong personal numbers." in said
        assert group.contract.number not in said
        assert Act.objects.filter(verb="search_personal_number").count() == 3
        assert group.contract.number not in client.get(reverse("search")).content.decode()

    def test_a_hit_is_recorded_with_the_contract_and_forgives_no_miss(self, group: Group) -> None:
        client = signed_in(CARE_AGENT)
        for text in (wrong(1), RIGHT, wrong(2), RIGHT, wrong(3), RIGHT):
            said = client.post(reverse("search"), {"text": text}, follow=True).content.decode()
        assert "You typed too many wrong personal numbers." in said
        numbers = Act.objects.filter(verb="search_personal_number").order_by("pk")
        own = group.contract.number
        assert [act.contract_number for act in numbers] == ["", own, "", own, ""]

    def test_looking_at_the_page_again_asks_nothing_again(self, group: Group) -> None:
        client = signed_in(CARE_AGENT)
        client.post(reverse("search"), {"text": wrong(1)})
        for _ in range(5):
            client.get(reverse("search"))
        assert PersonalNumberTry.objects.count() == 1
        assert wrong(1) not in str(dict(client.session))

    @pytest.mark.parametrize("typed", ["J1", "J1000", "J10000001", "10000001"])
    def test_a_part_of_it_finds_nobody(self, group: Group, typed: str) -> None:
        said = signed_in(CARE_AGENT).post(reverse("search"), {"text": typed}, follow=True)
        assert group.contract.number not in said.content.decode()

    @pytest.mark.parametrize(("misses", "finds"), [(2, True), (3, False)])
    def test_a_day_later_a_miss_is_forgotten_and_a_lock_is_not(
        self, group: Group, misses: int, finds: bool
    ) -> None:
        person = staff_member(CARE_AGENT)
        for number in range(misses):
            a_day_ago = timezone.now() - timedelta(days=1)
            personal_number.owned_by(typed=wrong(number), actor=person, at=a_day_ago)
        try:
            found = personal_number.owned_by(typed=RIGHT, actor=person, at=timezone.now())
        except personal_number.PersonTriedTooOften:
            found = []
        assert bool(found) is finds
        standing = PersonalNumberTry.objects.filter(ended_at=None).count()
        assert standing == (0 if finds else 3)

    def test_a_manager_lets_the_person_search_again(self, group: Group) -> None:
        client, manager = signed_in(CARE_AGENT), Counter(STORE_MANAGER)
        for number in range(3):
            client.post(reverse("search"), {"text": wrong(number)})
        person = User.objects.get(pk=client.session["_auth_user_id"])
        assert person.shown_name in manager.page("tries")
        manager.go_by("release_tries", "person", person.pk, reason=WHY)
        said = client.post(reverse("search"), {"text": RIGHT}, follow=True)
        assert group.contract.number in said.content.decode()
