"""A dict whose changes are recorded while it belongs to a hosted object."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from transports_core.tracking.dicts import DictNode
from transports_core.tracking.kinds import register
from transports_core.tracking.node import COLD, MISSING, SCALARS, lock

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self


# What a dict does itself, unseen.
_set: Final = dict[Any, Any].__setitem__


class TrackedDict(dict[Any, Any]):
    """A dict that prints, compares, copies and pickles as a plain one."""

    __slots__ = ("__weakref__", "_hot", "_node")

    _node: DictNode | None
    # The hot keys (see `node.COLD`). While this is a dict, no value can change: it says what each
    # entry that was written was at the last collection, and whoever writes that down here may
    # write to the entry.
    _hot: Any

    def __new__(cls, /, *_: Any, **__: Any) -> Self:
        """Make an empty dict, which nobody watches."""
        made = super().__new__(cls)
        made._node = None
        made._hot = COLD
        return made

    def __init__(self, /, *args: Any, **kwargs: Any) -> None:
        if self._node is None:
            super().__init__(*args, **kwargs)
        else:
            self.update(*args, **kwargs)

    def __setitem__(self, key: Any, value: Any, /) -> None:
        # What is written most, in a quarter of the time. From the last question to the write this
        # is one step, as nothing is called (see `node.UNDIVIDED`). Most keys are text.
        if type(value) in SCALARS and (type(key) is str or type(key) in SCALARS):
            if key in self._hot:
                _set(self, key, value)
                return
            name: object = key
            kind = type(name)
            hot, node = self._hot, self._node
            if hot.__class__ is dict and node is not None and kind in node.kinds:
                hot[key] = self[key] if key in self else MISSING  # noqa: SIM401  # `get` is a call
                _set(self, key, value)
                return
        with lock:
            node = self._node
            if node is None:
                super().__setitem__(key, value)
            else:
                node.write(key, value)

    def __delitem__(self, key: Any, /) -> None:
        with lock:
            self._hot = COLD
            if self._node is None:
                super().__delitem__(key)
            else:
                self._node.delete(key)

    def pop(self, key: Any, /, *default: Any) -> Any:
        with lock:
            self._hot = COLD
            if self._node is None or key not in self or len(default) > 1:
                return super().pop(key, *default)
            return self._node.delete(key)

    def popitem(self) -> tuple[Any, Any]:
        with lock:
            self._hot = COLD
            if self._node is None or not self:
                return super().popitem()
            key = next(reversed(self))
            return key, self._node.delete(key)

    def clear(self) -> None:
        with lock:
            self._hot = COLD
            if self._node is None:
                super().clear()
            else:
                for key in list(self):
                    self._node.delete(key)

    def setdefault(self, key: Any, default: Any = None, /) -> Any:
        with lock:
            self._hot = COLD
            if key not in self:
                self[key] = default
            return self[key]

    def update(self, /, *args: Any, **kwargs: Any) -> None:
        # Read first: the source may run code of its own. What it gave before it raised is kept.
        new: dict[Any, Any] = {}
        try:
            new.update(*args, **kwargs)
        finally:
            with lock:
                if self._node is None:
                    super().update(new)
                else:
                    self._node.write_all(new)

    def __ior__(self, other: Any, /) -> TrackedDict:
        self.update(other)
        return self

    @classmethod
    def fromkeys(cls, iterable: Iterable[Any], value: Any = None, /) -> dict[Any, Any]:
        return dict.fromkeys(iterable, value)

    def __copy__(self) -> dict[Any, Any]:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Any, Any]:
        return copy.deepcopy(dict(self), memo)

    def __reduce_ex__(self, protocol: Any, /) -> tuple[Any, ...]:
        return dict, (dict(self),)


def _node(obj: dict[Any, Any]) -> DictNode:
    twin = obj if isinstance(obj, TrackedDict) else TrackedDict(obj)
    node = twin._node = DictNode(twin)  # pyright: ignore[reportPrivateUsage]  # its own module
    return node


def enroll() -> None:
    """Make dicts trackable."""
    register(lambda cls: cls is dict or cls is TrackedDict, _node)
