from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from transports_core.session import Change
from transports_core.testing.followed import Followed

from .boards import (
    Point,
    replaced,
)

if TYPE_CHECKING:
    pass


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
