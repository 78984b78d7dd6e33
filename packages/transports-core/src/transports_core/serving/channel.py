"""Connections that are sent the same bytes: grouped, so that a flush costs little for each.

Connections that see the same and read the same are of one channel. Those of them that are at the
same position form a group; an idle one is brought to now by a single frame, made once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.containment import contain
from transports_core.encoded import LARGE
from transports_core.messages import reset
from transports_core.serving.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from transports_core.access import Rule
    from transports_core.codecs import Fragment, Frame
    from transports_core.connection import Connection, Output, SendToAll
    from transports_core.serving.feed import Feed
    from transports_core.serving.teller import Teller
    from transports_core.serving.terms import Terms
    from transports_core.serving.view import Position, View

    _Key: TypeAlias = tuple[Position, SendToAll | None]


class Given(list["Frame"]):
    """What the members of one group are given, and nobody else: the same object for all of them.

    Attributes:
        together: What sends it to all of them at once; `None` if each is sent to alone.
    """

    __slots__ = ("together",)

    def __init__(self, together: SendToAll | None = None) -> None:
        self.together = together


class Group:
    """Connections at one position: all idle, or all busy with the frame that leads there.

    They are sent to in the same way.

    A group is given one frame at a time. Whoever has sent it leaves, one by one, or all are idle
    again together.

    Attributes:
        position: Where they are, or will be.
        outputs: What they are given: nothing while they are idle, then the frame.
        frames: How many frames they were given, and sent together.
        members: The connections, in the order in which they came, each with `outputs`: so that all
            of them are given the frame at once, by putting it there.
        busy_since: When it was first noticed that they are busy, by the clock of ticks; `None`
            before.
    """

    __slots__ = ("busy_since", "frames", "members", "outputs", "position")

    def __init__(self, position: Position, together: SendToAll | None = None) -> None:
        self.position = position
        self.outputs = Given(together)
        self.members: dict[Connection, Given] = {}
        self.frames = 0
        self.busy_since: float | None = None

    @property
    def busy(self) -> bool:
        """Tell whether they were given something that is not sent yet."""
        return bool(self.outputs)

    @property
    def key(self) -> _Key:
        """Give what those have in common who may be of one group."""
        return self.position, self.outputs.together

    def settle(self) -> None:
        """Be idle: all have sent what they were given."""
        self.frames += 1
        self.busy_since = None
        self.outputs = Given(self.outputs.together)
        self.members = dict.fromkeys(self.members, self.outputs)


class Channel:
    """Connections that see the same, may do the same, and read the same.

    Args:
        view: What they see.
        terms: What they read.
        denied: The rules of models that do not let them write.

    Attributes:
        view: The same.
        terms: The same.
        denied: The same.
        rules: All rules that there were when they were asked.
        size: How many connections are of this channel.
    """

    def __init__(self, view: View, terms: Terms, denied: frozenset[Rule] = frozenset()) -> None:
        self.view = view
        self.terms = terms
        self.denied = denied
        self.rules = view.rules
        self.codec = terms.codec
        self.size = 0
        # The feeds that it tells of, and what ends their being lowered.
        self._feeds: tuple[Feed, ...] = ()
        self._lowered: dict[Feed, Callable[[], None]] = {}
        self._tellers: list[Teller] = []
        self._follow(view.feeds)
        # The idle groups, and those of them that others may join.
        self._idle: dict[Group, None] = {}
        self._open: dict[_Key, Group] = {}
        # The frames made since the sessions last moved, by the position that they start from.
        self._frames: Recent[Position, Frame | None] = Recent()
        # What begins each frame that shows everything.
        self._reset: Fragment | None = None

    def release(self) -> None:
        """Let go of what is kept for this channel, which has no connections any more."""
        self._follow(())

    def _follow(self, feeds: tuple[Feed, ...]) -> None:
        """Tell of these feeds from now on."""
        for feed in frozenset(self._feeds).difference(feeds):
            del feed.channels[self]
            if feed in self._lowered:
                self._lowered.pop(feed)()
        for feed in frozenset(feeds).difference(self._feeds):
            feed.channels[self] = None
            if self.terms.standard:
                self._lowered[feed] = feed.session.lower()
        self._feeds = feeds
        # What may be done there may have changed as well.
        self._tellers = self.view.tellers(
            self.codec, standard=self.terms.standard, denied=self.denied
        )

    def join(
        self, conn: Connection, position: Position, together: SendToAll | None = None
    ) -> Group:
        """Have an idle connection brought to now by the next flush.

        Args:
            conn: The connection.
            position: Where it is.
            together: What sends to it and to others at once, if anything does.
        """
        group = self._open.get((position, together))
        if group is None:
            group = self._open[position, together] = Group(position, together)
            self._idle[group] = None
        group.members[conn] = group.outputs
        return group

    def leave(self, conn: Connection, group: Group) -> None:
        """Have a connection go its own way."""
        del group.members[conn]
        if not group.members and group in self._idle:
            self._shut(group)

    def settle(self, group: Group) -> list[Connection]:
        """Have a group be idle, all of which has sent what it was given.

        Returns:
            Those who are to join anew: there are two groups at one position, and they are of the
            smaller one.
        """
        group.settle()
        self._idle[group] = None
        other = self._open.setdefault(group.key, group)
        if other is group:
            return []
        small, large = sorted((group, other), key=lambda group: len(group.members))
        self._open[group.key] = large
        return list(small.members)

    def flush(self, outgoing: dict[Connection, Sequence[Output]]) -> list[Connection]:
        """Bring all idle groups to now, which makes busy those for whom there is a frame.

        Returns:
            The connections for which none could be made.
        """
        failed: list[Connection] = []
        if not self._idle:
            return failed
        now = self.view.now()
        for group in tuple(self._idle):
            if group.position == now:
                continue
            try:
                reached, frame = self.frame(group.position, now)
            except BaseException as error:  # a registered codec, or a log, may raise anything
                count = len(group.members)
                contain(error, "%d connections cannot be sent to in %s", count, self.codec.name)
                failed += group.members
                continue
            self._shut(group)
            group.position = reached
            if frame is None:
                self._idle[group] = None
                self._open.setdefault(group.key, group)
            else:
                group.outputs.append(frame)
                outgoing.update(group.members)
        return failed

    def _shut(self, group: Group) -> None:
        del self._idle[group]
        key = group.key
        if self._open.get(key) is group:
            del self._open[key]

    def frame(self, position: Position, now: Position) -> tuple[Position, Frame | None]:
        """Make the frame that leads from a position to now, under the lock of tracking.

        Args:
            position: The one.
            now: The other, as the view said a moment ago.

        Returns:
            Where it leads, and the frame; `None` if nothing happened that can be seen.
        """
        recent = self._frames
        if recent.now == now and position in recent.made:
            return now, recent.made[position]
        reached, fragments = self.fragments(position)
        frame = self.codec.join(fragments) if fragments else None
        if reached == now:
            recent.add(now, position, frame, 0 if frame is None else len(frame))
        return reached, frame

    def opening(self, hello: Fragment, since: str | None) -> tuple[Position, list[Frame]]:
        """Make the frames that begin a connection, under the lock of tracking.

        Args:
            hello: What greets it.
            since: The cursor that it brought; `None` for none.

        Returns:
            Where they lead, and the frames.
        """
        reached, fragments = self.fragments(self.view.position(since))
        if since is None and sum(map(len, fragments)) > LARGE:
            # What shows everything is the same text for all, made once, and in memory once.
            _, shared = self.frame(None, reached)
            if shared is not None:
                return reached, [self.codec.join([hello]), shared]
        # In one frame, so that whoever is greeted knows what became of its cursor.
        return reached, [self.codec.join([hello, *fragments])]

    def fragments(self, position: Position) -> tuple[Position, Sequence[Fragment]]:
        """Give the messages that lead from a position to now, for a frame with more in it.

        To be called under the lock of tracking: what is revoked meanwhile is not told of later.
        """
        revs = self.view.since(position)
        feeds = self.view.feeds
        if feeds is not self._feeds:
            self._follow(feeds)
        if revs is not None and len(feeds) == 1:
            now, told = self._tellers[0].since(revs[0])
            return (feeds, (now,)), told
        fragments: list[Fragment] = []
        if revs is None:
            if self._reset is None:
                self._reset = self.codec.encode_message(reset())
            fragments.append(self._reset)
        reached: list[int] = []
        for teller, rev in zip(self._tellers, revs or (None,) * len(feeds), strict=True):
            now, told = teller.since(rev)
            reached.append(now)
            fragments += told
        return (feeds, tuple(reached)), fragments
