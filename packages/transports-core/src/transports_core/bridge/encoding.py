"""Live value to JSON text to wire value, by the serializer that its model library prepared."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from pydantic_core import from_json

from transports_core.errors import UnrepresentableError
from transports_core.values import check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from transports_core.values import Value

# All digits are one and the same in what this gives, and nothing else is.
_DIGITS: Final = bytes(ord("0") if chr(byte) in "0123456789" else ord(" ") for byte in range(256))


class Serializer(Protocol):
    """What a model library prepares to dump one declared position; pydantic's, or alike."""

    def to_json(
        self, live: Any, /, *, warnings: bool, fallback: Callable[[Any], Any], include: Any = None
    ) -> bytes:
        """Write `live` as JSON text."""
        ...


def unknown(live: object) -> object:
    """Give pydantic something it can serialize in place of `live`, which it does not know."""
    msgspec = sys.modules.get("msgspec")
    if msgspec is not None and isinstance(live, msgspec.Struct):
        return parse(msgspec.json.encode(live, enc_hook=foreign))
    raise TypeError(f"{type(live).__name__} has no JSON form")


def foreign(live: object) -> object:
    """Give msgspec something it can serialize in place of `live`, which it does not know."""
    serializer = getattr(type(live), "__pydantic_serializer__", None)
    if serializer is None:
        raise TypeError(f"{type(live).__name__} has no JSON form")
    return parse(encode(serializer, live))


def encode(serializer: Serializer, live: object, include: set[str] | None = None) -> bytes:
    """Write `live` as `model_dump_json` would.

    Args:
        serializer: What the model library prepared for the position that `live` stands at.
        live: The value.
        include: The names of the members to write; `None` for all of them.

    Raises:
        Exception: Whatever a serializer of the application raised, or pydantic's own error.
    """
    return serializer.to_json(live, warnings=False, fallback=unknown, include=include)


def parse(data: bytes) -> Value:
    """Read JSON text as a wire value.

    Raises:
        UnrepresentableError: It holds a number that the wire does not carry.
    """
    try:
        value = cast("Value", from_json(data, allow_inf_nan=False, cache_strings="keys"))
    except ValueError as error:
        raise UnrepresentableError("", None, f"is not JSON: {error}") from error
    if _has_long_number(data):
        check(value)
    return value


def verify(data: bytes) -> None:
    """Check JSON text that will be sent as it is, without building its value where that can be.

    Raises:
        UnrepresentableError: It holds a number that the wire does not carry.
    """
    # With `ser_json_inf_nan="constants"` pydantic writes words that JSON does not have; the same
    # letters inside a string are told apart by reading the text. To look for one byte first takes
    # a tenth of the time of looking for a word: a sixth of all that a dump takes.
    words = (b"N" in data and b"NaN" in data) or (b"I" in data and b"Infinity" in data)
    if words or _has_long_number(data):
        parse(data)


def _has_long_number(data: bytes) -> bool:
    """Tell whether 19 digits follow one another: only then can an integer be beyond the wire's.

    To look for that is far cheaper than visiting every value. Of 19 digits in a row, every fourth
    byte is one, four times at least: a look at those is enough for nearly all text.
    """
    if b"0000" not in data[::4].translate(_DIGITS):
        return False
    return b"0" * 19 in data.translate(_DIGITS)


def member_of(serializer: Serializer, live: object, name: str) -> Mapping[str, Value]:
    """Dump one field, or one computed field, of a model: a map that holds it or is empty."""
    return cast("Mapping[str, Value]", parse(encode(serializer, live, {name})))
