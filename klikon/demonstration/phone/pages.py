"""The pages of the telephone on a page, in a demonstration only."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from klikon.demonstration.access import in_a_demonstration
from klikon.demonstration.phone import handset
from klikon.demonstration.phone.handset import Handset
from superfamilja.clock import portal_clock
from superfamilja.values.phone import UnreadableNumberError, parse_msisdn

_SESSION = "handset"
KEYPAD = ("123", "456", "789", "*0#")


@in_a_demonstration
@require_POST
def dial(request: HttpRequest) -> HttpResponse:
    """Dial. The number comes by POST, so that no address carries it."""
    try:
        number = parse_msisdn(request.POST.get("number", ""))
    except UnreadableNumberError:
        raise Http404 from None
    handset.hang_up_what_was_left(portal_clock.now())
    if before := _on_the_line(request):
        before.hang_up()
    request.session[_SESSION] = handset.dial(number)
    return redirect("demo_call")


@in_a_demonstration
@require_GET
def phone(request: HttpRequest) -> HttpResponse:
    """What is heard, what was said before, and the keys."""
    handset.hang_up_what_was_left(portal_clock.now())
    on_the_line = _on_the_line(request)
    if on_the_line is None:
        return redirect("demo")
    return render(request, "demo/handset.html", {"call": on_the_line, "keypad": KEYPAD})


@in_a_demonstration
@require_POST
def press(request: HttpRequest) -> HttpResponse:
    """A key, the passing of time, or the end."""
    handset.hang_up_what_was_left(portal_clock.now())
    on_the_line = _on_the_line(request)
    if on_the_line is None:
        return redirect("demo")
    key = request.POST.get("key", "")
    if len(key) == 1 and key in "0123456789*#":
        on_the_line.press(key)
    elif key == "wait":
        on_the_line.wait()
    elif key == "hang_up":
        on_the_line.hang_up()
    else:
        raise Http404
    handset.keep(on_the_line)
    return redirect("demo_call")


@in_a_demonstration
@require_GET
def sound(request: HttpRequest) -> HttpResponse:
    """Send the sound that is heard now."""
    on_the_line = _on_the_line(request)
    if on_the_line is None:
        raise Http404
    return HttpResponse(on_the_line.sound(), content_type="audio/wav")


def _on_the_line(request: HttpRequest) -> Handset | None:
    return handset.of(request.session.get(_SESSION, ""))
