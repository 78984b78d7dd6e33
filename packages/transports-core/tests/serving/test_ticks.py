from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from pydantic import BaseModel

from transports_core import messages
from transports_core.connection import Close
from transports_core.limits import Limits
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.peer import Peer


class Point(BaseModel):
    x: int = 0
    y: int = 0


def replace(path: str, value: Any) -> Any:
    return {"op": "replace", "path": path, "value": value}


def tick(server: Server, now: float) -> None:
    server.deliver(server.tick(now))


@pytest.mark.promise("heartbeat")
class TestHeartbeats:
    def test_who_heard_nothing_for_a_heartbeat_is_sent_a_ping(self) -> None:
        server = Server(Session(), heartbeat=20)
        peer = Peer(server).connect().read()
        for now in (0, 5, 10, 15):
            assert server.tick(now) == {}
        tick(server, 20)
        assert peer.read().received[-1] == {"t": "ping"}
        for now in (25, 30, 35, 40):
            assert server.tick(now) == {}
        tick(server, 45)
        assert [message["t"] for message in peer.read().received[1:]] == ["reset", "ping", "ping"]

    def test_whatever_is_sent_is_a_sign_of_life(self) -> None:
        session = Session()
        server = Server(session, heartbeat=20)
        point = Point()
        session.host(point)
        peer = Peer(server).connect().read()
        now = 0.0
        for n in range(1, 10):
            tick(server, now)
            now += 10
            tick(server, now)
            now += 5
            point.x = n
            server.deliver(server.flush())
            peer.read()
        assert "ping" not in {message["t"] for message in peer.received}

    def test_nobody_is_silent_for_longer_than_promised(self) -> None:
        server = Server(Session(), heartbeat=20)
        peer = Peer(server).connect().read()
        due = server.due()
        assert due == 5
        heard: list[float] = [0.0]
        now = 0.0
        # Ticks come late, sometimes.
        for step in range(100):
            now += due * (1.0 if step % 3 else 1.3)
            tick(server, now)
            if peer.under_way:
                heard.append(now)
                peer.read()
        gaps = [after - before for before, after in pairwise(heard)]
        assert min(gaps) >= 15
        assert max(gaps) <= 30

    def test_who_wants_none_gets_none(self) -> None:
        server = Server(Session(), heartbeat=20)
        quiet, other = Peer(server, heartbeat=0).connect().read(), Peer(server).connect().read()
        for now in range(0, 200, 5):
            tick(server, now)
            quiet.read()
            other.read()
        assert "ping" not in {message["t"] for message in quiet.received}
        assert "ping" in {message["t"] for message in other.received}

    def test_a_ping_is_written_in_the_codec_of_each(self) -> None:
        server = Server(Session(), heartbeat=1)
        peers = [Peer(server, codec).connect().read() for codec in ("json", "msgpack", "json")]
        tick(server, 0)
        tick(server, 5)
        assert [peer.read().received[-1] for peer in peers] == [{"t": "ping"}] * 3


@pytest.mark.promise("consumer.closed")
class TestSendTimeouts:
    def test_who_is_stuck_is_closed_with_its_own_code_and_forgotten(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        session = Session()
        server = Server(session, heartbeat=0, limits=Limits(send_timeout=30))
        point = Point()
        session.host(point)
        stuck, other = Peer(server).connect().read(), Peer(server).connect().read()
        point.x = 1
        server.deliver(server.flush())
        other.read()
        for now in (0, 10, 20):
            assert server.tick(now) == {}
            other.read()
        outgoing = server.tick(30)
        assert list(outgoing) == [stuck.conn]
        # Whoever runs the server can see it.
        assert len(caplog.records) == 1
        assert [type(output) for output in outgoing[stuck.conn]] == [Close]
        server.deliver(outgoing)
        assert server.take(stuck.conn) is None
        point.x = 2
        assert list(server.flush()) == [other.conn]
        stuck.under_way.popleft()
        assert stuck.read().closed == Close(4408, "too slow")
        # It knows, comes back, and is told what it missed.
        stuck.connect().read()
        assert stuck.values == {1: {"x": 2, "y": 0}}

    def test_who_is_slow_and_moves_is_not_stuck(self) -> None:
        session = Session()
        server = Server(session, heartbeat=0, limits=Limits(send_timeout=30))
        point = Point()
        session.host(point)
        slow = Peer(server).connect()
        for now in range(0, 600, 20):
            tick(server, now)
            point.x += 1
            server.deliver(server.flush())
            slow.read(1)
        assert slow.closed is None

    def test_who_never_takes_the_first_frames_is_closed_too(self) -> None:
        server = Server(Session(), limits=Limits(send_timeout=30))
        peer = Peer(server).connect()
        tick(server, 0)
        tick(server, 30)
        assert isinstance(peer.under_way[-1], Close)
        assert server.due() is None

    def test_who_sends_and_does_not_read_the_answers_is_closed(self) -> None:
        session = Session()
        id = session.host(Point())
        server = Server(session, limits=Limits(replies=3))
        peer = Peer(server).connect().read()
        for n in range(4):
            peer.propose(id, replace("/x", n + 1), proposal=f"{n}")
            assert len(peer.under_way) == 1
        peer.propose(id, replace("/x", 9), proposal="one too many")
        assert isinstance(peer.under_way[-1], Close)
        assert peer.under_way[-1].code == 4408


@pytest.mark.promise("limits.rate")
class TestRates:
    def codes(self, peer: Peer, count: int) -> list[str]:
        before = len(peer.answers)
        for _ in range(count):
            self.number = getattr(self, "number", 0) + 1
            peer.propose(1, replace("/x", self.number), proposal=f"{self.number}")
            peer.read()
        answers: list[Any] = peer.answers[before:]
        return [answer.get("error", {}).get("code", "ack") for answer in answers]

    def test_proposals_beyond_the_rate_are_refused_until_time_has_passed(self) -> None:
        session = Session()
        session.host(Point())
        server = Server(session, limits=Limits(proposals_per_second=2))
        peer, other = Peer(server).connect().read(), Peer(server).connect().read()
        tick(server, 0)
        assert self.codes(peer, 4) == ["ack"] * 2 + ["rate_limited"] * 2
        assert self.codes(other, 2) == ["ack"] * 2
        # Somebody needs a tick sooner than heartbeats do.
        assert server.due() == 1
        tick(server, 0.5)
        assert self.codes(peer, 2) == ["ack", "rate_limited"]
        tick(server, 10.5)
        assert self.codes(peer, 21) == ["ack"] * 20 + ["rate_limited"]

    def test_without_ticks_nothing_is_counted(self) -> None:
        session = Session()
        session.host(Point())
        server = Server(session, limits=Limits(proposals_per_second=1))
        peer = Peer(server).connect().read()
        assert self.codes(peer, 10) == ["ack"] * 10

    def test_to_be_counted_wakes_who_ticks(self) -> None:
        session = Session()
        session.host(Point(x=1))
        server = Server(session)
        woken: list[float | None] = []
        peer = Peer(server).connect().read()
        tick(server, 0)
        server.flush()
        server.on_wake(lambda: woken.append(server.due()))
        peer.propose(1, replace("/x", 1), proposal="changes nothing")
        assert woken == [1]


@pytest.mark.promise("resync")
class TestResyncs:
    def test_a_mirror_that_is_lost_is_shown_everything_anew(self) -> None:
        session = Session()
        server = Server(session)
        point = Point()
        session.host(point)
        gone = session.host(Point())
        peer = Peer(server).connect().read()
        peer.mirror.lose()
        session.unhost(gone)
        point.x = 1
        server.deliver(server.flush())
        peer.read()
        assert peer.mirror.lost
        peer.send(messages.resync())
        assert peer.read().values == {1: {"x": 1, "y": 0}}
        assert [message["t"] for message in peer.received[-2:]] == ["reset", "snapshot"]

    def test_one_asked_for_while_busy_comes_next(self) -> None:
        session = Session()
        server = Server(session)
        point = Point()
        session.host(point)
        peer = Peer(server).connect().read()
        point.x = 1
        server.deliver(server.flush())
        peer.mirror.lose()
        peer.send(messages.resync())
        assert len(peer.under_way) == 1
        assert peer.read().values == {1: {"x": 1, "y": 0}}

    def test_one_too_soon_waits_for_its_time(self) -> None:
        session = Session()
        server = Server(session, limits=Limits(resyncs_per_second=0.5))
        point = Point()
        session.host(point)
        peer = Peer(server).connect().read()
        tick(server, 0)
        peer.send(messages.resync())
        peer.read()
        peer.mirror.lose()
        peer.send(messages.resync())
        # It is sent nothing that it would have to ignore, not even an answer.
        point.x = 1
        peer.propose(1, replace("/y", 1), proposal="p")
        assert server.flush() == {}
        assert peer.read().mirror.lost
        assert server.due() == 1
        tick(server, 1)
        assert peer.read().mirror.lost
        tick(server, 2)
        assert peer.read().values == {1: {"x": 1, "y": 1}}
        assert [answer["t"] for answer in peer.answers] == ["ack"]


def test_no_connections_need_no_ticks() -> None:
    server = Server(Session())
    assert server.due() is None
    peer = Peer(server).connect()
    assert server.due() is not None
    peer.disconnect()
    assert server.due() is None
