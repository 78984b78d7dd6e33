"""One session as connections see it: what happened, as encoded messages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from transports_core import messages
from transports_core.access import WRITE, Access
from transports_core.codecs import WholeMessage
from transports_core.encoded import EncodedJson
from transports_core.errors import UnrepresentableError
from transports_core.log import Kind
from transports_core.serving.dialect import operations
from transports_core.tracking import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transports_core.codecs import Codec, Fragment
    from transports_core.log import Entry
    from transports_core.messages import Message
    from transports_core.session.hosted import Hosted
    from transports_core.session.session import Session

# What a snapshot takes beside its value, about.
_ENVELOPE: Final = 120

_logger = logging.getLogger(__name__)


class Feed:
    """Answers what happened in a session after a revision, in messages encoded once for all.

    Args:
        session: The session.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        # What was answered, by question; forgotten when the session moves on.
        self._answers: dict[tuple[int | None, Codec, bool, Access], list[Fragment]] = {}
        self._answered_at = 0
        # The snapshots of each model, with the revision of the model that they show.
        self._snapshots: dict[int, tuple[int, dict[tuple[Codec, Access], Fragment]]] = {}

    def since(
        self, rev: int | None, codec: Codec, access: Access, *, standard: bool
    ) -> tuple[int, Sequence[Fragment]]:
        """Tell what happened after a revision.

        Args:
            rev: The revision, which is not ahead of the session's; `None` for before everything.
            codec: What to encode it in.
            access: The most that those who ask may do.
            standard: Whether to say it in operations of RFC 6902 alone.

        Returns:
            The revision that this leads to, and the messages, all of which belong in one frame.
        """
        with lock:
            now = self.session.rev
            if now != self._answered_at:
                self._answers.clear()
                self._answered_at = now
            question = (rev, codec, standard, access)
            answer = self._answers.get(question)
            if answer is None:
                said = _Said(self, codec, access, standard=standard)
                said.answer(rev)
                answer = self._answers[question] = said.fragments
            return now, answer

    def find(self, id: int) -> Hosted | None:
        """Find a model that connections can see; `None` if there is none."""
        with lock:
            return self.session.committed.get(id)

    def lower(self) -> Callable[[], None]:
        """Keep what is needed to say everything in operations of RFC 6902.

        Returns:
            A function that ends it, to be called once.
        """
        return self.session.lower()

    def snapshots(self, hosted: Hosted) -> dict[tuple[Codec, Access], Fragment]:
        """Give the cache for the snapshots of a model as it is now."""
        rev, cache = self._snapshots.get(hosted.id, (0, {}))
        if rev != hosted.rev:
            cache = {}
            self._snapshots[hosted.id] = (hosted.rev, cache)
        return cache

    def forget(self, id: int, rev: int | None = None) -> None:
        """Drop the snapshots of a model but those at a revision, to keep no memory for them."""
        cached = self._snapshots.get(id)
        if cached is not None and cached[0] != rev:
            del self._snapshots[id]


class _Said:
    """One answer in the making."""

    def __init__(self, feed: Feed, codec: Codec, access: Access, *, standard: bool) -> None:
        self.fragments: list[Fragment] = []
        self._feed = feed
        self._session = feed.session
        self._models = feed.session.committed
        self._codec = codec
        self._access = access
        self._standard = standard

    def answer(self, rev: int | None) -> None:
        if rev is None:
            for hosted in self._models.values():
                self._add(self._snapshot(hosted))
            return
        entries = self._session.since(rev)
        if entries is None:
            self._start_over(rev)
        elif len(entries) == 1:
            self._tell(entries[0].id, entries)
        else:
            stories: dict[int, list[Entry]] = {}
            for entry in entries:
                stories.setdefault(entry.id, []).append(entry)
            for id, story in stories.items():
                self._tell(id, story)

    def _start_over(self, rev: int) -> None:
        """Show the models anew of which nobody can tell any more what happened to them."""
        keep = [
            hosted.id
            for hosted in self._models.values()
            if hosted.rev <= rev and hosted.access_rev <= rev
        ]
        self._add(self._encode(messages.reset(self._session.epoch, keep)))
        for hosted in self._models.values():
            if hosted.rev > rev or hosted.access_rev > rev:
                self._add(self._snapshot(hosted))

    def _tell(self, id: int, story: Sequence[Entry]) -> None:
        """Tell what happened to one model."""
        hosted = self._models.get(id)
        came = story[0].kind is Kind.HOST
        if hosted is None:
            self._feed.forget(id)
            if not came:
                rev = story[-1].rev
                self._add(self._encode(messages.remove(id, self._session.epoch, rev)))
            return
        if came or (self._access is WRITE and any(e.kind is Kind.ACCESS for e in story)):
            self._add(self._snapshot(hosted))
            return
        changes = [entry for entry in story if entry.kind is Kind.PATCH]
        if changes:
            self._add(self._shorter(hosted, changes))

    def _shorter(self, hosted: Hosted, changes: Sequence[Entry]) -> Fragment | None:
        """Encode a patch, or a snapshot where that is shorter or the patch cannot be had."""
        patch = self._patch(hosted, changes)
        if patch is None:
            return self._snapshot(hosted)
        # What just happened is said as it did: only in catching up a snapshot may be better.
        if len(changes) > 1 and _length(patch) > hosted.size + _ENVELOPE:
            snapshot = self._snapshot(hosted)
            if snapshot is not None and _length(snapshot) < _length(patch):
                return snapshot
        return patch

    def _patch(self, hosted: Hosted, changes: Sequence[Entry]) -> Fragment | None:
        ops = operations(changes, standard=self._standard, lengths=hosted.lengths)
        if ops is None:
            return None
        self._feed.forget(hosted.id, hosted.rev)
        return self._encode(messages.patch(hosted.id, changes[0].base, changes[-1].rev, ops))

    def _snapshot(self, hosted: Hosted) -> Fragment | None:
        access = self._access & (hosted.access or WRITE)
        cache = self._feed.snapshots(hosted)
        fragment = cache.get((self._codec, access))
        if fragment is None:
            fragment = self._encode_snapshot(hosted, access)
            if fragment is not None:
                cache[self._codec, access] = fragment
        return fragment

    def _encode_snapshot(self, hosted: Hosted, access: Access) -> Fragment | None:
        try:
            value = EncodedJson(hosted.encoded())
        except UnrepresentableError:
            # It was lost sight of, and fails: it is reported by the collection that is due.
            return None
        name, epoch = hosted.root.type_name, self._session.epoch
        return self._encode(
            messages.snapshot(hosted.id, name, epoch, hosted.rev, value, access.value)
        )

    def _add(self, fragment: Fragment | None) -> None:
        if fragment is not None:
            self.fragments.append(fragment)

    def _encode(self, message: Message) -> Fragment | None:
        try:
            return self._codec.encode_message(message)
        except Exception:  # one model must not keep the others from being sent
            _logger.exception("a %s cannot be encoded in %s", message["t"], self._codec.name)
            return None


def _length(fragment: Fragment) -> int:
    return len(fragment.frame if isinstance(fragment, WholeMessage) else fragment)
