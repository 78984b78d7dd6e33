"""The dashboard of the examples, in two tabs of one browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


class Dashboard:
    """`make dashboard` in this checkout, on one port."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.url = ""

    def start(self) -> None:
        port = self.url.rpartition(":")[2] or "0"
        self._process = subprocess.Popen(
            ["make", "dashboard", f"DEMO_ARGS=--port {port}"],
            cwd=self._root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stderr is not None
        said = ""
        for line in self._process.stderr:
            said += line
            if found := re.search(r"running on (http://[\d.]+:\d+)", line):
                self.url = found[1]
                return
        pytest.fail(said)

    def kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


@pytest.fixture
def dashboard(root: Path) -> Iterator[Dashboard]:
    dashboard = Dashboard(root)
    dashboard.start()
    yield dashboard
    dashboard.kill()


def moves(page: Page) -> None:
    """Wait for another measurement or two."""
    before = page.evaluate("Number(document.body.dataset.samples ?? 0)")
    page.wait_for_function("before => Number(document.body.dataset.samples) > before", arg=before)


@pytest.mark.promise("demo.dashboard")
def test_dashboard_lives_in_two_tabs_and_heals_when_its_server_was_killed(
    dashboard: Dashboard, browser: Browser
) -> None:
    context = browser.new_context()
    pages = [context.new_page(), context.new_page()]
    errors: list[str] = []
    for page in pages:
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(dashboard.url)
        page.evaluate("window.sameDocument = true")
        expect(page.locator("#status")).to_have_text("live")
        expect(page.locator("#name")).to_have_text(os.uname().nodename)
        moves(page)
        assert float(page.locator("#load").inner_text()) >= 0
    dashboard.kill()
    for page in pages:
        expect(page.locator("#status")).not_to_have_text("live", timeout=60_000)
    dashboard.start()
    for page in pages:
        expect(page.locator("#status")).to_have_text("live", timeout=60_000)
        moves(page)
        assert page.evaluate("window.sameDocument")
    assert errors == []
