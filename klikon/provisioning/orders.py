"""Order a package from the prepaid charging system, in the activation's transaction.

It writes the order and its job. The job makes delivery quick; the order, due until it has an
outcome, makes it certain. It orders the package of the shop itself, at once (R7).
"""

from datetime import datetime

from klikon.provisioning.models import OrderState
from superfamilja.data.database import prepared

QUEUE = "provisioning"
TASK = "klikon.provisioning.deliver"

# The same job as procrastinate's own `defer`, but planned once a connection and without waiting for
# the job's number, so that it travels with its neighbours. A test compares the two.
_ORDER = """
WITH ordered AS (
    INSERT INTO provisioning_order (reference, state, ordered_at, next_at, attempt, maybe_sent,
                                    tries, asks, forgotten)
    VALUES (%(reference)s, %(state)s, %(at)s::timestamptz, %(at)s::timestamptz, 0, false, 0, 0, 0)
)
SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
    %(queue)s, %(task)s, 0, NULL, NULL, jsonb_build_object('reference', %(reference)s::text), NULL
)::procrastinate_job_to_defer_v1])
"""


def order(reference: str, *, at: datetime) -> None:
    """Write the order of this reference (its key on the other side) and its job.

    One statement, which returns nothing.
    """
    with prepared() as cursor:
        cursor.execute(
            _ORDER,
            {
                "reference": reference,
                "state": OrderState.ORDERED,
                "at": at,
                "queue": QUEUE,
                "task": TASK,
            },
        )
