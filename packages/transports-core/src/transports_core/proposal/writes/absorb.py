"""What validators did to copies, as edits of what they are copies of."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from transports_core.bridge import is_struct
from transports_core.proposal.absent import ABSENT
from transports_core.proposal.writes.copies import SCALARS, attributes, force, is_object, kind_of
from transports_core.proposal.writes.edits import (
    AttributeEdit,
    EntryEdit,
    attribute_edit,
    element_edit,
    entry_edit,
)
from transports_core.proposal.writes.list_edit import list_edit
from transports_core.proposal.writes.scratch import ScratchDict, ScratchList

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from transports_core.proposal.writes.edits import Edit
    from transports_core.proposal.writes.scratch import Scratch


def absorb(bench: Scratch, edits: dict[int, Edit], made: Collection[int]) -> dict[int, Edit]:
    """Give the edits that make live objects what their copies have become.

    Args:
        bench: The copies.
        edits: The edits that they started with. Those of what was not copied stay.
        made: The identities of objects that stand in the place of live ones. Nobody holds them, so
            they get what is theirs at once.
    """
    found = dict(edits)
    for live, scratch in bench.pairs():
        for edit in _edits(live, scratch, _Home(bench)):
            found.pop(id(edit.live), None)
            if not edit.changes:
                continue
            if id(live) in made and isinstance(edit, AttributeEdit):
                for name, value in edit.changes.items():
                    force(live, name, value)
            else:
                found[id(edit.live)] = edit
    return found


def _edits(live: Any, scratch: Any, home: _Home) -> Iterator[Any]:
    if isinstance(live, list):
        if isinstance(scratch, ScratchList) and scratch.touched:
            held = cast("list[Any]", live)
            home.spare(held)
            yield list_edit(held, [home(item) for item in scratch.raw()])
    elif isinstance(live, dict):
        if not isinstance(scratch, ScratchDict) or scratch.touched:
            entries = cast("dict[Any, Any]", live)
            home.spare(entries.values())
            yield entry_edit(entries, home.entries(scratch))
    elif isinstance(live, set):
        elements = cast("set[Any]", live)
        yield element_edit(elements, [home(element) for element in scratch])
    elif is_object(live):
        yield _attributes(live, scratch, home)
        if isinstance(live, BaseModel) and live.__pydantic_extra__ is not None:
            extra = home.entries(scratch.__pydantic_extra__)
            edit = EntryEdit(live.__pydantic_extra__, live)
            edit.changes.update(entry_edit(live.__pydantic_extra__, extra).changes)
            yield edit


def _attributes(live: Any, scratch: Any, home: _Home) -> AttributeEdit:
    new = attributes(scratch)
    edit = attribute_edit(live, {name: home(new[name]) for name in _declared(live) if name in new})
    if isinstance(live, BaseModel) and scratch.__pydantic_private__ is not None:
        private = live.__pydantic_private__ or {}
        for name, part in scratch.__pydantic_private__.items():
            value = home(part)
            if value is not private.get(name, ABSENT):
                edit.changes[name] = value
    return edit


def _declared(live: Any) -> Iterable[str]:
    if isinstance(live, BaseModel):
        return type(live).model_fields
    if is_struct(kind_of(live)):
        return live.__struct_fields__
    return [field.name for field in dataclasses.fields(live)]


class _Home:
    """Finds what values are in the world of live objects."""

    def __init__(self, bench: Scratch) -> None:
        self._bench = bench
        # What is live, or was looked at; all of it lives as long as the copies do.
        self._known: set[int] = set()

    def spare(self, values: Iterable[Any]) -> None:
        """Take values for live ones, without looking into them."""
        self._known.update(map(id, values))

    def entries(self, scratch: dict[Any, Any]) -> dict[Any, Any]:
        """Give a dict of what the values of another are."""
        held = scratch.raw() if isinstance(scratch, ScratchDict) else scratch
        return {key: self(value) for key, value in held.items()}

    def __call__(self, value: Any) -> Any:
        """Give the live object that a copy is of, and a value with those in place of copies."""
        if type(value) in SCALARS:
            return value
        origin = self._bench.origin(value)
        if origin is not None:
            return origin
        if id(value) in self._known:
            return value
        self._known.add(id(value))
        if is_object(value):
            self._adapt(value)
            return value
        if isinstance(value, dict):
            held = cast("dict[Any, Any]", value)
            entries = self.entries(held)
            return held if all(entries[key] is held[key] for key in held) else entries
        if type(value) in {list, tuple, set, frozenset}:
            parts: list[Any] = list(value)
            homes = [self(part) for part in parts]
            same = all(home is part for home, part in zip(homes, parts, strict=True))
            return value if same else type(value)(homes)
        return value

    def _adapt(self, obj: Any) -> None:
        # A validator made it: nobody else holds it yet.
        for name, part in attributes(obj).items():
            at_home = self(part)
            if at_home is not part:
                force(obj, name, at_home)
