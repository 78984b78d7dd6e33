from __future__ import annotations

import json
from threading import Event, Thread
from typing import Any

import pytest
from pydantic import BaseModel, Field, field_validator

from transports_core import message_types, messages
from transports_core.access import READ
from transports_core.connection import Close
from transports_core.limits import Limits
from transports_core.server import Server
from transports_core.session import Change, Origin, Session
from transports_core.testing.late_log import LateLog
from transports_core.testing.peer import Peer


class Point(BaseModel):
    x: int = 0
    y: int = 0


class Board(BaseModel):
    points: list[Point] = Field(default_factory=lambda: [])


class Fragile(BaseModel):
    x: int = 0

    @field_validator("x")
    @classmethod
    def _fail(cls, x: int) -> int:
        if x == 13:
            raise RuntimeError(x)
        return x


def replace(path: str, value: Any) -> Any:
    return {"op": "replace", "path": path, "value": value}


def flush(server: Server) -> None:
    server.deliver(server.flush())


class TestAnswers:
    @pytest.mark.promise("edit.answered")
    def test_an_accepted_edit_is_answered_in_the_frame_that_shows_it(self) -> None:
        session = Session()
        server = Server(session)
        point = Point()
        id = session.host(point)
        peer, other = Peer(server).connect().read(), Peer(server).connect().read()
        point.y = 1
        peer.propose(id, replace("/x", 4), proposal="p")
        assert len(peer.under_way) == 1
        peer.read()
        assert point.x == 4
        assert peer.values == {id: {"x": 4, "y": 1}}
        assert peer.received[-2:] == [
            {
                "t": "patch",
                "id": id,
                "base": 1,
                "rev": 3,
                "ops": [replace("/y", 1), replace("/x", 4)],
            },
            {"t": "ack", "id": id, "rev": 3, "proposals": ["p"]},
        ]
        assert other.read().values == peer.values
        assert other.answers == []

    def test_a_refused_edit_is_answered_by_the_models_own_errors(self) -> None:
        session = Session()
        id = session.host(Point())
        peer = Peer(Server(session)).connect().read()
        peer.propose(id, replace("/x", "many"), proposal="p")
        answer: Any = peer.read().answers[0]
        assert (answer["t"], answer["id"], answer["rev"]) == ("reject", id, 1)
        assert (answer["proposal"], answer["error"]["code"]) == ("p", "invalid")
        assert answer["error"]["details"][0]["loc"] == ["x"]

    @pytest.mark.promise("edit.unchanged")
    def test_an_edit_that_changes_nothing_is_answered_and_not_broadcast(self) -> None:
        session = Session()
        server = Server(session)
        id = session.host(Point(x=4))
        peer, other = Peer(server).connect().read(), Peer(server).connect().read()
        peer.propose(id, replace("/x", 4), proposal="p")
        assert peer.read().answers == [{"t": "ack", "id": id, "rev": 1, "proposals": ["p"]}]
        assert (session.rev, len(other.under_way), server.flush()) == (1, 0, {})

    def test_the_edits_of_a_frame_are_answered_together(self) -> None:
        session = Session()
        id = session.host(Point())
        other = session.host(Point())
        peer = Peer(Server(session)).connect().read()
        peer.send(
            peer.edit(id, replace("/x", 1), proposal="a"),
            peer.edit(other, replace("/x", 1), proposal="b"),
            peer.edit(id, replace("/x", "many"), proposal="c"),
            peer.edit(id, replace("/y", 1), proposal="d"),
        )
        assert len(peer.under_way) == 1
        answers: list[Any] = peer.read().answers
        assert answers[:2] == [
            {"t": "ack", "id": id, "rev": 5, "proposals": ["a", "d"]},
            {"t": "ack", "id": other, "rev": 4, "proposals": ["b"]},
        ]
        assert [answer["proposal"] for answer in answers[2:]] == ["c"]
        assert peer.values == {id: {"x": 1, "y": 1}, other: {"x": 1, "y": 0}}

    def test_who_is_busy_is_answered_once_that_is_sent(self) -> None:
        session = Session()
        server = Server(session)
        point = Point()
        id = session.host(point)
        peer = Peer(server).connect().read()
        point.y = 1
        flush(server)
        peer.propose(id, replace("/x", 1), proposal="a")
        peer.propose(id, replace("/x", 2), proposal="b")
        assert len(peer.under_way) == 1
        peer.read(1)
        assert peer.answers == []
        peer.read(1)
        assert peer.answers == [{"t": "ack", "id": id, "rev": 4, "proposals": ["a", "b"]}]
        assert peer.values == {id: {"x": 2, "y": 1}}

    @pytest.mark.promise("edit.answered")
    def test_an_edit_is_answered_once_a_log_that_is_late_has_it(self) -> None:
        log = LateLog()
        session = Session(log=log)
        server = Server(session)
        point = Point()
        id = session.host(point)
        log.answer()
        peer = Peer(server).connect().read()
        peer.propose(id, replace("/x", 4), proposal="p")
        point.y = 1
        flush(server)
        assert peer.read().answers == []
        assert peer.values == {id: {"x": 0, "y": 0}}
        log.answer(1)
        outgoing = server.flush()
        assert set(outgoing) == {peer.conn}
        server.deliver(outgoing)
        assert peer.read().answers == [{"t": "ack", "id": id, "rev": 2, "proposals": ["p"]}]
        assert peer.values == {id: {"x": 4, "y": 0}}
        log.answer()
        flush(server)
        assert peer.read().values == {id: {"x": 4, "y": 1}}

    def test_who_waits_for_an_answer_goes_on_to_see_what_happens(self) -> None:
        log = LateLog()
        session = Session(log=log)
        server = Server(session)
        point = Point()
        id = session.host(point)
        log.answer()
        peer = Peer(server).connect().read()
        with session.transaction():
            peer.propose(id, replace("/x", 4), proposal="p")
            other = session.host(Point())
            peer.read()
        log.answer(1)
        outgoing = server.flush()
        assert set(outgoing) == {peer.conn}
        server.deliver(outgoing)
        peer.read()
        log.answer()
        flush(server)
        peer.read()
        assert [answer["t"] for answer in peer.answers] == ["ack"]
        assert sorted(peer.values) == [id, other]

    @pytest.mark.promise("change.origin")
    def test_the_application_is_told_who_proposed_what(self) -> None:
        session = Session()
        told: list[Change] = []
        session.on_change(told.append)
        point = Point()
        id = session.host(point)
        peer = Peer(Server(session), principal="ann").connect().read()
        peer.propose(id, replace("/x", 4), proposal="p")
        conn = peer.read().received[0]["conn"]
        assert told == [Change(id, point, [replace("/x", 4)], Origin(conn, "ann"), 2)]

    def test_a_validator_that_breaks_refuses_the_edit_and_harms_nobody(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        session = Session()
        fragile, point = Fragile(), Point()
        session.host(fragile)
        session.host(point)
        peer = Peer(Server(session)).connect().read()
        peer.send(
            peer.edit(1, replace("/x", 13), proposal="a"),
            peer.edit(2, replace("/x", 13), proposal="b"),
        )
        answers: list[Any] = peer.read().answers
        assert [answer["t"] for answer in answers] == ["ack", "reject"]
        assert answers[1]["error"]["code"] == "invalid"
        assert (fragile.x, point.x) == (0, 13)
        del caplog


@pytest.mark.promise("edit.once")
class TestSentAgain:
    def test_an_edit_sent_again_is_answered_again_and_not_applied_again(self) -> None:
        session = Session()
        server = Server(session)
        board = Board()
        id = session.host(board)
        peer = Peer(server).connect().read()
        edit = peer.edit(id, {"op": "add", "path": "/points/-", "value": {}}, proposal="p")
        peer.send(edit)
        peer.disconnect()
        peer.connect().read()
        peer.send(edit)
        assert peer.read().answers == [{"t": "ack", "id": id, "rev": 2, "proposals": ["p"]}]
        assert len(board.points) == 1
        peer.send(edit, edit)
        peer.read()
        assert len(board.points) == 1

    def test_a_refused_edit_is_refused_again(self) -> None:
        session = Session()
        id = session.host(Point())
        peer = Peer(Server(session)).connect().read()
        edit = peer.edit(id, replace("/x", "many"), proposal="p")
        peer.send(edit)
        peer.send(edit)
        first, second = peer.read().answers
        assert first == second

    def test_one_that_is_not_committed_yet_is_not_applied_again(self) -> None:
        log = LateLog()
        session = Session(log=log)
        server = Server(session)
        board = Board()
        id = session.host(board)
        log.answer()
        peer = Peer(server).connect().read()
        edit = peer.edit(id, {"op": "add", "path": "/points/-", "value": {}}, proposal="p")
        peer.send(edit)
        peer.disconnect()
        peer.connect().read()
        peer.send(edit)
        assert peer.read().answers == []
        log.answer()
        flush(server)
        assert peer.read().answers == [{"t": "ack", "id": id, "rev": 2, "proposals": ["p"]}]
        assert len(board.points) == 1

    def test_the_answers_of_one_principal_are_not_for_another(self) -> None:
        session = Session()
        server = Server(session)
        board = Board()
        id = session.host(board)
        for principal in ("ann", "bob", None):
            peer = Peer(server, principal=principal).connect().read()
            add: Any = {"op": "add", "path": "/points/-", "value": {}}
            peer.propose(id, add, proposal="the same")
        assert len(board.points) == 3

    @pytest.mark.promise("edit.once", "edit.honest")
    def test_one_whose_answer_is_forgotten_is_not_applied_again_and_not_called_refused(
        self,
    ) -> None:
        # By the log that was outlived, and by the bound on answers.
        for entries, answers in ((3, 100), (100, 3)):
            session = Session(max_log_entries=entries)
            server = Server(session, limits=Limits(answers=answers))
            board = Board()
            id = session.host(board)
            peer, other = Peer(server).connect().read(), Peer(server).connect().read()
            add: Any = {"op": "add", "path": "/points/-", "value": {}}
            edit = peer.edit(id, add, proposal="p")
            peer.send(edit)
            for n in range(5):
                other.read().propose(id, add, proposal=f"p{n}")
            assert len(board.points) == 6
            peer.read().send(edit)
            answer: Any = peer.read().answers[-1]
            assert (answer["proposal"], answer["error"]["code"]) == ("p", "forgotten")
            assert len(board.points) == 6
            session.unhost(id)
            peer.send(edit)
            answer = peer.read().answers[-1]
            assert answer["error"]["code"] == "forgotten"

    def test_one_of_a_model_that_has_not_changed_since_is_taken_in(self) -> None:
        session = Session()
        server = Server(session, limits=Limits(answers=1))
        still, busy = session.host(Board()), session.host(Board())
        peer = Peer(server).connect().read()
        add: Any = {"op": "add", "path": "/points/-", "value": {}}
        for n in range(5):
            peer.read().propose(busy, add, proposal=f"p{n}")
        peer.propose(still, add, proposal="p")
        assert peer.read().answers[-1]["t"] == "ack"

    @pytest.mark.promise("edit.honest")
    def test_one_that_was_accepted_is_said_to_be_however_often_it_is_sent(self) -> None:
        session = Session()
        server = Server(session, limits=Limits(proposals_per_second=2))
        id = session.host(Board())
        server.tick(0)
        peer = Peer(server).connect().read()
        add: Any = {"op": "add", "path": "/points/-", "value": {}}
        edits = [peer.edit(id, add, proposal=f"p{n}") for n in range(3)]
        peer.send(*edits, *edits)
        accepted, *refused = peer.read().answers
        assert accepted == {"t": "ack", "id": id, "rev": 3, "proposals": ["p0", "p1", "p0", "p1"]}
        codes = [(each["proposal"], each["error"]["code"]) for each in refused]  # type: ignore[typeddict-item]
        assert codes == [("p2", "rate_limited")] * 2

    def test_what_is_not_committed_yet_is_remembered_whatever_the_log_forgets(self) -> None:
        log = LateLog(max_entries=2)
        session = Session(log=log)
        server = Server(session, limits=Limits(answers=2))
        board, other = Board(), Board()
        id = session.host(board)
        session.host(other)
        log.answer()
        for _ in range(5):
            other.points.append(Point())
            session.drain()
        peer = Peer(server).connect().read()
        add: Any = {"op": "add", "path": "/points/-", "value": {}}
        edit = peer.edit(id, add, proposal="p")
        peer.send(edit)
        log.answer(5)
        for n in range(5):
            peer.propose(id, {"op": "remove", "path": "/points/7"}, proposal=f"p{n}")
        peer.send(edit)
        assert len(board.points) == 1

    def test_answers_are_forgotten_with_the_log_of_what_they_did(self) -> None:
        session = Session(max_log_entries=3)
        server = Server(session)
        point = Point()
        id = session.host(point)
        peer = Peer(server).connect().read()
        for n in range(10):
            peer.propose(id, replace("/x", n), proposal=f"p{n}")
            peer.read()
        remembered = session.answers
        assert remembered.find((None, None), "p9") is not None
        assert remembered.find((None, None), "p5") is None

    def test_refusals_are_forgotten_too(self) -> None:
        session = Session()
        server = Server(session, limits=Limits(answers=5))
        id = session.host(Point())
        peer = Peer(server).connect().read()
        for n in range(10):
            peer.propose(id, replace("/x", "many"), proposal=f"p{n}")
            peer.read()
        remembered = session.answers
        assert [remembered.find((None, None), f"p{n}") is not None for n in (4, 5)] == [False, True]


@pytest.mark.promise("edit.refused")
@pytest.mark.promise("edit.once.anywhere")
class TestSentToAnotherServer:
    def test_an_edit_sent_again_to_another_server_of_the_session_is_not_applied_again(
        self,
    ) -> None:
        session = Session()
        board = Board()
        add: Any = {"op": "add", "path": "/points/-", "value": {}}
        id = session.host(board)
        lost = Peer(Server(session)).connect().read()
        good, bad = lost.edit(id, add, proposal="p"), lost.edit(id, replace("/x", 1), proposal="q")
        lost.send(good, bad)
        lost.disconnect()
        # Which may look by now, and no more.
        back = Peer(Server(session), "msgpack", access=READ).connect().read()
        back.send(good, bad)
        accepted, refused = back.read().answers
        assert accepted == {"t": "ack", "id": id, "rev": 2, "proposals": ["p"]}
        assert refused == {**refused, "t": "reject", "rev": 2, "proposal": "q"}
        assert back.values == {id: {"points": [{"x": 0, "y": 0}]}}
        assert len(board.points) == 1

    def test_one_that_is_not_committed_yet_is_answered_there_when_it_is(self) -> None:
        log = LateLog()
        session = Session(log=log)
        board = Board()
        id = session.host(board)
        log.answer()
        lost = Peer(Server(session)).connect().read()
        edit = lost.edit(id, {"op": "add", "path": "/points/-", "value": {}}, proposal="p")
        lost.send(edit)
        other = Server(session)
        back = Peer(other).connect().read()
        back.send(edit)
        assert back.read().answers == []
        log.answer()
        flush(other)
        assert back.read().answers == [{"t": "ack", "id": id, "rev": 2, "proposals": ["p"]}]
        assert len(board.points) == 1

    def test_as_many_answers_are_remembered_as_any_server_is_to(self) -> None:
        session = Session()
        few, many = (Server(session, limits=Limits(answers=n)) for n in (2, 5))
        id = session.host(Point())
        peers = [Peer(server).connect().read() for server in (few, many)]
        for n in range(12):
            peers[n % 2].propose(id, replace("/x", "many"), proposal=f"p{n}")
            peers[n % 2].read()
        known = [n for n in range(12) if session.answers.find((None, None), f"p{n}")]
        assert known == [7, 8, 9, 10, 11]

    def test_two_servers_that_are_told_at_once_apply_it_once(self) -> None:
        looked = Event()

        class Name(str):
            __slots__ = ()

            def __hash__(self) -> int:
                looked.set()
                return super().__hash__()

        class Slow(BaseModel):
            points: list[int] = []

            @field_validator("points")
            @classmethod
            def _wait(cls, points: list[int]) -> list[int]:
                if points and not started:
                    looked.clear()
                    started.append(Thread(target=second.send, args=(edit,)))
                    started[0].start()
                    # The other server looks for an answer while this one is about to give it.
                    assert looked.wait(30)
                return points

        started: list[Thread] = []
        session = Session()
        slow = Slow()
        id = session.host(slow)
        first, second = (
            Peer(Server(session), principal=Name("ann")).connect().read() for _ in range(2)
        )
        edit = first.edit(id, {"op": "add", "path": "/points/-", "value": 1}, proposal="p")
        first.send(edit)
        started[0].join()
        assert slow.points == [1]
        for peer in (first, second):
            assert peer.read().answers == [{"t": "ack", "id": id, "rev": 2, "proposals": ["p"]}]


class TestRefusals:
    def code(self, peer: Peer, *edits: message_types.EditMessage) -> str:
        peer.send(*edits)
        answer: Any = peer.read().answers[-1]
        assert answer["t"] == "reject"
        return answer["error"]["code"]

    @pytest.mark.parametrize("where", ["server", "model", "connection"])
    def test_who_may_only_look_is_told_so(self, where: str) -> None:
        session = Session()
        point = Point()
        id = session.host(point, access=READ if where == "model" else None)
        server = Server(session, access=READ) if where == "server" else Server(session)
        peer = Peer(server, access=READ) if where == "connection" else Peer(server)
        peer.connect().read()
        assert self.code(peer, peer.edit(id, replace("/x", 1), proposal="p")) == "read_only"
        assert point.x == 0

    def test_a_change_of_access_holds_at_once(self) -> None:
        session = Session()
        id = session.host(Point())
        peer = Peer(Server(session)).connect().read()
        edit = peer.edit(id, replace("/x", 1), proposal="p")
        session.set_access(id, READ)
        assert self.code(peer, edit) == "read_only"
        session.set_access(id, None)
        # What was not let in was not decided on.
        peer.send(edit)
        assert peer.read().answers[-1]["t"] == "ack"

    def test_a_model_that_is_not_there(self) -> None:
        session = Session(epoch="first")
        gone = session.host(Point())
        peer = Peer(Server(session)).connect().read()
        edit = peer.edit(gone, replace("/x", 1), proposal="p")
        session.unhost(gone)
        assert self.code(peer, edit) == "unknown_model"
        unheard = messages.edit(99, "first", 1, [replace("/x", 1)], "q")
        assert self.code(peer, unheard) == "unknown_model"

    def test_another_life_of_the_session(self) -> None:
        session = Session()
        id = session.host(Point())
        peer = Peer(Server(session)).connect().read()
        edit = messages.edit(id, "another", 1, [replace("/x", 1)], "p")
        assert self.code(peer, edit) == "conflict"

    def test_more_operations_than_are_allowed(self) -> None:
        session = Session()
        id = session.host(Point())
        peer = Peer(Server(session, limits=Limits(proposal_ops=2))).connect().read()
        ops = [replace("/x", 1)] * 3
        assert self.code(peer, peer.edit(id, *ops, proposal="p")) == "too_large"
        peer.send(peer.edit(id, *ops[:2], proposal="q"))
        assert peer.read().answers[-1]["t"] == "ack"

    def test_operations_that_are_none(self) -> None:
        session = Session()
        id = session.host(Point())
        peer = Peer(Server(session)).connect().read()
        edit: Any = peer.edit(id, proposal="p") | {"ops": [1]}
        assert self.code(peer, edit) == "malformed"

    def test_values_that_are_nested_too_deep(self) -> None:
        session = Session()
        id = session.host({"a": None})
        peer = Peer(Server(session, limits=Limits(depth=3))).connect().read()
        deep: Any = [[[[]]]]
        assert self.code(peer, peer.edit(id, replace("/a", deep), proposal="p")) == "too_large"
        peer.send(peer.edit(id, replace("/a", deep[0]), proposal="q"))
        assert peer.read().answers[-1]["t"] == "ack"


@pytest.mark.promise("frame.malformed")
class TestBadFrames:
    @pytest.mark.parametrize(
        "frame",
        [
            "",
            "{",
            "1",
            "[1]",
            b"\x80",
            '{"t": 1}',
            '{"t": "patch"}',
            '[{"t": "resync"}, {}]',
            "\ud800",
        ],
    )
    @pytest.mark.parametrize("busy", [True, False])
    def test_a_frame_that_cannot_be_read_ends_the_connection(self, frame: Any, busy: bool) -> None:
        session = Session()
        server = Server(session)
        session.host(Point())
        peer, other = Peer(server).connect(), Peer(server).connect().read()
        if not busy:
            peer.read()
        peer.send_frame(frame)
        *_, last, close = peer.under_way
        assert isinstance(last, str)
        assert json.loads(last)["code"] == "malformed"
        assert isinstance(close, Close)
        assert close.code == 4400
        assert len(close.reason.encode()) <= 123
        assert server.take(peer.conn) is None
        assert server.recv(peer.conn, "{") == {}
        live = session.live(1)
        live.x = 1
        flush(server)
        assert other.read().values == {1: {"x": 1, "y": 0}}
        assert peer.read().closed == close

    def test_nothing_of_such_a_frame_is_acted_upon(self) -> None:
        session = Session()
        point = Point()
        id = session.host(point)
        peer = Peer(Server(session)).connect().read()
        edit = json.dumps(peer.edit(id, replace("/x", 1), proposal="p"))
        peer.send_frame(f'[{edit}, {{"t": "patch"}}]')
        assert point.x == 0

    @pytest.mark.parametrize("codec", ["json", "msgpack"])
    def test_a_frame_beyond_the_bound_ends_the_connection(self, codec: str) -> None:
        session = Session()
        id = session.host({"text": ""})
        server = Server(session, limits=Limits(frame_bytes=1000))
        peer = Peer(server, codec).connect().read()
        peer.propose(id, replace("/text", "\u2603" * 250), proposal="p")
        assert peer.read().answers[0]["t"] == "ack"
        # Characters are not bytes.
        peer.propose(id, replace("/text", "\u2603" * 333), proposal="q")
        closed = peer.read().closed
        assert closed is not None
        assert closed.code == 1009

    def test_unknown_messages_and_fields_are_ignored(self) -> None:
        session = Session()
        id = session.host(Point())
        peer = Peer(Server(session)).connect().read()
        edit: Any = peer.edit(id, replace("/x", 1), proposal="p")
        unknown: Any = {"t": "sing", "song": 1}
        peer.send(unknown, edit | {"unknown": 1})
        assert peer.read().answers[0]["t"] == "ack"
