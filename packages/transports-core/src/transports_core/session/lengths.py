"""How long a list is that a pointer names, looked up in a live object.

A pointer alone does not say whether `3` is a position or a name. Where operations leave that open,
those who compose or transform them ask here, at the cost of the way and not of the model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transports_core.bridge import DictShape, ListShape, SetShape, TupleShape
from transports_core.errors import PatchError
from transports_core.pointer import parse, position, resolve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.bridge import Shape


def length_at(live: object, shape: Shape, pointer: str) -> int | None:
    """Tell how long the list at a pointer is.

    Args:
        live: The live object.
        shape: How it appears on the wire.
        pointer: Where the list is, on the wire.

    Returns:
        Its length; `None` where there is no list.
    """
    tokens = parse(pointer)
    for depth, token in enumerate(tokens):
        shape = shape.resolve(live)
        step = _step(live, shape, token)
        if step is None:
            return _length_in_value(live, shape, tokens[depth:])
        live, shape = step
    shape = shape.resolve(live)
    if isinstance(shape, ListShape | SetShape | TupleShape):
        return len(live)  # pyright: ignore[reportArgumentType]  # the shape has looked
    return _length_in_value(live, shape, ())


def _step(live: Any, shape: Shape, token: str) -> tuple[object, Shape] | None:
    """Go one step on; `None` if what the wire shows there stands nowhere in the live object."""
    if isinstance(shape, ListShape) and not isinstance(shape, SetShape):
        at = position(token, len(live))
        return None if at < 0 else (live[at], shape.item)
    if isinstance(shape, DictShape) and token in live:
        member = shape.member(live, token)
        if member is not None and member.key == token and member.shape is not None:
            return live[token], member.shape
    for key, part, inner in shape.inside(live):
        if key is None:
            # Its members are shown among those of the whole.
            found = _step(part, inner.resolve(part), token)
            if found is not None:
                return found
        elif str(key) == token:
            return part, inner
    return None


def _length_in_value(live: object, shape: Shape, tokens: Sequence[str]) -> int | None:
    try:
        value = resolve(shape.lower(live), tokens)
    except PatchError:
        return None
    return len(value) if isinstance(value, list) else None
