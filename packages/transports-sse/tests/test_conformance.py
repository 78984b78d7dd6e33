"""What every transport must do, over Server-Sent Events."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from asgi_server import address, running
from starlette.applications import Starlette
from starlette.routing import Route
from transports_core.connection import Serving
from transports_core.testing import Conformance, Dial, by_url
from transports_sse import sse_endpoint


@pytest.mark.promise("transport.conformance")
class TestSSE(Conformance):
    receive_only = True
    has_close_codes = False

    @asynccontextmanager
    async def serve(self, serving: Serving) -> AsyncGenerator[Dial]:
        app = Starlette(routes=[Route("/sse", sse_endpoint(serving))])
        async with running(app) as server:
            yield by_url(f"http://{address(server)}/sse")
