"""Answers to proposals: each gets one, and the same again if it is sent again."""

from __future__ import annotations

from collections import deque
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from pydantic_core import from_json, to_json

from transports_core.containment import contain
from transports_core.errors import EditRejected, UnrepresentableError
from transports_core.size import size
from transports_core.tracking import lock
from transports_core.values import check

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from transports_core.log import Entry
    from transports_core.message_types import EditMessage
    from transports_core.session.ledger import Ledger
    from transports_core.values import Value


# Characters of the message of a refusal, and of its details as JSON.
_MESSAGE: Final = 1_000
_DETAILS: Final = 4_000


class Accepted:
    """An edit that the model has; answered once a revision shows it.

    Attributes:
        proposal: Its token.
        entry: What shows it, or did before: as soon as that has a revision.
    """

    __slots__ = ("entry", "proposal")

    def __init__(self, proposal: str, entry: Entry) -> None:
        self.proposal = proposal
        self.entry = entry


class Refused:
    """An edit that was refused.

    It is remembered, so it holds neither the error, which leads to all that was sent, nor more of
    what the error quotes than a person reads.
    """

    __slots__ = ("_details", "code", "id", "message", "proposal", "rev")

    def __init__(self, proposal: str, id: int, rev: int, error: EditRejected) -> None:
        self.proposal = proposal
        self.id = id
        self.rev = rev
        self.code = error.code
        self.message = shortened(error.message)
        self._details = None if error.details is None else _encoded(error.details)

    def details(self) -> list[dict[str, object]] | None:
        """Give the first of the model library's own errors."""
        return None if self._details is None else from_json(self._details)


Answer: TypeAlias = Accepted | Refused


def shortened(message: str) -> str:
    """Give as much of a message as is for people to read."""
    return message if len(message) <= _MESSAGE else f"{message[: _MESSAGE - 1]}…"


def _encoded(details: list[dict[str, object]]) -> bytes | None:
    """Give the first of the details, as text: that takes the least room."""
    left = _DETAILS
    kept: list[dict[str, object]] = []
    try:
        for detail in details:
            check(detail)
            left -= size(cast("Value", detail), left)
            if left < 0:
                break
            kept.append(detail)
    except UnrepresentableError:
        return None
    return to_json(kept)


class Answers:
    """Remembers the answers to proposals, for as long as the log remembers what they did.

    They are the session's, so that whoever comes back by another of its servers is answered the
    same.

    Args:
        ledger: What happens in the session.
        epoch: The name of its life.

    Attributes:
        forgotten: The greatest revision of an answer that is not remembered any more; 0 while all
            are. Who proposes an edit of a later one has not been answered before, unless that is
            remembered.
    """

    def __init__(self, ledger: Ledger, epoch: str) -> None:
        self.forgotten = 0
        self._ledger = ledger
        self._epoch = epoch
        # Refusals leave nothing in the log to be measured by.
        self._limit = 0
        self._answers: dict[tuple[Hashable, str], Answer] = {}
        # The same, oldest first, with the revision of the session when each was given.
        self._given: deque[tuple[int, tuple[Hashable, str]]] = deque()

    def keep(self, limit: int) -> None:
        """Remember so many at least, until the log forgets: as many as some server is to."""
        self._limit = max(self._limit, limit)

    def find(self, author: Hashable, proposal: str) -> Answer | None:
        """Find the answer that an author's proposal was given; `None` if it is new."""
        return self._answers.get((author, proposal))

    def give(self, author: Hashable, edit: EditMessage, origin: Hashable, effort: int) -> Answer:
        """Decide on a proposal as `Session.submit` does, unless that was done.

        Args:
            author: Whose tokens the one of the proposal is among.
            edit: The proposal.
            origin: Who proposes it.
            effort: See `Limits.proposal_effort`.

        Returns:
            What became of it, now or then.
        """
        id, ops, key = edit["id"], edit["ops"], (author, edit["proposal"])
        carry_out = _carry_out()
        # Nobody brings the same to another server meanwhile.
        with lock:
            known = self._answers.get(key)
            if known is not None:
                return known
            answer: Answer
            try:
                entry = carry_out(
                    self._ledger, self._epoch, id, ops, edit["epoch"], edit["base"], origin, effort
                )
            except EditRejected as error:
                answer = self._refused(edit, error)
            except BaseException as problem:  # a validator of the application may raise anything
                contain(problem, "an edit of model %d failed", id)
                error = EditRejected("invalid", "the edit cannot be carried out")
                answer = self._refused(edit, error)
            else:
                answer = Accepted(edit["proposal"], entry)
            self._answers[key] = answer
            self._given.append((self._ledger.log.rev, key))
        self._ledger.conclude()
        with lock:
            self._forget()
        return answer

    def _refused(self, edit: EditMessage, error: EditRejected) -> Refused:
        hosted = self._ledger.committed.get(edit["id"])
        rev = 0 if hosted is None else hosted.rev
        return Refused(edit["proposal"], edit["id"], rev, error)

    def _forget(self) -> None:
        """Forget the answers that the log has outlived."""
        floor = self._ledger.log.floor
        while self._given:
            given, oldest = self._given[0]
            if given >= floor and len(self._given) <= self._limit:
                return
            rev = _shown(self._answers[oldest], given)
            # What no revision shows yet would be taken for new if it came again.
            if rev is None or (len(self._given) <= self._limit and rev >= floor):
                return
            self.forgotten = max(self.forgotten, rev)
            del self._answers[oldest]
            self._given.popleft()


@cache
def _carry_out() -> Callable[..., Entry]:
    # A program that nobody sends edits to starts sooner.
    from transports_core.session.edit import carry_out

    return carry_out


def _shown(answer: Answer, given: int) -> int | None:
    """Tell at which revision it is over with an answer; `None` if it is not yet."""
    if isinstance(answer, Refused):
        return given
    rev = answer.entry.rev
    return max(rev, given) if rev else None
