"""What changed in one slot: a field of an object, or an entry of a dict."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from transports_core.bridge import Scalar
from transports_core.errors import UnrepresentableError
from transports_core.tracking.node import MISSING, SCALARS, UNKNOWN
from transports_core.values import same

if TYPE_CHECKING:
    from collections.abc import Generator

    from transports_core.bridge import Shape
    from transports_core.patch import Operation

# Of numbers below this, the wire can carry each.
_PLAIN: Final = 1 << 63
_NUMBERS: Final = frozenset({int, float})
# Values that cannot change, and keep nothing alive worth mentioning.
_CONSTANT: Final = (date, time, timedelta, Decimal, Enum, UUID, bytes)


def before(value: object) -> object:
    """Give what to keep of a value that is being replaced.

    It is compared with what is there at the next collection. Nothing is kept that could change,
    or that would keep the application's objects alive.
    """
    if type(value) in SCALARS or value is MISSING or isinstance(value, _CONSTANT):
        return value
    return UNKNOWN


def emit_slot(shape: Shape, path: str, old: object, new: Any, ops: list[Operation]) -> Any:
    """Say what became of one slot.

    Args:
        shape: The shape of the slot.
        path: The pointer to it.
        old: What `before` kept of what was there at the last collection.
        new: What is there now; `MISSING` if nothing is.
        ops: The operations so far, to add to.

    Returns:
        The wire value that was sent whole; `MISSING` if none was.
    """
    kind = type(new)  # pyright: ignore[reportUnknownVariableType]  # it may be anything
    if kind in _NUMBERS and kind is type(old) and type(shape) is Scalar and kind is shape.exact:
        # One number after another: what comes below does the same in three calls more. It is left
        # what the wire cannot carry, and zeros whose signs are all that differs.
        if new != old and -_PLAIN < new < _PLAIN:
            ops.append({"op": "replace", "path": path, "value": new})
            return new
    elif new is MISSING:
        if old is not MISSING:
            ops.append({"op": "remove", "path": path})
        return MISSING
    try:
        value = shape.lower(new)
    except Exception as error:  # a serializer of the application may raise anything
        raise _located(error, path) from error
    if old is MISSING:
        ops.append({"op": "add", "path": path, "value": value})
    elif old is UNKNOWN:
        ops.append({"op": "replace", "path": path, "value": value})
    else:
        was = shape.lower(old)
        if same(was, value):
            return MISSING
        if type(value) is str and type(was) is str and was and value.startswith(was):
            ops.append({"op": "append", "path": path, "value": value[len(was) :]})
        else:
            ops.append({"op": "replace", "path": path, "value": value})
    return value


def lower(shape: Shape, live: Any, path: str) -> Any:
    """Give the wire value of what stands at `path`.

    Raises:
        UnrepresentableError: With the path of what cannot be represented.
    """
    try:
        return shape.lower(live)
    except Exception as error:  # a serializer of the application may raise anything
        raise _located(error, path) from error


@contextmanager
def lowering(path: str) -> Generator[None]:
    """Say of whatever goes wrong inside where it did.

    Raises:
        UnrepresentableError: With the path of what cannot be represented.
    """
    try:
        yield
    except Exception as error:  # a serializer of the application may raise anything
        raise _located(error, path) from error


def _located(error: Exception, path: str) -> UnrepresentableError:
    if isinstance(error, UnrepresentableError):
        return UnrepresentableError(path + error.path, error.model, error.reason)
    return UnrepresentableError(path, None, str(error))
