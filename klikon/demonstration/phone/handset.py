"""A telephone on a page: the same dialogue, heard and shown, for people without a softphone.

The shared cache keeps the call from one key to the next; a browser has one call at a time.
"""

import io
import logging
import secrets
import wave
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.cache import cache

from klikon.ivr.dialogue import dialogue
from klikon.ivr.dialogue.entry import Entry
from klikon.ivr.dialogue.turns import End, Failed, Heard, Keyed, Keys, Look, Say, Turn
from klikon.ivr.facts import CallFacts, key_of_call
from klikon.ivr.models import Adapter, CallEnd, PhoneCall
from klikon.ivr.register import Register
from klikon.ivr.voice import sounds, voices
from klikon.ivr.voice.speech import sentences
from superfamilja.clock import portal_clock

log = logging.getLogger(__name__)
KEPT = 15 * 60  # seconds after the last key
IDLE = timedelta(minutes=5)  # after the last key, the caller has left the page
HIDDEN = "•"


@dataclass(frozen=True)
class Heard130:
    """A prompt as it was spoken, and its words in the other language."""

    language: str
    text: str
    other_language: str
    other: str


@dataclass
class Handset:
    """A call. `script` is what was heard and pressed so far; `new` is what is heard now."""

    number: str
    call_id: str
    register: Register
    turn: Turn
    keys: str = field(default="", repr=False)
    touched_at: datetime = field(default_factory=portal_clock.now)
    is_over: bool = False
    script: list[Heard130 | str] = field(default_factory=list)
    new: list[Heard130] = field(default_factory=list)
    says: list[tuple[Say, str]] = field(default_factory=list)

    @property
    def shown_keys(self) -> str:
        """Return the keys of an incomplete answer; those of a PIN are hidden."""
        is_pin = isinstance(self.turn.wants, Keys) and self.turn.wants.pin
        return HIDDEN * len(self.keys) if is_pin else self.keys

    def press(self, key: str) -> None:
        wants = self.turn.wants
        if self.is_over or not isinstance(wants, Keys):
            return
        entry = Entry(wants)
        for earlier in self.keys:
            entry.press(earlier)
        complete = entry.press(key)
        self.keys = entry.keys
        if complete:
            self._answer()

    def wait(self) -> None:
        """Stop waiting for keys: the answer is what was keyed so far, or silence."""
        if not self.is_over:
            self._answer()

    def hang_up(self) -> None:
        if not self.is_over:
            self._end(CallEnd.HUNG_UP)

    def sound(self) -> bytes:
        """Return what is heard now as one WAV."""
        target = io.BytesIO()
        with wave.open(target, "wb") as file:
            file.setparams((1, 2, voices.RATE, 0, "NONE", "not compressed"))
            for said, language in self.says:
                for path in sounds.files(said, language):
                    file.writeframes(sounds.samples(path).tobytes())
        return target.getvalue()

    def arrive(self, facts: CallFacts) -> None:
        """Play what the turn says, and look up what it asks for, until it waits for a key."""
        self.says, self.new = [], []
        while True:
            self._hear()
            if not isinstance(self.turn.wants, Look):
                break
            heard = _looked_up(facts, self.turn.wants)
            if isinstance(heard, Failed):
                self.register.fails()
            self.turn = dialogue.hear(self.turn, heard)
        self.register.contract_id = facts.contract_id or self.register.contract_id
        if isinstance(self.turn.wants, End):
            self._end(CallEnd.FINISHED)

    def _answer(self) -> None:
        keyed, shown, self.keys = Keyed(self.keys), self.shown_keys or "…", ""
        self.script += [*self.new, shown]
        self.turn = dialogue.hear(self.turn, keyed)
        self.arrive(_facts(self.call_id))

    def _hear(self) -> None:
        self.register.passes(self.turn)
        language = self.turn.call.language
        for said in self.turn.says:
            self.says.append((said, language))
            both = zip(sentences(said, language), sentences(said, _other(language)), strict=False)
            self.new += [Heard130(a.language, a.text, b.language, b.text) for a, b in both]

    def _end(self, end: CallEnd) -> None:
        self.is_over = True
        self.register.end(end)


def dial(number: str) -> str:
    """Call 130 from this number (E.164); return the call's token."""
    call_id = secrets.token_hex(16)
    register = Register(adapter=Adapter.HANDSET, call_id=call_id)
    register.begin(number)
    handset = Handset(number, call_id, register, dialogue.begin(number))
    handset.arrive(_facts(call_id))
    keep(handset)
    return call_id


def of(token: str) -> Handset | None:
    """Return the call, or None when it expired."""
    return _kept(key_of_call(token)) if token else None


def keep(handset: Handset) -> None:
    """Until the next key."""
    handset.touched_at = portal_clock.now()
    cache.set(_place(key_of_call(handset.call_id)), handset, KEPT)


def hang_up_what_was_left(at: datetime) -> None:
    """End calls whose page was closed, because nobody presses a key there any more."""
    begun = PhoneCall.objects.filter(
        adapter=Adapter.HANDSET, ended_at=None, began_at__lte=at - IDLE
    )
    for row in begun:
        left = _kept(row.call_id)
        if left is None:  # older than the cache keeps
            row.ended_at, row.end = at, CallEnd.HUNG_UP
            row.save(update_fields=["ended_at", "end"])
        elif left.touched_at <= at - IDLE:
            left.hang_up()
            keep(left)


def _kept(key: str) -> Handset | None:
    """Return the call, or None when it is over or began before an upgrade."""
    try:
        found: Handset | None = cache.get(_place(key))
    except (AttributeError, ImportError):  # it was pickled with classes that have moved
        return None
    return found


def _facts(call_id: str) -> CallFacts:
    return CallFacts(adapter=Adapter.HANDSET, call_id=call_id)


def _looked_up(facts: CallFacts, look: Look) -> Heard:
    try:
        return look.put_to(facts)
    except Exception:  # as on a real line: an apology for any error
        log.exception("handset: no answer to %s", type(look.question).__name__)
        return Failed()


def _other(language: str) -> str:
    return "sq" if language == "en" else "en"


def _place(key: str) -> str:
    """Return the cache key of a call from its register row."""
    return f"handset-{key}"
