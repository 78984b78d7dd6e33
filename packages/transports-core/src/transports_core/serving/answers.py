"""Answers to proposals: each gets one, and the same again if it is sent again."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from transports_core import messages
from transports_core.errors import UnrepresentableError
from transports_core.size import size
from transports_core.values import check

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from transports_core.errors import EditRejected
    from transports_core.messages import AckMessage, RejectMessage
    from transports_core.session.outcome import Outcome
    from transports_core.session.session import Session
    from transports_core.values import Value


# Characters of the message of a refusal, and of its details as JSON.
_MESSAGE: Final = 1_000
_DETAILS: Final = 4_000


class Accepted:
    """An edit that the model has; answered once a revision shows it."""

    __slots__ = ("outcome", "proposal")

    def __init__(self, proposal: str, outcome: Outcome) -> None:
        self.proposal = proposal
        self.outcome = outcome

    @property
    def ready(self) -> bool:
        """Tell whether a revision shows the edit."""
        return self.outcome.rev is not None


class Refused:
    """An edit that was refused.

    It is remembered, so it holds neither the error, which leads to all that was sent, nor more of
    what the error quotes than a person reads.
    """

    __slots__ = ("_details", "code", "id", "message", "proposal", "rev")

    ready = True

    def __init__(self, proposal: str, id: int, rev: int, error: EditRejected) -> None:
        self.proposal = proposal
        self.id = id
        self.rev = rev
        self.code = error.code
        self.message = shortened(error.message)
        self._details = None if error.details is None else _encoded(error.details)

    def details(self) -> list[dict[str, object]] | None:
        """Give the first of the model library's own errors."""
        return None if self._details is None else json.loads(self._details)


Answer: TypeAlias = Accepted | Refused


def tell(answers: Iterable[Answer]) -> list[AckMessage | RejectMessage]:
    """Make the messages of answers that are ready: one for all of a model that accept."""
    accepted: dict[int, list[Accepted]] = {}
    rejects: list[AckMessage | RejectMessage] = []
    for answer in answers:
        if isinstance(answer, Accepted):
            accepted.setdefault(answer.outcome.id, []).append(answer)
            continue
        rejects.append(
            messages.reject(
                answer.id,
                answer.rev,
                answer.proposal,
                answer.code,
                answer.message,
                answer.details(),
            )
        )
    acks = [
        messages.ack(
            id, max(each.outcome.rev or 0 for each in some), [each.proposal for each in some]
        )
        for id, some in accepted.items()
    ]
    return acks + rejects


def shortened(message: str) -> str:
    """Give as much of a message as is for people to read."""
    return message if len(message) <= _MESSAGE else f"{message[: _MESSAGE - 1]}…"


def _encoded(details: list[dict[str, object]]) -> str | None:
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
    return json.dumps(kept)


class Answers:
    """Remembers the answers to proposals, for as long as the log remembers what they did.

    Args:
        limit: How many to remember at most: refusals leave nothing in the log to be measured by.

    Attributes:
        forgotten: The greatest revision of an answer that is not remembered any more; 0 while all
            are. Who proposes an edit of a later one has not been answered before, unless that is
            remembered.
    """

    def __init__(self, limit: int) -> None:
        self.forgotten = 0
        self._limit = limit
        self._answers: dict[tuple[Hashable, str], Answer] = {}
        # The same, oldest first, with the revision of the session when each was given.
        self._given: deque[tuple[int, tuple[Hashable, str]]] = deque()

    def find(self, principal: Hashable, proposal: str) -> Answer | None:
        """Find the answer that a principal's proposal was given; `None` if it is new."""
        return self._answers.get((principal, proposal))

    def remember(self, principal: Hashable, answer: Answer, session: Session) -> None:
        """Remember an answer, and forget those that the log has outlived."""
        key = (principal, answer.proposal)
        self._answers[key] = answer
        self._given.append((session.rev, key))
        while self._given:
            given, oldest = self._given[0]
            rev = _shown(self._answers[oldest], given)
            # What no revision shows yet would be taken for new if it came again.
            if rev is None or (len(self._given) <= self._limit and rev >= session.floor):
                return
            self.forgotten = max(self.forgotten, rev)
            del self._answers[oldest]
            self._given.popleft()


def _shown(answer: Answer, given: int) -> int | None:
    """Tell at which revision it is over with an answer; `None` if it is not yet."""
    if isinstance(answer, Refused):
        return given
    rev = answer.outcome.rev
    return None if rev is None else max(rev, given)
