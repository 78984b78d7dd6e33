"""What is told of the answers to proposals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core import messages
from transports_core.session.answers import Accepted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transports_core.message_types import AckMessage, RejectMessage
    from transports_core.session.answers import Answer


def tell(answers: Iterable[Answer]) -> tuple[list[AckMessage | RejectMessage], list[Answer]]:
    """Make the messages of answers that are ready: one for all of a model that accept.

    Returns:
        The messages, and the answers that are not ready.
    """
    # By model: the revision, and the proposals.
    accepted: dict[int, tuple[int, list[str]]] = {}
    rejects: list[RejectMessage] = []
    left: list[Answer] = []
    for answer in answers:
        if isinstance(answer, Accepted):
            entry = answer.entry
            if not entry.rev:
                left.append(answer)
                continue
            rev, proposals = accepted.get(entry.id, (0, []))
            proposals.append(answer.proposal)
            accepted[entry.id] = (max(rev, entry.rev), proposals)
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
    told: list[AckMessage | RejectMessage] = []
    for id, (rev, proposals) in accepted.items():
        told.append(messages.ack(id, rev, proposals))  # a comprehension is a call
    told += rejects
    return told, left
