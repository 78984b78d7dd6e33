"""Any connection that an ASGI server hands over: what is asked for, what is said, how it ends.

The server itself keeps to ASGI, but for messages of types that nobody knows. Its clients do as they
like: they leave at any time, do not read, and put any bytes where HTTP lets them.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.routing import Route, Router, WebSocketRoute
from starlette.types import Message
from transports_core import RefusedError
from transports_core.codecs import get_codec
from transports_sse import sse_endpoint
from transports_ws import ws_endpoint

from .drawing import Drawn
from .room import SECRET, Room

CLOSES: Final = {1009, 1011, 1013, 4400, 4401, 4403, 4406, 4408}
STATUSES: Final = {200, 401, 403, 405, 406, 500, 503}
STEPS: Final = 10

PATHS: Final = ("/a", "/b", "/a/", "/", "/c", "a", "/\udcff", "//", "/../b")
QUERY: Final = (b"codec", b"since", b"ops", b"v", b"x", b"%ff", b"")
ASKED: Final = (b"json", b"msgpack", b"e:1", b"e:9", b"f:1", b"rfc6902", b"1", b"%ff", b"%00", b"")
HEADERS: Final = (b"origin", b"host", b"last-event-id", b"authorization", b"cookie", b"x")
SAID: Final = (
    b"localhost",
    b"http://localhost",
    b"http://[",
    b"null",
    b"e:1",
    b"f:1,e:1",
    b"http://local\r\nhost",
    b"\xff",
    b"",
)


async def _authorize(connection: HTTPConnection) -> str | None:
    said = connection.headers.get("authorization")
    if said == "null":
        raise RefusedError(4401, "who is this?")
    if said == "e:1":
        raise LookupError("the application's own")
    return said


def _app(room: Room) -> Router:
    at = "/{room:path}"
    return Router(
        [
            WebSocketRoute(at, ws_endpoint(room.server, authorize=_authorize)),
            Route(at, sse_endpoint(room.server, authorize=_authorize)),
        ]
    )


def _scope(drawn: Drawn, kind: str) -> dict[str, Any]:
    path = drawn.pick(("/a", *PATHS))
    pairs = [drawn.pick(QUERY) + b"=" + drawn.pick((*ASKED, drawn.some())) for _ in _few(drawn)]
    headers = [(drawn.pick(HEADERS), drawn.pick((*SAID, drawn.some()))) for _ in _few(drawn)]
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws" if kind == "websocket" else "http",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogateescape"),
        "root_path": "",
        "query_string": drawn.pick((b"&".join(pairs), drawn.some())),
        "headers": headers,
        "client": drawn.pick((None, ("127.0.0.1", 1))),
        "server": drawn.pick((None, ("127.0.0.1", 80))),
        "state": {},
    }
    if kind == "websocket":
        return {**scope, "subprotocols": [drawn.text() for _ in _few(drawn)]}
    return {**scope, "method": drawn.pick(("GET", "GET", "HEAD", "POST"))}


def _few(drawn: Drawn) -> range:
    return range(drawn.pick((0, 0, 1, 3)))


class _Line:
    """A line as an application is given it.

    Args:
        drawn: When its client takes nothing more, or is gone.
        take: Takes what was sent.
        steps: What is received, in turn; a function is called.
        last: What is received after that: the client has gone.

    Attributes:
        gone: What is raised where the client takes nothing, as ASGI servers do.
    """

    def __init__(
        self,
        drawn: Drawn,
        take: Callable[[Message], object],
        steps: Sequence[Message | Callable[[], object]],
        last: Message,
    ) -> None:
        self._take = take
        self._steps = deque(steps)
        self._last = last
        self._patience = drawn.pick((99, 99, 1, 2, 3))
        self.gone = OSError("nobody there")
        self._is_stuck = drawn.pick((True, False))

    async def receive(self) -> Message:
        """Do what is next, and give what the client says."""
        while self._steps:
            await self._pass()
            step = self._steps.popleft()
            if not callable(step):
                return step
            step()
        await self._pass()
        return self._last

    async def send(self, message: Message) -> None:
        """Take a message, unless the client takes nothing."""
        if self._patience <= 0:
            if self._is_stuck:
                # Longer than all that is received.
                await self._pass(2 * STEPS)
            raise self.gone
        self._patience -= 1
        self._take(message)

    async def _pass(self, times: int = 1) -> None:
        # As many turns of the loop as anything that can go on takes to go on.
        for _ in range(8 * times):
            await asyncio.sleep(0)


def _serve(room: Room, scope: dict[str, Any], line: _Line) -> None:
    """Run the application, and make sure that it ends and leaves nothing pending."""
    problems: list[Any] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, told: problems.append(told))
        try:
            await _app(room)(scope, line.receive, line.send)
        except OSError as problem:
            # An HTTP response passes on what its server raises.
            if scope["type"] != "http" or problem is not line.gone:
                raise
        await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        # That one is the library's own, of the loop.
        assert {task.get_name() for task in left if "watcher" not in repr(task)} == set()

    asyncio.run(run())
    assert not problems, problems


def websocket(data: bytes) -> None:
    """Any WebSocket: how it is asked for, what is received, and when the client goes."""
    drawn = Drawn(data)
    room = Room(hub=drawn.pick((False, True)))
    sent: list[str | bytes] = []
    accepted: list[bool] = []

    def take(message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                accepted.append(True)
            case "websocket.send":
                assert accepted
                sent.append(message["text"] if message.get("bytes") is None else message["bytes"])
            case "websocket.close":
                # Before it is accepted, it was no route.
                assert message["code"] in CLOSES or not accepted
                assert len(message["reason"].encode()) <= 123
            case other:
                raise AssertionError(other)

    def said() -> Message:
        frame = drawn.frame()
        contents: tuple[Message, ...] = (
            {"text": frame},
            {"text": frame, "bytes": None},
            {"bytes": frame.encode("utf-8", "replace")},
            {"bytes": drawn.some()},
            {"text": None, "bytes": None},
            {},
            {"text": frame, "bytes": b"\x90"},
        )
        return {"type": "websocket.receive", **drawn.pick(contents)}

    steps: list[Any] = [
        drawn.pick((said, said, said, lambda: room.write))() for _ in range(STEPS) if drawn.left
    ]
    scope = _scope(drawn, "websocket")
    line = _Line(
        drawn,
        take,
        [{"type": "websocket.connect"}, *steps],
        {"type": "websocket.disconnect", "code": drawn.pick((1000, 1006, 4999, None))},
    )
    _serve(room, scope, line)
    messages = [part for frame in sent for part in _read(frame)]
    _judge(room, messages)


def _read(frame: str | bytes) -> list[Any]:
    contents: Any = get_codec("json" if isinstance(frame, str) else "msgpack").decode(frame)
    return contents


def _judge(room: Room, messages: list[Any]) -> None:
    assert SECRET not in repr(messages)
    room.judge(messages)
    room.is_left_alone()


def events(data: bytes) -> None:
    """Any request for a stream of events, and any way to leave it."""
    drawn = Drawn(data)
    room = Room(hub=drawn.pick((False, True)))
    scope = _scope(drawn, "http")
    bodies: list[bytes] = []
    status: list[int] = []

    def take(message: Message) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])
            for name, value in message["headers"]:
                assert not {*b"\r\n\0"} & {*name, *value}, (name, value)
        else:
            assert message["type"] == "http.response.body"
            bodies.append(message.get("body", b""))

    received = {"type": "http.request", "body": drawn.some(), "more_body": drawn.pick((0, 1))}
    steps: list[Any] = [
        drawn.pick((room.write, room.write, {"type": "nobody knows"}, received))
        for _ in range(STEPS)
        if drawn.left
    ]
    line = _Line(drawn, take, steps, {"type": "http.disconnect"})
    _serve(room, scope, line)
    assert not status or status[0] in STATUSES or not scope["path"].startswith("/")
    told = b"".join(bodies)
    messages: list[Any] = []
    if status == [200]:
        for event in told.decode().split("\n\n"):
            for part in event.split("\n"):
                if part.startswith("data: "):
                    messages += _read(part[6:])
    assert SECRET not in told.decode()
    _judge(room, messages)
