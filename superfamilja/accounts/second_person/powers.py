"""Ask the database whether an account approves, credits or administers (R35)."""

from django.contrib.auth.models import Permission
from django.db.models import Q

from superfamilja.accounts import roles
from superfamilja.accounts.models import User


def decides(user: User) -> bool:
    """Return whether this account holds a permission that decides, even when it is disabled."""
    if user.is_superuser:
        return True
    held = Permission.objects.filter(Q(group__user=user) | Q(user=user))
    names = held.values_list("content_type__app_label", "codename")
    return any(roles.is_decision(f"{app}.{codename}") for app, codename in names)
