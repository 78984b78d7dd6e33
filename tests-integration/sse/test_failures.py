"""What must not happen to streams, with real sockets in between."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import transports
from networked import Running, line, mirroring, running, until
from pydantic import BaseModel

MEGABYTE = 1 << 20


class Counter(BaseModel):
    tick: int = 0
    text: str = ""


def hosted(*models: BaseModel, **options: Any) -> "tuple[transports.Session, transports.Server]":
    session = transports.Session()
    for model in models:
        session.host(model)
    return session, transports.Server(session, **options)


def impatient() -> transports.Client:
    """A client that waits for nothing before it connects again."""
    return transports.Client(backoff=transports.Backoff(lambda: 0.0))


def shown(client: transports.Client) -> dict[int, Any]:
    return {id: client.value(id) for id in client.ids()}


def values(session: transports.Session) -> dict[int, Any]:
    return {id: session.value(id) for id in session.ids()}


class Stream:
    """What a page's `EventSource` would be told."""

    def __init__(self, response: httpx.Response) -> None:
        self._text = response.aiter_text()
        self._rest = ""
        # Of the last event that had one.
        self.id = ""
        self.retry = ""

    async def next(self) -> list[dict[str, Any]]:
        """Read the next event; give its messages."""
        while "\n\n" not in self._rest:
            self._rest += await anext(self._text)
        event, self._rest = self._rest.split("\n\n", 1)
        fields: dict[str, str] = dict(re.findall(r"(?m)^(\w+): (.*)$", event))
        self.id = fields.get("id", self.id)
        self.retry = fields.get("retry", self.retry)
        content: Any = json.loads(fields.get("data", "[]"))
        messages: list[Any] = [content] if "t" in content else content
        return messages

    async def until(self, kind: str) -> list[dict[str, Any]]:
        """Read until there was a message of some kind; give all messages."""
        messages: list[dict[str, Any]] = []
        while not any(message["t"] == kind for message in messages):
            messages += await self.next()
        return messages


@asynccontextmanager
async def streaming(url: str, **headers: str) -> AsyncGenerator[Stream]:
    async with (
        asyncio.timeout(30),
        httpx.AsyncClient(timeout=None) as client,
        client.stream("GET", url, headers=headers) as response,
    ):
        assert response.status_code == 200
        yield Stream(response)


@pytest.mark.promise("failure.36", "sse.resume")
async def test_event_id_is_the_cursor_and_brings_back_what_was_missed_alone() -> None:
    counter = Counter()
    session, server = hosted(counter, Counter(text="constant" * 1000))
    async with running(server) as served:
        async with streaming(served.sse_url) as stream:
            await stream.until("snapshot")
            counter.tick = 1
            await stream.until("patch")
        assert float(stream.retry) > 0
        assert stream.id == f"{session.epoch}:{session.rev}"
        counter.tick = 2
        counter.tick = 3
        async with streaming(served.sse_url, **{"Last-Event-ID": stream.id}) as again:
            messages = [message for message in await again.until("patch") if message["t"] != "ping"]
        assert [message["t"] for message in messages] == ["hello", "patch"]
        assert messages[1]["ops"] == [{"op": "replace", "path": "/tick", "value": 3}]
        assert again.id == f"{session.epoch}:{session.rev}"


@pytest.mark.promise("failure.36", "sse.heartbeat")
async def test_quiet_stream_gives_a_sign_of_life() -> None:
    _, server = hosted(Counter(), heartbeat=0.05)
    async with running(server) as served, streaming(served.sse_url) as stream:
        await stream.until("ping")
        cursor = stream.id
        await stream.until("ping")
        assert stream.id == cursor


@pytest.mark.promise("failure.36", "sse.reconnect", "sse.heartbeat")
async def test_dead_line_is_noticed_and_replaced() -> None:
    counter = Counter()
    session, server = hosted(counter, heartbeat=0.1)
    async with running(server) as served, line(served.sse_url) as (wire, url):
        client = impatient()
        async with mirroring(client, url):
            await until(client, lambda: client.status == "open")
            wire.silent = True
            counter.tick = 1
            await until(client, lambda: client.status != "open")
            wire.cut()
            await until(client, lambda: client.ids() == [1] and shown(client) == values(session))
            assert wire.connections >= 2


@pytest.mark.promise("failure.36", "sse.reconnect", "sse.resume-python")
async def test_client_that_was_away_is_sent_what_it_missed() -> None:
    counter = Counter()
    session, server = hosted(counter, Counter(text="constant" * 1000))
    async with running(server) as served, line(served.sse_url) as (wire, url):
        client = impatient()
        async with mirroring(client, url):
            await until(client, lambda: len(client.ids()) == 2)
            untouched = client.value(2)
            wire.cut()
            counter.tick = 5
            late = session.host(Counter(tick=9))
            await until(client, lambda: shown(client) == values(session))
            assert late in client.ids()
            # Not sent again, or it would be another object.
            assert client.value(2) is untouched


@pytest.mark.promise("failure.1", "sse.reconnect")
@pytest.mark.parametrize("changes", [0, 20], ids=["behind the old one", "ahead of it"])
async def test_client_of_a_restarted_server_shows_the_new_life_alone(changes: int) -> None:
    first, server = hosted(Counter(tick=41), Counter(tick=42))
    served = Running(server)
    await served.start()
    client = impatient()
    async with mirroring(client, served.sse_url):
        await until(client, lambda: len(client.ids()) == 2)
        first.live(1).tick = 40
        await until(client, lambda: shown(client)[1]["tick"] == 40)
        await served.stop()
        counter = Counter(tick=1)
        session, server = hosted(counter)
        for tick in range(changes):
            counter.tick = tick
            session.drain()
        served = Running(server, served.port)
        await served.start()
        await until(client, lambda: shown(client) == values(session))
    await served.stop()


@pytest.mark.promise("failure.16", "sse.backpressure")
async def test_stream_that_nobody_reads_holds_no_backlog() -> None:
    counter = Counter()
    # So large that it could hold all of it.
    session = transports.Session(max_log_bytes=1 << 30)
    session.host(counter)
    server = transports.Server(session)
    writes = 60
    async with running(server) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(b"GET /sse HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await reader.readuntil(b"snapshot")
        # Nothing is read from here on, but for what fits into this one's own buffer.
        for number in range(writes):
            counter.text = str(number % 10) * MEGABYTE
            counter.tick = number + 1
            transports.sync(server)
            # So that what can be sent is.
            for _ in range(5):
                await asyncio.sleep(0)
        # What is under way is little more than what sockets hold, and all else is one event.
        received, tail = 0, b""
        async with asyncio.timeout(60):
            while f'"value":{writes}'.encode() not in tail:
                chunk = await reader.read(MEGABYTE)
                assert chunk
                received += len(chunk)
                tail = tail[-100:] + chunk
        writer.close()
    assert received < writes * MEGABYTE / 3


@pytest.mark.promise("sse.receive-only")
async def test_models_are_read_only_over_a_stream() -> None:
    session, server = hosted(Counter())
    client = impatient()
    async with running(server) as served, mirroring(client, served.sse_url):
        await until(client, lambda: shown(client) == values(session))
        assert client.access(1) == "read"
        with pytest.raises(transports.LocalProtocolError) as raised:
            await client.propose(1, {"tick": 2, "text": ""})
        assert raised.value.code == "receive_only"


@pytest.mark.promise("connection.refused", "sse.refusal")
@pytest.mark.parametrize("query", ["codec=msgpack", "codec=pigeon", "v=2", "ops=all"])
async def test_what_is_not_spoken_is_refused_by_a_status(query: str) -> None:
    _, server = hosted(Counter())
    async with running(server) as served, httpx.AsyncClient() as client:
        response = await client.get(f"{served.sse_url}?{query}")
    assert (response.status_code, response.json()["code"]) == (406, 4406)


@pytest.mark.promise("sse.refusal", "limits.connections")
async def test_stream_too_many_is_asked_to_come_later() -> None:
    _, server = hosted(Counter(), limits=transports.Limits(connections=1))
    async with (
        running(server) as served,
        httpx.AsyncClient() as client,
        streaming(served.sse_url) as stream,
    ):
        await stream.until("snapshot")
        assert (await client.get(served.sse_url)).status_code == 503


@pytest.mark.promise("resume.epoch", "sse.resume")
@pytest.mark.parametrize("id", ["x", ":", "e:-1", "e:1", "e:1,e:2", "e:" + "9" * 99])
async def test_id_that_nobody_gave_is_answered_with_everything(id: str) -> None:
    session, server = hosted(Counter(tick=3))
    mirror = transports.Client()
    async with running(server) as served, streaming(served.sse_url, **{"Last-Event-ID": id}) as one:
        while shown(mirror) != values(session):
            mirror.recv(json.dumps(await one.next()))
