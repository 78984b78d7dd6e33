"""How much room a value takes on the wire, near enough to choose the smaller of two messages."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from transports_core.values import Value

_Containers: TypeAlias = "list[list[Value] | dict[str, Value]]"


def size(value: "Value", limit: float = float("inf")) -> int:
    """Measure a value as JSON text, in characters, escapes left aside.

    Args:
        value: What to measure.
        limit: Where to stop: the size of a value that is larger is only known to be so.
    """
    left: _Containers = []
    total = _size(value, left)
    while left and total <= limit:
        container = left.pop()
        if isinstance(container, dict):
            # Two quotes, a colon and a comma for each key.
            total += 4 * len(container) + sum(map(len, container))
            for item in container.values():
                total += _size(item, left)
        else:
            total += len(container)
            for item in container:
                total += _size(item, left)
                if total > limit:
                    break
    return total


def _size(value: "Value", left: _Containers) -> int:
    if isinstance(value, str):
        return len(value) + 2
    if isinstance(value, (list, dict)):
        left.append(value)
        return 2
    if isinstance(value, bool) or value is None:
        return 4
    return len(repr(value))
