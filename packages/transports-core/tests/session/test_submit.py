from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, Field

from transports_core.errors import EditRejected
from transports_core.session import Change, Session
from transports_core.testing.followed import Followed


class Point(BaseModel):
    x: int = 0
    y: int = 0


class Board(BaseModel):
    title: str = "board"
    points: list[Point] = Field(default_factory=lambda: [])
    numbers: list[int] = Field(default_factory=lambda: [])
    named: dict[str, Any] = Field(default_factory=lambda: {})


class Picky(BaseModel):
    """A model that can be brought into a state without a value."""

    model_config = {"arbitrary_types_allowed": True}

    name: str = ""
    content: Any = None


def replace(path: str, value: Any) -> list[Any]:
    return [{"op": "replace", "path": path, "value": value}]


def refusal(
    session: Session, id: int, ops: list[Any], epoch: str | None = None, base: int | None = None
) -> str:
    looked_at = session.rev if base is None else base
    with pytest.raises(EditRejected) as refused:
        session.submit(id, ops, epoch=epoch or session.epoch, base=looked_at)
    assert refused.value.id == id
    return refused.value.code


def test_an_accepted_edit_is_written_committed_and_told_with_its_origin(followed: Followed) -> None:
    session = followed.session
    told: list[Change] = []
    session.on_change(told.append)
    point = Point()
    id = followed.host(point)
    outcome = session.submit(id, replace("/x", 4), epoch="first", base=1, origin="me")
    assert point.x == 4
    assert outcome.rev == (None if followed.late else 2)
    followed.commit()
    assert (outcome.id, outcome.rev) == (id, 2)
    assert told == [Change(id, point, replace("/x", 4), "me", 2)]
    assert followed.in_step()


def test_what_the_host_wrote_before_is_its_own(followed: Followed) -> None:
    session = followed.session
    told: list[Change] = []
    session.on_change(told.append)
    point = Point()
    id = followed.host(point)
    point.y = 1
    session.submit(id, replace("/x", 4), epoch="first", base=1, origin="me")
    point.y = 2
    followed.commit()
    assert [(change.origin, change.ops) for change in told] == [
        (None, replace("/y", 1)),
        ("me", replace("/x", 4)),
        (None, replace("/y", 2)),
    ]
    assert followed.in_step()


@pytest.mark.promise("edit.unchanged")
def test_an_edit_that_changes_nothing_takes_no_revision(followed: Followed) -> None:
    session = followed.session
    point = Point(x=4)
    id = followed.host(point)
    point.y = 1
    followed.commit()
    followed.host(Point())
    outcome = session.submit(id, replace("/x", 4), epoch="first", base=2)
    assert outcome.rev == 2
    assert followed.commit() == []


def test_an_edit_that_changes_nothing_waits_for_what_it_was_based_on() -> None:
    followed = Followed(late=True)
    session = followed.session
    assert followed.late is not None
    point = Point()
    id = followed.host(point)
    point.x = 4
    session.drain()
    outcome = session.submit(id, replace("/x", 4), epoch="first", base=1)
    assert outcome.rev is None
    followed.late.answer()
    assert outcome.rev == 2


def test_an_edit_during_a_transaction_is_answered_after_it(followed: Followed) -> None:
    session = followed.session
    told: list[Change] = []
    session.on_change(told.append)
    point = Point()
    id = followed.host(point)
    with session.transaction():
        point.y = 1
        outcome = session.submit(id, replace("/x", 4), epoch="first", base=1, origin="me")
        assert (point.x, outcome.rev) == (4, None)
        point.y = 2
    followed.commit()
    assert outcome.rev == 3
    assert [change.origin for change in told] == [None, "me", None]
    assert followed.in_step()


@pytest.mark.promise("edit.conflict")
class TestConflicts:
    def test_another_life_of_the_session(self, followed: Followed) -> None:
        id = followed.host(Point())
        assert refusal(followed.session, id, replace("/x", 4), epoch="other") == "conflict"

    def test_a_revision_of_the_future(self, followed: Followed) -> None:
        id = followed.host(Point())
        assert refusal(followed.session, id, replace("/x", 4), base=2) == "conflict"

    def test_a_revision_older_than_the_log(self) -> None:
        session = Session(max_log_entries=2)
        point = Point()
        id = session.host(point)
        for n in range(1, 5):
            point.x = n
            session.drain()
        assert refusal(session, id, replace("/y", 4), base=2) == "conflict"
        assert session.submit(id, replace("/y", 4), epoch=session.epoch, base=3).rev == 6

    def test_a_revision_older_than_the_log_is_known_if_it_is_the_models_own(self) -> None:
        session = Session(max_log_entries=2)
        point, busy = Point(), Point()
        id = session.host(point)
        session.host(busy)
        for n in range(1, 5):
            busy.x = n
            session.drain()
        assert session.floor > 1
        assert session.submit(id, replace("/y", 4), epoch=session.epoch, base=1).rev == 7

    def test_something_that_is_gone(self, followed: Followed) -> None:
        session = followed.session
        board = Board(points=[Point(x=1), Point(x=2)])
        id = followed.host(board)
        del board.points[1]
        assert refusal(session, id, replace("/points/1/x", 4), base=1) == "conflict"
        followed.commit()
        assert refusal(session, id, replace("/points/1/x", 4), base=1) == "conflict"
        assert board.points == [Point(x=1)]


@pytest.mark.promise("edit.transformed")
class TestTransforming:
    def test_an_edit_finds_its_item_where_it_is_now(self, followed: Followed) -> None:
        session = followed.session
        board = Board(points=[Point(x=1), Point(x=2)])
        id = followed.host(board)
        board.points.insert(0, Point())
        # Neither committed nor even collected, where the log is late.
        session.submit(id, replace("/points/1/x", 20), epoch="first", base=1)
        session.submit(id, replace("/points/0/x", 10), epoch="first", base=1)
        followed.commit()
        assert [point.x for point in board.points] == [0, 10, 20]
        assert followed.in_step()

    def test_an_edit_of_what_somebody_else_edited_wins(self, followed: Followed) -> None:
        session = followed.session
        point = Point()
        id = followed.host(point)
        session.submit(id, replace("/x", 1), epoch="first", base=1)
        session.submit(id, replace("/x", 2), epoch="first", base=1)
        followed.commit()
        assert followed.values[id] == {"x": 2, "y": 0}


def test_a_model_that_is_not_there_is_unknown(followed: Followed) -> None:
    gone = followed.host(Point())
    followed.session.unhost(gone)
    for id in (gone, 99):
        assert refusal(followed.session, id, replace("/x", 4)) == "unknown_model"


def test_a_refused_edit_leaves_everything_as_it_was(followed: Followed) -> None:
    point = Point()
    id = followed.host(point)
    ops = replace("/x", 4) + replace("/y", "not a number")
    assert refusal(followed.session, id, ops) == "invalid"
    assert point == Point()
    assert followed.commit() == []


def test_an_edit_of_a_model_without_a_value_shows_once_it_has_one(followed: Followed) -> None:
    session = followed.session
    picky = Picky(content=1)
    id = followed.host(picky)
    picky.content = 2**70
    followed.commit()
    session.submit(id, replace("/name", "x"), epoch="first", base=1)
    assert followed.commit() == []
    picky.content = 2
    followed.commit()
    assert picky == Picky(name="x", content=2)
    assert followed.in_step()


@pytest.mark.promise("edit.shared")
def test_an_edit_of_an_object_in_two_models_reaches_both(followed: Followed) -> None:
    point = Point()
    board = Board(points=[point])
    followed.host(board)
    id = followed.host(board.points[0])
    followed.session.submit(id, replace("/x", 4), epoch="first", base=2)
    followed.commit()
    assert board.points[0].x == 4
    assert followed.in_step()
