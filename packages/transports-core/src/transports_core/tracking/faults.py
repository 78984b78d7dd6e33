"""Finding what in a value cannot be represented, when its serializer does not say where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transports_core.errors import UnrepresentableError
from transports_core.pointer import format as to_pointer

if TYPE_CHECKING:
    from transports_core.bridge import Shape


def fault(live: Any, shape: Shape) -> tuple[str, str] | None:
    """Find the deepest part that cannot be represented.

    Args:
        live: The value.
        shape: Its shape.

    Returns:
        The JSON Pointer of the part and what is wrong with it; `None` if nothing is.
    """
    try:
        shape.lower(live)
    except UnrepresentableError as error:
        reason, at = error.reason, error.path
    except Exception as error:  # a serializer of the application may raise anything
        reason, at = str(error), ""
    else:
        return None
    for step, part, inner in shape.resolve(live).inside(live):
        found = fault(part, inner)
        if found is not None:
            way = () if step is None else (str(step),)
            return to_pointer(way) + found[0], found[1]
    return at, reason
