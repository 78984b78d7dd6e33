import logging
from asyncio import CancelledError

import pytest

from transports_core.client.listeners import Listeners


def test_listeners_are_told_in_order_until_they_end() -> None:
    told: list[str] = []
    listeners: Listeners[str] = Listeners()
    end = listeners.add(lambda news: told.append(f"a {news}"))
    listeners.add(lambda news: told.append(f"b {news}"))
    listeners.tell("1")
    end()
    end()
    listeners.tell("2")
    assert told == ["a 1", "b 1", "b 2"]


def test_one_function_may_listen_twice() -> None:
    told: list[int] = []
    listeners: Listeners[int] = Listeners()
    listeners.add(told.append)
    listeners.add(told.append)()
    listeners.tell(1)
    assert told == [1]


# Where nobody awaits, nobody was cancelled: the client must not take it for its own end.
@pytest.mark.promise("application.contained")
@pytest.mark.parametrize("raised", [KeyError, CancelledError])
def test_listener_that_raises_is_reported_and_keeps_nobody_else_from_the_news(
    raised: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    told: list[int] = []
    listeners: Listeners[int] = Listeners()

    def fail(news: int) -> None:
        raise raised(news)

    listeners.add(fail)
    listeners.add(told.append)
    with caplog.at_level(logging.ERROR, "transports"):
        listeners.tell(1)
    assert told == [1]
    assert [record.name for record in caplog.records] == ["transports"]


def test_listener_may_end_another_while_it_is_told() -> None:
    told: list[int] = []
    listeners: Listeners[int] = Listeners()
    ends = [listeners.add(lambda news: ends[1]()), listeners.add(told.append)]
    listeners.tell(1)
    listeners.tell(2)
    assert told == [1]
