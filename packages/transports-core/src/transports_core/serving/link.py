"""What a server knows of one open connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from transports_core.connection import Connection, SendToAll
    from transports_core.serving.channel import Channel, Group
    from transports_core.serving.view import Position
    from transports_core.session import Origin
    from transports_core.session.answers import Answer


class Link:
    """One open connection.

    It is in a group of its channel as long as it gets what everybody there gets. On its own it has
    its own position, and is busy or idle by itself.

    Args:
        conn: Its handle.
        id: What its `hello` calls it.
        channel: What it sees and reads.
        principal: Who it is.
        heartbeat: Seconds of silence after which it is sent a `ping`; 0 for never.

    Attributes:
        origin: Who it is, for whoever is told of its edits; `None` before its first one.
        busy_since: When a tick first noticed that it is busy, where it is in no group; `None`
            before.
        together: What sends to it and to others at once; `None` if it is sent to alone.
        replies: Answers that it was not given yet.
        waiting: Whether it asked for a `resync` that has to wait for its time. Until then it is
            given nothing, for it would ignore that.
        proposals_left: How many more proposals it may send before the next tick.
        resynced: When it was last answered a `resync`; `None` for never.
    """

    __slots__ = (
        "_busy",
        "_frames",
        "_group",
        "_position",
        "_quiet_since",
        "busy_since",
        "channel",
        "conn",
        "heartbeat",
        "id",
        "origin",
        "principal",
        "proposals_left",
        "replies",
        "resynced",
        "together",
        "waiting",
    )

    def __init__(
        self,
        conn: Connection,
        id: str,
        channel: Channel,
        principal: Hashable,
        heartbeat: float,
    ) -> None:
        self.conn = conn
        self.id = id
        self.channel = channel
        self.principal = principal
        self.heartbeat = heartbeat
        self.origin: Origin | None = None
        self.together: SendToAll | None = None
        # Most never propose anything, and a list takes memory.
        self.replies: list[Answer] | tuple[()] = ()
        self.waiting = False
        self.proposals_left = 0.0
        self.resynced: float | None = None
        self._group: Group | None = None
        # How many frames the group had sent together when that was looked at last.
        self._frames = 0
        self._position: Position = None
        self._busy = True
        self.busy_since: float | None = None
        self._quiet_since: float | None = None

    @property
    def group(self) -> Group | None:
        """Give the group that it is in, if any."""
        return self._group

    @property
    def busy(self) -> bool:
        """Tell whether it was given something that is not sent yet."""
        return self._busy if self._group is None else bool(self._group.outputs)

    @property
    def position(self) -> Position:
        """Give where it is, or will be once it has applied what it was given."""
        return self._position if self._group is None else self._group.position

    @property
    def current(self) -> bool:
        """Tell whether there is nothing that it could be given."""
        if self.waiting:
            return True
        return not self.replies and self.position == self.channel.view.now()

    def attach(self, together: SendToAll | None) -> None:
        """Be sent to in a certain way from now on."""
        idle = self._group is not None and not self._group.busy
        self.part()
        self.together = together
        if idle:
            self.rest()

    def part(self) -> None:
        """Leave the group, and be where that was."""
        group = self._group
        if group is not None:
            self._position = group.position
            self._busy = bool(group.outputs)
            self.busy_since = group.busy_since
            self._group = None
            self.channel.leave(self.conn, group)

    def reply(self, answer: Answer) -> None:
        """Be given an answer, as soon as it is ready."""
        if self.replies:
            self.replies.append(answer)
        else:
            self.replies = [answer]

    def move(self, position: Position) -> None:
        """Be further on, as nothing happened in between that can be seen."""
        self.part()
        self._position = position

    def void(self) -> None:
        """Be at no position: nothing that it shows can be built upon."""
        self.move(None)

    def give(self, position: Position) -> None:
        """Be given a frame that leads to a position: busy until it is sent."""
        self.part()
        self._position = position
        self._busy = True
        self.busy_since = None

    def settle(self) -> bool:
        """Be idle, if it was sent all that it was given, and nothing happened since.

        Nearly every frame ends so, for each connection: hence in one step. It is for one that has
        nothing to wait for.

        Returns:
            Whether that is so; if not, nothing has changed.
        """
        group = self._group
        position = self._position if group is None else group.position
        if position != self.channel.view.now():
            return False
        if group is None:
            self._busy = False
            # The group has it: one for all, where each would keep its own.
            self._position = None
        elif group.outputs:
            del group.members[self.conn]
        else:
            return True
        self._quiet_since = None
        self._join(position)
        return True

    def rest(self) -> None:
        """Be idle. Who has nothing to wait for is in a group from now on."""
        if self.busy:
            # What was just sent was the last sign of life.
            self._quiet_since = None
        elif self._group is not None:
            return
        self.part()
        self._busy = False
        if not self.replies and not self.waiting:
            self._join(self._position)
            self._position = None  # as in `settle`

    def _join(self, position: Position) -> None:
        group = self._group = self.channel.join(self.conn, position, self.together)
        self._frames = group.frames

    def stuck(self, now: float, timeout: float) -> bool:
        """Tell whether it has been busy for this long, as far as ticks can tell."""
        if not self.busy:
            return False
        whose = self if self._group is None else self._group
        if whose.busy_since is None:
            whose.busy_since = now
        return now - whose.busy_since >= timeout

    def silent(self, now: float, margin: float) -> bool:
        """Tell whether it will have heard nothing for its heartbeat in this many seconds."""
        if self.busy or not self.heartbeat:
            return False
        if self._group is not None and self._group.frames != self._frames:
            self._frames = self._group.frames
            self._quiet_since = None
        if self._quiet_since is None:
            self._quiet_since = now
        return now + margin > self._quiet_since + self.heartbeat
