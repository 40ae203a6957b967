"""Deliver the outbox in the background: jobs of procrastinate's worker."""

from procrastinate.contrib.django import app

from superfamilja.clock import portal_clock
from superfamilja.messages import delivery

QUEUE = "messages"


@app.periodic(cron="* * * * * */2")  # every two seconds
@app.task(
    name="superfamilja.messages.deliver", queue=QUEUE, queueing_lock=QUEUE, pass_context=False
)
def deliver(timestamp: int) -> None:
    """Deliver what is due. A run that was missed, or runs twice, changes nothing."""
    delivery.deliver_all(portal_clock.now)
