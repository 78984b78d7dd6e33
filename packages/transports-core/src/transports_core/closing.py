"""What ends a connection."""

from typing import NamedTuple


class Close(NamedTuple):
    """The last of a connection's outputs: close the transport.

    Attributes:
        code: A WebSocket close code: 1009, 1011, 1013 or one of the protocol's 4400 to 4408.
        reason: In words, short enough for a close frame (at most 123 bytes).
    """

    code: int
    reason: str
