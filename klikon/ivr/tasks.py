"""Background jobs of 130 for procrastinate's worker."""

from procrastinate.contrib.django import app

from klikon.ivr.voice import sounds

QUEUE = "housekeeping"


@app.periodic(cron="29 3 * * *")
@app.task(
    name="klikon.ivr.forget_old_sounds",
    queue=QUEUE,
    queueing_lock="forget_old_sounds",
    pass_context=False,
)
def forget_old_sounds(timestamp: int) -> None:
    """Remove spoken names and amounts a week after their last use."""
    sounds.forget_old()
