"""Connect a client over WebSocket: what `ws` and `wss` URLs mean to `Client.connect`."""

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from transports_core.errors import ConnectionClosedError, LocalProtocolError
from websockets.asyncio.client import connect as open_connection
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from transports_core.connection import Frame
    from websockets.asyncio.client import ClientConnection

ABNORMAL: Final = 1006
"""The close code of a connection that ended without one (RFC 6455, section 7.1.5)."""

CLOSE_TIMEOUT: Final = 1.0
"""Seconds to wait for the other end to agree to a close. A dead one must not delay the next try."""


@asynccontextmanager
async def connect(
    url: str, *, headers: "Mapping[str, str] | None" = None
) -> "AsyncGenerator[WebSocketLink]":
    """Connect to a `ws:` or `wss:` URL.

    Proxies are taken from the environment, and credentials from the URL. There is no limit on the
    size of a frame: a snapshot is as large as its model.

    Args:
        url: The URL.
        headers: Sent with the handshake.

    Raises:
        ConnectionClosedError: There is no connection to be had now; a handshake that was answered
            otherwise is such a case, for it may be a proxy that answered.
        LocalProtocolError: `url`, if it is not such a URL.
    """
    try:
        connection = await open_connection(
            url, max_size=None, close_timeout=CLOSE_TIMEOUT, additional_headers=headers
        )
    except InvalidURI as problem:
        raise LocalProtocolError("url", str(problem)) from problem
    except (InvalidHandshake, OSError, EOFError) as problem:
        raise ConnectionClosedError(ABNORMAL, str(problem)) from problem
    try:
        yield WebSocketLink(connection)
    finally:
        await connection.close()


class WebSocketLink:
    """An open WebSocket, as a client's link."""

    def __init__(self, connection: "ClientConnection") -> None:
        self._connection = connection

    @property
    def close_code(self) -> int:
        """The close code."""
        return self._connection.close_code or ABNORMAL

    @property
    def close_reason(self) -> str:
        """The reason that the other end gave; may be empty."""
        return self._connection.close_reason or ""

    def __aiter__(self) -> "WebSocketLink":
        """Give the frames that arrive."""
        return self

    async def __anext__(self) -> "Frame":
        """Wait for the next frame."""
        try:
            return await self._connection.recv()
        except ConnectionClosed:
            raise StopAsyncIteration from None

    async def send(self, frame: "Frame") -> None:
        """Send a frame: text as text, bytes as binary.

        Raises:
            ConnectionClosedError: The connection has closed.
        """
        try:
            await self._connection.send(frame)
        except ConnectionClosed as problem:
            raise ConnectionClosedError(self.close_code, self.close_reason) from problem
