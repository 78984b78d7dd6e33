"""JupyterLab and Notebook 7, from one real server, in a real browser."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page, ViewportSize

# JupyterLab shows no cells that are out of sight.
VIEWPORT: ViewportSize = {"width": 1280, "height": 3000}

# Added to every page: a notebook that is open in it, once there is nothing left to load.
OPENED = """
window.openedNotebook = async (path) => {
    for (;;) {
        const app = window.jupyterapp;
        await app?.restored;
        const widgets = [...(app?.shell.widgets("main") ?? [])];
        const panel = widgets.find(({ context, content }) => {
            return context?.path === path && content.widgets?.length;
        });
        await panel?.context.ready;
        await panel?.sessionContext.ready;
        const kernel = panel?.sessionContext.session?.kernel;
        // So that it is found among others that are open in the page.
        if (panel) panel.node.dataset.notebook = path;
        if (kernel?.connectionStatus === "connected" && kernel.status === "idle") {
            return { app, panel, kernel };
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
};
"""
OPEN = """async ([path]) => {
    await window.jupyterapp.restored;
    await window.jupyterapp.commands.execute("docmanager:open", { path });
}"""
READY = "async ([path]) => { await window.openedNotebook(path); }"
# Cells are run by command: keys would go to whatever has the focus.
RUN_CELL = """async ([path, at]) => {
    const { app, panel } = await window.openedNotebook(path);
    app.shell.activateById(panel.id);
    panel.content.activeCellIndex = at;
    await app.commands.execute("notebook:run-cell");
}"""
# Beside the cells, as if a cell that is not shown had run.
RUN_CODE = """async ([path, code]) => {
    const { kernel } = await window.openedNotebook(path);
    const { content } = await kernel.requestExecute({ code }).done;
    return content.status === "ok" ? "" : content.traceback.join("\\n");
}"""
BEGIN_CODE = """async ([path, code]) => {
    const { kernel } = await window.openedNotebook(path);
    kernel.requestExecute({ code });
}"""
SAVE = "async ([path]) => { await (await window.openedNotebook(path)).panel.context.save(); }"
RESTART = "async ([path]) => { await (await window.openedNotebook(path)).kernel.restart(); }"
CLEAR = """async ([path, at]) => {
    const { panel } = await window.openedNotebook(path);
    panel.content.widgets[at].model.sharedModel.setOutputs([]);
}"""

_numbers = count(1)


def free_port() -> int:
    """Find a port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class JupyterServer:
    """A server of notebooks: JupyterLab under `/lab`, Notebook 7 under `/notebooks`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"http://127.0.0.1:{(port := free_port())}"
        self._log = (folder / "server.log").open("w")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                f"--ServerApp.port={port}",
                f"--ServerApp.root_dir={folder}",
                "--ServerApp.port_retries=0",
                "--IdentityProvider.token=",
                "--LabApp.expose_app_in_browser=True",
                "--JupyterNotebookApp.expose_app_in_browser=True",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        transport = httpx.HTTPTransport(retries=20)
        with httpx.Client(transport=transport, timeout=60) as client:
            client.get(f"{self.address}/api").raise_for_status()

    def stop(self) -> None:
        """End it, and its kernels, which end by themselves when it is gone."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            # It is Jupyter's own affair if it waits for a kernel, and no test is about that.
            self._process.kill()
            self._process.wait()
        self._log.close()

    def notebook(self, *cells: str) -> str:
        """Put a notebook into the server's folder; give its path."""
        name = f"notebook-{next(_numbers)}"
        notebook: dict[str, Any] = {
            "cells": [_cell(name, at, source) for at, source in enumerate(cells)],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.folder / f"{name}.ipynb").write_text(json.dumps(notebook))
        return f"{name}.ipynb"


def _cell(name: str, at: int, source: str) -> dict[str, Any]:
    return {
        "id": f"{name}-{at}",
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }


def lab_page(browser: Browser, url: str) -> Page:
    """Open a page of JupyterLab. What is open in it is kept for each workspace."""
    page = browser.new_page(viewport=VIEWPORT)
    page.add_init_script(OPENED)
    page.goto(url)
    page.wait_for_function("window.jupyterapp")
    return page


class Notebook:
    """A notebook that is open in a page."""

    def __init__(self, page: Page, path: str) -> None:
        self.page = page
        self._path = path

    def _do(self, what: str, *given: object) -> Any:
        return self.page.evaluate(what, [self._path, *given])

    def wait(self) -> None:
        """Wait until the notebook is there, and its kernel has nothing to do."""
        self._do(READY)

    def open(self) -> None:
        """Open it in JupyterLab, beside whatever is open there."""
        self._do(OPEN)
        self.wait()

    def reload(self) -> None:
        """Load the page again."""
        self.page.reload()
        self.wait()

    @contextmanager
    def second_tab(self, browser: Browser) -> Generator[Notebook]:
        """Open it in another page as well."""
        address = self.page.url.partition("/lab")[0]
        page = lab_page(browser, f"{address}/lab/workspaces/second")
        tab = Notebook(page, self._path)
        tab.open()
        yield tab
        page.close()

    def run_cell(self, at: int) -> None:
        """Run a cell, and wait until it has ended."""
        self._do(RUN_CELL, at)

    def run(self, code: str) -> None:
        """Run code in the kernel."""
        problem = self._do(RUN_CODE, code)
        assert not problem, problem

    def repeat(self, code: str, *, until: str) -> None:
        """Run code in the kernel as often as it takes until something holds there."""
        while self._do(RUN_CODE, f"assert {until}"):
            self.run(code)

    def begin(self, code: str) -> None:
        """Have the kernel begin to run code."""
        self._do(BEGIN_CODE, code)

    def restart(self) -> None:
        """Restart the kernel."""
        self._do(RESTART)
        self.wait()

    def save(self) -> None:
        """Save it, so that its outputs are there when it is opened again."""
        self._do(SAVE)

    def clear(self, at: int) -> None:
        """Clear what a cell has put out."""
        self._do(CLEAR, at)

    @property
    def views(self) -> Locator:
        """The views of widgets, in all outputs."""
        return self.page.locator(f"[data-notebook='{self._path}'] .transports")
