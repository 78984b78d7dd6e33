"""Threads that write against a loop that sends, for as long as there is time.

`make test` does it for a moment; see `packages/transports-core/tests/session/test_threads.py` and
`tests-integration/threads`.
"""

import sys
import time
from collections.abc import Iterator

import pytest
from figures import Figures
from threads.pool import Pool
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.peer import Peer
from transports_core.testing.writers import Replay, Writers

# Threads take turns this often, in seconds, instead of 200 times a second.
TURN = 1e-5

# Seconds after which mirrors are compared, and those who write go on.
SLICE = 5.0

# What is followed after each flush has to be there until then.
ENTRIES = 1 << 18


@pytest.fixture(autouse=True)
def _provoked() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    yield
    sys.setswitchinterval(interval)


def test_threads_in_process_lose_nothing_and_keep_their_order(
    seconds: float, figures: Figures
) -> None:
    """Have threads write, edit and host while one flushes and follows the log."""
    session = Session(max_log_entries=ENTRIES, max_log_bytes=1 << 30)
    writers, server = Writers(session, each=3), Server(session)
    replay = Replay(writers)
    peers = [Peer(server, codec).connect() for codec in ("json", "msgpack")]
    peers.append(Peer(server, ops="rfc6902").connect())
    flushes, began = 0, time.monotonic()
    with writers.writing():
        while writers.well and time.monotonic() < began + seconds:
            server.deliver(server.flush())
            flushes += 1
            for peer in peers:
                peer.read(1)
                # What was read is not needed any more, and would fill the memory in an hour.
                peer.frames.clear()
                peer.received.clear()
            replay.follow()
    took = time.monotonic() - began
    server.deliver(server.flush())
    replay.follow()
    truth = {writers.id: writers.board.model_dump(mode="json")}
    assert replay.value == truth[writers.id]
    assert [peer.read().values for peer in peers] == [truth] * 3
    assert [peer.problems for peer in peers] == [[]] * 3
    assert writers.told == sorted(writers.told)
    for what, count in sorted(writers.done.items()):
        figures.note(f"done: {what}", count)
    figures.note("revisions followed, each checked", replay.revisions)
    figures.note("flushes", flushes)
    figures.note("revisions", replay.revisions / took, "per second")


async def test_threads_of_a_server_lose_nothing_and_keep_their_order(
    seconds: float, figures: Figures
) -> None:
    """Have requests write on a real server's threads, and look at real mirrors now and then."""
    pool = Pool()
    ends, looks = time.monotonic() + seconds, 0
    async with pool.serving() as url:
        while time.monotonic() < ends:
            until = min(ends, time.monotonic() + SLICE)
            await pool.ask(url, lambda until=until: time.monotonic() > until)
            await pool.settled()
            looks += 1
    assert pool.writers.told == sorted(pool.writers.told)
    figures.note("requests answered", pool.asked)
    figures.note("revisions followed, each checked", pool.replay.revisions)
    figures.note("times that all mirrors were compared", looks)
