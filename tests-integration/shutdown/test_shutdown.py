"""Servers that are told to end, with connections in every state that they can be in."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from transports import Client

from .ends import APP, ASKED, BUSY, HALF, SILENT, Reader, listening, stuck

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator
    from pathlib import Path

# What a client that reads learns when the server goes.
CODES = {"ws": 1012, "sse": 0}

# Far beyond what it takes: a second, with clients that do not read.
GRACE = 20

COMPLAINTS = ("ERROR", "Traceback", "destroyed", "never awaited", "Warning", "exceeded", "error")


class Process:
    """An application under uvicorn, as an operator or a developer runs it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.app = folder / "app.py"
        self.app.write_text(APP)
        self._process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-m", "uvicorn", "app:app", "--port", "0", *options],
            cwd=folder,
            env={**os.environ, "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN": str(GRACE)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""
        self.port = int(self.until(r"running on http://127\.0\.0\.1:(\d+)")[1])
        listening(self.port)

    def until(self, pattern: str) -> re.Match[str]:
        """Wait until it says something."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.said += line
            if found := re.search(pattern, line):
                return found
        return pytest.fail(self.said)

    def end(self, how: int) -> float:
        """Tell it to end, and wait until it has; tell how many seconds that took."""
        began = time.monotonic()
        self._process.send_signal(how)
        self.said += self._process.communicate(timeout=2 * GRACE)[1]
        return time.monotonic() - began

    def kill(self) -> None:
        """Have it be gone, whatever it does."""
        self._process.kill()
        self._process.wait()


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    processes: list[Process] = []
    yield processes
    for process in processes:
        process.kill()


@pytest.mark.promise("shutdown.clean", "sse.shutdown", "ws.shutdown")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_process_ends_whatever_its_connections_do(
    tmp_path: Path, processes: list[Process], how: int
) -> None:
    process = Process(tmp_path)
    processes.append(process)
    readers = [Reader(process.port, transport) for transport in CODES for _ in range(2)]
    states = itertools.product(CODES, (BUSY, BUSY, SILENT, HALF, ASKED))
    ends = [stuck(process.port, transport, state) for transport, state in states]
    for _ in CODES:
        process.until("asked for a verdict")
    took = process.end(how)
    print(f"{signal.Signals(how).name}: ended within {took:.2f} s")
    for each in readers:
        each.join(GRACE)
        assert each.code == CODES[each.transport]
    assert took < GRACE / 2
    assert "Application shutdown complete" in process.said
    assert "left behind: []" in process.said
    # This one was not answered any more.
    said = process.said.replace("rejected (500 Internal Server Error)", "")
    assert [word for word in COMPLAINTS if word in said] == [], said
    for end in ends:
        end.close()


@pytest.mark.promise("shutdown.clean", "sse.shutdown", "failure.1")
async def test_clients_heal_when_the_source_is_saved_under_reload(
    tmp_path: Path, processes: list[Process]
) -> None:
    process = await asyncio.to_thread(Process, tmp_path, "--reload")
    processes.append(process)
    # The watcher looks from when the first life has started.
    await asyncio.to_thread(process.until, "startup complete")
    ends = [stuck(process.port, transport, BUSY) for transport in CODES]
    host = f"127.0.0.1:{process.port}"
    async with mirroring(f"ws://{host}/ws") as one, mirroring(f"http://{host}/sse") as other:
        for client in (one, other):
            await shown(client, "x" * (8 << 20))
        process.app.write_text(APP.replace('"x" * (8 << 20)', '"the new life"'))
        await asyncio.to_thread(process.until, "Reloading")
        for client in (one, other):
            await shown(client, "the new life")
    for end in ends:
        end.close()
    await asyncio.to_thread(process.end, signal.SIGTERM)
    assert [word for word in COMPLAINTS if word in process.said] == [], process.said


@asynccontextmanager
async def mirroring(url: str) -> AsyncGenerator[Client]:
    """Give a client that mirrors what is served, and comes back to it."""
    client = Client()
    running = asyncio.create_task(client.run(url))
    yield client
    client.stop()
    await running


async def shown(client: Client, text: str) -> None:
    """Wait until a client shows a text."""
    news = asyncio.Event()
    end = client.on_change(lambda change: news.set())
    async with asyncio.timeout(60):
        while not client.ids() or client.model(1, dict[str, Any])["text"] != text:
            news.clear()
            await news.wait()
    end()


class InThread:
    """An application under uvicorn on a thread of its own."""

    def __init__(self, app: Any) -> None:
        config = uvicorn.Config(
            app,
            port=0,
            log_level="warning",
            timeout_graceful_shutdown=GRACE,
            ws="websockets-sansio",
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run)
        self._thread.start()
        self._until(lambda: self._server.started)
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]

    def _until(self, come: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not come() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert come()

    def end(self, connections: int) -> float:
        """Tell it to end, and wait until it has; tell how many seconds that took.

        Args:
            connections: How many it is to have by then. uvicorn misses those that it accepts just
                as it begins to end, and waits for them.
        """
        self._until(lambda: len(self._server.server_state.connections) == connections)
        began = time.monotonic()
        self._server.should_exit = True
        self._thread.join(2 * GRACE)
        assert not self._thread.is_alive()
        return time.monotonic() - began


@pytest.mark.promise("shutdown.clean", "sse.shutdown", "ws.shutdown")
def test_server_in_a_thread_ends_and_may_be_started_again(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    application: dict[str, Any] = {}
    exec(APP, application)
    for life in range(2):
        server = InThread(application["app"])
        readers = [Reader(server.port, transport) for transport in CODES]
        ends = [
            stuck(server.port, transport, state)
            for transport in CODES
            for state in (BUSY, SILENT, HALF)
        ]
        took = server.end(len(readers) + len(ends))
        print(f"in a thread, life {life + 1}: ended within {took:.2f} s")
        for each in readers:
            each.join(GRACE)
        assert [each.code for each in readers] == list(CODES.values())
        assert took < GRACE / 2
        for end in ends:
            end.close()
        # No connection is remembered.
        assert application["server"].due() is None
    # Nothing but what looks for a signal that tells sse-starlette to end, as long as the loop runs.
    left = re.findall(r"left behind: \[(.*)\]", capfd.readouterr().err)
    watcher = r"(<coroutine object _shutdown_watcher at \w+>)?"
    assert [bool(re.fullmatch(watcher, each)) for each in left] == [True, True]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
