"""Clients over a network that is a few queues, by a clock that the test moves."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from transports_core import messages
from transports_core.client import Backoff, Client, Status
from transports_core.codecs import Frame, get_codec
from transports_core.errors import (
    ConnectionClosedError,
    EditRejected,
    EditUnknown,
    LocalProtocolError,
    RefusedError,
    RemoteProtocolError,
)

HELLO = messages.hello("c", 0)


def box(id: int, rev: int, value: Any, epoch: str = "e") -> messages.SnapshotMessage:
    return messages.snapshot(id, "Box", epoch, rev, value, "write")


def replace(id: int, base: int, rev: int, value: Any) -> messages.PatchMessage:
    return messages.patch(id, base, rev, [{"op": "replace", "path": "", "value": value}])


async def settle() -> None:
    """Let every task run until it waits for something that only the test can bring about."""
    for _ in range(30):
        await asyncio.sleep(0)


@dataclass(eq=False)
class Line:
    """A link, and the server's end of it."""

    url: str
    close_code: int = 1006
    close_reason: str = ""
    left: bool = False
    receive_only: bool = False
    sent: "list[Frame]" = field(default_factory=list[Frame])
    _frames: "asyncio.Queue[Frame | None]" = field(default_factory=asyncio.Queue["Frame | None"])

    # the client's end

    async def __aiter__(self) -> AsyncIterator[Frame]:
        while (frame := await self._frames.get()) is not None:
            yield frame

    async def send(self, frame: Frame) -> None:
        if self.receive_only:
            raise LocalProtocolError("receive_only", "no")
        if self._closed:
            raise ConnectionClosedError(self.close_code, self.close_reason)
        self.sent.append(frame)

    # the server's end

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    _closed: bool = False

    async def give(self, *content: Any) -> None:
        self._frames.put_nowait(get_codec("json").encode(content))
        await settle()

    async def give_text(self, text: str) -> None:
        self._frames.put_nowait(text)
        await settle()

    async def close(self, code: int = 1006, reason: str = "") -> None:
        self.close_code, self.close_reason, self._closed = code, reason, True
        self._frames.put_nowait(None)
        await settle()

    def read(self) -> list[Any]:
        """Return what the client sent since the last call."""
        found = [message for frame in self.sent for message in get_codec("json").decode(frame)]
        self.sent.clear()
        return found


class Network:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.attempts = 0
        # Raised by the next attempts to connect.
        self.faults: list[BaseException] = []
        self.receive_only = False

    @asynccontextmanager
    async def connect(self, url: str) -> AsyncGenerator[Line]:
        self.attempts += 1
        if self.faults:
            raise self.faults.pop(0)
        line = Line(url, receive_only=self.receive_only)
        self.lines.append(line)
        try:
            yield line
        finally:
            line.left = True

    @property
    def line(self) -> Line:
        """The newest connection, which the client has not left."""
        assert not self.lines[-1].left
        return self.lines[-1]


class HandClock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.time = 0.0
        self.sleepers: dict[asyncio.Future[None], float] = {}

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float, /) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sleepers[future] = self.time + seconds
        try:
            await future
        finally:
            del self.sleepers[future]

    async def advance(self, seconds: float) -> None:
        end = self.time + seconds
        await settle()
        while due := [sleeper for sleeper, at in self.sleepers.items() if at <= end]:
            first = min(due, key=lambda sleeper: self.sleepers[sleeper])
            self.time = max(self.time, self.sleepers[first])
            first.set_result(None)
            await settle()
        self.time = end


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    network = Network()

    def find(url: str) -> Callable[[str], Any]:
        return network.connect

    monkeypatch.setattr("transports_core.client.dialer.find_connector", find)
    return network


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def client(clock: HandClock) -> Client:
    # The longest waits that may be drawn: 0.5, 1, 2, 4 ... seconds.
    return Client(clock=clock, backoff=Backoff(lambda: 1.0))


Start = Callable[..., Any]


@pytest.fixture
async def running(client: Client, network: Network) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(client.run("mem://server/ws"))
    await settle()
    yield task
    task.cancel()
    await asyncio.wait([task])


async def start(client: Client) -> "asyncio.Task[None]":
    task = asyncio.create_task(client.connect("mem://server/ws"))
    await settle()
    return task


async def proposing(client: Client, id: int, value: object) -> "asyncio.Task[int]":
    task = asyncio.create_task(client.propose(id, value))
    await settle()
    return task


async def test_connect_mirrors_until_the_connection_closes(
    client: Client, network: Network
) -> None:
    task = await start(client)
    await network.line.give(HELLO, box(1, 1, "a"))
    assert client.value(1) == "a"
    await network.line.give(replace(1, 1, 2, "b"))
    assert client.value(1) == "b"
    assert not task.done()
    await network.line.close(1001)
    await task
    assert network.lines[-1].left
    assert client.value(1) == "b"
    assert client.status == "closed"


async def test_connection_is_asked_for_in_the_query(network: Network) -> None:
    client = Client("msgpack", ops="rfc6902")
    task = asyncio.create_task(client.connect("mem://server/ws?room=7"))
    await settle()
    assert network.line.query == {"room": "7", "codec": "msgpack", "ops": "rfc6902", "v": "1"}
    client.stop()
    await task


@pytest.mark.promise("failure.39")
async def test_status_follows_the_connection(
    client: Client, network: Network, clock: HandClock
) -> None:
    told: list[Status] = []
    client.on_status(told.append)
    task = asyncio.create_task(client.run("mem://server/ws"))
    await settle()
    assert client.status == "connecting"
    await network.line.give(HELLO)
    assert client.status == "open"
    await network.line.close()
    assert client.status == "waiting"
    await clock.advance(0.5)
    assert client.status == "connecting"
    client.stop()
    await task
    assert told == ["connecting", "open", "waiting", "connecting", "closed"]


@pytest.mark.promise("client.resume")
@pytest.mark.usefixtures("running")
async def test_run_resumes_by_the_cursor(
    client: Client, network: Network, clock: HandClock
) -> None:
    await network.line.give(HELLO, box(1, 4, "a"))
    assert "since" not in network.line.query
    await network.line.close()
    assert client.value(1) == "a"
    await clock.advance(0.5)
    assert network.line.query["since"] == "e:4"
    await network.line.give(HELLO, replace(1, 4, 6, "b"))
    assert client.value(1) == "b"


@pytest.mark.promise("client.resume")
@pytest.mark.usefixtures("running")
async def test_restarted_server_replaces_what_is_shown(
    client: Client, network: Network, clock: HandClock
) -> None:
    await network.line.give(HELLO, box(1, 40, "old"), box(2, 41, "old"))
    await network.line.close(1012)
    await clock.advance(0.5)
    await network.line.give(HELLO, messages.reset(), box(1, 1, "new", "f"))
    assert {id: client.value(id) for id in client.ids()} == {1: "new"}
    await network.line.give(replace(1, 1, 2, "newer"))
    assert client.value(1) == "newer"


@pytest.mark.promise("client.reconnect")
@pytest.mark.usefixtures("running")
@pytest.mark.parametrize(
    "fault",
    [
        ConnectionClosedError(1006, "server rejected WebSocket connection: HTTP 403"),
        ConnectionClosedError(1006, "server rejected WebSocket connection: HTTP 503"),
        ConnectionRefusedError("nobody listens"),
        TimeoutError("timed out during opening handshake"),
        OSError("no route to host"),
    ],
    ids=str,
)
async def test_run_tries_again_when_there_is_no_connection_to_be_had(
    client: Client, network: Network, clock: HandClock, fault: Exception
) -> None:
    await network.line.give(HELLO, box(1, 4, "a"))
    network.faults = [fault, fault, fault]
    await network.line.close(1001)
    attempts: list[int] = []
    for wait in (0.5, 1.0, 2.0):
        await clock.advance(wait)
        attempts.append(network.attempts)
        assert client.status == "waiting"
        assert client.value(1) == "a"
    assert attempts == [2, 3, 4]
    await clock.advance(4.0)
    await network.line.give(HELLO)
    assert client.status == "open"


@pytest.mark.promise("client.reconnect")
@pytest.mark.usefixtures("running")
@pytest.mark.parametrize("code", [1000, 1001, 1006, 1009, 1011, 1012, 1013, 4408])
async def test_run_connects_again_after_other_close_codes(
    network: Network, clock: HandClock, code: int
) -> None:
    await network.line.give(HELLO)
    await network.line.close(code)
    await clock.advance(0.5)
    assert network.attempts == 2


@pytest.mark.promise("client.refused")
@pytest.mark.parametrize("code", range(4400, 4407))
@pytest.mark.parametrize("way", [Client.run, Client.connect])
async def test_refusal_is_final(client: Client, network: Network, code: int, way: Any) -> None:
    task = asyncio.create_task(way(client, "mem://server/ws"))
    await settle()
    await network.line.close(code, "because")
    with pytest.raises(RefusedError) as raised:
        await task
    assert (raised.value.code, raised.value.reason) == (code, "because")
    assert client.status == "closed"
    assert network.attempts == 1


async def test_connector_may_refuse_by_itself(client: Client, network: Network) -> None:
    network.faults = [RefusedError(4401, "who are you")]
    with pytest.raises(RefusedError):
        await client.run("mem://server/ws")
    assert network.attempts == 1


async def test_connect_reports_that_there_is_no_connection_to_be_had(
    client: Client, network: Network
) -> None:
    network.faults = [OSError("no route to host"), ConnectionClosedError(1006, "HTTP 503")]
    for _ in range(2):
        with pytest.raises(ConnectionClosedError) as raised:
            await client.connect("mem://server/ws")
        assert raised.value.code == 1006
    assert client.status == "closed"


async def test_backoff_begins_again_after_a_connection_that_lasted(
    client: Client, network: Network, clock: HandClock
) -> None:
    task = asyncio.create_task(client.run("mem://server/ws"))
    await settle()
    waits: list[float] = []
    for lasts in (0, 0, 4.9, 5.0, 0):
        await network.line.give(HELLO)
        await clock.advance(lasts)
        await network.line.close()
        before, attempts = clock.time, network.attempts
        while network.attempts == attempts:
            await clock.advance(0.5)
        waits.append(clock.time - before)
    assert waits == [0.5, 1.0, 2.0, 0.5, 1.0]
    client.stop()
    await task


@pytest.mark.promise("client.stop")
async def test_stop_closes_the_connection_and_nothing_is_applied_any_more(
    client: Client, network: Network
) -> None:
    task = asyncio.create_task(client.run("mem://server/ws"))
    await settle()
    line = network.line
    await line.give(HELLO, box(1, 1, "a"))
    client.stop()
    await line.give(replace(1, 1, 2, "b"))
    await task
    assert line.left
    assert client.value(1) == "a"
    assert client.status == "closed"
    assert network.attempts == 1


@pytest.mark.promise("client.stop")
async def test_listener_may_stop_in_the_middle_of_frames(client: Client, network: Network) -> None:
    task = asyncio.create_task(client.run("mem://server/ws"))
    await settle()
    client.on_change(lambda change: client.stop())
    line = network.line
    line._frames.put_nowait(get_codec("json").encode([HELLO, box(1, 1, "a")]))  # pyright: ignore[reportPrivateUsage]
    await line.give(replace(1, 1, 2, "b"))
    await task
    assert client.value(1) == "a"


async def test_stop_ends_the_waiting_for_another_try(
    client: Client, network: Network, clock: HandClock
) -> None:
    network.faults = [OSError("no route to host")]
    task = asyncio.create_task(client.run("mem://server/ws"))
    await settle()
    assert client.status == "waiting"
    client.stop()
    client.stop()
    await task
    assert clock.sleepers == {}


@pytest.mark.promise("client.one-connection")
async def test_stopped_client_can_connect_again(client: Client, network: Network) -> None:
    for number in range(2):
        task = await start(client)
        await network.line.give(HELLO, box(1, 1 + number, number))
        assert client.value(1) == number
        client.stop()
        await task


@pytest.mark.promise("client.one-connection")
async def test_connection_after_stop_begins_when_the_earlier_one_is_over(
    client: Client, network: Network
) -> None:
    first = await start(client)
    await network.line.give(HELLO, box(1, 3, "a"))
    told: list[str] = []
    client.on_status(told.append)
    client.stop()
    # At once, though the connection is not closed yet.
    assert client.status == "closed"
    second = asyncio.create_task(client.connect("mem://server/ws"))
    third = asyncio.create_task(client.run("mem://server/ws"))
    await settle()
    assert first.done()
    assert [line.left for line in network.lines] == [True, False]
    assert network.line.query == {"since": "e:3", "v": "1"}
    with pytest.raises(LocalProtocolError):
        await third
    await network.line.give(HELLO, replace(1, 3, 4, "b"))
    assert (client.value(1), told) == ("b", ["closed", "connecting", "open"])
    client.stop()
    await second


@pytest.mark.parametrize("moment", ["connecting", "open"])
async def test_client_that_a_listener_stops_stays_closed(
    client: Client, network: Network, moment: str
) -> None:
    told: list[str] = []
    client.on_status(told.append)
    client.on_status(lambda status: client.stop() if status == moment else None)
    task = asyncio.create_task(client.run("mem://server/ws"))
    await settle()
    if moment == "open":
        await network.line.give(HELLO, box(1, 3, "a"))
    await task
    assert told[-2:] == [moment, "closed"]


async def test_cancelling_is_not_stopping(client: Client, network: Network) -> None:
    task = await start(client)
    await network.line.give(HELLO)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert network.lines[-1].left
    assert client.status == "closed"


@pytest.mark.promise("client.one-connection")
@pytest.mark.usefixtures("running")
async def test_one_connection_at_a_time(client: Client, network: Network, clock: HandClock) -> None:
    for refused in (client.connect, client.run):
        with pytest.raises(LocalProtocolError) as raised:
            await refused("mem://server/ws")
        assert raised.value.code == "connected"
    assert not network.line.left
    await network.line.close()
    assert client.status == "waiting"
    with pytest.raises(LocalProtocolError):
        await client.connect("mem://server/ws")
    await clock.advance(0.5)
    await network.line.give(HELLO, box(1, 3, "a"))
    assert (client.value(1), network.attempts) == ("a", 2)


@pytest.mark.promise("client.heartbeat")
@pytest.mark.usefixtures("running")
async def test_silent_connection_is_given_up_and_resumed(
    client: Client, network: Network, clock: HandClock
) -> None:
    await network.line.give(messages.hello("c", 15), box(1, 1, "a"))
    await clock.advance(29)
    await network.line.give(messages.ping())
    await clock.advance(29)
    assert client.status == "open"
    await clock.advance(1)
    assert client.status == "waiting"
    await clock.advance(0.5)
    assert network.line.query["since"] == "e:1"
    # Longer this time: perhaps the frame was only large.
    await network.line.give(messages.hello("c", 15))
    await clock.advance(59)
    assert client.status == "open"
    await clock.advance(1)
    assert client.status == "waiting"
    # Once frames flow, it is as at the beginning.
    await clock.advance(1)
    await network.line.give(messages.hello("c", 15))
    await network.line.give(messages.ping())
    await network.line.close()
    await clock.advance(2)
    await network.line.give(messages.hello("c", 15))
    await clock.advance(30)
    assert client.status == "waiting"


async def test_connect_reports_silence(client: Client, network: Network, clock: HandClock) -> None:
    task = await start(client)
    await clock.advance(30)
    with pytest.raises(ConnectionClosedError):
        await task


@pytest.mark.promise("mirror.gap")
@pytest.mark.usefixtures("running")
async def test_frame_that_does_not_apply_is_answered_by_a_resync(
    client: Client, network: Network
) -> None:
    await network.line.give(HELLO, box(1, 1, "a"))
    await network.line.give(replace(1, 2, 3, "c"))
    assert network.line.read() == [messages.resync()]
    await network.line.give(replace(1, 3, 4, "d"))
    assert network.line.read() == []
    assert client.value(1) == "a"
    await network.line.give(messages.reset(), box(1, 4, "d"))
    assert client.value(1) == "d"


@pytest.mark.usefixtures("running")
async def test_where_nothing_can_be_sent_a_new_stream_without_a_cursor_heals(
    client: Client, network: Network, clock: HandClock
) -> None:
    network.line.receive_only = True
    await network.line.give(HELLO, box(1, 1, "a"), box(2, 2, "x"))
    await network.line.give(replace(1, 2, 3, "c"))
    assert client.status == "waiting"
    await clock.advance(0.5)
    assert "since" not in network.line.query
    await network.line.give(HELLO, box(1, 3, "c"))
    assert client.value(1) == "c"
    assert client.ids() == [1]


async def test_server_that_does_not_speak_the_codec_is_tried_again_without_a_cursor(
    client: Client, network: Network, clock: HandClock
) -> None:
    task = asyncio.create_task(client.run("mem://server/ws"))
    await settle()
    await network.line.give(HELLO, box(1, 1, "a"))
    await network.line.give_text("<html>")
    assert client.status == "waiting"
    await clock.advance(0.5)
    assert "since" not in network.line.query
    client.stop()
    await task


async def test_connect_reports_a_server_that_does_not_speak_the_codec(
    client: Client, network: Network
) -> None:
    task = await start(client)
    await network.line.give_text("<html>")
    with pytest.raises(RemoteProtocolError):
        await task


async def test_send_without_a_connection_is_an_error(client: Client) -> None:
    client.recv(get_codec("json").encode([box(1, 1, "a")]))
    with pytest.raises(ConnectionClosedError):
        await client.send(client.edit_ops(1, []))


@pytest.mark.usefixtures("running")
async def test_send_sends_over_the_connection(client: Client, network: Network) -> None:
    await network.line.give(HELLO, box(1, 1, "a"))
    frame = client.edit_ops(1, [])
    await client.send(frame)
    assert network.line.sent == [frame]


@pytest.mark.usefixtures("running")
async def test_propose_gives_the_revision(client: Client, network: Network) -> None:
    await network.line.give(HELLO, box(1, 1, "a"))
    proposal = await proposing(client, 1, "b")
    (edit,) = network.line.read()
    token = edit.pop("proposal")
    ops = [{"op": "replace", "path": "", "value": "b"}]
    assert edit == {"t": "patch", "id": 1, "epoch": "e", "base": 1, "ops": ops}
    await network.line.give(replace(1, 1, 2, "b"), messages.ack(1, 2, [token]))
    assert await proposal == 2
    assert client.value(1) == "b"


@pytest.mark.usefixtures("running")
async def test_propose_raises_what_the_server_says(client: Client, network: Network) -> None:
    await network.line.give(HELLO, box(1, 1, "a"))
    proposal = asyncio.create_task(client.propose_ops(1, []))
    await settle()
    (edit,) = network.line.read()
    details: list[dict[str, object]] = [{"loc": [], "msg": "no", "type": "t"}]
    await network.line.give(messages.reject(1, 1, edit["proposal"], "invalid", "no", details))
    with pytest.raises(EditRejected) as raised:
        await proposal
    assert (raised.value.code, raised.value.details) == ("invalid", details)


@pytest.mark.promise("client.proposals")
@pytest.mark.usefixtures("running")
async def test_unanswered_proposals_are_sent_again_in_order_after_a_reconnect(
    client: Client, network: Network, clock: HandClock
) -> None:
    await network.line.give(HELLO, box(1, 1, "a"))
    first, second = await proposing(client, 1, "b"), await proposing(client, 1, "c")
    sent = network.line.read()
    assert len(sent) == 2
    await network.line.close(1012)
    offline = await proposing(client, 1, "d")
    await clock.advance(0.5)
    assert network.line.read() == []
    await network.line.give(HELLO)
    again = network.line.read()
    assert again[:2] == sent
    tokens = [edit["proposal"] for edit in again]
    await network.line.give(messages.ack(1, 9, tokens))
    assert [await first, await second, await offline] == [9, 9, 9]


@pytest.mark.promise("client.proposals")
@pytest.mark.usefixtures("running")
async def test_answered_proposals_are_not_sent_again(
    client: Client, network: Network, clock: HandClock
) -> None:
    await network.line.give(HELLO, box(1, 1, "a"))
    proposal = await proposing(client, 1, "b")
    (edit,) = network.line.read()
    await network.line.give(messages.ack(1, 1, [edit["proposal"]]))
    await proposal
    await network.line.close()
    await clock.advance(0.5)
    await network.line.give(HELLO)
    assert network.line.read() == []


@pytest.mark.promise("client.proposals")
@pytest.mark.usefixtures("running")
async def test_proposals_of_an_epoch_that_is_gone_are_not_sent_again(
    client: Client, network: Network, clock: HandClock
) -> None:
    await network.line.give(HELLO, box(1, 1, "a"))
    proposal = await proposing(client, 1, "b")
    await network.line.close()
    await clock.advance(0.5)
    await network.line.give(HELLO, messages.reset(), box(1, 1, "a", "f"))
    with pytest.raises(EditUnknown):
        await proposal
    assert network.line.read() == []


@pytest.mark.promise("client.proposals")
@pytest.mark.parametrize("code", [1009, 4400])
async def test_what_was_in_flight_when_a_frame_was_refused_is_not_sent_again(
    client: Client, network: Network, clock: HandClock, code: int
) -> None:
    task = asyncio.create_task(client.run("mem://server/ws"))
    await settle()
    await network.line.give(HELLO, box(1, 1, "a"))
    proposal = await proposing(client, 1, "b")
    await network.line.close(code)
    with pytest.raises(EditUnknown):
        await proposal
    if code == 1009:
        await clock.advance(0.5)
        await network.line.give(HELLO)
        assert network.line.read() == []
        client.stop()
        await task
    else:
        with pytest.raises(RefusedError):
            await task


@pytest.mark.usefixtures("running")
async def test_proposals_are_sent_again_after_a_resync(client: Client, network: Network) -> None:
    await network.line.give(HELLO, box(1, 1, "a"))
    proposal = await proposing(client, 1, "b")
    (edit,) = network.line.read()
    # The answer is in a frame that does not apply.
    await network.line.give(replace(1, 7, 8, "b"), messages.ack(1, 8, [edit["proposal"]]))
    assert not proposal.done()
    assert network.line.read() == [messages.resync()]
    await network.line.give(messages.reset(), box(1, 8, "b"))
    assert network.line.read() == [edit]
    await network.line.give(messages.ack(1, 8, [edit["proposal"]]))
    assert await proposal == 8


@pytest.mark.usefixtures("running")
async def test_proposal_that_nobody_waits_for_is_not_sent_again(
    client: Client, network: Network, clock: HandClock
) -> None:
    await network.line.give(HELLO, box(1, 1, "a"))
    proposal = await proposing(client, 1, "b")
    proposal.cancel()
    await network.line.close()
    await clock.advance(0.5)
    network.line.read()
    await network.line.give(HELLO)
    assert network.line.read() == []


@pytest.mark.parametrize("way", [Client.run, Client.connect])
async def test_proposals_left_when_all_is_over_have_an_unknown_outcome(
    client: Client, network: Network, way: Any
) -> None:
    task = asyncio.create_task(way(client, "mem://server/ws"))
    await settle()
    await network.line.give(HELLO, box(1, 1, "a"))
    proposal = await proposing(client, 1, "b")
    client.stop()
    await task
    with pytest.raises(EditUnknown):
        await proposal


@pytest.mark.usefixtures("running")
async def test_proposal_over_a_transport_that_does_not_send_is_an_error(
    client: Client, network: Network
) -> None:
    network.line.receive_only = True
    await network.line.give(HELLO, box(1, 1, "a"))
    proposal = await proposing(client, 1, "b")
    with pytest.raises(LocalProtocolError) as raised:
        await proposal
    assert raised.value.code == "receive_only"
    assert client.status == "open"
