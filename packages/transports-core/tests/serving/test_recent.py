"""What was made lately is found again, and takes no more than its bound."""

import pytest

from transports_core.serving.recent import Recent

MEGABYTE = 1 << 20


def test_what_was_made_is_found_until_all_is_let_go_of() -> None:
    recent: Recent[int | None, str | None] = Recent()
    recent.add(1, "one", 3)
    recent.add(None, None, 0)
    assert 1 in recent
    assert None in recent
    assert 2 not in recent
    assert (recent[1], recent[None]) == ("one", None)
    recent.clear()
    assert 1 not in recent


@pytest.mark.promise("memory.resume")
def test_the_oldest_is_let_go_of_when_it_gets_too_much() -> None:
    recent: Recent[int, int] = Recent()
    for n in range(100):
        recent.add(n, n, MEGABYTE)
    kept = [n for n in range(100) if n in recent]
    assert kept == list(range(85, 100))
    # Of small ones there may be more.
    for n in range(100, 10_100):
        recent.add(n, n, 10)
    assert sum(n in recent for n in range(100, 10_100)) == 10_000
    assert [n for n in range(100) if n in recent] == kept[-13:]


def test_the_last_is_kept_however_large_it_is() -> None:
    recent: Recent[int, int] = Recent()
    recent.add(1, 1, 1)
    recent.add(2, 2, 1 << 40)
    assert (1 in recent, 2 in recent) == (False, True)
    recent.add(3, 3, 1)
    assert (2 in recent, 3 in recent) == (False, True)
