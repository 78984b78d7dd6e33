from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, Field

from transports_core.access import READ, WRITE
from transports_core.codecs import get_codec
from transports_core.errors import LocalProtocolError, RefusedError
from transports_core.limits import Limits
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transports_core.connection import Serving


class Point(BaseModel):
    x: int = 0
    y: int = 0


class Board(BaseModel):
    title: str = "board"
    numbers: list[int] = Field(default_factory=lambda: [])
    points: list[Point] = Field(default_factory=lambda: [])


def send(server: Serving) -> None:
    server.deliver(server.flush())


def kinds(messages: list[Mapping[str, Any]]) -> list[str]:
    return [message["t"] for message in messages]


def snapshot(id: int, rev: int, value: Any, **given: Any) -> dict[str, Any]:
    message = {"t": "snapshot", "id": id, "type": "Point", "epoch": "first", "rev": rev}
    return {**message, "value": value, "access": "write", **given}


def change(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def test_a_server_is_what_adapters_drive() -> None:
    serving: Serving = Server(Session())
    assert serving.limits == Limits()


class TestOpening:
    @pytest.mark.promise("connection.hello")
    @pytest.mark.parametrize("codec", ["json", "msgpack"])
    def test_a_connection_is_greeted_and_shown_everything(self, codec: str) -> None:
        session = Session(epoch="first")
        server = Server(session, heartbeat=7)
        session.host(Point())
        session.host(Point(x=1))
        peer = Peer(server, codec).connect()
        assert len(peer.under_way) == 1
        peer.read()
        hello, *rest = peer.received
        assert hello == {"t": "hello", "v": 1, "conn": hello["conn"], "heartbeat": 7}
        assert rest == [
            {"t": "reset"},
            snapshot(1, 1, {"x": 0, "y": 0}),
            snapshot(2, 2, {"x": 1, "y": 0}),
        ]
        assert server.cursor(peer.conn) == "first:2"

    def test_each_connection_has_an_id_of_its_own(self) -> None:
        server = Server(Session())
        peers = [Peer(server).connect().read() for _ in range(50)]
        assert len({peer.received[0]["conn"] for peer in peers}) == 50

    def test_a_heartbeat_may_be_chosen_by_connection(self) -> None:
        server = Server(Session(), heartbeat=7)
        assert Peer(server, heartbeat=0).connect().read().received[0]["heartbeat"] == 0

    @pytest.mark.promise("connection.refused")
    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ({"codec": "yaml"}, 4406),
            ({"ops": "rfc5261"}, 4406),
            ({"version": "2"}, 4406),
            ({"version": ""}, 4406),
        ],
    )
    def test_what_is_not_known_here_is_refused(self, asked: dict[str, Any], code: int) -> None:
        server = Server(Session())
        with pytest.raises(RefusedError) as refused:
            server.open("conn", **asked)
        assert refused.value.code == code
        assert server.due() is None
        server.open("conn", version="1")

    @pytest.mark.promise("limits.connections")
    def test_one_connection_too_many_is_asked_to_come_later(self) -> None:
        server = Server(Session(), limits=Limits(connections=1))
        server.open("first")
        with pytest.raises(RefusedError) as refused:
            server.open("second")
        assert refused.value.code == 1013
        server.close("first")
        server.open("second")

    def test_a_handle_is_opened_once(self) -> None:
        server = Server(Session())
        server.open("conn")
        with pytest.raises(LocalProtocolError):
            server.open("conn")

    def test_who_is_not_open_gets_nothing_and_harms_nothing(self) -> None:
        server = Server(Session())
        assert server.take("nobody") is None
        assert server.recv("nobody", "{}") == {}
        server.close("nobody")
        with pytest.raises(LocalProtocolError):
            server.cursor("nobody")
        with pytest.raises(LocalProtocolError):
            server.attach("nobody", print)


class TestBroadcasting:
    @pytest.mark.promise("patch.broadcast")
    @pytest.mark.parametrize("ops", [None, "rfc6902"])
    @pytest.mark.parametrize("codec", ["json", "msgpack"])
    def test_what_is_written_reaches_everybody(self, codec: str, ops: str | None) -> None:
        session = Session()
        server = Server(session)
        board = Board(numbers=[3, 1, 2])
        id = session.host(board)
        peers = [Peer(server, codec, ops=ops).connect().read() for _ in range(3)]
        board.title += "!"
        board.numbers.sort()
        board.points.append(Point())
        send(server)
        for peer in peers:
            peer.read()
            assert peer.values == {id: board.model_dump()}
            names = {op["op"] for op in peer.received[-1]["ops"]}
            assert (names & {"append", "reorder"} == set()) == (ops is not None)

    def test_a_patch_says_where_it_leads_from_and_to(self) -> None:
        session = Session()
        server = Server(session)
        point = Point()
        session.host(point)
        session.host(Point())
        peer = Peer(server).connect().read()
        point.x = 1
        send(server)
        session.host(Point())
        point.x = 2
        session.drain()
        point.y = 3
        send(server)
        peer.read()
        patches = [message for message in peer.received if message["t"] == "patch"]
        assert patches == [
            {"t": "patch", "id": 1, "base": 1, "rev": 3, "ops": [change("/x", 1)]},
            {"t": "patch", "id": 1, "base": 3, "rev": 6, "ops": [change("/x", 2), change("/y", 3)]},
        ]

    def test_nothing_is_sent_where_nothing_happened(self) -> None:
        session = Session()
        server = Server(session)
        session.host(Point())
        Peer(server).connect().read()
        assert server.flush() == {}

    @pytest.mark.promise("session.transaction")
    def test_a_transaction_is_one_frame(self) -> None:
        session = Session()
        server = Server(session)
        point, board = Point(), Board()
        session.host(point)
        session.host(board)
        peer = Peer(server).connect().read()
        with session.transaction():
            point.x = 1
            assert server.flush() == {}
            board.title = "a"
            session.host(Point())
        send(server)
        assert len(peer.under_way) == 1
        peer.read()
        assert sorted(kinds(peer.received[-3:])) == ["patch", "patch", "snapshot"]

    @pytest.mark.promise("frame.once")
    def test_what_goes_to_many_is_encoded_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        session = Session()
        server = Server(session)
        board = Board()
        session.host(board)
        peers = [Peer(server).connect().read() for _ in range(20)]
        encoded: list[str] = []
        codec = type(get_codec("json"))
        encode = codec.encode_message

        def count(self: Any, message: Any) -> Any:
            encoded.append(message["t"])
            return encode(self, message)

        monkeypatch.setattr(codec, "encode_message", count)
        board.title = "a"
        outgoing = server.flush()
        assert encoded == ["patch"]
        frames = {id(frames) for frames in outgoing.values()}
        assert (len(outgoing), len(frames)) == (20, 1)
        encoded.clear()
        for _ in range(10):
            Peer(server).connect()
        assert sorted(encoded) == ["hello"] * 10 + ["snapshot"]
        del peers

    @pytest.mark.promise("patch.append")
    @pytest.mark.parametrize("codec", ["json", "msgpack"])
    def test_a_streamed_token_costs_a_token(self, codec: str) -> None:
        session = Session()
        server = Server(session)
        board = Board(title="word " * 5_000)
        session.host(board)
        peer = Peer(server, codec).connect().read()
        for n in range(20):
            board.title += f"token {n} "
            ((frame,),) = server.flush().values()
            assert isinstance(frame, str | bytes)
            assert len(frame) < 110
            peer.under_way.append(frame)
            peer.read()
        assert peer.values == {1: board.model_dump()}

    @pytest.mark.promise("session.unrepresentable")
    def test_a_model_that_cannot_be_represented_keeps_no_other_from_being_sent(self) -> None:
        session = Session()
        server = Server(session)
        data: Any = session.live(session.host({"a": 1}))
        point = Point()
        session.host(point)
        peer = Peer(server).connect().read()
        data["a"] = 2**70
        point.x = 1
        send(server)
        assert peer.read().values == {1: {"a": 1}, 2: {"x": 1, "y": 0}}
        late = Peer(server, "msgpack").connect().read()
        assert late.values == peer.values
        data["a"] = 2
        send(server)
        assert peer.read().values == late.read().values == {1: {"a": 2}, 2: {"x": 1, "y": 0}}

    @pytest.mark.promise("session.callback-writes")
    def test_what_a_callback_writes_is_sent_by_the_next_flush(self) -> None:
        session = Session()
        server = Server(session)
        point, total = Point(), Point()
        session.host(point)
        id = session.host(total)
        peer = Peer(server).connect().read()

        def add_up(change: Any) -> None:
            if change.model is point:
                total.x = point.x + point.y

        session.on_change(add_up)
        woken: list[int] = []
        send(server)
        server.on_wake(lambda: woken.append(1))
        point.x = 3
        send(server)
        assert len(woken) == 2
        send(server)
        assert peer.read().values[id] == {"x": 3, "y": 0}


class TestComingAndGoing:
    @pytest.mark.promise("model.late")
    def test_a_model_hosted_later_reaches_who_is_connected(self) -> None:
        session = Session()
        server = Server(session)
        peer = Peer(server).connect().read()
        point = Point()
        id = session.host(point)
        send(server)
        assert peer.read().values == {id: {"x": 0, "y": 0}}
        point.x = 1
        send(server)
        assert peer.read().values == {id: {"x": 1, "y": 0}}

    @pytest.mark.promise("model.late")
    def test_a_model_written_to_before_its_snapshot_is_sent_once(self) -> None:
        session = Session()
        server = Server(session)
        peer = Peer(server).connect().read()
        point = Point()
        session.host(point)
        point.x = 1
        send(server)
        assert peer.read().received[1:] == [
            {"t": "reset"},
            snapshot(1, 2, {"x": 1, "y": 0}, epoch=session.epoch),
        ]

    @pytest.mark.promise("model.unhosted")
    def test_a_model_that_is_unhosted_leaves(self) -> None:
        session = Session(epoch="first")
        server = Server(session)
        point = Point()
        id = session.host(point)
        peer = Peer(server).connect().read()
        point.x = 1
        session.unhost(id)
        send(server)
        assert peer.read().values == {}
        assert peer.received[-1] == {"t": "remove", "id": 1, "epoch": "first", "rev": 3}

    def test_a_model_that_came_and_went_unseen_is_not_spoken_of(self) -> None:
        session = Session()
        server = Server(session)
        peer = Peer(server).connect().read()
        session.unhost(session.host(Point()))
        assert server.flush() == {}
        session.host(Point())
        send(server)
        assert sorted(peer.read().values) == [2]

    @pytest.mark.promise("snapshot.first")
    def test_a_patch_never_overtakes_the_snapshot_of_its_model(self) -> None:
        session = Session()
        server = Server(session)
        point = Point()
        id = session.host(point)
        peer = Peer(server).connect()
        point.x = 1
        send(server)
        point.x = 2
        assert server.flush() == {}
        assert len(peer.under_way) == 1
        peer.read(1)
        assert peer.values == {id: {"x": 0, "y": 0}}
        peer.read()
        assert peer.values == {id: {"x": 2, "y": 0}}


@pytest.mark.promise("consumer.slow")
class TestSlowConsumers:
    def test_who_is_busy_is_left_out_and_gets_everything_at_once_later(self) -> None:
        session = Session()
        server = Server(session)
        board = Board()
        id = session.host(board)
        slow, fast = Peer(server).connect().read(), Peer(server).connect().read()
        for n in range(100):
            board.numbers.append(n)
            board.title = f"{n}"
            outgoing = server.flush()
            assert set(outgoing) == ({slow.conn, fast.conn} if n == 0 else {fast.conn})
            server.deliver(outgoing)
            fast.read()
        assert len(slow.under_way) == 1
        slow.read(1)
        assert len(slow.under_way) == 1
        slow.read(1)
        assert slow.values == fast.values == {id: board.model_dump()}
        assert server.take(slow.conn) is None

    def test_what_cancelled_out_meanwhile_is_sent_all_the_same(self) -> None:
        session = Session()
        server = Server(session)
        board = Board()
        session.host(board)
        peer = Peer(server).connect().read()
        board.numbers.append(0)
        send(server)
        board.numbers.append(1)
        session.drain()
        board.numbers.pop()
        session.drain()
        peer.read()
        assert peer.values[1] == board.model_dump()
        assert server.cursor(peer.conn) == f"{session.epoch}:{session.rev}"
        assert peer.mirror.cursor == {session.epoch: session.rev}
        board.numbers.append(2)
        send(server)
        assert peer.read().values[1] == board.model_dump()

    def test_a_snapshot_is_sent_where_it_is_shorter_than_what_happened(self) -> None:
        session = Session()
        server = Server(session)
        board = Board()
        session.host(board)
        peer = Peer(server).connect().read()
        board.title = "a"
        send(server)
        for n in range(50):
            board.points.append(Point(x=n))
            board.title = "x" * 200
            session.drain()
            board.points.pop()
            board.title = "a"
            session.drain()
        peer.read()
        assert peer.values[1] == board.model_dump()
        # The same either way: composed to nothing much, or too long and replaced.
        assert len(str(peer.received[-1])) < 500


@pytest.mark.promise("resume")
class TestResuming:
    def peer(self, session: Session, **given: Any) -> Peer:
        return Peer(Server(session, **given)).connect().read()

    def resume(self, peer: Peer) -> list[Mapping[str, Any]]:
        """Connect again; give what comes after the greeting, all in one frame."""
        before = len(peer.received)
        peer.connect()
        assert len(peer.under_way) <= 2
        peer.read()
        return peer.received[before + 1 :]

    def test_who_missed_nothing_is_sent_nothing(self) -> None:
        session = Session()
        session.host(Point())
        peer = self.peer(session)
        peer.disconnect()
        assert self.resume(peer) == []

    def test_who_missed_something_is_sent_what_happened(self) -> None:
        session = Session(epoch="first")
        stays, changes, goes = Point(), Board(), Point()
        for model in (stays, changes, goes):
            session.host(model)
        peer = self.peer(session)
        peer.disconnect()
        for n in range(10):
            changes.numbers.append(n)
            session.drain()
        goes.x = 1
        session.unhost(3)
        session.host(Point(x=4))
        session.unhost(session.host(Point()))
        missed = self.resume(peer)
        assert kinds(missed) == ["patch", "remove", "snapshot"]
        assert (missed[0]["base"], missed[0]["rev"]) == (2, 13)
        assert missed[1] == {"t": "remove", "id": 3, "epoch": "first", "rev": 15}
        assert missed[2] == snapshot(4, 16, {"x": 4, "y": 0})
        assert peer.values == {
            1: stays.model_dump(),
            2: changes.model_dump(),
            4: {"x": 4, "y": 0},
        }

    def test_beyond_the_log_only_what_changed_is_sent_anew(self) -> None:
        session = Session(epoch="first", max_log_entries=3)
        stays, changes, goes = Point(), Board(), Point()
        for model in (stays, changes, goes):
            session.host(model)
        peer = self.peer(session)
        peer.disconnect()
        session.unhost(3)
        for n in range(10):
            changes.numbers.append(n)
            session.drain()
        missed = self.resume(peer)
        assert kinds(missed) == ["reset", "snapshot"]
        assert missed[0] == {"t": "reset", "epoch": "first", "keep": [1]}
        assert peer.values == {1: stays.model_dump(), 2: changes.model_dump()}

    @pytest.mark.promise("resume.epoch")
    def test_nothing_of_another_life_is_kept(self) -> None:
        session = Session(epoch="first")
        session.host(Point(x=1))
        session.host(Point(x=2))
        peer = self.peer(session)
        peer.disconnect()
        peer.server = Server(Session(epoch="second"))
        assert kinds(self.resume(peer)) == ["reset"]
        assert peer.values == {}

    @pytest.mark.promise("resume.greeted")
    @pytest.mark.parametrize("codec", ["json", "msgpack"])
    @pytest.mark.parametrize(
        ("since", "told"),
        [
            (None, ["reset", "snapshot", "snapshot"]),
            ("first:1", ["snapshot", "patch"]),
            ("first:3", []),
            ("gone:3", ["reset", "snapshot", "snapshot"]),
        ],
    )
    def test_who_is_greeted_is_told_in_the_same_frame_what_became_of_its_cursor(
        self, codec: str, since: str | None, told: list[str]
    ) -> None:
        session = Session(epoch="first")
        point = Point()
        session.host(point)
        session.host(Point())
        point.x = 1
        session.drain()
        (frame,) = Server(session).open("conn", codec, since=since)
        assert kinds([*get_codec(codec).decode(frame)]) == ["hello", *told]

    @pytest.mark.promise("resume.epoch")
    def test_a_cursor_ahead_of_the_clock_is_of_another_life(self) -> None:
        session = Session(epoch="first")
        points = [Point(x=1), Point(x=2)]
        session.host(points[0])
        session.host(points[1])
        peer = self.peer(session)
        peer.disconnect()
        again = Session(epoch="first")
        again.host(Point(x=3))
        peer.server = Server(again)
        assert kinds(self.resume(peer)) == ["reset", "snapshot"]
        assert peer.values == {1: {"x": 3, "y": 0}}

    @pytest.mark.promise("resume.epoch")
    @pytest.mark.parametrize(
        "since", ["", "nonsense", "first:-1", "first:999", "first:1,other:1", "a:1,a:2", "\u2603"]
    )
    def test_a_cursor_that_means_nothing_here_is_answered_by_everything(self, since: str) -> None:
        session = Session(epoch="first")
        session.host(Point())
        peer = Peer(Server(session)).connect(since).read()
        assert kinds(peer.received) in (
            ["hello", "reset", "snapshot"],
            ["hello", "snapshot"],
        )
        assert peer.values == {1: {"x": 0, "y": 0}}

    def test_what_was_not_lowered_is_sent_whole(self) -> None:
        session = Session()
        board = Board(numbers=list(range(100)), title="a")
        session.host(board)
        peer = Peer(Server(session), ops="rfc6902").connect().read()
        peer.disconnect()
        board.numbers.sort(reverse=True)
        session.drain()
        assert kinds(self.resume(peer)) == ["snapshot"]
        assert peer.values == {1: board.model_dump()}
        peer.disconnect()
        board.title = "plain"
        session.drain()
        assert kinds(self.resume(peer)) == ["patch"]
        assert peer.values == {1: board.model_dump()}


@pytest.mark.promise("access.live")
class TestAccess:
    def test_the_narrowest_bound_is_shown(self) -> None:
        session = Session()
        session.host(Point())
        session.host(Point(), access=READ)
        session.host(Point(), access=WRITE)

        def shown(server: Server, access: Any = WRITE) -> list[str]:
            mirror = Peer(server, access=access).connect().read().mirror
            return [mirror.copy(id).access for id in mirror.ids()]

        assert shown(Server(session)) == ["write", "read", "write"]
        assert shown(Server(session), READ) == ["read"] * 3
        assert shown(Server(session, access=READ)) == ["read"] * 3

    def test_a_change_of_access_is_shown_at_once_and_changes_nothing_else(self) -> None:
        session = Session(epoch="first")
        server = Server(session)
        point = Point()
        id = session.host(point)
        peer = Peer(server).connect().read()
        session.set_access(id, READ)
        send(server)
        assert peer.read().received[-1] == snapshot(1, 1, {"x": 0, "y": 0}, access="read")
        assert peer.mirror.copy(id).access == "read"
        point.x = 1
        session.set_access(id, None)
        send(server)
        assert peer.read().received[-1] == snapshot(1, 3, {"x": 1, "y": 0})

    def test_it_is_not_shown_to_who_may_not_write_anyway(self) -> None:
        session = Session()
        server = Server(session, access=READ)
        point = Point()
        id = session.host(point)
        peer = Peer(server).connect().read()
        session.set_access(id, READ)
        assert server.flush() == {}
        session.set_access(id, WRITE)
        point.x = 1
        send(server)
        assert kinds(peer.read().received[-1:]) == ["patch"]
        assert peer.values == {id: {"x": 1, "y": 0}}

    def test_it_is_shown_to_who_was_away(self) -> None:
        for entries in (100, 1):
            session = Session(max_log_entries=entries)
            server = Server(session)
            id = session.host(Point())
            other = Point()
            session.host(other)
            peer = Peer(server).connect().read()
            peer.disconnect()
            session.set_access(id, READ)
            for n in range(1, 3):
                other.x = n
                session.drain()
            peer.connect().read()
            assert peer.mirror.copy(id).access == "read"
            assert peer.values[2] == {"x": 2, "y": 0}
