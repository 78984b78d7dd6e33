"""What an edit of one value without parts comes to, told without a draft.

Nearly every edit puts a number, a text or the like in the place of another. Its place is found by
one step for each that its path has, and nothing is asked but what the way there declares: that
takes a fifth of the calls that drafts do. Whatever is not as simple is left to drafts, and so is
every refusal of the path.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from transports_core.pointer import parse
from transports_core.proposal.places.place import Items, Record
from transports_core.proposal.settling.record import beside
from transports_core.proposal.settling.settlement import Around
from transports_core.proposal.settling.steps import ClassStep, PartStep, Spot
from transports_core.proposal.writes.copies import SCALARS, alike, attributes
from transports_core.proposal.writes.edits import AttributeEdit, EntryEdit
from transports_core.proposal.writes.list_edit import ItemEdit
from transports_core.tracking import stores
from transports_core.values import is_scalar, same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transports_core.operation import Operation
    from transports_core.proposal.places.place import Layout, Place, Step
    from transports_core.proposal.rejection import Loc
    from transports_core.proposal.settling.settlement import Settlement
    from transports_core.proposal.writes.edits import Edit
    from transports_core.values import Value

    Way: TypeAlias = list[tuple[Any, Layout, Step]]
    """What each step leads into, how that is made up, and the step."""


def leaf_way(place: Place, root: object, op: Operation) -> Way | None:
    """Find the way to what an edit puts one value without parts in the place of.

    Args:
        place: Where the model stands.
        root: The model.
        op: The only operation of the edit.

    Returns:
        The way, by which it is settled or written; `None` if it is no such edit.
    """
    if (op["op"] != "replace" and op["op"] != "add") or type(op["value"]) not in SCALARS:
        return None
    way: Way = []
    live: object = root
    for token in parse(op["path"]):
        layout = place.layouts.get(type(live)) or place.layout(live)
        step = None if place.ambiguous else layout.step(live, token)
        if step is None:
            return None
        way.append((live, layout, step))
        place, live = step[2:]
    # To add to a list is to insert.
    inserts = op["op"] == "add" and bool(way) and isinstance(way[-1][1], Items)
    return None if not way or inserts or type(live) not in SCALARS else way


def put_leaf(way: Way, wire: Value) -> bool:
    """Write a value at the end of a way, if nobody on it, or there, has anything to say to that.

    It takes a third of the calls of settling: a number in a field of which no more is known than
    that it is a number, in a model without validators, needs no one to be asked.

    Returns:
        Whether that is so. If not, nothing has happened.
    """
    inner, at, (key, _, place, live) = way[-1]
    if type(wire) not in place.plain or type(live) not in place.scalars:
        return False
    for _, layout, (_, _, beyond, _) in way:
        if layout.checks or beyond.rechecks:
            return False
    if not is_scalar(wire) or not is_scalar(live):
        return False
    if same(live, wire):
        return True
    if not isinstance(at, Record):
        inner[key] = wire
    elif stores(inner, key):
        setattr(inner, key, wire)
    else:
        return False
    return True


def settle_leaf(settlement: Settlement, way: Way, wire: Value) -> None:
    """Settle an edit that puts a value at the end of a way.

    Args:
        settlement: What the edit comes to: nothing yet.
        way: The way.
        wire: The value.

    Raises:
        Exception: As from `Settlement.read`.
    """
    place, live = way[-1][2][2:]
    if not same(place.show(live), wire):
        loc: Loc = tuple([step[1] for _, _, step in way])
        around = Around(place, loc, partial(_siblings, settlement, way))
        read, value = settlement.read(around, wire)
        if read and not alike(value, live):
            _decide(settlement, way, value, loc)


def _decide(settlement: Settlement, way: Way, value: Any, loc: Loc) -> None:
    """Decide what is written, and what is validated before."""
    live, layout, (key, *_) = way[-1]
    edit: Edit
    if isinstance(layout, Record):
        edit = AttributeEdit(live)
        edit.changes[key] = value
    elif isinstance(layout, Items):
        edit = ItemEdit(live, key, value)
    else:
        edit = EntryEdit(live)
        edit.changes[key] = value
    settlement.edits[id(live)] = edit
    # From the inside out: each object, and what is declared around it where it stands.
    for at in reversed(range(len(way))):
        live, layout, (key, _, _, _) = way[at]
        if isinstance(layout, Record) and layout.checks:
            settlement.steps.append(ClassStep(layout, live, live, key, loc[:at]))
        if at:
            owner, _, (spot, _, place, _) = way[at - 1]
            if place.rechecks:
                siblings = partial(_siblings, settlement, way[:at])
                settlement.steps.append(PartStep(place, Spot(owner, spot), loc[:at], siblings))
    if settlement.steps:
        for live, _, (key, *_) in way:
            settlement.note(Spot(live, key))


def _siblings(settlement: Settlement, way: Way) -> Mapping[str, Any]:
    """Give copies of the members of the innermost object on a way."""
    for live, layout, _ in reversed(way):
        if isinstance(layout, Record):
            # The one that the way leads through, too: pydantic does not show it.
            return beside(settlement, attributes(live), ())
    return {}
