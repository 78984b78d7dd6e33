"""A sequence of numbers, most of them in ascending runs, that is cut and put together cheaply.

It stands for the items of a list while that is being changed: each item is a number, and a list of
a million untouched ones is a single run. Pieces are held in blocks, so that finding a position
looks at few of them even after thousands of changes, and never at the items.
"""

from itertools import chain, pairwise
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A run as a `range`; where there are no runs to speak of, the numbers themselves.
Piece: TypeAlias = "range | list[int]"

# Pieces to a block: about as many are looked at to find a position as there are blocks.
_BLOCK = 64


class Runs:
    """The numbers, in order.

    Args:
        pieces: What the sequence starts as.
        border: No run crosses from below this number to it or above.
    """

    __slots__ = ("_blocks", "_border", "_lengths", "length", "permuted")

    def __init__(self, pieces: "Iterable[Piece]", border: int) -> None:
        self._border = border
        self.permuted = False
        """Whether the whole sequence was ever put in another order at once."""
        self._fill(pieces)

    def _fill(self, pieces: "Iterable[Piece]") -> None:
        # Blocks are never empty but where there is only one.
        self._blocks: list[list[Piece]] = [[piece for piece in pieces if piece]]
        self._lengths = [sum(map(len, self._blocks[0]))]
        self.length = self._lengths[0]
        self._balance(0)

    @property
    def count(self) -> int:
        """How many pieces there are."""
        return sum(map(len, self._blocks))

    def pieces(self) -> "Iterable[Piece]":
        """Iterate over the pieces, in order."""
        return chain.from_iterable(self._blocks)

    def numbers(self) -> list[int]:
        """List all numbers, in order."""
        return list(chain.from_iterable(self.pieces()))

    def runs(self) -> list[range]:
        """List the longest runs, in order."""
        runs: list[range] = []
        for piece in self.pieces():
            runs.extend((piece,) if isinstance(piece, range) else self._runs_of(piece))
        return cast("list[range]", self._join(runs))

    def at(self, position: int) -> int:
        """Give the number at a position, which must be in the sequence."""
        block = 0
        for length in self._lengths:
            if position < length:
                break
            position -= length
            block += 1
        for piece in self._blocks[block]:
            if position < len(piece):
                return piece[position]
            position -= len(piece)
        raise IndexError(position)

    def find(self, number: int) -> int | None:
        """Give the position of a number; `None` where it is not in the sequence."""
        position = 0
        for piece in self.pieces():
            if number in piece:
                return position + piece.index(number)
            position += len(piece)
        return None

    def extend(self, piece: "Piece") -> None:
        """Put a piece at the end."""
        if not piece:
            return
        block = self._blocks[-1]
        block[-1:] = self._join([*block[-1:], piece])
        self._lengths[-1] += len(piece)
        self.length += len(piece)
        self._balance(len(self._blocks) - 1)

    def splice(self, position: int, removed: int, inserted: "Sequence[Piece]") -> list[int]:
        """Put pieces in place of some numbers, and give those that were taken out, in order."""
        first, start = self._cut(position)
        last, stop = self._cut(position + removed) if removed else (first, start)
        if first == last:
            taken = self._blocks[first][start:stop]
            after = self._blocks[first][stop:]
        else:
            between = chain.from_iterable(self._blocks[first + 1 : last])
            taken = [*self._blocks[first][start:], *between, *self._blocks[last][:stop]]
            after = self._blocks[last][stop:]
            self._lengths[first] = sum(self._lengths[first : last + 1])
            del self._blocks[first + 1 : last + 1], self._lengths[first + 1 : last + 1]
        block = self._blocks[first]
        # The neighbours may continue what is put between them.
        seam = max(start - 1, 0)
        block[seam:] = [*self._join([*block[seam:start], *inserted, *after[:1]]), *after[1:]]
        grown = sum(map(len, inserted)) - removed
        self._lengths[first] += grown
        self.length += grown
        self._balance(first)
        return list(chain.from_iterable(taken))

    def permute(self, order: "Sequence[int]") -> None:
        """Put at each position the number that is at the position given for it."""
        self.permuted = True
        if self._blocks == [[range(self.length)]]:
            # Of what is in its first order, each number is its position.
            self._fill([list(order)])
        else:
            self._fill([list(map(self.numbers().__getitem__, order))])

    def _cut(self, position: int) -> tuple[int, int]:
        """Make a piece start at a position, and give its block and its place there."""
        if position == self.length:
            return len(self._blocks) - 1, len(self._blocks[-1])
        at = 0
        for length in self._lengths:
            if position < length:
                break
            position -= length
            at += 1
        block = self._blocks[at]
        for place, piece in enumerate(block):
            if not position:
                return at, place
            if position < len(piece):
                block[place : place + 1] = [piece[:position], piece[position:]]
                return at, place + 1
            position -= len(piece)
        raise IndexError(position)

    def _join(self, pieces: "Sequence[Piece]") -> list[Piece]:
        joined: list[Piece] = []
        for piece in pieces:
            last = joined[-1] if joined else None
            if (
                isinstance(piece, range)
                and isinstance(last, range)
                and last.stop == piece.start != self._border
            ):
                joined[-1] = range(last.start, piece.stop)
            else:
                joined.append(piece)
        return joined

    def _balance(self, at: int) -> None:
        block = self._blocks[at]
        if not block and len(self._blocks) > 1:
            del self._blocks[at], self._lengths[at]
        elif len(block) > 2 * _BLOCK:
            parts = [block[start : start + _BLOCK] for start in range(0, len(block), _BLOCK)]
            self._blocks[at : at + 1] = parts
            self._lengths[at : at + 1] = [sum(map(len, part)) for part in parts]

    def _runs_of(self, numbers: list[int]) -> list[range]:
        border = self._border
        breaks = [at for at, (a, b) in enumerate(pairwise(numbers), 1) if b != a + 1 or b == border]
        bounds = pairwise([0, *breaks, len(numbers)])
        return [range(numbers[start], numbers[stop - 1] + 1) for start, stop in bounds]
