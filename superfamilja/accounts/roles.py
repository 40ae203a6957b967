"""List the roles of staff and what each may do: one table, applied after every migrate.

Each app grants the permissions of its own models (its `for_staff.py`, from AppConfig.ready),
because this room does not know the rooms above.
"""

from collections.abc import Iterable, Mapping

from django.apps.registry import Apps
from django.utils.translation import gettext_noop

CARE_AGENT = gettext_noop("care agent")
STORE_CLERK = gettext_noop("store clerk")
STORE_MANAGER = gettext_noop("store manager")
BILLING_REVIEWER = gettext_noop("billing reviewer")
BILLING_APPROVER = gettext_noop("billing approver")
AUDITOR = gettext_noop("auditor")
ADMINISTRATOR = gettext_noop("administrator")

IN_A_STORE = (STORE_CLERK, STORE_MANAGER)
CORRECTS_BILLS = (BILLING_REVIEWER, BILLING_APPROVER)
READS_TRAIL = (AUDITOR, ADMINISTRATOR)
READS_MONEY = (CARE_AGENT, STORE_MANAGER, *CORRECTS_BILLS, *READS_TRAIL)
# Administrators manage people and read what they did; they do not sell, serve or bill.
EVERYBODY = (CARE_AGENT, *IN_A_STORE, *CORRECTS_BILLS, *READS_TRAIL)

PERMISSIONS: dict[str, set[str]] = {role: set() for role in EVERYBODY}
# Permission → (its place on the first page, what it means to the person who has it).
_MAY: dict[str, tuple[int, str]] = {}
# Permissions that need no second administrator's look at the account. All others count as
# decisions, also those added later: they approve, credit or administer (R35).
_ORDINARY: set[str] = set()


def grant(permission: str, to: Iterable[str], *, ordinary: bool = False) -> None:
    """Give a permission to these roles; `ordinary` says that it is no decision (R35)."""
    for role in to:
        PERMISSIONS[role].add(permission)
    if ordinary:
        _ORDINARY.add(permission)


def describe(words: Mapping[str, tuple[int, str]]) -> None:
    """Store the words for an app's permissions, for the people who have them."""
    _MAY.update(words)


def spoken_permissions() -> list[tuple[str, str]]:
    """Return permission and words (not translated yet), in the order of the day's work."""
    ordered = sorted(_MAY.items(), key=lambda entry: entry[1][0])
    return [(permission, words) for permission, (_place, words) in ordered]


def is_decision(permission: str) -> bool:
    """Return whether this permission approves, credits or administers; reading never does."""
    return ".view_" not in permission and permission not in _ORDINARY


def role_decides(role: str) -> bool:
    """Return whether accounts with this role approve, credit or administer."""
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
