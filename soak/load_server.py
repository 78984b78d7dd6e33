"""A server in a process of its own, which says how it fares.

`/ws` and `/sse` show one model. `/rate?writes=20` has it written to so many times a second,
`/patience?seconds=2` changes for how long a connection may be busy, and `/state` tells how the
process does. Connections take little before they are full.

It is run as `python load_server.py PORT TIMEOUT BEARS`: for how many seconds a connection may be
busy, and for how many the kernel bears a line that is not read; 0 for as long as it likes.
"""

import asyncio
import dataclasses
import os
import resource
import socket
import sys
import time
from collections import Counter
from typing import Any, Final

import transports
import uvicorn
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from transports_core.codecs import JsonCodec
from transports_core.connection import Close, Outgoing
from transports_core.encoded import Spliced

SIZE: Final = 4_000
"""How many characters of text each write changes."""

PAGE: Final = os.sysconf("SC_PAGESIZE")


class Feed(BaseModel):
    """What is shown.

    Attributes:
        tick: The number of the last write.
        stamp: When that was, by the clock that all processes share.
        text: Something that takes room.
        ballast: What never changes.
    """

    tick: int = 0
    stamp: float = 0.0
    text: str = ""
    ballast: str = "x" * 20_000


class CountingCodec:
    """Counts the messages that are encoded, by type, in place of the method that encodes."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        encode = JsonCodec.encode_message

        def counting(codec: JsonCodec, message: Any) -> str | Spliced:
            self.counts[message["t"]] += 1
            return encode(codec, message)

        setattr(JsonCodec, "encode_message", counting)  # noqa: B010  # to pyright it is a method


class Counted(transports.Server):
    """A server that counts whom it gave up."""

    given_up = 0

    def be_patient(self, seconds: float) -> None:
        """Change for how long a connection may be busy."""
        self._limits = dataclasses.replace(self._limits, send_timeout=seconds)

    @property
    def busy(self) -> int:
        """Count the connections that were given something that is not sent."""
        return sum(link.busy for link in self._links.values())

    def tick(self, now: float) -> Outgoing:
        """Do what is due by the clock."""
        outgoing = super().tick(now)
        for outputs in outgoing.values():
            self.given_up += any(isinstance(each, Close) for each in outputs)
        return outgoing


class Load:
    """What is served, and how it fares.

    Args:
        timeout: Seconds that a connection may be busy.
    """

    def __init__(self, timeout: float) -> None:
        self.feed = Feed(stamp=time.monotonic())
        self.session = session = transports.Session()
        session.host(self.feed)
        limits = transports.Limits(send_timeout=timeout)
        self.server = Counted(session, limits=limits)
        self.encoded = CountingCodec()
        self.rate = 0.0
        self.lag = 0.0

    async def write(self) -> None:
        """Write as often as is asked for."""
        while True:
            await asyncio.sleep(1 / self.rate if self.rate else 0.05)
            if self.rate:
                self.feed.tick += 1
                self.feed.text = f"{self.feed.tick:010}" * (SIZE // 10)
                self.feed.stamp = time.monotonic()

    async def watch(self) -> None:
        """Note by how much the event loop is late."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.02)
            self.lag = max(self.lag, time.monotonic() - before - 0.02)

    async def set_rate(self, request: Request) -> JSONResponse:
        """Set how many writes there are a second."""
        self.rate = float(request.query_params["writes"])
        return JSONResponse({})

    async def set_patience(self, request: Request) -> JSONResponse:
        """Set for how long a connection may be busy."""
        self.server.be_patient(float(request.query_params["seconds"]))
        return JSONResponse({})

    async def state(self, request: Request) -> JSONResponse:
        """Tell how the process fares; the lag is that since this was asked last."""
        del request
        with open("/proc/self/statm") as file:  # noqa: ASYNC230  # no disk has a part in it
            resident = int(file.read().split()[1]) * PAGE
        state = {
            "tick": self.feed.tick,
            "cursor": f"{self.session.epoch}:{self.session.rev}",
            "resident": resident,
            "files": len(os.listdir("/proc/self/fd")),
            "busy": self.server.busy,
            "given_up": self.server.given_up,
            "encoded": dict(self.encoded.counts),
            "lag": self.lag,
        }
        self.lag = 0.0
        self.encoded.counts.clear()
        return JSONResponse(state)

    def app(self) -> Starlette:
        """Make the application."""
        return Starlette(
            routes=[
                WebSocketRoute("/ws", transports.ws_endpoint(self.server)),
                Route("/sse", transports.sse_endpoint(self.server)),
                Route("/rate", self.set_rate),
                Route("/patience", self.set_patience),
                Route("/state", self.state),
            ],
            lifespan=transports.lifespan(self.server, background=[self.write, self.watch]),
        )


def main(port: int, timeout: float, bears: float) -> None:
    """Serve until the end."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(1_000 * bears))
    listening.bind(("127.0.0.1", port))
    # Without pings of its own, which would end those that do not read before the server does.
    config = uvicorn.Config(
        Load(timeout).app(),
        log_level="critical",
        ws="websockets-sansio",
        ws_ping_interval=None,
        backlog=4_096,
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
