import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.client.backoff import Backoff


def test_bound_of_the_wait_doubles_up_to_the_longest() -> None:
    backoff = Backoff(lambda: 1.0, first=0.5, longest=3.0)
    assert [backoff.next() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_after_success_it_begins_again() -> None:
    backoff = Backoff(lambda: 1.0, first=0.5, longest=30.0)
    backoff.next()
    backoff.next()
    backoff.reset()
    assert backoff.next() == 0.5


@pytest.mark.promise("client.backoff")
@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=8, max_size=8))
def test_wait_is_drawn_from_all_below_the_bound(draws: list[float]) -> None:
    # Full jitter: no part of the wait is the same for two clients.
    queue = iter(draws)
    backoff = Backoff(lambda: next(queue), first=1.0, longest=16.0)
    bounds = [1.0, 2.0, 4.0, 8.0, 16.0, 16.0, 16.0, 16.0]
    assert [backoff.next() for _ in draws] == [
        draw * bound for draw, bound in zip(draws, bounds, strict=True)
    ]


def test_clients_draw_different_waits() -> None:
    assert len({Backoff().next() for _ in range(20)}) > 1
