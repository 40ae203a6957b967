"""Order a package from the prepaid charging system: one job, in the activation's transaction.

What is ordered is the package of the shop itself, at once (R7).
"""

from superfamilja.database import prepared

QUEUE = "provisioning"
TASK = "klikon.provisioning.deliver"

# What procrastinate's own `defer` sends, but planned once a connection and without waiting for the
# job's number, so that it travels with its neighbours. A test compares the two.
_DEFER = """
SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
    %(queue)s, %(task)s, 0, NULL, NULL, jsonb_build_object('reference', %(reference)s::text), NULL
)::procrastinate_job_to_defer_v1])
"""


def order(reference: str) -> None:
    """Write the job that delivers this activation; its reference is the key on the other side."""
    with prepared() as cursor:
        cursor.execute(_DEFER, {"queue": QUEUE, "task": TASK, "reference": reference})
