"""One connection over WebSocket: what reads from it, and what is sent over it."""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, QueryParams
from starlette.websockets import WebSocketDisconnect
from transports_core.authorize import ask
from transports_core.connection import Close
from transports_core.errors import RefusedError
from transports_core.linger import LINGER, break_off_closed

from transports_ws.close_codes import CloseCode
from transports_ws.eager import begin

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from starlette.websockets import WebSocket
    from transports_core.authorize import Authorize
    from transports_core.connection import Frame, Output, Serving
    from transports_core.origins import Origins

_log = logging.getLogger("transports")

# What ASGI servers and Starlette raise when there is nobody to send to.
_GONE: Final = (OSError, RuntimeError, WebSocketDisconnect)

# What ends the program, and is nobody's here. A `CancelledError` that is raised without waiting is
# no such thing: nobody was cancelled.
_ENDS: Final = (KeyboardInterrupt, SystemExit)


def _check_origin(origins: "Origins", websocket: "WebSocket") -> None:
    # What the socket would give, and keep for as long as it lives.
    headers = Headers(raw=websocket.scope["headers"])
    if not origins.admit(headers.getlist("origin"), headers.get("host")):
        raise RefusedError(CloseCode.FORBIDDEN, "this origin may not connect")


async def _refuse(websocket: "WebSocket", refusal: RefusedError) -> None:
    # A browser sees nothing of a handshake that fails, so this one succeeds first.
    try:
        await websocket.accept()
        await websocket.close(refusal.code, refusal.reason)
    except _GONE:
        _log.debug("gone before it was refused", exc_info=True)


class Socket:
    """A connection's handle, and its writer.

    While the transport takes what it is given there is no task but the reader's: frames are sent
    from within the call that delivers them. When the transport makes one wait, that becomes a task,
    and whatever happens until it is done comes as the one frame of `take`.
    """

    __slots__ = (
        "_close_timeout",
        "_ended",
        "_outputs",
        "_receive",
        "_scope",
        "_send",
        "_serving",
        "_timer",
        "_waiting",
        "_websocket",
    )

    def __init__(self, websocket: "WebSocket", serving: "Serving", close_timeout: float) -> None:
        self._websocket = websocket
        self._serving = serving
        self._close_timeout = close_timeout
        # Starlette only looks, for each frame, whether the connection is open: that is known here.
        self._send = getattr(websocket, "_send", websocket.send)
        self._receive = getattr(websocket, "_receive", websocket.receive)
        # What was given to be sent; no more than an opening or a last word, for the rest waits in
        # the log. All but slow connections have the same empty one.
        self._outputs: tuple[Output, ...] = ()
        # What is being sent, while the transport makes it wait.
        self._waiting: asyncio.Task[None] | None = None
        # What ends the reader, and whether it has been.
        self._scope = asyncio.timeout(None)
        self._ended = False
        self._timer: asyncio.TimerHandle | None = None

    async def serve(self, origins: "Origins", authorize: "Authorize[WebSocket] | None") -> None:
        """Open the connection, send the opening, and read until it has ended.

        All of it is one coroutine: each more would be a quarter of a kilobyte, as long as it waits.
        """
        websocket, serving = self._websocket, self._serving
        try:
            _check_origin(origins, websocket)
            self._open(await ask(authorize, websocket))
        except RefusedError as refusal:
            await _refuse(websocket, refusal)
            return
        try:
            async with self._scope:
                await websocket.accept()
                serving.deliver({self: self._given()})
                while (message := await self._receive())["type"] != "websocket.disconnect":
                    text = message.get("text")
                    frame: Frame = message.get("bytes") or b"" if text is None else text
                    serving.deliver(serving.recv(self, frame))
                    # What came together is there at once, and others want to be served in between.
                    await asyncio.sleep(0)
        except TimeoutError:
            if not self._scope.expired():
                raise
        except (OSError, WebSocketDisconnect):
            _log.debug("gone before it was served", exc_info=True)
        finally:
            self._ended = True
            serving.close(self)
            if self._timer is not None:
                self._timer.cancel()
            if self._waiting is not None:
                self._waiting.cancel()
            asyncio.get_running_loop().call_later(LINGER, break_off_closed, self._receive)

    def _open(self, principal: "Hashable") -> None:
        """Open the connection on what is served, as its query asks.

        Raises:
            RefusedError: It cannot be had.
        """
        # What the socket would give, and keep for as long as it lives.
        query = QueryParams(self._websocket.scope["query_string"])
        # No variable that lasts as long as the connection may hold it: it may be large.
        self._outputs = tuple(
            self._serving.open(
                self,
                query.get("codec", "json"),
                since=query.get("since"),
                ops=query.get("ops"),
                version=query.get("v"),
                scope=self._websocket,
                principal=principal,
            )
        )
        self._serving.attach(self, self.send, Socket.send_to_all)

    @staticmethod
    def send_to_all(sockets: "Sequence[Socket]", frame: "Frame") -> "Sequence[Socket]":
        """Send a frame to many, one after another.

        They share a coroutine as long as none has to wait. To call each, and to begin a coroutine
        for each, took 0.7 us of the 13 that a frame costs.

        Returns:
            Those for whom that was not all.
        """
        kind = "text" if type(frame) is str else "bytes"
        left = iter(sockets)
        late: list[Socket] = []
        # Who is being sent to. Who has to wait keeps the coroutine, and another goes on.
        current: Socket | None = None

        async def go_on() -> None:
            nonlocal current
            for socket in left:
                if socket._waiting is not None:
                    socket.send((frame,))
                    late.append(socket)
                    continue
                current = socket
                try:
                    await socket._send({"type": "websocket.send", kind: frame})
                except BaseException as problem:  # as in `_put`
                    if current is not socket or isinstance(problem, _ENDS):
                        raise
                    socket._vanish(problem)
                    late.append(socket)

        while (waiting := begin(go_on())) is not None:
            assert current is not None
            late.append(current)
            current._wait(waiting)
            current = None
        return late

    def send(self, outputs: "Sequence[Output]") -> bool:
        """Send what can be sent at once; the rest follows.

        Returns:
            Whether that was all.
        """
        if isinstance(outputs[-1], Close):
            # The transport may be stuck, and its reader with it, for ever.
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._close_timeout, self._end)
        if self._waiting is None and len(outputs) == 1:
            # Nearly always: a frame, for one of many.
            return self._put(outputs[0])
        self._outputs = (*self._outputs, *outputs)
        return self._waiting is None and self._send_rest()

    def _given(self) -> "Sequence[Output]":
        outputs, self._outputs = self._outputs, ()
        return outputs

    def _send_rest(self) -> bool:
        """Send what was given, until the transport makes one wait; tell whether that was all."""
        while self._outputs:
            output, self._outputs = self._outputs[0], self._outputs[1:]
            if not self._put(output):
                return False
        return True

    def _put(self, output: "Output") -> bool:
        """Send one thing; tell whether the transport has taken it."""
        if type(output) is Close:
            # Never done in an instant.
            waiting = asyncio.create_task(self._close(output))
        else:
            kind = "text" if type(output) is str else "bytes"
            try:
                waiting = begin(self._send({"type": "websocket.send", kind: output}))
            except BaseException as problem:  # what stands in between may raise anything
                if isinstance(problem, _ENDS):
                    raise
                self._vanish(problem)
                return False
        if waiting is None:
            return True
        self._wait(waiting)
        return False

    def _wait(self, waiting: "asyncio.Task[None]") -> None:
        self._waiting = waiting
        waiting.add_done_callback(self._go_on)

    async def _close(self, close: Close) -> None:
        await self._websocket.close(close.code, close.reason)
        self._end()

    def _go_on(self, waited: "asyncio.Task[None]") -> None:
        self._waiting = None
        if waited.cancelled():
            return
        problem = waited.exception()
        if problem is not None:
            self._vanish(problem)
        elif not self._ended and self._send_rest():
            frame = self._serving.take(self)
            if frame is not None:
                self._serving.deliver({self: (frame,)})

    def _vanish(self, problem: BaseException) -> None:
        # The reader is told that nobody is there, too, but perhaps not by every ASGI server.
        if isinstance(problem, _GONE):
            _log.debug("gone while it was sent to", exc_info=problem)
        else:
            _log.error("nothing can be sent to %r", self._websocket.client, exc_info=problem)
        self._end()

    def _end(self) -> None:
        """End the reader, and with it everything, at its next step."""
        if not self._ended:
            self._ended = True
            self._scope.reschedule(asyncio.get_running_loop().time())
