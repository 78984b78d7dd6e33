"""Connections that are sent to by one call for all of them: as if each had been sent to alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pytest
from counting import steps
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from transports_core.connection import Connection, Frame, Output

COUNT = 5

Doing = Literal["sends", "waits", "leaves", "leaves and waits"]
"""What becomes of a frame: it is sent, it has to wait, or its connection ends meanwhile."""

Step = list[tuple[Doing, int]]
"""What each transport does with the next frame, and how many its client reads after that."""


class Point(BaseModel):
    x: int = 0


class Scene:
    """A point, and peers that are sent to in different ways.

    Args:
        ways: By peer: which of several functions sends to it together with others; `None` for its
            own alone.
    """

    def __init__(self, ways: Sequence[int | None]) -> None:
        self.point = Point()
        session = Session()
        session.host(self.point)
        self.server = Server(session)
        self.peers = [Peer(self.server, quick=True).connect() for _ in ways]
        self.doing: list[Doing] = ["sends"] * len(ways)
        self.calls = 0
        self._by_conn: dict[Connection, int] = {
            peer.conn: number for number, peer in enumerate(self.peers)
        }
        functions = [self._together() for _ in range(2)]
        for number, way in enumerate(ways):
            together = None if way is None else functions[way]
            self.server.attach(self.peers[number].conn, self._alone(number), together)

    def flush(self) -> None:
        self.point.x += 1
        self.server.deliver(self.server.flush())

    def _alone(self, number: int) -> Callable[[Sequence[Output]], object]:
        def send(outputs: Sequence[Output]) -> bool:
            return self._send(number, outputs)

        return send

    def _together(self) -> Callable[[Sequence[Connection], Frame], Collection[Connection]]:
        def send_to_all(conns: Sequence[Connection], frame: Frame) -> Collection[Connection]:
            self.calls += 1
            return {conn for conn in conns if not self._send(self._by_conn[conn], [frame])}

        return send_to_all

    def _send(self, number: int, outputs: Sequence[Output]) -> bool:
        peer = self.peers[number]
        peer.under_way.extend(outputs)
        if self.doing[number].startswith("leaves"):
            self.server.close(peer.conn)
        return "waits" not in self.doing[number]

    def groups(self) -> list[int]:
        """Tell how many connections there are in each group of those that wait for a change."""
        [channel] = self.server._channels._channels.values()  # pyright: ignore[reportPrivateUsage]
        return sorted(len(group.members) for group in channel._idle)  # pyright: ignore[reportPrivateUsage]


def played(ways: Sequence[int | None], steps: Sequence[Step]) -> object:
    """Play some steps; give what each client read, in frames, and how many wait for more."""
    scene = Scene(ways)
    # Somebody is always there.
    Peer(scene.server, quick=True).connect()
    seen: list[object] = []
    for step in steps:
        scene.doing = [doing for doing, _ in step]
        scene.flush()
        for peer, (_, read) in zip(scene.peers, step, strict=True):
            peer.read(read)
        seen.append(sum(scene.groups()))
    frames = [peer.read().frames for peer in scene.peers]
    # Groups do not become more: those who are at one position come together again.
    scene.flush()
    assert len(scene.groups()) <= len({None, *ways})
    return seen, frames, sum(scene.groups())


DOINGS: st.SearchStrategy[Doing] = st.sampled_from(
    ["sends", "sends", "waits", "leaves", "leaves and waits"]
)


@pytest.mark.promise("serving.together")
@given(
    st.lists(st.sampled_from([None, 0, 0, 1]), min_size=COUNT, max_size=COUNT),
    st.lists(
        st.lists(st.tuples(DOINGS, st.integers(0, 2)), min_size=COUNT, max_size=COUNT),
        max_size=6,
    ),
)
def test_to_be_sent_to_together_is_to_be_sent_to_alone(
    ways: list[int | None], steps: list[Step]
) -> None:
    assert without_names(played(ways, steps)) == without_names(played([None] * COUNT, steps))


def without_names(played: object) -> str:
    """Leave out what is another in every run: how a connection and a session are called."""
    return re.sub(r'"(conn|epoch)\\?":\\?"[^"]*"', "", repr(played))


@pytest.mark.promise("serving.together")
def test_a_connection_more_that_is_sent_to_together_is_no_call_more() -> None:
    def cost(count: int) -> int:
        scene = Scene([0] * count)

        def send_to_all(conns: Sequence[Connection], frame: Frame) -> Collection[Connection]:
            return ()

        for peer in scene.peers:
            scene.server.attach(peer.conn, lambda _: True, send_to_all)
        scene.flush()
        return steps(scene.flush)

    assert 0 < cost(10) == cost(1_000)


@pytest.mark.promise("serving.together")
def test_each_function_is_called_for_its_own_connections() -> None:
    scene = Scene([0, 0, None, 1, 1])
    scene.flush()
    assert scene.calls == 2
    assert [peer.read().values for peer in scene.peers] == [{1: {"x": 1}}] * 5


@pytest.mark.promise("serving.together", "serving.contained")
def test_a_function_that_raises_ends_its_connections_and_no_other() -> None:
    scene = Scene([0, 1, 0, None])

    def fail(conns: Sequence[Connection], frame: Frame) -> Collection[Connection]:
        raise OSError(conns, frame)

    for peer in scene.peers[::2]:
        scene.server.attach(peer.conn, lambda _: True, fail)
    for _ in range(2):
        scene.flush()
    assert [peer.read().values for peer in scene.peers[1::2]] == [{1: {"x": 2}}] * 2
    assert scene.groups() == [1, 1]


def test_what_is_attached_last_holds() -> None:
    scene = Scene([0, 0])
    taken: list[object] = []
    scene.server.attach(scene.peers[0].conn, taken.append)
    scene.flush()
    assert (len(taken), scene.calls) == (1, 1)
