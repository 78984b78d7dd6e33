"""What is told of the answers to proposals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core import messages
from transports_core.session.answers import Accepted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transports_core.messages import AckMessage, RejectMessage
    from transports_core.session.answers import Answer


def tell(answers: Iterable[Answer]) -> list[AckMessage | RejectMessage]:
    """Make the messages of answers that are ready: one for all of a model that accept."""
    # By model: the revisions, and the proposals.
    accepted: dict[int, tuple[list[int], list[str]]] = {}
    rejects: list[AckMessage | RejectMessage] = []
    for answer in answers:
        if isinstance(answer, Accepted):
            revs, proposals = accepted.setdefault(answer.outcome.id, ([], []))
            revs.append(answer.outcome.rev or 0)
            proposals.append(answer.proposal)
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
    acks = [messages.ack(id, max(revs), proposals) for id, (revs, proposals) in accepted.items()]
    return acks + rejects
