"""The month as a bar: a block for each activation in its person's colour, in cells of 500.

It holds geometry only, in percent of the width, so that SVG needs no style attribute.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

CELL_LEK = 500
LEFT_THE_GROUP = 5
# Narrower than this, a letter would touch its neighbours.
_LETTER_NEEDS_PERCENT = 3.0


@dataclass(frozen=True)
class Block:
    """An amount spent for a person. `seat` is their colour, 1 to 4, or LEFT_THE_GROUP."""

    amount_lek: int
    name: str
    seat: int
    text: str
    is_new: bool = False

    @property
    def letter(self) -> str:
        return self.name[:1].upper()


@dataclass(frozen=True)
class Drawn:
    """A block with its place, as SVG attributes."""

    block: Block
    x: str
    middle: str
    width: str
    letter: str


@dataclass(frozen=True)
class Bar:
    """The spent part of a limit, in Lek, block by block; also beyond the limit (E12)."""

    limit_lek: int
    blocks: Sequence[Block] = field(default_factory=list)

    @property
    def spent_lek(self) -> int:
        return sum(block.amount_lek for block in self.blocks)

    @property
    def room_lek(self) -> int:
        return max(self.limit_lek - self.spent_lek, 0)

    @property
    def is_over(self) -> bool:
        return self.spent_lek > self.limit_lek

    @property
    def _whole(self) -> int:
        return max(self.limit_lek, self.spent_lek, 1)

    @property
    def cells(self) -> list[str]:
        """Return the positions of the lines between the cells."""
        return [_percent(lek, self._whole) for lek in range(CELL_LEK, self._whole, CELL_LEK)]

    @property
    def limit_at(self) -> str:
        return _percent(self.limit_lek, self._whole)

    @property
    def drawn(self) -> list[Drawn]:
        at, drawn = 0, []
        for block in self.blocks:
            wide_enough = 100 * block.amount_lek / self._whole >= _LETTER_NEEDS_PERCENT
            drawn.append(
                Drawn(
                    block=block,
                    x=_percent(at, self._whole),
                    middle=_percent(at + block.amount_lek / 2, self._whole),
                    width=_percent(block.amount_lek, self._whole),
                    letter=block.letter if wide_enough else "",
                )
            )
            at += block.amount_lek
        return drawn


def _percent(part: float, whole: int) -> str:
    return f"{100 * part / whole:.2f}%"
