"""Comms and widgets whose other end is a list, views that mirror, and links to clients."""

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

from comm.base_comm import BaseComm
from pydantic import BaseModel
from transports_core import Client, ConnectionClosedError, Frame


class Counter(BaseModel):
    tick: int = 0


class Kept(BaseComm):
    """A comm that keeps what it was given to publish, and fails when told to."""

    def __init__(self) -> None:
        self.published: list[tuple[str, Any]] = []
        self.fails = False
        super().__init__(target_name="transports")

    def publish_msg(self, msg_type: str, data: Any = None, *args: Any, **keys: Any) -> None:
        del args, keys
        if self.fails:
            raise OSError("nobody there")
        self.published.append((msg_type, data))

    def sent(self) -> list[Any]:
        """Give what was sent since the last look."""
        sent = [data for kind, data in self.published if kind == "comm_msg"]
        self.published = [one for one in self.published if one[0] != "comm_msg"]
        return sent

    def say(self, data: Any) -> None:
        """Say something from the front end."""
        self.handle_msg({"content": {"data": data}})


class Widget:
    """What an anywidget is to this package, with the views in its pages."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.views: list[View] = []
        self.callbacks: list[Any] = []
        self.fails = False

    def send(self, content: dict[str, Any]) -> None:
        if self.fails:
            raise OSError("nobody there")
        self.sent.append(content)

    def on_msg(self, callback: Any) -> None:
        self.callbacks.append(callback)

    def say(self, content: Any) -> None:
        for callback in self.callbacks:
            callback(self, content, [])

    def settle(self) -> None:
        """Have messages go both ways until there are none."""
        while self.sent:
            content = self.sent.pop(0)
            for view in list(self.views):
                view.hear(content)


class View:
    """A page's view of a widget, that does as this package's own front end does."""

    def __init__(self, widget: Widget, name: str | None) -> None:
        self.client = Client()
        self.widget = widget
        self.name = name
        self.closed: dict[str, Any] | None = None
        self.frames = 0
        widget.views.append(self)

    def ready(self) -> "View":
        cursor = self.client.cursor
        self.say(ready=True, **({} if cursor is None else {"since": cursor}))
        self.widget.settle()
        return self

    def say(self, **content: Any) -> None:
        self.widget.say(content if self.name is None else {**content, "view": self.name})

    def hear(self, content: dict[str, Any]) -> None:
        if "roll" in content and self.name is not None:
            self.say(here=content["roll"])
        elif content.get("view") != self.name:
            return
        elif "lost" in content:
            self.ready()
        elif "close" in content:
            self.closed = content["close"]
        else:
            self.frames += 1
            back = self.client.recv(content["wire"])
            if back is not None:
                self.say(wire=back)

    def vanish(self) -> None:
        """Go without a word, as a page does that is closed."""
        self.widget.views.remove(self)

    @property
    def shown(self) -> list[Any]:
        return [self.client.value(one) for one in self.client.ids()]


class Numbered(View):
    """A view that heeds the numbers of its frames, as this package's own front end does."""

    def __init__(self, widget: Widget, name: str) -> None:
        self._names = (f"{name} {life}" for life in count())
        self._heard = 0
        super().__init__(widget, next(self._names))

    def hear(self, content: dict[str, Any]) -> None:
        if "numbers" in content:
            if content["numbers"].get(self.name) != self._heard:
                self._begin_again()
        elif content.get("view") == self.name and "lost" in content:
            self._begin_again()
        elif content.get("view") == self.name and "wire" in content:
            self._heard += 1
            if content["number"] == self._heard:
                super().hear(content)
            else:
                self._begin_again()
        else:
            super().hear(content)

    def _begin_again(self) -> None:
        self.say(gone=True)
        self.name = next(self._names)
        self._heard = 0
        cursor = self.client.cursor
        self.say(ready=True, **({} if cursor is None else {"since": cursor}))


class FrontEnd:
    """A client's link whose frames are brought by a comm or a widget.

    Args:
        say: Brings a frame to the kernel.
    """

    def __init__(self, say: Callable[[Frame], object]) -> None:
        self.close_code, self.close_reason = 1006, ""
        self._say = say
        self._frames = deque[str]()
        self._closed = False
        self._news = asyncio.Event()

    def hear(self, frame: str) -> None:
        self._frames.append(frame)
        self._news.set()

    def end(self, code: int = 1001, reason: str = "") -> None:
        self.close_code, self.close_reason, self._closed = code, reason, True
        self._news.set()

    def __aiter__(self) -> "FrontEnd":
        return self

    async def __anext__(self) -> str:
        while not self._frames:
            if self._closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._frames.popleft()

    async def send(self, frame: Frame) -> None:
        if self._closed:
            raise ConnectionClosedError(self.close_code, self.close_reason)
        self._say(frame)


class CommFrontEnd(Kept):
    """A comm whose messages a client's link brings."""

    def __init__(self) -> None:
        self.link = FrontEnd(self.say)
        super().__init__()

    def publish_msg(self, msg_type: str, data: Any = None, *args: Any, **keys: Any) -> None:
        if msg_type == "comm_msg":
            self.link.hear(data)
        elif msg_type == "comm_close":
            closed: dict[str, Any] = data or {}
            self.link.end(**closed)


class ViewFrontEnd(FrontEnd):
    """A view of a widget, as a client's link."""

    def __init__(self, widget: Widget, name: str) -> None:
        super().__init__(lambda frame: widget.say({"wire": frame, "view": name}))
        self.name = name
        self._heard = 0

    def take(self, content: dict[str, Any]) -> None:
        if content.get("view") != self.name:
            return
        if "wire" in content:
            self._heard += 1
            assert content["number"] == self._heard
            self.hear(content["wire"])
        elif "close" in content:
            self.end(**content["close"])


class Telling(Widget):
    """A widget whose views are told at once."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[ViewFrontEnd] = []

    def send(self, content: dict[str, Any]) -> None:
        for end in list(self.ends):
            end.take(content)
