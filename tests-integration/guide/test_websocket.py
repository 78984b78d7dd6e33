"""The guide's sections on serving a session over WebSocket, and on mirroring it in Python."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from .running import run_python, snippet, ticks

if TYPE_CHECKING:
    from collections.abc import Callable

    from .running import Running

    RunApp = Callable[[str], Running]

APPS = [
    pytest.param("app_on_startup.py", marks=pytest.mark.starlette0),
    "app_lifespan.py",
]


@pytest.mark.promise("guide.serve", "guide.mirror-python", "failure.40")
@pytest.mark.parametrize("app", APPS)
async def test_serve_a_session_over_websocket_and_mirror_it_in_python(
    run_app: RunApp, app: str
) -> None:
    running = run_app(app)
    names, task = run_python(snippet("mirror.py"), running.address)
    await asyncio.sleep(0)
    seen = await ticks(names.client, 3)
    assert seen == sorted(seen)
    # The snippet's `connect` ends with the server.
    running.process.terminate()
    await asyncio.wait_for(task, 20)


@pytest.mark.promise("guide.msgpack-python")
@pytest.mark.parametrize("app", APPS)
async def test_use_messagepack_on_a_connection_beside_json(run_app: RunApp, app: str) -> None:
    running = run_app(app)
    json_names, json_task = run_python(snippet("mirror.py"), running.address)
    names, task = run_python(snippet("msgpack.py"), running.address)
    await asyncio.sleep(0)
    one, other = await asyncio.gather(ticks(json_names.client, 2), ticks(names.client, 2))
    assert set(one) & set(other)
    assert names.client.codec == "msgpack"
    running.process.terminate()
    await asyncio.wait_for(asyncio.gather(task, json_task), 20)
