"""A hub over streams, by the same key as over WebSocket."""

from typing import Any

import httpx
import pytest
import transports
from asgi_server import address, running
from networked import mirroring, until
from starlette.applications import Starlette
from starlette.routing import Route


def key(connection: Any) -> str:
    tenant: str = connection.path_params["tenant"]
    if tenant == "nobody":
        raise transports.RefusedError(4403, "no such tenant")
    return tenant


@pytest.mark.promise("sse.hub", "failure.27")
async def test_each_stream_shows_its_tenant_and_what_is_shared_and_resumes_both() -> None:
    hub = transports.Hub(key=key)
    for tenant in ("acme", "globex"):
        hub.tenant(tenant).host({"name": tenant, "seen": 0})
    routes = [Route("/sse/{tenant}", transports.sse_endpoint(hub))]
    app = Starlette(routes=routes, lifespan=transports.lifespan(hub))
    acme, globex = transports.Client(), transports.Client()
    async with running(app) as server:
        url = f"http://{address(server)}/sse/"
        async with mirroring(acme, url + "acme"), mirroring(globex, url + "globex"):
            for client, name in ((acme, "acme"), (globex, "globex")):
                await until(client, lambda client=client: bool(client.ids()))
                assert client.value(1) == {"name": name, "seen": 0}
            board = hub.share({"topic": "tea"})
            hub.subscribe("acme", board, transports.READ)
            await until(acme, lambda: board in acme.ids())
            hub.tenant("globex").live(1)["seen"] = 7
            await until(globex, lambda: globex.value(1) == {"name": "globex", "seen": 7})
            assert globex.ids() == [1]
        # Both wrote on while acme was away: its cursor names both sessions.
        hub.set_shared(board, {"topic": "coffee"})
        hub.tenant("acme").live(1)["seen"] = 1
        async with mirroring(acme, url + "acme"):
            await until(acme, lambda: acme.value(board) == {"topic": "coffee"})
            await until(acme, lambda: acme.value(1) == {"name": "acme", "seen": 1})
        async with httpx.AsyncClient() as http:
            refused = await http.get(url + "nobody")
    assert (refused.status_code, refused.json()["code"]) == (403, 4403)
