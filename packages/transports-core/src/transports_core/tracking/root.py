"""A hosted object: the top of what is tracked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from transports_core.bridge import dump, parse, shape_of
from transports_core.errors import TrackingError, UnrepresentableError
from transports_core.tracking.adoption import abandon, adopt_children, readopt
from transports_core.tracking.collect import collect
from transports_core.tracking.derived import remember
from transports_core.tracking.kinds import maker, node_of, track
from transports_core.tracking.node import lock, roots_above

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transports_core.patch import Operation
    from transports_core.tracking.node import Node


class Sink(Protocol):
    """What owns a root, and hears what changed in it."""

    def wake(self) -> None:
        """Take note that there is something to collect.

        Called under the lock, from any thread, at the first write since the last collection. Must
        be quick, and not raise.
        """
        ...

    def record(self, root: Root, ops: list[Operation]) -> None:
        """Take what a collection found, in order."""
        ...

    def fail(self, root: Root, error: UnrepresentableError) -> None:
        """Hear that what changed cannot be represented, and was dropped."""
        ...

    def lose(self, root: Root) -> None:
        """Hear that a collection was broken off: what changed was dropped, or some of it."""
        ...


class _Unheard:
    """The sink of a root of which nothing was shown yet: what changed in it, nobody missed."""

    def wake(self) -> None:
        """Do nothing."""

    def record(self, root: Root, ops: list[Operation]) -> None:
        """Do nothing."""

    def fail(self, root: Root, error: UnrepresentableError) -> None:
        """Do nothing: `Root` will raise it."""

    def lose(self, root: Root) -> None:
        """Do nothing: as above."""


class Root:
    """Tracks one object with all that it holds.

    Args:
        obj: A model, dataclass, struct, list, dict or set. A plain container is not watched
            itself: `obj` of the root is its tracked twin.
        sink: Who hears what changed.

    Raises:
        CycleError: The object holds itself.
        UnrepresentableError: It cannot be put on the wire.
        TrackingError: It is of no kind that can be tracked, or has a member with a name of
                Python's own.
    """

    def __init__(self, obj: object, sink: Sink) -> None:
        self.sink = sink
        self.type_name = type(obj).__name__
        # Roots that came to share objects with this one since the last collection.
        self.joined: set[Root] = set()
        # What changed since then, in the order in which it first did.
        self.changed: dict[Node, None] = {}
        with lock:
            known = node_of(obj)
            if known is None and maker(type(obj)) is None:
                raise TrackingError(self.type_name, "")
            self.shape = shape_of(obj)
            node = track(obj) if known is None else known
            assert node is not None, "what makes it was found"
            self.node: Node = node
            node.roots = (*node.roots, self)
            try:
                if known is None:
                    adopt_children(node, obj)
                self._share()
                self._begin_values(self.changed)
            except BaseException:
                self.release()
                raise

    @property
    def obj(self) -> Any:
        """The live object."""
        return self.node.obj

    def begin(self) -> None:
        """Begin anew: a collection has taken what changed."""
        self.changed = {}
        if self.joined:
            self.joined = set()

    def forget(self, node: Node) -> None:
        """Take note that `node` is tracked no more: of what left, there is nothing to collect."""
        self.changed.pop(node, None)

    def encode(self) -> bytes:
        """Write the live value as JSON text, as `model_dump_json` would.

        What was not collected yet is in it too.

        Raises:
            UnrepresentableError: It cannot be put on the wire.
        """
        with lock:
            return dump(self.obj, self.shape, self.type_name)

    def resync(self) -> bytes:
        """Look at everything again, after changes that nobody could see.

        What changed so far and was not collected is forgotten.

        Returns:
            The live value as JSON text.

        Raises:
            CycleError: The object has come to hold itself.
            UnrepresentableError: It cannot be put on the wire.
        """
        with lock:
            nodes = readopt(self.node)
            for node in self.changed:
                # Those who share it have not heard of it either, if a collection was broken off.
                for other in cast("Sequence[Root]", node.queued):
                    if other is not self:
                        other.sink.lose(other)
                node.queued = ()
                node.take()
            self.begin()
            return self._begin_values(nodes)

    def release(self) -> None:
        """Stop tracking the object, and let go of what only it holds. Does nothing twice."""
        with lock:
            if self not in self.node.roots:
                return
            self.node.roots = tuple(root for root in self.node.roots if root is not self)
            for other in self.joined:
                other.joined.discard(self)
            abandon(self.node)
            self.begin()

    def _share(self) -> None:
        """Have what changed in shared objects told to the roots that know them already.

        From now on what was last said of those objects is what this root says.
        """
        above = cast("list[Root]", roots_above(self.node))
        self.joined.update(root for root in above if root is not self)
        if self.joined:
            sink, self.sink = self.sink, _Unheard()
            try:
                collect([self])
            finally:
                self.sink = sink

    def _begin_values(self, nodes: Iterable[Node]) -> bytes:
        data = self.encode()
        for node in nodes:
            reason = node.fault()
            if reason is not None:
                raise UnrepresentableError("", self.type_name, reason)
        if self.shape.derives:
            remember(self.obj, self.shape, parse(data))
        return data
