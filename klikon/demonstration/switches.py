"""Switch the charging simulator over HTTP, outside of any transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

import urllib3
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from urllib3.exceptions import HTTPError

from klikon.charging_simulator.faults import Behaviour

PATIENCE = 1.0  # seconds
_pool = urllib3.PoolManager(maxsize=4, retries=False)


@dataclass(frozen=True)
class Switch:
    """A switch: its behaviour, its name, and its explanation."""

    code: str
    name: str | Promise
    effect: str | Promise
    behaviour: Behaviour


SWITCHES = {
    switch.code: switch
    for switch in (
        Switch("fine", _("Fine"), _("gives every package and says so"), Behaviour("fine")),
        Switch("slow", _("Slow"), _("the same, after five seconds"), Behaviour("slow", seconds=5)),
        Switch("down", _("Down"), _("takes nothing"), Behaviour("down")),
        Switch("lying", _("Lying"), _("says yes, gives nothing and forgets"), Behaviour("forget")),
        Switch(
            "mistaken",
            _("Mistaken"),
            _("names another number than the one that was ordered"),
            Behaviour("wrong_number"),
        ),
    )
}
_BY_MODE = {switch.behaviour.mode: switch for switch in SWITCHES.values()}


class NoAnswer(Exception):  # noqa: N818 - a state of the page
    """The simulator did not answer."""


def turn(switch: Switch) -> None:
    """Let it behave so from now on, towards everybody. Raise NoAnswer."""
    _talk("PUT", switch.behaviour.as_json())


def now() -> Switch | None:
    """Return its behaviour; None when no switch stands for it. Raise NoAnswer."""
    return _BY_MODE.get(_talk("GET").get("mode", ""))


def _talk(method: str, body: Mapping[str, object] | None = None) -> dict[str, str]:
    try:
        answer = _pool.request(
            method,
            f"{settings.CHARGING_URL.rstrip('/')}/control",
            json=body,
            timeout=urllib3.Timeout(total=PATIENCE),
            redirect=False,
        )
        said = answer.json() if answer.status == 200 else None
    except (HTTPError, ValueError) as error:
        raise NoAnswer from error
    if not isinstance(said, dict):
        raise NoAnswer
    return said
