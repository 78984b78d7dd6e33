import logging
from threading import Event, Thread

import pytest

from transports_core.session.announcer import Announcer


def test_each_fact_reaches_each_callback_in_order() -> None:
    announcer: Announcer[int] = Announcer()
    heard: list[tuple[str, int]] = []
    announcer.add(lambda fact: heard.append(("a", fact)))
    announcer.add(lambda fact: heard.append(("b", fact)))
    announcer.queue(1)
    announcer.queue(2)
    assert heard == []
    announcer.announce()
    assert heard == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_a_callback_that_is_ended_hears_nothing_more() -> None:
    announcer: Announcer[int] = Announcer()
    heard: list[int] = []
    end = announcer.add(heard.append)
    announcer.queue(1)
    announcer.announce()
    end()
    end()
    announcer.queue(2)
    announcer.announce()
    assert heard == [1]
    assert not announcer.callbacks


def test_a_callback_may_end_another_that_is_to_hear_the_same_fact() -> None:
    announcer: Announcer[int] = Announcer()
    heard: list[int] = []
    announcer.add(lambda _: end())
    end = announcer.add(heard.append)
    announcer.queue(1)
    announcer.announce()
    assert heard == []


def test_a_callback_that_raises_is_logged_and_harms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    announcer: Announcer[int] = Announcer()
    heard: list[int] = []

    def fail(fact: int) -> None:
        raise RuntimeError(fact)

    announcer.add(fail)
    announcer.add(heard.append)
    announcer.queue(1)
    announcer.queue(2)
    announcer.announce()
    assert heard == [1, 2]
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_what_a_callback_queues_comes_after_what_was_queued_before() -> None:
    announcer: Announcer[int] = Announcer()
    heard: list[int] = []

    def hear(fact: int) -> None:
        if fact < 10:
            announcer.queue(fact + 10)
            announcer.announce()
        heard.append(fact)

    announcer.add(hear)
    announcer.queue(1)
    announcer.queue(2)
    announcer.announce()
    assert heard == [1, 2, 11, 12]


def test_what_another_thread_announces_meanwhile_is_called_in_order_by_who_is_at_it() -> None:
    announcer: Announcer[int] = Announcer()
    heard: list[int] = []
    calling, queued = Event(), Event()

    def hear(fact: int) -> None:
        calling.set()
        assert queued.wait(10)
        heard.append(fact)

    announcer.add(hear)
    announcer.queue(1)
    thread = Thread(target=announcer.announce)
    thread.start()
    assert calling.wait(10)
    announcer.queue(2)
    announcer.announce()
    queued.set()
    thread.join(10)
    assert heard == [1, 2]
