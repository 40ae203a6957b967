"""What each role may do, and that there is no other."""

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
        "billing.export_month",
        "billing.give_credit",
        "billing.resolve_parked",
        "billing.reverse_charge",
        "comparison.end_line",
        "klikon.correct_price",
        "provisioning.decide_order",
    },
    "billing approver": {
        "billing.approve_month",
        "billing.export_month",
        "billing.give_credit",
        "billing.resolve_parked",
        "billing.reverse_charge",
        "comparison.end_line",
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


@pytest.mark.parametrize(("role", "acts"), MAY.items())
def test_what_each_role_may_do_besides_reading(role, acts):
    held = staff_member(role).get_all_permissions()
    assert {name for name in held if ".view_" not in name} == acts


def test_there_is_no_other_role():
    assert set(roles.PERMISSIONS) == set(MAY)


def test_a_store_clerk_reads_no_money_but_what_a_question_is_about_and_no_trail():
    held = staff_member(roles.STORE_CLERK).get_all_permissions()
    assert {name for name in held if name.startswith(("billing.", "audit.", "accounts."))} == {
        "billing.take_down_question",
        "billing.view_dispute",
    }
