"""A client in Python, in a process of its own: `mirror.mjs` is its twin.

One command a line on standard input, one answer a line on standard output.
"""

import asyncio
import json
import random
import sys
from itertools import count
from typing import Any

import transports

JITTER = 0.05
"""How much of the usual time is waited before connecting again: nobody else does."""


class Mirror:
    """A client, and what became of what it proposed.

    Args:
        name: What its tokens begin with.
        codec: What it speaks.
    """

    def __init__(self, name: str, codec: str) -> None:
        backoff = transports.Backoff(lambda: random.random() * JITTER)
        self.client = transports.Client(codec, backoff=backoff)
        self.outcomes: dict[str, str] = {}
        self.opened = 0
        self._name = name
        self._numbers = count()
        self._news = asyncio.Event()
        self._editing: list[asyncio.Task[None]] = []
        self._ends = False
        self.client.on_change(lambda _: self._news.set())
        self.client.on_status(self._note)

    def _note(self, status: str) -> None:
        self.opened += status == "open"
        self._news.set()

    def ledger(self) -> int | None:
        """Find the model to write to."""
        found = [id for id in self.client.ids() if self.client.type(id) == "Ledger"]
        return found[0] if found else None

    async def edit(self) -> None:
        """Propose one edit after another."""
        while not self._ends:
            id = self.ledger()
            if id is None:
                await self._change()
                continue
            number = next(self._numbers)
            token = f"{'bad-' if number % 7 == 3 else ''}{self._name}-{number}"
            self.outcomes[token] = await self._propose(id, token)
            await asyncio.sleep(0.005)

    async def _propose(self, id: int, token: str) -> str:
        try:
            await self.client.propose_ops(id, [{"op": "add", "path": "/tokens/-", "value": token}])
        except transports.EditRejected as refusal:
            return refusal.code
        except transports.EditUnknown:
            return "unknown"
        return "accepted"

    def begin(self) -> None:
        """Begin to edit."""
        self._ends = False
        self._editing = [asyncio.create_task(self.edit()) for _ in range(3)]

    async def rest(self) -> None:
        """Edit no more, and wait until it is known what became of everything."""
        self._ends = True
        self._news.set()
        await asyncio.gather(*self._editing)

    async def shows(self, mark: str) -> str:
        """Wait until the mirror shows a mark; give what it shows, as text."""
        while (id := self.ledger()) is None or self._mark(id) != mark:
            await self._change()
        return json.dumps({id: self.client.value(id) for id in self.client.ids()})

    def _mark(self, id: int) -> object:
        value: Any = self.client.value(id)
        return value["mark"]

    async def _change(self) -> None:
        self._news.clear()
        await self._news.wait()

    async def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do what a command says."""
        match command["do"]:
            case "edit":
                self.begin()
            case "rest":
                await self.rest()
                return {"outcomes": self.outcomes}
            case "show":
                return {"values": await self.shows(command["mark"]), "opened": self.opened}
            case _:
                raise ValueError(command)
        return {}


async def main(url: str, name: str, codec: str) -> None:
    """Mirror, and answer until there is nobody who asks."""
    mirror = Mirror(name, codec)
    running = asyncio.create_task(mirror.client.run(url))
    reader = asyncio.StreamReader(limit=1 << 24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        print(json.dumps(await mirror.answer(json.loads(line))), flush=True)
    mirror.client.stop()
    await running


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
