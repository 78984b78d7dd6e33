"""Whatever comes and goes, the server and its clients take no more memory than before."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from churning import CHURNS, growth

# Of all rounds of a window: less than if each left two small objects behind. A class is larger by
# far, and pydantic and the interpreter keep a little of the first few.
BOUND, OF_CLASSES = 500, 20_000


@pytest.fixture(autouse=True)
def unlogged() -> Iterator[None]:
    """Keep pytest from keeping what is logged."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.promise("memory.flat")
@pytest.mark.parametrize("name", CHURNS)
def test_what_comes_and_goes_leaves_nothing(name: str) -> None:
    bound = OF_CLASSES if "classes" in name else BOUND
    assert growth(CHURNS[name](), 5) < bound
