"""Serve over the custom messages of an anywidget, to any number of views of it.

A widget has one line to the front end, and whatever is sent over it reaches all views, in every
page that shows the notebook. So a view gives itself a name, and its frames carry it:

| message | direction | what |
| --- | --- | --- |
| `{"ready": true, "view"?, "since"?, "ops"?, ...}` | to the kernel | a view begins, maybe again |
| `{"wire": frame, "view"?, "number"?}` | both | a frame, of that view; those to it have a number |
| `{"numbers": {view: number}}` | to the views | the numbers of the last frames: were all heard? |
| `{"gone": true, "view"}` | to the kernel | a view has ended |
| `{"close": {"code", "reason"}, "view"?}` | to the view | its connection was closed, or refused |
| `{"lost": true, "view"}` | to the view | its connection is not known here: begin again |
| `{"roll": number}` | to the views | who is still there? |
| `{"here": number, "view"}` | to the kernel | the answer |

Views without a name share one connection, which begins anew whenever one of them does. What shows
that one where things are shows the others what they know already. Their frames have no numbers.
"""

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from transports_core import in_turn
from transports_core.connection import Close
from transports_core.errors import RefusedError

from transports_jupyter.cells import push_after_cells
from transports_jupyter.comm import watch
from transports_jupyter.line import Line, check_codec, scope_of
from transports_jupyter.numbering import Numbering
from transports_jupyter.roll import Roll

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from transports_core.connection import Output, Serving

_log = logging.getLogger("transports")

_GOING_AWAY: Final = 1001


class Widget(Protocol):
    """What is needed of a widget: an `anywidget.AnyWidget`, or what can do the same."""

    def send(self, content: Any) -> object:
        """Send a custom message to all views."""
        ...

    def on_msg(self, callback: Any) -> object:
        """Have a function called with the widget, the content and the buffers of each message."""
        ...


class WidgetConnection:
    """A widget over which a server or hub is served, until the widget is closed."""

    def __init__(self, serving: "Serving", widget: Widget, scope: object) -> None:
        self._serving = serving
        self._widget = widget
        self._scope = scope
        self._lines: dict[str | None, Line] = {}
        self._roll = Roll()
        self._numbering = Numbering(serving, self._tell_numbers)
        self._closed = False
        self._is_gone = watch(getattr(widget, "comm", None))

    @property
    def views(self) -> int:
        """How many connections there are: one for each named view, and one for all others."""
        return len(self._lines)

    def listen(self) -> None:
        """Serve the views that say that they are ready, from now on."""
        self._widget.on_msg(self._heard)
        observe = getattr(self._widget, "observe", None)
        if observe is not None and hasattr(self._widget, "comm"):
            # That is how a widget of ipywidgets says that it was closed.
            observe(self._see_comm, "comm")

    def close(self) -> None:
        """Stop serving over the widget, and tell its views. The widget itself stays open."""
        self._closed = True
        in_turn(self._serving, self._close_all)

    def _see_comm(self, change: "Mapping[str, Any]") -> None:
        if change["new"] is None:
            self.close()

    def _heard(self, widget: object, content: object, buffers: object = None) -> None:
        del widget, buffers
        if isinstance(content, dict) and not self._closed:
            message = cast("dict[str, Any]", content)
            in_turn(self._serving, partial(self._take_in, message, _text(message, "view")))

    def _take_in(self, message: "Mapping[str, Any]", view: str | None) -> None:
        line = self._lines.get(view)
        if message.get("ready") is True:
            self._begin(view, message)
        elif message.get("gone") is True:
            self._end(view)
        elif view is not None and line is None and ("wire" in message or "here" in message):
            self._tell(view, lost=True)
        elif isinstance(message.get("here"), int) and view is not None:
            for silent in self._roll.answer(view, message["here"]):
                self._end(silent)
        elif line is not None and isinstance(message.get("wire"), str):
            line.recv(message["wire"])

    def _begin(self, view: str | None, asked: "Mapping[str, Any]") -> None:
        line = self._lines.get(view)
        if line is None:
            line = Line(self._serving, self._scope, partial(self._put, view))
            self._lines[view] = line
        if view is not None:
            self._roll.enter(view)
            self._numbering.enter(view)
        try:
            since, ops, version = (_text(asked, name) for name in ("since", "ops", "v"))
            line.open(since, codec=_text(asked, "codec"), ops=ops, version=version)
        except RefusedError as refusal:
            self._end(view)
            _log.warning("a view of %r was refused: %s", self._widget, refusal)
        self._call_the_roll()

    def _end(self, view: str | None) -> None:
        line = self._lines.pop(view, None)
        if line is not None:
            line.close()
        if view is not None:
            self._roll.leave(view)
            self._numbering.leave(view)

    def _close_all(self) -> None:
        is_gone = self._is_gone()
        for view in list(self._lines):
            self._end(view)
            if not is_gone:
                self._tell(view, close={"code": _GOING_AWAY, "reason": "no longer served"})

    def _call_the_roll(self) -> None:
        call = self._roll.call()
        if call is not None:
            self._tell(None, roll=call)

    def _tell_numbers(self) -> None:
        if self._numbering.last and not self._is_gone():
            self._tell(None, numbers=self._numbering.last)

    def _put(self, view: str | None, output: "Output") -> None:
        if self._is_gone():
            self.close()
        elif isinstance(output, Close):
            self._end(view)
            self._tell(view, close={"code": output.code, "reason": output.reason})
        else:
            try:
                number = {} if view is None else {"number": self._numbering.next(view)}
                self._say(view, wire=output, **number)
            except Exception:
                # If it is not gone for good, the view is to learn that it is not known here.
                self._end(view)
                raise
            self._call_the_roll()

    def _tell(self, view: str | None, **content: object) -> None:
        """Say what nobody waits for: a line that fails is reported, and all else goes on."""
        try:
            self._say(view, **content)
        except Exception:  # the widget's own, and that of whatever carries it
            _log.exception("nothing can be sent over %r", self._widget)

    def _say(self, view: str | None, **content: object) -> None:
        self._widget.send(content if view is None else {**content, "view": view})


def serve_anywidget(
    serving: "Serving",
    widget: Widget,
    codec: str = "json",
    *,
    tenant: "Hashable | None" = None,
    pushes_after_cells: bool = True,
) -> WidgetConnection:
    """Serve a `Server` or a `Hub` to the views of a widget, over its custom messages.

    A view sends `{"ready": true}` first, and is then sent frames as `{"wire": frame}`; what it has
    to say it sends in the same form. Views that give themselves a name, a text in `view` of all
    that they send, have a connection each, and may resume with `since`. All others share one.

    A widget that fails is reported, and no other notices. When it is closed, nothing is left of it.

    Args:
        serving: What is served.
        widget: An `anywidget.AnyWidget`, or what has its `send` and `on_msg`.
        codec: `json`, the only one that custom messages carry.
        tenant: The tenant of a hub, which is then not asked for its `key`. `None` to have the hub
            ask, showing it the widget.
        pushes_after_cells: Whether what was written is sent at the end of each cell, to all that
            this server or hub serves. `sync` sends at any time.

    Raises:
        UnsupportedCodecError: The codec is another one; it is a `ValueError` as well.
    """
    check_codec(codec, "a widget")
    connection = WidgetConnection(serving, widget, scope_of(widget, tenant))
    connection.listen()
    if pushes_after_cells:
        push_after_cells(serving)
    return connection


def _text(message: "Mapping[str, Any]", name: str) -> str | None:
    value = message.get(name)
    return value if isinstance(value, str) else None
