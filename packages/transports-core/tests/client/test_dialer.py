"""Clients that connect, are refused, lose their lines and come back."""

import asyncio
from typing import Any

import pytest

from transports_core import messages
from transports_core.client import Client, Status
from transports_core.codecs import get_codec
from transports_core.errors import (
    ConnectionClosedError,
    LocalProtocolError,
    RefusedError,
    RemoteProtocolError,
)

from .network import HELLO, HandClock, Network, box, replace, settle, start


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
    await network.line.give(HELLO, messages.reset())
    assert client.status == "open"
    await network.line.close()
    assert client.status == "waiting"
    await clock.advance(0.5)
    assert client.status == "connecting"
    client.stop()
    await task
    assert told == ["connecting", "open", "waiting", "connecting", "closed"]


@pytest.mark.promise("opening.shared")
@pytest.mark.usefixtures("running")
async def test_client_without_a_cursor_is_open_once_it_is_shown_everything(
    client: Client, network: Network
) -> None:
    await network.line.give(HELLO)
    assert client.status == "connecting"
    await network.line.give(messages.reset(), box(1, 1, "a"))
    assert (client.status, client.value(1)) == ("open", "a")


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
