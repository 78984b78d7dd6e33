"""Writers as an application has them: requests that a real server answers on its threads."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

import httpx
import transports
import uvicorn
from fastapi import FastAPI
from transports_core.testing.writers import Replay, Writers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


# What is followed every few seconds has to be there until then.
_ENTRIES: Final = 1 << 18


class Pool:
    """A server whose synchronous endpoints write, each request on a thread of the server's pool.

    Attributes:
        writers: Those who write, and what they write to. Their threads are the server's.
        replay: Follows the log, and checks each revision.
        clients: Mirrors, over each transport.
    """

    def __init__(self) -> None:
        session = transports.Session(max_log_entries=_ENTRIES, max_log_bytes=1 << 30)
        self.writers = Writers(session)
        self.replay = Replay(self.writers)
        self.clients = [transports.Client(), transports.Client("msgpack"), transports.Client()]
        # How many requests of each visitor were answered.
        self._made: Counter[int] = Counter()
        self._server = transports.Server(session)
        self._app = FastAPI(lifespan=transports.lifespan(self._server))
        self._app.add_api_websocket_route("/ws", transports.ws_endpoint(self._server))
        self._app.add_api_route("/sse", transports.sse_endpoint(self._server))
        for does in ("note", "transact", "propose", "come_and_go"):
            self._app.add_api_route(f"/{does}", self._endpoint(does), methods=["POST"])

    @property
    def asked(self) -> int:
        """How many requests were answered."""
        return self._made.total()

    def _endpoint(self, does: str) -> Any:
        write = getattr(self.writers, does)

        # Not asynchronous, so it is called on a thread.
        def endpoint(who: int, n: int) -> None:
            write(who, n)

        return endpoint

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[str]:
        """Serve, and mirror, while the context lasts; give the address."""
        config = uvicorn.Config(self._app, port=0, log_level="warning", ws="websockets-sansio")
        server = uvicorn.Server(config)
        thread = Thread(target=server.run)
        thread.start()
        while not server.started:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        host = f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        urls = [f"ws://{host}/ws", f"ws://{host}/ws", f"http://{host}/sse"]
        runs = [
            asyncio.create_task(client.run(url))
            for client, url in zip(self.clients, urls, strict=True)
        ]
        try:
            yield f"http://{host}"
        finally:
            for client in self.clients:
                client.stop()
            await asyncio.gather(*runs)
            server.should_exit = True
            await asyncio.to_thread(thread.join, 30)
            assert not thread.is_alive()

    async def ask(self, url: str, enough: Any) -> None:
        """Have eight visitors send requests, one after another each, until it is enough."""
        does = ("note", "note", "transact", "transact", "propose", "propose", "come_and_go", "note")
        limits = httpx.Limits(max_connections=len(does))
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as http:

            async def visit(who: int, what: str) -> None:
                while not enough():
                    params = {"who": who, "n": self._made[who]}
                    answer = await http.post(f"/{what}", params=params)
                    answer.raise_for_status()
                    self._made[who] += 1

            async with asyncio.TaskGroup() as visits:
                for who, what in enumerate(does):
                    visits.create_task(visit(who, what))

    async def settled(self) -> None:
        """Wait until every mirror shows what the board holds."""
        self.replay.follow()
        board = self.writers.board.model_dump(mode="json")
        truth = {self.writers.id: board}
        assert self.replay.value == board
        async with asyncio.timeout(60):
            for client in self.clients:
                news = asyncio.Event()
                end = client.on_change(lambda change, news=news: news.set())
                while {id: client.value(id) for id in client.ids()} != truth:
                    news.clear()
                    await news.wait()
                end()
