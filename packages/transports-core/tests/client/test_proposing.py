"""Proposals that are sent, sent again, and have one outcome."""

import asyncio
from typing import Any

import pytest

from transports_core import messages
from transports_core.client import Client
from transports_core.errors import (
    EditRejected,
    EditUnknown,
    LocalProtocolError,
    RefusedError,
)

from .network import HELLO, HandClock, Network, box, proposing, replace, settle


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
