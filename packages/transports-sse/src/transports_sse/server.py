"""Serve over Server-Sent Events: an endpoint that drives the connection contract."""

import asyncio
from collections import deque
from random import random
from typing import TYPE_CHECKING, Final

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from transports_core import READ
from transports_core.authorize import ask
from transports_core.connection import Close
from transports_core.errors import RefusedError
from transports_core.linger import LINGER, break_off, break_off_closed, unsent

from transports_sse import refusal
from transports_sse.cors import Cors
from transports_sse.departure import Departure

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Hashable, Sequence

    from starlette.types import ASGIApp, Receive, Scope
    from starlette.types import Send as ASGISend
    from transports_core.authorize import Authorize
    from transports_core.connection import Frame, Output, Serving

CLOSE_TIMEOUT: Final = 10.0
"""Seconds that a client which does not read is given before its stream is ended."""

RETRY: Final = 1.0
"""Seconds after which a browser comes back to a stream that ended."""

SHUTDOWN_TIMEOUT: Final = 0.5
"""Seconds that a server which shuts down waits for clients that do not read."""

_UNSUPPORTED: Final = 4406

# Bytes up to which an event is kept for those who are given the same.
_KEPT: Final = 1 << 16

# Seconds between two looks at what a client that is behind has yet to take.
_DRAINING: Final = 0.05


def sse_endpoint(
    serving: "Serving",
    *,
    allowed_origins: "Collection[str]" = (),
    authorize: "Authorize[Request] | None" = None,
    retry: float = RETRY,
    close_timeout: float = CLOSE_TIMEOUT,
) -> "Callable[[Request], Awaitable[Response]]":
    """Make the endpoint that serves a `Server` or a `Hub` over Server-Sent Events.

    For Starlette's `Route(path, endpoint)`, FastAPI's `app.add_api_route(path, endpoint)`, or any
    other router that passes on a `Request`, under any prefix.

    Each event is one frame in JSON, and its id is the cursor. A browser sends the last one when it
    comes back, as `Last-Event-ID`, and goes on from there; it counts more than the query's `since`.
    The query may also hold `ops` and `v`, as on a WebSocket. Nothing can be received over a stream,
    so every model is shown with `read` access, whatever the server gives. What is refused is
    answered by an HTTP status: 401, 403 or 406, and 503 for one stream too many.

    Args:
        serving: What is served.
        allowed_origins: Pages that may read a stream besides those of the server's own host, such
            as `https://app.example`; `*` for all, but then without cookies. These are CORS headers:
            a browser keeps from other pages what it gets here. Before a page sends headers of its
            own, the browser asks, in a request that Starlette's `CORSMiddleware` answers.
        authorize: Shown the request before anything else is done with it, and may be asynchronous.
            What it returns is the connection's principal, `None` for nobody in particular. It
            refuses by raising `RefusedError` with 4401 or 4403. `None` to serve everybody.
        retry: Seconds after which a browser comes back to a stream that ended, on average. For each
            stream it is drawn anew, from half of that to one and a half, so that the browsers that
            one restart cut off do not come back all at once.
        close_timeout: Seconds that a client which does not read is given to take what was sent
            before its stream ends.

    Raises:
        LocalProtocolError: `origin`, if what is allowed is not an origin.
    """
    cors = Cors(allowed_origins)
    events = _Events()

    # FastAPI reads the annotations, so they have to be there when this runs.
    async def endpoint(request: Request) -> Response:
        async def answer(scope: "Scope", receive: "Receive", send: "ASGISend") -> None:
            headers = cors.headers(request.headers)
            stream = _Stream(request, serving, events, close_timeout, Departure(receive))
            try:
                stream.open(await ask(authorize, request))
            except RefusedError as problem:
                await refusal.response(problem, headers)(scope, receive, send)
            else:
                retry_ms = round(retry * 1000 * (0.5 + random()))
                await stream.serve(headers, retry_ms, scope, receive, send)

        return _Answer(answer)

    return endpoint


class _Answer(Response):
    """An answer that is decided on as it is sent.

    What is opened and closed within one call leaves nothing behind, also where something between
    here and the transport drops the answer.
    """

    def __init__(self, answer: "ASGIApp") -> None:
        super().__init__()
        self._answer = answer

    async def __call__(self, scope: "Scope", receive: "Receive", send: "ASGISend") -> None:
        await self._answer(scope, receive, send)


class _Events:
    """Writes frames as events: what many streams are given at a time, once for all of them.

    That spares a stream a fifth of the processor time of a frame.
    """

    def __init__(self) -> None:
        self._last: tuple[Frame, str | None, bytes] = ("", None, b"")

    def write(self, frame: "Frame", cursor: str | None) -> bytes:
        """Write an event.

        Args:
            frame: What it carries.
            cursor: Its id: where the client is once it has it; `None` for no id.
        """
        last, position, event = self._last
        if frame is not last or cursor != position:
            event = ServerSentEvent(frame, id=cursor, sep="\n").encode()
            if len(frame) <= _KEPT:
                self._last = frame, cursor, event
        return event


class _Stream:
    """A connection's handle, and its writer.

    The writer is a generator: when it is asked for the next event, the last one has been sent. So
    it asks for more just then, and whatever happens while a slow client is being sent to waits in
    the log.
    """

    __slots__ = (
        "_close_timeout",
        "_departure",
        "_ending",
        "_events",
        "_news",
        "_outputs",
        "_receive",
        "_request",
        "_scope",
        "_serving",
        "_timer",
    )

    def __init__(
        self,
        request: Request,
        serving: "Serving",
        events: _Events,
        close_timeout: float,
        departure: Departure,
    ) -> None:
        self._request = request
        self._events = events
        self._departure = departure
        self._serving = serving
        self._close_timeout = close_timeout
        # What was given to be sent, with the cursors; no more than an opening or a last word, for
        # the rest waits in the log.
        self._outputs: deque[tuple[Frame, str | None]] = deque()
        # Set when there is something to send, or nothing any more.
        self._news = asyncio.Event()
        self._ending = False
        # What the transport is found by; and what ends it all, where that is stuck.
        self._receive: object = None
        self._scope = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None

    def open(self, principal: "Hashable") -> None:
        """Open the connection on what is served, as the request asks.

        Raises:
            RefusedError: It cannot be had.
        """
        query = self._request.query_params
        codec = query.get("codec", "json")
        if codec != "json":
            raise RefusedError(_UNSUPPORTED, "a stream of events carries JSON alone")
        opening = self._serving.open(
            self,
            codec,
            since=self._request.headers.get("last-event-id") or query.get("since"),
            ops=query.get("ops"),
            version=query.get("v"),
            scope=self._request,
            principal=principal,
            access=READ,
        )
        self._serving.attach(self, self.send)
        self.send(opening)

    async def serve(
        self,
        headers: dict[str, str],
        retry_ms: int,
        scope: "Scope",
        receive: "Receive",
        send: "ASGISend",
    ) -> None:
        """Send events until the client has gone, the server shuts down, or the stream is closed."""
        shutdown = anyio.Event()

        async def leave() -> None:
            await shutdown.wait()
            self._leave()

        response = EventSourceResponse(
            self._writer(retry_ms),
            headers={**headers, "Cache-Control": "no-store, no-transform"},
            # The protocol has heartbeats of its own.
            ping=0,
            sep="\n",
            data_sender_callable=leave,
            shutdown_event=shutdown,
            # Long after this has done it.
            shutdown_grace_period=2 * SHUTDOWN_TIMEOUT,
        )
        self._receive = receive
        end = self._departure.watch(self._leave)
        try:
            async with self._scope:
                await response(scope, receive, send)
        except TimeoutError:
            if not self._scope.expired():
                raise
        finally:
            end()
            self._serving.close(self)
            asyncio.get_running_loop().call_later(LINGER, break_off_closed, receive)
            if self._timer is not None:
                self._timer.cancel()

    def send(self, outputs: "Sequence[Output]") -> None:
        """Leave outputs to the writer."""
        frames = [output for output in outputs if not isinstance(output, Close)]
        if len(frames) < len(outputs):
            self._outputs.extend((frame, None) for frame in frames)
            self._end(self._close_timeout)
        else:
            self._outputs.extend((frame, None) for frame in frames[:-1])
            # Where the client is once it has got all of this, and not before.
            self._outputs.append((frames[-1], self._serving.cursor(self)))
            self._news.set()

    async def _writer(self, retry_ms: int) -> "AsyncGenerator[bytes]":
        yield ServerSentEvent(retry=retry_ms, sep="\n").encode()
        while True:
            while self._outputs:
                yield self._events.write(*self._outputs.popleft())
            if self._ending:
                # The response would be cut off before its end where the server shuts down.
                while unsent(self._receive):  # noqa: ASYNC110 - nobody tells when it has been taken
                    await asyncio.sleep(_DRAINING)
                return
            self._news.clear()
            frame = self._serving.take(self)
            if frame is not None:
                yield self._events.write(frame, self._serving.cursor(self))
            else:
                await self._news.wait()

    def _leave(self) -> None:
        """End the stream as the server shuts down."""
        self._end(SHUTDOWN_TIMEOUT)

    def _end(self, timeout: float) -> None:
        """End the stream once everything has been sent, or is not taken for so many seconds."""
        self._ending = True
        self._news.set()
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(timeout, self._give_up)

    def _give_up(self) -> None:
        # Whoever can be broken off has gone, which ends the response as always.
        if not break_off(self._receive):
            self._scope.reschedule(asyncio.get_running_loop().time())
