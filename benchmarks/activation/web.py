"""A JSON view of the same verb, for the measurement only; the portal has no such address."""

import json

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from benchmarks.activation.questions import AT, CLIENT
from klikon.activation.activate import activate
from klikon.activation.refusals import ActivationRefused
from klikon.models import Channel
from superfamilja.urls import urlpatterns as portal


@csrf_exempt
@require_POST
def activate_view(request: HttpRequest) -> JsonResponse:
    """Parse, call the verb, answer."""
    asked = json.loads(request.body)
    try:
        activation = activate(
            leader=asked["leader"],
            member=asked["member"],
            package=asked["package"],
            at=AT,
            channel=Channel.API,
            client=CLIENT,
            key=asked["key"],
            repeat_confirmed=asked["repeat_confirmed"],
        )
    except ActivationRefused as refusal:
        return JsonResponse({"refused": refusal.code, "why": refusal.text()}, status=409)
    return JsonResponse(
        {
            "reference": activation.reference,
            "list_price_lek": activation.list_price_lek,
            "discount_lek": activation.discount_lek,
            "charged_lek": activation.charged_lek,
            "month": f"{activation.month:%Y-%m}",
            "spent_lek": activation.spent_after,
            "room_left_lek": activation.room_left,
            "promotions_set_aside": activation.promotions_set_aside,
        }
    )


urlpatterns = [path("activate", activate_view), *portal]
