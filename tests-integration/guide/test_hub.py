"""The guide's section "Serve a Hub"."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import transports

from .running import Running, snippet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# What the guide takes as given: imports, something to see, and `autosync(hub)`.
BEFORE = """
import transports
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

"""
AFTER = """
for tenant in ("acme", "globex"):
    hub.tenant(tenant).host({"name": tenant, "seen": 0})
app.router.lifespan_context = transports.lifespan(hub)
"""


async def until(client: transports.Client, condition: Callable[[], bool]) -> None:
    """Wait until a client's mirror or status is as it should be."""
    news = asyncio.Event()
    client.on_change(lambda _: news.set())
    client.on_status(lambda _: news.set())
    async with asyncio.timeout(30):
        while not condition():
            await news.wait()
            news.clear()


@pytest.mark.promise("guide.hub")
async def test_serve_a_hub(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(BEFORE + snippet("hub.py") + AFTER)
    running = Running(tmp_path)
    acme, globex, nobody = clients = [transports.Client() for _ in range(3)]
    names = ("acme", "globex", "nobody")
    tasks = [
        asyncio.create_task(client.run(f"ws://{running.address}/ws/{name}"))
        for name, client in zip(names, clients, strict=True)
    ]
    try:
        for client in (acme, globex):
            await until(client, lambda client=client: bool(client.ids()))
        await until(nobody, lambda: nobody.status == "open")
        await acme.propose(1, {"name": "acme", "seen": 1})
        await globex.propose(1, {"name": "globex", "seen": 2})
        assert acme.value(1) == {"name": "acme", "seen": 1}
        assert globex.value(1) == {"name": "globex", "seen": 2}
        assert nobody.ids() == []
    finally:
        for client in clients:
            client.stop()
        await asyncio.gather(*tasks)
        running.stop()
