"""What a connection sees: a session, and the models of others that are granted to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from transports_core import cursor as cursors
from transports_core.access import READ, WRITE, Access, verdict
from transports_core.errors import RemoteProtocolError
from transports_core.tracking import lock

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from transports_core.access import Rule
    from transports_core.codecs import Codec
    from transports_core.serving.feed import Feed, Feeds
    from transports_core.serving.teller import Teller
    from transports_core.session.hosted import Hosted
    from transports_core.session.session import Session

Position: TypeAlias = "tuple[tuple[Feed, ...], tuple[int, ...]] | None"
"""Where a connection is: the feeds of which it was shown something, its own session's first, and
its revision in each. `None` where nothing that it shows can be built upon."""


class View:
    """What a connection sees. Connections that see the same share one view.

    Args:
        feeds: Where feeds come from.
        session: The session.
        bound: The most that a connection may do.
        tenant: Whose session it is; `None` where there is only one.

    Attributes:
        tenant: The same.
        home: The feed of the session.
        size: How many connections see this.
    """

    def __init__(
        self, feeds: Feeds, session: Session, bound: Access, tenant: Hashable = None
    ) -> None:
        self.tenant = tenant
        self.home = feeds.of(session)
        self.size = 0
        self._all = feeds
        self._bound = bound
        self._grants = session.grants
        # As of a revision of the grants: the feeds that are seen, what may be done in each, and
        # the revision of the session at which that began.
        self._looked_at = 0
        self._feeds = (self.home,)
        self._bounds = [bound]
        self._begun = [0]

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """The feeds that are seen, that of the own session first: the same until that changes."""
        if self._looked_at != self._grants.rev:
            self._look()
        return self._feeds

    def _look(self) -> None:
        with lock:
            grants = self._grants
            granted = list(grants.held.values())
            self._looked_at = grants.rev
            self._feeds = (self.home, *(self._all.of(grant.session) for grant in granted))
            self._bounds = [self._bound, *(self._bound & grant.access for grant in granted)]
            # Who may only look notices no change of what others may do.
            may_write = self._bound is WRITE
            self._begun = [0, *(grant.rev if may_write else grant.begun for grant in granted)]

    def now(self) -> Position:
        """Give the position of who has seen everything."""
        # As `feeds` does: a call less, which every flush makes several times.
        if self._looked_at != self._grants.rev:
            self._look()
        feeds = self._feeds
        if len(feeds) == 1:
            return feeds, (self.home.log.rev,)
        return feeds, tuple([feed.log.rev for feed in feeds])

    def since(self, position: Position) -> Sequence[int | None] | None:
        """Tell from where on each of the feeds has to be told to who is at a position.

        To be called under the lock of tracking.

        Returns:
            A revision for each; `None` in the place of one to begin with. `None` for all if nobody
            can tell what was granted to whoever is there.
        """
        if position is None:
            return None
        known, revs = position
        feeds = self._feeds if self._looked_at == self._grants.rev else self.feeds
        home = revs[0]
        if known is feeds and self._looked_at <= home:
            return revs
        if home < self._looked_at and home < self.home.log.floor:
            return None
        shown = dict(zip(known, revs, strict=True))
        granted = zip(feeds[1:], self._begun[1:], strict=True)
        return [home, *(None if home < begun else shown.get(feed) for feed, begun in granted)]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of who may write what is seen."""
        feeds = self._feeds if self._looked_at == self._grants.rev else self.feeds
        if len(feeds) == 1:
            return self.home.bounds.rules
        return tuple([rule for feed in feeds for rule in feed.bounds.rules])

    def denied(self, principal: Hashable) -> frozenset[Rule]:
        """Give those of the rules that allow a principal less than the view does."""
        if self._bound is READ:
            return frozenset()
        return frozenset(rule for rule in self.rules if verdict(rule, principal) is READ)

    def find(self, id: int, principal: Hashable) -> tuple[Feed, Hosted, Access] | None:
        """Find a model that is seen.

        Args:
            id: The model's id.
            principal: Who asks.

        Returns:
            Its feed, the model, and what may be done with it; `None` if none is seen.
        """
        with lock:
            feeds = self._feeds if self._looked_at == self._grants.rev else self.feeds
            for feed, bound in zip(feeds, self._bounds, strict=True):
                hosted = feed.committed.get(id)
                if hosted is not None:
                    rule = hosted.access
                    access = bound if rule is None else bound & verdict(rule, principal)
                    return feed, hosted, access
        return None

    def feed_of(self, epoch: str) -> Feed | None:
        """Find the session that an epoch names; `None` if none of these is it."""
        feeds = self._feeds if self._looked_at == self._grants.rev else self.feeds
        for feed in feeds:
            if feed.epoch == epoch:
                return feed
        return None

    def position(self, since: str | None) -> Position:
        """Read a cursor.

        One that cannot be read, names a session that was never seen here, or is ahead of one that
        is, was given for something else: nothing can be built upon what its bearer shows. One that
        does not name the own session does not tell what was granted.
        """
        if since is None:
            return None
        try:
            cursor = cursors.parse(since)
        except RemoteProtocolError:
            return None
        shown: list[tuple[Feed, int]] = []
        with lock:
            for feed in self.feeds:
                rev = cursor.pop(feed.epoch, None)
                if rev is not None and rev <= feed.log.rev:
                    shown.append((feed, rev))
                elif rev is not None or feed is self.home:
                    return None
            if not cursor.keys() <= self._grants.past.keys():
                return None
        return tuple(feed for feed, _ in shown), tuple(rev for _, rev in shown)

    def cursor(self, position: Position) -> str:
        """Write a position as a cursor."""
        if position is None:
            return ""
        return cursors.format({feed.epoch: rev for feed, rev in zip(*position, strict=True)})

    def tellers(
        self, codec: Codec, *, standard: bool, denied: frozenset[Rule] = frozenset()
    ) -> list[Teller]:
        """Give what tells of each of the feeds those whom these rules deny."""
        return [
            feed.teller(codec, bound, standard=standard, denied=denied)
            for feed, bound in zip(self.feeds, self._bounds, strict=True)
        ]
