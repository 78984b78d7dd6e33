"""The client: a mirror, edits of what it shows, and ways to learn of changes.

`recv` and `edit` do no I/O: whoever has a transport of their own gives frames to the one and sends
those of the other. `connect` and `run` do just that over a connector found by the URL's scheme.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from transports_core import values
from transports_core.client.replica import Replica
from transports_core.errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from transports_core.client.backoff import Backoff
    from transports_core.client.dialer import Dialer
    from transports_core.client.status import Status
    from transports_core.client.watchdog import Clock
    from transports_core.codecs import Frame
    from transports_core.errors import EditRejected
    from transports_core.message_types import AccessWord, EditMessage
    from transports_core.operation import Operation
    from transports_core.received import MirrorChange
    from transports_core.values import Value

T = TypeVar("T")


class Client:
    """Mirrors the models of a server, and proposes edits of them.

    Not thread-safe: all calls are made on one thread, that of the event loop where there is one.

    Args:
        codec: How frames are written: `json`, `msgpack` or what `register_codec` was given.
        ops: `"rfc6902"` to be sent standard JSON Patch operations alone; `None` for the extensions,
            too, which cost less.
        backoff: How long `run` waits before it connects again; `None` for the default.
        clock: What `run` waits by; `None` for the event loop's.

    Raises:
        UnknownCodecError: If the codec is neither built in nor registered.
    """

    def __init__(
        self,
        codec: str = "json",
        *,
        ops: Literal["rfc6902"] | None = None,
        backoff: "Backoff | None" = None,
        clock: "Clock | None" = None,
    ) -> None:
        self._replica = Replica(codec, ops)
        self._backoff = backoff
        self._clock = clock
        self._dialer: Dialer | None = None

    # What it shows

    def ids(self) -> list[int]:
        """List the ids of the models, lowest first."""
        return self._replica.mirror.ids()

    def value(self, id: int) -> "Value":
        """Show a model's value. What was shown never changes, and is not to be changed.

        Raises:
            UnknownModelError: If there is no such model.
        """
        return self._replica.mirror.value(id)

    def model(self, id: int, cls: type[T]) -> T:
        """Make an instance of a class from a model's value, validated by it. It is a copy.

        Raises:
            UnknownModelError: If there is no such model.
            pydantic.ValidationError: If the value does not fit the class.
        """
        # Here, so that a client of plain values does not pay for a model library.
        from transports_core.bridge import from_value

        return from_value(self._replica.mirror.value(id), cls)

    def type(self, id: int) -> str:
        """Tell the name of a model's class.

        Raises:
            UnknownModelError: If there is no such model.
        """
        return self._replica.mirror.copy(id).type

    def access(self, id: int) -> "AccessWord":
        """Tell what the server lets this connection do with a model.

        Raises:
            UnknownModelError: If there is no such model.
        """
        return self._replica.mirror.copy(id).access

    @property
    def codec(self) -> str:
        """The name of the codec."""
        return self._replica.codec.name

    @property
    def cursor(self) -> str | None:
        """Where to resume from; `None` if there is nothing to build upon."""
        return self._replica.cursor

    @property
    def status(self) -> "Status":
        """What the client is doing: `closed`, `connecting`, `open` or `waiting`."""
        return self._replica.status

    # Learning of changes

    def on_change(self, callback: "Callable[[MirrorChange], object]") -> "Callable[[], None]":
        """Have a function called once after each frame that changed something.

        Returns:
            A function that ends it.
        """
        return self._replica.changes.add(callback)

    def on_reject(self, callback: "Callable[[EditRejected], object]") -> "Callable[[], None]":
        """Have a function called for each edit of this client that the server refuses.

        Returns:
            A function that ends it.
        """
        return self._replica.rejections.add(callback)

    def on_status(self, callback: "Callable[[Status], object]") -> "Callable[[], None]":
        """Have a function called whenever the status changes.

        Returns:
            A function that ends it.
        """
        return self._replica.statuses.add(callback)

    # Frames

    def recv(self, frame: "Frame") -> "Frame | None":
        """Take in a frame from the server.

        Returns:
            A frame to send back, at once: the mirror missed something. Otherwise `None`.

        Raises:
            RemoteProtocolError: If it is no frame of this codec. The mirror counts as having missed
                something.
        """
        received = self._replica.receive(frame)
        return self._replica.resync() if received.problem else None

    def edit(self, id: int, value: object) -> "Frame":
        """Make the frame that proposes an edit. Nothing changes here until the server says so.

        Args:
            id: The model.
            value: What the model's value is to be, as a value or as a native object. What is
                proposed is how it differs from what the mirror shows.

        Raises:
            UnknownModelError: If there is no such model.
            UnrepresentableError: If the value is not one.
        """
        return self._encode(self._edit(id, value))

    def edit_ops(self, id: int, ops: "Sequence[Operation]") -> "Frame":
        """Make the frame that proposes an edit, said in operations on what the mirror shows.

        Args:
            id: The model.
            ops: The operations. `test` makes an edit that holds only if.

        Raises:
            UnknownModelError: If there is no such model.
            UnrepresentableError: If what an operation brings is no value.
        """
        return self._encode(self._edit_ops(id, ops))

    # Connections

    async def connect(self, url: str, *, headers: "Mapping[str, str] | None" = None) -> None:
        """Connect, and mirror until the connection closes.

        Mirrors of an earlier connection are resumed. When it ends, every `propose` that was not
        answered raises `EditUnknown`. A client has one connection at a time: `stop` comes before
        another one, which begins once the earlier call of `connect` or `run` has returned.

        Args:
            url: Where to. Its scheme says over what: `ws` or `wss`, `http` or `https` for a stream
                of server-sent events, or what an installed connector announces.
            headers: HTTP headers to send along, such as `Authorization`.

        Raises:
            RefusedError: If the server refuses the connection for good.
            ConnectionClosedError: If no connection could be made.
            MissingExtraError: If what connects to such a URL is not installed.
            LocalProtocolError: If this client is connected already, or nothing connects to it.
        """
        await self._dial().connect(url, headers)

    async def connect_sse(self, url: str, *, headers: "Mapping[str, str] | None" = None) -> None:
        """Open a stream of server-sent events, and mirror until it ends.

        It is `connect` for `http` and `https` URLs. Such a connection receives, in JSON: `propose`
        and `send` raise `LocalProtocolError`, with the code `receive_only`.

        Args:
            url: As for `connect`.
            headers: As for `connect`.

        Raises:
            RefusedError: If the server refuses the connection for good, as it does a codec that is
                not JSON.
            ConnectionClosedError: If no connection could be made.
            MissingExtraError: If what connects to such a URL is not installed.
            LocalProtocolError: `scheme`, if it is another URL; `connected`, if this client is
                connected already.
        """
        if not url.startswith(("http:", "https:")):
            raise LocalProtocolError("scheme", f"not an `http:` or `https:` URL: {url!r}")
        await self._dial().connect(url, headers)

    async def run(self, url: str, *, headers: "Mapping[str, str] | None" = None) -> None:
        """Mirror for ever: connect again whenever the connection is lost or cannot be made.

        Returns only after `stop`. In the meantime the mirror stays readable, `status` says how it
        is, and what `propose` sent is sent again.

        Args:
            url: As for `connect`.
            headers: As for `connect`. They are read each time, so one that expires may be replaced.

        Raises:
            RefusedError: If the server refuses the connection for good.
            MissingExtraError: If what connects to such a URL is not installed.
            LocalProtocolError: If this client is connected already, or nothing connects to it.
        """
        await self._dial().run(url, headers)

    def stop(self) -> None:
        """Close the connection, and do not connect again. Nothing is applied from now on.

        The status is `closed` at once; `connect` or `run` returns once the connection has closed.
        Does nothing when there is none. `connect` and `run` may be called again, and resume.
        """
        if self._dialer is not None:
            self._dialer.stop()

    async def send(self, frame: "Frame") -> None:
        """Send a frame that `edit` or `edit_ops` made, over the connection of `connect` or `run`.

        Raises:
            ConnectionClosedError: If there is no connection.
        """
        await self._dial().send(frame)

    async def propose(self, id: int, value: object) -> int:
        """Propose an edit, and wait for its outcome.

        It is sent over the connection of `connect` or `run`, now or as soon as there is one again.
        To stop waiting takes nothing back.

        Args:
            id: The model.
            value: As for `edit`.

        Returns:
            The model's revision with it. The mirror is at that revision or beyond.

        Raises:
            EditRejected: If the model's owner refuses it: `code` and `details` say why.
            EditUnknown: If it cannot be known what became of it: the server lost its memory, or the
                connection was given up.
            UnknownModelError: If there is no such model.
            UnrepresentableError: If the value is not one.
        """
        return await self._propose(self._edit(id, value))

    async def propose_ops(self, id: int, ops: "Sequence[Operation]") -> int:
        """Propose an edit that is said in operations, and wait for its outcome, as of `propose`.

        Args:
            id: The model.
            ops: As for `edit_ops`.

        Returns:
            As `propose` does.

        Raises:
            EditRejected: As from `propose`.
            EditUnknown: As from `propose`.
            UnknownModelError: If there is no such model.
            UnrepresentableError: If what an operation brings is no value.
        """
        return await self._propose(self._edit_ops(id, ops))

    def _edit(self, id: int, value: object) -> "EditMessage":
        to_value, diff = _comparing()
        shown = self._replica.mirror.value(id)
        wanted: Any = value if values.is_value(value) else to_value(value)
        return self._replica.edit(id, diff(shown, wanted))

    def _edit_ops(self, id: int, ops: "Sequence[Operation]") -> "EditMessage":
        if len(ops) != 1 or not values.is_flat(ops[0]):
            values.check(list(ops))
        return self._replica.edit(id, ops)

    def _encode(self, edit: "EditMessage") -> "Frame":
        return self._replica.codec.encode([edit])

    async def _propose(self, edit: "EditMessage") -> int:
        return await self._dial().propose(edit, self._encode(edit))

    def _dial(self) -> "Dialer":
        if self._dialer is None:
            # Here, so that a client that is only given frames does not pay for an event loop.
            from transports_core.client.dialer import Dialer

            self._dialer = Dialer(self._replica, self._backoff, self._clock)
        return self._dialer


@cache
def _comparing() -> "tuple[Callable[[object], Value], Callable[[Value, Value], list[Operation]]]":
    # Here, so that a client that proposes nothing of the kind does not pay for it.
    from transports_core.bridge import to_value
    from transports_core.diff import diff

    return to_value, diff
