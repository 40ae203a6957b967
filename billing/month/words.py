"""Name the figures of a month, and format them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.month.figures import Figures
from superfamilja.values.lek import grouped, lek

FIGURE_WORDS: dict[str, str | Promise] = {
    "charges": _("Charges"),
    "charged_lek": _("Total charged"),
    "activations": _("Activations, unreversed"),
    "reversals": _("Reversals"),
    "reversed_lek": _("Reversed"),
    "credits": _("Credits"),
    "credited_lek": _("Credited"),
    "carried_out": _("Charges carried to a later bill"),
    "carried_out_lek": _("Carried to a later bill"),
    "carried_in": _("Charges carried in from earlier months"),
    "carried_in_lek": _("Carried in from earlier months"),
    "parked": _("Parked entries"),
    "parked_lek": _("On the parked entries"),
    "entries": _("Entries"),
    "bills_lek": _("On the fixed bills"),
}

# Names of the entry's own columns, for entries that disagree with their lines.
ENTRY_WORDS: dict[str, str | Promise] = {
    "spent": _("spent"),
    "adjusted": _("credits"),
    "carried_out": _("carried out"),
    "carried_in": _("carried in"),
}


def shown_figure(name: str, figures: Figures) -> str:
    """Return an amount with Lek, a count without."""
    value: int = getattr(figures, name)
    return lek(value) if name.endswith("_lek") else grouped(value)


def difference(name: str, figures: Figures) -> str:
    """Return the figure with its direction: +500 Lekë, −500 Lekë."""
    words = shown_figure(name, figures)
    if getattr(figures, name) > 0:
        return f"+{words}"
    return words.replace("-", "−")
