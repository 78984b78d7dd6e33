from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from transports_core.session import Session
from transports_core.testing.followed import Followed

from .boards import (
    FACTOR,
    Board,
    Point,
    Reading,
    json,
    last,
    replaced,
    write_unseen,
)

if TYPE_CHECKING:
    pass


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
