"""The tutorial works as its reader would follow it, in a real browser."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

BLOCK = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
ADDRESS = "127.0.0.1:8000"
TOLD = """

async def told():
    while not (HERE / "buy").exists():
        await asyncio.sleep(0.01)
    (HERE / "buy").unlink()
"""


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "tutorial" / "first-live-model.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def blocks(page: str) -> dict[str, str]:
    return {block[1]: block[2] for block in BLOCK.finditer(page)}


class Served:
    """The reader's folder, and what runs in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        self._server: subprocess.Popen[str] | None = None

    def write(self, name: str, text: str) -> None:
        """Write a file as the tutorial says."""
        (self.folder / name).write_text(text.replace(ADDRESS, self.address))

    def start(self) -> None:
        """Run `uvicorn app:app`, and wait until it listens."""
        port = self.address.partition(":")[2]
        command = [sys.executable, "-m", "uvicorn", "app:app", "--port", port]
        self._server = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE, text=True)
        assert self._server.stderr is not None
        said = ""
        for line in self._server.stderr:
            said += line
            if "running on" in line:
                return
        pytest.fail(said)

    def stop(self) -> None:
        """Press Ctrl-C."""
        if self._server is not None:
            self._server.terminate()
            self._server.communicate(timeout=20)
            self._server = None


@pytest.fixture
def served(root: Path, tmp_path: Path) -> Iterator[Served]:
    installed = tmp_path / "node_modules" / "@1kbgz" / "transports"
    installed.parent.mkdir(parents=True)
    installed.symlink_to(root / "js-packages" / "client")
    served = Served(tmp_path)
    yield served
    served.stop()


def entries(page: Page, *texts: str) -> None:
    expect(page.locator("#items li")).to_have_text(list(texts), timeout=30_000)


def add(page: Page, name: str) -> None:
    page.locator("#name").fill(name)
    page.get_by_role("button", name="Add").click()


@pytest.mark.promise("docs.tutorial")
def test_tutorial_works_as_written(
    served: Served, browser: Browser, page: str, blocks: dict[str, str]
) -> None:
    served.write("app.py", blocks["app.py"])
    served.write("index.html", blocks["index.html"])
    served.start()
    one, other = browser.new_context().new_page(), browser.new_context().new_page()
    frames: list[str] = []
    one.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))),
    )
    for window in (one, other):
        window.goto(f"http://{served.address}/")
        entries(window, "bread", "tea")
    expect(one.locator("#status")).to_have_text("open")

    add(one, "eggs")
    entries(other, "bread", "tea", "eggs")
    other.get_by_text("tea").click()
    entries(one, "bread", "tea (done)", "eggs")

    add(one, "")
    (said,) = re.findall(r"^> (.*)$", page, re.MULTILINE)
    expect(one.get_by_role("alert")).to_have_text(said)
    entries(other, "bread", "tea (done)", "eggs")

    *lines, last = blocks["app.py"].splitlines(keepends=True)
    assert last.startswith("app = ")
    changed = "".join([*lines, blocks["app.py, its last line"]])
    above = f"\n\n{blocks['app.py, above routes']}\n\nroutes = "
    changed = changed.replace("\n\nroutes = ", above)
    served.stop()
    # The neighbour buys when the test says so, in place of every five seconds.
    served.write("app.py", changed.replace("asyncio.sleep(5)", "told()") + TOLD)
    served.start()
    for window in (one, other):
        entries(window, "bread", "tea")
    frames.clear()
    bought = ["bread", "tea"]
    for name in ("milk", "apples", "soap"):
        (served.folder / "buy").touch()
        bought.append(name)
        for window in (one, other):
            entries(window, *bought)
    assert frames[0] in page

    served.write("watch.py", blocks["watch.py"])
    watching = subprocess.Popen(
        [sys.executable, "-u", "watch.py"], cwd=served.folder, stdout=subprocess.PIPE, text=True
    )
    assert watching.stdout is not None
    assert watching.stdout.readline() == "['bread', 'tea', 'milk', 'apples', 'soap']\n"
    watching.terminate()
    watching.communicate()
