"""A server on loopback, in this process, and a crowd that opens connections to it."""

import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from threading import Thread
from time import sleep
from typing import Any

import uvicorn

from benchmarks import memory

PATH = "/ws"


@contextmanager
def serving(app: Callable[..., Any]) -> Generator[int]:
    """Serve an ASGI application; give the port."""
    config = uvicorn.Config(
        app,
        port=0,
        lifespan="off",
        log_level="warning",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


def open_many(app: Callable[..., Any], many: int) -> Mapping[str, float]:
    """Have a crowd open connections; give the time until all are up to date, and memory."""
    command = [sys.executable, "-m", "benchmarks.crowd"]
    with serving(app) as port:
        before = memory.resident()
        memory.forget_peak()
        with subprocess.Popen(
            [*command, str(port), PATH, str(many)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as crowd:
            assert crowd.stdout is not None
            seconds = float(crowd.stdout.readline())
            taken = {"time": seconds, "memory": memory.peak() - before}
            crowd.communicate()
    return taken
