"""The order to the charging system is the job that procrastinate itself would have written."""

from typing import Any

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from klikon.provisioning import orders

pytestmark = pytest.mark.django_db


def last_job() -> dict[str, Any]:
    """The newest job and its events, but for their numbers."""
    job = ProcrastinateJob.objects.values().latest("id")
    events = ProcrastinateEvent.objects.filter(job_id=job.pop("id")).values("type", "at")
    return {**job, "events": list(events)}


def test_the_order_is_what_procrastinates_own_defer_writes() -> None:
    orders.order("KN-7QX4-PWR2")
    ours = last_job()
    app.configure_task(
        "klikon.provisioning.deliver", allow_unknown=True, queue="provisioning"
    ).defer(reference="KN-7QX4-PWR2")
    assert ProcrastinateJob.objects.count() == 2
    assert ours == last_job()
    assert ours["args"] == {"reference": "KN-7QX4-PWR2"}
    assert [event["type"] for event in ours["events"]] == ["deferred"]
