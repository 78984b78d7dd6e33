"""Serve over a Jupyter comm: each message's `data` is a frame."""

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from comm import get_comm_manager
from transports_core import in_turn
from transports_core.connection import Close
from transports_core.errors import RefusedError

from transports_jupyter.cells import push_after_cells
from transports_jupyter.line import Line, check_codec, scope_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from transports_core.connection import Output, Serving

_log = logging.getLogger("transports")


class Comm(Protocol):
    """What is needed of a comm, whoever makes it."""

    comm_id: Any

    def send(self, data: Any = None) -> object:
        """Send a message to the front end."""
        ...

    def close(self, data: Any = None) -> object:
        """Close it, and tell the front end."""
        ...

    def on_msg(self, callback: Any) -> object:
        """Have a function called with each message; `None` for none."""
        ...

    def on_close(self, callback: Any) -> object:
        """Have a function called when the front end closes it; `None` for none."""
        ...


class CommConnection:
    """A comm over which a server or hub is served, until either end closes it."""

    def __init__(self, serving: "Serving", comm: Comm, scope: object) -> None:
        self._serving = serving
        self._comm = comm
        self._is_closed = watch(comm)
        self._line = Line(serving, scope, self._put)

    def open(self, since: str | None) -> None:
        """Listen, and send what brings the other end up to date.

        Raises:
            RefusedError: The connection cannot be had. The comm was closed.
        """
        self._comm.on_msg(self._heard)
        self._comm.on_close(self._see_close)
        in_turn(self._serving, partial(self._line.open, since))

    def close(self) -> None:
        """Stop serving over the comm, and close it."""
        self._forget()
        self._comm.close()

    def _see_close(self, message: object) -> None:
        del message
        self._forget()

    def _forget(self) -> None:
        self._comm.on_msg(None)
        self._comm.on_close(None)
        in_turn(self._serving, self._line.close)

    def _heard(self, message: object) -> None:
        data = _member(_member(message, "content"), "data")
        if isinstance(data, str):
            in_turn(self._serving, partial(self._line.recv, data))
        elif isinstance(data, dict) and "since" in data:
            since = _member(cast("object", data), "since")
            cursor = since if isinstance(since, str) else None
            in_turn(self._serving, partial(self._resume, cursor))
        else:
            _log.warning("what came over a comm is neither a frame nor a cursor")

    def _resume(self, since: str | None) -> None:
        try:
            self._line.open(since)
        except RefusedError as refusal:
            _log.warning("%r was refused: %s", self._comm, refusal)

    def _put(self, output: "Output") -> None:
        if self._is_closed():
            self._forget()
        elif isinstance(output, Close):
            self._forget()
            self._comm.close(data={"code": output.code, "reason": output.reason})
        else:
            self._comm.send(data=output)


def serve_comm(
    serving: "Serving",
    comm: Comm,
    codec: str = "json",
    *,
    since: str | None = None,
    tenant: "Hashable | None" = None,
    pushes_after_cells: bool = True,
) -> CommConnection:
    """Serve a `Server` or a `Hub` over a comm. The snapshots are sent at once.

    The `data` of each message is a frame, JSON text, in both directions. A front end that has
    mirrored before sends the object `{"since": cursor}`, and is brought up to date from there;
    with `null` for the cursor it is shown everything again.

    A comm that fails is closed and reported, and no other notices.

    Args:
        serving: What is served.
        comm: An open comm, such as `comm.create_comm(target_name="transports")` gives, or one that
            a front end has opened.
        codec: `json`, the only one that a comm carries.
        since: The cursor to resume from, where the front end gave one as it opened the comm.
        tenant: The tenant of a hub, which is then not asked for its `key`. `None` to have the hub
            ask, showing it the comm.
        pushes_after_cells: Whether what was written is sent at the end of each cell, to all that
            this server or hub serves. `sync` sends at any time.

    Raises:
        UnsupportedCodecError: The codec is another one; it is a `ValueError` as well.
        RefusedError: The connection cannot be had. The comm was closed with the reason.
    """
    check_codec(codec, "a comm")
    connection = CommConnection(serving, comm, scope_of(comm, tenant))
    connection.open(since)
    if pushes_after_cells:
        push_after_cells(serving)
    return connection


def watch(comm: object) -> "Callable[[], bool]":
    """Give what tells whether a comm was closed, which nobody is told of on the side that did it.

    Of a comm that is not registered, as all those of kernels are, it is never told.
    """

    def is_registered() -> bool:
        known: Mapping[object, object] = getattr(get_comm_manager(), "comms", {})
        return known.get(getattr(comm, "comm_id", None)) is comm

    return (lambda: not is_registered()) if is_registered() else (lambda: False)


def _member(part: object, name: str) -> object:
    """Give a member of what should be a map, and may be anything; `None` if there is none."""
    return cast("dict[str, object]", part).get(name) if isinstance(part, dict) else None
