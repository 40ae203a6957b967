"""The mobile plans that people know by name. The terms say which of them may join (R20)."""

from django.utils.translation import gettext_lazy as _

PLANS = [
    ("standard_prepaid", _("Standard Prepaid")),
    ("super_riniring", _("Super Riniring")),
    ("other", _("another plan")),
]
