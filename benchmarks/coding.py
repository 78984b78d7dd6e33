"""Encoding and decoding our own frames, with whatever library."""

from collections.abc import Callable
from typing import Any

from benchmarks import shapes
from benchmarks.case import Case, each


def code(
    encode: Callable[[Any], str | bytes],
    decode: Callable[[str | bytes], Any],
    frame: str,
    does: str,
) -> Case:
    """Encode a frame, or decode it."""
    message = _messages()[frame]
    encoded = encode(message)
    assert decode(encoded) == message
    if does == "encode":
        return each(lambda: encode(message))
    return Case(lambda many: [decode(encoded) for _ in range(many)] and encoded)


def _messages() -> dict[str, Any]:
    value = shapes.value("nested", 120_000)
    ops = [{"op": "replace", "path": "/rows/17/a", "value": 12}]
    return {
        "patch": {"t": "patch", "id": 1, "base": 41, "rev": 42, "ops": ops},
        "snapshot of 1 MB": {"t": "snapshot", "id": 1, "type": "Nested", "rev": 42, "value": value},
    }
