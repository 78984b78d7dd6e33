"""Whoever is not let in any more, over each transport."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import transports
from networked import running, until
from pydantic import BaseModel
from starlette.requests import HTTPConnection


class Counter(BaseModel):
    tick: int = 0


@asynccontextmanager
async def mirrored(client: transports.Client, url: str) -> AsyncGenerator[asyncio.Task[None]]:
    """Run a client that is shown something already; give the task that it runs in."""
    task = asyncio.create_task(client.run(url))
    await until(client, lambda: bool(client.ids()))
    yield task
    client.stop()
    await asyncio.wait([task])


@pytest.mark.promise("connection.dismissed")
@pytest.mark.parametrize("transport", ["ws", "sse"])
async def test_who_logs_out_is_closed_and_stays_out(transport: str) -> None:
    users = {"1": "ada", "2": "bob"}

    def authorize(connection: HTTPConnection) -> str:
        user = users.get(connection.query_params.get("token", ""))
        if user is None:
            raise transports.RefusedError(4401, "please log in")
        return user

    counter = Counter()
    session = transports.Session()
    session.host(counter)
    server = transports.Server(session)
    async with running(server, authorize=authorize) as served:
        url = served.url if transport == "ws" else served.sse_url
        ada, bob = transports.Client(), transports.Client()
        async with mirrored(ada, f"{url}?token=1") as ended, mirrored(bob, f"{url}?token=2"):
            del users["1"]
            server.dismiss("ada")
            with pytest.raises(transports.RefusedError) as refused:
                await ended
            assert refused.value.code == 4401
            counter.tick = 1
            await until(bob, lambda: bob.value(1) == {"tick": 1})
        assert ada.value(1) == {"tick": 0}
