"""Taking objects in and letting them go: what is put in becomes tracked, what is taken out not."""

from __future__ import annotations

from sys import getrefcount
from typing import TYPE_CHECKING, Any, Final, cast
from warnings import warn

from transports_core.errors import CycleError, TrackingError, UntrackedReferenceWarning
from transports_core.tracking.kinds import NODES, node_of, track, untrack
from transports_core.tracking.node import MISSING, SCALARS, parts, roots_above, touch

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator

    from transports_core.tracking.node import Link, Node

# What gets a tracked twin, so that a reference to the plain one sees and shows nothing more.
_PLAIN: Final = frozenset({list, dict, set})

_FIELD_AND_ARGUMENT: Final = 2


def adopt(parent: Node, key: Any, value: object) -> object:
    """Take in what is about to stand at `key` of `parent`'s object: all of it, or none.

    Returns:
        What to put there: `value`, or its tracked twin.

    Raises:
        CycleError: It would hold itself.
        TrackingError: It is nested too deep.
    """
    if type(value) in SCALARS:
        return value
    taking = _Adoption()
    try:
        return taking.take(parent, key, (), value, fresh=True)
    except RecursionError:
        taking.undo()
        raise _too_deep(parent) from None
    except BaseException:
        taking.undo()
        raise


def adopt_all(parent: Node, keys: Iterable[Any], values: Collection[object]) -> Collection[object]:
    """Take in what is about to stand at several keys of `parent`'s object: all of it, or none.

    Returns:
        What to put there, in this order.

    Raises:
        CycleError: One of the values would hold itself.
        TrackingError: One is nested too deep.
    """
    if SCALARS.issuperset(map(type, values)):
        return values
    taking = _Adoption()
    try:
        return [
            taking.take(parent, key, (), value, fresh=True)
            for key, value in zip(keys, values, strict=True)
        ]
    except RecursionError:
        taking.undo()
        raise _too_deep(parent) from None
    except BaseException:
        taking.undo()
        raise


def adopt_children(node: Node, original: object) -> None:
    """Take in what the object of a new root holds.

    Args:
        node: The node of the root's object.
        original: The object, or what it is the tracked twin of.

    Raises:
        CycleError: It holds itself.
        TrackingError: It is nested too deep.
    """
    taking = _Adoption(hosting=True)
    try:
        taking.descend(node, original)
    except RecursionError:
        taking.undo()
        raise _too_deep(node) from None
    except BaseException:
        taking.undo()
        raise


def readopt(node: Node) -> Collection[Node]:
    """Look again at what an object holds, all the way down, after changes that nobody saw.

    Returns:
        The nodes of all that it holds, and its own.

    Raises:
        CycleError: It has come to hold itself.
    """
    seen: dict[int, Node] = {}
    # The links that are right.
    good: set[int] = set()
    queue = [node]
    while queue:
        parent = queue.pop()
        if id(parent) in seen:
            continue
        seen[id(parent)] = parent
        parent.refresh()
        for key, child in list(parent.children()):
            queue.extend(_find_again(parent, key, child, good))
    if sum(parent.held for parent in seen.values()) > len(good):
        _sweep(seen, good)
    for parent in seen.values():
        parent.settle()
    return seen.values()


def _find_again(parent: Node, key: Any, child: object, good: set[int]) -> list[Node]:
    """Give the nodes of what stands at `key`, made where there are none yet."""
    links: list[Link | None] = []
    for inner, part in parts(child):
        known = node_of(part)
        links.append(None if known is None else _link(known, parent, key, inner, good))
    if None in links:
        twin = adopt(parent, key, child)
        if twin is not child:
            parent.store(key, twin)
        child = twin
        good.update(map(id, parent.arrivals))
    good.update(id(link) for link in links if link is not None)
    return [known for _, part in parts(child) if (known := node_of(part)) is not None]


def _sweep(parents: dict[int, Node], good: set[int]) -> None:
    """Let go of what the parents hold no more, though nobody saw it leave."""
    for node in list(NODES.values()):
        for link in list(node.links):
            if id(link.parent) in parents and id(link) not in good:
                _unlink(node, link)


def let_go(parent: Node, key: Any, value: object) -> None:
    """Let go of what stood at `key` of `parent`'s object."""
    if type(value) not in SCALARS:
        for node in _unlinked(parent, key, value):
            abandon(node)


def _unlinked(parent: Node, key: Any, value: object) -> list[Node]:
    """Take away the links that tell that a value stood at `key`; give the nodes that had them."""
    nodes: list[Node] = []
    for inner, part in parts(value):
        node = node_of(part)
        link = None if node is None else _link(node, parent, key, inner)
        if node is not None and link is not None:
            _cut(node, link)
            nodes.append(node)
    return nodes


def abandon(node: Node) -> None:
    """Stop tracking an object that no hosted one reaches any more, and what only it reached."""
    # A list of what is left, not recursion: what was taken in is let go however deep it is.
    left = [node]
    while left:
        node = left.pop()
        if node.links or node.roots or node.obj is None:
            continue
        children = list(node.children())
        untrack(node)
        for key, child in children:
            left.extend(_unlinked(node, key, child))


def _link(
    node: Node, parent: Node, key: Any, inner: tuple[int, ...], but: Container[int] = ()
) -> Link | None:
    found = None
    for link in node.links:
        if link.parent is parent and link.inner == inner and id(link) not in but:
            if link.key is key or link.key == key:
                return link
            # In a list, the key of a link is where the item was last seen.
            found = link
    return found


def _cut(node: Node, link: Link) -> None:
    node.links.remove(link)
    link.parent.held -= 1
    link.parent.arrivals.pop(link, None)


def _unlink(node: Node, link: Link) -> None:
    _cut(node, link)
    abandon(node)


def _too_deep(node: Node) -> TrackingError:
    name = type(node.obj).__name__
    return TrackingError(name, _live_path(node), "what it holds is nested too deep")


class _Adoption:
    """Takes in a value with all that it holds, and can undo that.

    Args:
        hosting: Whether this is what a new root holds, and not what the application is putting
            somewhere: then nobody else should be in the middle of using it.
    """

    def __init__(self, *, hosting: bool = False) -> None:
        self._hosting = hosting
        self._made: list[tuple[Node, Link]] = []
        # The tracked twin of each plain container met: one object stays one.
        self._twins: dict[int, tuple[object, Node]] = {}
        # What is being walked through, from the top.
        self._active: set[int] = set()

    def undo(self) -> None:
        for node, link in reversed(self._made):
            if link in node.links:
                _unlink(node, link)

    def take(
        self, parent: Node, key: Any, inner: tuple[int, ...], value: object, *, fresh: bool
    ) -> object:
        if type(value) in SCALARS:
            return value
        if isinstance(value, tuple):
            return self._take_tuple(parent, key, inner, cast("tuple[object, ...]", value), fresh)
        known = self._twins.get(id(value))
        node = node_of(value) if known is None else known[1]
        if node is not None:
            self._refuse_cycle(node, parent, key)
            self._link(node, parent, key, inner, fresh)
            _join(node, parent)
            return node.obj
        node = track(value)
        if node is None:
            return value
        self._twins[id(value)] = (value, node)
        self._link(node, parent, key, inner, fresh)
        self.descend(node, value)
        if node.fault() is not None:
            touch(node)
        return node.obj

    def descend(self, node: Node, original: object) -> None:
        self._active.add(id(node))
        self._twins[id(original)] = (original, node)
        if self._hosting and node.owns:
            _warn_of_held(node)
        for key, child in node.children():
            twin = self.take(node, key, (), child, fresh=False)
            if twin is not child:
                node.store(key, twin)
        self._active.discard(id(node))

    def _take_tuple(
        self,
        parent: Node,
        key: Any,
        inner: tuple[int, ...],
        value: tuple[object, ...],
        fresh: bool,
    ) -> tuple[object, ...]:
        twins = [
            self.take(parent, key, (*inner, index), item, fresh=fresh)
            for index, item in enumerate(value)
        ]
        if all(twin is item for twin, item in zip(twins, value, strict=True)):
            return value
        make = getattr(type(value), "_make", None)
        return tuple(twins) if make is None else make(twins)

    def _link(
        self, node: Node, parent: Node, key: Any, inner: tuple[int, ...], fresh: bool
    ) -> None:
        link = parent.link(key, inner, fresh=fresh)
        node.links.append(link)
        parent.held += 1
        self._made.append((node, link))
        if fresh:
            parent.arrivals[link] = None

    def _refuse_cycle(self, node: Node, parent: Node, key: Any) -> None:
        if id(node) in self._active or any(above is node for above in _above(parent)):
            raise CycleError(type(node.obj).__name__, _live_path(parent, key))


def _warn_of_held(node: Node) -> None:
    """Warn of plain containers in fields that somebody else refers to as well."""
    for key in [key for key, child in node.children() if type(child) in _PLAIN]:
        # Nothing may refer to it meanwhile but the field and the argument: no variable, no loop.
        # So the count is the same in every version of Python.
        if getrefcount(node.at(key)) > _FIELD_AND_ARGUMENT:
            warn(
                UntrackedReferenceWarning(
                    f"{type(node.obj).__name__}.{key} is held by somebody else too: what is written"
                    " to it there is not seen; write through the hosted object, or call"
                    " `session.update(id)`"
                ),
                stacklevel=8,
            )


def _join(node: Node, parent: Node) -> None:
    """Have roots that now share an object collected together."""
    for mine in roots_above(node):
        for theirs in roots_above(parent):
            if mine is not theirs:
                mine.joined.add(theirs)
                theirs.joined.add(mine)


def _above(node: Node) -> Iterator[Node]:
    seen: set[int] = set()
    queue = [node]
    while queue:
        node = queue.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            queue.extend(link.parent for link in node.links)


def _live_path(node: Node, *key: Any) -> str:
    """Give the way to an object, or to what stands at a key of it."""
    keys = list(key)
    while node.links:
        link = node.links[0]
        known = link.key
        place = link.parent.place(link, node)
        # A tracked twin that is about to be put in is nowhere yet.
        keys.append(known if place is MISSING else place)
        node = link.parent
    return "".join(f"/{key}" for key in reversed(keys))
