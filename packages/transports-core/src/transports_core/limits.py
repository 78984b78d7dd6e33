"""The bounds that a server keeps, whoever connects."""

from dataclasses import dataclass
from typing import Final

MEBIBYTE = 1 << 20

EFFORT: Final = 16 * MEBIBYTE
"""What an edit may take where nobody says otherwise, in bytes of JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds with defaults. What crosses one gets its documented answer, and nobody else notices.

    The log's own bounds are arguments of `Session`, for a log may have several servers.

    Attributes:
        frame_bytes: The largest frame accepted, in bytes. Beyond it: `error` with `too_large`, and
            close code 1009. The default leaves room for an edit of a large model sent whole.
        proposal_ops: The most operations in one proposal. Beyond it: `reject` with `too_large`.
        proposal_effort: How much the operations of one proposal may read, compare, copy and write
            anew of what is there, in bytes of JSON: a few bytes may ask for a lot of that, as by
            copying a list into itself again and again. Beyond it: `reject` with `too_large`, for
            whatever comes next. The default is about what the largest frame costs.
        depth: How deep the values of a proposal may be nested. Beyond it: `reject` with
            `too_large`. The default is within what every JSON parser reads.
        proposals_per_second: The most proposals of one connection, on average from one tick to the
            next. Beyond it: `reject` with `rate_limited`.
        resyncs_per_second: The most answers to `resync` for one connection. Beyond it an answer
            waits for its time: it is not refused, for nothing else would heal the client.
        connections: The most connections open at a time. Beyond it: close code 1013, after which a
            client tries again later.
        connections_per_tenant: The most of these of one tenant of a hub, so that others find room.
            Beyond it: close code 1013.
        connections_per_principal: The most of these of one principal, as `authorize` gave it; one
            that is `None` is nobody in particular, and not counted. Beyond it: close code 1013.
        replies: The most replies kept for a connection that is busy. Beyond it, the connection
            sends proposals and does not read the answers: close code 4408.
        answers: The most answers to proposals remembered of one session, in case one is sent again.
            They are also forgotten with the log of what they did. Of several servers of a session,
            the one with the most counts.
        send_timeout: Seconds that a connection may be busy with what it was given. Beyond it: close
            code 4408, so that the client knows, reconnects and resumes.
    """

    frame_bytes: int = 16 * MEBIBYTE
    proposal_ops: int = 10_000
    proposal_effort: int = EFFORT
    depth: int = 128
    proposals_per_second: float = 200.0
    resyncs_per_second: float = 0.5
    connections: int = 10_000
    connections_per_tenant: int = 5_000
    connections_per_principal: int = 5_000
    replies: int = 1_024
    answers: int = 20_000
    send_timeout: float = 30.0
