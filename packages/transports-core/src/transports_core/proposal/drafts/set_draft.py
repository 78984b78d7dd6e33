"""Drafts of sets, and of root models around anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from transports_core.proposal.drafts.draft import (
    Draft,
    LiveDraft,
    RefusalError,
    Sent,
    drafts,
    index,
    open_draft,
    permuted,
)
from transports_core.proposal.places.place import Elements, Holder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.proposal.places.place import Place
    from transports_core.values import Value


class Other:
    """An element that is not the live one, as far as one can tell.

    Attributes:
        draft: What it is.
    """

    __slots__ = ("draft",)

    def __init__(self, draft: Draft) -> None:
        self.draft = draft


@drafts(Elements)
class ElementsDraft(LiveDraft):
    """A draft of a set. An element cannot change in it, but can give way to another.

    Attributes:
        elements: What it holds now, in the order that the wire shows.
    """

    layout: Elements

    def __init__(self, place: Place, layout: Any, live: Any) -> None:
        super().__init__(place, layout, live)
        self.elements: list[Any] = list(live)

    @property
    def listed(self) -> bool:
        """Whether it is a list on the wire."""
        return True

    @property
    def touched(self) -> bool:
        """Whether it may be another than the live value."""
        if any(isinstance(element, Other) for element in self.elements):
            return True
        # One that was sent twice is there once.
        return len(set(self.elements)) != len(self.live)

    def wire(self) -> Value:
        """Give its wire value."""
        if not self.touched:
            # In the same order: the set has not changed.
            return self.place.dump(self.live)
        return [self._shown(element) for element in self.elements]

    def get(self, token: str) -> Draft:
        """Give the part that a step leads to."""
        at = index(token, len(self.elements))
        element = self.elements[at]
        if not isinstance(element, Other):
            element = self.elements[at] = Other(Sent(self._shown(element)))
        return element.draft

    def add(self, token: str, draft: Draft) -> None:
        """Put an element in. Where means nothing but to the operations that follow."""
        self.elements.insert(index(token, len(self.elements), beyond=True), Other(draft))

    def set(self, token: str, draft: Draft) -> None:
        """Put an element in the place of one that is there."""
        self.elements[index(token, len(self.elements))] = Other(draft)

    def take(self, token: str) -> Draft:
        """Take an element out."""
        part = self.get(token)
        del self.elements[index(token, len(self.elements))]
        return part

    def reorder(self, order: Sequence[int]) -> None:
        """Permute the elements; their order means nothing."""
        self.elements = permuted(self.elements, order)

    def become(self, value: Value) -> Draft:
        """Give what stands here once a wire value is sent for it; itself if it can be that."""
        if not isinstance(value, list):
            return Sent(value)
        here = {_key(self._shown(element)): element for element in self.elements}
        # In the order in which they were sent, which is what operations that follow count by.
        self.elements = [here.get(_key(part), Other(Sent(part))) for part in value]
        return self

    def _shown(self, element: Any) -> Value:
        if isinstance(element, Other):
            return element.draft.wire()
        return self.layout.item.dump(element)


@drafts(Holder)
class HolderDraft(LiveDraft):
    """A draft of a root model, which the wire has no step for."""

    layout: Holder

    def __init__(self, place: Place, layout: Any, live: Any) -> None:
        super().__init__(place, layout, live)
        self.root: Draft = open_draft(layout.root.place, live.root)

    @property
    def touched(self) -> bool:
        """Whether it may be another than the live value."""
        return self.root.touched

    def wire(self) -> Value:
        """Give its wire value."""
        return self.root.wire()

    def enter(self, *, write: bool = False) -> Draft:
        """Give the draft that steps lead into."""
        if write and self.layout.record.frozen:
            raise RefusalError("read_only", f"{type(self.live).__name__} is frozen")
        return self.root.enter(write=write)

    def become(self, value: Value) -> Draft:
        """Give what stands here once a wire value is sent for it; itself if it can be that."""
        self.root = self.root.become(value)
        return self


def _key(item: Value) -> str:
    return json.dumps(item, sort_keys=True)
