"""How the centre wants to be spoken to: the settings SMPP_…, read once."""

from dataclasses import dataclass
from typing import Self

from django.conf import settings

UDH, PAYLOAD = "udh", "payload"
LONG = (UDH, PAYLOAD)
_ALPHANUMERIC, _INTERNATIONAL, _SHORT = (5, 0), (1, 1), (3, 0)


@dataclass(frozen=True)
class SmppOptions:
    """Where the centre is, who we are there, and what it bears. Times are in seconds."""

    host: str
    port: int
    system_id: str
    password: str
    system_type: str = ""
    source: str = "Klik-ON"
    source_ton: int | None = None
    source_npi: int | None = None
    binds: int = 1
    window: int = 50
    rate: float = 0  # parts a second and bind; 0: as fast as it answers
    long_as: str = UDH
    answer_within: float = 20
    enquire_every: float = 30
    longest_wait: float = 60  # between two tries to bind
    uses_tls: bool = False
    sends_reference: bool = True
    again_after: float = 30  # what may be sent again and was not answered

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            host=settings.SMPP_HOST,
            port=settings.SMPP_PORT,
            system_id=settings.SMPP_SYSTEM_ID,
            password=settings.SMPP_PASSWORD,
            system_type=settings.SMPP_SYSTEM_TYPE,
            source=settings.SMS_SENDER,
            source_ton=settings.SMPP_SOURCE_TON,
            source_npi=settings.SMPP_SOURCE_NPI,
            binds=settings.SMPP_BINDS,
            window=settings.SMPP_WINDOW,
            rate=settings.SMPP_RATE,
            long_as=settings.SMPP_LONG_AS,
            answer_within=settings.SMPP_ANSWER_SECONDS,
            enquire_every=settings.SMPP_ENQUIRE_SECONDS,
            longest_wait=settings.SMPP_LONGEST_WAIT,
            uses_tls=settings.SMPP_TLS,
            sends_reference=settings.SMPP_USER_REFERENCE,
            again_after=settings.SMS_AGAIN_AFTER,
        )

    @property
    def source_kind(self) -> tuple[int, int]:
        """Type and plan of our own address: a name, a short code or a whole number."""
        kind = _INTERNATIONAL
        if not self.source.lstrip("+").isdigit():
            kind = _ALPHANUMERIC
        elif len(self.source) <= 6:
            kind = _SHORT
        ton = kind[0] if self.source_ton is None else self.source_ton
        npi = kind[1] if self.source_npi is None else self.source_npi
        return ton, npi

    @property
    def lease(self) -> float:
        """When a message that is in hand comes to another process: longer than any answer."""
        return 2 * self.answer_within + 1
