"""What a connection sees: one session or several, each with a bound on what may be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from transports_core import cursor as cursors
from transports_core.errors import RemoteProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transports_core.access import Access
    from transports_core.codecs import Codec
    from transports_core.serving.feed import Feed
    from transports_core.serving.teller import Teller

Position: TypeAlias = tuple[int | None, ...] | None
"""Where a connection is in each feed of its view, by revision; `None` for a feed of which it was
shown nothing, and in place of all, where nothing that it shows can be built upon."""


class View:
    """What a connection sees. Connections that see the same share one view.

    Args:
        feeds: The sessions, each with the most that the connection may do there.
    """

    def __init__(self, feeds: Sequence[tuple[Feed, Access]]) -> None:
        self.feeds = tuple(feeds)
        # Nearly always there is one, and every flush asks several times.
        self._only = self.feeds[0][0].log if len(self.feeds) == 1 else None

    def now(self) -> Position:
        """Give the position of who has seen everything."""
        if self._only is not None:
            return (self._only.rev,)
        return tuple([feed.log.rev for feed, _ in self.feeds])

    def find(self, epoch: str) -> tuple[Feed, Access] | None:
        """Find the session that an epoch names; `None` if none of these is it."""
        for feed, access in self.feeds:
            if feed.session.epoch == epoch:
                return feed, access
        return None

    def position(self, since: str | None) -> Position:
        """Read a cursor.

        One that cannot be read, names a session that is not seen here, or is ahead of one that is,
        was given for something else: nothing can be built upon what its bearer shows.
        """
        if since is None:
            return None
        try:
            cursor = cursors.parse(since)
        except RemoteProtocolError:
            return None
        position: list[int | None] = []
        for feed, _ in self.feeds:
            rev = cursor.pop(feed.session.epoch, None)
            if rev is not None and rev > feed.log.rev:
                return None
            position.append(rev)
        return None if cursor else tuple(position)

    def cursor(self, position: Position) -> str:
        """Write a position as a cursor."""
        revs = position or (None,) * len(self.feeds)
        return cursors.format(
            {
                feed.session.epoch: rev
                for (feed, _), rev in zip(self.feeds, revs, strict=True)
                if rev is not None
            }
        )

    def tellers(self, codec: Codec, *, standard: bool) -> list[Teller]:
        """Give what tells of each session."""
        return [feed.teller(codec, access, standard=standard) for feed, access in self.feeds]

    def lower(self) -> Callable[[], None]:
        """Keep what is needed to say everything in operations of RFC 6902.

        Returns:
            A function that ends it, to be called once.
        """
        ends = [feed.lower() for feed, _ in self.feeds]

        def end() -> None:
            for each in ends:
                each()

        return end
