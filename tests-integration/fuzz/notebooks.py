"""Any message that a notebook hands over: of a comm, and of an anywidget.

What is said back has to pass the kernel's own packer. A front end is also closed in the middle,
from either side, and its line may fail.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final
from unittest.mock import patch

from comm.base_comm import BaseComm
from jupyter_client.session import json_packer
from transports_core import Client
from transports_jupyter import serve_anywidget, serve_comm, widget
from transports_jupyter.anywidget import WidgetConnection

from .drawing import Drawn
from .room import Room

CLOSES: Final = {1001, 1009, 1011, 1013, 4400, 4403, 4406, 4408}
STEPS: Final = 12
HEALTHY: Final = "healthy"


class _Line(BaseComm):
    """A comm whose other end is a list, and whose line may fail."""

    def __init__(self, target_name: str = "transports", **options: Any) -> None:
        self.sent: list[Any] = []
        self.closes: list[Any] = []
        self.fails = False
        super().__init__(target_name=target_name, **options)

    def publish_msg(self, msg_type: str, data: Any = None, *args: Any, **options: Any) -> None:
        del args
        if self.fails:
            raise OSError("nobody there")
        json_packer([data, options.get("metadata")])
        if msg_type == "comm_msg":
            self.sent.append(data)
        elif msg_type == "comm_close":
            self.closes.append(data)


def _messages(frames: list[str]) -> list[Any]:
    told: list[Any] = []
    for frame in frames:
        content = json.loads(frame)
        told += content if isinstance(content, list) else [content]
    return told


def comm(data: bytes) -> None:
    """Any messages of a comm, and any way to end it."""
    drawn, room, line = Drawn(data), Room(), _Line()
    since = drawn.pick((None, "e:1", "f:9", drawn.text()))
    connection = serve_comm(room.server, line, since=since, pushes_after_cells=False)

    def say() -> None:
        line.handle_msg({"content": {"data": drawn.frame()}})

    def say_anything() -> None:
        names = ("content", "data", "since", "buffers", "metadata")
        line.handle_msg(drawn.content(names, depth=3))

    def resume() -> None:
        line.handle_msg({"content": {"data": {"since": drawn.content(("since",))}}})

    def close() -> None:
        line.handle_close(drawn.content(("content", "data")))

    def fail() -> None:
        line.fails = not line.fails

    deeds = (say, say, say_anything, resume, room.write, fail, room.fill, room.clear, close)
    for _ in range(STEPS):
        if drawn.left:
            drawn.pick(deeds)()
    room.judge(_messages(line.sent))
    line.fails = drawn.pick((False, False, True))
    # The application's own call may tell it that the line fails; the line is served no longer.
    with suppress(OSError):
        drawn.pick((close, connection.close, line.close))()
    room.write()
    room.is_left_alone()
    assert all(closed.get("code", 1001) in CLOSES for closed in line.closes)


class _Views:
    """A widget's line with all of its views: those that mean harm, and a healthy one."""

    def __init__(self, room: Room) -> None:
        self.sent: list[Any] = []
        self.closes: list[Any] = []
        self.fails = False
        self.callbacks: list[Callable[..., object]] = []
        self._room = room
        self._client = Client()
        self._waiting: list[Any] = []
        # Whether the healthy view could not be sent something: it is known no more.
        self._is_out = False

    def send(self, content: Any, buffers: Any = None) -> None:
        """Take what goes to all views."""
        del buffers
        if self.fails:
            self._is_out |= content.get("view") == HEALTHY
            raise OSError("nobody there")
        json_packer(content)
        if content.get("view") == HEALTHY or "roll" in content:
            self._waiting.append(content)
        elif "wire" in content:
            self.sent.append(content["wire"])
        elif "close" in content:
            self.closes.append(content["close"])

    def on_msg(self, callback: Callable[..., object]) -> None:
        """Take a function to be called with what views say."""
        self.callbacks.append(callback)

    def say(self, content: Any, buffers: Any = ()) -> None:
        """Say something from a page."""
        for callback in self.callbacks:
            callback(self, content, buffers)
        while self._waiting:
            self._hear(self._waiting.pop(0))

    def begin(self) -> None:
        """Have the healthy view begin."""
        self.say({"ready": True, "view": HEALTHY})

    def goes_on(self) -> None:
        """Make sure that the healthy view shows the model, if it could be sent all there was."""
        self._room.write()
        self.say({})
        # Once it is out, somebody else may have its place.
        if not self._is_out:
            assert self._client.value(self._room.id) == self._room.session.value(self._room.id)

    def _hear(self, content: Any) -> None:
        if "roll" in content:
            self.say({"here": content["roll"], "view": HEALTHY})
        elif "lost" in content:
            assert self._is_out
        else:
            # It was neither closed nor forgotten.
            assert self._client.recv(content["wire"]) is None


NAMES: Final = ("ready", "wire", "view", "gone", "here", "since", "codec", "ops", "v", "frontend")


class _Hostile:
    """Says anything to a widget, in the name of any view but the healthy one."""

    def __init__(self, drawn: Drawn, views: _Views) -> None:
        self._drawn = drawn
        self._views = views

    def act(self, *others: Callable[[], object]) -> None:
        """Do something, or one of what others do."""
        said = (self._ready, self._say, self._ready, self._say, self._answer, self._leave)
        self._drawn.pick((*said, self._fetch, self._say_anything, self._fail, *others))()

    def _name(self) -> Any:
        return self._drawn.pick(("a", "b", None, "\ud800", 7, self._drawn.text()))

    def _ready(self) -> None:
        self._views.say({**self._drawn.members(NAMES), "ready": True, "view": self._name()})

    def _say(self) -> None:
        self._views.say({"wire": self._drawn.frame(), "view": self._name()})

    def _say_anything(self) -> None:
        self._views.say(self._drawn.content(NAMES), self._drawn.content(()))

    def _answer(self) -> None:
        here = self._drawn.pick((0, 1, 2, 3, -1, 2**70, True))
        self._views.say({"here": here, "view": self._name()})

    def _leave(self) -> None:
        self._views.say({"gone": True, "view": self._name()})

    def _fetch(self) -> None:
        self._views.say({"frontend": self._drawn.content(NAMES)})

    def _fail(self) -> None:
        # The line is everybody's: what becomes of an edit does not reach the healthy view, either.
        self._views.fails = True
        self._drawn.pick((self._ready, self._say, self._say_anything, self._leave, self._fetch))()
        self._views.fails = False


def _harass(drawn: Drawn, room: Room, views: _Views, connection: WidgetConnection) -> None:
    """Do to a widget what can be done, and see that all goes on."""
    hostile = _Hostile(drawn, views)
    views.begin()
    for _ in range(STEPS):
        if drawn.left:
            hostile.act(room.fill, room.clear)
    views.goes_on()
    room.judge(_messages(views.sent))
    assert all(closed["code"] in CLOSES for closed in views.closes)
    connection.close()
    room.is_left_alone()


def anywidget(data: bytes) -> None:
    """Any custom messages of a widget."""
    room = Room()
    views = _Views(room)
    connection = serve_anywidget(room.server, views, pushes_after_cells=False)
    _harass(Drawn(data), room, views, connection)


def tree(data: bytes) -> None:
    """Any custom messages of the widget that comes with the package."""
    room = Room()
    with patch("comm.create_comm", _Line):
        shown: Any = widget(room.server, pushes_after_cells=False)
    views = _Views(room)
    for callback in shown._msg_callbacks.callbacks:
        views.on_msg(callback)

    def send(_: object, *message: Any) -> None:
        views.send(*message)

    with patch.object(type(shown), "send", send):
        _harass(Drawn(data), room, views, shown.connection)
    shown.close()
