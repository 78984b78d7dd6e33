"""What every test that ties packages together may ask for."""

import os
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium, as `make setup` found or installed it."""
    linked = ROOT / ".tools" / "bin" / "chromium"
    candidates = [os.environ.get("CHROMIUM"), str(linked), "chromium", "google-chrome"]
    for executable in map(shutil.which, filter(None, candidates)):
        if executable is not None:
            return executable
    pytest.fail("there is no Chromium: `make setup` says what to install")


@pytest.fixture(scope="session")
def launch(chromium: str) -> Callable[[], AbstractContextManager[Browser]]:
    """Give what launches a real Chromium that asks nobody for anything."""

    @contextmanager
    def launch() -> Generator[Browser]:
        quiet = ["background-networking", "component-update", "sync", "quic"]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium,
                args=["--no-sandbox", "--no-first-run", *(f"--disable-{what}" for what in quiet)],
            )
            yield browser
            browser.close()

    return launch


@pytest.fixture
def browser(launch: Callable[[], AbstractContextManager[Browser]]) -> Iterator[Browser]:
    """Give a browser."""
    with launch() as browser:
        yield browser


@pytest.fixture
def bundle(root: Path, tmp_path: Path) -> Callable[[str], str]:
    """Give what bundles TypeScript as an application would that has the npm packages installed."""

    def build(code: str) -> str:
        package = tmp_path / "node_modules" / "@1kbgz" / "transports"
        package.parent.mkdir(parents=True)
        package.symlink_to(root / "js-packages" / "client")
        entry = tmp_path / "page.ts"
        entry.write_text(code)
        out = tmp_path / "bundled"
        subprocess.run(
            [
                root / "node_modules" / ".bin" / "esbuild",
                entry,
                "--bundle",
                "--format=esm",
                "--splitting",
                f"--outdir={out}",
                "--log-level=warning",
            ],
            env={**os.environ, "NODE_PATH": str(root / "node_modules")},
            check=True,
        )
        return str(out)

    return build


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture
def serve() -> Iterator[Callable[[str], str]]:
    """Give what serves a folder with a bundled `page.js`, and its address."""
    servers: list[ThreadingHTTPServer] = []

    def serve(folder: str) -> str:
        Path(folder, "index.html").write_text(
            '<!doctype html><link rel="icon" href="data:,"><body>nothing yet</body>'
            '<script type="module" src="page.js"></script>'
        )
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what holds on Starlette below 1 alone, where Starlette is later."""
    if version("starlette").startswith("0."):
        return
    left_out = [item for item in items if item.get_closest_marker("starlette0")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
