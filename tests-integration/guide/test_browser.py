"""The guide's section on mirroring the server in a browser, bundled, in Chromium."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .running import ADDRESS, given, snippet

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from .running import Running

    RunApp = Callable[..., Running]
    Bundle = Callable[[str], str]
    Serve = Callable[[str], str]

pytestmark = pytest.mark.browser

APPS = [
    pytest.param("app_on_startup.py", marks=pytest.mark.starlette0),
    "app_lifespan.py",
]
SSE_APPS = [
    pytest.param("sse_on_startup.py", marks=pytest.mark.starlette0),
    "sse_lifespan.py",
]

# What the guide leaves to its reader, and a way for this test to reach into the page.
BEFORE = """
const seen: number[] = [];
const render = (value: { tick: number }) => {
  document.body.textContent = JSON.stringify(value);
  seen.push(value.tick);
};
"""
AFTER = """
Object.assign(window, { seen, propose: () => { %s } });
"""


def without_import(code: str) -> str:
    """Leave out the import that a later snippet of the same page repeats."""
    return "\n".join(line for line in code.splitlines() if not line.startswith("import"))


def at(running: Running, code: str) -> str:
    """Have a snippet connect to where the guide's server is here, and call the package by its name.

    `1kbgz/transports` in the guide is `@1kbgz/transports` in full.
    """
    return code.replace('"1kbgz/', '"@1kbgz/').replace(ADDRESS, running.address)


def open_page(browser: Browser, url: str) -> Page:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    page.wait_for_function("document.body.textContent.includes('tick')")
    assert not errors
    return page


@pytest.mark.promise("guide.mirror-browser")
@pytest.mark.parametrize("app", APPS)
def test_mirror_the_server_in_a_browser_and_send_an_edit(
    run_app: RunApp, bundle: Bundle, serve: Serve, browser: Browser, app: str
) -> None:
    running = run_app(app)
    mirror = snippet("mirror.ts").replace("fromValue }", "fromValue, toValue }")
    code = BEFORE + mirror + AFTER % without_import(snippet("edit.ts"))
    page = open_page(browser, serve(bundle(at(running, code))))
    page.evaluate("propose()")
    # The local mirror updates when the server echoes: the count jumps, and goes on from there.
    page.wait_for_function("seen.at(-1) > 10")
    seen: list[int] = page.evaluate("seen")
    assert any(after - before > 1 and after == 10 for before, after in pairwise(seen))


@pytest.mark.promise("guide.msgpack-browser")
@pytest.mark.parametrize("app", APPS)
def test_use_messagepack_in_a_browser(
    run_app: RunApp, bundle: Bundle, serve: Serve, browser: Browser, app: str
) -> None:
    running = run_app(app)
    plain = snippet("mirror.ts")
    connecting = plain[plain.index("const client") : plain.index("ws.addEventListener")]
    code = BEFORE + plain.replace(connecting, snippet("msgpack.ts"))
    page = browser.new_page()
    kinds: list[type] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: kinds.append(type(frame))),
    )
    page.goto(serve(bundle(at(running, code))))
    expect(page.locator("body")).to_contain_text("tick")
    assert set(kinds) == {bytes}


@pytest.mark.promise("guide.sse-browser")
@pytest.mark.parametrize("app", SSE_APPS)
def test_stream_receive_only_updates_in_a_browser(
    run_app: RunApp, bundle: Bundle, serve: Serve, browser: Browser, app: str
) -> None:
    running = run_app(app, given())
    imports = 'import init, { Client, fromValue } from "1kbgz/transports";\n\nawait init();\n'
    listening = snippet("mirror.ts").partition("ws.addEventListener")[2]
    code = BEFORE + imports + snippet("sse_mirror.ts") + f"events.addEventListener{listening}"
    page = open_page(browser, serve(bundle(at(running, code + AFTER % ""))))
    page.wait_for_function("new Set(seen).size > 3")
    seen: list[int] = page.evaluate("seen")
    assert seen == sorted(seen)
