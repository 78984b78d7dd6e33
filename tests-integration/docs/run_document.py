"""Run the Python in one Markdown document, from top to bottom, as its reader would.

All blocks fenced as `python` share one module and one event loop; `await` may stand at the top
level. When a block defines an ASGI application named `app`, it is served on a free port until the
document ends, and from there on `127.0.0.1:8000` in the text means that port. A comment on the
line before a fence changes how the block is run:

    <!-- snippet: skip, REASON -->      it is not run
    <!-- snippet: background -->        it runs beside the rest, until the document ends

and code in a comment of its own is run without being shown, for what a reader takes as given and
for checking what the text claims:

    <!-- snippet
    assert client.ids() == [1]
    -->

A block with a `title` is a file of the reader's own, and is not run here.

Usage: `run_document.py PATH`. A failure leaves a traceback with the document's own lines.
"""

import ast
import asyncio
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import uvicorn

BLOCK = re.compile(
    r"^(?:<!-- snippet: (?P<how>[^\n]*?) -->\n+)?"
    r"(?P<indent>[ ]*)```python\b(?! title=)[^\n]*\n(?P<shown>.*?)^(?P=indent)```[ ]*$"
    r"|^<!-- snippet\n(?P<hidden>.*?)^-->$",
    re.MULTILINE | re.DOTALL,
)
ADDRESS = "127.0.0.1:8000"


@dataclass
class Snippet:
    """One block: its code, the document's line on which that starts, and how it is to be run."""

    code: str
    line: int
    how: str


def snippets(text: str) -> Iterator[Snippet]:
    """Yield the blocks of a document in order."""
    for block in BLOCK.finditer(text):
        group = "hidden" if block["shown"] is None else "shown"
        line = text.count("\n", 0, block.start(group)) + 1
        how = block["how"] or ""
        if how not in {"", "background"} and not re.fullmatch(r"skip, \S.*", how):
            raise ValueError(f"line {line}: a snippet is not run as {how!r}")
        yield Snippet(textwrap.dedent(block[group]), line, how)


class Document:
    """What the blocks of a document have in common while they run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._module = ModuleType("document")
        sys.modules["document"] = self._module
        # What the document's `app` was when it was last served.
        self._served: object = None
        self._address = ADDRESS
        self._background = list[asyncio.Task[None]]()
        self._servers = list[tuple[uvicorn.Server, asyncio.Task[None]]]()

    async def run(self) -> None:
        """Run every block, then stop what still runs."""
        try:
            for snippet in snippets(self._path.read_text(encoding="utf-8")):
                await self._step(snippet)
        finally:
            await self._stop()

    async def _step(self, snippet: Snippet) -> None:
        if snippet.how.startswith("skip"):
            return
        if snippet.how == "background":
            self._background.append(asyncio.create_task(self._execute(snippet)))
            await asyncio.sleep(0)
        else:
            await self._execute(snippet)
        for task in self._background:
            if task.done():
                await task
        app = getattr(self._module, "app", None)
        if app is not None and app is not self._served:
            await self._serve(app)
            self._served = app

    async def _execute(self, snippet: Snippet) -> None:
        source = "\n" * (snippet.line - 1) + snippet.code.replace(ADDRESS, self._address)
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(source, str(self._path), "exec", flags=flags, dont_inherit=True)
        result = eval(code, self._module.__dict__)
        if inspect.isawaitable(result):
            await result

    async def _serve(self, app: object) -> None:
        config = uvicorn.Config(
            app,  # pyright: ignore[reportArgumentType]  whatever the document made
            port=0,
            log_level="warning",
            lifespan="on",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started:
            if task.done():
                await task
                raise RuntimeError("the document's application did not start")
            await asyncio.sleep(0.01)
        self._servers.append((server, task))
        host, port = server.servers[0].sockets[0].getsockname()
        self._address = f"{host}:{port}"

    async def _stop(self) -> None:
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        for server, task in self._servers:
            server.should_exit = True
            await task


if __name__ == "__main__":
    asyncio.run(Document(Path(sys.argv[1])).run())
