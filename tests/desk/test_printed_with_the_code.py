"""One post prints the paper and sends its code, for a Fixed Leader who has the phone at hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from groups.models import Group
from klikon.desk.models import Paper
from klikon.leader import freezes
from klikon.models import FreezeCause
from superfamilja.customers.models import OneTimeCode
from superfamilja.messages.models import OutgoingMessage
from tests.desk.counter import Counter
from tests.factories import ContractFactory, GroupFactory, MembershipFactory, assign

pytestmark = pytest.mark.django_db

PRINT = "Print for the signature"
WITH_CODE = "Print and send the code"
NEW = "069 222 2222"


def codes_sent() -> int:
    return OutgoingMessage.objects.filter(template__in=["code_for_shop", "code_for_paper"]).count()


def half_a_minute_passes() -> None:
    """A code may be asked for again."""
    for code in OneTimeCode.objects.all():
        code.made_at -= timedelta(seconds=31)
        code.save(update_fields=["made_at"])


def test_the_paper_is_printed_and_the_code_goes_to_the_number_until_now(
    clerk: Counter, group: Group
) -> None:
    draft = clerk.checked("change_contact", group.contract, msisdn=NEW)
    assert WITH_CODE in clerk.page("draft", draft.pk)
    page = clerk.post("print_paper", draft.pk, with_code="1")
    assert "data-print-now" in page
    assert "The code went to" in page
    assert Paper.objects.count() == 1
    assert OutgoingMessage.objects.get(template="code_for_paper").recipient == (
        group.contract.contact_msisdn
    )


def test_printed_again_it_sends_no_other_code(clerk: Counter, group: Group) -> None:
    draft = clerk.checked("change_contact", group.contract, msisdn=NEW)
    for _ in range(3):
        clerk.post("print_paper", draft.pk, with_code="1")
        half_a_minute_passes()
    assert (Paper.objects.count(), codes_sent()) == (1, 1)
    # The control: a button of its own sends another one, for an SMS that did not arrive.
    clerk.go_by("send_shop_code", draft.pk)
    assert (Paper.objects.count(), codes_sent()) == (1, 2)


def test_who_has_no_phone_is_sent_no_code(clerk: Counter, group: Group) -> None:
    draft = clerk.checked("change_contact", group.contract, msisdn=NEW)
    assert "Print for the signature, without a code" in clerk.page("draft", draft.pk)
    page = clerk.post("print_paper", draft.pk)
    assert "data-print-now" in page
    assert "Signed: send the code" in page
    assert (Paper.objects.count(), codes_sent(), OneTimeCode.objects.count()) == (1, 0, 0)


def test_another_paper_has_a_code_of_its_own(clerk: Counter, group: Group) -> None:
    draft = clerk.checked("change_contact", group.contract, msisdn=NEW)
    clerk.post("print_paper", draft.pk, with_code="1")
    first = clerk.on_the_phone()
    clerk.filled(draft, msisdn="069 333 3333")
    clerk.post("print_paper", draft.pk, with_code="1")
    assert codes_sent() == 2
    OneTimeCode.objects.update(tries=0)
    if first != clerk.on_the_phone():  # one in a million
        assert "This code is not right." in clerk.post("confirm_draft", draft.pk, code=first)
    clerk.go_by("confirm_draft", draft.pk, code=clerk.on_the_phone())
    group.contract.refresh_from_db()
    assert group.contract.contact_msisdn == "+355693333333"


@pytest.mark.parametrize(("sent_today", "sent_then"), [(9, 1), (10, 0)])
def test_the_codes_of_a_day_are_counted_and_the_paper_is_made_all_the_same(
    clerk: Counter, group: Group, sent_today: int, sent_then: int
) -> None:
    for nth in range(sent_today):
        OneTimeCode.objects.create(
            msisdn=group.contract.contact_msisdn,
            purpose="declare_in_a_shop",
            about=f"K-{nth}",
            digest="0",
            made_at=timezone.now() - timedelta(hours=1),
            expires_at=timezone.now(),
            at_a_counter=True,
            address="0",
            is_sent=True,
            known_browser=False,
        )
    draft = clerk.checked("change_contact", group.contract, msisdn=NEW)
    page = clerk.post("print_paper", draft.pk, with_code="1")
    assert ("Shops have sent too many codes" in page) == (sent_then == 0)
    assert "data-print-now" in page
    assert (Paper.objects.count(), codes_sent()) == (1, sent_then)


def test_what_takes_the_signature_alone_is_offered_no_code(clerk: Counter, group: Group) -> None:
    draft = clerk.checked("close_group", group.contract)
    page = clerk.page("draft", draft.pk)
    assert PRINT in page
    assert WITH_CODE not in page
    assert "takes the signature alone" in clerk.post("print_paper", draft.pk, with_code="1")
    assert (Paper.objects.count(), codes_sent()) == (1, 0)


def test_r26_a_number_that_changed_hands_is_offered_no_code(clerk: Counter) -> None:
    his_own = "+355671112223"
    group = GroupFactory(contract=ContractFactory(contact_msisdn=his_own))
    assign(MembershipFactory(group=group, msisdn=his_own))
    second = MembershipFactory(group=group, seat=2)
    freezes.number_changed(msisdn=his_own, cause=FreezeCause.SIM_SWAPPED, at=timezone.now())
    draft = clerk.checked("name_leader", group.contract, member=second.pk)
    page = clerk.page("draft", draft.pk)
    assert PRINT in page
    assert WITH_CODE not in page
    said = clerk.post("print_paper", draft.pk, with_code="1")
    assert "The number of the contact mobile changed hands" in said
    assert (Paper.objects.count(), codes_sent()) == (1, 0)
