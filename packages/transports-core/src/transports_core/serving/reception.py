"""Reading what a connection sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.errors import EditRejected, RemoteProtocolError
from transports_core.messages import parse_to_server

if TYPE_CHECKING:
    from transports_core.codecs import Codec, Frame
    from transports_core.limits import Limits
    from transports_core.message_types import ClientMessage


def read(frame: Frame, codec: Codec, limits: Limits) -> list[ClientMessage | EditRejected]:
    """Read all of a frame, before anything in it is acted upon.

    Returns:
        What it asks for, in order, with a refusal in the place of each proposal that cannot be
        read. What is of an unknown type is left out.

    Raises:
        RemoteProtocolError: `too_large` or `malformed`: nothing can be made of it.
    """
    # A character takes up to four bytes of UTF-8.
    if len(frame) * 4 > limits.frame_bytes and _beyond(frame, limits.frame_bytes):
        raise RemoteProtocolError("too_large", f"a frame of more than {limits.frame_bytes} bytes")
    asked: list[ClientMessage | EditRejected] = []
    for message in codec.decode(frame):
        try:
            known = parse_to_server(message, max_depth=limits.depth)
        except EditRejected as refusal:
            asked.append(refusal)
        else:
            if known is not None:
                asked.append(known)
    return asked


def _beyond(frame: Frame, limit: int) -> bool:
    if isinstance(frame, bytes) or len(frame) > limit:
        return len(frame) > limit
    return len(frame.encode("utf-8", "surrogatepass")) > limit
