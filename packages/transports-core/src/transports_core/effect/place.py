"""One place: what is there now."""

from typing import TYPE_CHECKING, ClassVar, cast

from transports_core.document import Document
from transports_core.effect.items import Items
from transports_core.effect.kind import Telling, rebase
from transports_core.effect.text import Text
from transports_core.effect.unclear import Unclear
from transports_core.errors import PatchError
from transports_core.pointer import format

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transports_core.effect.kind import Effect
    from transports_core.operation import Operation
    from transports_core.values import Value


class Place:
    """A place that something was done to.

    Args:
        fresh_adds: Whether `add` and `move` never come upon a member of that name.

    Attributes:
        document: The value that was put here, as the only item of a list; `None` where the value
            that was here before still is.
        effect: What was done inside of that one.
    """

    __slots__ = ("document", "effect", "fresh_adds")

    lossy: ClassVar[bool] = False
    """Whether what cannot be expressed is taken as one thing that ends and another that starts."""

    def __init__(self, *, fresh_adds: bool) -> None:
        self.fresh_adds = fresh_adds
        self.document: Document | None = None
        self.effect: Effect | None = None

    def blank(self) -> "Place":
        """Make another place, to which nothing was done."""
        return Place(fresh_adds=self.fresh_adds)

    def known(self, value: "Value") -> "Place":
        """Make another place, with a value."""
        place = self.blank()
        place.set(value)
        return place

    def set(self, value: "Value") -> None:
        """Put a value here."""
        self.document = Document([value])
        self.effect = None

    def value(self) -> "Value":
        """Give the value that was put here."""
        return self.part(())

    def part(self, tokens: "Sequence[str]") -> "Value":
        """Give a part of the value that was put here."""
        document = cast("Document", self.document)
        return document.resolve("/0" + format(tokens))

    def step(self, tokens: "Sequence[str]", depth: int, op: "Operation") -> None:
        """Take in an operation on what is here, or on something inside of it.

        What puts something in this place, or takes it away, is not for the place to know.

        Args:
            tokens: Where, from the root of the tree. A `move` stays within one container, or within
                one value that was put somewhere.
            depth: How many of the tokens lead here.
            op: The operation.

        Raises:
            Barrier: It cannot be expressed. Nothing has changed.
            PatchError: It cannot apply after what was done before.
        """
        if self.document is not None:
            self.document.apply([rebase(op, "/0", depth)])
        elif depth < len(tokens):
            self.effect = (self.effect or Unclear(self)).step(tokens, depth, op)
        elif op["op"] == "append" and isinstance(op["value"], str):
            self._text(op).append(op["value"])
        elif op["op"] == "append":
            self._items(op).append(op["value"])
        elif op["op"] == "reorder":
            self._items(op).reorder(op["order"], op)

    def _text(self, op: "Operation") -> Text:
        self.effect = self.effect or Text()
        if not isinstance(self.effect, Text):
            raise PatchError(None, op["path"], "a string can be appended to a string alone")
        return self.effect

    def _items(self, op: "Operation") -> Items:
        if self.effect is None or isinstance(self.effect, Unclear):
            self.effect = (self.effect or Unclear(self)).as_items()
        if not isinstance(self.effect, Items):
            raise PatchError(None, op["path"], "is no list")
        return self.effect

    def overlay(self, other: "Place") -> None:
        """Do to the value that was put here what was done to it under another name."""
        if other.document is not None:
            self.document = other.document
        elif other.effect is not None and self.document is not None:
            self.document.apply(list(other.effect.operations("/0", Telling())))

    def operations(self, path: str, telling: "Telling") -> "Iterator[Operation]":
        """Give the operations that do the same to what is at a pointer."""
        if self.document is not None:
            yield {"op": "replace", "path": path, "value": self.value()}
        elif self.effect is not None:
            yield from self.effect.operations(path, telling)

    def find(self, tokens: "Sequence[str]") -> "tuple[Place, Sequence[str]] | None":
        """Find the value that was put on the way, or at its end, if any was.

        Returns:
            Its place, and the tokens that lead on from there.
        """
        place: Place | None = self
        for depth, token in enumerate(tokens):
            if place is None or place.document is not None:
                return place and (place, tokens[depth:])
            place = None if place.effect is None else place.effect.look(token)
        return place and (place, ()) if place and place.document else None
