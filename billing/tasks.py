"""Close months on request, by procrastinate's worker."""

import logging

from procrastinate.contrib.django import app

from billing.answers import inbox
from billing.month import close_requests, laying_out
from billing.reconciliation import comparing
from superfamilja.clock import portal_clock
from superfamilja.epoch import standing

log = logging.getLogger(__name__)

QUEUE = "months"


@app.periodic(cron="* * * * * */2")  # every two seconds
@app.task(name="billing.close_what_was_asked", queue=QUEUE, queueing_lock=QUEUE, pass_context=False)
def close_what_was_asked(timestamp: int) -> None:
    """Carry out what waits. The request itself is the memory: a run that is lost loses nothing."""
    while not standing.why_halted() and close_requests.carry_out_next(portal_clock.now()):
        pass


@app.periodic(cron="* * * * *")
@app.task(
    name="billing.exchange_with_fixed_billing",
    queue=QUEUE,
    queueing_lock="exchange_with_fixed_billing",
    pass_context=False,
)
def exchange_with_fixed_billing(timestamp: int) -> None:
    """Lay out what was issued, and take the answers that came. A missed run loses nothing."""
    try:
        laying_out.lay_out_all(portal_clock.now())
    except OSError:  # a full folder must not keep answers from being read
        log.exception("Issued files could not be laid out; they come again at the next look.")
    inbox.take_what_came(portal_clock.now())


@app.periodic(cron="* * * * * */5")  # every five seconds
@app.task(
    name="billing.compare_the_books",
    queue=QUEUE,
    queueing_lock="compare_the_books",
    pass_context=False,
)
def compare_the_books(timestamp: int) -> None:
    """Compare when somebody asked for it, and when a day has passed. A killed run comes again."""
    comparing.carry_out_next(portal_clock.now())
