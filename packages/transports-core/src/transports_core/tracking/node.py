"""What the tracker knows of one live object: where it stands, and what changed in it.

A node exists for as long as its object can be reached from a hosted one. Links point upwards
only: an object is kept alive by those that hold it, as if nobody watched.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from transports_core.bridge import Shape
    from transports_core.patch import Operation
    from transports_core.values import Value

# One lock for the process: a mutation and its record are one critical section, and so is a
# collection. An object may be hosted in several sessions, so no smaller lock would do.
lock: Final = RLock()

UNDIVIDED: Final = (
    sys.implementation.name == "cpython" and getattr(sys, "_is_gil_enabled", lambda: True)()
)
"""Whether a test for membership and a write to a dict that follows it are one step.

CPython hands its global lock over between calls, at jumps backwards, and where code written in
Python begins to run. Where none of these is, no other thread can come in between.
"""

SCALARS: Final = frozenset({type(None), bool, int, float, str})
"""The types whose values cannot change: nothing below them is tracked."""


_NO_VALUES: Final[Mapping[str, Any]] = {}


class Missing:
    """Stands for a member that is not there."""

    def __repr__(self) -> str:
        return "MISSING"


class Unknown:
    """Stands for an earlier value that nobody kept, as it could change."""

    def __repr__(self) -> str:
        return "UNKNOWN"


COLD: Final[set[Any]] = set()
"""The hot keys of most nodes: none. One set serves all of them, and is never added to.

The key of a slot is hot while that holds what cannot change and what it was at the last collection
is recorded: then nothing but the write is left to do, and where that is one step with the question
(see `UNDIVIDED`) not even the lock is needed. Whoever does more than one thing under the lock has
no key hot meanwhile, so that everybody else waits.
"""

MISSING: Final = Missing()
UNKNOWN: Final = Unknown()


class Link:
    """One place where an object stands.

    Attributes:
        parent: The node of what holds it.
        key: Where: an attribute, a key, a member of a set; in a list, where it was last seen.
        inner: The positions to go through from there, for what lies inside of tuples.
        fresh: Whether it came to stand here since the last collection, which will send it whole.
        drift: In a list, how far things had moved when `key` was right (see `ListNode`).
    """

    __slots__ = ("drift", "fresh", "inner", "key", "net", "parent")

    def __init__(self, parent: Node, key: Any, inner: tuple[int, ...], *, fresh: bool) -> None:
        self.parent = parent
        self.key = key
        self.inner = inner
        self.fresh = fresh
        self.net = 0
        self.drift = 0


class Waking(Protocol):
    """Who hears that there is something to collect."""

    def wake(self) -> None:
        """Take note of it."""
        ...


class Owner(Protocol):
    """What stands at the top: a root."""

    joined: set[Any]
    """The roots that came to share objects with this one since the last collection."""

    changed: dict[Node, None]
    """What changed since then, in the order in which it first did."""

    @property
    def sink(self) -> Waking:
        """Who is to hear of the first change."""
        ...

    def forget(self, node: Node) -> None:
        """Take note that `node` is tracked no more."""
        ...


class Node(ABC):
    """What is known of one live object; there is a subclass for each kind."""

    owns = False
    """Whether the object refers to each child once, so that others who do can be counted."""

    __slots__ = ("arrivals", "derived", "held", "links", "obj", "queued", "roots", "shadow")

    def __init__(self, obj: Any) -> None:
        self.obj = obj
        # Where the object stands, and whether it is itself hosted.
        self.links: list[Link] = []
        # How many links say of something that it stands in this object.
        self.held = 0
        self.roots: tuple[Owner, ...] = ()
        # The roots that know that there is something to collect here.
        self.queued: Sequence[Owner] = ()
        # Links of what was put in since the last collection.
        self.arrivals: dict[Link, None] = {}
        # The last wire value, where the object stands at a position that is dumped whole.
        self.shadow: Value | Missing = MISSING
        # The last wire value of each derived member.
        self.derived: Mapping[str, Value | Missing] = _NO_VALUES

    @abstractmethod
    def children(self) -> Iterator[tuple[Any, object]]:
        """Give what the object holds that may be tracked, with the key of each."""

    @abstractmethod
    def store(self, key: Any, value: object) -> None:
        """Put `value` in the place of its equal, unobserved."""

    @abstractmethod
    def release(self) -> None:
        """Stop watching the object."""

    @abstractmethod
    def take(self) -> Any:
        """Give what changed since the last collection, and begin anew."""

    @abstractmethod
    def emit(self, taken: Any, shape: Any, path: str, ops: list[Operation]) -> bool:
        """Say what changed, for one of the places where the object stands.

        Args:
            taken: What `take` gave.
            shape: How the object appears on the wire there.
            path: The pointer to that.
            ops: The operations so far, to add to.

        Returns:
            Whether that was to send the object whole, so that there is no more to say of it.
        """

    def link(self, key: Any, inner: tuple[int, ...], *, fresh: bool) -> Link:
        """Make the link of something that comes to stand at `key`."""
        return Link(self, key, inner, fresh=fresh)

    def place(self, link: Link, child: Node) -> Any:
        """Give the key at which the child of `link` stands now; `MISSING` if it does not."""
        del child
        return link.key

    def follow(self, link: Link, child: Node, shape: Any) -> Step | None:
        """Give the step that the child of `link` stands at.

        Args:
            link: The link, as of the last collection or since.
            child: What it leads to.
            shape: How the object appears on the wire.

        Returns:
            The end of the pointer, and the shape there; with what `link.inner` says to come.
            `None` if the child does not stand there any more, came since the last collection, or
            is not shown.
        """
        # To look where it is may show which of several places is the new one.
        if not self.holds(link, child) or link.fresh:
            return None
        member = shape.member(self.obj, link.key)
        return None if member is None or member.shape is None else (member.pointer, member.shape)

    def holds(self, link: Link, child: Node) -> bool:
        """Whether the child of `link` still stands there; it may have left unseen."""
        value: Any = self.at(link.key)
        for position in link.inner:
            if not isinstance(value, tuple) or position >= len(cast("tuple[Any, ...]", value)):
                return False
            value = cast("tuple[Any, ...]", value)[position]
        return value is child.obj

    def at(self, key: Any) -> object:
        """Give what stands at `key`."""
        return self.obj[key]

    @abstractmethod
    def refresh(self) -> None:
        """Make good what is known of the object itself, after writes that nobody saw."""

    def settle(self) -> None:
        """Take note that what came is known to everybody, so that changes in it are told."""
        if self.arrivals:
            for link in self.arrivals:
                link.fresh = False
            self.arrivals.clear()

    def fault(self) -> str | None:
        """Say why the object has no wire value, where its serializer would not notice."""
        return None

    def extra(self) -> dict[str, Any] | None:
        """Give the undeclared members that the wire shows among the declared ones."""
        return None


Step: TypeAlias = "tuple[str, Shape]"
"""The end of a pointer, and the shape of what is there."""

Way: TypeAlias = "tuple[Owner, Sequence[tuple[Link, Node]]]"
"""A way down to a node: a root, and the links to follow with what they lead to."""


def touch(node: Node) -> None:
    """Tell the roots above that `node` changed. Does nothing if they know."""
    if not node.queued:
        # Nearly always there is one way up: the same as below, a call less.
        above = node
        while len(above.links) == 1 and not above.roots:
            above = above.links[0].parent
        node.queued = roots_above(above) if above.links else above.roots
        for root in node.queued:
            if not root.changed:
                root.sink.wake()
            root.changed[node] = None


def roots_above(node: Node) -> Sequence[Owner]:
    """Give the roots from which `node` can be reached."""
    # Most objects stand in one place: a walk up a chain, with nothing to remember.
    while len(node.links) == 1 and not node.roots:
        node = node.links[0].parent
    if not node.links:
        return node.roots
    found: dict[int, Owner] = {}
    seen: set[int] = set()
    queue = [node]
    while queue:
        node = queue.pop()
        if id(node) not in seen:
            seen.add(id(node))
            found.update((id(root), root) for root in node.roots)
            queue.extend(link.parent for link in node.links)
    return list(found.values())


def places(node: Node) -> list[Way]:
    """Give each way down to `node`."""
    chain: list[tuple[Link, Node]] = []
    # As far up as there is one way: nearly always to the top.
    while len(node.links) == 1 and not node.roots:
        (link,) = node.links
        chain.append((link, node))
        node = link.parent
    chain.reverse()
    ways: list[Way] = []
    for root in node.roots:
        ways.append((root, chain))  # noqa: PERF401  # a comprehension is a call
    for link in node.links:
        ways += [(root, [*above, (link, node), *chain]) for root, above in places(link.parent)]
    return ways


def parts(value: Any, inner: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Give what may be tracked of a value: itself, or what stands in tuples, with the way there."""
    if isinstance(value, tuple):
        for position, part in enumerate(cast("tuple[Any, ...]", value)):
            yield from parts(part, (*inner, position))
    elif type(value) not in SCALARS:
        yield inner, value
