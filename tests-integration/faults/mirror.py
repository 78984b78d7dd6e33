"""A client in Python, in a process of its own: `mirror.mjs` is its twin.

One command a line on standard input, one answer a line on standard output. A command may be given
while one before it is not answered yet.
"""

import asyncio
import json
import logging
import random
import sys
import time
from collections import deque
from itertools import count
from typing import Any

import transports

JITTER = 0.05
"""How much of the usual time is waited before connecting again: nobody else does."""


class Lately(logging.Handler):
    """What the client logged lately, and what else is noted.

    Attributes:
        notes: When it was, and what.
    """

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.notes: deque[tuple[float, str]] = deque(maxlen=50)

    def emit(self, record: logging.LogRecord) -> None:
        self.note(record.getMessage())

    def note(self, what: str) -> None:
        self.notes.append((time.time(), what))

    def lines(self) -> list[str]:
        """Say each, and how long ago it was."""
        now = time.time()
        return [f"{now - when:8.2f} s ago: {what}" for when, what in self.notes]


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
        # What its status became since the last `show`.
        self._statuses: list[str] = []
        self._name = name
        self._numbers = count()
        self._news = asyncio.Event()
        self._editing: list[asyncio.Task[None]] = []
        self._ends = False
        self._lately = Lately()
        logging.getLogger("transports").addHandler(self._lately)
        logging.getLogger("transports").setLevel(logging.INFO)
        self._changed = time.time()
        self.client.on_change(lambda _: self._heed_change())
        self.client.on_status(self._heed)

    def _heed(self, status: str) -> None:
        self._statuses.append(status)
        self._lately.note(f"{status}, at {self.client.cursor}")
        self._news.set()

    def _heed_change(self) -> None:
        self._changed = time.time()
        self._news.set()

    def tell(self) -> list[str]:
        """Say how the client is, and what happened to it lately."""
        client, ids = self.client, self.client.ids()
        shown = {id: f"{client.type(id)} {self._mark(id)}" for id in ids}
        return [
            f"{client.status}, at {client.cursor}, shows {shown}",
            f"{list(self.outcomes.values()).count('')} proposals are not answered",
            f"{time.time() - self._changed:8.2f} s ago: the last change",
            *self._lately.lines(),
        ]

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
            self.outcomes[token] = ""
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
        return value.get("mark")

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
                values, statuses = await self.shows(command["mark"]), self._statuses
                self._statuses = []
                return {"values": values, "statuses": statuses}
            case "tell":
                return {"told": self.tell()}
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

    async def answer(command: dict[str, Any]) -> None:
        print(json.dumps(await mirror.answer(command)), flush=True)

    async with asyncio.TaskGroup() as answering:
        while line := await reader.readline():
            answering.create_task(answer(json.loads(line)))
    mirror.client.stop()
    await running


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
