"""Order a package from the prepaid charging system: one job, in the activation's transaction."""

from procrastinate.contrib.django import app

from klikon.models import Activation

QUEUE = "provisioning"
TASK = "klikon.provisioning.deliver"


def order(activation: Activation) -> None:
    """Write the job that delivers this activation; its reference is the key on the other side."""
    app.configure_task(TASK, allow_unknown=True, queue=QUEUE).defer(reference=activation.reference)
