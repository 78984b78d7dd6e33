"""The guide's section on streaming receive-only updates over SSE."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from .running import given, run_python, snippet, ticks

if TYPE_CHECKING:
    from collections.abc import Callable

    from .running import Running

    RunApp = Callable[..., Running]

APPS = [
    pytest.param("sse_on_startup.py", marks=pytest.mark.starlette0),
    "sse_lifespan.py",
]


@pytest.mark.promise("guide.sse", "guide.sse-python")
@pytest.mark.parametrize("app", APPS)
async def test_stream_receive_only_updates_over_sse_and_mirror_them_in_python(
    run_app: RunApp, app: str
) -> None:
    running = run_app(app, given())
    names, task = run_python(snippet("sse_mirror.py"), running.address)
    await asyncio.sleep(0)
    seen = await ticks(names.client, 3)
    assert seen == sorted(seen)
    # The snippet's `connect_sse` ends with the server.
    running.process.terminate()
    await asyncio.wait_for(task, 20)
