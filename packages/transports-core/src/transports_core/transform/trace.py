"""What happened to each place: where things are, and not what they are."""

from typing import TYPE_CHECKING, ClassVar

from transports_core.document import Document
from transports_core.effect import Place
from transports_core.pointer import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.operation import Operation
    from transports_core.values import Value

_ANYTHING = Document(None)


class Trace(Place):
    """A place of which it matters only whether something was put there.

    Attributes:
        scalar: Whether what was put there has nothing inside.
    """

    __slots__ = ("scalar",)

    lossy: ClassVar[bool] = True

    def __init__(self, *, fresh_adds: bool) -> None:
        super().__init__(fresh_adds=fresh_adds)
        self.scalar = False

    def blank(self) -> "Trace":
        """Make another place, to which nothing was done."""
        return Trace(fresh_adds=self.fresh_adds)

    def set(self, value: "Value") -> None:
        """Take note that a value was put here."""
        self.document = _ANYTHING
        self.scalar = not isinstance(value, (dict, list))
        self.effect = None

    def step(self, tokens: "Sequence[str]", depth: int, op: "Operation") -> None:
        """Take in an operation, unless it is about what was put here."""
        if self.document is None:
            super().step(tokens, depth, op)

    def overlay(self, other: Place) -> None:
        """Do nothing: what was put here stays put."""


def trace(over: "Sequence[Operation]", *, fresh_adds: bool) -> Trace:
    """Find what happened to each place."""
    root = Trace(fresh_adds=fresh_adds)
    for op in over:
        if op["op"] == "move" and _parent(op["from"]) != _parent(op["path"]):
            _step_apart(root, op["path"], op["from"])
        elif op["op"] == "copy":
            _step_apart(root, op["path"])
        elif op["op"] != "test":
            _step(root, op)
    return root


def _step(root: Trace, op: "Operation") -> None:
    if op["path"] == "" and (op["op"] == "add" or op["op"] == "replace"):
        root.set(op["value"])
    else:
        root.step(parse(op["path"]), 0, op)


def _step_apart(root: Trace, path: str, source: str | None = None) -> None:
    """Take something as removed, and as something else that was added."""
    if source is not None:
        _step(root, {"op": "remove", "path": source})
    # Whatever it is, it has an inside that nobody knows.
    _step(root, {"op": "add", "path": path, "value": []})


def _parent(pointer: str) -> str:
    return pointer.rpartition("/")[0]
