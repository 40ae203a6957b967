"""Move the permissions of models that move to another app, so that groups keep them."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.migrations import RunPython


def move_permissions(models: Sequence[str], *, source: str, target: str) -> RunPython:
    """Return the operation that renames the content types of these models.

    A permission belongs to its content type, so whoever has `source.view_x` has `target.view_x`
    afterwards. When an interrupted `migrate` already made the content types of `target`, those are
    removed, because people's permissions belong to the old ones.
    """
    names = [model.lower() for model in models]
    return RunPython(
        partial(_rename, names=names, source=source, target=target),
        partial(_rename, names=names, source=target, target=source),
    )


def _rename(
    apps: Any, _schema_editor: Any, *, names: Sequence[str], source: str, target: str
) -> None:
    kinds = apps.get_model("contenttypes", "ContentType").objects
    for kind in kinds.filter(app_label=source, model__in=names):
        for newer in kinds.filter(app_label=target, model=kind.model):
            _give_way(newer, kind)
        kind.app_label = target
        kind.save(update_fields=["app_label"])


def _give_way(newer: Any, kind: Any) -> None:
    for permission in newer.permission_set.all():
        for kept in kind.permission_set.filter(codename=permission.codename):
            kept.group_set.add(*permission.group_set.all())
            kept.user_set.add(*permission.user_set.all())
    newer.delete()
