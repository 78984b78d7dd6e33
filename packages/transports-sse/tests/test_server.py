"""The endpoint, on a real ASGI server, before something that follows a script."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from asgi_server import everywhere
from scripted_stream import Serve, answer, app, connected, reading, url
from sse_starlette import ServerSentEvent
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route
from transports_core import READ
from transports_core.errors import LocalProtocolError, RefusedError
from transports_core.testing.script import Script
from transports_sse import sse_endpoint


@pytest.mark.promise("sse.events")
async def test_opening_goes_out_in_order_and_its_last_event_has_the_cursor(serve: Serve) -> None:
    script = Script(["one", "two é", "three"])
    async with connected(serve, script) as reader:
        assert await reader.events(3) == [
            {"data": "one"},
            {"data": "two é"},
            {"data": "three", "id": "e:3"},
        ]


@pytest.mark.promise("sse.events")
async def test_each_frame_is_one_event_whose_id_is_the_cursor_behind_it(serve: Serve) -> None:
    script = Script()
    script.more = ["a"]
    async with connected(serve, script) as reader:
        assert await reader.events(2) == [
            {"data": "hello", "id": "e:1"},
            {"data": "a", "id": "e:2"},
        ]
        script.say("b")
        assert await reader.event() == {"data": "b", "id": "e:3"}


@pytest.mark.promise("sse.retry")
async def test_browser_is_told_when_to_come_back(serve: Serve) -> None:
    drawn: set[int] = set()
    async with serve(app(Script(), retry=2.0)) as server:
        for _ in range(5):
            async with reading(url(server)) as reader:
                event = await reader.event()
            assert event.keys() == {"retry"}
            drawn.add(int(event["retry"]))
    assert all(1000 <= retry_ms <= 3000 for retry_ms in drawn)
    # Not all at once.
    assert len(drawn) > 1


@pytest.mark.promise("sse.headers")
async def test_headers_forbid_to_buffer_and_to_keep(serve: Serve) -> None:
    async with connected(serve, Script()) as reader:
        headers = reader.response.headers
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert headers["cache-control"] == "no-store, no-transform"
    assert headers["x-accel-buffering"] == "no"


@pytest.mark.promise("sse.headers")
async def test_compression_of_the_application_leaves_streams_alone(serve: Serve) -> None:
    script = Script()
    application = Starlette(
        routes=[Route("/sse", sse_endpoint(script))],  # pyright: ignore[reportArgumentType]
        middleware=[Middleware(GZipMiddleware, minimum_size=1)],
    )
    async with serve(application) as server, reading(url(server)) as reader:
        assert (await reader.events(2))[1]["data"] == "hello"


async def test_query_is_passed_on_as_it_came(serve: Serve) -> None:
    script = Script()
    query = "?codec=json&since=e:1,f:2&ops=rfc6902&v=1&other=2"
    async with connected(serve, script, query) as reader:
        await reader.event()
    (options,) = script.opened
    assert options.pop("scope").query_params["other"] == "2"
    assert options == {
        "codec": "json",
        "since": "e:1,f:2",
        "ops": "rfc6902",
        "version": "1",
        "principal": None,
        "access": READ,
    }


async def test_connection_without_a_query_asks_for_nothing(serve: Serve) -> None:
    script = Script()
    async with connected(serve, script) as reader:
        await reader.event()
    (options,) = script.opened
    del options["scope"]
    assert options == {
        "codec": "json",
        "since": None,
        "ops": None,
        "version": None,
        "principal": None,
        "access": READ,
    }


@pytest.mark.promise("sse.resume")
@pytest.mark.parametrize(
    ("query", "headers", "since"),
    [
        ("", {"Last-Event-ID": "e:2"}, "e:2"),
        ("?since=e:1", {"Last-Event-ID": "e:2"}, "e:2"),
        ("?since=e:1", {"Last-Event-ID": ""}, "e:1"),
        ("?since=e:1", {}, "e:1"),
    ],
)
async def test_last_event_id_resumes_and_counts_more_than_since(
    serve: Serve, query: str, headers: dict[str, str], since: str
) -> None:
    script = Script()
    async with serve(app(script)) as server, reading(url(server) + query, **headers) as reader:
        await reader.events(2)
    assert script.opened[0]["since"] == since


@pytest.mark.promise("sse.refusal")
@pytest.mark.parametrize(
    ("code", "status"), [(4400, 400), (4401, 401), (4403, 403), (4406, 406), (1013, 503)]
)
async def test_refusal_is_an_http_status(serve: Serve, code: int, status: int) -> None:
    script = Script()
    script.refusal = RefusedError(code, "because")
    async with serve(app(script)) as server:
        response = await answer(url(server))
    assert response.status_code == status
    assert response.json() == {"code": code, "reason": "because"}
    assert script.senders == {}


@pytest.mark.promise("sse.refusal", "sse.receive-only")
@pytest.mark.parametrize("codec", ["msgpack", "", "pigeon"])
async def test_other_codecs_than_json_are_refused(serve: Serve, codec: str) -> None:
    script = Script()
    async with serve(app(script)) as server:
        response = await answer(f"{url(server)}?codec={codec}")
    assert response.status_code == 406
    assert response.json()["code"] == 4406
    assert script.opened == []


@pytest.mark.promise("sse.receive-only")
async def test_nothing_can_be_posted_to_a_stream(serve: Serve) -> None:
    script = Script()
    async with serve(app(script)) as server, httpx.AsyncClient() as client:
        assert (await client.post(url(server), content="{}")).status_code == 405
    assert script.opened == []


async def test_head_is_answered_without_a_stream_and_leaves_nothing_behind(serve: Serve) -> None:
    script = Script()
    async with serve(app(script)) as server, httpx.AsyncClient() as client:
        response = await client.head(url(server))
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert script.senders == {}


@pytest.mark.parametrize("asynchronous", [True, False])
async def test_authorize_gives_the_principal(serve: Serve, asynchronous: bool) -> None:
    def ask(request: Any) -> str:
        return request.headers["authorization"]

    async def ask_async(request: Any) -> str:
        await asyncio.sleep(0)
        return ask(request)

    script = Script()
    authorize = ask_async if asynchronous else ask
    async with (
        serve(app(script, authorize=authorize)) as server,
        reading(url(server), Authorization="Bearer ada") as reader,
    ):
        await reader.event()
    assert script.opened[0]["principal"] == "Bearer ada"


@pytest.mark.promise("sse.refusal")
async def test_authorize_refuses_before_anything_is_served(serve: Serve) -> None:
    def authorize(request: Any) -> None:
        raise RefusedError(4401, "who are you")

    script = Script()
    async with serve(app(script, authorize=authorize)) as server:
        response = await answer(url(server))
    assert response.status_code == 401
    assert response.json() == {"code": 4401, "reason": "who are you"}
    assert script.opened == []


@pytest.mark.promise("sse.refusal")
async def test_authorize_that_fails_lets_nobody_in(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def authorize(request: Any) -> None:
        raise KeyError

    script = Script()
    with caplog.at_level(logging.ERROR, "transports"):
        async with serve(app(script, authorize=authorize)) as server:
            assert (await answer(url(server))).status_code == 500
    assert script.opened == []
    assert len(caplog.records) == 1


@pytest.mark.promise("sse.origins")
@pytest.mark.parametrize(
    ("allowed", "origin", "readers"),
    [
        ((), "http://localhost:5173", "http://localhost:5173"),
        ((), "https://app.example", None),
        ((), "null", None),
        (["https://app.example"], "https://app.example", "https://app.example"),
        (["https://app.example"], "https://evil.example", None),
        (["*"], "https://evil.example", "*"),
        (["*"], "http://localhost:5173", "http://localhost:5173"),
    ],
)
async def test_pages_of_the_own_host_and_allowed_ones_may_read(
    serve: Serve, allowed: Sequence[str], origin: str, readers: str | None
) -> None:
    script = Script()
    script.refusal = RefusedError(4401, "because")
    async with serve(app(script, allowed_origins=allowed)) as server:
        refused = await answer(url(server), Origin=origin)
        script.refusal = None
        async with reading(url(server), Origin=origin) as reader:
            stream = reader.response
    for response in (refused, stream):
        assert response.headers.get("access-control-allow-origin") == readers
        # With cookies from those alone that somebody trusts by name.
        with_cookies = "true" if readers == origin else None
        assert response.headers.get("access-control-allow-credentials") == with_cookies
        assert response.headers["vary"] == "Origin"


@pytest.mark.promise("sse.origins")
async def test_application_with_cors_of_its_own_has_the_last_word(serve: Serve) -> None:
    script = Script()
    cors = Middleware(
        CORSMiddleware, allow_origins=["https://app.example"], allow_headers=["Authorization"]
    )
    routes = [Route("/sse", sse_endpoint(script))]  # pyright: ignore[reportArgumentType]
    async with serve(Starlette(routes=routes, middleware=[cors])) as server:
        async with httpx.AsyncClient() as client:
            asked = {
                "Origin": "https://app.example",
                "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "authorization",
            }
            assert (await client.options(url(server), headers=asked)).status_code == 200
        async with reading(url(server), Origin="https://app.example") as reader:
            headers = reader.response.headers
    assert headers.get_list("access-control-allow-origin") == ["https://app.example"]


def test_what_is_allowed_has_to_be_origins() -> None:
    for allowed in ("https://app.example", ["app.example"]):
        with pytest.raises(LocalProtocolError) as raised:
            app(Script(), allowed_origins=allowed)
        assert raised.value.code == "origin"


async def test_what_changes_is_delivered_to_all(serve: Serve) -> None:
    script = Script()
    async with (
        serve(app(script)) as server,
        reading(url(server)) as one,
        reading(url(server)) as two,
    ):
        for reader in (one, two):
            await reader.events(2)
        await script.until(lambda: script.takes == 2)
        script.say("news")
        assert [(await one.event())["data"], (await two.event())["data"]] == ["news", "news"]


@pytest.mark.promise("sse.once")
async def test_what_many_are_given_is_written_as_an_event_once(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script()
    written: list[object] = []
    encode = ServerSentEvent.encode

    def count(event: ServerSentEvent) -> bytes:
        written.append(event.data)
        return encode(event)

    async with (
        serve(app(script)) as server,
        reading(url(server)) as one,
        reading(url(server)) as two,
    ):
        for reader in (one, two):
            await reader.events(2)
        await script.until(lambda: script.takes == 2)
        monkeypatch.setattr(ServerSentEvent, "encode", count)
        told: list[dict[str, str]] = []
        for text in ("news", "news", "more"):
            script.takes = 0
            script.say(text)
            told.append(await one.event())
            assert await two.event() == told[-1]
            await script.until(lambda: script.takes == 2)
    # The same text once more is another event: it leads further.
    assert written == ["news", "news", "more"]
    assert len({event["id"] for event in told}) == 3


EVERYWHERE = everywhere(Route, "add_api_route", "get")


@pytest.mark.promise("sse.frameworks")
@pytest.mark.parametrize("make", EVERYWHERE.values(), ids=EVERYWHERE)
async def test_endpoint_fits_wherever_a_request_does(serve: Serve, make: Any) -> None:
    script = Script()
    served: Any = script
    async with (
        serve(make(sse_endpoint(served))) as server,
        reading(url(server, "/api/v1/live/blue?since=e:1")) as reader,
    ):
        assert (await reader.events(2))[1]["data"] == "hello"
    (options,) = script.opened
    assert options["since"] == "e:1"
    assert options["scope"].path_params["room"] == "blue"
