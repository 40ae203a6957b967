"""Close months on request, by procrastinate's worker."""

from procrastinate.contrib.django import app

from billing.month import close_requests
from superfamilja.clock import portal_clock
from superfamilja.epoch import standing

QUEUE = "months"


@app.periodic(cron="* * * * * */2")  # every two seconds
@app.task(name="billing.close_what_was_asked", queue=QUEUE, queueing_lock=QUEUE, pass_context=False)
def close_what_was_asked(timestamp: int) -> None:
    """Carry out what waits. The request itself is the memory: a run that is lost loses nothing."""
    while not standing.why_halted() and close_requests.carry_out_next(portal_clock.now()):
        pass
