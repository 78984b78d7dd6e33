"""Serve over WebSocket: an ASGI endpoint that drives the connection contract."""

from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Final

from starlette.websockets import WebSocket
from transports_core.origins import Origins

from transports_ws.websocket import Socket

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from starlette.types import Receive, Scope, Send
    from transports_core.authorize import Authorize
    from transports_core.connection import Serving

CLOSE_TIMEOUT: Final = 10.0
"""Seconds that a client which does not read is given to learn why it is closed."""


def ws_endpoint(
    serving: "Serving",
    *,
    allowed_origins: "Collection[str]" = (),
    authorize: "Authorize[WebSocket] | None" = None,
    close_timeout: float = CLOSE_TIMEOUT,
) -> "Callable[[WebSocket], Awaitable[None]]":
    """Make the endpoint that serves a `Server` or a `Hub` over WebSocket.

    For Starlette's `WebSocketRoute(path, endpoint)`, FastAPI's `app.add_api_websocket_route(path,
    endpoint)`, or any other router that passes on a `WebSocket`, under any prefix.

    A connection says what it wants by its query: `codec`, `since`, `ops` and `v`. What is decided
    before anything is read from it or served to it ends, if it is refused, with a close code.

    Args:
        serving: What is served.
        allowed_origins: Pages that may connect besides those of the server's own host, such as
            `https://app.example`; `*` for all. Where a proxy changes the `Host` header, the
            server's own origin belongs here. Clients that are no browsers have no origin.
        authorize: Shown the connection before anything else is done with it, and may be
            asynchronous. What it returns is the connection's principal, `None` for nobody in
            particular. It refuses by raising `RefusedError` with 4401 or 4403. `None` to serve
            everybody.
        close_timeout: Seconds that a client which does not read is given to learn why it is closed.

    Raises:
        LocalProtocolError: `origin`, if what is allowed is not an origin.
    """
    return _Endpoint(serving, Origins(allowed_origins), authorize, close_timeout)


class _Endpoint:
    """What is called with a `WebSocket`, or by Starlette as an ASGI application.

    Around what is a function, Starlette puts two more applications, which last as long as the
    connection: 1.8 kB of the 6 that one took beyond what a raw ASGI application takes.
    """

    # Starlette names the route by the one, and FastAPI asks the other what to call it with.
    __name__ = "endpoint"
    __signature__ = Signature(
        [Parameter("websocket", Parameter.POSITIONAL_OR_KEYWORD, annotation=WebSocket)]
    )

    def __init__(
        self,
        serving: "Serving",
        origins: Origins,
        authorize: "Authorize[WebSocket] | None",
        close_timeout: float,
    ) -> None:
        self._serving = serving
        self._origins = origins
        self._authorize = authorize
        self._close_timeout = close_timeout

    def __call__(
        self,
        websocket: "WebSocket | Scope",
        receive: "Receive | None" = None,
        send: "Send | None" = None,
    ) -> "Awaitable[None]":
        if not isinstance(websocket, WebSocket):
            assert receive is not None
            assert send is not None
            websocket = WebSocket(websocket, receive, send)
        socket = Socket(websocket, self._serving, self._close_timeout)
        return socket.serve(self._origins, self._authorize)
