"""The extensions said in operations of RFC 6902 alone.

What an extension comes to depends on the value it is applied to, so it is lowered at the moment at
which it is applied.
"""

from typing import TYPE_CHECKING, cast

from transports_core.rearranging.transition import Transition
from transports_core.size import size

if TYPE_CHECKING:
    from collections.abc import Callable

    from transports_core.operation import Append, Operation, Reorder
    from transports_core.values import Value


def lower(op: "Operation", after: "Callable[[], Value]") -> "list[Operation]":
    """Give the standard operations that do what an operation does.

    Args:
        op: The operation, which applies.
        after: Gives the value that the operation makes of the one at its path. It is kept.
    """
    if op["op"] == "append":
        return _append(op, after)
    if op["op"] == "reorder":
        return _reorder(op, after)
    return [op]


def _append(op: "Append", after: "Callable[[], Value]") -> "list[Operation]":
    path, value = op["path"], op["value"]
    if isinstance(value, list):
        return [{"op": "add", "path": f"{path}/-", "value": item} for item in value]
    return [{"op": "replace", "path": path, "value": after()}] if value else []


def _reorder(op: "Reorder", after: "Callable[[], Value]") -> "list[Operation]":
    transition = Transition[None](len(op["order"]))
    transition.permute(op["order"])

    def whole(limit: int) -> "list[Value] | None":
        items = cast("list[Value]", after())
        return items if size(items, limit) < limit else None

    return transition.operations(op["path"], lambda item: item, whole=whole, extensions=False)
