"""What the worker does for 130 by itself: found by procrastinate."""

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
    """Names and amounts that 130 spoke are kept for a week, however long it runs."""
    sounds.forget_old()
