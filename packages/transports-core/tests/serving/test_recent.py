"""What was made lately is found again, and takes no more than its bound."""

import pytest

from transports_core.serving.recent import Recent

MEGABYTE = 1 << 20


def test_what_was_made_is_found_until_something_leads_elsewhere() -> None:
    recent: Recent[int | None, str | None] = Recent()
    recent.add("here", 1, "one", 3)
    recent.add("here", None, None, 0)
    assert (recent.now, recent.made) == ("here", {1: "one", None: None})
    recent.add("there", 2, "two", 3)
    assert (recent.now, recent.made) == ("there", {2: "two"})


@pytest.mark.promise("memory.resume")
def test_the_oldest_is_let_go_of_when_it_gets_too_much() -> None:
    recent: Recent[int, int] = Recent()
    for n in range(100):
        recent.add("here", n, n, MEGABYTE)
    kept = list(recent.made)
    assert kept == list(range(85, 100))
    # Of small ones there may be more.
    for n in range(100, 10_100):
        recent.add("here", n, n, 10)
    assert sum(n >= 100 for n in recent.made) == 10_000
    assert [n for n in recent.made if n < 100] == kept[-13:]


@pytest.mark.promise("memory.resume")
def test_what_led_elsewhere_takes_no_room() -> None:
    recent: Recent[int, int] = Recent()
    for n in range(100):
        recent.add(n // 10, n, n, MEGABYTE)
    assert list(recent.made) == list(range(90, 100))


def test_the_last_is_kept_however_large_it_is() -> None:
    recent: Recent[int, int] = Recent()
    recent.add("here", 1, 1, 1)
    recent.add("here", 2, 2, 1 << 40)
    assert list(recent.made) == [2]
    recent.add("here", 3, 3, 1)
    assert list(recent.made) == [3]
