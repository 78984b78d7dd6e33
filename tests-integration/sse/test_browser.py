"""Streams in a real Chromium, by its own `EventSource`."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from networked import Running, running
from playwright.async_api import async_playwright
from pydantic import BaseModel
from transports import Server, Session

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from playwright.async_api import BrowserContext, Page

    Bundle = Callable[[str], str]
    Serve = Callable[[str], str]

pytestmark = pytest.mark.browser

PAGE = """
import { Client, fetchEventSource, sharedEventSource } from "@1kbgz/transports";

const messages = [];
let opened = 0;
class Counted extends EventSource {
  constructor(url) {
    super(url);
    opened++;
    this.addEventListener("message", ({ data }) => messages.push(...[JSON.parse(data)].flat()));
  }
}
const client = new Client("json", { EventSource: %s, random: () => 0 });
const statuses = [];
client.onStatus((status) => statuses.push(status));
client.onChange(() => {
  document.body.textContent = JSON.stringify(client.ids().map((id) => client.value(id)));
});
const events = client.connectSSE("%s");
let isCurrent = true;
events.addEventListener("message", () => {
  if (client.ids().length === 0) isCurrent = false;
});
Object.assign(window, { client, messages, statuses, opened: () => opened, events,
  isCurrent: () => isCurrent, CONNECTING: EventSource.CONNECTING });
"""


class Counter(BaseModel):
    tick: int = 0
    text: str = ""


class Counting(Server):
    """A server that knows how many connections it has."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.connections: set[Any] = set()

    def open(self, conn: Any, *args: Any, **options: Any) -> list[Any]:
        opening = super().open(conn, *args, **options)
        self.connections.add(conn)
        return opening

    def close(self, conn: Any) -> None:
        self.connections.discard(conn)
        super().close(conn)


@asynccontextmanager
async def browsing(chromium: str) -> AsyncGenerator[BrowserContext]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield await browser.new_context()
        await browser.close()


async def shows(page: Page, *values: Any) -> None:
    """Wait until a page shows the models."""
    await page.wait_for_function(
        "expected => document.body.textContent === JSON.stringify(expected)", arg=list(values)
    )


async def kinds(page: Page) -> list[str]:
    return await page.evaluate("messages.map(({ t }) => t).filter((t) => t !== 'ping')")


@pytest.mark.promise("sse.browser", "failure.36")
async def test_native_event_source_resumes_with_a_delta_when_the_server_comes_back(
    bundle: Bundle, serve: Serve, chromium: str
) -> None:
    counter = Counter(text="constant" * 100)
    session = Session()
    id = session.host(counter)
    server = Server(session)
    served = Running(server)
    await served.start()
    async with browsing(chromium) as browser:
        page = await browser.new_page()
        folder = await asyncio.to_thread(bundle, PAGE % ("Counted", served.sse_url))
        await page.goto(serve(folder))
        await page.evaluate("window.sameDocument = true")
        for _ in range(2):
            counter.tick += 1
            await shows(page, session.value(id))
            await served.stop()
            await page.wait_for_function("client.status !== 'open'")
            await page.evaluate("messages.length = 0")
            # Twice while nobody is there to be told.
            counter.tick += 1
            counter.tick += 1
            served = Running(server, served.port)
            await served.start()
            await shows(page, session.value(id))
            await page.wait_for_function("client.status === 'open'")
            # The id was sent: what was missed came as one patch, and the model not again.
            assert await kinds(page) == ["hello", "patch"]
        # It was the browser that came back, each time, in one and the same document.
        assert await page.evaluate("opened()") == 1
        assert await page.evaluate("window.sameDocument")
        assert await page.evaluate("isCurrent()")
    await served.stop()


APP = """
import asyncio
import transports
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.routing import Route

class Counter(BaseModel):
    tick: int = 0

session = transports.Session()
counter = Counter()
session.host(counter)
server = transports.Server(session)

async def ticker():
    while True:
        await asyncio.sleep(0.05)
        counter.tick += 1

app = Starlette(
    routes=[Route("/sse", transports.sse_endpoint(server))],
    lifespan=transports.lifespan(server, background=[ticker]),
)
"""


class Process:
    """An application in a process of its own, on one port."""

    def __init__(self, folder: Path) -> None:
        (folder / "app.py").write_text(APP)
        self._folder = folder
        self.port = 0

    async def start(self) -> None:
        command = ["-m", "uvicorn", "app:app", "--port", str(self.port)]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=self._folder, stderr=asyncio.subprocess.PIPE
        )
        assert self._process.stderr is not None
        while line := (await self._process.stderr.readline()).decode():
            if found := re.search(r"running on http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                return
        pytest.fail("it did not start")

    async def kill(self) -> None:
        """Kill it without a word, in the middle of whatever it is sending."""
        os.kill(self._process.pid, signal.SIGKILL)
        await self._process.wait()


@pytest.mark.promise("sse.browser", "failure.1")
async def test_page_of_a_killed_server_shows_its_new_life_without_a_reload(
    bundle: Bundle, serve: Serve, chromium: str, tmp_path: Path
) -> None:
    process = Process(tmp_path)
    await process.start()
    async with browsing(chromium) as browser:
        page = await browser.new_page()
        address = f"http://127.0.0.1:{process.port}/sse"
        folder = await asyncio.to_thread(bundle, PAGE % ("Counted", address))
        await page.goto(serve(folder))
        await page.evaluate("window.sameDocument = true")
        await page.wait_for_function("client.value(1)?.tick > 20")
        await process.kill()
        await page.wait_for_function("client.status !== 'open'")
        # What it showed stays.
        last = await page.evaluate("client.value(1).tick")
        assert last > 20
        await process.start()
        await page.wait_for_function("last => client.value(1).tick < last", arg=last)
        await page.wait_for_function("client.value(1).tick > 5")
        assert await page.evaluate("window.sameDocument")
        assert await page.evaluate("opened()") == 1
    await process.kill()


@pytest.mark.promise("sse.browser")
async def test_page_that_missed_something_opens_another_stream(
    bundle: Bundle, serve: Serve, chromium: str
) -> None:
    counter = Counter()
    session = Session()
    id = session.host(counter)
    async with running(Server(session)) as served, browsing(chromium) as browser:
        page = await browser.new_page()
        folder = await asyncio.to_thread(bundle, PAGE % ("Counted", served.sse_url))
        await page.goto(serve(folder))
        await shows(page, session.value(id))
        gap = '{"t":"patch","id":1,"base":98,"rev":99,"ops":[]}'
        await page.evaluate(
            "data => events.dispatchEvent(new MessageEvent('message', { data }))", gap
        )
        await page.wait_for_function("opened() === 2")
        counter.tick = 5
        await shows(page, session.value(id))


@pytest.mark.promise("sse.shared", "failure.36")
async def test_pages_of_one_browser_share_one_stream_and_survive_its_owner(
    bundle: Bundle, serve: Serve, chromium: str
) -> None:
    counter = Counter()
    session = Session()
    id = session.host(counter)
    server = Counting(session)
    async with running(server) as served, browsing(chromium) as browser:
        shared = 'sharedEventSource("ada", Counted)'
        folder = await asyncio.to_thread(bundle, PAGE % (shared, served.sse_url))
        address = serve(folder)

        async def one_stream() -> None:
            """Wait until there is one stream for all of them."""
            async with asyncio.timeout(30):
                while len(server.connections) != 1:
                    counter.tick += 1
                    await shows(pages[-1], session.value(id))

        pages: list[Page] = []
        # More than the connections that a browser opens to a host.
        for _ in range(8):
            pages.append(await browser.new_page())
            await pages[-1].goto(address)
            await pages[-1].wait_for_function("client.ids().length === 1")
        await one_stream()
        for _ in range(3):
            counter.tick += 1
            for page in pages:
                await shows(page, session.value(id))
        # The page with the stream is one of them: all the others go on without it.
        while len(pages) > 2:
            await pages.pop(0).close()
            await one_stream()
            counter.tick += 1
            for page in pages:
                await shows(page, session.value(id))
            # A browser may take its time to end the stream of a page that it closed.
            await one_stream()
        # Nobody took that for a server that had better be left alone for a while.
        for page in pages:
            assert "waiting" not in await page.evaluate("statuses")


@pytest.mark.promise("sse.client", "client.refused")
async def test_page_with_headers_streams_by_fetch_and_is_told_that_it_is_refused(
    bundle: Bundle, serve: Serve, chromium: str
) -> None:
    counter = Counter(tick=7)
    session = Session()
    id = session.host(counter)
    async with running(Server(session)) as served, browsing(chromium) as browser:
        page = await browser.new_page()
        folder = await asyncio.to_thread(bundle, PAGE % ("fetchEventSource()", served.sse_url))
        await page.goto(serve(folder))
        await shows(page, session.value(id))
        counter.tick = 8
        await shows(page, session.value(id))
        refused = await page.evaluate(
            "url => { client.stop(); return client.run(url).catch(({ code }) => code); }",
            served.sse_url + "?v=9&codec=pigeon",
        )
        assert refused == 4406
