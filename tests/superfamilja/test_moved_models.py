"""A model that moves to another app takes its permissions along (data/moved_models.py)."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.loader import MigrationLoader

from superfamilja.accounts import roles
from superfamilja.accounts.roles import CARE_AGENT
from superfamilja.data.moved_models import move_permissions
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db


def calls() -> Permission:
    return Permission.objects.get(codename="view_phonecall")


def before_the_move() -> Permission:
    """Leave the database as the version before kept it, and return the permission."""
    ContentType.objects.filter(app_label="ivr").update(app_label="klikon")
    return calls()


def upgrade(operation: RunPython | None = None) -> None:
    operation = operation or move_permissions(
        ["CallerLanguage", "PhoneCall"], source="klikon", target="ivr"
    )
    operation.code(apps, None)


def orphans() -> list[str]:
    kinds = ContentType.objects.order_by("app_label", "model")
    return [f"{k.app_label}.{k.model}" for k in kinds if k.model_class() is None]


def test_every_role_keeps_what_it_could_read() -> None:
    kept = before_the_move()
    holders = set(kept.group_set.values_list("name", flat=True))
    upgrade()
    assert calls().pk == kept.pk
    assert set(calls().group_set.values_list("name", flat=True)) == holders
    assert len(holders) == 7
    assert staff_member(CARE_AGENT).has_perm("ivr.view_phonecall")
    assert orphans() == []


def test_control_without_the_move_a_content_type_is_left_over() -> None:
    before_the_move()
    assert orphans() == ["klikon.callerlanguage", "klikon.phonecall"]


def test_a_migrate_that_stopped_halfway_leaves_one_permission() -> None:
    kept = before_the_move()
    newer = ContentType.objects.create(app_label="ivr", model="phonecall")
    theirs = newer.permission_set.create(codename="view_phonecall", name="Can view calls")
    theirs.group_set.add(Group.objects.create(name="a group of their own"))
    upgrade()
    assert calls().pk == kept.pk
    assert kept.group_set.filter(name="a group of their own").exists()
    assert orphans() == []


def test_the_migrations_move_them_and_back() -> None:
    """Run the migration's own operation; afterwards roles can be applied."""
    [move] = [
        operation
        for (app, _name), migration in MigrationLoader(connection).disk_migrations.items()
        for operation in migration.operations
        if app == "klikon" and isinstance(operation, RunPython)
        if getattr(operation.code, "keywords", {}).get("target") == "ivr"
    ]
    kept = calls()
    move.reverse_code(apps, None)
    assert (calls().pk, calls().content_type.app_label) == (kept.pk, "klikon")
    upgrade(move)
    assert (calls().pk, calls().content_type.app_label) == (kept.pk, "ivr")
    roles.apply_roles(apps)
    assert calls().group_set.count() == 7
