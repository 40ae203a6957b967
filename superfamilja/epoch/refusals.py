"""The refusal of a database that was restored."""

from django.utils.translation import gettext_noop

from superfamilja.refusal import Refusal

# The SQLSTATE that the database itself raises while a halt is open (epoch/migrations).
SQLSTATE = "KN036"


class Halted(Refusal):
    rule = "R36"
    code = "halted"
    sentence = gettext_noop(
        "Klik-ON only reads at the moment: its data are being compared after a restore. Nothing "
        "was activated, charged or sent. Try again later."
    )
