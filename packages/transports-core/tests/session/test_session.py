from __future__ import annotations

import gc
import logging
import weakref
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, Field, computed_field

from transports_core.access import READ, WRITE
from transports_core.errors import (
    CycleError,
    LocalProtocolError,
    UnknownModelError,
    UnrepresentableError,
)
from transports_core.log import Entry, Kind
from transports_core.session import Change, Failure, Session, Snapshot
from transports_core.testing.followed import Followed
from transports_core.tracking import Root, collect

if TYPE_CHECKING:
    from collections.abc import Callable


class Point(BaseModel):
    x: int = 0
    y: int = 0


class Board(BaseModel):
    title: str = "board"
    points: list[Point] = Field(default_factory=lambda: [])
    numbers: list[int] = Field(default_factory=lambda: [])
    named: dict[str, Any] = Field(default_factory=lambda: {})


class Reading(BaseModel):
    """What it shows besides depends on something that nobody can watch."""

    value: int = 1

    @computed_field
    @property
    def scaled(self) -> int:
        return self.value * FACTOR["by"]


FACTOR = {"by": 1}


class Picky(BaseModel):
    """A model that can be brought into a state without a value."""

    model_config = {"arbitrary_types_allowed": True}

    name: str = ""
    content: Any = None


def told(entries: list[Entry]) -> list[tuple[int, int, Kind, list[Any]]]:
    return [(entry.rev, entry.id, entry.kind, list(entry.ops)) for entry in entries]


def last(session: Session) -> Entry:
    entries = session.since(session.rev - 1)
    assert entries
    return entries[0]


def refer_to(session: Session) -> Callable[..., object]:
    return lambda *_: session


def write_unseen(model: object, name: str, value: Any) -> None:
    vars(model)[name] = value


def json(model: BaseModel) -> bytes:
    return model.model_dump_json().encode()


def replaced(path: str, value: Any) -> Any:
    return {"op": "replace", "path": path, "value": value}


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


class TestWrites:
    def test_a_write_that_changes_nothing_commits_nothing(self, followed: Followed) -> None:
        board = Board(title="same", numbers=[1, 2])
        followed.host(board)
        board.numbers.sort()
        board.numbers.extend([])
        assert followed.commit() == []

    def test_writes_of_one_turn_are_one_entry_a_model(self, followed: Followed) -> None:
        board, point = Board(), Point()
        followed.host(board)
        followed.host(point)
        for n in range(5):
            point.x = n
            board.numbers.append(n)
        entries = followed.commit()
        assert sorted((entry.id, entry.kind) for entry in entries) == [
            (1, Kind.PATCH),
            (2, Kind.PATCH),
        ]
        assert followed.in_step()

    def test_the_log_shows_every_kind_of_model(self, followed: Followed) -> None:
        @dataclass
        class Cell:
            row: int
            tags: list[str] = field(default_factory=lambda: [])

        cell, table = Cell(1), {"a": {"b": [1]}}
        followed.host(cell)
        table = followed.session.live(followed.host(table))
        cell.tags += ["x"]
        cell.row = 2
        table["a"]["b"].insert(0, 0)
        table["c"] = Cell(3)
        followed.commit()
        assert followed.in_step()

    @pytest.mark.promise("session.cost")
    def test_a_drain_looks_at_those_models_alone_that_were_written_to(
        self, followed: Followed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        points = [Point() for _ in range(1000)]
        for point in points:
            followed.session.host(point)
        followed.commit()
        looked_at: list[object] = []

        def watch(roots: list[Root]) -> None:
            looked_at.extend(root.obj for root in roots)
            collect(roots)

        monkeypatch.setattr("transports_core.session.ledger.collect", watch)
        points[500].x = 1
        points[7].x = 1
        assert sorted(entry.id for entry in followed.commit()) == [8, 501]
        assert looked_at == [points[500], points[7]]

    def test_a_write_wakes_once_until_it_is_drained(self, followed: Followed) -> None:
        woken: list[int] = []
        board, point = Board(), Point()
        followed.host(board)
        followed.host(point)
        end = followed.session.on_wake(lambda: woken.append(1))
        board.title = "a"
        board.title = "b"
        point.x = 1
        assert len(woken) == 1
        followed.commit()
        before = len(woken)
        point.x = 2
        assert len(woken) == before + 1
        followed.commit()
        before = len(woken)
        end()
        point.x = 3
        assert len(woken) == before

    def test_what_is_drained_by_itself_wakes_nobody(self) -> None:
        woken: list[int] = []
        followed = Followed(late=False)
        board = Board()
        followed.host(board)
        followed.session.on_wake(lambda: woken.append(1))
        board.title = "a"
        followed.commit()
        assert len(woken) == 1

    def test_what_is_committed_late_wakes(self) -> None:
        woken: list[int] = []
        followed = Followed(late=True)
        board = Board()
        followed.host(board)
        board.title = "a"
        followed.session.drain()
        followed.session.on_wake(lambda: woken.append(1))
        assert followed.late is not None
        followed.late.answer()
        assert len(woken) == 1

    def test_whatever_is_to_be_sent_wakes(self) -> None:
        woken: list[int] = []
        session = Session()
        session.on_wake(lambda: woken.append(1))
        id = session.host(Point())
        session.set_access(id, READ)
        session.unhost(id)
        assert len(woken) == 3


@pytest.mark.promise("session.transaction")
class TestTransactions:
    def test_what_is_written_inside_is_committed_together_at_the_end(
        self, followed: Followed
    ) -> None:
        session = followed.session
        board, point = Board(), Point()
        followed.host(board)
        followed.host(point)
        with session.transaction():
            board.title = "a"
            assert session.drain() == []
            point.x = 1
            with session.transaction():
                board.title = "b"
            assert followed.commit() == []
            third = session.host(Point())
            board.numbers.append(1)
        entries = followed.commit()
        assert {(entry.id, entry.kind) for entry in entries} == {
            (1, Kind.PATCH),
            (2, Kind.PATCH),
            (third, Kind.HOST),
        }
        assert len(entries) == 3
        assert followed.in_step()

    def test_what_was_written_before_is_a_commit_of_its_own(self, followed: Followed) -> None:
        point = Point()
        followed.host(point)
        point.x = 1
        with followed.session.transaction():
            point.y = 2
        assert [list(entry.ops) for entry in followed.commit()] == [
            [replaced("/x", 1)],
            [replaced("/y", 2)],
        ]

    def test_an_exception_takes_nothing_back_and_ends_it(self, followed: Followed) -> None:
        point = Point()
        followed.host(point)
        with suppress(RuntimeError), followed.session.transaction():
            point.x = 1
            raise RuntimeError
        assert [list(entry.ops) for entry in followed.commit()] == [[replaced("/x", 1)]]
        point.x = 2
        assert len(followed.commit()) == 1

    def test_its_end_wakes_even_if_somebody_drained_in_vain(self, followed: Followed) -> None:
        woken: list[int] = []
        point = Point()
        followed.host(point)
        followed.session.on_wake(lambda: woken.append(1))
        with followed.session.transaction():
            point.x = 1
            followed.session.drain()
            woken.clear()
            point.y = 1
            assert woken == []
        followed.commit()
        assert woken != []

    def test_its_models_are_shown_as_they_were_while_it_is_open(self, followed: Followed) -> None:
        session = followed.session
        point = Point()
        id = followed.host(point)
        with session.transaction():
            point.x = 1
            assert session.snapshot(id).encoded == b'{"x":0,"y":0}'
            assert session.value(id) == {"x": 1, "y": 0}
        followed.commit()
        assert session.snapshot(id).encoded == b'{"x":1,"y":0}'

    def test_transactions_of_several_tasks_end_with_the_last(self, followed: Followed) -> None:
        point = Point()
        followed.host(point)
        one, other = ExitStack(), ExitStack()
        one.enter_context(followed.session.transaction())
        point.x = 1
        other.enter_context(followed.session.transaction())
        one.close()
        point.y = 1
        assert followed.commit() == []
        other.close()
        assert [list(entry.ops) for entry in followed.commit()] == [
            [replaced("/x", 1), replaced("/y", 1)]
        ]

    def test_what_is_found_by_comparison_inside_is_composed_with_the_rest(
        self, followed: Followed
    ) -> None:
        session = followed.session
        board = Board(numbers=[1])
        id = followed.host(board)
        with session.transaction():
            board.numbers.append(2)
            write_unseen(board, "title", "unseen")
            session.update(id)
            board.numbers.append(3)
        assert len(followed.commit()) == 1
        assert followed.in_step()


class TestChanges:
    def test_the_application_is_told_of_what_it_wrote(self, followed: Followed) -> None:
        told: list[Change] = []
        end = followed.session.on_change(told.append)
        point = Point()
        id = followed.host(point)
        point.x = 1
        followed.commit()
        end()
        point.x = 2
        followed.commit()
        assert told == [Change(id, point, [replaced("/x", 1)], None, 2)]
        assert told[0].model is point

    def test_it_is_told_once_the_change_is_committed(self) -> None:
        followed = Followed(late=True)
        told: list[int] = []
        followed.session.on_change(lambda change: told.append(change.rev))
        point = Point()
        followed.host(point)
        point.x = 1
        followed.session.drain()
        assert told == []
        followed.commit()
        assert told == [2]

    @pytest.mark.promise("session.callback-writes")
    def test_what_a_callback_writes_is_a_later_change(self, followed: Followed) -> None:
        session = followed.session
        point, total = Point(), Point()
        followed.host(point)
        followed.host(total)
        order: list[tuple[int, int]] = []

        def add_up(change: Change) -> None:
            if change.id == 1:
                total.x = point.x + point.y
                session.drain()
            # Not before all of this is over.
            order.append((change.id, change.rev))

        session.on_change(add_up)
        point.x = 3
        followed.commit()
        followed.commit()
        assert followed.in_step()
        assert followed.values[2] == {"x": 3, "y": 0}
        assert order == [(1, 3), (2, 4)]

    def test_a_write_in_a_callback_wakes(self, followed: Followed) -> None:
        session = followed.session
        point, total = Point(), Point()
        followed.host(point)
        followed.host(total)
        woken: list[int] = []

        def copy(change: Change) -> None:
            if change.id == 1:
                woken.clear()
                total.x = point.x

        session.on_change(copy)
        session.on_wake(lambda: woken.append(1))
        point.x = 3
        followed.commit()
        assert woken == [1]

    def test_a_callback_that_raises_is_logged_and_harms_nobody(
        self, followed: Followed, caplog: pytest.LogCaptureFixture
    ) -> None:
        told: list[int] = []

        def fail(change: Change) -> None:
            raise RuntimeError(change)

        followed.session.on_change(fail)
        followed.session.on_change(lambda change: told.append(change.rev))
        point = Point()
        followed.host(point)
        point.x = 1
        followed.commit()
        assert told == [2]
        assert [record.levelno for record in caplog.records] == [logging.ERROR]


@pytest.mark.promise("session.unrepresentable")
class TestFailures:
    def test_a_model_without_a_value_waits_alone_and_is_reported_once(
        self, followed: Followed, caplog: pytest.LogCaptureFixture
    ) -> None:
        session = followed.session
        failures: list[Failure] = []
        session.on_error(failures.append)
        picky, point = Picky(), Point()
        id = followed.host(picky)
        followed.host(point)
        picky.name = "before"
        followed.commit()
        picky.content = [1, 2**70]
        point.x = 1
        followed.commit()
        picky.name = "still"
        followed.commit()
        assert [(each.id, each.model, each.path) for each in failures] == [
            (id, picky, "/content/1")
        ]
        assert failures[0].error.model == "Picky"
        assert len(caplog.records) == 1
        assert followed.values == {id: {"name": "before", "content": None}, 2: {"x": 1, "y": 0}}
        assert session.snapshot(id).encoded == b'{"name":"before","content":null}'
        with pytest.raises(UnrepresentableError):
            session.value(id)

    def test_it_goes_on_when_it_has_a_value_again(self, followed: Followed) -> None:
        failures: list[Failure] = []
        followed.session.on_error(failures.append)
        picky = Picky(content=[1, 2, 3])
        followed.host(picky)
        picky.content.append(2**64)
        followed.commit()
        picky.content.insert(0, 0)
        picky.name = "x"
        followed.commit()
        assert followed.values[1] == {"name": "", "content": [1, 2, 3]}
        picky.content.pop()
        followed.commit()
        assert followed.in_step()
        picky.content.append(4)
        followed.commit()
        assert followed.in_step()
        picky.content.append("\ud800")
        followed.commit()
        assert [each.path for each in failures] == ["/content/3", "/content/5"]

    def test_it_may_go_back_to_what_it_was(self, followed: Followed) -> None:
        picky = Picky(content=1)
        followed.host(picky)
        picky.content = 2**64
        followed.commit()
        picky.content = 1
        assert followed.commit() == []
        assert followed.in_step()

    def test_it_may_stop_being_hosted(self, followed: Followed) -> None:
        picky = Picky(content=1)
        id = followed.host(picky)
        picky.content = 2**64
        followed.session.unhost(id)
        assert [entry.kind for entry in followed.commit()] == [Kind.UNHOST]

    def test_to_update_it_reports_and_heals_too(self, followed: Followed) -> None:
        session = followed.session
        failures: list[Failure] = []
        session.on_error(failures.append)
        picky = Picky(content=[1])
        id = followed.host(picky)
        write_unseen(picky, "content", 2**64)
        session.update(id)
        write_unseen(picky, "content", {"a": 1})
        assert len(failures) == 1
        session.update(id)
        followed.commit()
        assert followed.in_step()

    def test_whatever_goes_wrong_in_a_collection_no_write_is_lost(
        self,
        followed: Followed,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        board, picky = Board(), Picky()
        followed.host(board)
        followed.host(picky)
        raised: list[object] = []

        def fail(roots: list[Root]) -> None:
            raised.append(roots)
            raise RuntimeError

        board.numbers.append(1)
        picky.name = "x"
        with monkeypatch.context() as patch:
            patch.setattr("transports_core.session.ledger.collect", fail)
            followed.commit()
        assert followed.in_step()
        assert len(raised) == 1
        assert len(caplog.records) == 1
        board.numbers.append(2)
        followed.commit()
        assert followed.in_step()

    def test_a_cycle_that_nobody_saw_coming_is_a_failure_too(self, followed: Followed) -> None:
        session = followed.session
        failures: list[Failure] = []
        session.on_error(failures.append)
        picky = Picky(content=[1])
        id = followed.host(picky)
        cycle: list[Any] = []
        cycle.append(cycle)
        write_unseen(picky, "content", cycle)
        session.update(id)
        write_unseen(picky, "content", 1)
        session.update(id)
        followed.commit()
        assert len(failures) == 1
        assert followed.in_step()


@pytest.mark.promise("session.update")
class TestUpdates:
    def test_what_nobody_could_see_is_found_by_comparison(self, followed: Followed) -> None:
        board = Board(numbers=[1, 2], points=[Point()])
        id = followed.host(board)
        write_unseen(board, "title", "unseen")
        write_unseen(board.points[0], "x", 5)
        assert followed.commit() == []
        followed.session.update(id)
        entries = followed.commit()
        assert [list(entry.ops) for entry in entries] == [
            [replaced("/title", "unseen"), replaced("/points/0/x", 5)]
        ]
        followed.session.update(id)
        assert followed.commit() == []

    def test_it_sees_what_was_written_openly_meanwhile(self, followed: Followed) -> None:
        board = Board(numbers=[1, 2])
        id = followed.host(board)
        board.numbers.append(3)
        write_unseen(board, "title", "unseen")
        followed.session.update(id)
        board.numbers.append(4)
        followed.commit()
        assert followed.in_step()

    def test_computed_fields_that_depend_on_something_else(
        self, followed: Followed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reading = Reading(value=2)
        id = followed.host(reading)
        monkeypatch.setitem(FACTOR, "by", 10)
        assert followed.commit() == []
        followed.session.update(id)
        assert [list(entry.ops) for entry in followed.commit()] == [[replaced("/scaled", 20)]]

    def test_a_snapshot_that_showed_more_than_the_log_is_made_up_for(
        self, followed: Followed
    ) -> None:
        session = followed.session
        board = Board()
        id = followed.host(board)
        write_unseen(board, "title", "unseen")
        board.numbers.append(1)
        followed.commit()
        # Those who come now are shown the live object, and with it what nobody saw.
        assert b"unseen" in session.snapshot(id).encoded
        session.update(id)
        followed.commit()
        assert followed.in_step()
        # From now on nobody relies on what the live object shows.
        write_unseen(board, "title", "unseen again")
        board.numbers.append(2)
        followed.commit()
        assert b"unseen again" not in session.snapshot(id).encoded
        session.update(id)
        assert [list(entry.ops) for entry in followed.commit()] == [
            [{"op": "append", "path": "/title", "value": " again"}]
        ]

    def test_a_log_that_makes_no_sense_any_more_is_made_up_for(self, followed: Followed) -> None:
        session = followed.session
        board = Board(named={"a": 1})
        id = followed.host(board)
        session.update(id)
        dict[str, Any].__setitem__(board.named, "unseen", 1)
        del board.named["unseen"]
        followed.skip()
        # The entry is of a member that no mirror ever had: what follows from it is not known.
        assert session.snapshot(id).encoded == json(board)
        followed.skip()
        entry = last(session)
        assert list(entry.ops) == [replaced("", session.value(id))]
        board.numbers.append(6)
        followed.skip()
        assert session.snapshot(id).encoded == json(board)

    def test_a_log_that_cannot_be_lowered_is_made_up_for(self, followed: Followed) -> None:
        session = followed.session
        board = Board(named={"a": 1})
        followed.host(board)
        session.lower()
        dict[str, Any].__setitem__(board.named, "unseen", 1)
        del board.named["unseen"]
        followed.skip()
        followed.skip()
        entry = last(session)
        assert list(entry.ops) == [replaced("", session.value(1))]
        board.title += "x"
        followed.skip()
        board.title += "y"
        followed.skip()
        entry = last(session)
        assert entry.standard == [replaced("/title", "boardxy")]

    def test_two_sessions_do_not_take_each_others_models_for_unseen(self) -> None:
        session, other = Session(), Session()
        board = Board()
        id = session.host(board)
        other.update(other.host(board))
        board.title = "seen by both"
        assert b"seen by both" in session.snapshot(id).encoded


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
