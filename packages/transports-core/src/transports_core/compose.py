"""Many operations made into fewer that do the same."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.operation import Operation


def compose(ops: "Sequence[Operation]") -> "list[Operation]":
    """Give operations that do the same as these on every value that these apply to."""
    return list(ops)
