"""The log of a session: what happened, in the order of its revisions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum
from itertools import islice
from sys import getsizeof
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from pydantic_core import to_json

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from transports_core.access import Access, Rule
    from transports_core.operation import Operation

# What an operation costs in memory beside its text and its value, about.
_OVERHEAD: Final = 256
# What each of these in JSON text stands for in memory, about, beside the text's own length: a
# container, an item of one, and half of a key or a text.
_STANDS_FOR: Final = ((b"{", 140), (b"[", 64), (b",", 32), (b'"', 16))
# A number in the order of a list, and its place there.
_NUMBER: Final = 40
_SCALARS: Final = frozenset({type(None), bool, int, float})


class Kind(Enum):
    """What an entry tells of its model. The last two are of a model of another session."""

    HOST = "host"
    UNHOST = "unhost"
    ACCESS = "access"
    PATCH = "patch"
    GRANT = "grant"
    REVOKE = "revoke"


class Entry:
    """One thing that happened to one model.

    It is *recorded* when it happens, and *committed* when its log has given it a revision, which
    is what puts it in order with all others.

    Attributes:
        id: The model's id.
        kind: What happened.
        rev: The revision that it made; 0 until it is committed.
        base: The model's revision before it; 0 until it is committed, and for `HOST`.
        ops: What changed, for `PATCH`. May be empty, for changes that cancelled out.
        standard: The same in the operations of RFC 6902 alone; `None` where nobody needed it.
        access: What the model is open to from here on, for `HOST`, `ACCESS` and `GRANT`, or the
            rule that says so; `None` where that is the server's to say.
        origin: Who proposed it; `None` for what the host did itself.
    """

    __slots__ = (
        "_length",
        "_size",
        "access",
        "base",
        "id",
        "kind",
        "ops",
        "origin",
        "rev",
        "standard",
    )

    def __init__(
        self,
        id: int,
        kind: Kind,
        ops: Sequence[Operation] = (),
        *,
        access: Access | Rule | None = None,
        origin: Hashable = None,
    ) -> None:
        self.id = id
        self.kind = kind
        self.ops = ops
        self.access = access
        self.origin = origin
        self.rev = 0
        self.base = 0
        self.standard: Sequence[Operation] | None = None
        self._length = 0
        self._size = 0

    def __repr__(self) -> str:
        return f"Entry(rev={self.rev}, id={self.id}, {self.kind.name}, {list(self.ops)!r})"

    @property
    def length(self) -> int:
        """Tell how many bytes this takes as text, about. `ops` do not change any more."""
        if not self._length:
            self._measure()
        return self._length

    @property
    def size(self) -> int:
        """Tell how many bytes of memory this takes, about. `ops` do not change any more."""
        if not self._size:
            self._measure()
        return self._size

    def _measure(self) -> None:
        length = size = _OVERHEAD
        for op in self.ops:
            value = op.get("value")
            named = _OVERHEAD + len(op["path"])
            length += named
            size += named
            if type(value) is str:
                length += len(value)
                size += getsizeof(value)
            elif type(value) not in _SCALARS:
                # Text says nearly as much as a walk through the value, in a tenth of the time.
                text = to_json(value)
                length += len(text)
                size += len(text) + sum(text.count(sign) * held for sign, held in _STANDS_FOR)
            if op["op"] == "reorder":
                length += 8 * len(op["order"])
                size += _NUMBER * len(op["order"])
        self._length = length
        self._size = size

    def recall(self) -> None:
        """Be as before it was handed to a log, which failed: not committed, and open to change."""
        self.rev = 0
        self._length = 0
        self._size = 0


Committed: TypeAlias = Callable[[], object]
"""What a log calls once the entries of an `append` have their revisions."""


class Log(Protocol):
    """Where a session's entries get their revisions, and stay for those who come back.

    Recording what happened is the session's affair and takes no time. To commit it is the log's:
    one in memory does so at once, one that lives elsewhere may answer later. It answers in the
    order in which it was asked. The session calls all methods under the lock of tracking.
    """

    @property
    def rev(self) -> int:
        """The revision of the last committed entry; 0 before the first."""
        ...

    @property
    def floor(self) -> int:
        """The revision from which on, itself excluded, no entry is missing."""
        ...

    def append(self, entries: Sequence[Entry], committed: Committed) -> None:
        """Commit entries, as one: give each the next `rev`, then call `committed`.

        If this raises before it has called `committed`, nothing is committed, now or later: the
        session keeps what happened, and asks again with that and what has happened since.

        Args:
            entries: In order. What else they say is the log's to keep, not to change.
            committed: To be called once, before this returns or later, on any thread. From the
                moment it is called, `rev` and `since` show these entries, and not before. A log
                calls it for an earlier `append` before it does so for a later one.
        """
        ...

    def since(self, rev: int) -> Sequence[Entry] | None:
        """Give all committed entries after a revision, in order.

        Returns:
            The entries, none of them missing; `None` if the log does not reach back so far.
        """
        ...


class MemoryLog:
    """A log in memory, which commits at once and forgets what is beyond its bounds.

    Args:
        max_entries: How many entries it keeps.
        max_bytes: How many bytes of memory its entries may take, about. An entry that is larger
            than this by itself is not kept, and neither is what was before it: whoever was not
            there gets a snapshot, which is then smaller anyway.
    """

    def __init__(self, *, max_entries: int = 10_000, max_bytes: int = 16 << 20) -> None:
        self.rev = 0
        """The revision of the last entry; 0 before the first."""
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._entries: deque[Entry] = deque()
        self._bytes = 0

    @property
    def floor(self) -> int:
        """The revision before the oldest entry that is kept."""
        return self.rev - len(self._entries)

    def append(self, entries: Sequence[Entry], committed: Committed) -> None:
        """Give each entry the next revision, at once."""
        for entry in entries:
            self.rev += 1
            entry.rev = self.rev
            self._entries.append(entry)
            self._bytes += entry.size
        while self._bytes > self._max_bytes or len(self._entries) > self._max_entries:
            self._bytes -= self._entries.popleft().size
        committed()

    def since(self, rev: int) -> Sequence[Entry] | None:
        """Give all entries after a revision, or `None` if they are not kept any more."""
        missed = self.rev - rev
        if missed == 1 and self._entries:
            return [self._entries[-1]]
        if not 0 <= missed <= len(self._entries):
            return None
        # From the near end: what is asked for is nearly always among the last few of thousands.
        return list(islice(reversed(self._entries), missed))[::-1]
