"""What all servers that are measured have in common: they do as the lines on stdin say.

A number is to be told to everybody who is connected, in a frame that has it in digits. `cpu` is
answered with the seconds of processor time that were needed so far, and `memory` with the bytes
that are held; to tell these takes a collection of garbage, which is no part of what frames cost.
The end of stdin ends the server. This is imported in every peer's environment, so it needs nothing
but the standard library.
"""

import asyncio
import json
import platform
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from time import process_time
from typing import Any

from benchmarks import memory

Broadcast = Callable[[int], Awaitable[object]]

PATH = "/stream"

_PACKAGES = ("transports", "uvicorn", "websockets", "wsproto", "python-socketio", "sse-starlette")


def text(number: int) -> str:
    """Make what servers send that have no format of their own: as much as ours."""
    return (
        '{"t":"patch","id":1,"base":10,"rev":11,"ops":[{"op":"replace","path":"/value","value":'
        f"{number}}}]}}"
    )


async def obey(port: int, broadcast: Broadcast) -> None:
    """Tell the port, and do as is asked for until stdin ends."""
    asked = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(asked), sys.stdin)
    _say({"port": port, "versions": _versions()})
    while line := await asked.readline():
        if line == b"cpu\n":
            _say(process_time())
        elif line == b"memory\n":
            _say(memory.resident())
        else:
            await broadcast(int(line))
            # What one line asks for is not to be joined with what the next does.
            for _ in range(3):
                await asyncio.sleep(0)


def _versions() -> dict[str, str]:
    found = {platform.python_implementation(): platform.python_version()}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _say(answer: object) -> None:
    print(json.dumps(answer), flush=True)


async def under_uvicorn(app: Any, broadcast: Broadcast, *, deflate: bool, ws: str) -> None:
    """Serve an ASGI application on a free port of loopback."""
    uvicorn: Any = import_module("uvicorn")
    config = uvicorn.Config(
        app,
        log_level="warning",
        lifespan="off",
        loop="asyncio",
        ws=ws,
        ws_per_message_deflate=deflate,
        # The crowd says nothing, not even that it is there.
        ws_ping_interval=None,
        backlog=4096,
    )
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await obey(listening.getsockname()[1], broadcast)
    server.should_exit = server.force_exit = True
    await serving
