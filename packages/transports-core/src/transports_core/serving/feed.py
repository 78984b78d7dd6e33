"""Sessions as connections see them, and which of them something happened in."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakValueDictionary

from transports_core.containment import contain
from transports_core.serving.teller import Teller
from transports_core.tracking import lock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transports_core.access import Access, Rule
    from transports_core.codecs import Codec
    from transports_core.serving.channel import Channel
    from transports_core.serving.wakeup import Wakeup
    from transports_core.session.session import Session

    _Terms: TypeAlias = tuple[Codec, Access, bool, frozenset[Rule]]


class Feed:
    """Where connections hear of a session. Those of them that are told the same share a teller.

    Args:
        session: The session.
        feeds: Whom to tell that something happened in it.
        answers: How many answers to proposals it is to remember at least.

    Attributes:
        session: The same.
        epoch: The epoch of the session.
        log: Its log.
        committed: Its models as committed, by id. To be used under the lock of tracking.
        bounds: Its rules.
        channels: Those that tell of it.
    """

    def __init__(self, session: Session, feeds: Feeds, answers: int) -> None:
        self.session = session
        self.epoch = session.epoch
        self.log = session.log
        self.committed = session.committed
        self.bounds = session.bounds
        session.answers.keep(answers)
        self.channels: dict[Channel, None] = {}
        self._feeds = feeds
        self._tellers: dict[tuple[Codec, Access, bool], Teller] = {}
        # Those for whom rules deny something: they last as long as somebody is told by them.
        self._others: WeakValueDictionary[_Terms, Teller] = WeakValueDictionary()
        # The session may outlive this.
        weakly = weakref.ref(self)

        def wake() -> None:
            feed = weakly()
            if feed is not None:
                feed._feeds.note(feed)

        weakref.finalize(self, session.on_wake(wake)).atexit = False

    def move(self) -> None:
        """Say that something happened in the session. To be called under the lock of tracking."""
        self._feeds.note(self)

    def teller(
        self,
        codec: Codec,
        access: Access,
        *,
        standard: bool,
        denied: frozenset[Rule] = frozenset(),
    ) -> Teller:
        """Give what tells of the session.

        Args:
            codec: What to encode messages in.
            access: The most that those who are told may do.
            standard: Whether to use operations of RFC 6902 alone.
            denied: The rules of models that do not let them write.
        """
        if denied:
            terms = (codec, access, standard, denied)
            other = self._others.get(terms)
            if other is None:
                other = Teller(self.session, codec, access, standard=standard, denied=denied)
                self._others[terms] = other
            return other
        key = (codec, access, standard)
        teller = self._tellers.get(key)
        if teller is None:
            teller = self._tellers[key] = Teller(self.session, codec, access, standard=standard)
        return teller


class Feeds:
    """The feeds of a server, and those of them that something happened in.

    A feed lasts as long as somebody refers to it.

    Args:
        wakeup: What to call when something happens.
        answers: How many answers to proposals to remember for each session.
    """

    def __init__(self, wakeup: Wakeup, answers: int) -> None:
        self._wakeup = wakeup
        self._answers = answers
        self._feeds: WeakValueDictionary[Session, Feed] = WeakValueDictionary()
        # Guarded by the lock of tracking, under which sessions wake.
        self._moved: dict[Feed, None] = {}

    def of(self, session: Session) -> Feed:
        """Give the feed of a session."""
        with lock:
            feed = self._feeds.get(session)
            if feed is None:
                feed = self._feeds[session] = Feed(session, self, self._answers)
            return feed

    def note(self, feed: Feed) -> None:
        """Hear that something happened in a session. To be called under the lock of tracking."""
        self._moved[feed] = None
        if not self._wakeup.called:
            self._wakeup.call()

    def forget(self, feed: Feed) -> None:
        """Take note that nothing is to be looked at in a session any more."""
        with lock:
            self._moved.pop(feed, None)

    @property
    def any(self) -> bool:
        """Whether something happened anywhere since this was asked last."""
        return bool(self._moved)

    def drain(self, feeds: Iterable[Feed]) -> None:
        """Commit what happened. Sessions that cannot do that are noted, to be tried again."""
        waiting: dict[Feed, None] = {}
        queue = list(feeds)[::-1]
        try:
            while queue:
                try:
                    well = queue[-1].session.advance()
                except Exception as error:  # whatever is wrong with one session, the others go on
                    contain(error, "a session cannot be drained")
                    well = False
                if not well:
                    waiting[queue[-1]] = None
                queue.pop()
        finally:
            if waiting or queue:
                with lock:
                    self._moved.update(waiting)
                    self._moved.update(dict.fromkeys(queue))

    def take(self) -> Iterable[Feed]:
        """Commit what happened, and give the feeds that it did in since this was asked last."""
        with lock:
            moved, self._moved = self._moved, {}
        self.drain(moved)
        return moved
