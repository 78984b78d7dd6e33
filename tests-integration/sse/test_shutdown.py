"""Streams in a process of its own, which is told to end as an operator or a developer would."""

import http.client
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = """
import transports
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

class Counter(BaseModel):
    tick: int = 0

session = transports.Session()
session.host(Counter())
server = transports.Server(session)
app = Starlette(
    routes=[
        Route("/sse", transports.sse_endpoint(server)),
        WebSocketRoute("/ws", transports.ws_endpoint(server)),
    ],
    lifespan=transports.lifespan(server),
)
"""


class Process:
    """An application under uvicorn."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.app = folder / "app.py"
        self.app.write_text(APP)
        self._process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-m", "uvicorn", "app:app", "--port", "0", *options],
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""
        found = self.until(r"running on (http://127\.0\.0\.1:\d+)")
        self.url = f"{found[1]}/sse"

    def until(self, pattern: str) -> re.Match[str]:
        """Wait until it says something."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.said += line
            if found := re.search(pattern, line):
                return found
        return pytest.fail(self.said)

    def end(self, how: int) -> str:
        """Tell it to end, and wait until it has; give all that it said."""
        self._process.send_signal(how)
        self.said += self._process.communicate(timeout=30)[1]
        return self.said


def opened(process: Process) -> http.client.HTTPResponse:
    """Open a stream, and read its first event."""
    deadline = time.monotonic() + 30
    while True:
        try:
            stream: http.client.HTTPResponse = urllib.request.urlopen(process.url, timeout=30)
            break
        except urllib.error.URLError:
            # The process says that it has started before it listens.
            if time.monotonic() > deadline:
                raise
    while b"snapshot" not in stream.readline():
        pass
    return stream


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    processes: list[Process] = []
    yield processes
    for process in processes:
        process.end(signal.SIGINT)


@pytest.mark.promise("sse.shutdown")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_process_with_open_streams_ends_when_told_to_and_complains_of_nothing(
    tmp_path: Path, how: int
) -> None:
    process = Process(tmp_path)
    streams = [opened(process) for _ in range(3)]
    said = process.end(how)
    for stream in streams:
        # The answers were ended, not cut off.
        assert stream.read() == b"\n"
        stream.close()
    assert "Application shutdown complete" in said
    for complaint in ("ERROR", "Traceback", "was destroyed", "never awaited", "Warning"):
        assert complaint not in said


@pytest.mark.promise("sse.shutdown")
def test_reload_does_not_wait_for_streams(tmp_path: Path, processes: list[Process]) -> None:
    process = Process(tmp_path, "--reload")
    processes.append(process)
    process.until("startup complete")
    with opened(process) as stream:
        process.app.write_text(APP + "# and more\n")
        process.until("Reloading")
        assert stream.read() == b"\n"
    process.until("startup complete")
    opened(process).close()
