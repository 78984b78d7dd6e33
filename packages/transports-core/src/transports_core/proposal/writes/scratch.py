"""Copies for validators to look at, and to change as they like.

A validator may reach everything from the object that it is given, and nothing that it does may
reach a live object before the whole edit is accepted. So it gets copies, at the cost of what it
looks at: an object is copied with the objects in its fields, but what is in a list or a dict and
is not edited is copied when the validator takes it out.
"""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import TYPE_CHECKING, Any, SupportsIndex, cast

from pydantic import BaseModel

from transports_core.proposal.writes.copies import SCALARS, attributes, duplicate, force, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from transports_core.proposal.writes.edits import Edit


class Scratch:
    """Copies of live objects, one of each, with the edits that they are to get.

    Args:
        edits: The edits, by the identity of what they change.
        inside: By the identity of a list or a dict, where in it something changed.
    """

    def __init__(
        self, edits: Mapping[int, Edit], inside: Mapping[int, Sequence[Any]] | None = None
    ) -> None:
        self._edits = edits
        self._inside = inside or {}
        # What was copied and its copy, by the identity of the former. Both live as long as this.
        self._copies: dict[int, tuple[Any, Any]] = {}
        self._origins: dict[int, Any] = {}

    def of(self, value: Any) -> Any:
        """Give the copy of a value; the value itself where nobody can change it."""
        if type(value) in SCALARS or id(value) in self._origins:
            return value
        known = self._copies.get(id(value))
        if known is not None:
            return known[1]
        if isinstance(value, tuple):
            return self._tuple(cast("tuple[Any, ...]", value))
        if is_object(value):
            return self._object(value)
        if isinstance(value, (list, dict, set)):
            return self._container(cast("Any", value))
        return value

    def pairs(self) -> list[tuple[Any, Any]]:
        """Give all that was copied, each with its copy."""
        return list(self._copies.values())

    def origin(self, value: Any) -> Any:
        """Give what a copy is of; `None` if it is no copy."""
        return self._origins.get(id(value))

    def control(self, live: Any) -> Any:
        """Give another copy of an object, without the edits."""
        return Scratch({}).of(live)

    def _note(self, value: Any, made: Any) -> None:
        self._copies[id(value)] = (value, made)
        self._origins[id(made)] = value

    def _tuple(self, value: tuple[Any, ...]) -> Any:
        items = [self.of(item) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        make: Callable[[list[Any]], Any] = getattr(value, "_make", type(value))
        made = make(items)
        self._note(value, made)
        return made

    def _object(self, obj: Any) -> Any:
        made = duplicate(obj)
        self._note(obj, made)
        edit = self._edits.get(id(obj))
        new = attributes(obj) if edit is None else edit.result()
        if not isinstance(obj, BaseModel):
            for name, value in new.items():
                force(made, name, self.of(value))
            return made
        object.__setattr__(made, "__dict__", {k: self.of(v) for k, v in new.items()})
        extra = obj.__pydantic_extra__
        if extra is not None:
            edit = self._edits.get(id(extra))
            extra = extra if edit is None else edit.result()
            held = {name: self.of(value) for name, value in extra.items()}
            object.__setattr__(made, "__pydantic_extra__", held)
        private = obj.__pydantic_private__
        if private is not None:
            # Whatever else an application keeps there is no data, and is as it is.
            held = {k: self.of(v) if _is_data(v) else v for k, v in private.items()}
            object.__setattr__(made, "__pydantic_private__", held)
        return made

    def _container(self, value: list[Any] | dict[Any, Any] | set[Any]) -> Any:
        edit = self._edits.get(id(value))
        made: Any = value
        if edit is not None:
            made = edit.result()
        elif type(value) not in {list, dict}:
            # Subclasses that only watch what is done to them have plain copies.
            made = copy.copy(value)
        if type(made) is list:
            made = ScratchList(cast("list[Any]", made), self)
        elif type(made) is dict:
            made = ScratchDict(cast("dict[Any, Any]", made), self)
        self._note(value, made)
        for key in self._inside.get(id(value), ()):
            # Whoever reads the container without its methods, as a serializer does, sees it too.
            with suppress(LookupError):
                made[key]
        return made


def _is_data(value: Any) -> bool:
    return isinstance(value, (list, dict, set, BaseModel))


class ScratchList(list[Any]):
    """A list whose items become copies when they are taken out.

    Attributes:
        touched: Whether a validator may have made it another list than it was to be.
    """

    def __init__(self, items: list[Any], bench: Scratch) -> None:
        super().__init__(items)
        self._bench = bench
        self.touched = False

    def raw(self) -> list[Any]:
        """Give the items as they are, copies or not."""
        return super().copy()

    def _take(self, index: int) -> Any:
        item = super().__getitem__(index)
        made = self._bench.of(item)
        if made is not item:
            super().__setitem__(index, made)
        return made

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._take(at) for at in range(*index.indices(len(self)))]
        return self._take(index)

    def __iter__(self) -> Iterator[Any]:
        at = 0
        while at < len(self):
            yield self._take(at)
            at += 1

    def __reversed__(self) -> Iterator[Any]:
        return reversed(list(self))

    def __add__(self, other: Any) -> Any:
        return list(self) + other

    def copy(self) -> list[Any]:
        """Give a plain list of copies."""
        return list(self)

    def pop(self, index: SupportsIndex = -1) -> Any:
        """Take out an item, as a copy."""
        self.touched = True
        return self._bench.of(super().pop(index))

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return list, (list(self),)


class ScratchDict(dict[Any, Any]):
    """A dict whose values become copies when they are taken out.

    Attributes:
        touched: Whether a validator may have made it another dict than it was to be.
    """

    def __init__(self, entries: dict[Any, Any], bench: Scratch) -> None:
        super().__init__(entries)
        self._bench = bench
        self.touched = False

    def raw(self) -> dict[Any, Any]:
        """Give the entries as they are, copies or not."""
        return super().copy()

    def __getitem__(self, key: Any) -> Any:
        value = super().__getitem__(key)
        made = self._bench.of(value)
        if made is not value:
            super().__setitem__(key, made)
        return made

    def get(self, key: Any, default: Any = None) -> Any:
        """Give the copy of a value."""
        return self[key] if key in self else default  # noqa: SIM401  # this is `get`

    def values(self) -> Any:
        """Give copies of the values."""
        return [self[key] for key in self]

    def items(self) -> Any:
        """Give the entries, with copies of the values."""
        return [(key, self[key]) for key in self]

    def copy(self) -> dict[Any, Any]:
        """Give a plain dict of copies."""
        return dict(self.items())

    def pop(self, key: Any, *default: Any) -> Any:
        """Take out a value, as a copy."""
        self.touched = True
        return self._bench.of(super().pop(key, *default))

    def popitem(self) -> tuple[Any, Any]:
        """Take out the last entry, with a copy of its value."""
        self.touched = True
        key, value = super().popitem()
        return key, self._bench.of(value)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Give the copy of a value, which is the default if there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return dict, (self.copy(),)


def _touching(base: Any, name: str) -> Callable[..., Any]:
    method = getattr(base, name)

    def change(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.touched = True
        return method(self, *args, **kwargs)

    change.__name__ = name
    return change


for _name in (
    "__delitem__", "__iadd__", "__imul__", "__setitem__", "append", "clear", "extend", "insert",
    "remove", "reverse", "sort",
):  # fmt: skip
    setattr(ScratchList, _name, _touching(list, _name))
for _name in ("__delitem__", "__ior__", "__setitem__", "clear", "update"):
    setattr(ScratchDict, _name, _touching(dict, _name))
