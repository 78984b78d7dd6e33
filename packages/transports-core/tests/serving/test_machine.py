"""Whatever happens, and however slow anybody is: in the end every mirror shows every model."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    rule,
)
from pydantic import BaseModel, Field, computed_field

from transports_core import message_types, messages
from transports_core.access import READ, WRITE, verdict
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.late_log import LateLog
from transports_core.testing.peer import Peer
from transports_core.values import same
from transports_core.writable import writable_by


class Point(BaseModel):
    x: int = 0
    label: str = ""


class Board(BaseModel):
    title: str = ""
    numbers: list[int] = Field(default_factory=lambda: [])
    points: list[Point] = Field(default_factory=lambda: [])
    named: dict[str, list[int]] = Field(default_factory=lambda: {})
    chosen: Point | None = None
    secret: int = Field(default=0, exclude=True)

    @computed_field
    @property
    def total(self) -> int:
        return sum(self.numbers)


SMALL = st.integers(0, 5)
TEXT = st.sampled_from(["", "a", "b", "\u2603", "a/b~c"])


def relabel(points: list[Point], at: int, text: str) -> None:
    if points:
        points[at % len(points)].label += text


def rotate(points: list[Point]) -> None:
    if points:
        points.append(points.pop(0))


def splice(numbers: list[int], at: int, number: int) -> None:
    numbers[at : at + 2] = [number]


# What can be written, given a number, a text and a position.
WRITES: list[Callable[[Board, int, str, int], object]] = [
    lambda board, number, text, at: setattr(board, "title", text),
    lambda board, number, text, at: setattr(board, "title", board.title + text),
    lambda board, number, text, at: board.numbers.append(number),
    lambda board, number, text, at: board.numbers.insert(at, number),
    lambda board, number, text, at: board.numbers.sort(),
    lambda board, number, text, at: splice(board.numbers, at, number),
    lambda board, number, text, at: board.numbers.__delitem__(slice(at, None)),
    lambda board, number, text, at: board.numbers.reverse(),
    lambda board, number, text, at: board.points.insert(at, Point(x=number, label=text)),
    lambda board, number, text, at: rotate(board.points),
    lambda board, number, text, at: relabel(board.points, at, text),
    lambda board, number, text, at: board.named.__setitem__(text, [number]),
    lambda board, number, text, at: board.named.setdefault(text, []).append(number),
    lambda board, number, text, at: board.named.pop(text, None),
    lambda board, number, text, at: setattr(board, "chosen", (board.points or [None])[0]),
    lambda board, number, text, at: setattr(board, "secret", number),
]


def change(board: Board, data: st.DataObject) -> None:
    """Write something somewhere."""
    write = data.draw(st.sampled_from(WRITES))
    write(board, data.draw(SMALL), data.draw(TEXT), data.draw(SMALL))


NOBODY: Any = multiple()  # pyright: ignore[reportUnknownVariableType]  # of nothing


RULES = [writable_by(bool), *(writable_by(partial(operator.le, least)) for least in (2, 3))]


class Serving(RuleBasedStateMachine):
    boards = Bundle("boards")
    peers = Bundle("peers")

    @initialize(late=st.booleans(), kept=st.sampled_from([3, 1000]))
    def begin(self, late: bool, kept: int) -> None:
        self.late = LateLog(max_entries=kept) if late else None
        self.session = Session(log=self.late, max_log_entries=kept)
        self.server = Server(self.session)
        self.everybody: list[Peer] = []
        self.principals: dict[Peer, int] = {}
        self.proposed = 0
        # The proposals of each peer, sent on its present connection.
        self.open: dict[Peer, dict[str, message_types.EditMessage]] = {}

    @rule(target=boards)
    def host(self) -> Board:
        board = Board()
        self.session.host(board)
        return board

    @rule(board=consumes(boards))
    def unhost(self, board: Board) -> None:
        self.session.unhost(self.session.host(board))

    @rule(board=boards, data=st.data(), times=st.integers(1, 3))
    def write(self, board: Board, data: st.DataObject, times: int) -> None:
        for _ in range(times):
            change(board, data)

    @rule(one=boards, other=boards, data=st.data())
    def write_together(self, one: Board, other: Board, data: st.DataObject) -> None:
        with self.session.transaction():
            change(one, data)
            self.flush()
            change(other, data)

    @rule(one=boards, other=boards)
    def share(self, one: Board, other: Board) -> None:
        if one.points:
            other.points.append(one.points[-1])

    @rule(board=boards)
    def look_again(self, board: Board) -> None:
        vars(board)["title"] = "unseen"
        self.session.update(self.session.host(board))

    @rule(board=boards, access=st.sampled_from([READ, WRITE, None, *RULES]))
    def allow(self, board: Board, access: Any) -> None:
        self.session.set_access(self.session.host(board), access)

    @rule()
    def drain(self) -> None:
        self.session.drain()

    @rule(count=st.integers(0, 3))
    def answer(self, count: int) -> None:
        if self.late is not None:
            self.session.drain()
            self.late.answer(min(count, self.late.waiting))

    @rule()
    def flush(self) -> None:
        self.server.deliver(self.server.flush())

    @rule(
        target=peers,
        codec=st.sampled_from(["json", "msgpack"]),
        ops=st.sampled_from([None, "rfc6902"]),
        principal=st.sampled_from([1, 2, 3]),
    )
    def come(self, codec: str, ops: str | None, principal: int) -> Any:
        if len(self.everybody) == 4:
            return NOBODY
        peer = Peer(self.server, codec, ops=ops, principal=principal).connect()
        self.principals[peer] = principal
        self.everybody.append(peer)
        self.open[peer] = {}
        return peer

    @rule(peer=peers, most=st.none() | SMALL)
    def read(self, peer: Peer, most: int | None) -> None:
        peer.read(most)

    @rule(peer=peers, quick=st.booleans())
    def hurry(self, peer: Peer, quick: bool) -> None:
        peer.quick = quick

    @rule(peer=peers)
    def come_again(self, peer: Peer) -> None:
        peer.disconnect()
        self.open[peer].clear()
        peer.connect()

    @rule(peer=peers, data=st.data())
    def leave_for_long(self, peer: Peer, data: st.DataObject) -> None:
        peer.disconnect()
        self.open[peer].clear()
        for id in self.session.ids():
            change(self.session.live(id), data)
            self.session.drain()
        peer.connect()

    @rule(peer=peers)
    def lose(self, peer: Peer) -> None:
        # No mirror is lost between connecting and the first frame, which greets it.
        peer.read(1)
        peer.mirror.lose()
        peer.send(messages.resync())

    @rule(peer=peers, data=st.data())
    def propose(self, peer: Peer, data: st.DataObject) -> None:
        if not peer.mirror.ids():
            return
        id = data.draw(st.sampled_from(peer.mirror.ids()))
        value: Any = peer.mirror.value(id)
        ops: list[Any] = [
            {"op": "replace", "path": "/title", "value": data.draw(TEXT)},
            {"op": "replace", "path": "/title", "value": 1},
            {"op": "add", "path": "/numbers/-", "value": data.draw(SMALL)},
            {"op": "replace", "path": "/total", "value": 1},
        ]
        ops += [
            {"op": "replace", "path": f"/points/{n}/x", "value": 7}
            for n, _ in enumerate(value["points"])
        ]
        ops += [{"op": "remove", "path": f"/numbers/{n}"} for n, _ in enumerate(value["numbers"])]
        self.proposed += 1
        edit = peer.edit(id, data.draw(st.sampled_from(ops)), proposal=f"p{self.proposed}")
        peer.send(edit)
        self.open[peer][edit["proposal"]] = edit

    @rule()
    def settle(self) -> None:
        """Let everything arrive, and look."""
        self.session.drain()
        if self.late is not None:
            self.late.answer()
        self.flush()
        for peer in self.everybody:
            peer.read()
        assert self.server.flush() == {}
        truth = {id: self.session.value(id) for id in self.session.ids()}
        for peer in self.everybody:
            assert peer.values.keys() == truth.keys()
            for id, value in truth.items():
                assert same(peer.mirror.value(id), value), (peer.mirror.value(id), value)
                bound = self.session.committed[id].access
                access = verdict(bound, self.principals[peer])
                assert peer.mirror.copy(id).access == access.value
            assert not peer.mirror.lost
            self._answered(peer)

    def _answered(self, peer: Peer) -> None:
        # What was answered while the mirror was lost was ignored: it is asked for again.
        ignored = self.open[peer].keys() - self._told(peer)
        for proposal in ignored:
            peer.send(self.open[peer][proposal])
        told = self._told(peer.read())
        assert len(told) == len(set(told))
        assert self.open[peer].keys() <= set(told)

    def _told(self, peer: Peer) -> list[str]:
        told: list[str] = []
        for answer in peer.answers:
            told += answer["proposals"] if answer["t"] == "ack" else [answer["proposal"]]
        return told

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.settle()
            for peer in self.everybody:
                assert peer.problems == []
                peer.disconnect()
            assert self.server.due() is None


Serving.TestCase.settings = settings(stateful_step_count=40, deadline=None)


@pytest.mark.promise("serving.converges")
class TestServing(Serving.TestCase):
    pass
