"""What every transport must do, over WebSocket."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from asgi_server import address, running
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from transports_core.connection import Serving
from transports_core.testing import Conformance, Dial, by_url
from transports_ws import ws_endpoint


@pytest.mark.promise("transport.conformance")
class TestWebSocket(Conformance):
    codecs = ("json", "msgpack")

    @asynccontextmanager
    async def serve(self, serving: Serving) -> AsyncGenerator[Dial]:
        app = Starlette(routes=[WebSocketRoute("/ws", ws_endpoint(serving))])
        async with running(app) as server:
            yield by_url(f"ws://{address(server)}/ws")
