"""The guide's snippets, word for word, and what runs them."""

import asyncio
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import transports

SNIPPETS = Path(__file__).parent / "snippets"
# Where the guide has its server listen.
ADDRESS = "127.0.0.1:8000"


# Somebody writes to the model, which the snippets of the guide's later sections do not.
GIVEN = """
import threading, time

def write():
    while True:
        time.sleep(0.2)
        counter.tick += 1

threading.Thread(target=write, daemon=True).start()
"""


def given() -> str:
    """Give what the guide's later sections take from its first: the model, session and server."""
    return snippet("app_lifespan.py").partition("async def ticker")[0] + GIVEN


def snippet(name: str) -> str:
    """Give a snippet of the guide, word for word."""
    return (SNIPPETS / f"{name}.txt").read_text()


class Running:
    """An application under `uvicorn app:app`, on a free port."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "app:app", "--port", "0"],
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        said = ""
        for line in self.process.stderr:
            said += line
            if found := re.search(r"running on http://(127\.0\.0\.1:\d+)", line):
                self.address: str = found[1]
                return
        pytest.fail(said)

    def stop(self) -> None:
        """End it as Ctrl-C would."""
        self.process.terminate()
        self.process.communicate(timeout=20)


def run_python(code: str, address: str) -> tuple[SimpleNamespace, asyncio.Task[None]]:
    """Begin to run an asynchronous snippet; give the names that it sets, and the task it runs in.

    The guide's server is at `address` instead.
    """
    names = SimpleNamespace(transports=transports)
    body = textwrap.indent(code.replace(ADDRESS, address), "    ")
    # Names that the snippet sets are to be seen while it runs.
    scope: dict[str, Any] = {"transports": transports, "names": names}
    body = re.sub(r"^    (\w+) = (.*)$", r"    \1 = names.\1 = \2", body, flags=re.MULTILINE)
    exec(f"async def snippet():\n{body}", scope)
    return names, asyncio.get_running_loop().create_task(scope["snippet"]())


async def ticks(client: Any, count: int) -> list[int]:
    """Wait until a client has seen so many ticks, and give them."""
    seen: list[int] = []
    done = asyncio.Event()

    def look(change: object) -> None:
        del change
        seen.append(client.value(client.ids()[0])["tick"])
        if len(set(seen)) >= count:
            done.set()

    client.on_change(look)
    await asyncio.wait_for(done.wait(), 20)
    return seen
