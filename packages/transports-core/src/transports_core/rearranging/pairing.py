"""Which item of an old list is which of a new one, also where it has changed.

Equal items are matched first. Of those left over, two are one item that has changed where a member
identifies them: one that all of them have, each with another string or integer, and that has the
same value on both sides more often than any other such member. What is left then is paired between
the same neighbours, in order, so that as much as possible is found again inside the pairs.
"""

import marshal
from bisect import bisect_right
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import takewhile, zip_longest
from operator import is_
from typing import TYPE_CHECKING, cast

from transports_core.rearranging.increasing import increasing
from transports_core.rearranging.matching import match

if TYPE_CHECKING:
    from transports_core.values import Value

# Between two neighbours, so many pairs are weighed against each other; more are taken as they come.
_WEIGHED = 1 << 10


@dataclass(slots=True)
class Pairs:
    """The items of two lists that belong together.

    Attributes:
        origin: For each new item the position of the old one, or -1.
        changed: The positions, old and new, of those that are not equal.
        in_place: The same as `origin` where nothing moves; `None` where there are containers, in
            which a move saves more.
    """

    origin: list[int]
    changed: list[tuple[int, int]]
    in_place: list[int] | None


def pair(old: "list[Value]", new: "list[Value]") -> Pairs:
    """Find the items of two lists that belong together."""
    # What is shared is not even looked at.
    start = sum(1 for _ in takewhile(bool, map(is_, old, new)))
    rest = map(is_, reversed(old[start:]), reversed(new[start:]))
    end = sum(1 for _ in takewhile(bool, rest))
    if len(old) - start - end == len(new) - start - end == 1:
        return _pair_two(old, new, start)
    return _pair_many(old, new, start, end)


def _pair_many(old: "list[Value]", new: "list[Value]", start: int, end: int) -> Pairs:
    """Find the items that belong together between what is shared at the start, and at the end."""
    olds, news = old[start : len(old) - end], new[start : len(new) - end]
    old_keys, new_keys = list(map(key, olds)), list(map(key, news))
    origin = match(old_keys, new_keys)
    changed = _Changed(olds, news, origin).find()
    in_place = None
    if not any(map(_holds_items, olds)) and not any(map(_holds_items, news)):
        # No key is the object that fills up the shorter list.
        longest = zip_longest(old_keys[: len(news)], new_keys, fillvalue=object())
        in_place = [at if a == b else -1 for at, (a, b) in enumerate(longest)]

    def complete(middle: list[int]) -> list[int]:
        shifted = (at + start if at >= 0 else -1 for at in middle)
        return [*range(start), *shifted, *range(len(old) - end, len(old))]

    return Pairs(
        complete(origin),
        [(i + start, j + start) for i, j in changed],
        None if in_place is None else complete(in_place),
    )


def _pair_two(old: "list[Value]", new: "list[Value]", at: int) -> Pairs:
    """Find whether the only two items that are not shared, at one position, belong together.

    Who changes one item of a list has nothing else to be matched: a tenth of the work.
    """
    a, b = old[at], new[at]
    stays = key(a) == key(b)
    changed = not stays and _holds_items(a) and _holds_items(b) and _related(a, b)
    origin = list(range(len(old)))
    if not stays and not changed:
        origin[at] = -1
    in_place = None if _holds_items(a) or _holds_items(b) else origin
    return Pairs(origin, [(at, at)] if changed else [], in_place)


def key(value: "Value") -> Hashable:
    """Give what is equal for two values only if they are the same."""
    if value is None or type(value) in (str, int):
        return cast("Hashable", value)
    try:
        # The second version, which does not tell what else refers to a string.
        return marshal.dumps(value, 2)
    except ValueError:
        # Nested too deeply: nothing is known to be the same.
        return object()


class _Changed:
    """Looks for items that have changed, among those that are equal to none."""

    def __init__(self, old: "list[Value]", new: "list[Value]", origin: list[int]) -> None:
        self._old = old
        self._new = new
        self._origin = origin
        self._pairs: list[tuple[int, int]] = []

    def find(self) -> list[tuple[int, int]]:
        """Give the pairs, and write them down as origins, too."""
        found = set(self._origin)
        olds = [i for i, item in enumerate(self._old) if i not in found and _holds_items(item)]
        news = [j for j, item in enumerate(self._new) if self._origin[j] < 0 and _holds_items(item)]
        if olds and news:
            self._pair(_same_identity(self._old, olds, self._new, news))
            taken = dict(self._pairs)
            olds = [i for i in olds if i not in taken]
            news = [j for j in news if self._origin[j] < 0]
        if olds and news:
            for gap_olds, gap_news in self._gaps(olds, news):
                self._pair(_alike(self._old, gap_olds, self._new, gap_news))
        return self._pairs

    def _pair(self, pairs: list[tuple[int, int]]) -> None:
        self._pairs += pairs
        for i, j in pairs:
            self._origin[j] = i

    def _gaps(self, olds: list[int], news: list[int]) -> Iterator[tuple[list[int], list[int]]]:
        """Give the left ones between the same neighbours: items found again, in the same order."""
        found = [(i, j) for j, i in enumerate(self._origin) if i >= 0]
        chosen = increasing([range(i, i + 1) for i, _ in found])
        old_bounds = [found[at][0] for at in chosen]
        new_bounds = [found[at][1] for at in chosen]
        gaps: dict[int, tuple[list[int], list[int]]] = {}
        for i in olds:
            gaps.setdefault(bisect_right(old_bounds, i), ([], []))[0].append(i)
        for j in news:
            gaps.setdefault(bisect_right(new_bounds, j), ([], []))[1].append(j)
        return ((gap_olds, gap_news) for gap_olds, gap_news in gaps.values() if gap_olds)


def _holds_items(item: "Value") -> bool:
    return isinstance(item, (dict, list))


def _same_identity(
    old: "list[Value]", olds: list[int], new: "list[Value]", news: list[int]
) -> list[tuple[int, int]]:
    """Pair dicts by the member that identifies most of them."""
    one = old[olds[0]]
    best: list[tuple[int, int]] = []
    for name in one if isinstance(one, dict) else ():
        places = _identities(old, olds, name)
        others = _identities(new, news, name) if places else {}
        pairs = [(i, others[value]) for value, i in places.items() if value in others]
        if len(pairs) > len(best):
            best = pairs
    return best


def _identities(items: "list[Value]", places: list[int], name: str) -> dict[str | int, int]:
    """Give the places of dicts by a member; nothing, if it identifies not all of them."""
    found: dict[str | int, int] = {}
    for place in places:
        item = items[place]
        value = item.get(name) if isinstance(item, dict) else None
        if type(value) not in (str, int) or value in found:
            return {}
        found[cast("str | int", value)] = place
    return found


def _alike(
    old: "list[Value]", olds: list[int], new: "list[Value]", news: list[int]
) -> list[tuple[int, int]]:
    """Pair items in order, so that as much as possible is the same in the pairs."""
    first = [_features(old[i]) for i in olds]
    second = [_features(new[j]) for j in news]
    if len(olds) * len(news) > _WEIGHED:
        together = zip(olds, news, first, second, strict=False)
        return [(i, j) for i, j, a, b in together if a & b]
    weights = [[len(a & b) for b in second] for a in first]
    # The best weight of what is left from each pair on.
    best = [[0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    for i in range(len(olds) - 1, -1, -1):
        for j in range(len(news) - 1, -1, -1):
            skipped = max(best[i + 1][j], best[i][j + 1])
            best[i][j] = max(skipped, best[i + 1][j + 1] + weights[i][j])
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(olds) and j < len(news):
        if weights[i][j] and best[i][j] == best[i + 1][j + 1] + weights[i][j]:
            pairs.append((olds[i], news[j]))
            i += 1
            j += 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _related(a: "Value", b: "Value") -> bool:
    """Tell whether two items have a feature in common."""
    if not isinstance(a, dict) or not isinstance(b, dict):
        return not _features(a).isdisjoint(_features(b))
    for name, value in a.items():
        if name in b:
            other = b[name]
            alike = type(value) is type(other)
            if key(value) == key(other) or (alike and _holds_items(value)):
                return True
    return False


def _features(item: "Value") -> set[Hashable]:
    """Give what two versions of an item are likely to share."""
    if isinstance(item, dict):
        members = item.items()
        return {
            *((name, key(value)) for name, value in members),
            *((name, type(value)) for name, value in members if _holds_items(value)),
        }
    items = cast("list[Value]", item)
    # A dict shares nothing with a list: its features are pairs of a string and something else.
    return {*map(key, items), *(type(value) for value in items if _holds_items(value))}
