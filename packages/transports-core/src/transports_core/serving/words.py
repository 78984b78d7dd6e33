"""What a connection is told by itself: that it is alive, and why it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from transports_core.closing import Close
from transports_core.containment import contain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.codecs import Codec, Frame
    from transports_core.message_types import Message

# Close codes: see the protocol, "Closing".
CODES: Final = {"too_large": 1009, "malformed": 4400}
FAILED: Final = 1011
TRY_LATER: Final = 1013
TOO_SLOW: Final = Close(4408, "too slow")
UNSENDABLE: Final = Close(FAILED, "nothing can be sent")

# Bytes of a reason that fit into a close frame.
_REASON: Final = 123


def closing(code: int, reason: str) -> Close:
    """Close with a reason, as much of it as fits."""
    return Close(code, reason.encode()[:_REASON].decode(errors="ignore"))


def say(codec: Codec, message: Message) -> Sequence[Frame]:
    """Make the frame of one message.

    Returns:
        The frame alone; nothing if the codec cannot write it.
    """
    try:
        return (codec.encode([message]),)
    except BaseException as error:  # a registered codec may raise anything
        contain(error, "a %s cannot be encoded in %s", message["t"], codec.name)
        return ()
