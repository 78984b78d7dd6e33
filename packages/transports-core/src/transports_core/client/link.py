"""What a transport gives a client: a way to connect, and what is then connected.

A connector is a function that takes a URL and gives an asynchronous context manager; inside of it
there is a link. A distribution announces it by an entry point in the group
`transports.connectors`, whose name is the scheme:

```toml
[project.entry-points."transports.connectors"]
carrier-pigeon = "transports_pigeon:connect"
```

Nothing else is needed: `Client.connect("carrier-pigeon://...")` finds it.
"""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from contextlib import AbstractAsyncContextManager

    from transports_core.codecs import Frame


class Link(Protocol):
    """An open connection.

    Iterating gives the frames as they arrive, in order and whole, and ends when the connection has
    closed, for whatever reason. Leaving the connector's context closes the connection, and does not
    wait for long for the other end: it may be dead.
    """

    @property
    def close_code(self) -> int:
        """Why the connection closed, by WebSocket close code: 1006 if nobody said so."""
        ...

    @property
    def close_reason(self) -> str:
        """The same in words; may be empty."""
        ...

    def __aiter__(self) -> "AsyncIterator[Frame]":
        """Give frames until the connection has closed."""
        ...

    async def send(self, frame: "Frame") -> None:
        """Send a frame, waiting while the transport takes no more.

        Raises:
            ConnectionClosedError: If the connection has closed.
            LocalProtocolError: `receive_only`, if this transport does not send.
        """
        ...


class Connector(Protocol):
    """Connects to a URL. It sets no limit on the size of the frames that arrive."""

    def __call__(
        self, url: str, /, *, headers: "Mapping[str, str]" = ...
    ) -> "AbstractAsyncContextManager[Link]":
        """Connect.

        Entering the context raises `RefusedError` where the server refuses for good, and
        `ConnectionClosedError` (or an `OSError`) for whatever may be different another time.

        Args:
            url: The URL.
            headers: HTTP headers to send along; passed only if the application gave some, so a
                transport that has none need not take it.
        """
        ...
