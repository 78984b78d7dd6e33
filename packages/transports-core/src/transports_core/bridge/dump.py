"""The text of a live value as it goes on the wire, or the error that says what in it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic_core import to_json

from transports_core.bridge.encoding import parse, verify
from transports_core.bridge.objects import ObjectShape
from transports_core.errors import UnrepresentableError
from transports_core.pointer import escape

if TYPE_CHECKING:
    from transports_core.bridge.shape import Shape
    from transports_core.values import Value


def dump(live: Any, shape: Shape, model: str) -> bytes:
    """Write a live value as JSON text, exactly as its model library does.

    Args:
        live: The value.
        shape: Its shape.
        model: Its name, for the error.

    Raises:
        UnrepresentableError: The wire cannot carry it, with the path of what it is in there.
    """
    try:
        data = shape.encode(live)
        verify(data)
    except Exception as error:  # a serializer of the application may raise anything
        path, reason = _fault(live, shape) or _said(error)
        raise UnrepresentableError(path, model, reason) from error
    return data


def read(data: bytes, model: str) -> Value:
    """Read what `dump` wrote.

    Raises:
        UnrepresentableError: Two keys of one object are the same as text.
    """
    value = parse(data)
    # A key that is there twice was read once: written again, the value is shorter.
    if len(to_json(value)) != len(data):
        # Needed only to say what is wrong.
        import json

        path = _collision(json.loads(data, object_pairs_hook=_Pairs))
        if path is not None:
            raise UnrepresentableError(path, model, "two keys are the same as text")
    return value


def _fault(live: Any, shape: Shape) -> tuple[str, str] | None:
    """Find the deepest part that cannot be represented: its pointer, and what is wrong with it.

    Each part is dumped by itself, so this is for when something is known to be wrong.
    """
    try:
        shape.lower(live)
    except Exception as error:  # a serializer of the application may raise anything
        said = _said(error)
    else:
        return None
    shape = shape.resolve(live)
    try:
        parts = list(shape.inside(live))
    except Exception:  # as above; what writes the keys of a dict may raise, too
        return said
    for part in parts:
        found = _fault(part.live, part.shape)
        if found is not None:
            return ("" if part.key is None else f"/{escape(str(part.key))}") + found[0], found[1]
    if isinstance(shape, ObjectShape):
        for name in shape.derived:
            try:
                shape.derive(live, name, None)
            except Exception as error:  # as above
                path, reason = _said(error)
                return shape.members[name].pointer + path, reason
    return said


def _said(error: Exception) -> tuple[str, str]:
    if isinstance(error, UnrepresentableError):
        return error.path, error.reason
    return "", str(error)


class _Pairs(list[tuple[str, Any]]):
    """The members of an object, as many times as they are there."""


def _collision(found: Any) -> str | None:
    """Give the pointer of a member that is there twice."""
    if isinstance(found, _Pairs):
        seen = set[str]()
        for key, inner in found:
            if key in seen:
                return f"/{escape(key)}"
            seen.add(key)
            path = _collision(inner)
            if path is not None:
                return f"/{escape(key)}{path}"
    elif isinstance(found, list):
        for index, inner in enumerate(cast("list[Any]", found)):
            path = _collision(inner)
            if path is not None:
                return f"/{index}{path}"
    return None
