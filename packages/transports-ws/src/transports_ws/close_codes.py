"""The close codes that end a connection, and what a client makes of them."""

from enum import IntEnum


class CloseCode(IntEnum):
    """Close codes of the protocol, and those of RFC 6455 that it gives a meaning.

    A client tries again after all but `MALFORMED` to `UNSUPPORTED`.
    """

    GOING_AWAY = 1001
    """The server, or the page, is leaving."""

    TOO_LARGE = 1009
    """A frame was larger than the other side takes."""

    INTERNAL_ERROR = 1011
    """The application's own code failed before the connection was served."""

    RESTART = 1012
    """The server is about to be back."""

    TRY_LATER = 1013
    """There are as many connections as there may be."""

    MALFORMED = 4400
    """A frame that is none."""

    UNAUTHENTICATED = 4401
    """Nobody knows who this is."""

    FORBIDDEN = 4403
    """Not from this origin, or not for this tenant."""

    UNSUPPORTED = 4406
    """A codec, a dialect of operations or a version of the protocol that is not spoken."""

    TOO_SLOW = 4408
    """The client did not read for too long."""
