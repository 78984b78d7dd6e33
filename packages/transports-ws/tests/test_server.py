"""The endpoint, on a real ASGI server, before something that follows a script."""

import asyncio
import logging
from contextlib import suppress
from typing import Any

import pytest
from asgi_server import everywhere
from scripted_websocket import Serve, app, connected, url, verdict
from starlette.routing import WebSocketRoute
from transports_core.errors import RefusedError
from transports_core.testing.script import Script
from transports_ws import ws_endpoint
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


async def test_opening_goes_out_in_order(serve: Serve) -> None:
    script = Script(["one", b"two", "three"])
    async with connected(serve, script) as client:
        assert [await client.recv() for _ in range(3)] == ["one", b"two", "three"]


async def test_query_is_passed_on_as_it_came(serve: Serve) -> None:
    script = Script()
    query = "?codec=text%2Fx&since=e:1,f:2&ops=rfc6902&v=1&other=2"
    async with connected(serve, script, query) as client:
        await client.recv()
    (options,) = script.opened
    assert options.pop("scope").query_params["other"] == "2"
    assert options == {
        "codec": "text/x",
        "since": "e:1,f:2",
        "ops": "rfc6902",
        "version": "1",
        "principal": None,
    }


async def test_connection_without_a_query_asks_for_nothing(serve: Serve) -> None:
    script = Script()
    async with connected(serve, script) as client:
        await client.recv()
    (options,) = script.opened
    del options["scope"]
    assert options == {
        "codec": "json",
        "since": None,
        "ops": None,
        "version": None,
        "principal": None,
    }


@pytest.mark.promise("ws.refusal")
@pytest.mark.parametrize("code", [4401, 4403, 4406, 1013])
async def test_refusal_accepts_and_closes_at_once(serve: Serve, code: int) -> None:
    script = Script()
    script.refusal = RefusedError(code, "because")
    async with connected(serve, script) as client:
        with suppress(ConnectionClosed):
            await client.send("never read")
        assert await verdict(client) == (code, "because")
    assert script.received == []
    assert script.senders == {}


@pytest.mark.promise("ws.origins", "ws.refusal")
async def test_page_of_a_foreign_origin_is_refused_before_anything_happens(serve: Serve) -> None:
    script, asked = Script(), list[object]()
    endpoint = app(script, authorize=asked.append)
    async with serve(endpoint) as server:
        for origin in ("https://evil.example", "null"):
            async with connect(url(server), additional_headers={"Origin": origin}) as client:
                with suppress(ConnectionClosed):
                    await client.send("never read")
                assert (await verdict(client))[0] == 4403
    assert (script.opened, script.received, asked) == ([], [], [])


@pytest.mark.promise("ws.origins")
async def test_pages_of_the_own_host_and_allowed_ones_may_connect(serve: Serve) -> None:
    script = Script()
    async with serve(app(script, allowed_origins=["https://app.example"])) as server:
        for origin in ("http://localhost:5173", "https://app.example"):
            async with connect(url(server), additional_headers={"Origin": origin}) as client:
                assert await client.recv() == "hello"


@pytest.mark.parametrize("asynchronous", [True, False])
async def test_authorize_gives_the_principal(serve: Serve, asynchronous: bool) -> None:
    def ask(websocket: Any) -> str:
        return websocket.query_params["token"]

    async def ask_async(websocket: Any) -> str:
        await asyncio.sleep(0)
        return ask(websocket)

    script = Script()
    authorize = ask_async if asynchronous else ask
    async with connected(serve, script, "?token=ada", authorize=authorize) as client:
        await client.recv()
    assert script.opened[0]["principal"] == "ada"


@pytest.mark.promise("ws.refusal")
async def test_authorize_refuses_before_anything_is_served(serve: Serve) -> None:
    def authorize(websocket: Any) -> None:
        raise RefusedError(4401, "who are you")

    script = Script()
    async with connected(serve, script, authorize=authorize) as client:
        assert await verdict(client) == (4401, "who are you")
    assert script.opened == []


@pytest.mark.promise("ws.refusal")
async def test_authorize_that_fails_lets_nobody_in(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def authorize(websocket: Any) -> None:
        raise KeyError

    script = Script()
    with caplog.at_level(logging.ERROR, "transports"):
        async with connected(serve, script, authorize=authorize) as client:
            assert (await verdict(client))[0] == 1011
    assert script.opened == []
    assert len(caplog.records) == 1


async def test_frames_are_passed_on_as_text_and_bytes(serve: Serve) -> None:
    script = Script()
    script.answer = lambda frame: (frame, "and more")
    async with connected(serve, script) as client:
        await client.recv()
        for frame in ("text é", b"bytes \xff", "", b""):
            await client.send(frame)
            assert await client.recv() == frame
            assert await client.recv() == "and more"
    assert script.received == ["text é", b"bytes \xff", "", b""]


EVERYWHERE = everywhere(WebSocketRoute, "add_api_websocket_route", "websocket")


@pytest.mark.promise("ws.frameworks")
@pytest.mark.parametrize("make", EVERYWHERE.values(), ids=EVERYWHERE)
async def test_endpoint_fits_wherever_a_websocket_does(serve: Serve, make: Any) -> None:
    script = Script()
    script.answer = lambda frame: (frame,)
    served: Any = script
    async with (
        serve(make(ws_endpoint(served))) as server,
        connect(url(server, "/api/v1/live/blue?since=e:1")) as client,
    ):
        assert await client.recv() == "hello"
        await client.send("back")
        assert await client.recv() == "back"
    (options,) = script.opened
    assert options["since"] == "e:1"
    assert options["scope"].path_params["room"] == "blue"
