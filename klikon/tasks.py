"""Background jobs of klikon for procrastinate's worker."""

from procrastinate.contrib.django import app

from klikon.payer import asking
from superfamilja.clock import portal_clock

QUEUE = "asking"


@app.periodic(cron="* * * * *")
@app.task(
    name="klikon.tell_of_requests_that_ended", queue=QUEUE, queueing_lock=QUEUE, pass_context=False
)
def tell_of_requests_that_ended(timestamp: int) -> None:
    """R28: the leaders of requests that nobody answered hear it. A missed run changes nothing."""
    asking.record_what_time_has_ended(portal_clock.now())
