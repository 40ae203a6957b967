"""The Declaration as a tagged PDF (PDF/UA-1), its bytes kept with their hash and shown for ever.

It says who declared, who may do what on which bill, and how it ends; in both languages.
"""

import hashlib
import io
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import qrcode
import qrcode.image.svg
import typst
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, override

from groups import terms
from klikon import limits
from klikon.models import Declaration, DeclarationChannel, DeclarationPaper
from superfamilja import phone
from superfamilja.lek import lek

_PAPER = Path(__file__).with_name("declaration.typ")
_TITLE = gettext_noop("Declaration for the choice of the Mobile Leader")


def paper_of(declaration: Declaration) -> DeclarationPaper:
    """The paper of a Declaration, made once; the same bytes ever after."""
    found = DeclarationPaper.objects.filter(declaration=declaration).first()
    if found is None:
        content = render(declaration)
        DeclarationPaper.objects.bulk_create(
            [
                DeclarationPaper(
                    declaration=declaration,
                    content=content,
                    sha256=hashlib.sha256(content).hexdigest(),
                    made_at=timezone.now(),
                )
            ],
            ignore_conflicts=True,  # two who look at once: the first one's bytes stay
        )
        found = DeclarationPaper.objects.get(declaration=declaration)
    return found


def render(declaration: Declaration, *, masked: bool = False) -> bytes:
    """The bytes of the PDF; `masked`: with the end of the contract number only. No network, no file
    but our own."""
    done: bytes = typst.compile(
        _source(), sys_inputs={"data": json.dumps(_data(declaration, masked=masked))}, format="pdf",
        ignore_system_fonts=True, pdf_standards=["ua-1"],
    )  # fmt: skip
    return done


@lru_cache(maxsize=1)
def _source() -> bytes:
    return _PAPER.read_bytes()


def _data(declaration: Declaration, *, masked: bool) -> dict[str, Any]:
    contract, member = declaration.contract, declaration.member
    in_force = terms.in_force(declaration.group, declaration.declared_at)
    limit = limits.spoken(in_force.cap_lek, in_force)
    is_online = declaration.channel == DeclarationChannel.ONLINE
    when = f"{timezone.localtime(declaration.declared_at):%d.%m.%Y %H:%M}"
    return {
        "title": _in("sq", _TITLE),
        "title_en": _TITLE,
        "reference": declaration.reference,
        "terms": f"Klik-ON · {in_force}",
        "qr": _qr(declaration.reference),
        "qr_alt": f"{_in('sq', gettext_noop('Reference'))} {declaration.reference}",
        "parts": [
            _part(
                gettext_noop("Who declares"),
                (gettext_noop("Fixed Leader"), contract.owner_name),
                # Online its end only: the whole number proves who holds the bill (choosing.py).
                (
                    gettext_noop("Contract"),
                    f"···{contract.number[-3:]}" if masked or is_online else contract.number,
                ),
                (gettext_noop("Fixed number"), phone.spoken(contract.fixed_number)),
                (gettext_noop("Address"), contract.service_address),
                (gettext_noop("Signed by"), declaration.signatory_name),
            ),
            _part(
                gettext_noop("Who becomes the Mobile Leader"),
                (gettext_noop("Member"), member.name),
                (gettext_noop("Mobile number"), phone.spoken(member.msisdn)),
            ),
            _part(
                gettext_noop("What the Mobile Leader may do"),
                (
                    gettext_noop("May"),
                    gettext_noop("activate Super packages for every member of the group"),
                ),
                (gettext_noop("How"), gettext_noop("a free call to 130, or the portal")),
                (gettext_noop("At most a month"), limit),
                (gettext_noop("Price"), f"−{lek(in_force.discount_lek)}"),
                (gettext_noop("Paid"), gettext_noop("with the next fixed bill, as one total")),
            ),
            _part(
                gettext_noop("When and how it was declared"),
                (gettext_noop("Date"), when),
                (gettext_noop("Channel"), str(declaration.get_channel_display())),
                (gettext_noop("Evidence"), declaration.evidence),
            ),
        ],
        "sentences": [
            _sentence(
                gettext_noop(
                    "The Fixed Leader can stop or revoke the Mobile Leader at any moment: in the "
                    "portal, by calling 130 from the contact mobile, or in any shop. A new "
                    "Declaration ends this one."
                )
            ),
            _sentence(
                gettext_noop(
                    "What was activated until then stays active and on the fixed bill of the month."
                )
            ),
        ],
        "signatures": []
        if is_online
        else [
            _sentence(gettext_noop("Fixed Leader"), "name"),
            _sentence(gettext_noop("For the operator"), "name"),
        ],
    }


def _part(name: str, *rows: tuple[str, str]) -> dict[str, Any]:
    return {**_sentence(name, "name"), "rows": [_row(*row) for row in rows]}


def _row(name: str, value: str) -> dict[str, str]:
    albanian = _in("sq", value)
    # What people typed, numbers and amounts are the same in both languages.
    return {
        **_sentence(name, "name"), "value": albanian, "value_en": value if albanian != value else ""
    }  # fmt: skip


def _sentence(english: str, key: str = "") -> dict[str, str]:
    names = (key, f"{key}_en") if key else ("sq", "en")
    return dict(zip(names, (_in("sq", english), english), strict=True))


def _in(language: str, text: str) -> str:
    with override(language):
        return gettext(text) if text else ""


def _qr(reference: str) -> str:
    made = qrcode.make(reference, image_factory=qrcode.image.svg.SvgPathImage, border=1)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue().decode()
