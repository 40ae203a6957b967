"""Jobs that look after the jobs, whatever they are for."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

QUEUE = "housekeeping"
SILENT = 30  # seconds without a sign of life after which a worker is given up
KEEP_HOURS = 72


@app.periodic(cron="* * * * * */15")
@app.task(
    name="superfamilja.retry_stalled", queue=QUEUE, queueing_lock="retry_stalled", pass_context=True
)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """A killed worker's jobs stay `doing`: they are given to the living."""
    manager = context.app.job_manager
    await manager.prune_stalled_workers(SILENT)
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT):
        await manager.retry_job(job)


@app.periodic(cron="17 * * * *")
@app.task(
    name="superfamilja.remove_old_jobs",
    queue=QUEUE,
    queueing_lock="remove_old_jobs",
    pass_context=True,
)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:
    """Those that succeeded are removed by the worker at once; the others after three days."""
    await context.app.job_manager.delete_old_jobs(
        KEEP_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
