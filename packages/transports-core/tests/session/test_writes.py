from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from transports_core.access import READ
from transports_core.log import Kind
from transports_core.session import Session
from transports_core.testing.followed import Followed
from transports_core.tracking import Root, collect

from .boards import (
    Board,
    Point,
    replaced,
    write_unseen,
)

if TYPE_CHECKING:
    pass


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
