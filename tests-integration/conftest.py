"""What every test that ties packages together may ask for."""

import os
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

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


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    """Give a real Chromium that asks nobody for anything."""
    quiet = ["background-networking", "component-update", "sync", "quic"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--no-first-run", *(f"--disable-{what}" for what in quiet)],
        )
        yield browser
        browser.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what holds on Starlette below 1 alone, where Starlette is later."""
    if version("starlette").startswith("0."):
        return
    left_out = [item for item in items if item.get_closest_marker("starlette0")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
