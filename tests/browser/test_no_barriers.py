"""axe on every page and state of the staff side: desk, phone, the narrowest phone, the dark."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from billing import disputes
from billing.models import Dispute
from groups.models import Group
from klikon.ivr.models import PhoneCall
from klikon.leader import phone_pin
from klikon.models import RefusedActivation
from superfamilja.accounts.roles import (
    ADMINISTRATOR,
    AUDITOR,
    CARE_AGENT,
    STORE_CLERK,
    STORE_MANAGER,
)
from superfamilja.refusal import Refusal
from tests.browser.families import activated, closed_family, full_month, lively_family
from tests.browser.looking import PASSWORD, Desk, code_now, person
from tests.factories import ContractFactory, family, family_with_leader
from tests.proofs import payers_word
from tests.signing_in import staff_member

pytestmark = pytest.mark.full


def looked_at(desk: Desk, path: str, status: int = 200) -> None:
    desk.open(path, status)
    desk.has_no_barrier_at_any_size()


def check(desk: Desk, **typed: str) -> None:
    """Fill in an act's form and press its first button."""
    for name, value in typed.items():
        desk.page.locator(f"[name={name}]").fill(value)
    desk.press(desk.page.locator("button[value=check]"))


def confirm(desk: Desk) -> None:
    desk.press(desk.page.locator("button[value=confirm]"))


def search_for(desk: Desk, text: str) -> None:
    desk.open("/admin/search/")
    desk.page.get_by_role("searchbox").fill(text)
    desk.enter()


def choose(desk: Desk, group: Group, package: str) -> None:
    desk.open(reverse("activate_on_behalf", args=[group.pk]))
    desk.page.locator(f"[name=package][value={package}]").check()


# --- at the door -------------------------------------------------------------------------


def test_signing_in_step_by_step_and_with_mistakes(desk: Desk) -> None:
    user = person(CARE_AGENT)
    looked_at(desk, "/staff/sign-in/")
    for password in ("wrong", PASSWORD):
        desk.page.locator("[name=login]").fill(user.username)
        desk.page.locator("[name=password]").fill(password)
        desk.press(desk.page.locator("main button").first)
        desk.has_no_barrier_at_any_size()
    for code in (lambda: "000000", code_now):
        desk.page.locator("[name=code]").fill(code())
        desk.press(desk.page.locator("main button").first)
        desk.has_no_barrier_at_any_size()
    looked_at(desk, "/staff/sign-out/")
    looked_at(desk, "/staff/recovery-codes/")
    looked_at(desk, "/staff/recovery-codes/new/")
    looked_at(desk, "/staff/password/")
    desk.press(desk.page.locator("main button").first)
    desk.has_no_barrier_at_any_size()


def test_a_newcomer_sets_up_the_second_factor(desk: Desk) -> None:
    user = staff_member(CARE_AGENT, password=PASSWORD)
    desk.open("/staff/sign-in/")
    desk.page.locator("[name=login]").fill(user.username)
    desk.page.locator("[name=password]").fill(PASSWORD)
    desk.press(desk.page.locator("main button").first)
    desk.page.locator(".qr").wait_for()
    desk.has_no_barrier_at_any_size()


def test_after_too_many_attempts_the_page_says_so(desk: Desk) -> None:
    user = person(CARE_AGENT)
    desk.open("/staff/sign-in/", 429)
    for _ in range(6):
        if not desk.page.locator("[name=login]").count():
            break
        desk.page.locator("[name=login]").fill(user.username)
        desk.page.locator("[name=password]").fill("wrong")
        desk.press(desk.page.locator("main button").first)
    assert not desk.page.locator("[name=login]").count()
    desk.has_no_barrier_at_any_size()


# --- the desk ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", [CARE_AGENT, ADMINISTRATOR])
def test_the_first_page(desk: Desk, role: str) -> None:
    desk.sign_in(staff_member(role))
    looked_at(desk, "/admin/")


def test_searching(desk: Desk) -> None:
    desk.sign_in(staff_member(CARE_AGENT))
    looked_at(desk, "/admin/search/")
    search_for(desk, "nuk ka të tillë")
    desk.has_no_barrier_at_any_size()
    ContractFactory.create_batch(22, owner_name="Yllka Tejetgjatë-Mbiemrimadh", status="suspended")
    search_for(desk, "yllka")
    desk.has_no_barrier_at_any_size()
    desk.press(desk.page.locator("nav a.btn"))
    desk.has_no_barrier_at_any_size()


@pytest.mark.parametrize("role", [STORE_CLERK, STORE_MANAGER, AUDITOR, CARE_AGENT])
def test_the_contract(desk: Desk, role: str) -> None:
    desk.sign_in(staff_member(role))
    for group in (lively_family(), closed_family(), family(), full_month()):
        desk.open_customer(reverse("contract", args=[group.contract_id]))
        for summary in desk.page.locator("summary").all():
            summary.click()
        desk.has_no_barrier_at_any_size()


def test_activating(desk: Desk) -> None:
    desk.sign_in(staff_member(CARE_AGENT))
    group, _ = family_with_leader()
    looked_at(desk, reverse("activate_on_behalf", args=[group.pk]))
    check(desk)
    desk.has_no_barrier_at_any_size()
    choose(desk, group, "S1000")
    check(desk, call="C-2026-118", reason="telefonoi 130")
    desk.has_no_barrier_at_any_size()
    confirm(desk)
    desk.page.locator(".reference").wait_for()
    desk.has_no_barrier_at_any_size()


def test_an_activation_that_is_refused(desk: Desk) -> None:
    desk.sign_in(staff_member(CARE_AGENT))
    group, _ = family_with_leader()
    choose(desk, group, "S1000")
    check(desk, call="C-2026-118", reason="telefonoi 130")
    for package in ("S2000", "S2000", "S2000"):  # 5,400 of 6,500, spent while the page was open
        activated(group, 1, package)
    activated(group, 1, "S700")
    confirm(desk)
    desk.page.locator(".note.no").wait_for()
    desk.has_no_barrier_at_any_size()
    looked_at(desk, reverse("activate_on_behalf", args=[full_month().pk]))
    looked_at(desk, reverse("activate_on_behalf", args=[family().pk]))


def test_asking_the_fixed_leader_first(desk: Desk) -> None:
    desk.sign_in(staff_member(STORE_CLERK))
    group, _ = family_with_leader()
    looked_at(desk, reverse("set_ask_above", args=[group.pk]))
    check(desk)
    desk.has_no_barrier_at_any_size()
    check(desk, above_lek="600", call="C-2026-118", reason="telefonoi nga numri i kontaktit")
    desk.has_no_barrier_at_any_size()
    confirm(desk)
    desk.page.locator(".note.yes").wait_for()
    desk.sign_in(staff_member(CARE_AGENT))
    choose(desk, group, "S1000")
    desk.has_no_barrier_at_any_size()
    check(desk, call="C-2026-118", reason="telefonoi 130")
    desk.has_no_barrier_at_any_size()
    confirm(desk)
    desk.page.locator(".note.yes").wait_for()
    desk.has_no_barrier_at_any_size()


def test_questions_and_complaints(desk: Desk) -> None:
    desk.sign_in(staff_member(CARE_AGENT))
    charge = activated(family_with_leader()[0], 1, "S1000").charge
    looked_at(desk, reverse("take_down_question", args=[charge.pk]))
    check(desk)
    desk.has_no_barrier_at_any_size()
    check(desk, text="Kush e bleu këtë paketë?", reason="telefonoi 130")
    desk.has_no_barrier_at_any_size()
    confirm(desk)
    desk.page.locator(".note.yes").wait_for()
    desk.has_no_barrier_at_any_size()
    question = charge.disputes.get()
    for act in ("make_complaint", "answer_question", "close_question"):
        looked_at(desk, reverse(act, args=[question.pk]))
    looked_at(desk, reverse("answer_question", args=[question.pk]))
    check(desk, text="E kërkoi djali juaj me telefon.")
    desk.has_no_barrier_at_any_size()
    confirm(desk)
    desk.page.locator(".note.yes").wait_for()
    desk.has_no_barrier_at_any_size()
    late = timezone.now() - timedelta(days=20)
    other = activated(family_with_leader()[0], 1, "S700").charge
    overdue = disputes.ask(charge=other, text="Po kjo?", key="1", at=late)
    disputes.make_complaint(dispute=overdue, text="Nuk pajtohem.", key="2", at=late)
    looked_at(desk, "/admin/questions/")
    looked_at(desk, reverse("question", args=[overdue.pk]))
    for standing in Dispute.objects.standing():
        disputes.close(dispute=standing, at=timezone.now())
    looked_at(desk, "/admin/questions/")


def test_a_locked_phone_channel(desk: Desk) -> None:
    desk.sign_in(staff_member(STORE_CLERK))
    _group, leader = family_with_leader()
    phone_pin.set_pin(
        proof=payers_word(leader.group.contract, timezone.now()),
        leader=leader,
        pin="8305",
        at=timezone.now(),
    )
    for _ in range(3):
        with pytest.raises(Refusal):
            phone_pin.check(leader=leader, pin="4711", at=timezone.now())
    desk.open_customer(reverse("contract", args=[leader.group.contract_id]))
    desk.has_no_barrier_at_any_size()


def test_the_calls_in_figures(desk: Desk) -> None:
    began = timezone.now()
    path = ["arriving", "members", "looking"]
    PhoneCall.objects.create(
        adapter="sip",
        call_id="figures",
        began_at=began,
        ended_at=began,
        end="hung_up",
        path=path,
        left_at="looking",
        outcome="refused",
        refusal="over_the_members_limit",
    )
    desk.sign_in(staff_member(CARE_AGENT))
    looked_at(desk, reverse("call_figures"))
    looked_at(desk, reverse("call_figures") + "?period=1999-01")


# --- the registers -----------------------------------------------------------------------


def test_every_register_and_a_record_of_each(desk: Desk) -> None:
    lively_family()
    closed_family()
    person(CARE_AGENT)
    desk.sign_in(staff_member(AUDITOR))
    for model, register in admin.site._registry.items():
        meta = model._meta
        looked_at(desk, reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
        record = register.model._default_manager.order_by("-pk").first()
        if record is not None:
            path = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])
            looked_at(desk, path)


def test_a_refused_activation_is_read_in_its_words(desk: Desk) -> None:
    lively_family()
    desk.sign_in(staff_member(AUDITOR))
    refused = RefusedActivation.objects.latest("pk")
    looked_at(desk, reverse("admin:klikon_refusedactivation_change", args=[refused.pk]))


def test_looking_after_the_staff(desk: Desk) -> None:
    desk.sign_in(staff_member(ADMINISTRATOR))
    other = person(CARE_AGENT)
    looked_at(desk, reverse("admin:accounts_user_change", args=[other.pk]))
    looked_at(desk, reverse("admin:accounts_user_add"))
    desk.press(desk.page.locator("main button").first)
    desk.has_no_barrier_at_any_size()
    for act in ("disable", "enable", "role", "second-factor"):
        looked_at(desk, reverse("admin:accounts_user_act", args=[other.pk, act]))
    looked_at(desk, reverse("admin:accounts_user_act", args=[other.pk, "password"]))
    desk.page.locator("[name=reason]").fill("e harroi")
    desk.press(desk.page.locator("main button").first)
    desk.page.locator(".code").wait_for()
    desk.has_no_barrier_at_any_size()


# --- what went wrong ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"), [("/admin/accounts/user/add/", 403), ("/nuk-ka-te-tille/", 404)]
)
def test_a_page_that_is_not_for_one_says_so(desk: Desk, path: str, status: int) -> None:
    desk.sign_in(staff_member(CARE_AGENT))
    looked_at(desk, path, status)
