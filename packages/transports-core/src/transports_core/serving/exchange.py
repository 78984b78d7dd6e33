"""Serving connections: the contract of `connection`, whatever they see."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Final

from transports_core import messages
from transports_core.access import WRITE
from transports_core.containment import WARNING, contain, log
from transports_core.errors import (
    EditRejected,
    LocalProtocolError,
    RefusedError,
    RemoteProtocolError,
)
from transports_core.limits import Limits
from transports_core.serving.answers import tell
from transports_core.serving.channels import Channels
from transports_core.serving.dismissals import Dismissals
from transports_core.serving.feed import Feeds
from transports_core.serving.headcount import Headcount
from transports_core.serving.link import Link
from transports_core.serving.pace import Pace
from transports_core.serving.reception import read
from transports_core.serving.senders import Senders
from transports_core.serving.terms import agree
from transports_core.serving.wakeup import Wakeup
from transports_core.serving.words import CODES, FAILED, TOO_SLOW, UNSENDABLE, closing, say
from transports_core.session.answers import Refused, shortened
from transports_core.tokens import token
from transports_core.tracking import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from transports_core.access import Access
    from transports_core.codecs import Codec, Frame
    from transports_core.connection import Close, Connection, Outgoing, Output, Send, SendToAll
    from transports_core.message_types import ClientMessage
    from transports_core.serving.channel import Channel
    from transports_core.serving.proposals import Proposals
    from transports_core.serving.view import View

# How much more often than anything is due somebody looks whether it is.
_WATCHFULNESS: Final = 4


class Exchange(ABC):
    """Serves connections, as `connection.Serving` says. A subclass says what each of them sees.

    Args:
        heartbeat: Seconds of silence after which a connection is sent a `ping`; 0 for never.
        limits: The bounds to keep; `None` for the defaults.
    """

    def __init__(self, *, heartbeat: float, limits: Limits | None) -> None:
        self._limits = Limits() if limits is None else limits
        self._heartbeat = heartbeat
        self._links: dict[Connection, Link] = {}
        self._senders = Senders()
        self._channels = Channels()
        # Idle connections with an answer that is not ready. They are in no group of a channel.
        self._expecting: dict[Link, None] = {}
        # Connections for which no frame can be made: the next flush closes them.
        self._broken: dict[Link, None] = {}
        # How many connections there are of each heartbeat.
        self._heartbeats: dict[float, int] = {}
        self._headcount = Headcount(self._limits)
        self._pace = Pace(self._limits)
        self._dismissals = Dismissals()
        self._wakeup = Wakeup()
        self._feeds = Feeds(self._wakeup, self._limits.answers)

    @abstractmethod
    def _view(self, scope: object, principal: Hashable, access: Access) -> View:
        """Say what a connection sees.

        Args:
            scope: What the application's functions are shown of the connection.
            principal: Who it is.
            access: The most that it may do.

        Raises:
            RefusedError: It may not see anything.
        """

    @abstractmethod
    def _abandon(self, view: View) -> None:
        """Hear that the last connection that saw something is gone."""

    @property
    def limits(self) -> Limits:
        """The bounds that hold."""
        return self._limits

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
        access: Access = WRITE,
        heartbeat: float | None = None,
    ) -> list[Frame]:
        """Begin to serve a connection: see `connection.Serving.open`."""
        if conn in self._links:
            raise LocalProtocolError("connection", f"{conn!r} is open already")
        self._headcount.check_all()
        terms = agree(codec, ops, version)
        try:
            view = self._view(conn if scope is None else scope, principal, access)
        except RefusedError:
            raise
        except BaseException as error:  # the application's code, as what makes sessions
            contain(error, "a connection cannot be opened")
            raise RefusedError(FAILED, "the application failed") from error
        try:
            self._headcount.check(view.tenant, principal)
        except RefusedError:
            self._abandon(view)
            raise
        self._feeds.drain(view.feeds)
        # What it may do is not to change between being asked and being told.
        with lock:
            channel = self._channels.join(view, terms, principal)
            pause = self._heartbeat if heartbeat is None else heartbeat
            link = Link(conn, token(9), channel, principal, pause)
            frames = self._greet(link, since)
        self._links[conn] = link
        self._headcount.enter(view.tenant, principal)
        self._pace.begin(link)
        self._heartbeats[pause] = self._heartbeats.get(pause, 0) + 1
        self._wakeup.call()  # from now on there is something due
        return frames

    def _greet(self, link: Link, since: str | None) -> list[Frame]:
        channel, codec = link.channel, link.channel.codec
        try:
            hello = codec.encode_message(messages.hello(link.id, link.heartbeat))
            reached, frames = channel.opening(hello, since)
        except BaseException as error:  # a registered codec, or a log, may raise anything
            if self._channels.leave(channel):
                self._abandon(channel.view)
            contain(error, "nothing can be sent in %s", codec.name, level=WARNING)
            raise RefusedError(FAILED, f"nothing can be sent in {codec.name}") from error
        link.give(reached)
        return frames

    def attach(self, conn: Connection, send: Send, send_to_all: SendToAll | None = None) -> None:
        """Say how outputs reach a connection's transport."""
        self._find(conn).attach(send_to_all)
        self._senders.attach(conn, send)

    def recv(self, conn: Connection, frame: Frame) -> Outgoing:
        """Take in one frame: see `connection.Serving.recv`."""
        link = self._links.get(conn)
        if link is None:
            return {}
        outgoing: dict[Connection, Sequence[Output]] = {}
        try:
            for asked in read(frame, link.channel.codec, self._limits):
                self._answer(link, asked)
                if len(link.replies) > self._limits.replies:
                    break
        except RemoteProtocolError as error:
            outgoing[conn] = self._blame(link, error)
        else:
            if len(link.replies) > self._limits.replies:
                outgoing[conn] = self._expel(link, TOO_SLOW)
            elif not link.busy:
                self._serve(link, outgoing)
        if not self._wakeup.heard:
            outgoing.update(self.flush())
        return outgoing

    def flush(self) -> Outgoing:
        """Commit what changed on the host; give frames for those who are idle and behind."""
        self._wakeup.answer()
        outgoing: dict[Connection, Sequence[Output]] = {}
        if self._dismissals.due:
            dismissed = self._dismissals.take()
            for link in list(self._links.values()):
                if link.principal in dismissed:
                    outgoing[link.conn] = self._expel(link, dismissed[link.principal])
        # Whoever is idle has seen all that there was when its sessions last moved.
        moved = self._feeds.take()
        # What a connection may do is not to change between being asked and being told.
        with lock:
            for channel in self._channels.telling_of(moved, self._links.values()):
                for conn in channel.flush(outgoing):
                    self._break(self._links[conn])
        for link in list(self._expecting):
            self._serve(link, outgoing)
        for link in list(self._broken):
            outgoing[link.conn] = self._expel(link, UNSENDABLE)
        return outgoing

    def take(self, conn: Connection) -> Frame | None:
        """Give the frame that brings a connection to now; idle from now on, if there is none."""
        link = self._links.get(conn)
        if link is None or (not (link.replies or self._broken) and link.settle()):
            return None
        frame = self._next(link)
        if frame is None:
            self._rest(link)
        return frame

    def tick(self, now: float) -> Outgoing:
        """Do what is due by the clock: see `connection.Serving.tick`."""
        outgoing: dict[Connection, Sequence[Output]] = {}
        passed = self._pace.tick(now)
        margin = self.due() or 0.0
        pings: dict[Codec, Sequence[Frame]] = {}
        for link in list(self._links.values()):
            self._pace.restore(link, passed)
            if link.stuck(now, self._limits.send_timeout):
                outgoing[link.conn] = self._expel(link, TOO_SLOW)
            elif link.waiting:
                self._resync(link)
                if not link.busy:
                    self._serve(link, outgoing)
            elif link.silent(now, margin):
                codec = link.channel.codec
                if codec not in pings:
                    pings[codec] = say(codec, messages.ping())
                if pings[codec]:
                    link.give(link.position)
                    self._expecting.pop(link, None)
                    outgoing[link.conn] = pings[codec]
                else:
                    self._break(link)
        if self._feeds.any:
            # A log raised, and is asked again.
            self._wakeup.call()
        return outgoing

    def due(self) -> float | None:
        """Tell how many seconds after the last tick there is something for the next."""
        if not self._links:
            return None
        least = self._limits.send_timeout
        for pause in self._heartbeats:
            if 0 < pause < least:
                least = pause
        due = least / _WATCHFULNESS
        return min(due, 1.0) if self._pace.counting else due

    def close(self, conn: Connection) -> None:
        """Forget a connection."""
        self._senders.detach(conn)
        link = self._links.pop(conn, None)
        if link is not None:
            self._forget(link)

    def cursor(self, conn: Connection) -> str:
        """Tell where a connection will be once it has applied all that was given to it."""
        link = self._find(conn)
        return link.channel.view.cursor(link.position)

    def deliver(self, outgoing: Outgoing) -> None:
        """Pass outputs to the functions that were attached for them."""
        while outgoing:
            ready, broken = self._senders.deliver(outgoing, self._links)
            for conn in broken:
                self.close(conn)
            outgoing = {conn: (frame,) for conn in ready if (frame := self.take(conn)) is not None}

    def dismiss(
        self, principal: Hashable, code: int = 4401, reason: str = "not let in any more"
    ) -> None:
        """Close all connections of a principal, at the next flush. May be called on any thread.

        For somebody whose rights have changed: what `authorize` said holds as long as a connection
        lasts. A client that comes back is asked for anew.

        Args:
            principal: Who, as `authorize` said. `None` for all who are nobody in particular.
            code: The close code. Clients come back after any but 4400 to 4406; over a transport
                that knows no codes they do, and are refused then.
            reason: In words; what does not fit into a close frame, 123 bytes, is left out.
        """
        self._dismissals.add(principal, closing(code, reason))
        self._wakeup.call()

    def on_wake(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Have a function called when there is something for `flush` or `due`."""
        return self._wakeup.add(callback)

    def _find(self, conn: Connection) -> Link:
        link = self._links.get(conn)
        if link is None:
            raise LocalProtocolError("connection", f"{conn!r} is not open")
        return link

    def _answer(self, link: Link, asked: ClientMessage | EditRejected) -> None:
        if isinstance(asked, EditRejected):
            link.reply(Refused(asked.proposal or "", asked.id or 0, 0, asked))
        elif asked["t"] == "resync":
            self._resync(link)
        else:
            link.reply(self._proposals.answer(link, asked))
        if self._pace.counting:
            self._wakeup.call()

    @cached_property
    def _proposals(self) -> Proposals:
        # Needed only once somebody proposes something.
        from transports_core.serving.proposals import Proposals

        return Proposals(self._limits, self._pace)

    def _resync(self, link: Link) -> None:
        link.void()
        link.waiting = not self._pace.may_resync(link)

    def _next(self, link: Link) -> Frame | None:
        """Give a connection the frame that leads it to now, if there is one."""
        if link in self._broken or ((not link.replies or link.waiting) and link.current):
            return None
        with lock:
            if link.channel.rules != link.channel.view.rules:
                self._channels.judge([link.channel], self._links.values())
            return self._frame(link, link.channel)

    def _frame(self, link: Link, channel: Channel) -> Frame | None:
        try:
            # Before the rest: what these were shown by must be in the same frame.
            told, left = tell(link.replies)
            if told:
                reached, fragments = channel.fragments(link.position)
                codec = channel.codec
                frame = codec.join([*fragments, *map(codec.encode_message, told)])
            else:
                reached, frame = channel.frame(link.position, channel.view.now())
        except BaseException as error:  # a registered codec, or a log, may raise anything
            contain(error, "nothing can be sent to %r in %s", link.conn, channel.codec.name)
            self._break(link)
            return None
        if frame is None:
            link.move(reached)
            return None
        link.replies = left or ()
        link.give(reached)
        self._expecting.pop(link, None)
        return frame

    def _rest(self, link: Link) -> None:
        if link not in self._broken:
            link.rest()
            if link.replies:
                self._expecting[link] = None

    def _serve(self, link: Link, outgoing: dict[Connection, Sequence[Output]]) -> None:
        """Bring an idle connection to now, by itself."""
        frame = self._next(link)
        if frame is None:
            self._rest(link)
        else:
            outgoing[link.conn] = (frame,)

    def _break(self, link: Link) -> None:
        """Have a connection closed by the next flush: it cannot be told what happened."""
        link.part()
        self._expecting.pop(link, None)
        self._broken[link] = None
        self._wakeup.call()

    def _blame(self, link: Link, error: RemoteProtocolError) -> Sequence[Output]:
        """Close a connection that is at fault, and tell it why."""
        said = say(link.channel.codec, messages.error(error.code, shortened(error.message)))
        return (*said, *self._expel(link, closing(CODES[error.code], error.message)))

    def _expel(self, link: Link, close: Close) -> Sequence[Output]:
        """Close a connection: forget it, and give its last words."""
        if close is TOO_SLOW:
            log().warning("connection %s does not read what it is sent: closed", link.id)
        del self._links[link.conn]
        self._forget(link)
        return (close,)

    def _forget(self, link: Link) -> None:
        link.part()
        self._headcount.leave(link.channel.view.tenant, link.principal)
        self._expecting.pop(link, None)
        self._broken.pop(link, None)
        self._heartbeats[link.heartbeat] -= 1
        if not self._heartbeats[link.heartbeat]:
            del self._heartbeats[link.heartbeat]
        if self._channels.leave(link.channel):
            self._abandon(link.channel.view)
