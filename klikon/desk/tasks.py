"""The desk's background jobs for procrastinate's worker."""

from procrastinate.contrib.django import app

from klikon.desk.papers import scanning
from superfamilja.clock import portal_clock

QUEUE = "housekeeping"


@app.periodic(cron="43 * * * *")
@app.task(
    name="klikon.desk.sweep_scans", queue=QUEUE, queueing_lock="sweep_scans", pass_context=False
)
def sweep_scans(timestamp: int) -> None:
    """Files of scans whose row never came are removed."""
    scanning.sweep(portal_clock.now())
