"""A server to be killed: what it was told is on disk before anybody hears that it was.

Run as a process of its own. It prints its port once clients can connect.
"""

import argparse
import asyncio
import json
import os
from pathlib import Path
from random import Random
from typing import Annotated, Any

import transports
import uvicorn
from pydantic import AfterValidator, BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from transports_core import Limits

HEARTBEAT = 0.25
"""Seconds: short, so that a line that fell silent is soon noticed."""


def _good(token: str) -> str:
    if token.startswith("bad"):
        raise ValueError("a bad token")
    return token


class Ledger(BaseModel):
    """What clients write to: each edit of theirs leaves its token."""

    tokens: list[Annotated[str, AfterValidator(_good)]] = []
    mark: str = ""


class Point(BaseModel):
    x: int = 0
    label: str = "\u2028\U0001f980"


class Board(BaseModel):
    """What the host writes to, all the time."""

    tick: int = 0
    big: int = 1 << 60
    ratio: float = 0.5
    text: str = ""
    archive: str = ""
    points: list[Point] = []
    named: dict[str, Point] = {}


def change(board: Board, luck: Random) -> None:
    """Write something somewhere."""
    board.tick += 1
    at = luck.randint(0, len(board.points))
    match luck.randint(0, 7):
        case 0:
            board.points.insert(at, Point(x=board.tick))
        case 1:
            del board.points[at : at + 2]
        case 2 if board.points:
            board.points[at - 1].label += "\u00e9\u2029"
        case 3:
            luck.shuffle(board.points)
        case 4:
            board.named[luck.choice("abcdef/~")] = Point(x=at)
        case 5:
            board.named.pop(luck.choice("abcdef/~"), None)
        case 6:
            board.text = "" if len(board.text) > 2000 else board.text + "snow \u2603 "
        case _:
            board.big, board.ratio = board.big + 1, luck.random()
    del board.points[50:]


def incompressible(length: int) -> str:
    """Make a text that compression makes little of."""
    return Random(length).randbytes(length // 2).hex()


class Host:
    """The models, and who writes to them.

    Args:
        state: Where the ledger is kept.
        seed: What the host writes depends on it.
        other: Whether models have other ids than usual.
        send_timeout: Seconds after which a client that does not read is closed.
        archive: How many characters the board has that never change.
    """

    def __init__(
        self, state: Path, seed: int, *, other: bool, send_timeout: float, archive: int
    ) -> None:
        self.session = transports.Session()
        limits = Limits(send_timeout=send_timeout)
        self.server = transports.Server(self.session, heartbeat=HEARTBEAT, limits=limits)
        kept = state.read_text().splitlines() if state.exists() else []
        self.ledger, self.board = Ledger(tokens=kept), Board(archive=incompressible(archive))
        models: list[BaseModel] = [self.ledger, self.board]
        for model in reversed(models) if other else models:
            self.session.host(model)
        self.session.on_change(self._keep)
        self._file = os.open(state, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._kept = len(kept)
        self._luck = Random(seed)
        self._writing = asyncio.Event()
        self._writing.set()
        self.lag = 0.0

    def _keep(self, change: Any) -> None:
        """Have on disk what clients added, before it is sent to anybody."""
        if change.model is self.ledger:
            new = self.ledger.tokens[self._kept :]
            self._kept += len(new)
            os.write(self._file, "".join(f"{token}\n" for token in new).encode())

    async def write(self) -> None:
        """Change the board, for ever."""
        while True:
            await self._writing.wait()
            for _ in range(self._luck.randint(1, 3)):
                change(self.board, self._luck)
            await asyncio.sleep(0.004)

    async def watch(self) -> None:
        """Measure for how long the event loop lets nobody have a turn."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.01)
            self.lag = max(self.lag, loop.time() - before - 0.01)

    async def rest(self, request: Request) -> Response:
        """Write no more, but for a mark; tell what there is then."""
        self._writing.clear()
        # Whoever writes has had the turn that it was in.
        await asyncio.sleep(0)
        self.ledger.mark = request.query_params["mark"]
        values = {id: self.session.value(id) for id in self.session.ids()}
        text = json.dumps(values)
        return Response(text, headers={"X-Lag": str(self.lag)})

    async def go_on(self, request: Request) -> Response:
        """Write again: first, a text of some length."""
        self.board.text = incompressible(int(request.query_params["flood"]))
        self._writing.set()
        return Response()


class Announced(uvicorn.Server):
    """A server that says on standard output where it is."""

    async def startup(self, *args: Any, **options: Any) -> None:
        """Start, and say so."""
        await super().startup(*args, **options)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--other", action="store_true")
    parser.add_argument("--send-timeout", type=float, default=2.0)
    parser.add_argument("--archive", type=int, default=0)
    told = parser.parse_args()
    host = Host(
        told.state,
        told.seed,
        other=told.other,
        send_timeout=told.send_timeout,
        archive=told.archive,
    )
    routes = [
        WebSocketRoute("/ws", transports.ws_endpoint(host.server)),
        Route("/sse", transports.sse_endpoint(host.server)),
        Route("/rest", host.rest),
        Route("/go-on", host.go_on),
    ]
    lifespan = transports.lifespan(host.server, background=[host.write, host.watch])
    app = Starlette(routes=routes, lifespan=lifespan)
    config = uvicorn.Config(
        app,
        port=told.port,
        log_level="critical",
        ws="websockets-sansio",
        # It does not tell those to leave who come while it tells the others, and waits for them.
        timeout_graceful_shutdown=1,
    )
    await Announced(config).serve()


if __name__ == "__main__":
    asyncio.run(main())
