"""How fast one connection sends: as the operator allows, and slower when the centre says so."""

from dataclasses import dataclass, field

_SLOWEST = 1.0  # a second
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
_FASTER = 1.25  # for each second without a no
_UNLIMITED = 10_000.0


@dataclass
class Pace:
    """Halves its rate at each throttling answer and pauses; comes back by and by.

    Moments are those of a monotonic clock.
    """

    limit: float = 0  # 0: none
    _rate: float = field(default=_UNLIMITED, init=False)
    _pause: float = field(default=_FIRST_PAUSE, init=False)
    _paused_until: float = field(default=0.0, init=False)
    _credit: float = field(default=1.0, init=False)
    _at: float | None = field(default=None, init=False)
    _sent: int = field(default=0, init=False)
    _second: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._rate = self.limit or _UNLIMITED

    @property
    def rate(self) -> float:
        """Parts a second, at most."""
        return self._rate

    def may_send(self, now: float) -> int:
        """Return how many parts may leave at this moment."""
        self._grow(now)
        return 0 if now < self._paused_until else int(self._credit)

    def sent(self, parts: int) -> None:
        self._credit -= parts
        self._sent += parts

    def throttled(self, now: float) -> None:
        """The centre has enough: pause, longer each time, and go on at half the speed it bore."""
        if now < self._paused_until:
            return  # answers to what left before the first no
        seen = self._sent / max(now - self._second, 1.0)
        self._rate = max(_SLOWEST, min(self._rate, max(seen, _SLOWEST) * 2) / 2)
        self._paused_until = now + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        self._credit = 0.0

    def taken(self) -> None:
        """The centre took a part over: the next no is a first one again."""
        self._pause = _FIRST_PAUSE

    def _grow(self, now: float) -> None:
        passed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._at = now
        if now >= self._paused_until:
            self._rate = min(self.limit or _UNLIMITED, self._rate * _FASTER**passed)
            self._credit = min(self._credit + passed * self._rate, max(1.0, self._rate / 4))
        if now - self._second >= 1.0:
            self._second, self._sent = now, 0
