"""Make numbered forms in advance, for the day when the printer fails."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from klikon.desk.models import Blank
from klikon.models import Declaration
from klikon.papers import declaration, typeset
from superfamilja.accounts.models import Store, User
from superfamilja.audit import acts

AT_ONCE = 50
_LINE = "_" * 46


@transaction.atomic
def make_blanks(*, store: Store, count: int, actor: User, at: datetime) -> list[Blank]:
    """Make numbers for that many blank forms of this shop, at most AT_ONCE."""
    made = Blank.objects.bulk_create(
        Blank(store=store, printed_at=at, printed_by=actor, seal=typeset.new_seal())
        for _n in range(min(count, AT_ONCE))
    )
    acts.record(
        "print_blanks",
        actor=actor,
        at=at,
        store=store.code,
        numbers=", ".join(blank.number for blank in made),
    )
    return made


def drawn(blanks: list[Blank]) -> bytes:
    """Return the PDF of these forms, one a page, to be filled in by hand."""
    return typeset.compiled(*(_form(blank) for blank in blanks))


def unused(store: Store) -> int:
    """Return how many blank forms of this shop are left."""
    return Blank.objects.filter(store=store, paper=None).count()


def signed_as(declaration: Declaration) -> Blank | None:
    """Return the blank form that the customer signed in place of a print, or None."""
    signed = Blank.objects.filter(paper__draft__declaration=declaration, paper__voided_at=None)
    return signed.select_related("store").first()


def _form(blank: Blank) -> dict[str, object]:
    shop = f"{blank.store.name}, {blank.store.place}"
    empty = [
        _("Contract"),
        _("Fixed Leader"),
        _("Document"),
        _("Number of the power of attorney"),
        _("Request"),
        _("Member"),
        _("Mobile number"),
        _("Date"),
        _("Served by"),
    ]
    return typeset.paper(
        title=_("Request to Klik-ON, filled in by hand"),
        reference=blank.number,
        seal=blank.seal,
        footer="Klik-ON",
        parts=[
            typeset.part(_("What is asked for"), (_("Shop"), shop), *((n, _LINE) for n in empty))
        ],
        sentences=[
            _(
                "Request: Declaration for the choice of the Mobile Leader, revoke, stop for now, "
                "allow again, open or close the group, add or remove a member, change the contact "
                "mobile, PIN, question."
            ),
            _(
                "A Mobile Leader may activate Super packages for every member of the group, on the "
                "next fixed bill, up to the monthly cap of the terms. The Fixed Leader can stop or "
                "revoke him at any moment: in the portal, by calling 130 from the contact mobile, "
                "or in any shop."
            ),
        ],
        signatures=[_("Fixed Leader"), declaration.FOR_THE_OPERATOR],
    )
