"""Writes to live objects, decided before the first is made and taken back if one fails."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from transports_core.proposal.absent import ABSENT
from transports_core.proposal.writes.copies import SCALARS, alike, attributes, force
from transports_core.tracking import seen, stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Undo = list[Callable[[], object]]


class Edit(ABC):
    """What is to be written to one live object."""

    live: Any

    def join(self, other: Any) -> bool:
        """Take in what else is to be written to the same object; tell whether that can be."""
        del other
        return False

    @abstractmethod
    def result(self) -> Any:
        """Give what the object will hold, in a container of its own."""

    @abstractmethod
    def apply(self, undo: Undo) -> None:
        """Write, as an application would, and note how to take that back.

        Raises:
            Exception: Whatever the object's class has against it. What was written until then is
                noted.
        """


class AttributeEdit(Edit):
    """Attributes to set.

    Args:
        live: The object.
    """

    def __init__(self, live: Any) -> None:
        self.live = live
        self.changes: dict[str, Any] = {}

    def join(self, other: Any) -> bool:
        """Take in what else is to be written to the same object; tell whether that can be."""
        self.changes.update(other.changes)
        return True

    def result(self) -> dict[str, Any]:
        """Give the attributes that the object will have."""
        return {**attributes(self.live), **self.changes}

    @property
    def certain(self) -> bool:
        """Whether it is one write that nobody has anything against."""
        ((name, value), *others) = self.changes.items()
        return not others and type(value) in SCALARS and stores(self.live, name)

    def write(self) -> None:
        """Set the attributes. It cannot be taken back, so it has to be certain."""
        for name, value in self.changes.items():
            setattr(self.live, name, value)

    def apply(self, undo: Undo) -> None:
        """Set the attributes."""
        live = self.live
        undo.append(_restoring(live))
        left = list(self.changes.items())
        while left:
            failed: list[tuple[str, Any]] = []
            error: Exception | None = None
            for name, value in left:
                try:
                    setattr(live, name, value)
                except Exception as caught:  # raised below if it stays
                    failed.append((name, value))
                    error = caught
            # A class that validates what is assigned may accept a value only beside another.
            if error is not None and len(failed) == len(left):
                raise error
            left = failed


def _restoring(live: Any) -> Callable[[], None]:
    before = attributes(live)
    hidden = _Hidden(live) if isinstance(live, BaseModel) else None

    def put_back(live: Any) -> None:
        for name, value in attributes(live).items():
            old = before.get(name, ABSENT)
            if old is ABSENT:
                object.__delattr__(live, name)
            elif value is not old:
                force(live, name, old)
        if hidden is not None:
            hidden.put_back(live)

    def restore() -> None:
        for name, value in attributes(live).items():
            old = before.get(name, ABSENT)
            if old is not ABSENT and value is not old:
                # Its class may take it only beside what is put back next, or take a copy.
                with suppress(Exception):
                    setattr(live, name, old)
        seen(live, put_back)

    return restore


class _Hidden:
    """What pydantic keeps of a model beside its attributes."""

    def __init__(self, live: BaseModel) -> None:
        self._named = set(live.model_fields_set)
        self._private = dict(live.__pydantic_private__ or {})
        # Where pydantic validates what is assigned, it puts another dict in the place of this one.
        self._extra = live.__pydantic_extra__
        self._members = dict(self._extra or {})

    def put_back(self, live: BaseModel) -> None:
        live.model_fields_set.intersection_update(self._named)
        if live.__pydantic_private__ is not None:
            live.__pydantic_private__.clear()
            live.__pydantic_private__.update(self._private)
        if live.__pydantic_extra__ is not self._extra:
            object.__setattr__(live, "__pydantic_extra__", self._extra)
        if self._extra is not None:
            put_in_order(self._extra, self._members)


class EntryEdit(Edit):
    """Entries of a dict to set or, where the value is `ABSENT`, to delete."""

    def __init__(self, live: dict[Any, Any], owner: BaseModel | None = None) -> None:
        self.live = live
        self.changes: dict[Any, Any] = {}
        # The model whose undeclared members these are.
        self._owner = owner

    def join(self, other: Any) -> bool:
        """Take in what else is to be written to the same object; tell whether that can be."""
        self.changes.update(other.changes)
        return True

    def result(self) -> dict[Any, Any]:
        """Give the entries that the dict will have."""
        made = copy.copy(self.live)
        for key, value in self.changes.items():
            if value is not ABSENT:
                made[key] = value
            elif key in made:
                del made[key]
        return made

    @property
    def deletes(self) -> bool:
        """Whether an entry goes, and with it its position."""
        return ABSENT in self.changes.values()

    def apply(self, undo: Undo) -> None:
        """Set and delete the entries."""
        live = self.live
        if self._owner is not None:
            # Where pydantic validated what was assigned just now, it put another in its place.
            live = cast("dict[str, Any]", self._owner.__pydantic_extra__)
        for key, value in self.changes.items():
            restore = _restoring_entry(live, key, self._owner)
            if value is ABSENT:
                del live[key]
            else:
                live[key] = value
                if self._owner is not None:
                    self._owner.model_fields_set.add(key)
            undo.append(restore)


def _restoring_entry(live: dict[Any, Any], key: Any, owner: BaseModel | None) -> Callable[[], None]:
    old = live.get(key, ABSENT)
    named = owner is not None and key in owner.model_fields_set

    def restore() -> None:
        if old is ABSENT:
            del live[key]
        else:
            live[key] = old
        if owner is not None and old is ABSENT and not named:
            owner.model_fields_set.discard(key)

    return restore


def put_in_order(live: dict[Any, Any], entries: Mapping[Any, Any]) -> None:
    """Have a dict hold these entries in this order."""
    was, wanted = list(live.items()), list(entries.items())
    alike_all = len(was) == len(wanted) and all(
        a == b and x is y for (a, x), (b, y) in zip(was, wanted, strict=True)
    )
    if not alike_all:
        live.clear()
        live.update(wanted)


class ElementEdit(Edit):
    """Elements of a set to add and to discard."""

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        return bool(self._add or self._discard)

    def __init__(self, live: set[Any], add: Iterable[Any], discard: Iterable[Any]) -> None:
        self.live = live
        self._add = list(add)
        self._discard = list(discard)

    def result(self) -> set[Any]:
        """Give the elements that the set will have."""
        return (set(self.live) - set(self._discard)) | set(self._add)

    def apply(self, undo: Undo) -> None:
        """Add and discard the elements."""
        live = self.live
        for element in self._discard:
            live.discard(element)
            undo.append(lambda element=element: live.add(element))
        for element in self._add:
            live.add(element)
            undo.append(lambda element=element: live.discard(element))


def attribute_edit(live: Any, wanted: Mapping[str, Any]) -> AttributeEdit:
    """Give the edit that has an object hold certain members."""
    edit = AttributeEdit(live)
    old = attributes(live)
    edit.changes.update(
        (name, value)
        for name, value in wanted.items()
        if name not in old or not alike(old[name], value)
    )
    return edit


def entry_edit(live: dict[Any, Any], wanted: dict[Any, Any]) -> EntryEdit:
    """Give the edit that makes a dict equal to another."""
    edit = EntryEdit(live)
    edit.changes.update((key, ABSENT) for key in live if key not in wanted)
    edit.changes.update(
        (key, value)
        for key, value in wanted.items()
        if key not in live or not alike(live[key], value)
    )
    return edit


def element_edit(live: set[Any], wanted: Iterable[Any]) -> ElementEdit:
    """Give the edit that makes a set equal to another."""
    kept = set(wanted)
    return ElementEdit(
        live,
        [element for element in wanted if element not in live],
        [element for element in live if element not in kept],
    )
