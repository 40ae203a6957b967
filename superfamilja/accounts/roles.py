"""The roles of staff and what each may do. One table, applied after every migrate."""

from django.apps.registry import Apps
from django.utils.translation import gettext_noop

READ_CUSTOMERS = (
    "groups.view_contract",
    "groups.view_group",
    "groups.view_membership",
    "groups.view_termsversion",
    "groups.view_termsbinding",
    "groups.view_contactchange",
    "klikon.view_package",
    "klikon.view_declaration",
    "klikon.view_leaderassignment",
    "klikon.view_activation",
    "klikon.view_promotion",
    "klikon.view_ownlimit",
    "klikon.view_askabove",
    "klikon.view_waitingrequest",
    "ivr.view_phonecall",
    "billing.view_dispute",
    "outbox.view_outgoingmessage",
    "provisioning.view_order",
)
READ_MONEY = (
    "billing.view_billentry",
    "billing.view_charge",
    "billing.view_billmonth",
    "billing.view_reversal",
    "billing.view_credit",
    "billing.view_carriedcharge",
    "billing.view_parkedentry",
    "billing.view_issuedfile",
    "comparison.view_comparedorder",
)
READ_TRAIL = (
    "audit.view_act",
    "desk.view_draft",
    "desk.view_dayend",
    "klikon.view_refusedactivation",
    "klikon.view_leaderfreeze",
    "provisioning.view_unknowncallback",
    "groups.view_baseimport",
    "groups.view_contractevent",
    "groups.view_groupevent",
    "groups.view_membershipevent",
    "accounts.view_userevent",
    "accounts.view_user",
    "accounts.view_store",
)
SERVE_GROUPS = ("groups.serve_groups", "klikon.record_declaration", "klikon.freeze_leader")
CORRECT_BILLS = (
    "billing.give_credit",
    "billing.reverse_charge",
    "billing.resolve_parked",
    "provisioning.decide_order",
    "provisioning.view_unknowncallback",
    "klikon.correct_price",
    "comparison.end_line",
)
RELEASE = "groups.release_tries"
TAKE_DOWN = "billing.take_down_question"
ANSWER = (TAKE_DOWN, "billing.answer_question")

CARE_AGENT = gettext_noop("care agent")
STORE_CLERK = gettext_noop("store clerk")
STORE_MANAGER = gettext_noop("store manager")
BILLING_REVIEWER = gettext_noop("billing reviewer")
BILLING_APPROVER = gettext_noop("billing approver")
AUDITOR = gettext_noop("auditor")
ADMINISTRATOR = gettext_noop("administrator")

IN_A_STORE = (STORE_CLERK, STORE_MANAGER)

PERMISSIONS: dict[str, tuple[str, ...]] = {
    CARE_AGENT: (
        *READ_CUSTOMERS,
        *READ_MONEY,
        "klikon.activate_on_behalf",
        "klikon.freeze_leader",
        "billing.give_credit",
        *ANSWER,
    ),
    STORE_CLERK: (*READ_CUSTOMERS, *SERVE_GROUPS, TAKE_DOWN),
    STORE_MANAGER: (
        *READ_CUSTOMERS,
        *SERVE_GROUPS,
        *READ_MONEY,
        TAKE_DOWN,
        "audit.view_act",
        "desk.approve_declaration",
        RELEASE,
    ),
    BILLING_REVIEWER: (
        *READ_CUSTOMERS,
        *READ_MONEY,
        *CORRECT_BILLS,
        *ANSWER,
        "billing.close_month",
        "billing.export_month",
    ),
    BILLING_APPROVER: (
        *READ_CUSTOMERS,
        *READ_MONEY,
        *CORRECT_BILLS,
        "billing.approve_month",
        "billing.export_month",
    ),
    AUDITOR: (*READ_CUSTOMERS, *READ_MONEY, *READ_TRAIL),
    ADMINISTRATOR: (
        # Looks after people and reads what they did; neither sells, nor serves, nor bills.
        *READ_CUSTOMERS,
        *READ_MONEY,
        *READ_TRAIL,
        RELEASE,
        "accounts.add_user",
        "accounts.change_user",
        "accounts.add_store",
        "accounts.change_store",
    ),
}

# What a person may do without a second administrator having looked at their account. Every other
# act is a decision, also one that is added tomorrow: it approves, credits or administers (R35).
ORDINARY = frozenset({*SERVE_GROUPS, *ANSWER, "klikon.activate_on_behalf", "billing.export_month"})


def is_decision(permission: str) -> bool:
    """Whether this permission approves, credits or administers: not reading, not ordinary."""
    return ".view_" not in permission and permission not in ORDINARY


def role_decides(role: str) -> bool:
    """Whether accounts with this role approve, credit or administer."""
    return any(map(is_decision, PERMISSIONS[role]))


def apply_roles(apps: Apps) -> None:
    """Make the groups of Django's auth say exactly what PERMISSIONS says."""
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    known = {
        f"{p.content_type.app_label}.{p.codename}": p
        for p in permission_model.objects.select_related("content_type")
    }
    for role, names in PERMISSIONS.items():
        group, _created = group_model.objects.get_or_create(name=role)
        group.permissions.set([known[name] for name in names])
