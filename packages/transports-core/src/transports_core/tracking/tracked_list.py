"""A list whose changes are recorded while it belongs to a hosted object."""

from __future__ import annotations

import copy
from operator import index as to_index
from operator import is_
from typing import TYPE_CHECKING, Any, Final, cast

from transports_core.tracking.kinds import register
from transports_core.tracking.lists import ListNode
from transports_core.tracking.node import COLD, SCALARS, lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self


# What a list does itself, unseen.
_append: Final = list[Any].append
_set: Final = list[Any].__setitem__


class TrackedList(list[Any]):
    """A list that prints, compares, copies and pickles as a plain one."""

    __slots__ = ("__weakref__", "_hot", "_length", "_node")

    _node: ListNode | None
    # As long as every write so far was seen, this is how long the list is.
    _length: int
    # What hot items were at the last collection, by their position (see `node.COLD`). But where all
    # are cold, no item can change, and none moves: whoever writes down here what an item was may
    # write to it, and whoever counts it may append one.
    _hot: Any

    def __new__(cls, iterable: Iterable[Any] = (), /) -> Self:
        """Make an empty list, which nobody watches."""
        del iterable
        made = super().__new__(cls)
        made._node = None
        made._hot = COLD
        return made

    def __init__(self, iterable: Iterable[Any] = (), /) -> None:
        if self._node is None:
            super().__init__(iterable)
        else:
            self[:] = iterable

    def append(self, item: Any, /) -> None:
        # There is nothing to write down of what is appended, which so takes a third of the time.
        # From the last question on this is one step (see `node.UNDIVIDED`).
        if type(item) in SCALARS and self._hot is not COLD:
            self._length += 1
            _append(self, item)
            return
        with lock:
            self._hot = COLD
            if self._node is None:
                super().append(item)
            else:
                self._node.append(item)

    def extend(self, items: Iterable[Any], /) -> None:
        # Read first: the source may run code of its own. What it gave before it raised is kept.
        new: list[Any] = []
        try:
            new.extend(items)
        finally:
            with lock:
                self._hot = COLD
                self._splice(len(self), len(self), new)

    def insert(self, index: Any, item: Any, /) -> None:
        with lock:
            self._hot = COLD
            start, _, _ = slice(to_index(index), None).indices(len(self))
            self._splice(start, start, [item])

    def pop(self, index: Any = -1, /) -> Any:
        with lock:
            self._hot = COLD
            if self._node is None or not self:
                return super().pop(index)
            item = self[index]
            del self[index]
            return item

    def remove(self, item: Any, /) -> None:
        with lock:
            self._hot = COLD
            del self[self.index(item)]

    def clear(self) -> None:
        with lock:
            self._hot = COLD
            self._splice(0, len(self), [])

    def reverse(self) -> None:
        with lock:
            self._hot = COLD
            if self._node is None:
                super().reverse()
            else:
                self._node.permute(list(range(len(self) - 1, -1, -1)))

    def sort(self, *, key: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
        with lock:
            self._hot = COLD
            if self._node is None:
                super().sort(key=key, reverse=reverse)
                return
            items = list(self)
            keys = items if key is None else [key(item) for item in items]
            # Sorting positions instead of items tells where each item went, and is as stable.
            order = sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)
            # Numbers and text are compared without anybody's help.
            helped = key is not None or not self._node.plain
            if helped and (len(self) != len(items) or not all(map(is_, self, items))):
                raise ValueError("list modified during sort")
            self._node.permute(order)

    def __setitem__(self, index: Any, value: Any, /) -> None:
        # What is written most, in a fifth of the time. From the last question to the write this is
        # one step, as nothing is called (see `node.UNDIVIDED`).
        if type(index) is int and type(value) in SCALARS:
            if index in self._hot:
                _set(self, index, value)
                return
            hot = self._hot
            if hot is not COLD and index >= 0:
                try:
                    hot[index] = self[index]
                    _set(self, index, value)
                except IndexError:
                    pass
                else:
                    return
        with lock:
            self._hot = COLD
            if self._node is None:
                super().__setitem__(index, value)
            elif isinstance(index, slice):
                self._set_slice(cast("slice[Any, Any, Any]", index), value)
            else:
                self._node.write(self._position(index, "assignment "), value)

    def __delitem__(self, index: Any, /) -> None:
        with lock:
            self._hot = COLD
            if self._node is None:
                super().__delitem__(index)
            elif isinstance(index, slice):
                self._delete_slice(cast("slice[Any, Any, Any]", index))
            else:
                start = self._position(index, "assignment ")
                self._splice(start, start + 1, [])

    def __iadd__(self, items: Iterable[Any], /) -> TrackedList:  # pyright: ignore[reportIncompatibleMethodOverride]  # a list's own signature
        self.extend(items)
        return self

    def __imul__(self, count: Any, /) -> TrackedList:
        with lock:
            self._hot = COLD
            times = to_index(count)
            if times <= 0:
                self.clear()
            else:
                self._splice(len(self), len(self), list(self) * (times - 1))
            return self

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return copy.deepcopy(list(self), memo)

    def __reduce_ex__(self, protocol: Any, /) -> tuple[Any, ...]:
        return list, (list(self),)

    def _position(self, index: Any, what: str) -> int:
        position = to_index(index)
        if position < 0:
            position += len(self)
        if not 0 <= position < len(self):
            raise IndexError(f"list {what}index out of range")
        return position

    def _splice(self, start: int, stop: int, items: list[Any]) -> None:
        if self._node is None:
            super().__setitem__(slice(start, stop), items)
        elif start != stop or items:
            self._node.splice(start, stop, items)

    def _set_slice(self, where: slice[Any, Any, Any], values: Iterable[Any]) -> None:
        items = list(values)
        start, stop, step = where.indices(len(self))
        if step == 1:
            self._splice(start, max(start, stop), items)
            return
        positions = range(start, stop, step)
        if len(positions) != len(items):
            raise ValueError(
                f"attempt to assign sequence of size {len(items)} to extended slice of size"
                f" {len(positions)}"
            )
        if self._node is None:
            super().__setitem__(where, items)
        else:
            self._node.write_all(list(positions), items)

    def _delete_slice(self, where: slice[Any, Any, Any]) -> None:
        start, stop, step = where.indices(len(self))
        if step == 1:
            self._splice(start, max(start, stop), [])
            return
        # From the back, so that what is still to go stays where it is.
        for position in sorted(range(start, stop, step), reverse=True):
            self._splice(position, position + 1, [])


def _node(obj: list[Any]) -> ListNode:
    twin = obj if isinstance(obj, TrackedList) else TrackedList(obj)
    node = twin._node = ListNode(twin)  # pyright: ignore[reportPrivateUsage]  # its own module
    return node


def enroll() -> None:
    """Make lists trackable."""
    register(lambda cls: cls is list or cls is TrackedList, _node)
