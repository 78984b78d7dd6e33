"""What must not happen, with real sockets in between."""

import asyncio
import json
import logging
from typing import Any

import pytest
import transports
from networked import Running, line, mirroring, running, until
from pydantic import BaseModel, Field
from transports_core.connection import Close, Outgoing, Serving
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


class Counter(BaseModel):
    tick: int = Field(default=0, ge=0)
    names: list[str] = []


def hosted(*models: BaseModel, **options: Any) -> "tuple[transports.Session, transports.Server]":
    session = transports.Session()
    for model in models:
        session.host(model)
    return session, transports.Server(session, **options)


def impatient(codec: str = "json") -> transports.Client:
    """A client that waits for nothing before it connects again."""
    return transports.Client(codec, backoff=transports.Backoff(lambda: 0.0))


def shown(client: transports.Client) -> dict[int, Any]:
    return {id: client.value(id) for id in client.ids()}


def values(session: transports.Session) -> dict[int, Any]:
    return {id: session.value(id) for id in session.ids()}


@pytest.mark.promise("failure.1", "client.resume")
@pytest.mark.parametrize("changes", [0, 20], ids=["behind the old one", "ahead of it"])
async def test_client_of_a_restarted_server_shows_the_new_life_alone(changes: int) -> None:
    first, server = hosted(Counter(tick=41), Counter(tick=42), Counter(tick=43))
    running = Running(server)
    await running.start()
    client = impatient()
    async with mirroring(client, running.url):
        await until(client, lambda: len(client.ids()) == 3)
        first.live(1).tick = 40
        await until(client, lambda: shown(client)[1]["tick"] == 40)
        await running.stop()
        counter = Counter(tick=1)
        second, server = hosted(counter)
        for tick in range(changes):
            counter.tick = tick
            second.drain()
        running = Running(server, running.port)
        await running.start()
        await until(client, lambda: shown(client) == values(second))
        counter.tick = 99
        await until(client, lambda: shown(client) == {1: {"tick": 99, "names": []}})
    await running.stop()


@pytest.mark.promise("failure.1", "client.resume", "resume")
async def test_client_that_was_away_is_sent_what_it_missed() -> None:
    counter = Counter()
    large = Counter(names=[f"{number:x}" for number in range(10_000)])
    session, server = hosted(counter, Counter(names=["constant"] * 1000), large)
    async with running(server) as served, line(served.url) as (wire, url):
        client = impatient()
        async with mirroring(client, url):
            await until(client, lambda: len(client.ids()) == 3)
            untouched = client.value(2)
            wire.cut()
            before = wire.received
            counter.tick = large.tick = 5
            late = session.host(Counter(tick=9))
            await until(client, lambda: shown(client) == values(session))
            assert late in client.ids()
            # Not sent again, or it would be another object.
            assert client.value(2) is untouched
            # And of the other, no more than what changed.
            assert wire.received - before < 10_000


@pytest.mark.promise("failure.8", "client.proposals")
async def test_proposal_whose_answer_was_lost_is_applied_once() -> None:
    counter = Counter()
    session, server = hosted(counter)
    accepted = asyncio.Event()
    session.on_change(lambda change: accepted.set())
    async with running(server) as served, line(served.url) as (wire, url):
        client = impatient()
        async with mirroring(client, url):
            await until(client, lambda: client.ids() == [1])
            wire.deaf = True
            ops: Any = [{"op": "append", "path": "/names", "value": ["once"]}]
            proposal = asyncio.create_task(client.propose_ops(1, ops))
            await asyncio.wait_for(accepted.wait(), 20)
            wire.cut()
            revision = await asyncio.wait_for(proposal, 20)
            assert counter.names == ["once"]
            assert shown(client) == values(session)
            assert revision == session.rev


@pytest.mark.promise("failure.8", "client.proposals", "resume.greeted")
async def test_proposal_to_a_server_that_restarted_has_an_unknown_outcome() -> None:
    _, server = hosted(Counter())
    served = Running(server)
    await served.start()
    client = impatient()
    refusals: list[transports.EditRejected] = []
    client.on_reject(refusals.append)
    async with line(served.url) as (wire, url), mirroring(client, url):
        await until(client, lambda: client.ids() == [1])
        wire.silent = True
        proposal = asyncio.create_task(client.propose(1, {"tick": 1, "names": []}))
        await asyncio.sleep(0)
        await served.stop()
        counter = Counter()
        _, server = hosted(counter)
        served = Running(server, served.port)
        await served.start()
        wire.cut()
        with pytest.raises(transports.EditUnknown):
            await asyncio.wait_for(proposal, 20)
        # It was not sent again either: the new life would have refused it.
        assert await client.propose(1, {"tick": 2, "names": []}) == 2
        assert (counter.tick, refusals) == (2, [])
    await served.stop()


class Watched(transports.Server):
    """A server that tells when it has given up on somebody."""

    def __init__(self, session: transports.Session, limits: transports.Limits) -> None:
        super().__init__(session, limits=limits)
        self.gave_up = asyncio.Event()

    def tick(self, now: float) -> Outgoing:
        outgoing = super().tick(now)
        if any(isinstance(output, Close) for given in outgoing.values() for output in given):
            self.gave_up.set()
        return outgoing


@pytest.mark.promise("failure.15", "consumer.closed")
async def test_client_that_does_not_read_is_closed_by_a_code_and_resumes() -> None:
    counter = Counter()
    session = transports.Session()
    session.host(counter)
    server = Watched(session, transports.Limits(send_timeout=0.2))
    async with running(server) as served:
        options: Any = {"max_size": None, "max_queue": 1, "compression": None}
        async with connect(served.url, **options) as slow:
            mirror = transports.Client()
            mirror.recv(await slow.recv())
            # Frames are more than all buffers on the way hold, until nothing is taken any more.
            while not server.gave_up.is_set():
                counter.tick += 1
                counter.names = [f"{counter.tick}" * 1_000_000]
                await asyncio.sleep(0)
            with pytest.raises(ConnectionClosed):  # noqa: PT012
                while True:
                    mirror.recv(await slow.recv())
            assert slow.close_code == 4408
        since = mirror.cursor
        assert since is not None
        counter.names.clear()
        async with connect(f"{served.url}?since={since}", **options) as again:
            while shown(mirror) != values(session):
                mirror.recv(await again.recv())
        assert mirror.cursor is not None


@pytest.mark.promise("failure.17", "snapshot.first")
async def test_no_patch_overtakes_the_snapshot_of_its_model(
    caplog: pytest.LogCaptureFixture,
) -> None:
    counter = Counter()
    session, server = hosted(counter, Counter(names=["x" * 100] * 5000))
    clients = [impatient("msgpack" if n % 2 else "json") for n in range(10)]
    with caplog.at_level(logging.WARNING, "transports"):
        async with running(server) as served:

            async def write() -> None:
                while True:
                    counter.tick += 1
                    session.live(2).names[counter.tick % 5000] = "y"
                    await asyncio.sleep(0)

            writing = asyncio.create_task(write())
            runs = [asyncio.create_task(client.run(served.url)) for client in clients]
            for client in clients:
                await until(client, lambda client=client: shown(client).get(1) is not None)
            counted = counter.tick
            for client in clients:
                await until(client, lambda client=client: shown(client)[1]["tick"] > counted)
            writing.cancel()
            for client in clients:
                await until(client, lambda client=client: shown(client) == values(session))
                client.stop()
            await asyncio.gather(*runs)
    # A frame that does not apply is told of in the log.
    assert caplog.records == []


@pytest.mark.promise("failure.18", "model.late", "model.unhosted")
async def test_models_come_to_and_leave_clients_that_are_connected() -> None:
    session, server = hosted(Counter())
    client = impatient()
    async with running(server) as served, mirroring(client, served.url):
        await until(client, lambda: client.ids() == [1])
        late = Counter(tick=7)
        id = session.host(late)
        await until(client, lambda: shown(client) == values(session))
        late.tick = 8
        await until(client, lambda: shown(client)[id]["tick"] == 8)
        session.unhost(id)
        late.tick = 9
        await until(client, lambda: client.ids() == [1])
        session.live(1).tick = 1
        await until(client, lambda: shown(client) == {1: {"tick": 1, "names": []}})


@pytest.mark.promise("failure.19", "client.reconnect", "client.stop")
async def test_client_comes_back_when_the_server_does_and_stops_when_told() -> None:
    counter = Counter()
    session, server = hosted(counter)
    served = Running(server)
    await served.start()
    client = impatient()
    async with mirroring(client, served.url):
        await until(client, lambda: client.status == "open")
        await served.stop()
        await until(client, lambda: client.status != "open")
        served = Running(server, served.port)
        await served.start()
        counter.tick = 1
        await until(client, lambda: client.ids() == [1] and shown(client) == values(session))
        client.stop()
        counter.tick = 2
    assert client.status == "closed"
    assert shown(client)[1]["tick"] == 1
    await served.stop()


async def conversation(url: str, *frames: str | bytes) -> tuple[list[Any], int | None]:
    """Send frames; give the messages that came back before the close, and its code."""
    heard: list[Any] = []
    async with connect(url) as socket:
        try:
            for frame in frames:
                await socket.send(frame)
            while True:
                content = json.loads(await socket.recv())
                heard += content if isinstance(content, list) else [content]
        except ConnectionClosed:
            return heard, socket.close_code


@pytest.mark.promise("failure.20", "frame.malformed")
@pytest.mark.parametrize(
    "frame", ["{", "1", "[1]", "{}", '{"t":"patch"}', b"\x00", "", "[" * 1000], ids=repr
)
async def test_malformed_frame_is_answered_and_its_connection_closed(frame: str | bytes) -> None:
    counter = Counter()
    session, server = hosted(counter)
    client = impatient()
    async with running(server) as served, mirroring(client, served.url):
        heard, code = await conversation(served.url, frame)
        assert code == 4400
        assert heard[-1]["t"] == "error"
        assert heard[-1]["code"] == "malformed"
        # Nobody else notices.
        counter.tick = 1
        await until(client, lambda: client.ids() == [1] and shown(client) == values(session))


@pytest.mark.promise("failure.20", "connection.refused")
@pytest.mark.parametrize("query", ["codec=pigeon", "codec=", "v=2", "v=x", "ops=all"])
async def test_what_is_not_spoken_is_refused_by_a_code(query: str) -> None:
    _, server = hosted(Counter())
    async with running(server) as served:
        assert await conversation(f"{served.url}?{query}") == ([], 4406)


@pytest.mark.promise("failure.20", "resume.epoch")
@pytest.mark.parametrize("since", ["", "x", ":", "e:-1", "e:1", "e:1,e:2", "%00", "e:" + "9" * 99])
async def test_cursor_that_nobody_gave_is_answered_with_everything(since: str) -> None:
    session, server = hosted(Counter(tick=3))
    mirror = transports.Client()
    async with running(server) as served, connect(f"{served.url}?since={since}") as socket:
        while shown(mirror) != values(session):
            mirror.recv(await socket.recv())


@pytest.mark.promise("failure.22", "client.heartbeat", "heartbeat")
async def test_dead_line_is_noticed_and_replaced() -> None:
    counter = Counter()
    session, server = hosted(counter, heartbeat=0.1)
    async with running(server) as served, line(served.url) as (wire, url):
        client = impatient()
        async with mirroring(client, url):
            await until(client, lambda: client.status == "open")
            wire.silent = True
            counter.tick = 1
            await until(client, lambda: client.status != "open")
            wire.cut()
            await until(client, lambda: client.ids() == [1] and shown(client) == values(session))
            assert wire.connections >= 2


@pytest.mark.promise("failure.23", "ws.origins")
async def test_page_of_a_foreign_origin_neither_reads_nor_writes() -> None:
    counter = Counter()
    session, server = hosted(counter)
    mirror = transports.Client()
    for frame in server.open("by hand"):
        mirror.recv(frame)
    edit = mirror.edit(1, {"tick": 666, "names": []})
    async with running(server) as served:
        headers = {"Origin": "https://evil.example"}
        async with connect(served.url, additional_headers=headers) as socket:
            with pytest.raises(ConnectionClosed):  # noqa: PT012
                await socket.send(edit)
                raise AssertionError(await socket.recv())
            assert socket.close_code == 4403
    assert counter.tick == 0
    assert session.ids() == [1]


@pytest.mark.promise("failure.37", "change.origin")
async def test_application_is_told_of_the_edits_that_it_accepted() -> None:
    counter = Counter()
    session, server = hosted(counter)
    told: list[Any] = []
    session.on_change(told.append)
    client = impatient()
    async with running(server) as served, mirroring(client, served.url):
        await until(client, lambda: client.ids() == [1])
        revision = await client.propose(1, {"tick": 5, "names": []})
        counter.tick = 6
        await until(client, lambda: shown(client)[1]["tick"] == 6)
        with pytest.raises(transports.EditRejected) as refused:
            await client.propose(1, {"tick": -5, "names": []})
    assert refused.value.code == "invalid"
    assert refused.value.details is not None
    assert refused.value.details[0]["loc"] == ["tick"]
    edit, write = told
    assert (edit.id, edit.rev, edit.model) == (1, revision, counter)
    assert edit.ops == [{"op": "replace", "path": "/tick", "value": 5}]
    assert edit.origin is not None
    assert (write.id, write.origin) == (1, None)


def test_server_satisfies_the_connection_contract() -> None:
    _, server = hosted()
    serving: Serving = server
    assert serving.due() is None
