from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from transports_core.errors import (
    UnrepresentableError,
)
from transports_core.log import Kind
from transports_core.session import Failure
from transports_core.testing.followed import Followed
from transports_core.tracking import Root

from .boards import (
    Board,
    Picky,
    Point,
    write_unseen,
)

if TYPE_CHECKING:
    pass


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
