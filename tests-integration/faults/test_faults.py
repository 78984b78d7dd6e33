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

NOTICED = 25.0
"""Seconds within which a dead line is noticed, however busy this machine is. What would notice it
without the protocol's heartbeat takes longer: 40 for the WebSocket library of Python."""


FLOOD = 8_000_000


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
    tmp_path: Path,
    root: Path,
    chromium: str,
    bundle: Callable[[str], str],
    serve: Callable[[str], str],
) -> None:
    mirror = root / "tests-integration" / "faults" / "mirror.mjs"
    address = serve(bundle(PAGE.replace("MIRROR", str(mirror))))
    async with async_playwright() as playwright, scene(tmp_path, seed=1) as one:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        await asyncio.gather(
            one.join_all(),
            join_page(one, "ws", browser, address),
            join_page(one, "sse", browser, address),
        )
        await befall(one, OF_CLIENTS)
        await asyncio.gather(befall(one, OF_SERVERS), befall(one, OF_CLIENTS))
        await one.settle()
        assert one.outcomes["accepted"]
        assert one.outcomes["invalid"]
        await browser.close()


@pytest.mark.promise("faults.half-open", "failure.22")
async def test_a_line_that_is_dead_without_a_word_is_noticed_and_replaced(tmp_path: Path) -> None:
    async with scene(tmp_path, seed=2) as one:
        await one.join_all()
        await one.settle()
        await one.go_on()
        for wire, deaf_alone in zip(one.lines.values(), [False, True] * 3, strict=False):
            wire.strand(dumb=not deaf_alone)
        before = {name: wire.connections for name, wire in one.lines.items()}
        # Nobody can show what the models are now who did not connect again.
        async with asyncio.timeout(NOTICED):
            await one.settle()
        assert all(wire.connections > before[name] for name, wire in one.lines.items())


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
