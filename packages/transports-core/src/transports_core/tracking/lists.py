"""What is known of a list: what changed in it, and where its items are now."""

from __future__ import annotations

import warnings
from operator import eq
from typing import TYPE_CHECKING, Any, Final, cast

from transports_core.bridge import ListShape
from transports_core.errors import UnseenWriteWarning
from transports_core.size import size
from transports_core.tracking.adoption import adopt, adopt_all, let_go
from transports_core.tracking.changes import Changes
from transports_core.tracking.derived import remember
from transports_core.tracking.kinds import node_of, unchanging
from transports_core.tracking.node import (
    COLD,
    MISSING,
    SCALARS,
    UNDIVIDED,
    Link,
    Node,
    parts,
    touch,
)
from transports_core.tracking.slots import emit_slot, lower
from transports_core.tracking.weight import outweighs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from transports_core.bridge import Shape
    from transports_core.patch import Operation
    from transports_core.rearranging.transition import Transition
    from transports_core.tracking.node import Step


# What a list does itself, unseen.
_append: Final = list[Any].append
_set: Final = list[Any].__setitem__


class ListNode(Node):
    """What is known of a list.

    Where an item stands changes with every insertion before it, and writing that down for each
    item would make an insertion cost as much as the list is long. So a link keeps where its item
    was last seen, and how far things had moved by then: `net` sums the signed shifts, `drift`
    their sizes. The item is where it was seen, or shifted by what `net` has grown since, or at
    most as far away as `drift` has.
    """

    __slots__ = ("changes", "drift", "net", "plain", "scattered", "told")

    def __init__(self, obj: Any) -> None:
        super().__init__(obj)
        self.changes: Changes | None = None
        # While a collection says it: what changed.
        self.told: Changes | None = None
        obj._length = len(obj)
        # Whether no item can change, as far as is known.
        self.plain = False
        self.net = 0
        self.drift = 0
        # Whether items may be anywhere.
        self.scattered = False

    def release(self) -> None:
        """Stop watching the list."""
        self.obj._hot = COLD
        self.obj._node = None

    def children(self) -> Iterator[tuple[Any, object]]:
        """Give the items that may be tracked."""
        self.plain = SCALARS.issuperset(map(type, self.obj))
        if not self.plain:
            for index, item in enumerate(self.obj):
                if type(item) not in SCALARS:
                    yield index, item

    def store(self, key: Any, value: object) -> None:
        """Put `value` in the place of its equal, unobserved."""
        _set(self.obj, key, value)

    def link(self, key: Any, inner: tuple[int, ...], *, fresh: bool) -> Link:
        """Make the link of something that comes to stand at `key`."""
        link = Link(self, key, inner, fresh=fresh)
        link.net, link.drift = self.net, self.drift
        return link

    def refresh(self) -> None:
        """Make good what is known of the list, after writes that nobody saw."""
        self.close()
        self.obj._length = len(self.obj)
        self.scattered = True

    # Where items are.

    def place(self, link: Link, child: Node) -> Any:
        """Give the position where the child of `link` stands now; `MISSING` if it does not."""
        if self.scattered or (len(child.links) > 1 and self._stands_twice(link, child)):
            self._find_all()
            if not self._holds(link.key, link, child):
                return MISSING
        elif not self._holds(link.key, link, child):
            found = self._search(link, child)
            if found is MISSING:
                return MISSING
            link.key = found
        link.net, link.drift = self.net, self.drift
        if self.told is not None:
            # Of items that change places through one another, a link may have stayed that is not
            # the one of this place.
            self._tell_apart(link, link.key)
        return link.key

    def follow(self, link: Link, child: Node, shape: Any) -> Step | None:
        """Give the step that the child of `link` stands at."""
        index = self.place(link, child)
        return None if index is MISSING or link.fresh else (f"/{index}", shape.item)

    def _stands_twice(self, link: Link, child: Node) -> bool:
        return any(other.parent is self and other is not link for other in child.links)

    def _holds(self, index: int, link: Link, child: Node) -> bool:
        if not 0 <= index < len(self.obj):
            return False
        item: Any = self.obj[index]
        for position in link.inner:
            if not isinstance(item, tuple) or position >= len(cast("tuple[Any, ...]", item)):
                return False
            item = cast("tuple[Any, ...]", item)[position]
        return item is child.obj

    def _search(self, link: Link, child: Node) -> Any:
        likely = link.key + self.net - link.net
        if self._holds(likely, link, child):
            return likely
        # Outwards from where it was, for as far as it can have gone.
        for distance in range(1, self.drift - link.drift + 1):
            for index in (link.key - distance, link.key + distance):
                if self._holds(index, link, child):
                    return index
        return next((i for i in range(len(self.obj)) if self._holds(i, link, child)), MISSING)

    def _find_all(self) -> None:
        """Write down where every item is; of one that stands there twice, each place once."""
        # An object in a tuple is another matter than the same one beside it.
        counts: dict[tuple[int, tuple[int, ...]], int] = {}
        for index, item in enumerate(self.obj):
            for inner, part in parts(item):
                node = node_of(part)
                if node is None:
                    continue
                links = [x for x in node.links if x.parent is self and x.inner == inner]
                nth = counts.get((id(node), inner), 0)
                counts[id(node), inner] = nth + 1
                if nth < len(links):
                    links[nth].key = index
                    links[nth].net, links[nth].drift = self.net, self.drift
                    if len(links) > 1:
                        self._tell_apart(links[nth], index)
        self.scattered = False

    def _tell_apart(self, link: Link, index: int) -> None:
        """Find out whether the object came to its place at `index` since the last collection."""
        changes = self.told if self.changes is None else self.changes
        link.fresh = changes is not None and changes.came(index)
        if link.fresh:
            self.arrivals[link] = None
        else:
            self.arrivals.pop(link, None)

    def settle(self) -> None:
        """Take note that what came is known to everybody, so that changes in it are told."""
        super().settle()
        self.told = None

    # What is done to the list.

    def append(self, item: object) -> None:
        """Put an item at the end."""
        if type(item) not in SCALARS:
            item = adopt(self, len(self.obj), item)
            self.plain = False
        self._begin().append(item)
        _append(self.obj, item)
        self.obj._length += 1
        self._open()

    def write(self, index: int, item: object) -> None:
        """Replace the item at `index`, which is not negative."""
        old = self.obj[index]
        if item is old and unchanging(item):
            self._open()
            return
        if type(item) not in SCALARS:
            item = adopt(self, index, item)
            self.plain = False
        self._begin().replace(index, old, item)
        _set(self.obj, index, item)
        if type(old) not in SCALARS:
            let_go(self, index, old)
        self._open()

    def write_all(self, positions: Sequence[int], items: Sequence[object]) -> None:
        """Replace the items at these positions: all of them, or none."""
        self._begin()
        olds = [self.obj[index] for index in positions]
        adopted = self._adopt_all(positions, items)
        for index, old, item in zip(positions, olds, adopted, strict=True):
            self._begin().replace(index, old, item)
            _set(self.obj, index, item)
        for index, old in zip(positions, olds, strict=True):
            let_go(self, index, old)

    def splice(self, start: int, stop: int, items: Sequence[object]) -> None:
        """Replace the items from `start` to `stop` by `items`."""
        shift = len(items) - (stop - start) if stop < self.obj._length else 0
        # Before the new items get their links: what comes after them moves, they do not.
        self.net, self.drift = self.net + shift, self.drift + abs(shift)
        try:
            adopted = list(self._adopt_all(range(start, start + len(items)), items))
        except BaseException:
            self.net, self.drift = self.net - shift, self.drift - abs(shift)
            raise
        removed = self.obj[start:stop]
        self._begin().splice(self.obj, start, stop, adopted)
        _set(self.obj, slice(start, stop), adopted)
        self.obj._length = len(self.obj)
        for index, item in enumerate(removed, start):
            let_go(self, index, item)

    def permute(self, order: list[int]) -> None:
        """Put the items in another order: at `i` comes what was at `order[i]`."""
        if all(map(eq, order, range(len(order)))):
            return
        self._begin().permute(self.obj, order)
        _set(self.obj, slice(None), list(map(self.obj.__getitem__, order)))
        self.scattered = True

    def _adopt_all(self, positions: Sequence[int], items: Sequence[object]) -> Collection[object]:
        adopted = adopt_all(self, positions, items)
        # It gives what cannot change as it got it.
        self.plain = self.plain and adopted is items
        return adopted

    def close(self) -> None:
        """Have everybody who writes wait for the lock."""
        self.obj._hot = COLD

    def _open(self) -> None:
        """Let items be written without the lock, by noting what they were (see `TrackedList`)."""
        changes = self.changes
        if UNDIVIDED and self.plain and changes is not None and changes.transition is None:
            self.obj._hot = changes.written

    def _begin(self) -> Changes:
        if len(self.obj) != self.obj._length:
            self._unseen()
        if self.changes is None:
            self.changes = Changes(self.obj._length)
        if not self.queued:
            touch(self)
        return self.changes

    def _unseen(self) -> None:
        """Make good a write that nobody saw, as functions written in C can do."""
        length = self.obj._length
        warnings.warn(
            UnseenWriteWarning(
                f"a hosted list of {length} items has {len(self.obj)}: something wrote to it"
                " that cannot be seen, as heapq does; call `session.update(id)` after such writes"
            ),
            stacklevel=5,
        )
        self.changes = Changes(length if self.changes is None else self.changes.length)
        self.changes.rewrite(list(self.obj))
        self.obj._length = len(self.obj)
        self.scattered = True

    # What is said of it.

    def take(self) -> Changes | None:
        """Give what changed since the last collection."""
        self.close()
        taken, self.changes = self.changes, None
        if taken is not None:
            taken.settle(self.obj)
        self.told = taken
        return taken

    def emit(self, taken: Changes | None, shape: Shape, path: str, ops: list[Operation]) -> bool:
        """Say which items came, left, moved, or were replaced."""
        assert isinstance(shape, ListShape), "the shape of a list"
        if taken is None:
            return False
        if taken.transition is not None:
            return self._emit_transition(taken.transition, shape.item, path, ops)
        for index, old in taken.replaced(self.obj):
            sent = emit_slot(shape.item, f"{path}/{index}", old, self.obj[index], ops)
            if sent is not MISSING:
                remember(self.obj[index], shape.item, sent)
        values = [
            self._lower(item, shape.item, f"{path}/{index}")
            for index, item in enumerate(self.obj[taken.length :], taken.length)
        ]
        if values:
            ops.append({"op": "append", "path": path, "value": values})
        return False

    def _emit_transition(
        self, transition: Transition[Any], shape: Shape, path: str, ops: list[Operation]
    ) -> bool:
        def at(item: object) -> Any:
            return self._lower(item, shape, f"{path}/-")

        def whole(limit: int) -> list[Any] | None:
            # An edit that is on its way finds its item again if that is not sent again. So only
            # where most items are gone. To count those that came new is on the safe side.
            if 2 * len(self.obj) > transition.old_length or outweighs(self.obj, limit):
                return None
            values = list(map(at, self.obj))
            return values if size(values, limit) < limit else None

        found = transition.operations(path, at, whole=whole)
        ops += found
        return len(found) == 1 and found[0]["op"] == "replace" and found[0]["path"] == path

    def _lower(self, item: object, shape: Shape, path: str) -> Any:
        value = lower(shape, item, path)
        if type(item) not in SCALARS:
            remember(item, shape, value)
        return value
