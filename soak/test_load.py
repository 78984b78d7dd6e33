"""A thousand connections to a server in another process: some do not read, and all come back."""

import asyncio
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from crowd import Viewer, connect, crowd, viewer
from figures import Figures

SERVER = Path(__file__).with_name("load_server.py")
EVERYBODY, STALLED = 1_000, 100
# Writes a second: as many as two cores carry to a thousand connections, with room.
RATE = 4.0
# Of these, whoever was away has missed enough to be told from whoever read all the time.
MISSED = 10
# Seconds.
FOR_EVER = 1e6


class Served:
    """A server in a process of its own.

    Args:
        timeout: Seconds that a connection may be busy.
        bears: Seconds that the kernel bears a line that is not read; 0 for as long as it likes.
    """

    def __init__(self, timeout: float, bears: float = 0) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._timeout, self._bears = timeout, bears
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, scheme: str) -> str:
        """Give where its connections of a scheme are."""
        return f"{scheme}://127.0.0.1:{self.port}/{'ws' if scheme == 'ws' else 'sse'}"

    async def start(self) -> None:
        """Start it; return once it answers."""
        arguments = [
            sys.executable,
            str(SERVER),
            str(self.port),
            str(self._timeout),
            str(self._bears),
        ]
        self._process = subprocess.Popen(arguments)  # noqa: ASYNC220  # does not wait
        async with asyncio.timeout(60):
            while True:
                with suppress(httpx.TransportError):
                    await self.state()
                    return
                await asyncio.sleep(0.1)

    def kill(self) -> None:
        """End it without a word."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    async def state(self) -> dict[str, Any]:
        """Ask how it fares."""
        async with httpx.AsyncClient(timeout=60) as client:
            return (await client.get(f"http://127.0.0.1:{self.port}/state")).json()

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Ask now and then, until something is so."""
        async with asyncio.timeout(300):
            while True:
                state = await self.state()
                if condition(state):
                    return state
                await asyncio.sleep(0.25)

    async def write(self, rate: float) -> None:
        """Have its model written to so many times a second."""
        await self._tell(f"rate?writes={rate}")

    async def be_patient(self, seconds: float) -> None:
        """Change for how long a connection may be busy."""
        await self._tell(f"patience?seconds={seconds}")

    async def shown(self, viewers: list[Viewer]) -> str:
        """Have nothing more written; give the cursor that everybody has once all is read."""
        await self.write(0)
        # Whoever writes has had its turn when nothing is new any more.
        before = await self.state()
        after = await self.until(lambda state: state["tick"] == before["tick"])
        for one in viewers:
            await one.until(lambda one: one.cursor == after["cursor"])
        return after["cursor"]

    async def _tell(self, what: str) -> None:
        async with httpx.AsyncClient(timeout=60) as client:
            await client.get(f"http://127.0.0.1:{self.port}/{what}")


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    one = Served(timeout=FOR_EVER)
    await one.start()
    yield one
    one.kill()


class Measured:
    """What a crowd was sent in some time.

    Attributes:
        rate: Frames a second, for each.
        share: Frames for each write, for each: 1 for who reads as fast as is written.
        median: Milliseconds from a write until it was read.
        late: The same, of the slowest in a hundred.
    """

    def __init__(self, viewers: list[Viewer], span: float, writes: int) -> None:
        delays = sorted(delay for one in viewers for delay in one.delays)
        self.rate = sum(len(one.delays) for one in viewers) / len(viewers) / span
        self.share = self.rate * span / writes
        self.median = 1_000 * statistics.median(delays)
        self.late = 1_000 * delays[int(len(delays) * 0.99)]


async def measure(served: Served, viewers: list[Viewer], span: float) -> Measured:
    """Measure what a crowd is sent in so many seconds, and until something was written."""
    began, before = time.monotonic(), await served.state()
    for one in viewers:
        one.delays.clear()
    await asyncio.sleep(span)
    after = await served.until(lambda state: state["tick"] >= before["tick"] + MISSED)
    return Measured(viewers, time.monotonic() - began, after["tick"] - before["tick"])


@pytest.mark.parametrize("scheme", ["ws", "http"])
async def test_those_who_do_not_read(
    scheme: str, served: Served, seconds: float, figures: Figures
) -> None:
    url, span = served.url(scheme), seconds / 6
    async with crowd(url, EVERYBODY) as viewers:
        stalled, healthy = viewers[:STALLED], viewers[STALLED:]
        await served.write(RATE)
        await measure(served, viewers, span / 4)
        await served.state()
        alone = await measure(served, healthy, span)
        before = await served.state()
        for one in stalled:
            one.stall()
            one.jumps.clear()
        # Until all that is between is full.
        await served.until(lambda state: state["busy"] >= STALLED)
        first = await served.state()
        beside = await measure(served, healthy, span)
        state = await served.state()
        # Nothing is written from now on, so that what comes can be told exactly.
        await served.shown(healthy)
        for one in stalled[: STALLED // 2]:
            one.go_on()
        await served.shown(stalled[: STALLED // 2])
        composed = [sum(jump > 4 for jump in one.jumps) for one in stalled[: STALLED // 2]]
        # The others stay away for longer than the server waits.
        await served.be_patient(1.0)
        last = await served.until(lambda state: state["given_up"] >= STALLED // 2)
        for one in stalled[STALLED // 2 :]:
            one.go_on()
        await asyncio.gather(
            *(one.until(lambda one: one.closed) for one in stalled[STALLED // 2 :])
        )
        codes = Counter(one.code for one in stalled[STALLED // 2 :])
        ended = sum(one.closed for one in stalled[STALLED // 2 :])
        back = await connect(url, viewer(url, stalled[-1].cursor))
        note(figures, scheme, alone, beside)
        for what, value in (("before", before), ("stalled", first), ("a while later", state)):
            figures.note(f"{scheme}: resident, {what}", value["resident"] / 1e6, "MB")
        figures.note(f"{scheme}: lag of the loop, before", 1_000 * before["lag"], "ms")
        figures.note(f"{scheme}: lag of the loop, stalled", 1_000 * state["lag"], "ms")
        figures.note(f"{scheme}: composed frames of one who comes back", str(Counter(composed)))
        figures.note(f"{scheme}: given up", last["given_up"])
        figures.note(f"{scheme}: close codes", str(dict(codes)))
        back.cut()
    # Each comes back to what all of it was, as one; the sockets may have held a few at the end.
    assert set(composed) == {1}
    assert ended == STALLED // 2
    assert b'"patch"' in back.opening
    assert b'"snapshot"' not in back.opening
    assert last["given_up"] == STALLED // 2
    # Per write, for the machine may be slower at one time than at another.
    assert beside.share > 0.7 * alone.share
    # Who waited for them would wait for ever.
    assert beside.median < 20 * alone.median + 2_000
    assert state["resident"] < 1.1 * first["resident"]


def note(figures: Figures, scheme: str, alone: Measured, beside: Measured) -> None:
    """Note how the healthy fared without and with those who do not read."""
    for name, unit in (
        ("rate", "frames/s each"),
        ("share", "frames/write each"),
        ("median", "ms"),
        ("late", "ms (99 %)"),
    ):
        one, other = getattr(alone, name), getattr(beside, name)
        figures.note(f"{scheme}: {name}, all read", one, unit)
        figures.note(f"{scheme}: {name}, {STALLED} of {EVERYBODY} do not", other, unit)
        figures.note(f"{scheme}: {name}, ratio", other / one)


@pytest.mark.parametrize("scheme", ["ws", "http"])
async def test_everybody_comes_back_at_once(scheme: str, served: Served, figures: Figures) -> None:
    url = served.url(scheme)
    await served.write(20)
    async with crowd(url, EVERYBODY) as viewers:
        cursor = await served.shown(viewers)
    # Within one life: all have missed the same.
    state = await served.state()
    await served.write(20)
    await served.until(lambda later: later["tick"] >= state["tick"] + MISSED)
    await served.shown([])
    await served.state()
    async with crowd(url, EVERYBODY, cursor, at_once=EVERYBODY) as viewers:
        encoded = (await served.state())["encoded"]
        figures.note(f"{scheme}: encoded as 1,000 resume", str(encoded))
        assert encoded.get("patch") == 1
        assert "snapshot" not in encoded
        assert len({one.opening.split(b"},", 1)[1] for one in viewers}) == 1
    # After a restart, nobody knows what they show.
    served.kill()
    await served.start()
    await served.state()
    async with crowd(url, EVERYBODY, cursor, at_once=EVERYBODY) as viewers:
        state = await served.state()
        figures.note(f"{scheme}: encoded as 1,000 come after a restart", str(state["encoded"]))
        figures.note(f"{scheme}: lag of the loop meanwhile", 1_000 * state["lag"], "ms")
        # Those who came first may have waited for so long that they were sent a sign of life.
        state["encoded"].pop("ping", None)
        assert state["encoded"] == {"hello": EVERYBODY, "reset": 1, "snapshot": 1}
        assert len({one.opening.split(b"},", 1)[1] for one in viewers}) == 1


@pytest.mark.parametrize("scheme", ["ws", "http"])
async def test_lines_that_are_never_read_again(scheme: str, figures: Figures) -> None:
    served = Served(timeout=2.0, bears=5.0)
    await served.start()
    try:
        before = (await served.state())["files"]
        async with crowd(served.url(scheme), STALLED) as viewers:
            await served.write(20)
            for one in viewers:
                one.stall()
            state = await served.until(lambda state: state["given_up"] >= STALLED)
            figures.note(f"{scheme}: files beyond those of an idle server", state["files"] - before)
            # As who may connect says: the kernel ends what the ASGI server would wait for.
            state = await served.until(lambda state: state["files"] <= before + 5)
            figures.note(f"{scheme}: the same, a while later", state["files"] - before)
    finally:
        served.kill()
