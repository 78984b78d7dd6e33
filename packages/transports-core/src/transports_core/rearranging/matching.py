"""Which items of one list are items of another: a longest common subsequence, in linear time.

Items that are there once on each side match each other wherever they are. Those that repeat are
aligned: between items whose match is certain, in small stretches exactly, and in long ones at
windows of several items that together are there only once.
"""

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from transports_core.rearranging.increasing import increasing

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

_Keys: TypeAlias = "Sequence[Hashable]"

# A stretch is compared exactly if that takes no more comparisons.
_EXACT = 1 << 14
# What all stretches may cost together: so many comparisons, and so many looks at each item.
_COMPARISONS = 1 << 18
_LOOKS = 12
# Sides that part are at one again where so many items are the same, looked for so far ahead.
_REJOINED = 4
_NEARBY = 8
# How many items make a window, one after the other.
_WINDOWS = (1, 8, 64)


def match(old: _Keys, new: _Keys) -> list[int]:
    """Find for each new item the old one that it is.

    Args:
        old: What stands for the old items: equal where these are the same.
        new: The same for the new ones.

    Returns:
        For each new item the position of the old one, or -1. No position is there twice.
    """
    positions = {key: at for at, key in enumerate(old)}
    if len(positions) == len(old) and len(set(new)) == len(new):
        return [positions.get(key, -1) for key in new]
    alignment = _Alignment(old, new)
    alignment.run()
    return alignment.complete()


class _Alignment:
    def __init__(self, old: _Keys, new: _Keys) -> None:
        # Small numbers are quicker to compare and to hash than whatever the keys are.
        numbers: dict[Hashable, int] = {}
        self._old = [numbers.setdefault(key, len(numbers)) for key in old]
        self._new = [numbers.setdefault(key, len(numbers)) for key in new]
        self._origin = [-1] * len(new)
        self._budget = _COMPARISONS + _LOOKS * (len(old) + len(new))
        self._left = [(0, len(old), 0, len(new))]

    def run(self) -> None:
        """Align what is in the same order on both sides."""
        while self._left:
            stretch = self._trim(*self._left.pop())
            a, a_end, b, b_end = stretch
            cost = (a_end - a) * (b_end - b)
            if not cost:
                continue
            if self._budget < 0:
                self._align_nearby(*stretch)
            elif cost <= _EXACT:
                self._budget -= cost
                self._align_exactly(*stretch)
            elif not any(self._align_windows(*stretch, width) for width in _WINDOWS):
                self._align_nearby(*stretch)

    def complete(self) -> list[int]:
        """Match what is left over on both sides, as it comes."""
        used = set(self._origin)
        left: defaultdict[int, list[int]] = defaultdict(list)
        for at in range(len(self._old) - 1, -1, -1):
            if at not in used:
                left[self._old[at]].append(at)
        for at, key in enumerate(self._new):
            if self._origin[at] < 0 and (places := left.get(key)):
                self._origin[at] = places.pop()
        return self._origin

    def _trim(self, a: int, a_end: int, b: int, b_end: int) -> tuple[int, int, int, int]:
        old, new, origin = self._old, self._new, self._origin
        while a < a_end and b < b_end and old[a] == new[b]:
            origin[b] = a
            a += 1
            b += 1
        while a < a_end and b < b_end and old[a_end - 1] == new[b_end - 1]:
            a_end -= 1
            b_end -= 1
            origin[b_end] = a_end
        return a, a_end, b, b_end

    def _align_exactly(self, a: int, a_end: int, b: int, b_end: int) -> None:
        old, new = self._old[a:a_end], self._new[b:b_end]
        # The lengths of the longest common subsequences of what is left from each pair on.
        rows = [[0] * (len(new) + 1)]
        for item in reversed(old):
            below = rows[-1]
            row = [0] * (len(new) + 1)
            for at in range(len(new) - 1, -1, -1):
                if item == new[at]:
                    row[at] = below[at + 1] + 1
                else:
                    row[at] = row[at + 1] if row[at + 1] >= below[at] else below[at]
            rows.append(row)
        rows.reverse()
        i = j = 0
        while i < len(old) and j < len(new):
            if old[i] == new[j]:
                self._origin[b + j] = a + i
                i += 1
                j += 1
            elif rows[i + 1][j] >= rows[i][j + 1]:
                i += 1
            else:
                j += 1

    def _align_windows(self, a: int, a_end: int, b: int, b_end: int, width: int) -> bool:
        """Match the windows that are there once on each side; leave the stretches between."""
        self._budget -= a_end - a + b_end - b
        old = _unique_windows(self._old, a, a_end, width)
        new = _unique_windows(self._new, b, b_end, width)
        pairs = [(at, new[window]) for window, at in old.items() if window in new]
        runs: list[range] = []
        places: list[int] = []
        for i, j in pairs:
            if runs and runs[-1].stop == j and i - places[-1] == j - runs[-1].start:
                runs[-1] = range(runs[-1].start, j + 1)
            else:
                runs.append(range(j, j + 1))
                places.append(i)
        for at in increasing(runs):
            i, run = places[at], runs[at]
            self._left.append((a, i, b, run.start))
            for offset, j in enumerate(run):
                self._origin[j] = i + offset
            a, b = i + len(run), run.stop
        if pairs:
            self._left.append((a, a_end, b, b_end))
        return bool(pairs)

    def _align_nearby(self, a: int, a_end: int, b: int, b_end: int) -> None:
        """Go along both sides, and where they part, to where they are at one again soon."""
        while a < a_end and b < b_end:
            if self._old[a] == self._new[b]:
                self._origin[b] = a
                skip_a = skip_b = 1
            else:
                skip_a, skip_b = self._rejoin(a, b)
            a += skip_a
            b += skip_b

    def _rejoin(self, a: int, b: int) -> tuple[int, int]:
        for distance in range(1, _NEARBY if self._budget > 0 else 0):
            self._budget -= distance
            for skip_a in range(distance + 1):
                skip_b = distance - skip_a
                ahead = self._old[a + skip_a : a + skip_a + _REJOINED]
                if ahead == self._new[b + skip_b : b + skip_b + _REJOINED]:
                    return skip_a, skip_b
        return 1, 1


def _unique_windows(keys: list[int], start: int, end: int, width: int) -> "dict[Hashable, int]":
    """Give the windows that are there once, and where, in order."""
    shifted = [keys[start + at : end] for at in range(width)]
    windows = keys[start:end] if width == 1 else zip(*shifted, strict=False)
    found: dict[Hashable, int] = {}
    for at, window in enumerate(windows, start):
        found[window] = -1 if window in found else at
    return {window: at for window, at in found.items() if at >= 0}
