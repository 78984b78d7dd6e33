"""How much an edit makes the server do: a few bytes may ask for gigabytes."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from transports_core.bridge.encoding import encode, parse

if TYPE_CHECKING:
    from collections.abc import Generator

    from transports_core.values import Value

# What it costs to look at anything at all, as if it were so many bytes.
_LOOK: Final = 32
# The same for an item of a list, or a member of a dict.
_ITEM: Final = 8
# So many items are passed over as fast as one byte is read or written.
_PASSED: Final = 64


class _Meter:
    """What one edit has taken so far, in bytes."""

    __slots__ = ("taken",)

    def __init__(self) -> None:
        self.taken = 0


_NOBODY: Final = _Meter()
_meter: ContextVar[_Meter] = ContextVar("effort", default=_NOBODY)


@contextmanager
def measured() -> Generator[_Meter]:
    """Measure what is done within."""
    meter = _Meter()
    before = _meter.set(meter)
    try:
        yield meter
    finally:
        _meter.reset(before)


def dumped(serializer: Any, live: object) -> Value:
    """Give the wire value of something live: what most of an edit's effort is."""
    data = encode(serializer, live)
    _meter.get().taken += len(data) + _LOOK
    return parse(data)


def copied(value: Value) -> Value:
    """Give a copy of a wire value, with no container in common."""
    take(value)
    return _copied(value)


def _copied(value: Value) -> Value:
    if isinstance(value, list):
        return [_copied(item) if isinstance(item, (list, dict)) else item for item in value]
    if isinstance(value, dict):
        return {
            name: _copied(item) if isinstance(item, (list, dict)) else item
            for name, item in value.items()
        }
    return value


def take(value: Value) -> None:
    """Count a value that is copied, or a text that is written anew."""
    taken = 0
    left: list[Value] = [value]
    while left:
        part = left.pop()
        if isinstance(part, str):
            taken += len(part)
        elif isinstance(part, list):
            taken += _LOOK + _ITEM * len(part)
            left += [item for item in part if isinstance(item, (str, list, dict))]
        elif isinstance(part, dict):
            taken += _LOOK + _ITEM * len(part) + sum(map(len, part))
            left += [item for item in part.values() if isinstance(item, (str, list, dict))]
    _meter.get().taken += taken


def look(count: int) -> None:
    """Count so many parts that are looked at."""
    _meter.get().taken += count * _LOOK


def pass_over(count: int) -> None:
    """Count so many items that make way for one."""
    _meter.get().taken += count // _PASSED
