"""What stands behind a charge: asked by billing, which knows no product."""

from billing.models import Charge
from klikon.models import Activation


def of_charge(charge: Charge) -> Activation | None:
    """The activation that posted this charge; None when another product did."""
    return Activation.objects.filter(charge=charge).first()
