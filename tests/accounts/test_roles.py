"""Each role may do what the table says, and there is no other role."""

import pytest

from superfamilja.accounts import roles
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db
MAY = {
    "care agent": {
        "klikon.activate_on_behalf",
        "klikon.freeze_leader",
        "billing.answer_question",
        "billing.give_credit",
        "billing.take_down_question",
    },
    "store clerk": {
        "groups.serve_groups",
        "klikon.record_declaration",
        "klikon.freeze_leader",
        "billing.take_down_question",
    },
    "store manager": {
        "groups.serve_groups",
        "desk.approve_declaration",
        "groups.release_tries",
        "klikon.record_declaration",
        "klikon.freeze_leader",
        "billing.take_down_question",
    },
    "billing reviewer": {
        "billing.answer_question",
        "billing.take_down_question",
        "billing.close_month",
        "billing.end_discrepancy",
        "billing.export_month",
        "billing.give_credit",
        "billing.resolve_parked",
        "billing.reverse_charge",
        "billing.take_answer",
        "comparison.end_line",
        "incoming.load_files",
        "klikon.correct_price",
        "provisioning.decide_order",
    },
    "billing approver": {
        "billing.approve_month",
        "billing.end_discrepancy",
        "billing.export_month",
        "billing.give_credit",
        "billing.resolve_parked",
        "billing.reverse_charge",
        "billing.take_answer",
        "comparison.end_line",
        "incoming.load_files",
        "klikon.correct_price",
        "provisioning.decide_order",
    },
    "auditor": set(),
    "administrator": {
        "accounts.add_user",
        "accounts.change_user",
        "accounts.add_store",
        "accounts.change_store",
        "groups.release_tries",
    },
}

CUSTOMERS = {
    "billing.view_dispute",
    "groups.view_contactchange",
    "groups.view_contract",
    "groups.view_group",
    "groups.view_membership",
    "groups.view_termsbinding",
    "groups.view_termsversion",
    "klikon.view_activation",
    "klikon.view_askabove",
    "klikon.view_declaration",
    "klikon.view_leaderassignment",
    "klikon.view_ownlimit",
    "klikon.view_package",
    "ivr.view_phonecall",
    "klikon.view_promotion",
    "klikon.view_waitingrequest",
    "outbox.view_outgoingmessage",
    "provisioning.view_order",
}
MONEY = {
    "billing.view_billentry",
    "billing.view_billinganswer",
    "billing.view_billmonth",
    "billing.view_carriedcharge",
    "billing.view_charge",
    "billing.view_credit",
    "billing.view_discrepancy",
    "billing.view_issuedfile",
    "billing.view_parkedentry",
    "billing.view_reversal",
    "comparison.view_comparedorder",
    "crm.view_crmevent",
}
TRAIL = {
    "accounts.view_store",
    "accounts.view_user",
    "accounts.view_userevent",
    "audit.view_act",
    "desk.view_dayend",
    "desk.view_draft",
    "groups.view_baseimport",
    "groups.view_contractevent",
    "groups.view_groupevent",
    "groups.view_membershipevent",
    "incoming.view_incomingfile",
    "klikon.view_leaderfreeze",
    "klikon.view_refusedactivation",
    "provisioning.view_unknowncallback",
}
BILLING = {"incoming.view_incomingfile", "provisioning.view_unknowncallback"}
READS = {
    "care agent": CUSTOMERS | MONEY,
    "store clerk": CUSTOMERS,
    "store manager": CUSTOMERS | MONEY | {"audit.view_act"},
    "billing reviewer": CUSTOMERS | MONEY | BILLING,
    "billing approver": CUSTOMERS | MONEY | BILLING,
    "auditor": CUSTOMERS | MONEY | TRAIL,
    "administrator": CUSTOMERS | MONEY | TRAIL,
}


@pytest.mark.parametrize(("role", "acts"), MAY.items())
def test_what_each_role_may_do_besides_reading(role, acts):
    held = staff_member(role).get_all_permissions()
    assert {name for name in held if ".view_" not in name} == acts


@pytest.mark.parametrize(("role", "reads"), READS.items())
def test_what_each_role_reads(role, reads):
    held = staff_member(role).get_all_permissions()
    assert {name for name in held if ".view_" in name} == reads


def test_there_is_no_other_role():
    assert set(roles.PERMISSIONS) == set(MAY)


def test_a_store_clerk_reads_no_money_but_what_a_question_is_about_and_no_trail():
    held = staff_member(roles.STORE_CLERK).get_all_permissions()
    assert {name for name in held if name.startswith(("billing.", "audit.", "accounts."))} == {
        "billing.take_down_question",
        "billing.view_dispute",
    }
