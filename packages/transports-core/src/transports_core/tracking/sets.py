"""A set that is watched, and that keeps the order in which it got its members.

The order means nothing to the application; on the wire it says which member an operation is about,
so that everybody must have the same.
"""

from __future__ import annotations

import copy
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from transports_core.bridge import SetShape
from transports_core.tracking.adoption import adopt_all, let_go
from transports_core.tracking.node import SCALARS, Node, lock, touch
from transports_core.tracking.slots import lower
from transports_core.tracking.weight import outweighs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from typing import Self

    from transports_core.bridge import Shape
    from transports_core.patch import Operation
    from transports_core.tracking.node import Link, Step


class _Pending:
    """What changed: the order at the last collection, and what left since."""

    def __init__(self, order: dict[Any, None]) -> None:
        self.length = len(order)
        # Written down when the first member leaves; until then it is how `order` begins.
        self.members: list[Any] | None = None
        self.removed: set[Any] = set()

    def leave(self, member: Any, order: dict[Any, None]) -> None:
        if self.members is None:
            self.members = list(islice(order, self.length))
            # To tell members of then from later ones.
            self.then = set(self.members)
        if member in self.then:
            self.removed.add(member)


# How many characters it takes to remove a member, at least.
_EDIT: Final = len('{"op":"remove","path":"/0"},')

# What a set does itself, unseen.
_add: Final = set[Any].add
_remove: Final = set[Any].remove


class SetNode(Node):
    """What is known of a set."""

    __slots__ = ("pending",)

    def __init__(self, obj: set[Any]) -> None:
        twin = obj if isinstance(obj, TrackedSet) else TrackedSet(obj)
        twin._node = self  # pyright: ignore[reportPrivateUsage]  # its own module
        super().__init__(twin)
        self.pending: _Pending | None = None

    def release(self) -> None:
        """Stop watching the set."""
        self.obj._node = None

    def children(self) -> Iterator[tuple[Any, object]]:
        """Give the members that may be tracked."""
        for member in self.obj:
            if type(member) not in SCALARS:
                yield member, member

    def store(self, key: Any, value: object) -> None:
        """Members are looked up by their hash: none has a twin that could take its place."""

    def at(self, key: Any) -> object:
        """Give the member that is `key`."""
        return key

    def place(self, link: Link, child: Node) -> Any:
        """Give the position of a member."""
        del child
        return list(self.obj).index(link.key)

    def follow(self, link: Link, child: Node, shape: Any) -> Step | None:
        """Give the step that the child of `link` stands at."""
        if link.key not in self.obj or link.fresh:
            return None
        return f"/{self.place(link, child)}", shape.item

    def enter(self, members: Collection[Any]) -> None:
        """Put members in that are not there: all of them, or none."""
        self._begin()
        adopt_all(self, members, members)
        for member in members:
            _add(self.obj, member)
            self.obj.order[member] = None

    def leave(self, member: Any) -> None:
        """Take a member out that is there."""
        self._begin().leave(member, self.obj.order)
        _remove(self.obj, member)
        del self.obj.order[member]
        if type(member) not in SCALARS:
            let_go(self, member, member)

    def _begin(self) -> _Pending:
        if self.pending is None:
            self.pending = _Pending(self.obj.order)
        if not self.queued:
            touch(self)
        return self.pending

    def refresh(self) -> None:
        """Make good what is known of the set, after writes that nobody saw."""
        order, members = self.obj.order, set(set[Any].__iter__(self.obj))
        for member in [member for member in order if member not in members]:
            del order[member]
        order.update(dict.fromkeys(member for member in members if member not in order))

    def take(self) -> _Pending | None:
        """Give what changed since the last collection."""
        taken, self.pending = self.pending, None
        return taken

    def emit(self, taken: _Pending | None, shape: Shape, path: str, ops: list[Operation]) -> bool:
        """Say which members left and which came."""
        assert isinstance(shape, SetShape), "the shape of a set"
        if taken is None:
            return False
        members = taken.members or []
        kept = taken.length - len(taken.removed)
        order: dict[Any, None] = self.obj.order
        came = list(islice(order, kept, None))
        if taken.removed and not outweighs(self.obj, _EDIT * (len(taken.removed) - 1)):
            whole = lower(shape, self.obj, path)
            ops.append({"op": "replace", "path": path, "value": whole})
            return True
        left = [index for index, member in enumerate(members) if member in taken.removed]
        ops.extend({"op": "remove", "path": f"{path}/{index}"} for index in reversed(left))
        values = [lower(shape.item, member, path) for member in came]
        if values:
            ops.append({"op": "append", "path": path, "value": values})
        return False


class TrackedSet(set[Any]):
    """A set whose changes are recorded while it belongs to a hosted object."""

    __slots__ = ("_node", "order")

    _node: SetNode | None
    order: dict[Any, None]

    def __new__(cls, iterable: Iterable[Any] = (), /) -> Self:
        """Make an empty set, which nobody watches."""
        del iterable
        made = super().__new__(cls)
        made._node = None
        made.order = {}
        return made

    def __init__(self, iterable: Iterable[Any] = (), /) -> None:
        if self._node is None:
            self.order = dict.fromkeys(iterable)
            super().__init__(self.order)
        else:
            self._become(set(iterable))

    def __iter__(self) -> Iterator[Any]:
        return iter(self.order)

    def __repr__(self) -> str:
        return repr(set(self))

    def add(self, element: Any, /) -> None:
        with lock:
            self._enter([element])

    def discard(self, element: Any, /) -> None:
        with lock:
            if element in self:
                self.remove(element)

    def remove(self, element: Any, /) -> None:
        with lock:
            if self._node is not None and element in self:
                self._node.leave(element)
            else:
                super().remove(element)
                del self.order[element]

    def pop(self) -> Any:
        with lock:
            if not self:
                return super().pop()
            element = next(reversed(self.order))
            self.remove(element)
            return element

    def clear(self) -> None:
        with lock:
            for element in list(self.order):
                self.remove(element)

    def _become(self, wanted: set[Any]) -> None:
        with lock:
            left = [element for element in self.order if element not in wanted]
            self._enter(wanted)
            for element in left:
                self.remove(element)

    def _enter(self, elements: Iterable[Any]) -> None:
        new = dict.fromkeys(element for element in elements if element not in self)
        if not new:
            return
        if self._node is None:
            super().update(new)
            self.order.update(new)
        else:
            self._node.enter(new)

    def update(self, *others: Iterable[Any]) -> None:
        # Read first: a source may run code of its own. What it gave before it raised is kept.
        new: list[Any] = []
        try:
            for other in others:
                new.extend(other)
        finally:
            with lock:
                self._enter(new)

    def difference_update(self, *others: Iterable[Any]) -> None:
        self._become(set(self).difference(*others))

    def intersection_update(self, *others: Iterable[Any]) -> None:
        self._become(set(self).intersection(*others))

    def symmetric_difference_update(self, other: Iterable[Any], /) -> None:
        self._become(set(self).symmetric_difference(other))

    def __ior__(self, other: Any, /) -> TrackedSet:  # pyright: ignore[reportIncompatibleMethodOverride]  # a set's own signature
        return self._in_place(set[Any].__or__, other)

    def __iand__(self, other: Any, /) -> TrackedSet:
        return self._in_place(set[Any].__and__, other)

    def __isub__(self, other: Any, /) -> TrackedSet:
        return self._in_place(set[Any].__sub__, other)

    def __ixor__(self, other: Any, /) -> TrackedSet:  # pyright: ignore[reportIncompatibleMethodOverride]  # a set's own signature
        return self._in_place(set[Any].__xor__, other)

    def _in_place(self, operator: Callable[[set[Any], Any], Any], other: Any) -> TrackedSet:
        wanted = operator(set(self), other)
        if wanted is NotImplemented:
            return wanted
        self._become(wanted)
        return self

    def __copy__(self) -> set[Any]:
        return set(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> set[Any]:
        return copy.deepcopy(set(self), memo)

    def __reduce_ex__(self, protocol: Any, /) -> tuple[Any, ...]:
        return set, (list(self),)


def _plain(name: str) -> Callable[..., Any]:
    method = getattr(set, name)

    def plain(self: TrackedSet, *others: Any) -> Any:
        return method(set(self), *others)

    plain.__name__ = name
    return plain


# A subclass of `set` would make more of its own kind; what comes out here is a plain set.
for _name in (
    "__and__", "__or__", "__rand__", "__ror__", "__rsub__", "__rxor__", "__sub__", "__xor__",
    "copy", "difference", "intersection", "symmetric_difference", "union",
):  # fmt: skip
    setattr(TrackedSet, _name, _plain(_name))
