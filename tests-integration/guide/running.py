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
