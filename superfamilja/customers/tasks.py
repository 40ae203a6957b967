"""Remove old codes and sessions of families when no limit counts them any more."""

from django.core.management import call_command
from procrastinate.contrib.django import app

from superfamilja.clock import portal_clock
from superfamilja.customers import codes
from superfamilja.epoch import standing
from superfamilja.messages import secrets

QUEUE = "housekeeping"


@app.periodic(cron="* * * * *")
@app.task(name="superfamilja.customers.blank_codes", queue=QUEUE, queueing_lock="blank_codes")
def blank_codes(timestamp: int) -> None:
    """Blank codes in the outbox once their ten minutes are over.

    A missed run changes nothing, and while the database stands still none may run (R36).
    """
    if standing.why_halted():
        return
    secrets.blank_expired()


@app.periodic(cron="23 * * * *")
@app.task(name="superfamilja.customers.tidy", queue=QUEUE, queueing_lock="customers_tidy")
def tidy(timestamp: int) -> None:
    """Old codes, and sessions that are over. Running it twice changes nothing."""
    codes.forget(portal_clock.now())
    call_command("clearsessions", verbosity=0)
