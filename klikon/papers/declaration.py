"""The Declaration as a tagged PDF; its bytes are kept with their hash and never change.

It says in both languages who declared, who may do what on which bill, and how it ends.
"""

import hashlib

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from groups import terms
from klikon.models import Declaration, DeclarationChannel, DeclarationPaper
from klikon.papers import typeset
from klikon.payer import limits
from superfamilja.clock import portal_clock
from superfamilja.values import phone
from superfamilja.values.lek import lek

FOR_THE_OPERATOR: typeset.Text = _("For the operator")


def paper_of(declaration: Declaration) -> DeclarationPaper | None:
    """Return the Declaration's paper, always with the same bytes.

    An online one is drawn at the first look. A shop's is the print that was signed. When a numbered
    blank was signed instead, there is no paper and nothing is drawn.
    """
    found = DeclarationPaper.objects.filter(declaration=declaration).first()
    if found or declaration.channel != DeclarationChannel.ONLINE:
        return found
    return keep(declaration, render(declaration))


def keep(declaration: Declaration, content: bytes) -> DeclarationPaper:
    """Keep these bytes as the Declaration's paper, unless it has one."""
    DeclarationPaper.objects.bulk_create(
        [
            DeclarationPaper(
                declaration=declaration,
                content=content,
                sha256=hashlib.sha256(content).hexdigest(),
                made_at=portal_clock.now(),
            )
        ],
        ignore_conflicts=True,  # when two look at once, the first one's bytes stay
    )
    return DeclarationPaper.objects.get(declaration=declaration)


def render(declaration: Declaration, *, masked: bool = False, seal: str = "") -> bytes:
    """Return the bytes of the PDF; the Declaration need not be stored yet.

    `masked` shows only the end of the contract number. `seal` is for a paper that is signed by
    hand.
    """
    contract, member = declaration.contract, declaration.member
    in_force = terms.in_force(declaration.group, declaration.declared_at)
    is_online = declaration.channel == DeclarationChannel.ONLINE
    # Online only its end, because the whole number proves who has the bill
    # (portal/payer/choosing.py).
    number = f"···{contract.number[-3:]}" if masked or is_online else contract.number
    declared = typeset.paper(
        title=_("Declaration for the choice of the Mobile Leader"),
        reference=declaration.reference,
        seal=seal,
        footer=f"Klik-ON · {in_force}",
        parts=[
            typeset.part(
                _("Who declares"),
                (_("Fixed Leader"), contract.owner_name),
                (_("Contract"), number),
                (_("Fixed number"), phone.spoken(contract.fixed_number)),
                (_("Address"), contract.service_address),
                (_("Signed by"), declaration.signatory_name),
            ),
            typeset.part(
                _("Who becomes the Mobile Leader"),
                (_("Member"), member.name),
                (_("Mobile number"), phone.spoken(member.msisdn)),
            ),
            typeset.part(
                _("What the Mobile Leader may do"),
                (_("May"), _("activate Super packages for every member of the group")),
                (_("How"), _("a free call to 130, or the portal")),
                (_("At most a month"), limits.spoken(in_force.cap_lek, in_force)),
                (_("Price"), f"−{lek(in_force.discount_lek)}"),
                (_("Paid"), _("with the next fixed bill, as one total")),
            ),
            typeset.part(_("When and how it was declared"), *_how(declaration)),
        ],
        sentences=[
            _(
                "The Fixed Leader can stop or revoke the Mobile Leader at any moment: in the "
                "portal, by calling 130 from the contact mobile, or in any shop. A new "
                "Declaration ends this one."
            ),
            _("What was activated until then stays active and comes on the next fixed bill."),
        ],
        signatures=[] if is_online else [declaration.signatory_name, FOR_THE_OPERATOR],
    )
    return typeset.compiled(declared)


def _how(declaration: Declaration) -> typeset.Rows:
    when = f"{timezone.localtime(declaration.declared_at):%d.%m.%Y %H:%M}"
    rows: typeset.Rows = [
        (_("Date"), when),
        (_("Channel"), DeclarationChannel(declaration.channel).label),
    ]
    if store := declaration.store:
        rows.append((_("Shop"), f"{store.name}, {store.place}"))
    if clerk := declaration.recorded_by:
        rows.append((_("Served by"), clerk.shown_name))
    return [*rows, (_("Evidence"), declaration.evidence)]
