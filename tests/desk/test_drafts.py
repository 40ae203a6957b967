"""Requests survive a crash, a sign-out, a shift and a change of clerk."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from groups import membership
from groups.models import Group
from klikon.desk.models import Draft, Paper
from superfamilja.audit.models import Act
from superfamilja.messages.models import OutgoingMessage
from tests.desk.counter import IDENTIFIED, Counter
from tests.factories import family

pytestmark = pytest.mark.django_db


def keep(clerk: Counter, draft: Draft, version: int, **typed: object) -> tuple[int, str]:
    """Save as the page does by itself while somebody types."""
    answer = clerk.client.post(
        reverse("save_draft", args=[draft.pk]), {"step": "keep", "version": version, **typed}
    )
    return answer.status_code, answer.content.decode()


def test_half_of_a_form_is_kept_as_it_was_typed(clerk: Counter, group: Group) -> None:
    draft = clerk.begin("add_member", group.contract)
    assert keep(clerk, draft, 0, document_number="AB 12", msisdn="067 8") == (200, "1")
    draft.refresh_from_db()
    assert draft.typed == {"document_number": "AB 12", "msisdn": "067 8"}
    assert not draft.is_checked
    page = clerk.page("draft", draft.pk)
    assert 'value="AB 12"' in page
    assert "This is not an Albanian mobile number" not in page


def test_a_colleague_of_the_same_shop_goes_on(clerk: Counter, group: Group) -> None:
    draft = clerk.begin("close_group", group.contract)
    clerk.filled(draft)
    colleague = Counter()
    assert draft.contract.owner_name in colleague.page("desk")
    colleague.sign(draft)
    assert "The group is closed." in colleague.post("confirm_draft", draft.pk)
    draft.refresh_from_db()
    assert (draft.opened_by, draft.done_by) == (clerk.user, colleague.user)


def test_several_are_open_at_once_and_the_same_one_is_taken_up_again(
    clerk: Counter, group: Group
) -> None:
    first = clerk.begin("add_member", group.contract)
    second = clerk.begin("close_group", family(1).contract)
    assert clerk.begin("add_member", group.contract) == first
    assert [d.pk for d in Draft.objects.standing().order_by("pk")] == [first.pk, second.pk]


def test_who_saves_an_older_page_is_told_and_loses_nothing(clerk: Counter, group: Group) -> None:
    draft = clerk.begin("add_member", group.contract)
    colleague = Counter()
    keep(colleague, draft, 0, name="Ana")
    status, said = keep(clerk, draft, 0, name="Bora")
    assert status == 409
    assert said.startswith("Arta Prova changed this request at ")
    page = clerk.post(
        "save_draft", draft.pk, step="check", version=0, **{**IDENTIFIED, "name": "Bora"}
    )
    assert 'value="Bora"' in page
    assert "look at it once more and go on" in page
    draft.refresh_from_db()
    assert draft.typed == {"name": "Ana"}


def test_a_change_after_printing_makes_the_paper_void(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("remove_member", group.contract, member=group.memberships.get(seat=1).pk)
    clerk.go_by("change_draft", draft.pk)
    assert Paper.objects.get().voided_at is None
    clerk.filled(draft, member=group.memberships.get(seat=2).pk)
    assert Paper.objects.get().voided_at is not None
    assert "Print the paper and have it signed first." in clerk.post("confirm_draft", draft.pk)
    assert group.memberships.current().count() == 3


def test_a_discarded_request_comes_back_and_is_printed_anew(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("close_group", group.contract)
    assert "This request was discarded." in clerk.post("discard_draft", draft.pk)
    assert "has ended or waits" in clerk.post("print_paper", draft.pk)
    clerk.go_by("restore_draft", draft.pk)
    clerk.filled(draft)
    clerk.sign(draft)
    assert "The group is closed." in clerk.post("confirm_draft", draft.pk)
    assert Paper.objects.filter(voided_at=None).count() == 1


def test_a_discarded_request_does_not_come_back_beside_a_new_one(
    clerk: Counter, group: Group
) -> None:
    old = clerk.begin("close_group", group.contract)
    clerk.go_by("discard_draft", old.pk)
    new = clerk.begin("close_group", group.contract)
    said = clerk.post("restore_draft", old.pk)
    assert "The same was begun anew since" in said
    assert f'href="{reverse("draft", args=[new.pk])}"' in said
    assert f'action="{reverse("restore_draft", args=[old.pk])}"' not in said
    clerk.go_by("discard_draft", new.pk)
    clerk.go_by("restore_draft", old.pk)
    assert [d.pk for d in Draft.objects.filter(state="open")] == [old.pk]


def test_the_language_can_be_changed_where_a_step_was_refused(clerk: Counter, group: Group) -> None:
    draft = clerk.begin("close_group", group.contract)
    refused = clerk.post("print_paper", draft.pk)
    assert f'name="next" value="{reverse("draft", args=[draft.pk])}"' in refused


def test_what_was_done_cannot_be_discarded(clerk: Counter, group: Group) -> None:
    clerk.served("close_group", group.contract)
    draft = Draft.objects.get()
    assert "Nothing was changed." in clerk.post("discard_draft", draft.pk)
    draft.refresh_from_db()
    assert draft.state == "done"


def test_what_became_impossible_meanwhile_says_so(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("close_group", group.contract)
    membership.close_group(group=group, at=timezone.now())
    assert "The SuperFamilja group is closed." in clerk.page("draft", draft.pk)
    assert "The SuperFamilja group is closed." in clerk.post("confirm_draft", draft.pk)
    draft.refresh_from_db()
    assert draft.state == "open"


def test_signed_out_and_in_again_it_is_there(clerk: Counter, group: Group) -> None:
    draft = clerk.begin("close_group", group.contract)
    clerk.filled(draft)
    clerk.client.logout()
    assert clerk.client.get(reverse("draft", args=[draft.pk])).status_code == 302
    again = Counter(user=clerk.user)
    assert "Print for the signature" in again.page("draft", draft.pk)


def test_every_step_leaves_who_and_when(clerk: Counter, group: Group) -> None:
    clerk.served("close_group", group.contract)
    verbs = list(Act.objects.exclude(verb="sign_in_to_store").values_list("verb", "actor_name"))
    assert sorted(verbs) == [
        ("close_group", "Arta Prova"),
        ("open_customer", "Arta Prova"),
        ("open_draft", "Arta Prova"),
        ("personal_number_right", "Arta Prova"),
        ("print_paper", "Arta Prova"),
    ]


def test_nothing_is_begun_for_a_customer_who_was_not_opened(clerk: Counter, group: Group) -> None:
    page = clerk.post("start_draft", group.contract_id, "close_group")
    assert "Why do you open this customer?" in page
    assert not Draft.objects.exists()


def test_an_act_that_is_none_is_not_found(clerk: Counter, group: Group) -> None:
    answer = clerk.client.post(reverse("start_draft", args=[group.contract_id, "burn"]))
    assert answer.status_code == 404


def test_no_address_carries_what_was_typed(clerk: Counter, group: Group) -> None:
    answer = clerk.client.post(
        reverse("save_draft", args=[clerk.begin("close_group", group.contract).pk]),
        {"step": "check", "version": 0, **IDENTIFIED},
    )
    assert answer.headers["Location"] == reverse("draft", args=[Draft.objects.get().pk])


def test_the_desk_asks_as_much_with_many_requests(
    clerk: Counter,
) -> None:
    def count(number: int) -> int:
        for _ in range(number):
            clerk.served("close_group", family(1).contract)
            clerk.begin("close_group", family(1).contract)
        with CaptureQueriesContext(connection) as asked:
            clerk.page("desk")
        return len(asked)

    assert count(1) == count(3)


def test_without_a_code_no_sms_is_sent(clerk: Counter, group: Group) -> None:
    clerk.printed("name_leader", group.contract, member=group.memberships.get(seat=1).pk)
    assert not OutgoingMessage.objects.exists()


def test_the_language_of_the_page_is_albanian_first(group: Group) -> None:
    clerk = Counter()
    draft = clerk.begin("close_group", group.contract)
    clerk.client.cookies.pop("django_language")
    page = clerk.page("draft", draft.pk)
    assert "Mbyllni grupin" in page
    assert "Kush është këtu?" in page
    assert isinstance(clerk.client, Client)


def test_a_nul_or_an_odd_version_is_no_crash(clerk: Counter, group: Group) -> None:
    draft = clerk.begin("add_member", group.contract)
    assert keep(clerk, draft, 0, name="A\x00na") == (200, "1")
    draft.refresh_from_db()
    assert draft.typed == {"name": "Ana"}
    answer = clerk.client.post(
        reverse("save_draft", args=[draft.pk]), {"step": "keep", "version": "²", "name": "Bora"}
    )
    assert answer.status_code == 409


@pytest.mark.parametrize("verb", ["send_shop_code", "send_for_approval"])
@pytest.mark.parametrize("act", ["close_group", "set_limit"])
def test_what_a_signature_settles_asks_nobody_else(
    clerk: Counter, group: Group, act: str, verb: str
) -> None:
    # A first limit only tightens (R30).
    draft = clerk.printed(act, group.contract, limit_lek="500")
    assert "takes the signature alone: confirm it." in clerk.post(verb, draft.pk)
    draft.refresh_from_db()
    assert draft.state == "open"
