"""What a connection asks for as it opens, and whether it is known here."""

from __future__ import annotations

from typing import Final, NamedTuple

from transports_core.codecs import Codec, get_codec
from transports_core.errors import RefusedError, UnknownCodecError
from transports_core.messages import PROTOCOL_VERSION

# The close code for what is not known here.
_UNKNOWN: Final = 4406


class Terms(NamedTuple):
    """What a connection is served in.

    Attributes:
        codec: What its frames are written in.
        standard: Whether it knows the operations of RFC 6902 alone.
    """

    codec: Codec
    standard: bool


def agree(codec: str, ops: str | None, version: str | None) -> Terms:
    """Agree on what a connection asks for in its parameters.

    Raises:
        RefusedError: 4406. Something of it is not known here.
    """
    if version not in (None, str(PROTOCOL_VERSION)):
        raise RefusedError(_UNKNOWN, f"protocol version {version[:20]!r} is not spoken here")
    if ops not in (None, "rfc6902"):
        raise RefusedError(_UNKNOWN, f"operations {ops[:20]!r} are not known here")
    try:
        return Terms(get_codec(codec), ops is not None)
    except UnknownCodecError as error:
        raise RefusedError(_UNKNOWN, f"codec {codec[:40]!r} is not known here") from error
