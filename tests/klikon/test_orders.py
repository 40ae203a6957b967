"""An order's job is the one that procrastinate itself would have written."""

from typing import Any

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from klikon.activation.activate import activate
from klikon.models import Channel
from tests.factories import at, family_with_leader

pytestmark = pytest.mark.django_db


def last_job() -> dict[str, Any]:
    """Return the newest job and its events without their numbers."""
    job = ProcrastinateJob.objects.values().latest("id")
    events = ProcrastinateEvent.objects.filter(job_id=job.pop("id")).values("type", "at")
    return {**job, "events": list(events)}


def test_the_order_is_what_procrastinates_own_defer_writes() -> None:
    leader = family_with_leader()[1].member.msisdn
    done = activate(
        leader=leader,
        member=leader,
        package="S700",
        at=at("2026-11-05 14:05"),
        channel=Channel.IVR,
        client="orders",
        key="1",
    )
    ours = last_job()
    app.configure_task(
        "klikon.provisioning.deliver", allow_unknown=True, queue="provisioning"
    ).defer(reference=done.reference)
    assert ProcrastinateJob.objects.count() == 2
    assert ours == last_job()
    assert ours["args"] == {"reference": done.reference}
    assert [event["type"] for event in ours["events"]] == ["deferred"]
