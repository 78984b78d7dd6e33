"""Whatever comes and goes, for as long as it takes: the memory that is held stays the same."""

import gc
import json
import logging
import subprocess
import time
import tracemalloc
from collections.abc import Iterator
from itertools import count, islice, pairwise
from pathlib import Path

import pytest
from churning import CHURNS, board, read_all
from figures import Figures
from transports_core import Server, Session
from transports_core.testing.peer import Peer

ROOT = Path(__file__).resolve().parent.parent

# What buffers and tables may take more at one time than at another, in bytes.
NOISE = 200_000

# How many writes or proposals go into one frame, and how many fill whatever has a bound.
BATCH, WARM = 50, 10_000


@pytest.fixture(autouse=True)
def unlogged() -> Iterator[None]:
    """Keep pytest from keeping what is logged."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@pytest.fixture(autouse=True)
def traced() -> Iterator[None]:
    gc.collect()
    gc.freeze()
    tracemalloc.start()
    yield
    tracemalloc.stop()
    gc.unfreeze()


@pytest.mark.parametrize("name", CHURNS)
def test_what_comes_and_goes_leaves_nothing(name: str, seconds: float, figures: Figures) -> None:
    round = CHURNS[name]()
    begun, rounds = time.monotonic(), 0
    # The other test takes half of all the time.
    before, warm = held(), 0
    while time.monotonic() < begun + seconds / 2 or rounds < 30:
        round()
        rounds += 1
        if not warm and time.monotonic() > begun + seconds / 10 and rounds >= 10:
            before, warm = held(), rounds
    more = held() - before
    figures.note(name, more, f"bytes more after {rounds:,} rounds than after {warm:,}")
    assert more < max(NOISE, 20 * (rounds - warm))


@pytest.mark.parametrize("kind", ["writes", "proposals"])
def test_memory_is_flat_over_many(kind: str, seconds: float, figures: Figures) -> None:
    session = Session(max_log_entries=100)
    model = board()
    session.host(model)
    server = Server(session)
    reader, stalled = Peer(server).connect().read(), Peer(server).connect()
    numbers = count(1)

    def write() -> None:
        for number in islice(numbers, BATCH):
            model.tick = number
            model.items[number % 2].name = str(number)

    def propose() -> None:
        edits = [
            reader.edit(
                1, {"op": "replace", "path": "/tick", "value": number}, proposal=str(number)
            )
            for number in islice(numbers, BATCH)
        ]
        reader.send(*edits)

    ends, before = time.monotonic() + seconds * len(CHURNS) / 4, 0
    done = 0
    while time.monotonic() < ends or not before:
        (write if kind == "writes" else propose)()
        read_all(server, reader)
        done += BATCH
        if not before and done >= WARM:
            before = held()
    more = held() - before
    figures.note(kind, done)
    figures.note("held after that", held(), "bytes")
    figures.note(f"more than after {WARM:,}", more, "bytes")
    assert session.value(1) == reader.mirror.value(1)
    assert len(stalled.under_way) == 1
    assert more < NOISE


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
    assert min(after - before for before, after in pairwise(told["held"])) < NOISE
