"""Wire values that do not follow from one live slot: computed fields, custom serializers.

What such a position last was on the wire is remembered, and compared with what it has become
whenever something changed in its object or below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from transports_core.bridge import ObjectShape
from transports_core.tracking.kinds import node_of
from transports_core.tracking.node import MISSING, SCALARS
from transports_core.tracking.slots import lower, lowering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transports_core.bridge import Shape
    from transports_core.patch import Operation
    from transports_core.tracking.node import Missing, Node
    from transports_core.values import Value


def remember(live: Any, shape: Shape, wire: Any) -> None:
    """Keep what the derived parts of a value are on the wire, now that it was sent whole.

    Args:
        live: The value.
        shape: Its shape.
        wire: Its wire value.
    """
    if type(live) in SCALARS or not shape.derives:
        return
    shape = shape.resolve(live)
    node = node_of(live)
    if node is not None and not shape.structural:
        node.shadow = wire
    elif isinstance(shape, ObjectShape) and node is not None and shape.derived:
        node.derived = {name: wire.get(shape.members[name].key, MISSING) for name in shape.derived}
    if any(inner.derives for inner in shape.below()):
        for part in shape.inside(live):
            remember(part.live, part.shape, wire if part.key is None else wire[part.key])


class Evaluation:
    """Evaluates derived parts again, each once for all the places where its object stands."""

    def __init__(self) -> None:
        self._changes: dict[tuple[int, int, str | None], list[Operation]] = {}

    def members(self, node: Node, shape: ObjectShape, path: str) -> None:
        """Evaluate the derived members of an object at `path`."""
        for name in shape.derived:
            memo = (id(node), id(shape), name)
            if memo not in self._changes:
                with lowering(path + shape.members[name].pointer):
                    value = shape.derive(node.obj, name, MISSING)
                self._changes[memo] = _change(node.derived.get(name, MISSING), value)
                node.derived = {**node.derived, name: value}

    def whole(self, node: Node, shape: Shape, path: str) -> None:
        """Evaluate an object at `path` that is dumped whole."""
        memo = (id(node), id(shape), None)
        if memo not in self._changes:
            # Only where something is derived is anything compared.
            from transports_core.diff import diff

            value = lower(shape, node.obj, path)
            self._changes[memo] = (
                [{"op": "replace", "path": "", "value": value}]
                if node.shadow is MISSING
                else diff(cast("Value", node.shadow), value)
            )
            node.shadow = value

    def emit_members(self, node: Node, shape: ObjectShape, path: str, ops: list[Operation]) -> None:
        """Say what became of the derived members of an object at `path`."""
        for name in shape.derived:
            changes = self._changes[id(node), id(shape), name]
            ops.extend(_under(path + shape.members[name].pointer, changes))

    def emit_whole(self, node: Node, shape: Shape, path: str, ops: list[Operation]) -> None:
        """Say what became of an object that is dumped whole, at `path`."""
        ops.extend(_under(path, self._changes[id(node), id(shape), None]))


def _change(old: Value | Missing, new: Value | Missing) -> list[Operation]:
    if new is MISSING:
        return [] if old is MISSING else [{"op": "remove", "path": ""}]
    if old is MISSING:
        return [{"op": "add", "path": "", "value": cast("Value", new)}]
    # As above.
    from transports_core.diff import diff

    return diff(cast("Value", old), cast("Value", new))


def _under(path: str, ops: list[Operation]) -> Iterator[Operation]:
    for op in ops:
        moved: Any = {**op, "path": path + op["path"]}
        if "from" in op:
            moved["from"] = path + op["from"]
        yield moved
