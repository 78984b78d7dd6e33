"""JSON Pointer (RFC 6901): text that names a place in a value."""

import re
from collections.abc import Iterable, Sequence

from transports_core.errors import PatchError, PointerError
from transports_core.values import Value

# No list is so long that its positions need more digits.
_DIGITS = 18


def parse(pointer: str) -> tuple[str, ...]:
    """Split a pointer into its reference tokens.

    Raises:
        PointerError: Not a pointer: it neither is empty nor starts with `/`, or has a `~` that is
            followed by neither `0` nor `1`.
    """
    if not pointer:
        return ()
    head, *tokens = pointer.split("/")
    if head:
        raise PointerError(None, pointer, "a pointer is empty or starts with '/'")
    if "~" in pointer:
        if re.search(r"~(?![01])", pointer):
            raise PointerError(None, pointer, "'~' is followed by neither '0' nor '1'")
        # In this order, or `~01` would come out as `/`.
        return tuple(token.replace("~1", "/").replace("~0", "~") for token in tokens)
    return tuple(tokens)


def format(tokens: Iterable[str]) -> str:
    """Join reference tokens to the pointer that `parse` splits into them."""
    return "".join(["/" + escape(token) for token in tokens])


def escape(token: str) -> str:
    """Write one reference token as it stands in a pointer."""
    if "~" in token or "/" in token:
        return token.replace("~", "~0").replace("/", "~1")
    return token


def position(token: str, length: int) -> int:
    """Read a token as the position of an item in a list of this length; -1 where it is none.

    Only what RFC 6901 (section 4) allows is a position: ASCII digits without a leading zero. `-`
    is the place after the last item, where no item is.
    """
    # `int` would read much more: signs, blanks, underscores, the digits of all scripts.
    if not (token.isdigit() and token.isascii()) or (token[0] == "0" and token != "0"):
        return -1
    # Beyond some thousand digits `int` refuses to read.
    if len(token) > _DIGITS or (read := int(token)) >= length:
        return -1
    return read


def resolve(value: Value, tokens: Sequence[str]) -> Value:
    """Find the value at a place.

    Raises:
        PatchError: There is no such place.
    """
    for token in tokens:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and (at := position(token, len(value))) >= 0:
            value = value[at]
        else:
            raise PatchError(None, format(tokens), missing(value, token))
    return value


def missing(value: Value, token: str) -> str:
    """Say why a token leads nowhere from a value."""
    if isinstance(value, dict):
        return f"there is no member {token!r}"
    if not isinstance(value, list):
        return f"{token!r} is looked for in what is no container"
    if position(token, 10**_DIGITS) < 0 and token != "-":
        return f"{token!r} is not a position in a list"
    return f"position {token} is beyond the end of a list of {len(value)}"
