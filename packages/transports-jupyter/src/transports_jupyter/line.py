"""A connection whose transport takes whatever it is given, at once."""

import logging
from typing import TYPE_CHECKING, Final

from transports_core.connection import Close, Tenant
from transports_core.errors import RefusedError, UnsupportedCodecError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from transports_core.connection import Output, Serving

_log = logging.getLogger("transports")

# The close code for what is not known here.
_UNKNOWN: Final = 4406


class Line:
    """One connection: its handle, and its writer.

    Nothing here makes one wait, so the connection is idle again as soon as it was sent to. All
    methods are called in the server's turn.

    Args:
        serving: What is served.
        scope: What the application's functions are shown of the connection.
        put: Sends one frame, or says that the connection is closed. It may raise: the transport is
            gone then.
    """

    def __init__(
        self, serving: "Serving", scope: object, put: "Callable[[Output], object]"
    ) -> None:
        self._serving = serving
        self._scope = scope
        self._put = put
        self._is_open = False

    def open(
        self,
        since: str | None = None,
        *,
        codec: str | None = None,
        ops: str | None = None,
        version: str | None = None,
    ) -> None:
        """Open the connection, again if it is open, and send what brings it up to date.

        Args:
            since: The cursor to resume from; `None` for none.
            codec: What the other end wants frames written in; `None` for JSON.
            ops: As of `Serving.open`.
            version: The same.

        Raises:
            RefusedError: It cannot be had. The other end was told, if it could be.
        """
        # What others of the same transport were not sent yet, they would miss: they hear what is
        # sent from now on, too.
        self._serving.deliver(self._serving.flush())
        self.close()
        try:
            if codec not in (None, "json"):
                raise RefusedError(_UNKNOWN, f"codec {codec[:40]!r} is not carried here")
            opening = self._serving.open(
                self, since=since, ops=ops, version=version, scope=self._scope, heartbeat=0
            )
        except RefusedError as refusal:
            self._refuse(refusal)
            raise
        self._is_open = True
        self._serving.attach(self, self.send)
        self._serving.deliver({self: opening})

    def _refuse(self, refusal: RefusedError) -> None:
        try:
            self._put(Close(refusal.code, refusal.reason))
        except Exception:  # the transport's own; whoever is refused is refused anyhow
            _log.exception("nobody can be told of a refusal")

    def recv(self, frame: str) -> None:
        """Take in a frame from the other end."""
        self._serving.deliver(self._serving.recv(self, frame))

    def send(self, outputs: "Sequence[Output]") -> bool:
        """Send what is given, which never has to wait."""
        for output in outputs:
            self._put(output)
        return True

    def close(self) -> None:
        """Forget the connection, if it is open."""
        if self._is_open:
            self._is_open = False
            self._serving.close(self)


def check_codec(codec: str, transport: str) -> None:
    """Refuse a codec that does not make text.

    Raises:
        UnsupportedCodecError: It is not `json`.
    """
    if codec != "json":
        raise UnsupportedCodecError(codec, transport)


def scope_of(transport: object, tenant: "Hashable | None") -> object:
    """Give what the application's functions are shown: the transport, unless a tenant is named."""
    return transport if tenant is None else Tenant(tenant)
