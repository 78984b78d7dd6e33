"""Places of no declared type: what stands there decides, and any wire value may."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, cast

from transports_core.proposal.effort import dumped
from transports_core.proposal.places.place import (
    Atom,
    Elements,
    Entries,
    Layout,
    Place,
    Record,
    every_item,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from transports_core.bridge.encoding import Serializer
    from transports_core.proposal.places.place import Siblings
    from transports_core.values import Value


class UntypedPlace(Place):
    """A place where anything may stand.

    Args:
        serializer: What writes anything.
        own: Gives the layout of an object that says itself what it is; `None` if it does not.
    """

    def __init__(self, serializer: Serializer, own: Callable[[Any], Layout | None]) -> None:
        self._serializer = serializer
        self._own = own
        self.layouts = {}
        self._items = every_item(self)

    def dump(self, live: Any) -> Value:
        """Give the wire value of what stands here."""
        return dumped(self._serializer, live)

    def layout(self, live: Any) -> Layout:
        """Say how steps on the wire lead into what stands here."""
        if isinstance(live, (list, tuple)):
            named = hasattr(cast("object", live), "_fields")
            return Atom() if named else self._items
        if isinstance(live, dict):
            return _UntypedEntries(self)
        if isinstance(live, (set, frozenset)):
            return Elements(self)
        return self._own(live) or Atom()

    def read(self, wire: Value, siblings: Siblings) -> Any:
        """Give a copy of the wire value: it is what is to stand here."""
        del siblings
        return copy.deepcopy(wire)

    def accepts(self, live: Any) -> bool:
        """Whether an object that comes from elsewhere may stand here as it is: any may."""
        del live
        return True

    def keeps(self, live: Any, wire: Mapping[str, Value]) -> bool:
        """Whether an object sent for `live` stands for one of the same class."""
        own = self._own(live)
        return not isinstance(own, Record) or own.fields.keys() == wire.keys()


class _UntypedEntries(Entries):
    __slots__ = ()

    def text(self, key: Any) -> str:
        if type(key) is str:
            return key
        (token,) = cast("dict[str, None]", self.value.dump({key: None}))
        return token
