"""What is told of answers, and that who was told of one by itself is idle again like all others."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from transports_core import messages
from transports_core.errors import EditRejected
from transports_core.log import Entry, Kind
from transports_core.server import Server
from transports_core.serving.answers import tell
from transports_core.serving.link import Link
from transports_core.session import Session
from transports_core.session.answers import Accepted, Answer, Refused
from transports_core.testing.late_log import LateLog
from transports_core.testing.peer import Peer


class Point(BaseModel):
    x: int = 0
    y: int = 0


@st.composite
def answers(draw: st.DrawFn) -> list[Answer]:
    found: list[Answer] = []
    for number in range(draw(st.integers(0, 6))):
        id, rev = draw(st.integers(1, 3)), draw(st.integers(0, 4))
        if draw(st.booleans()):
            entry = Entry(id, Kind.PATCH)
            entry.rev = rev
            found.append(Accepted(f"p{number}", entry))
        else:
            error = EditRejected("invalid", "no")
            found.append(Refused(f"p{number}", id, rev, error))
    return found


@pytest.mark.promise("edit.answered")
@given(answers())
def test_each_answer_is_told_once_it_is_ready_and_a_model_once(given: list[Answer]) -> None:
    told, left = tell(given)
    waiting = [it for it in given if isinstance(it, Accepted) and not it.entry.rev]
    assert left == waiting
    ready = [it for it in given if it not in waiting]
    accepted = [it for it in ready if isinstance(it, Accepted)]
    expected: list[Any] = []
    for id in dict.fromkeys(it.entry.id for it in accepted):
        same = [it for it in accepted if it.entry.id == id]
        rev = max(it.entry.rev for it in same)
        expected.append(messages.ack(id, rev, [it.proposal for it in same]))
    expected += [
        messages.reject(it.id, it.rev, it.proposal, "invalid", "no")
        for it in ready
        if isinstance(it, Refused)
    ]
    assert told == expected


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["edit", "edit", "wrong", "write", "read", "read one", "answer", "beat"]),
        st.integers(0, 2),
    ),
    max_size=25,
)


def played(acts: list[tuple[str, int]], *, late: bool, quick: list[bool]) -> Any:
    """Give all that three peers are sent while these things happen, and how busy they are."""
    log = LateLog() if late else None
    session = Session(log=log, epoch="e")
    point = Point()
    id = session.host(point)
    session.drain()
    if log is not None:
        log.answer()
    server = Server(session, heartbeat=10)
    with patch("transports_core.serving.exchange.token", return_value="c"):
        peers = [Peer(server, quick=q).connect().read() for q in quick]
    now, seen = 0.0, list[Any]()
    for turn, (act, who) in enumerate(acts):
        peer = peers[who]
        if act in {"edit", "wrong"}:
            value = turn if act == "edit" else "wrong"
            peer.propose(id, {"op": "replace", "path": "/x", "value": value}, proposal=f"p{turn}")
        elif act == "write":
            point.y = turn
            server.deliver(server.flush())
        elif act == "answer" and log is not None:
            log.answer(min(1, log.waiting))
            server.deliver(server.flush())
        elif act == "beat":
            now += 4
            server.deliver(server.tick(now))
        else:
            peer.read(None if act == "read" else 1)
        seen.append([list(peer.under_way) for peer in peers])
    return seen, [peer.frames for peer in peers]


@pytest.mark.promise("edit.answered", "serving.converges")
@given(ACTS, st.booleans(), st.lists(st.booleans(), min_size=3, max_size=3))
@settings(deadline=None)
def test_who_has_nothing_to_wait_for_is_idle_at_once_as_after_looking(
    acts: list[tuple[str, int]], late: bool, quick: list[bool]
) -> None:
    at_once = played(acts, late=late, quick=quick)
    with patch.object(Link, "settle", return_value=False):
        assert played(acts, late=late, quick=quick) == at_once
