"""Drafts of lists and tuples."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any, cast

from transports_core.proposal.drafts.draft import (
    Draft,
    LiveDraft,
    Sent,
    drafts,
    index,
    open_draft,
    permuted,
)
from transports_core.proposal.effort import look
from transports_core.proposal.places.place import Items
from transports_core.values import same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.proposal.places.place import Place
    from transports_core.values import Value

# Beyond so many pieces, to find an item among them costs more than to have a piece for each.
_PIECES = 64


class Item:
    """An item that was looked at or put in.

    Attributes:
        draft: What it is.
        origin: Its old position; `None` where it is new to the list.
    """

    __slots__ = ("draft", "origin")

    def __init__(self, draft: Draft, origin: int | None) -> None:
        self.draft = draft
        self.origin = origin


@drafts(Items)
class ItemsDraft(LiveDraft):
    """A draft of a list or a tuple.

    Attributes:
        pieces: What it holds now: old items that nobody looked at, by their old positions, and
            others one by one.
    """

    layout: Items

    def __init__(self, place: Place, layout: Any, live: Any) -> None:
        super().__init__(place, layout, live)
        self.pieces: list[range | Item] = [range(len(live))] if len(live) else []
        self._flat = False

    def __len__(self) -> int:
        if self._flat:
            return len(self.pieces)
        return sum(1 if isinstance(piece, Item) else len(piece) for piece in self.pieces)

    @property
    def moved(self) -> bool:
        """Whether the list may hold other items than it did, or in another order."""
        at = 0
        for piece in self.pieces:
            first = piece.origin if isinstance(piece, Item) else piece.start
            if first != at:
                return True
            at += 1 if isinstance(piece, Item) else len(piece)
        return at != len(self.live)

    @property
    def listed(self) -> bool:
        """Whether it is a list on the wire."""
        return True

    @property
    def touched(self) -> bool:
        """Whether it may be another than the live value."""
        return self.moved or any(
            isinstance(piece, Item) and piece.draft.touched for piece in self.pieces
        )

    def wire(self) -> Value:
        """Give its wire value."""
        if not self.touched:
            return self.place.dump(self.live)
        look(len(self.pieces) // 16)
        old = cast("list[Value]", self.place.dump(self.live))
        found: list[Value] = []
        for piece in self.pieces:
            if isinstance(piece, Item):
                found.append(piece.draft.wire())
            else:
                found += old[piece.start : piece.stop]
        return found

    def get(self, token: str) -> Draft:
        """Give the part that a step leads to."""
        return self._open(index(token, len(self))).draft

    def add(self, token: str, draft: Draft) -> None:
        """Put an item in before another, or at the end."""
        # First, for it may make other pieces of them all.
        where = self._split(index(token, len(self), beyond=True))
        self.pieces.insert(where, Item(draft, None))

    def set(self, token: str, draft: Draft) -> None:
        """Put an item in the place of one that is there."""
        item = self._open(index(token, len(self)))
        if isinstance(draft, Sent):
            if same(item.draft.wire(), draft.value):
                return
            draft = item.draft.become(draft.value)
        item.draft = draft

    def take(self, token: str) -> Draft:
        """Take an item out."""
        at = index(token, len(self))
        item = self._open(at)
        where = self._split(at)
        del self.pieces[where]
        return item.draft

    def reorder(self, order: Sequence[int]) -> None:
        """Permute the items."""
        if len(order) == len(self):
            self._flatten()
        self.pieces = permuted(self.pieces if self._flat else [range(0)] * len(self), order)

    def become(self, value: Value) -> Draft:
        """Give what stands here once a wire value is sent for it; itself if it can be that."""
        if not isinstance(value, list):
            return Sent(value)
        old = cast("list[Value]", self.wire())
        look(len(old) + len(value))
        self._flatten()
        kept, pairs = align(old, value)
        origins = {new: old for old, new in pairs}
        for at, part in enumerate(value):
            if at in origins:
                self.set(str(origins[at]), Sent(part))
        pieces: list[range | Item] = []
        for at, part in enumerate(value):
            origin = kept.get(at, origins.get(at))
            pieces.append(Item(Sent(part), None) if origin is None else self.pieces[origin])
        self.pieces = pieces
        return self

    def look(self, origin: int) -> Item:
        """Give a new draft of an old item."""
        return Item(open_draft(self.place_of(origin), self.live[origin]), origin)

    def place_of(self, origin: int) -> Place:
        """Give the place of an old item."""
        return self.layout.at(origin, len(self.live))

    def _open(self, at: int) -> Item:
        """Have a piece of its own for one item, and look at it."""
        where = self._split(at)
        piece = self.pieces[where]
        if isinstance(piece, Item):
            return piece
        if len(piece) > 1:
            self.pieces.insert(where + 1, piece[1:])
        origin = piece.start
        item = self.pieces[where] = self.look(origin)
        return item

    def _split(self, at: int) -> int:
        """Have a piece that starts with one item, and give where it is."""
        if not self._flat and len(self.pieces) > _PIECES:
            self._flatten()
        if self._flat:
            return at
        for where, piece in enumerate(self.pieces):
            if at == 0:
                return where
            length = 1 if isinstance(piece, Item) else len(piece)
            if at < length and isinstance(piece, range):
                self.pieces[where : where + 1] = [piece[:at], piece[at:]]
                return where + 1
            at -= length
        return len(self.pieces)

    def _flatten(self) -> None:
        if not self._flat:
            flat: list[range | Item] = []
            for piece in self.pieces:
                if isinstance(piece, Item):
                    flat.append(piece)
                else:
                    flat += [range(at, at + 1) for at in piece]
            self.pieces, self._flat = flat, True


def align(old: list[Value], new: list[Value]) -> tuple[dict[int, int], list[tuple[int, int]]]:
    """Find what became of the items of a list that was sent whole.

    Returns:
        The old position of each new item that is an old one, and old and new positions of items
        that stand in the same gap between those: the new one is what the old one became.
    """
    where: dict[str, deque[int]] = {}
    for at, item in enumerate(old):
        where.setdefault(_key(item), deque()).append(at)
    kept: dict[int, int] = {}
    for at, item in enumerate(new):
        same_items = where.get(_key(item))
        if same_items:
            kept[at] = same_items.popleft()
    left = deque(sorted(at for places in where.values() for at in places))
    pairs: list[tuple[int, int]] = []
    gap: list[int] = []
    reached = -1
    for at in range(len(new) + 1):
        if at < len(new) and at not in kept:
            gap.append(at)
            continue
        end = kept.get(at, len(old))
        # One that moved back bounds no gap.
        if end > reached:
            olds = _below(left, end)
            pairs += zip(olds, gap, strict=False)
            reached, gap = end, []
    return kept, pairs


def _below(left: deque[int], end: int) -> list[int]:
    found: list[int] = []
    while left and left[0] < end:
        found.append(left.popleft())
    return found


def _key(item: Value) -> str:
    # No text of a scalar is one of a container, and theirs tell their types apart.
    return json.dumps(item, sort_keys=True) if isinstance(item, (list, dict)) else repr(item)
