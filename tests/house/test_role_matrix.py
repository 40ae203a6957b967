"""Try every role and a stranger on every page: open, refused, or the sign-in, by this table."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone
from pytest_django import Settings

from billing import disputes
from billing.answers import taking
from billing.models import Discrepancy
from billing.month import export
from groups.incoming import keeping, receiving
from groups.incoming.models import FileKind, IncomingFile
from klikon.activation.activate import activate
from klikon.activation.refusals import ActivationRefused
from klikon.desk import urls as desk_urls
from klikon.models import Activation, Channel
from klikon.payer import asking, limits
from klikon.provisioning.models import Order, UnknownCallback
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import (
    ADMINISTRATOR,
    AUDITOR,
    BILLING_APPROVER,
    BILLING_REVIEWER,
    CARE_AGENT,
    STORE_CLERK,
    STORE_MANAGER,
)
from superfamilja.epoch.models import Halt
from tests.accounts import administrators
from tests.factories import family_with_leader
from tests.house.test_family_matrix import FAMILY, OPEN_TO_ALL
from tests.signing_in import shop, sign_in, staff_member
from tests.staff import months

CARE, CLERK, MANAGER = CARE_AGENT, STORE_CLERK, STORE_MANAGER
REVIEWER, APPROVER, ADMIN = BILLING_REVIEWER, BILLING_APPROVER, ADMINISTRATOR
EVERYONE = {CARE, CLERK, MANAGER, REVIEWER, APPROVER, AUDITOR, ADMIN}
STORE = {CLERK, MANAGER}
MONEY = {CARE, MANAGER, REVIEWER, APPROVER, AUDITOR, ADMIN}
BILLING = {REVIEWER, APPROVER}
TRAIL = {AUDITOR, ADMIN}

INCOMING_ACTS = ("confirm_file", "agree_to_file", "retry_file", "discard_file", "undo_file")

# Who may open which page of staff. A new address needs a line here or in the tables below.
DESK = {
    "admin:index": EVERYONE,
    "admin:app_list": EVERYONE,
    "admin:jsi18n": EVERYONE,
    "search": EVERYONE,
    "contract": EVERYONE,
    "timeline": EVERYONE,
    "tries": {MANAGER, ADMIN},
    "release_tries": {MANAGER, ADMIN},
    "stop_leader": {CARE, *STORE},
    "number_changed": {CARE, *STORE},
    "set_limit": {CARE, *STORE},
    "set_ask_above": {CARE, *STORE},
    "dispute_contact": {CARE, *STORE},
    "catalogue": EVERYONE,
    "correct_price": BILLING,
    "call_figures": EVERYONE,
    "calls_moved": EVERYONE,
    "incoming_files": {*BILLING, *TRAIL},
    "incoming_file": {*BILLING, *TRAIL},
    "incoming_rows": BILLING,
    "incoming_rejects": BILLING,
    **dict.fromkeys(INCOMING_ACTS, BILLING),
    "activate_on_behalf": {CARE},
    "activation_done": {CARE},
    "give_credit": {CARE, *BILLING},
    "reverse_charge": BILLING,
    "months": MONEY,
    "month": MONEY,
    "close_month": {REVIEWER},
    "cancel_close": {REVIEWER},
    "approve_month": {APPROVER},
    "issue_month": BILLING,
    "draft_month": BILLING,
    "issued_file": BILLING,
    "issued_checksum": BILLING,
    "after_restore": MONEY,
    "crm_events": MONEY,
    **dict.fromkeys(
        ("propose_ending", "confirm_endings", "propose_end_of_halt", "end_halt"), BILLING
    ),
    "parked_list": MONEY,
    "parked_entry": MONEY,
    "recount_parked": BILLING,
    "propose_parked": BILLING,
    "accept_parked": BILLING,
    "send_parked_again": BILLING,
    "credit_parked": BILLING,
    "answers": MONEY,
    "answer": MONEY,
    **dict.fromkeys(
        ("take_answer", "answer_file", "read_answer_again", "look_into_answer"), BILLING
    ),
    "reconciliation": MONEY,
    "discrepancy": MONEY,
    **dict.fromkeys(
        (
            "compare_books_now",
            "take_discrepancy",
            "propose_discrepancy",
            "accept_discrepancy",
            "set_entry_right",
            "settle_delivered",
        ),
        BILLING,
    ),
    "contract_bill": MONEY,
    "contract_bill_file": MONEY,
    "questions": EVERYONE,
    "question": EVERYONE,
    "take_down_question": {CARE, REVIEWER, *STORE},
    "make_complaint": {CARE, REVIEWER, *STORE},
    "answer_question": {CARE, REVIEWER},
    "close_question": {CARE, REVIEWER},
    "mark_order_done": BILLING,
    "reverse_order": BILLING,
    "ask_order_again": BILLING,
    "close_callback": BILLING,
    "admin:accounts_user_add": {ADMIN},
    "admin:accounts_user_act": {ADMIN},
    "account_requests": {ADMIN},
    "account_request": {ADMIN},
    "end_account_request": {ADMIN},
    "admin:accounts_store_add": {ADMIN},
    "admin:accounts_store_act": {ADMIN},
}
# Who may read which register: its list and its records.
REGISTERS = {
    "accounts_user": TRAIL,
    "accounts_store": TRAIL,
    "audit_act": {*TRAIL, MANAGER},
    "outbox_outgoingmessage": EVERYONE,
    "groups_contract": EVERYONE,
    "groups_contactchange": EVERYONE,
    "groups_group": EVERYONE,
    "groups_membership": EVERYONE,
    "groups_termsversion": EVERYONE,
    "groups_baseimport": TRAIL,
    "billing_billmonth": MONEY,
    "billing_billentry": MONEY,
    "billing_charge": MONEY,
    "billing_reversal": MONEY,
    "billing_credit": MONEY,
    "billing_carriedcharge": MONEY,
    "billing_dispute": EVERYONE,
    "klikon_package": EVERYONE,
    "klikon_activation": EVERYONE,
    "klikon_refusedactivation": TRAIL,
    "klikon_declaration": EVERYONE,
    "klikon_leaderassignment": EVERYONE,
    "klikon_leaderfreeze": TRAIL,
    "provisioning_order": EVERYONE,
    "provisioning_unknowncallback": {*BILLING, *TRAIL},
    "klikon_promotion": EVERYONE,
    "klikon_ownlimit": EVERYONE,
    "klikon_askabove": EVERYONE,
    "klikon_waitingrequest": EVERYONE,
    "ivr_phonecall": EVERYONE,
    "desk_draft": TRAIL,
    "desk_dayend": TRAIL,
}
# The sign-in: open to people at that step, and no part of the desk (tests/accounts).
DOOR = {
    "set_language",
    "account_login",
    "mfa_authenticate",
    "account_logout",
    "staff_sign_out_everywhere",
    "staff_choose_store",
    "staff_account_notices",
    "account_change_password",
    "staff_set_up_second_factor",
    "mfa_reauthenticate",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "admin:login",
    "admin:logout",
}
# Called by machines, which sign their messages (tests/klikon/provisioning/test_callbacks.py).
MACHINES = {"charging_callback", "sms_receipt", "crm_callback"}
# Open to everybody, in a demonstration only (tests/klikon/demonstration).
DEMONSTRATION = {
    "demo",
    "demo_live",
    "demo_switch",
    "demo_at_once",
    "demo_phone",
    "demo_phone_live",
    "demo_payer",
    "demo_payer_live",
    "demo_call",
    "demo_call_dial",
    "demo_call_key",
    "demo_call_sound",
}
# Addresses without a name: redirects from the admin's sign-in to ours, and missing pages.
NAMELESS = {"admin/login/", "admin/(?P<url>.*)$"}

PAGES = DESK | {
    f"admin:{register}_{page}": readers
    for register, readers in REGISTERS.items()
    for page in ("changelist", "change")
}


def addresses() -> Iterator[tuple[str, str]]:
    """Return name and pattern of everything that the portal answers to."""

    def below(patterns: list[object], route: str, space: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            here = route + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                yield (f"{space}{pattern.name}" if pattern.name else ""), here
            else:
                inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from below(pattern.url_patterns, here, inner)

    yield from below(get_resolver().url_patterns, "", "")


def test_every_address_has_its_line_in_the_table() -> None:
    named = {name for name, _ in addresses() if name}
    desk = {pattern.name for pattern in desk_urls.urlpatterns}  # tests/desk
    elsewhere = DOOR | MACHINES | DEMONSTRATION | set(FAMILY) | OPEN_TO_ALL | desk
    assert named == set(PAGES) | elsewhere
    assert {pattern for name, pattern in addresses() if not name} == NAMELESS


@pytest.fixture
def paths() -> dict[str, str]:
    """Return the address of every page, with a record that exists for a family."""
    group, leading = family_with_leader()
    done = activated("S700", leading.member.msisdn)
    with pytest.raises(ActivationRefused):
        activated("S400", leading.member.msisdn)
    order = Order.objects.get(activation=done)
    kept = UnknownCallback.objects.create(received_at=timezone.now(), message_id="m1")
    limits.set_limit(group=group, limit_lek=2000, at=timezone.now())
    asking.set_ask_above(group=group, above_lek=600, at=timezone.now())
    activated("S1000", leading.member.msisdn)  # it waits for the payer
    asked = disputes.ask(charge=done.charge, text="Who?", key="1", at=timezone.now())
    about_it = ("question", "answer_question", "make_complaint", "close_question")
    ids = {
        "stop_leader": leading.pk,
        "number_changed": leading.pk,
        "set_limit": group.pk,
        "dispute_contact": group.contract_id,
        "correct_price": done.package_id,
        "contract": group.contract_id,
        "timeline": group.contract_id,
        "set_ask_above": group.pk,
        "activate_on_behalf": group.pk,
        "activation_done": done.pk,
        **dict.fromkeys(("mark_order_done", "reverse_order", "ask_order_again"), order.pk),
        "close_callback": kept.pk,
        **dict.fromkeys(about_it, asked.pk),
        "take_down_question": done.charge_id,
        "give_credit": done.charge_id,
        "reverse_charge": done.charge_id,
        **dict.fromkeys(
            ("month", "close_month", "cancel_close", "approve_month", "issue_month", "draft_month"),
            months.NUMBER,
        ),
    }
    parked = months.parked().pk
    ids |= dict.fromkeys(
        ("parked_entry", "recount_parked", "propose_parked", "accept_parked"), parked
    )
    found = Discrepancy.objects.create(
        kind="no_order",
        key="K",
        moment=timezone.now(),
        ours={},
        theirs={},
        first_seen_at=timezone.now(),
        last_seen_at=timezone.now(),
    ).pk
    about_it = ("discrepancy", "take_discrepancy", "propose_discrepancy", "accept_discrepancy")
    ids |= dict.fromkeys(about_it, found)
    ids |= {"set_entry_right": done.charge.entry_id, "settle_delivered": order.pk}
    ids |= dict.fromkeys(("send_parked_again", "credit_parked"), parked)
    answer = taking.take_answer(content=b"nonsense", name="a.csv", at=timezone.now()).answer.pk
    ids |= dict.fromkeys(("answer", "answer_file", "read_answer_again", "look_into_answer"), answer)
    months.approved()
    (issued,) = export.issue(months.OCTOBER, at=timezone.now(), actor=None, reason="")
    ids |= {"issued_file": issued.pk, "issued_checksum": issued.pk}
    halt = Halt.objects.create(noticed_at=timezone.now(), why="reloaded").pk
    about_it = ("propose_ending", "confirm_endings", "propose_end_of_halt", "end_halt")
    ids |= dict.fromkeys(about_it, halt)
    found = {name: reverse(name, args=[pk]) for name, pk in ids.items()}
    for name in ("contract_bill", "contract_bill_file"):
        found[name] = reverse(name, args=[group.contract_id, months.NUMBER])
    someone = staff_member(AUDITOR).pk
    came_in = incoming_file().pk
    about_it = ("incoming_file", "incoming_rows", "incoming_rejects", *INCOMING_ACTS)
    found |= {name: reverse(name, args=[came_in]) for name in about_it}
    waiting = administrators.asked(REVIEWER).pk
    for name in ("account_request", "end_account_request"):
        found[name] = reverse(name, args=[waiting])
    found["admin:accounts_user_act"] = reverse("admin:accounts_user_act", args=[someone, "disable"])
    found["admin:accounts_store_act"] = reverse(
        "admin:accounts_store_act", args=[shop().pk, "shut"]
    )
    found["calls_moved"] = reverse("calls_moved", args=[""])
    found["release_tries"] = reverse("release_tries", args=["person", someone])
    found["admin:app_list"] = reverse("admin:app_list", args=["klikon"])
    for register in REGISTERS:
        record = apps.get_model(*register.split("_"))._default_manager.first()
        change = f"admin:{register}_change"
        found[change] = reverse(change, args=[record.pk if record else 1])
    return {name: found.get(name) or reverse(name) for name in PAGES}


def incoming_file() -> IncomingFile:
    """A file that came in, with rejected rows to download."""
    kept = keeping.keep([b"rows\n#rows=1\n"])
    keeping.path_of_hash(kept.sha256).with_suffix(".mend.csv").write_text("rows\n")
    return receiving.receive_file(
        kept=kept, name="crm.csv", kind=FileKind.SUBSCRIBERS, at=timezone.now()
    )


def activated(package: str, leader: str) -> Activation:
    return activate(
        leader=leader,
        member=leader,
        package=package,
        at=timezone.now(),
        channel=Channel.IVR,
        client="matrix",
        key=package,
    )


def answer(client: Client, path: str) -> str:
    """Return what a page answers: open (or leading to another page), refused, or the sign-in."""
    response = client.get(path)
    if response.status_code in {403, 404}:
        return "refused"
    if response.status_code == 302 and "login" in response.url:
        return "sign-in"
    return "open" if response.status_code in {200, 302} else str(response.status_code)


@pytest.mark.full
@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_a_role_opens_its_pages_and_no_other(role: str, paths: dict[str, str]) -> None:
    client = sign_in(Client(), staff_member(role))
    found = {name: answer(client, path) for name, path in paths.items()}
    assert found == {name: "open" if role in PAGES[name] else "refused" for name in PAGES}


@pytest.mark.django_db
def test_a_stranger_is_led_to_the_sign_in(paths: dict[str, str]) -> None:
    found = {name: answer(Client(), path) for name, path in paths.items()}
    assert found == dict.fromkeys(PAGES, "sign-in")


@pytest.mark.full
@pytest.mark.django_db
def test_staff_without_a_role_read_nothing_but_the_first_page(paths: dict[str, str]) -> None:
    user = User.objects.create_user("pa-rol", is_staff=True)
    client = sign_in(Client(), user)
    found = {name for name, path in paths.items() if answer(client, path) == "open"}
    assert found == {"admin:index", "admin:jsi18n"}


@pytest.mark.django_db
def test_without_the_gate_each_page_still_asks_for_the_second_factor(
    paths: dict[str, str], settings: Settings
) -> None:
    gate = "superfamilja.accounts.sign_in.gate.StaffGate"
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != gate]
    client = Client()
    client.force_login(staff_member(ADMIN))
    found = {name: answer(client, path) for name, path in paths.items()}
    assert found == dict.fromkeys(PAGES, "sign-in")
