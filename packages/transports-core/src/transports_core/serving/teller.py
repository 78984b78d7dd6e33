"""What happened in a session, told in encoded messages, once for all who ask."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from transports_core import messages
from transports_core.access import READ, WRITE, Access
from transports_core.containment import contain
from transports_core.errors import UnrepresentableError
from transports_core.log import Kind
from transports_core.serving.dialect import operations
from transports_core.serving.recent import Recent
from transports_core.session.grants import GrantEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from transports_core.access import Rule
    from transports_core.codecs import Codec, Fragment
    from transports_core.log import Entry
    from transports_core.message_types import Message
    from transports_core.session.hosted import Hosted
    from transports_core.session.session import Session

# What a snapshot takes beside its value, about.
_ENVELOPE: Final = 120
_NONE: Final[Mapping[int, GrantEntry]] = MappingProxyType({})


class Teller:
    """Tells what happened in a session, in one codec, to those who may do the same.

    Args:
        session: The session.
        codec: What to encode messages in.
        access: The most that those who are told may do.
        standard: Whether to use operations of RFC 6902 alone.
        denied: The rules of models that do not let them write.
    """

    def __init__(
        self,
        session: Session,
        codec: Codec,
        access: Access,
        *,
        standard: bool,
        denied: frozenset[Rule] = frozenset(),
    ) -> None:
        self._session = session
        self._log = session.log
        self._models = session.committed
        self._codec = codec
        self._access = access
        self._standard = standard
        self._denied = denied
        # What was told since each revision, until the session moves on.
        self._told: Recent[int | None, list[Fragment]] = Recent()
        # The snapshot of each model, with what it shows: a revision, and what may be done.
        self._snapshots: dict[int, tuple[int, Access, Fragment]] = {}
        # Models that could not be encoded, with the revision at which that was last so: whoever is
        # no further may lack something of it, and is sent a snapshot as soon as one can be made.
        self._missed: dict[int, int] = {}
        # What kinds of messages of which models it was that could not be encoded: reported once.
        self._failing: set[tuple[int, str]] = set()

    def since(self, rev: int | None) -> tuple[int, Sequence[Fragment]]:
        """Tell what happened after a revision. To be called under the lock of tracking.

        Args:
            rev: The revision, which is not ahead of the session's; `None` for before everything.

        Returns:
            The revision that this leads to, and the messages, all of which belong in one frame.
        """
        now = self._log.rev
        if now == rev:
            return now, ()
        recent = self._told
        if recent.now == now and rev in recent.made:
            return now, recent.made[rev]
        told = self._tell(rev)
        recent.add(now, rev, told, sum(map(len, told)))
        return now, told

    def _tell(self, rev: int | None) -> list[Fragment]:
        if rev is None:
            return _those([*map(self._snapshot, self._models.values()), *self._tell_of_grants()])
        entries = self._log.since(rev)
        if entries is None:
            return _those([*self._start_over(rev), *self._tell_of_grants()])
        if len(entries) == 1 and entries[0].kind is Kind.PATCH and not self._missed:
            # Nearly always: one change of one model, told to those who saw the one before.
            hosted = self._models.get(entries[0].id)
            if hosted is not None:
                fragment = self._catch_up(hosted, entries)
                return [] if fragment is None else [fragment]
        stories: dict[int, list[Entry]] = {}
        granted: dict[int, GrantEntry] = {}
        for entry in entries:
            if isinstance(entry, GrantEntry):
                granted[entry.id] = entry
            else:
                stories.setdefault(entry.id, []).append(entry)
        lacking = [id for id in self._missed if self._may_lack(id, rev) and id in self._models]
        for id in lacking:
            stories.pop(id, None)
        told = [self._tell_of(id, story) for id, story in stories.items()]
        told += [self._snapshot(self._models[id]) for id in lacking]
        return _those([*told, *self._tell_of_grants(granted)] if granted else told)

    def _tell_of_grants(self, granted: Mapping[int, GrantEntry] = _NONE) -> list[Fragment | None]:
        """Tell what is granted no longer, and that all that happened to grants is known.

        What is granted is told by whoever tells of its session. No message of theirs is of the
        epoch in which it was granted. So the model is said to be none of this session's, as of
        that revision: a mirror that hears of it has got so far, and need not be told again.
        """
        told: list[Fragment | None] = [
            self._codec.encode_message(messages.remove(id, entry.epoch, entry.shown, last=True))
            for id, entry in granted.items()
            if entry.kind is Kind.REVOKE
        ]
        grants = self._session.grants
        if grants.rev:
            last = messages.remove(grants.last, self._session.epoch, grants.rev)
            told.append(self._codec.encode_message(last))
        return told

    def _may_lack(self, id: int, rev: int) -> bool:
        """Tell whether who has got so far may not have been sent all of a model."""
        return rev <= self._missed.get(id, -1)

    def _start_over(self, rev: int) -> list[Fragment | None]:
        """Show those models anew of which nobody can tell any more what happened to them."""
        keep: list[int] = []
        anew: list[Hosted] = []
        for hosted in self._models.values():
            unchanged = hosted.rev <= rev and hosted.access_rev <= rev
            if unchanged and not self._may_lack(hosted.id, rev):
                keep.append(hosted.id)
            else:
                anew.append(hosted)
        reset = self._codec.encode_message(messages.reset(self._session.epoch, keep))
        return [reset, *map(self._snapshot, anew)]

    def _tell_of(self, id: int, story: Sequence[Entry]) -> Fragment | None:
        """Tell what happened to one model, if that can be seen."""
        hosted = self._models.get(id)
        if hosted is None:
            self._snapshots.pop(id, None)
            self._missed.pop(id, None)
            self._failing.difference_update(((id, "patch"), (id, "snapshot")))
            if story[0].kind is Kind.HOST:
                return None
            gone = messages.remove(id, self._session.epoch, story[-1].rev)
            return self._codec.encode_message(gone)
        changes = [entry for entry in story if entry.kind is Kind.PATCH]
        if len(changes) != len(story) and (story[0].kind is Kind.HOST or self._access is WRITE):
            # It came, or what may be done with it changed.
            return self._snapshot(hosted)
        return self._catch_up(hosted, changes) if changes else None

    def _catch_up(self, hosted: Hosted, changes: Sequence[Entry]) -> Fragment | None:
        """Encode a patch, or a snapshot where that is shorter or no patch can be had."""
        id = hosted.id
        if id in self._snapshots and self._snapshots[id][0] != hosted.rev:
            # Nobody can use it any more, so no memory is kept for it.
            del self._snapshots[id]
        if len(changes) == 1 and not self._standard:
            ops = changes[0].ops
        else:
            ops = operations(changes, hosted, standard=self._standard)
        if ops is None:
            return self._snapshot(hosted)
        patch = self._encode(id, messages.patch(id, changes[0].base, changes[-1].rev, ops))
        if patch is None:
            return self._snapshot(hosted)
        # What just happened is told as it did: a snapshot is for those who missed a lot.
        if len(changes) > 1 and len(patch) > hosted.size + _ENVELOPE:
            snapshot = self._snapshot(hosted)
            if snapshot is not None and len(snapshot) < len(patch):
                return snapshot
        return patch

    def _snapshot(self, hosted: Hosted) -> Fragment | None:
        access = self._access_to(hosted)
        made = self._snapshots.get(hosted.id)
        if made is not None and made[0] == hosted.rev and made[1] is access:
            return made[2]
        try:
            value = hosted.encoded()
        except UnrepresentableError:
            # It was lost sight of, and fails: the collection that is due reports it.
            self._missed[hosted.id] = self._log.rev
            return None
        name, epoch = hosted.root.type_name, self._session.epoch
        fragment = self._encode(
            hosted.id, messages.snapshot(hosted.id, name, epoch, hosted.rev, value, access.value)
        )
        if fragment is None:
            self._missed[hosted.id] = self._log.rev
        else:
            self._snapshots[hosted.id] = (hosted.rev, access, fragment)
            if len(self._snapshots) > len(self._models):
                self._forget()
        return fragment

    def _access_to(self, hosted: Hosted) -> Access:
        bound = hosted.access
        if callable(bound):
            bound = READ if bound in self._denied else WRITE
        return self._access & (bound or WRITE)

    def _forget(self) -> None:
        """Let go of the snapshots of models that left while nobody was told of it."""
        for id in self._snapshots.keys() - self._models.keys():
            del self._snapshots[id]

    def _encode(self, id: int, message: Message) -> Fragment | None:
        """Encode what is to be told of one model, which must not keep others from being told of."""
        try:
            fragment = self._codec.encode_message(message)
        except BaseException as error:  # a registered codec may raise anything
            what = (id, message["t"])
            if what not in self._failing:
                self._failing.add(what)
                name = self._codec.name
                contain(error, "a %s of model %d cannot be encoded in %s", message["t"], id, name)
            return None
        if self._failing:
            self._failing.discard((id, message["t"]))
        return fragment


def _those(fragments: Iterable[Fragment | None]) -> list[Fragment]:
    return [fragment for fragment in fragments if fragment is not None]
