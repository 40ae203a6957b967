"""The mobile plans that people know by name. Which of them may join is for the terms (R20)."""

from django.utils.translation import gettext_lazy as _

PLANS = [
    ("standard_prepaid", _("Standard Prepaid")),
    ("super_riniring", _("Super Riniring")),
    ("other", _("another plan")),
]
