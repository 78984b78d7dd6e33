"""A cursor: what a client remembers in order to resume.

As text it is `epoch:rev`, comma-joined where a connection sees several sessions: `?since=` on a
WebSocket, the event `id:` on a stream of server-sent events.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from transports_core.errors import RemoteProtocolError
from transports_core.tokens import token

if TYPE_CHECKING:
    from collections.abc import Mapping

# What needs no escape in a URL, and neither of the characters that a cursor is made with.
_EPOCH: Final = r"[A-Za-z0-9._~-]{1,128}"
# A revision fits in 63 bits.
_POSITION: Final = rf"({_EPOCH}):([0-9]{{1,18}})"


@cache
def _pattern(text: str) -> "re.Pattern[str]":
    # Who starts is neither given an epoch nor a cursor.
    return re.compile(text, re.ASCII)


def new_epoch() -> str:
    """Name an epoch by 96 random bits: no two lives of sessions ever share one."""
    return token(12)


def is_epoch(text: str) -> bool:
    """Tell whether a text may name an epoch: whether a cursor can hold it."""
    return _pattern(_EPOCH).fullmatch(text) is not None


def parse(text: str) -> dict[str, int]:
    """Read the text form of a cursor: the greatest revision seen of each epoch.

    Empty text is the cursor of a client that has seen nothing.

    Raises:
        RemoteProtocolError: `malformed`, if it is not a cursor, or names an epoch twice.
    """
    cursor: dict[str, int] = {}
    for position in text.split(",") if text else ():
        match = _pattern(_POSITION).fullmatch(position)
        if match is None or match[1] in cursor:
            raise RemoteProtocolError("malformed", f"{text[:200]!r} is not a cursor")
        cursor[match[1]] = int(match[2])
    return cursor


def format(cursor: "Mapping[str, int]") -> str:
    """Write a cursor as text."""
    return ",".join(f"{epoch}:{rev}" for epoch, rev in cursor.items())
