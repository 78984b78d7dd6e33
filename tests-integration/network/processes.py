"""The processes that faults befall: a server, and clients in both languages."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import Page

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "tests-integration" / "faults"
LIBRARY = ROOT / "js-packages" / "client" / "dist" / "index.js"

PATIENCE = 100.0
"""Seconds after which what has not happened is taken never to happen. Machines can be busy, and a
client whose line is dead before it was greeted waits for 30, and if so is the next one, for 60."""

TOLD = 10.0
"""Seconds within which a client that is alive says how it is."""


class Served:
    """A server in a process of its own, at one port in all of its lives.

    Args:
        state: Where it keeps what it was told.
        options: What else is said on its command line.
    """

    def __init__(self, state: Path, *options: str) -> None:
        self.state = state
        self._options = options
        self.port = 0
        self.lives = 0
        self.other = False
        self._process: Process | None = None

    async def start(self) -> None:
        """Begin a life, and return once clients can connect."""
        self.lives += 1
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            HERE / "app.py",
            *("--port", str(self.port), "--state", str(self.state), "--seed", str(self.lives)),
            *(["--other"] if self.other else []),
            *self._options,
            stdout=PIPE,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            self.port = int(await self._process.stdout.readline())

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End its life: at once and without a word, unless by another signal."""
        if self._process is not None:
            self.send(number)
            await self._process.communicate()
            self._process = None


class Player(Protocol):
    """A client somewhere, which does what `mirror.py` and `mirror.mjs` can do."""

    async def ask(self, do: str, **more: Any) -> Any:
        """Have something done, and give the answer."""
        ...

    async def tell(self) -> list[str]:
        """Have it say how it is, also while it has not answered something else."""
        ...

    async def end(self) -> None:
        """End it."""
        ...


class Paged:
    """A client in a page of a browser.

    Args:
        page: One that has loaded `page.js`.
    """

    def __init__(self, page: Page) -> None:
        self._page = page

    async def ask(self, do: str, **more: Any) -> Any:
        """Have something done, and give the answer."""
        async with asyncio.timeout(PATIENCE):
            command = {"do": do, **more}
            return await self._page.evaluate("command => mirror.answer(command)", command)

    async def tell(self) -> list[str]:
        """Have it say how it is, also while it has not answered something else."""
        async with asyncio.timeout(TOLD):
            return (await self._page.evaluate("mirror.answer({do: 'tell'})"))["told"]

    async def end(self) -> None:
        """Close the page."""
        await self._page.close()


class Spawned:
    """A client in a process of its own."""

    def __init__(self, process: Process, name: str) -> None:
        self._process = process
        self._name = name

    async def ask(self, do: str, **more: Any) -> Any:
        """Have something done, and give the answer."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._converse(do=do, **more)
        except TimeoutError:
            raise TimeoutError(f"{self._name} does not {do}") from None

    async def tell(self) -> list[str]:
        """Have it say how it is, also while it has not answered something else."""
        async with asyncio.timeout(TOLD):
            while "told" not in (answer := await self._converse(do="tell")):
                # To what was asked before, and came after all.
                pass
            return answer["told"]

    async def _converse(self, **command: Any) -> Any:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(command).encode() + b"\n")
        return json.loads(await process.stdout.readline())

    def send(self, number: signal.Signals) -> None:
        """Send its process a signal."""
        self._process.send_signal(number)

    async def end(self) -> None:
        """End it, however it is."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()


async def spawn(language: str, url: str, name: str, codec: str) -> Spawned:
    """Start a client in a process of its own: in `python`, or in TypeScript in `node`."""
    if language == "python":
        command = [sys.executable, HERE / "mirror.py"]
    else:
        command = ["node", HERE / "node.mjs", LIBRARY, ROOT / "package.json"]
    process = await asyncio.create_subprocess_exec(
        *command, url, name, codec, stdin=PIPE, stdout=PIPE, limit=1 << 26
    )
    return Spawned(process, name)
