"""Files are taken from the watched folder, looked at and loaded by procrastinate's worker."""

from procrastinate.contrib.django import app

from groups.incoming import carrying, inbox, keeping
from superfamilja.clock import portal_clock
from superfamilja.epoch import standing

QUEUE = "files"


@app.periodic(cron="* * * * * */2")  # every two seconds
@app.task(name="groups.carry_files", queue=QUEUE, queueing_lock=QUEUE, pass_context=False)
def carry_files(timestamp: int) -> None:
    """Take and carry out what waits. The register is the memory: a lost run loses nothing."""
    if standing.why_halted():
        return
    inbox.take_inbox(portal_clock.now())
    while not standing.why_halted() and carrying.carry_out_next(portal_clock.now()):
        pass


@app.periodic(cron="17 4 * * *")
@app.task(name="groups.forget_old_files", queue=QUEUE, queueing_lock="forget_old_files")
def forget_old_files(timestamp: int) -> None:
    """Remove files whose time is up; they hold names and numbers."""
    keeping.forget_old(portal_clock.now())
