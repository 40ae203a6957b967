"""Make a small demonstration's world: only the families that its stories name."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from klikon.demonstration.world import families, plan
from klikon.management.commands.demo import BASE, CATALOGUE
from superfamilja.accounts import demonstration

STORIES = {plan.DARDHA, plan.DELLINJA, plan.CREDITED, plan.FAILED, plan.UNKNOWN, plan.PARKED}


def before_the_world(directory: Path) -> None:
    """Make staff, catalogue, and these families without a past."""
    with BASE.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    few = directory / "few.csv"
    with few.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *(row for row in rows if row[0] in STORIES)])
    demonstration.create_staff()
    call_command("import_catalogue", str(CATALOGUE))
    call_command("import_base", str(few))


@pytest.fixture(scope="class")
def world(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Make the world in one transaction for a class's tests, and remove it after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        before_the_world(tmp_path_factory.mktemp("world"))
        families.make(timezone.now())
        yield
        transaction.set_rollback(True)
