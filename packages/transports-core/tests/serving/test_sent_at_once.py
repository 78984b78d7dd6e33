"""Connections whose transport takes a frame at once: ready for more without having asked for it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.peer import Peer


class Point(BaseModel):
    x: int = 0


def groups(server: Server) -> list[int]:
    """Tell how many connections there are in each group of those that wait for a change."""
    [channel] = server._channels._channels.values()  # pyright: ignore[reportPrivateUsage]
    return sorted(len(group.members) for group in channel._idle)  # pyright: ignore[reportPrivateUsage]


def serve(point: Point, count: int, *, quick: bool = True) -> tuple[Server, list[Peer]]:
    session = Session()
    session.host(point)
    server = Server(session, heartbeat=20)
    return server, [Peer(server, quick=quick).connect() for _ in range(count)]


def flush(server: Server) -> None:
    server.deliver(server.flush())


@pytest.mark.promise("serving.at-once")
def test_everybody_is_given_every_change_and_nobody_asks_for_it() -> None:
    point = Point()
    server, peers = serve(point, 5)
    for x in range(1, 4):
        point.x = x
        flush(server)
        assert groups(server) == [5]
    assert [len(peer.under_way) for peer in peers] == [4] * 5
    assert [peer.read().values for peer in peers] == [{1: {"x": 3}}] * 5


@pytest.mark.promise("serving.at-once")
@given(st.randoms(use_true_random=False))
def test_whoever_is_quick_and_whoever_is_not_all_show_the_same_in_the_end(random: Random) -> None:
    point = Point()
    server, peers = serve(point, 6)
    for x in range(1, 9):
        for peer in peers:
            peer.quick = random.random() < 0.7
            if random.random() < 0.3:
                peer.read(random.choice([None, 1]))
        point.x = x
        flush(server)
    for peer in peers:
        peer.quick = True
        peer.read()
    flush(server)
    assert [peer.read().values for peer in peers] == [{1: {"x": 8}}] * 6
    # Groups do not become more: those at one position come together again.
    assert groups(server) == [6]


@pytest.mark.promise("serving.at-once")
def test_who_is_late_is_given_the_rest_as_one_frame() -> None:
    point = Point()
    server, peers = serve(point, 3)
    peers[1].quick = False
    for x in range(1, 5):
        point.x = x
        flush(server)
    assert [len(peer.under_way) for peer in peers] == [5, 2, 5]
    assert groups(server) == [2]
    peers[1].read()
    assert len(peers[1].frames) == 3
    assert groups(server) == [3]


@pytest.mark.promise("serving.at-once")
def test_what_happens_while_something_is_sent_is_given_in_the_same_call() -> None:
    session = Session()
    point = Point()
    session.host(point)
    server = Server(session)
    peer = Peer(server, quick=True)
    taken: list[object] = []

    def send(outputs: object) -> bool:
        taken.append(outputs)
        if len(taken) == 1:
            point.x = 7
            session.drain()
        return True

    opening = server.open(peer.conn)
    server.attach(peer.conn, send)
    server.deliver({peer.conn: opening})
    assert len(taken) == 2


def test_pings_that_all_are_given_alike_leave_all_of_them_ready_for_more() -> None:
    point = Point()
    server, peers = serve(point, 3)
    for now in (0, 20):
        server.deliver(server.tick(now))
    assert [peer.read().received[-1]["t"] for peer in peers] == ["ping"] * 3
    point.x = 1
    flush(server)
    assert [peer.read().values for peer in peers] == [{1: {"x": 1}}] * 3


def test_a_frame_that_was_sent_at_once_is_a_sign_of_life() -> None:
    point = Point()
    server, peers = serve(point, 2)
    for now in range(0, 100, 5):
        server.deliver(server.tick(now))
        if now % 10 == 0:
            point.x += 1
            flush(server)
    assert "ping" not in {message["t"] for peer in peers for message in peer.read().received}


def test_a_transport_that_raises_harms_no_other_of_its_group() -> None:
    point = Point()
    server, peers = serve(point, 3)

    def send(outputs: object) -> bool:
        raise OSError(outputs)

    server.attach(peers[0].conn, send)
    for x in (1, 2):
        point.x = x
        flush(server)
    assert [peer.read().values for peer in peers[1:]] == [{1: {"x": 2}}] * 2
    assert groups(server) == [2]


@pytest.mark.parametrize("gone", [[0], [0, 1], [1]])
def test_a_transport_that_closes_connections_as_it_sends_harms_no_other(gone: list[int]) -> None:
    point = Point()
    server, peers = serve(point, 4)

    def send(outputs: object) -> bool:
        del outputs
        for number in gone:
            server.close(peers[number].conn)
        return True

    server.attach(peers[1].conn, send)
    for x in (1, 2):
        point.x = x
        flush(server)
    assert [peer.read().values for peer in peers[2:]] == [{1: {"x": 2}}] * 2
    assert groups(server) == [4 - len(gone)]
