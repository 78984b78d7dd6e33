"""An edit carried over what happened since its author looked."""

from typing import TYPE_CHECKING

from transports_core.errors import GoneError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.operation import Operation


def transform(ops: "Sequence[Operation]", over: "Sequence[Operation]") -> "list[Operation]":
    """Give the operations of an edit as they are to be applied after others.

    Raises:
        GoneError: What an operation is about may not be there any more.
    """
    for at, op in enumerate(ops):
        for other in over:
            if op["path"] != other["path"] and _overlap(op["path"], other["path"]):
                raise GoneError(at, op["path"], f"changed by {other['op']} of {other['path']!r}")
    return list(ops)


def _overlap(path: str, other: str) -> bool:
    parent = other.rpartition("/")[0]
    return path.startswith(parent + "/") or other.startswith(path + "/")
