"""Patches: operations applied in order, all or nothing."""

from collections.abc import Sequence

from transports_core.document import Document
from transports_core.operation import (
    Add,
    Append,
    Copy,
    Move,
    Operation,
    Remove,
    Reorder,
    Replace,
    Test,
    check,
)
from transports_core.values import Value

__all__ = [
    "Add",
    "Append",
    "Copy",
    "Move",
    "Operation",
    "Remove",
    "Reorder",
    "Replace",
    "Test",
    "apply",
    "check",
]


def apply(value: Value, ops: Sequence[Operation]) -> Value:
    """Give what a value becomes by a patch; the value itself never changes.

    The result shares with the value, and with the values in the operations, what did not change.

    Raises:
        PatchError: An operation does not apply.
    """
    document = Document(value)
    document.apply(ops)
    return document.value()
