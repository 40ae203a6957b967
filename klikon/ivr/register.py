"""Record a call: a row at its beginning, the rest at its end. Never a key."""

from collections.abc import Callable
from datetime import datetime

from klikon.ivr.dialogue.turns import Turn
from klikon.ivr.facts import key_of_call
from klikon.ivr.models import Adapter, CallEnd, PhoneCall
from superfamilja.clock import portal_clock

_LONGEST_PATH = 80


class Register:
    """The row of one call."""

    def __init__(
        self, *, adapter: Adapter, call_id: str, clock: Callable[[], datetime] = portal_clock.now
    ) -> None:
        self._adapter, self._call_id, self._now = adapter, key_of_call(call_id), clock
        self._row: PhoneCall | None = None
        self._path: list[str] = []
        self._turn: Turn | None = None
        self._left_at = ""
        self._failed = False
        self.contract_id: int | None = None

    def begin(self, number: str) -> None:
        """Begin a row. A repeated call id (a carrier's retry) is another call and counts on."""
        began = self._now()
        earlier = PhoneCall.objects.filter(adapter=self._adapter, call_id=self._call_id)
        again = f"{self._call_id}-{began:%s%f}" if earlier.exists() else self._call_id
        self._row = PhoneCall.objects.create(
            adapter=self._adapter, call_id=again, caller=number, began_at=began
        )

    def passes(self, turn: Turn) -> None:
        """Note that the call is at this place now."""
        self._turn = turn
        if not turn.place.is_goodbye:
            self._left_at = turn.place.name
        if len(self._path) < _LONGEST_PATH:
            self._path.append(turn.place.name)

    def fails(self) -> None:
        self._failed = True

    def end(self, end: CallEnd) -> None:
        """Record the end. Do nothing without a row, which a missing database never got."""
        if self._row is None or self._turn is None:
            return
        call = self._turn.call
        PhoneCall.objects.filter(pk=self._row.pk, ended_at=None).update(
            ended_at=max(self._now(), self._row.began_at),
            end=CallEnd.FAILED if self._failed else end,
            contract=self.contract_id,
            language=call.language,
            path=self._path,
            left_at=self._left_at,
            outcome=call.outcome,
            refusal=call.refusal,
        )
