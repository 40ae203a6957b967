"""Make a believable base of fictional people, of any size; one seed always gives the same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

AS_OF = date(2026, 9, 30)
_FIRST_DAY = date(2020, 5, 14)

# Surnames are fruits and trees, so that no real person is named by accident.
SURNAMES = [
    "Dardha",
    "Molla",
    "Qershia",
    "Kumbulla",
    "Ftoi",
    "Arra",
    "Gështenja",
    "Lisi",
    "Bredhi",
    "Çinari",
    "Shelgu",
    "Mështekna",
    "Ulliri",
    "Rrushi",
    "Lajthia",
    "Shega",
    "Fiku",
    "Hurma",
    "Kajsia",
    "Pjeshka",
    "Bliri",
    "Ahu",
    "Panja",
    "Thana",
    "Mani",
    "Vishnja",
    "Dëllinja",
]
FIRST_NAMES = [
    "Drita",
    "Elira",
    "Besnik",
    "Mira",
    "Agron",
    "Çlirim",
    "Përparim",
    "Shpëtim",
    "Gëzim",
    "Ëngjëll",
    "Bardhë",
    "Liridonë",
    "Arbër",
    "Blerta",
    "Dëfrim",
    "Ermal",
    "Flutura",
    "Genta",
    "Hënëz",
    "Ilir",
    "Jehonë",
    "Kaltrinë",
    "Luan",
    "Majlinda",
    "Nertil",
    "Ornela",
    "Petrit",
    "Rrezarta",
    "Sokol",
    "Teuta",
    "Valbonë",
    "Yllka",
    "Zana",
    "Kreshnik",
    "Fatbardhë",
    "Çelik",
]
STREETS = [
    "Rruga e Shembullit",
    "Rruga e Provës",
    "Rruga e Përrallës",
    "Rruga e Çarçafëve",
    "Bulevardi i Pemëve",
    "Rruga e Ëndrrës",
    "Sheshi i Dardhës",
    "Rruga e Zogjve",
]
# City, first digits of its fixed numbers, and its share of the people in percent.
CITIES = [
    ("Tiranë", "4", 40),
    ("Durrës", "52", 14),
    ("Shkodër", "22", 10),
    ("Vlorë", "33", 10),
    ("Elbasan", "54", 9),
    ("Korçë", "82", 7),
    ("Fier", "34", 6),
    ("Berat", "32", 4),
]
_PLANS = ["standard_prepaid", "standard_prepaid", "standard_prepaid", "super_riniring"]
_STORES = ["", "TR01", "TR02", "DR01", "SH01", "VL01"]
_MOBILES = 30_000_000
_SPREAD = 7_368_787  # coprime to the ranges, so that every number comes once, in no visible order

_BEGUN_AGAIN = 0.97  # above this random value a contract had an earlier group

CONTRACT, MEMBER = slice(0, 11), slice(11, 16)
EMPTY_MEMBER = [""] * 5


@dataclass
class Made:
    """One contract's rows, as cells.

    `is_plain`: active, with one open group that no member left for another. `spare_mobile`: a
    number that nobody in the base has.
    """

    rows: list[list[str]]
    is_plain: bool = False
    spare_mobile: str = ""


@dataclass
class _Movers:
    """Members who left a contract and join a later one."""

    waiting: list[tuple[str, str, str, date]] = field(default_factory=list)
    are_here: bool = False  # a member moves from or to the contract that is being made


class Maker:
    """Makes contracts one after the other from one stream of random numbers."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)  # noqa: S311 - a demonstration, not a secret
        self._mobile = self._chance.randrange(_MOBILES)
        self._spare_mobile = _national(self._mobile)  # numbers are given out after this one
        self._in_city = dict.fromkeys(range(len(CITIES)), 0)
        self._movers = _Movers()
        self._cities = [n for n, city in enumerate(CITIES) for _ in range(city[2])]
        self._number = 1_000_000

    def dardha(self) -> Made:
        """Make the family of the guided tour, always first."""
        contract = self._contract("active", owner="Drita Dardha", city=0)
        opened = "2024-03-01"
        names = ["Drita Dardha", "Elira Dardha", "Besnik Dardha", "Mira Dardha"]
        members = [self._member(name, opened) for name in names]
        contract[5] = members[0][0]  # Drita pays and is a member, too
        return Made([[*contract, opened, "", *member] for member in members])

    def any(self) -> Made:
        """Make a random contract: mostly active, some suspended, ended, moved or begun again."""
        self._movers.are_here = False
        chance = self._chance.random()
        status = "suspended" if chance < 0.04 else "ended" if chance < 0.07 else "active"
        contract = self._contract(status)
        family = contract[4].split()[-1]
        opened = self._day(_FIRST_DAY, AS_OF - timedelta(days=90))
        if chance > 0.99:
            return Made([[*contract, opened.isoformat(), "", *EMPTY_MEMBER]])
        closed = self._day(opened + timedelta(days=30), AS_OF) if status == "ended" else None
        size = self._chance.choice((1, 2, 2, 3, 3, 3, 4, 4, 4, 4))
        rows = list(self._group(contract, family, opened, closed, size))
        if closed is None and chance > _BEGUN_AGAIN:
            before = opened - timedelta(days=self._chance.randint(40, 300))
            rows = [*self._group(contract, family, before, opened, 1), *rows]
        is_plain = status == "active" and chance <= _BEGUN_AGAIN and not self._movers.are_here
        return Made(rows, is_plain, self._spare_mobile)

    def _group(
        self, contract: list[str], family: str, opened: date, closed: date | None, size: int
    ) -> Iterator[list[str]]:
        end = closed.isoformat() if closed else ""
        days = [opened.isoformat(), end]
        for place in range(size):
            arriving = self._arriving(opened) if closed is None and place else None
            if arriving:
                yield [*contract, *days, *arriving]
                continue
            joined = opened if self._chance.random() < 0.7 else self._day(opened, closed or AS_OF)
            yield [*contract, *days, *self._member(self._name(family), joined.isoformat(), end)]
        if closed is None and self._chance.random() < 0.05:
            yield [*contract, *days, *self._leaving(family, opened)]

    def _leaving(self, family: str, opened: date) -> list[str]:
        """Make a member who left, half of the time for another contract."""
        self._movers.are_here = True
        left = self._day(opened, AS_OF)
        member = self._member(self._name(family), opened.isoformat(), left.isoformat())
        if self._chance.random() < 0.5:
            self._movers.waiting.append((member[0], member[1], member[2], left))
        return member

    def _arriving(self, opened: date) -> list[str] | None:
        waiting = self._movers.waiting
        if not waiting or waiting[0][3] < opened:
            return None
        self._movers.are_here = True
        msisdn, name, plan, left = waiting.pop(0)
        return [msisdn, name, plan, left.isoformat(), ""]

    def _contract(self, status: str, owner: str = "", city: int | None = None) -> list[str]:
        chance = self._chance
        self._number += 1
        owner = owner or f"{chance.choice(FIRST_NAMES)} {chance.choice(SURNAMES)}"
        place = chance.choice(self._cities) if city is None else city
        email = ""
        if chance.random() < 0.4:
            email = f"{_ascii(owner).replace(' ', '.')}.{self._number}@shembull.example"
        return [
            f"SF{self._number}",
            self._fixed(place),
            status,
            self._nid(),
            owner,
            self._next_mobile(),
            email,
            f"{chance.choice(STREETS)} {chance.randint(1, 240)}, {CITIES[place][0]}",
            chance.choice(_STORES),
        ]

    def _member(self, name: str, joined: str, left: str = "") -> list[str]:
        return [self._next_mobile(), name, self._chance.choice(_PLANS), joined, left]

    def _name(self, family: str) -> str:
        return f"{self._chance.choice(FIRST_NAMES)} {family}"

    def _nid(self) -> str:
        chance = self._chance
        month, day = chance.randint(1, 12) + 50 * chance.randint(0, 1), chance.randint(1, 28)
        return (
            f"{chance.choice('GHIJK')}{chance.randint(0, 9)}{month:02}{day:02}"
            f"{chance.randint(0, 999):03}{chance.choice('ABCDEFGHIJKLMNOPQRSTUVW')}"
        )

    def _next_mobile(self) -> str:
        self._mobile = (self._mobile + _SPREAD) % _MOBILES
        national = _national(self._mobile)
        return self._written(national[1:3], national[3:])

    def _fixed(self, place: int) -> str:
        start = CITIES[place][1]
        self._in_city[place] += 1
        if len(start) == 1:
            # Numbers of Tirana begin with 42 to 49.
            n = self._in_city[place] * _SPREAD % 8_000_000
            return self._written("4", f"{2_000_000 + n:07}")
        n = self._in_city[place] * _SPREAD % 1_000_000
        return self._written(start, f"{n:06}")

    def _written(self, start: str, rest: str) -> str:
        """Write a number as people do: mostly national, some international, some with gaps."""
        chance = self._chance.random()
        if chance < 0.8:
            return f"0{start}{rest}"
        if chance < 0.95:
            return f"+355{start}{rest}"
        return f"00355 {start} {rest[:3]} {rest[3:]}"

    def _day(self, first: date, last: date) -> date:
        return first + timedelta(days=self._chance.randint(0, max(0, (last - first).days)))


def _national(mobile: int) -> str:
    """Return the n-th mobile number of the ranges 067, 068 and 069."""
    return f"06{7 + mobile // 10_000_000}{mobile % 10_000_000:07}"


def _ascii(text: str) -> str:
    return text.lower().replace("ë", "e").replace("ç", "c")
