"""Whatever comes and goes, for as long as it takes: the memory that is held stays the same.

What is done very often is measured by the blocks that Python's allocator has given out, and by what
the process has of the machine's memory: to ask for these costs nothing, so that a million are done
while tracemalloc would see some thousands. It is asked only where something grew, and says where.
"""

import gc
import json
import logging
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from resource import getpagesize
from typing import TypeVar

import pytest
from churning import CHURNS
from figures import Figures
from many import MANY
from pydantic_core import from_json

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent

# What buffers and tables may take more at one time than at another, in bytes and in blocks.
NOISE, BLOCKS, PAGES = 50_000, 300, 2_000_000

# Of all the time that there is, in shares of what each test would have if all had the same.
BRIEF = 0.25
SHARES = {"writes": 1, "proposals": 14, "connections": 2, "models": 4, "tenants": 6}

# How often it is looked at how much is held, after a first time that does not count.
WINDOWS = 5


@pytest.fixture(autouse=True)
def unlogged() -> Iterator[None]:
    """Keep pytest from keeping what is logged."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def settled() -> Iterator[None]:
    """Have what has a bound be full, and what is there be looked at no more."""
    # pydantic keeps the texts that it read last.
    from_json(json.dumps([f"{number:60}" for number in range(100_000)]))
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def traced() -> int:
    """Tell how many bytes are held, of what was asked for since tracing began."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def held() -> tuple[int, int]:
    """Tell how many blocks are held, and how many bytes the process takes."""
    gc.collect()
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return sys.getallocatedblocks(), int(pages) * getpagesize()


def growing(round: Callable[[], object]) -> str:
    """Do it for a while, and say which lines hold more than before."""
    tracemalloc.start(8)
    try:
        for _ in range(200):
            round()
        gc.collect()
        before = tracemalloc.take_snapshot()
        for _ in range(1_000):
            round()
        gc.collect()
        lines = tracemalloc.take_snapshot().compare_to(before, "traceback")
    finally:
        tracemalloc.stop()
    return "\n".join("\n".join([str(line), *line.traceback.format()]) for line in lines[:5])


@pytest.mark.parametrize("name", CHURNS)
def test_what_comes_and_goes_leaves_nothing(name: str, seconds: float, figures: Figures) -> None:
    again = CHURNS[name]()

    def round() -> int:
        again()
        return 1

    tracemalloc.start()
    try:
        rounds, looks = windows(round, seconds * BRIEF, 10, traced)
    finally:
        tracemalloc.stop()
    grown = smallest_step(looks)
    figures.note(name, grown, f"bytes more after a sixth of {rounds[-1]:,} rounds, at the least")
    assert grown < max(NOISE, 20 * smallest_step(rounds)), growing(round)


@pytest.mark.parametrize("name", MANY)
def test_memory_is_flat_over_very_many(name: str, seconds: float, figures: Figures) -> None:
    round = MANY[name]()
    done, looks = windows(round, seconds * SHARES[name], 50, held)
    blocks, resident = zip(*looks, strict=True)
    figures.note(name, done[-1])
    figures.note(f"{name}: blocks held after the first {done[0]:,}", blocks[0])
    figures.note(f"{name}: more than that, later", str([each - blocks[0] for each in blocks[1:]]))
    figures.note(f"{name}: resident after those", resident[0] / 1e6, "MB")
    later = [(each - resident[0]) // 1_000 for each in resident[1:]]
    figures.note(f"{name}: more than that, later", str(later), "kB")
    least = smallest_step(done)
    assert smallest_step(blocks) < max(BLOCKS, least // 100), growing(round)
    assert smallest_step(resident) < max(PAGES, 10 * least), growing(round)


def windows(
    round: Callable[[], int], seconds: float, at_once: int, look: Callable[[], T]
) -> tuple[list[int], list[T]]:
    """Do something again and again, and look now and then.

    Args:
        round: What is done. Tells how often it did it.
        seconds: For how long.
        at_once: How many rounds there are between two looks at the clock.
        look: What is looked at.

    Returns:
        How often it was done until each look, and what was seen.
    """
    begun, done = time.monotonic(), 0
    counts, looks = list[int](), list[T]()
    for window in range(1, WINDOWS + 2):
        ends, before = begun + seconds * window / (WINDOWS + 1), done
        while time.monotonic() < ends or done == before:
            done += sum(round() for _ in range(at_once))
        counts.append(done)
        looks.append(look())
    return counts, looks


def smallest_step(looks: Sequence[int]) -> int:
    """Tell by how much it grew from one look to the next, at the least.

    What has a bound fills up and is emptied again. What leaks grows in each window.
    """
    return min(after - before for before, after in pairwise(looks))


def test_typescript_client_is_flat(seconds: float, figures: Figures) -> None:
    script = ROOT / "tests-integration" / "network" / "heap.mjs"
    client = ROOT / "js-packages" / "client" / "dist" / "index.js"
    ran = subprocess.run(
        ["node", "--expose-gc", script, client, str(seconds)],
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(ran.stdout)
    figures.note("models that came and went", told["rounds"])
    figures.note("held after each sixth of the time", str(told["held"]), "bytes")
    figures.note("values of those still there", told["alive"])
    assert told["alive"] == 0
    assert smallest_step(told["held"]) < NOISE
