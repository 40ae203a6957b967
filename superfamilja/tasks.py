"""Maintain the jobs themselves, whatever they are for."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

QUEUE = "housekeeping"
SILENT = 30  # seconds without a sign of life, after which a worker counts as dead
KEEP_HOURS = 72


@app.periodic(cron="* * * * * */15")
@app.task(
    name="superfamilja.retry_stalled", queue=QUEUE, queueing_lock="retry_stalled", pass_context=True
)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Give the jobs of a killed worker, which stay `doing`, to the living ones."""
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
    """Remove old jobs after three days; the worker removes successful ones at once."""
    await context.app.job_manager.delete_old_jobs(
        KEEP_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
