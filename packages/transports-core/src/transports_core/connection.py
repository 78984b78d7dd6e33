"""The connection contract: what `Server` and `Hub` give, and all that an adapter drives.

An adapter carries frames between a transport (a WebSocket, a stream of events, a comm) and
something that satisfies `Serving`. It knows nothing of models, revisions or messages: frames are
opaque to it. A whole adapter is these steps:

1. Come to a verdict on the connection (origin, `authorize`) before anything is read from it.
2. `open` it. `RefusedError` is a refusal: close with its `code` and `reason`. Otherwise `attach`
   the function that brings frames to the transport, and send the frames that `open` gave.
3. Whenever the transport is done with what it was given, ask `take`: a frame is to be sent, and
   `take` asked again after it; `None` means that the connection is idle, and the next frames come
   through the attached function.
4. For each frame that arrives, `deliver(recv(conn, frame))`.
5. When the transport is gone, for whatever reason, `close`.

**Busy and idle.** From the moment that `open`, `recv`, `flush` or `tick` give frames for a
connection, or `take` gives one, the connection is *busy*, until `take` answers `None`. `flush`
leaves out who is busy: what happens in the meantime waits in the log and comes composed, as the one
frame of the next `take`, so that a slow consumer holds a cursor and no queue. This is also what
keeps a patch behind the snapshot that it belongs to. Only `recv` and `tick` may give more to a busy
connection, and only a last word, an `error` message before a `Close`; its replies wait for `take`.
A transport without back-pressure (a comm) asks `take` directly after sending.

**Being closed.** A list of outputs may end in a `Close`. The connection is forgotten by then:
`take` answers `None`, `recv` answers nothing, and `close` changes nothing. The adapter sends the
frames before it if the transport still takes them, and closes with its code; it does not wait for
a transport that is stuck, for that is what 4408 is about.

**Threads.** All methods are called on one thread, that of the event loop where there is one. An
adapter that is called on several has `in_turn` call them. Callbacks given to `on_wake` are called
on any thread.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from transports_core.access import Access
from transports_core.closing import Close
from transports_core.codecs import Frame
from transports_core.limits import Limits

__all__ = [
    "Close",
    "Connection",
    "Frame",
    "Outgoing",
    "Output",
    "Send",
    "SendToAll",
    "Serving",
    "Tenant",
]

Connection: TypeAlias = Hashable
"""A connection's handle: any hashable object that the adapter likes, equal only to itself."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A connection's scope that names its tenant by itself, so that no hub's `key` is asked.

    Attributes:
        key: What the hub calls the tenant.
    """

    key: Hashable


Output: TypeAlias = Frame | Close
"""One thing for an adapter to do: send a frame, or close."""

Outgoing: TypeAlias = Mapping[Connection, Sequence[Output]]
"""What is to be sent, by connection. The sequences may be shared by many: not to be changed."""

Send: TypeAlias = Callable[[Sequence[Output]], object]
"""Brings outputs to a transport, in order and behind all earlier ones.

Returns `True` if everything given so far has been sent: the connection is given more when there is
more. Anything else means that the adapter will call `take`, once it has sent it all.

Called on the loop's thread. It must not block: it sends what can be sent at once, or leaves it to
the connection's own writer. One that raises is reported, and its connection closed and forgotten;
nobody else notices.
"""

SendToAll: TypeAlias = Callable[[Sequence[Any], Frame], Collection[Connection]]
"""Brings one frame to many connections, as `Send` would to each of them.

For a transport that is sooner done with all of them at once than with one after another. It is
called for connections that were attached with the same function, are idle and are told the same.

Returns those for whom `Send` would not have returned `True`. A transport that fails is its own
matter: it is one of these. If the function raises, that is reported, and all connections that it
was called for are closed and forgotten.
"""


class Serving(Protocol):
    """What connections are opened on. `Server` and `Hub` satisfy it.

    No method does I/O, awaits anything or reads a clock.
    """

    @property
    def limits(self) -> Limits:
        """The bounds that hold. An adapter applies `frame_bytes` where its transport reads."""
        ...

    def open(
        self,
        conn: Connection,
        codec: str = "json",
        *,
        since: str | None = None,
        ops: str | None = None,
        version: str | None = None,
        scope: object = None,
        principal: Hashable = None,
        access: Access = ...,
        heartbeat: float | None = None,
    ) -> list[Frame]:
        """Begin to serve a connection.

        Query parameters are passed on as they came: `codec`, `since`, `ops`, and `v` as `version`.

        Args:
            conn: The new connection's handle.
            codec: What its frames are written in.
            since: The cursor to resume from; `None` for none. One that cannot be read stands for a
                life that nobody knows: the answer is `reset` and snapshots, as for any such.
            ops: `"rfc6902"` for a connection that knows the standard operations alone; `None` for
                one that knows the extensions too.
            version: The protocol version asked for; `None` for whatever this side speaks.
            scope: What the application's own functions (such as a hub's `key`) are shown of this
                connection: the WebSocket, the Request, the comm. `None` for `conn` itself. A
                `Tenant` is not shown to a hub's `key`: it says what that would.
            principal: Who this is, as `authorize` said. The answers to its proposals are its own:
                one sent again over a new connection of the same principal is answered again and not
                applied again. `None` for nobody in particular, which is a principal like any other.
            access: The most that this connection may do, `WRITE` unless given; a transport that
                cannot receive passes `READ`.
            heartbeat: Seconds of silence after which `tick` gives a `ping`; `0` for none, where the
                transport notices by itself that its other end is gone. `None` for the default.

        Returns:
            `hello` and what brings the connection up to date: in one frame, or in two where it
            brought no cursor and the second is large, and the same for all. It is busy from now on.

        Raises:
            RefusedError: With a close code: 4406 for an unknown codec, version or dialect of
                operations, 4401 or 4403 where the application's own functions refuse, 1013 for
                one connection too many. Nothing was served and nothing remains of it.
            LocalProtocolError: This handle is open already.
        """
        ...

    def attach(self, conn: Connection, send: Send, send_to_all: SendToAll | None = None) -> None:
        """Say how outputs reach this connection's transport: `deliver` calls `send`.

        Belongs directly after `open`: until the first `take`, nothing is delivered.

        Args:
            conn: The connection.
            send: What brings outputs to it.
            send_to_all: What brings to it, and to others at once, what all of them are told;
                `None` if that is `send`.

        Raises:
            LocalProtocolError: No such connection is open.
        """
        ...

    def recv(self, conn: Connection, frame: Frame) -> Outgoing:
        """Take in one frame.

        What does not concern the frame as a whole is answered by a `reject`. A frame that cannot be
        read, is of the wrong kind, or is larger than `limits.frame_bytes`, is answered by an
        `error` message and a `Close` with 4400 or 1009, whether the connection is busy or not.

        Returns:
            What to send, to this connection and, where nothing listens to `on_wake`, to the others
            as well: as `flush` would give. Where something listens, the others are its matter.
            Nothing for a connection that is not open.
        """
        ...

    def flush(self) -> Outgoing:
        """Commit what changed on the host.

        Returns:
            One frame for each connection that is idle and not up to date.
        """
        ...

    def take(self, conn: Connection) -> Frame | None:
        """Ask for more, once everything given to this connection earlier has been sent.

        Returns:
            The one frame that brings the connection from its cursor to now, replies included; it
            stays busy. `None` if it is up to date; it is idle from now on. `None` too for a
            connection that is not open.
        """
        ...

    def tick(self, now: float) -> Outgoing:
        """Do what is due by the clock: heartbeats, time limits, rate windows.

        Args:
            now: Seconds on a clock that never goes back. Only differences count. Without any
                tick there is neither heartbeat nor time limit, and no rate is limited.

        Returns:
            A `ping` for each idle connection that heard nothing for its heartbeat, snapshots for
            one whose `resync` had to wait, and a `Close` with 4408 for each that was busy with
            the same frame for `limits.send_timeout`.
        """
        ...

    def due(self) -> float | None:
        """Tell how long `tick` has nothing to do.

        Returns:
            Seconds from the last tick to the next that is needed; `None` while none is. To be
            asked again after each wake, flush and tick.
        """
        ...

    def close(self, conn: Connection) -> None:
        """Forget a connection. Does nothing for one that is not open."""
        ...

    def cursor(self, conn: Connection) -> str:
        """Tell where a connection will be once it has applied all that was given to it.

        Asked together with a frame, it is the `id:` of that frame's event in a stream of events.

        Raises:
            LocalProtocolError: No such connection is open.
        """
        ...

    def deliver(self, outgoing: Outgoing) -> None:
        """Pass outputs to the functions that were attached for them.

        Those that have sent them when they return are given what happened meanwhile, in the same
        call. A connection whose function raises, or that has none, is reported and forgotten.
        """
        ...

    def on_wake(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Have a function called when there is something for `flush`, or for `due` to tell.

        If there is already, it is called at once. Once is enough for many writes: the next call
        comes after the next `flush`. It is called on the thread of the write and under the lock of
        all tracking, so it must be quick, must not raise, and must not call back.

        Returns:
            A function that ends it.
        """
        ...
