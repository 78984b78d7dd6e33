"""Connections that are sent the same bytes: grouped, so that a flush costs little for each.

Connections that see the same and read the same are of one channel. Those of them that are at the
same position form a group; an idle one is brought to now by a single frame, made once.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.codecs import Codec, Fragment, Frame
    from transports_core.connection import Connection, Output
    from transports_core.serving.view import Position, View

_logger = logging.getLogger(__name__)


class Group:
    """Connections at one position: all idle, or all busy with the frame that leads there.

    Attributes:
        position: Where they are, or will be.
        members: The connections, in the order in which they came.
        busy: Whether they were given something that is not sent yet.
        busy_since: When that was first noticed, by the clock of ticks; `None` before.
    """

    __slots__ = ("busy", "busy_since", "members", "position")

    def __init__(self, position: Position) -> None:
        self.position = position
        self.members: dict[Connection, None] = {}
        self.busy = False
        self.busy_since: float | None = None


class Channel:
    """Connections that see the same and read the same.

    Args:
        view: What they see.
        codec: What they read.
        standard: Whether they know the operations of RFC 6902 alone.

    Attributes:
        key: The three together.
        size: How many connections are of this channel.
    """

    def __init__(self, view: View, codec: Codec, *, standard: bool) -> None:
        self.key = (view, codec, standard)
        self.view = view
        self.codec = codec
        self.size = 0
        self._standard = standard
        self._lower_no_more = view.lower() if standard else None
        # The idle groups, and by position one that others may join.
        self._idle: dict[Group, None] = {}
        self._open: dict[Position, Group] = {}
        # The frames made since the sessions last moved, by the position that they start from.
        self._frames: dict[Position, Frame | None] = {}
        self._frames_lead_to: Position = None

    def release(self) -> None:
        """Let go of what is kept for this channel, which has no connections any more."""
        if self._lower_no_more is not None:
            self._lower_no_more()

    def join(self, conn: Connection, position: Position) -> Group:
        """Have an idle connection brought to now by the next flush."""
        group = self._open.get(position)
        if group is None:
            group = self._open[position] = Group(position)
            self._idle[group] = None
        group.members[conn] = None
        return group

    def leave(self, conn: Connection, group: Group) -> None:
        """Have a connection go its own way."""
        del group.members[conn]
        if not group.members and group in self._idle:
            self._shut(group)

    def flush(self, outgoing: dict[Connection, Sequence[Output]]) -> None:
        """Bring all idle groups to now, which makes busy those for whom there is a frame."""
        now = self.view.now()
        for group in list(self._idle):
            if group.position == now:
                continue
            try:
                reached, frame = self.frame(group.position)
            except Exception:  # a registered codec may raise anything: others must not notice
                _logger.exception("nothing can be sent in %s", self.codec.name)
                continue
            self._shut(group)
            group.position = reached
            if frame is None:
                self._idle[group] = None
                self._open.setdefault(reached, group)
            else:
                group.busy = True
                outgoing.update(dict.fromkeys(group.members, (frame,)))

    def _shut(self, group: Group) -> None:
        del self._idle[group]
        if self._open.get(group.position) is group:
            del self._open[group.position]

    def frame(self, position: Position) -> tuple[Position, Frame | None]:
        """Make the frame that leads from a position to now.

        Returns:
            Where it leads, and the frame; `None` if nothing happened that can be seen.
        """
        now = self.view.now()
        if now != self._frames_lead_to:
            self._frames = {}
            self._frames_lead_to = now
        if position not in self._frames:
            reached, fragments = self.fragments(position)
            if reached != now:
                # Another thread was quicker; the next one to ask will have this again.
                return reached, self._join(fragments)
            self._frames[position] = self._join(fragments)
        return now, self._frames[position]

    def fragments(self, position: Position) -> tuple[Position, list[Fragment]]:
        """Give the messages that lead from a position to now, for a frame with more in it."""
        return self.view.since(position, self.codec, standard=self._standard)

    def _join(self, fragments: Sequence[Fragment]) -> Frame | None:
        return self.codec.join(fragments) if fragments else None
