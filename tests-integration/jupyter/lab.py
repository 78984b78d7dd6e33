"""JupyterLab and Notebook 7, from one real server, in a real browser."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

# Added to every page: the notebook that is open in it, once there is nothing left to load.
OPENED = """
window.openedNotebook = async () => {
    for (;;) {
        const app = window.jupyterapp;
        await app?.restored;
        const panel = [...(app?.shell.widgets("main") ?? [])].find((it) => it.content?.activeCell);
        await panel?.context.ready;
        await panel?.sessionContext.ready;
        const kernel = panel?.sessionContext.session?.kernel;
        if (kernel?.connectionStatus === "connected" && kernel.status === "idle") {
            return { commands: app.commands, panel, kernel };
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
};
"""
READY = "async () => { await window.openedNotebook(); }"
# Cells are run by command: keys would go to whatever has the focus.
RUN_CELL = """async (at) => {
    const { commands, panel } = await window.openedNotebook();
    panel.content.activeCellIndex = at;
    await commands.execute("notebook:run-cell");
}"""
# Beside the cells, as if a cell that is not shown had run.
RUN_CODE = """async (code) => {
    const { kernel } = await window.openedNotebook();
    const { content } = await kernel.requestExecute({ code }).done;
    return content.status === "ok" ? "" : content.traceback.join("\\n");
}"""
BEGIN_CODE = """async (code) => {
    const { kernel } = await window.openedNotebook();
    kernel.requestExecute({ code });
}"""
SAVE = "async () => (await window.openedNotebook()).panel.context.save()"
RESTART = "async () => (await window.openedNotebook()).kernel.restart()"
CLEAR = """async (at) => {
    const { panel } = await window.openedNotebook();
    panel.content.widgets[at].model.sharedModel.setOutputs([]);
}"""


def free_port() -> int:
    """Find a port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A Jupyter server: JupyterLab under `/lab`, Notebook 7 under `/notebooks`."""

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
                "--LabApp.news_url=",
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        transport = httpx.HTTPTransport(retries=20)
        with httpx.Client(transport=transport, timeout=60) as client:
            client.get(f"{self.address}/api").raise_for_status()

    def stop(self) -> None:
        """End it, and its kernels."""
        self._process.terminate()
        self._process.wait(60)
        self._log.close()

    def notebook(self, name: str, *cells: str) -> str:
        """Put a notebook into the server's folder; give its name."""
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


class Notebook:
    """A notebook that is open in a page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url
        page.add_init_script(OPENED)
        self.open()

    def open(self) -> None:
        """Load the page, or load it again."""
        self.page.goto(self._url)
        self.page.evaluate(READY)

    def run_cell(self, at: int) -> None:
        """Run a cell, and wait until it has ended."""
        self.page.evaluate(RUN_CELL, at)

    def run(self, code: str) -> None:
        """Run code in the kernel."""
        problem = self.page.evaluate(RUN_CODE, code)
        assert not problem, problem

    def begin(self, code: str) -> None:
        """Have the kernel begin to run code."""
        self.page.evaluate(BEGIN_CODE, code)

    def restart(self) -> None:
        """Restart the kernel."""
        self.page.evaluate(RESTART)
        self.page.evaluate(READY)

    def save(self) -> None:
        """Save the notebook, so that its outputs are there when it is opened again."""
        self.page.evaluate(SAVE)

    def clear(self, at: int) -> None:
        """Clear what a cell has put out."""
        self.page.evaluate(CLEAR, at)

    @property
    def views(self) -> Locator:
        """The views of widgets, in all outputs."""
        return self.page.locator(".transports")
