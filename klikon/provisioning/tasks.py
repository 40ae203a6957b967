"""Deliver orders by procrastinate's worker: each by its job, and all due ones every few seconds."""

from procrastinate.contrib.django import app

from klikon.provisioning import delivery
from klikon.provisioning.orders import QUEUE, TASK
from superfamilja.clock import portal_clock


@app.task(name=TASK, queue=QUEUE)
def deliver(reference: str) -> None:
    """Deliver one order now. A second time, or too early, does nothing."""
    delivery.deliver(reference, portal_clock.now)


@app.periodic(cron="* * * * * */2")  # every two seconds
@app.task(
    name="klikon.provisioning.look_after",
    queue=QUEUE,
    queueing_lock="look_after",
    pass_context=False,
)
def look_after(timestamp: int) -> None:
    """Deliver what is due: waits that are over, questions, and what a killed worker left."""
    delivery.deliver_due(portal_clock.now)
