"""Kannel's reports of what became of an SMS (its dlr-url)."""

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from superfamilja.clock import portal_clock
from superfamilja.epoch import standing
from superfamilja.messages.ledger import book
from superfamilja.messages.models import Delivery, SubmittedPart
from superfamilja.messages.transports.kannel import SIGNER_SALT

# Kannel's numbers: delivered, not delivered, waiting there, taken by the centre, refused by it.
_DELIVERY = {
    "1": Delivery.DELIVERED,
    "2": Delivery.REJECTED,
    "4": "",
    "8": "",
    "16": Delivery.REJECTED,
    "34": Delivery.EXPIRED,
    "66": Delivery.UNKNOWN,
}


@require_GET
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """Keep one report. Told twice is told once; a token that is not ours is nobody's."""
    try:
        part_pk = int(Signer(salt=SIGNER_SALT).unsign(token))
    except (BadSignature, ValueError):
        return HttpResponse(status=403)
    said = request.GET.get("type", "")
    part = SubmittedPart.objects.select_related("message").filter(pk=part_pk).first()
    if part is None or said not in _DELIVERY:
        return HttpResponse(status=404)
    if standing.why_halted():  # R36
        return HttpResponse(status=503, headers={"Retry-After": "300"})
    report = book.Report(
        number=part.message.recipient.lstrip("+"),
        centre_id=request.GET.get("id", "")[:65],
        said=said,
        delivery=_DELIVERY[said],
        part_pk=part.pk,
    )
    book.record([], [report], at=portal_clock.now())
    return HttpResponse(status=204)
