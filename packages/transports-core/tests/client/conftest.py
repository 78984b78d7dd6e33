"""A client, and what it connects over."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from transports_core.client import Backoff, Client

from .network import HandClock, Network, settle


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


@pytest.fixture
async def running(client: Client, network: Network) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(client.run("mem://server/ws"))
    await settle()
    yield task
    task.cancel()
    await asyncio.wait([task])
