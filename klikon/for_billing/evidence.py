"""Return the record behind a charge to billing, which knows no product."""

from billing.models import Charge
from klikon.models import Activation


def of_charge(charge: Charge) -> Activation | None:
    """Return the activation that posted this charge; None when another product did."""
    return Activation.objects.filter(charge=charge).first()
