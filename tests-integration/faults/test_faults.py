"""Whatever befalls lines, servers and clients: mirrors show the models, and edits are made once."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright
from processes import Paged, Spawned
from scene import OF_CLIENTS, OF_SERVERS, Scene, scene

PAGE = """
import * as api from "@1kbgz/transports";
import { Mirror } from "MIRROR";
await api.default();
globalThis.join = (url, name) => {
  globalThis.mirror = new Mirror(api, name, "json", {});
  mirror.client.run(url);
};
"""

NOTICED = 35.0
"""Seconds within which a dead line is noticed, however busy this machine is: more than the 30
that a client waits to be greeted, if its line was dead before. What would notice it without the
protocol's heartbeat takes longer: 40 for the WebSocket library of Python."""

FLOOD = 8_000_000

ARCHIVE = 100_000
"""So many characters never change, and no compression hides when they are sent again."""


@pytest.fixture
def page(root: Path, bundle: Callable[[str], str], serve: Callable[[str], str]) -> str:
    """Serve a page that `join_page` can open; give its address."""
    mirror = root / "tests-integration" / "faults" / "mirror.mjs"
    return serve(bundle(PAGE.replace("MIRROR", str(mirror))))


async def join_with_pages(one: Scene, browser: Browser, address: str) -> None:
    """Have a client of each kind come, and one over each transport in a page."""
    await asyncio.gather(
        one.join_all(),
        join_page(one, "ws", browser, address),
        join_page(one, "sse", browser, address),
    )


async def join_page(one: Scene, scheme: str, browser: Browser, address: str) -> None:
    wire, near = await one.reach(scheme)
    page = await browser.new_page()
    await page.goto(address)
    await page.wait_for_function("() => globalThis.join")
    await page.evaluate("([url, name]) => join(url, name)", [near, f"{scheme}-page"])
    await one.admit(f"{scheme}-page", wire, Paged(page))


async def befall(one: Scene, kinds: list[str]) -> None:
    """Have one thing of each kind happen, in any order."""
    for kind in one.luck.sample(kinds, len(kinds)):
        await one.befall(kind)


@pytest.mark.browser
@pytest.mark.promise("faults.converge", "faults.edits", "failure.1", "failure.8")
async def test_after_any_faults_mirrors_show_the_models_and_edits_were_made_once(
    tmp_path: Path, chromium: str, page: str
) -> None:
    async with async_playwright() as playwright, scene(tmp_path, seed=1) as one:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        await join_with_pages(one, browser, page)
        await befall(one, OF_CLIENTS)
        await asyncio.gather(befall(one, OF_SERVERS), befall(one, OF_CLIENTS))
        await one.settle()
        assert one.outcomes["accepted"]
        assert one.outcomes["invalid"]
        await browser.close()


@pytest.mark.browser
@pytest.mark.promise("faults.half-open", "faults.stalled", "failure.22")
async def test_a_line_that_is_dead_without_a_word_is_noticed_and_replaced(
    tmp_path: Path, chromium: str, page: str
) -> None:
    async with (
        async_playwright() as playwright,
        scene(tmp_path, 2, "--archive", f"{ARCHIVE}") as one,
    ):
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        await join_with_pages(one, browser, page)
        await one.settle()
        await one.go_on()
        half_open(one)
        await show_that_it_was_noticed(one)
        # Nothing is written from now on: what is sent is sent because of that alone.
        for dead in (half_open, stalled):
            before = {name: wire.received for name, wire in one.lines.items()}
            dead(one)
            await show_that_it_was_noticed(one)
            for name, wire in one.lines.items():
                assert wire.received - before[name] < ARCHIVE / 2, f"{name} was shown all anew"
        await browser.close()


def half_open(one: Scene) -> None:
    """Have all that is sent get lost, of every other line just what the server sends."""
    for wire, deaf_alone in zip(one.lines.values(), [False, True] * 3, strict=True):
        wire.strand(dumb=not deaf_alone, young=True)


def stalled(one: Scene) -> None:
    """Have nothing taken of what is sent."""
    for wire in one.lines.values():
        wire.stall(young=True)


async def show_that_it_was_noticed(one: Scene) -> None:
    """Wait until everybody shows the models again; look whether all of them said what happened."""
    before = {name: wire.connections for name, wire in one.lines.items()}
    # Nobody can show what the models are now who did not connect again.
    await one.settle(within=NOTICED)
    assert all(wire.connections > before[name] for name, wire in one.lines.items())
    for name, statuses in one.statuses.items():
        # A page that was loaded again would begin with another.
        assert statuses[0] == "waiting", name
        assert statuses[-1] == "open", name


@pytest.mark.promise("faults.healthy", "failure.16")
async def test_nobody_waits_for_those_that_are_stalled(tmp_path: Path) -> None:
    # Those are never given up here: whoever waited for them would do so for ever.
    async with scene(tmp_path, 3, "--send-timeout", "3600") as one:
        await one.join_all()
        await one.settle()
        held, stopped = one.players.pop("sse-node"), one.players.pop("ws-python")
        wire = one.lines.pop("sse-node")
        wire.hold()
        assert isinstance(stopped, Spawned)
        stopped.send(signal.SIGSTOP)
        # More than what lies between a server and a client holds.
        await one.go_on(flood=FLOOD)
        await one.settle()
        assert one.lag < 30
        stopped.send(signal.SIGCONT)
        wire.mend()
        one.players |= {"sse-node": held, "ws-python": stopped}
        await one.settle()
