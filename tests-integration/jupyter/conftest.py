"""Kernels and notebooks that keep to themselves."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .kernel import SERVED, Kernel
from .lab import JupyterServer, lab_page

# How long a busy machine may take, in milliseconds.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Have everything of Jupyter's look for its files in a folder of its own."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
            patch.setenv(f"JUPYTER_{name}", str(home / name.lower()))
        patch.setenv("IPYTHONDIR", str(home / "ipython"))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        yield home


@pytest.fixture(scope="package")
def running_kernel(home: Path) -> Iterator[Kernel]:
    """Give one kernel to all tests."""
    kernel = Kernel()
    yield kernel
    kernel.stop()


@pytest.fixture
def kernel(running_kernel: Kernel) -> Kernel:
    """Give a kernel in which a counter is hosted, anew for each test."""
    for known in (running_kernel.comms, running_kernel.frames, running_kernel.closed):
        known.clear()
    running_kernel.run(SERVED)
    return running_kernel


@pytest.fixture(scope="package")
def jupyter(home: Path) -> Iterator[JupyterServer]:
    """Give one server to all tests."""
    folder = home / "notebooks"
    folder.mkdir()
    server = JupyterServer(folder)
    yield server
    server.stop()


@pytest.fixture(scope="package")
def browser(launch: Callable[[], AbstractContextManager[Browser]]) -> Iterator[Browser]:
    """Give one browser to all tests."""
    with launch() as browser:
        yield browser


@pytest.fixture(scope="package")
def lab(browser: Browser, jupyter: JupyterServer) -> Iterator[Page]:
    """Give a page of JupyterLab, in which nothing may go wrong."""
    page = lab_page(browser, f"{jupyter.address}/lab")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []
