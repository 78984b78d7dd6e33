from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from transports_core.access import READ, WRITE
from transports_core.errors import (
    CycleError,
    LocalProtocolError,
    UnknownModelError,
    UnrepresentableError,
)
from transports_core.log import Entry, Kind
from transports_core.session import Session, Snapshot
from transports_core.testing.followed import Followed
from transports_core.tracking import Root

from .boards import (
    Board,
    Picky,
    Point,
    json,
    refer_to,
    replaced,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class TestHosting:
    def test_each_thing_that_happens_takes_the_next_revision(self, followed: Followed) -> None:
        session = followed.session
        board, point = Board(), Point()
        first, second = session.host(board), session.host(point)
        assert (first, second) == (1, 2)
        assert told(followed.commit()) == [(1, 1, Kind.HOST, []), (2, 2, Kind.HOST, [])]
        point.x = 5
        assert told(followed.commit()) == [(3, 2, Kind.PATCH, [replaced("/x", 5)])]
        session.set_access(first, READ)
        session.unhost(second)
        assert told(followed.commit()) == [(4, 1, Kind.ACCESS, []), (5, 2, Kind.UNHOST, [])]
        assert (session.ids(), session.rev) == ([1], 5)
        assert followed.access == {1: READ}

    def test_the_base_of_an_entry_is_the_revision_of_the_last_change_of_its_model(
        self, followed: Followed
    ) -> None:
        session = followed.session
        point, other = Point(), Point()
        id = followed.host(point)
        followed.host(other)
        entries: list[Entry] = []
        point.x = 1
        entries += followed.commit()
        session.set_access(id, READ)
        other.x = 1
        entries += followed.commit()
        point.x = 2
        entries += followed.commit()
        assert [(entry.id, entry.base, entry.rev) for entry in entries] == [
            (1, 1, 3),
            (1, 3, 4),
            (2, 2, 5),
            (1, 3, 6),
        ]

    def test_a_hosted_model_keeps_its_id(self, followed: Followed) -> None:
        session = followed.session
        board = Board()
        id = followed.host(board)
        assert session.host(board) == id
        assert followed.commit() == []

    def test_hosting_again_with_an_access_changes_that(self, followed: Followed) -> None:
        board = Board()
        id = followed.host(board, READ)
        assert followed.access == {id: READ}
        assert followed.session.host(board, access=WRITE) == id
        followed.commit()
        assert followed.access == {id: WRITE}

    @pytest.mark.parametrize("plain", [{"a": [1]}, [1, 2]])
    def test_a_plain_container_is_one_with_its_twin(self, followed: Followed, plain: Any) -> None:
        session = followed.session
        id = followed.host(plain)
        twin = session.live(id)
        assert twin == plain
        assert session.host(plain) == session.host(twin) == id
        session.unhost(id)
        assert session.host(plain) != id
        assert session.host(twin) != id

    def test_ids_are_never_used_again(self, followed: Followed) -> None:
        session = followed.session
        board = Board()
        ids = [session.host(board)]
        for _ in range(3):
            session.unhost(ids[-1])
            ids.append(session.host(board))
        assert ids == [1, 2, 3, 4]
        followed.commit()
        assert followed.in_step()

    def test_what_cannot_be_hosted_leaves_nothing_behind(self, followed: Followed) -> None:
        session = followed.session
        cycle: list[Any] = []
        cycle.append(cycle)
        picky = Picky(content=object())
        with pytest.raises(CycleError):
            session.host(cycle)
        with pytest.raises(UnrepresentableError):
            session.host(picky)
        assert (session.ids(), followed.commit()) == ([], [])
        picky.content = 1
        assert session.value(session.host(picky)) == {"name": "", "content": 1}

    def test_an_id_that_stands_for_no_model_is_an_error(self, followed: Followed) -> None:
        session = followed.session
        gone = followed.host(Board())
        session.unhost(gone)
        followed.commit()
        asks: list[Callable[[int], object]] = [
            session.unhost,
            session.live,
            session.value,
            session.snapshot,
            session.update,
            lambda id: session.set_access(id, READ),
        ]
        for ask in asks:
            for id in (gone, 99):
                with pytest.raises(UnknownModelError) as error:
                    ask(id)
                assert error.value.id == id

    @pytest.mark.promise("session.twice")
    def test_a_model_in_two_sessions_updates_in_both(self, followed: Followed) -> None:
        other = Followed(late=False)
        board = Board(points=[Point()])
        followed.host(board)
        other.host(board.points[0])
        other.host(board)
        board.points[0].x = 7
        other.commit()
        followed.commit()
        assert followed.in_step()
        assert other.in_step()
        assert other.values[1] == {"x": 7, "y": 0}
        followed.session.unhost(1)
        board.points[0].x = 8
        board.points.append(Point())
        other.commit()
        assert other.in_step()

    def test_unhosting_lets_go_of_the_model(self, followed: Followed) -> None:
        board = Board()
        id = followed.host(board)
        board.title = "last words"
        followed.session.unhost(id)
        assert [entry.kind for entry in followed.commit()] == [Kind.PATCH, Kind.UNHOST]
        board.title = "unheard"
        assert followed.commit() == []
        gone = weakref.ref(board)
        del board
        gc.collect()
        assert gone() is None


@pytest.mark.promise("session.freed")
class TestFreeing:
    def test_a_session_nobody_refers_to_is_freed_and_lets_go_of_its_models(self) -> None:
        session = Session()
        board = Board(points=[Point()])
        session.host(board)
        session.on_change(refer_to(session))
        board.title = "seen"
        gone = weakref.ref(session)
        del session
        gc.collect()
        assert gone() is None
        # Not watched any more: a second session would notice what the first left behind.
        assert "__setattr__" not in vars(Board)
        assert type(board.points) is list or board.points == [Point()]

    def test_a_model_in_use_does_not_keep_a_session_with_callbacks(self) -> None:
        session = Session()
        board = Board()
        session.host(board)
        session.on_error(refer_to(session))
        session.on_wake(refer_to(session))
        gone = weakref.ref(session)
        del session
        gc.collect()
        assert gone() is None
        board.title = "nobody hears this, and nothing breaks"


class TestValues:
    def test_a_value_is_current_and_the_callers_own(self, followed: Followed) -> None:
        board = Board(points=[Point()])
        id = followed.host(board)
        board.points[0].x = 3
        value: Any = followed.session.value(id)
        assert value == {"title": "board", "points": [{"x": 3, "y": 0}], "numbers": [], "named": {}}
        value["points"].clear()
        assert followed.session.value(id) != value

    def test_a_snapshot_shows_what_is_committed(self, followed: Followed) -> None:
        session = followed.session
        point = Point()
        id = followed.host(point)
        point.x = 1
        followed.commit()
        assert session.snapshot(id) == Snapshot(id, "Point", "first", 2, b'{"x":1,"y":0}')

    def test_a_snapshot_is_not_ahead_of_a_log_that_is_late(self) -> None:
        followed = Followed(late=True)
        late = followed.late
        assert late is not None
        session = followed.session
        point = Point()
        id = session.host(point)
        with pytest.raises(UnknownModelError):
            session.snapshot(id)
        followed.commit()
        point.x = 1
        assert session.drain() == []
        point.y = 2
        assert session.drain() == []
        assert session.snapshot(id).encoded == b'{"x":0,"y":0}'
        late.answer(1)
        assert session.snapshot(id) == Snapshot(id, "Point", "first", 2, b'{"x":1,"y":0}')
        late.answer()
        assert session.snapshot(id) == Snapshot(id, "Point", "first", 3, b'{"x":1,"y":2}')
        followed.follow()
        assert followed.in_step()

    @pytest.mark.promise("snapshot.once")
    def test_a_snapshot_is_made_once_a_revision(
        self, followed: Followed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session = followed.session
        board = Board()
        id = followed.host(board)
        made: list[object] = []
        encode = Root.encode

        def count(root: Any) -> bytes:
            made.append(root)
            return encode(root)

        monkeypatch.setattr(Root, "encode", count)
        texts = {session.snapshot(id).encoded for _ in range(5)}
        assert (len(texts), len(made)) == (1, 0)
        board.title = "other"
        followed.commit()
        assert len(made) == 0
        texts |= {session.snapshot(id).encoded for _ in range(5)}
        assert (len(texts), len(made)) == (2, 1)

    def test_what_is_kept_of_a_model_does_not_grow_with_what_happens_to_it(
        self, followed: Followed
    ) -> None:
        point = Point()
        id = followed.host(point)
        committed = followed.session.committed[id]._committed  # pyright: ignore[reportPrivateUsage]
        longest = 0
        for n in range(1, 1000):
            point.x = n
            followed.skip()
            longest = max(longest, len(committed._tail))  # pyright: ignore[reportPrivateUsage]
        assert longest < 200
        assert followed.session.snapshot(id).encoded == json(point)


class TestEpochs:
    def test_no_two_sessions_share_an_epoch(self) -> None:
        epochs = {Session().epoch for _ in range(100)}
        assert len(epochs) == 100
        assert all(len(epoch) >= 16 for epoch in epochs)

    def test_an_epoch_can_be_given_with_a_log(self) -> None:
        assert Session(epoch="e").epoch == "e"
        assert Session(epoch="A-z_0.9~" * 16).epoch == "A-z_0.9~" * 16

    @pytest.mark.parametrize("epoch", ["", "a,b:c", "a:1", "a b", "é", "e\n", "e" * 129])
    def test_an_epoch_that_no_cursor_can_hold_is_refused(self, epoch: str) -> None:
        with pytest.raises(LocalProtocolError) as raised:
            Session(epoch=epoch)
        assert raised.value.code == "epoch"


class TestSince:
    def test_a_log_reaches_back_as_far_as_its_bounds(self) -> None:
        session = Session(max_log_entries=2)
        point = Point()
        session.host(point)
        for n in range(1, 5):
            point.x = n
            session.drain()
        assert (session.rev, session.floor) == (5, 3)
        assert session.since(2) is None
        assert [entry.rev for entry in session.since(3) or ()] == [4, 5]
        assert session.since(6) is None

    def test_operations_are_lowered_while_somebody_asks_for_it(self, followed: Followed) -> None:
        session = followed.session
        board = Board(title="a", numbers=[2, 1])
        followed.host(board)
        board.title += "b"
        (before,) = followed.commit()
        end, again = session.lower(), session.lower()
        board.title += "c"
        board.numbers.sort()
        session.host(Board(numbers=[1]))
        session.live(2).numbers.append(2)
        first, _, second = followed.commit()
        end()
        board.title += "d"
        (third,) = followed.commit()
        again()
        board.title += "e"
        (after,) = followed.commit()
        assert before.standard is None
        assert first.standard is not None
        assert second.standard == [{"op": "add", "path": "/numbers/-", "value": 2}]
        assert third.standard == [replaced("/title", "abcd")]
        assert after.standard is None
