"""What drafts of lists, tuples, sets, dicts and of values without parts come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transports_core.proposal.absent import ABSENT, Mark
from transports_core.proposal.drafts.draft import AtomDraft, LiveDraft
from transports_core.proposal.drafts.list_draft import Item, ItemsDraft
from transports_core.proposal.drafts.record_draft import EntriesDraft
from transports_core.proposal.drafts.set_draft import ElementsDraft, Other
from transports_core.proposal.rejection import explain
from transports_core.proposal.settling.settlement import Around, Settled, Settlement, settles
from transports_core.proposal.settling.steps import Spot
from transports_core.proposal.writes.copies import alike, kind_of
from transports_core.proposal.writes.edits import (
    EntryEdit,
    element_edit,
)
from transports_core.proposal.writes.list_edit import ListEdit, Put
from transports_core.proposal.writes.overwriting import overwriting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transports_core.proposal.writes.list_edit import Piece


@settles(ItemsDraft)
def settle_items(settlement: Settlement, draft: ItemsDraft, around: Around) -> Settled:
    """Settle a list or a tuple."""
    live: Any = draft.live
    pieces: list[Piece] = []
    inside = False
    at = 0
    for piece in _looked_at(draft):
        if isinstance(piece, range):
            pieces.append(piece)
            at += len(piece)
        else:
            made, changed = _item(settlement, draft, piece, at, around)
            pieces.append(made)
            inside = inside or changed
            at += 1
    edit = ListEdit(live, pieces)
    if not edit.changes or _comes_to_nothing(edit):
        return Settled(live, changed=inside)
    settlement.permit(around)
    if isinstance(draft.live, tuple):
        return Settled(kind_of(live)(edit.result()), changed=True)
    settlement.write(edit, around.loc)
    return Settled(live, changed=True)


def _looked_at(draft: ItemsDraft) -> Iterator[range | Item]:
    """Give the pieces of a list, one by one where each place may have a type of its own."""
    by_place = draft.moved and issubclass(kind_of(draft.live), tuple)
    for piece in draft.pieces:
        if isinstance(piece, range) and by_place:
            yield from map(draft.look, piece)
        else:
            yield piece


def _comes_to_nothing(edit: ListEdit) -> bool:
    """Whether a list would hold the same as before, taken out and put in again."""
    if len(edit) != len(edit.live):
        return False
    at = 0
    for piece in edit.pieces:
        if isinstance(piece, Put):
            if not alike(piece.value, edit.live[at]):
                return False
            at += 1
        elif piece.start != at:
            return False
        else:
            at = piece.stop
    return True


def _item(
    settlement: Settlement, draft: ItemsDraft, item: Item, at: int, around: Around
) -> tuple[Piece, bool]:
    """Give what becomes of one item, and whether something in it changed where it is."""
    origin = item.origin
    place = draft.layout.at(at, len(draft))
    held = ABSENT
    if origin is not None and draft.place_of(origin) is place:
        held = draft.live[origin]
    # Something new is a change of the list, if the list is not the same with it.
    denied = around.denied and (origin is not None or isinstance(item.draft, LiveDraft))
    inside = Around(place, (*around.loc, at), around.siblings, denied)
    settled = settlement.part(item.draft, held, inside, Spot(draft.live, at))
    if origin is not None and settled.value is draft.live[origin]:
        return range(origin, origin + 1), settled.changed
    return Put(origin, settled.value), False


@settles(EntriesDraft)
def settle_entries(settlement: Settlement, draft: EntriesDraft, around: Around) -> Settled:
    """Settle a dict."""
    live, layout = draft.live, draft.layout
    edit = EntryEdit(live)
    changed = False
    for token in list(draft.members):
        if not draft.changed(token):
            continue
        part = draft.members[token]
        inside = Around(layout.value, (*around.loc, token), around.siblings, around.denied)
        key = layout.find(live, token)
        if isinstance(part, Mark):
            if key is not ABSENT:
                settlement.permit(inside)
                edit.changes[key] = ABSENT
            continue
        if key is ABSENT:
            try:
                key = layout.key(token)
            except Exception as error:
                found = explain(error, around.loc)
                if found is None:
                    raise
                settlement.details += found
                continue
        held = live.get(key, ABSENT)
        settled = settlement.part(part, held, inside, Spot(live, key))
        changed = changed or settled.changed
        if settled.changed and settled.value is not held:
            edit.changes[key] = settled.value
    if edit.changes:
        settlement.write(edit, around.loc)
    return Settled(live, changed=changed or bool(edit.changes))


@settles(ElementsDraft)
def settle_elements(settlement: Settlement, draft: ElementsDraft, around: Around) -> Settled:
    """Settle a set."""
    live: Any = draft.live
    inside = Around(draft.layout.item, around.loc, around.siblings, around.denied)
    wanted: dict[Any, None] = {}
    for at, element in enumerate(draft.elements):
        if isinstance(element, Other):
            read, value = settlement.read(
                inside._replace(loc=(*around.loc, at)), element.draft.wire()
            )
            if not read:
                continue
            wanted[value] = None
        else:
            wanted[element] = None
    if wanted.keys() == live:
        return Settled(live, changed=False)
    settlement.permit(around)
    if isinstance(draft.live, frozenset):
        return Settled(kind_of(live)(wanted), changed=True)
    settlement.write(element_edit(live, list(wanted)), around.loc)
    return Settled(live, changed=True)


@settles(AtomDraft)
def settle_atom(settlement: Settlement, draft: AtomDraft, around: Around) -> Settled:
    """Settle a value that is made anew as a whole, in the same container where that can be."""
    live = draft.live
    if not draft.touched:
        return Settled(live, changed=False)
    read, value = settlement.read(around, draft.wire())
    if not read or alike(value, live):
        return Settled(live, changed=False)
    settlement.permit(around)
    edit = overwriting(live, value)
    if edit is None:
        return Settled(value, changed=True)
    settlement.write(edit, around.loc)
    return Settled(live, changed=True)
