"""marimo, on a notebook of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import indent
from typing import TYPE_CHECKING

import httpx

from .lab import free_port
from .room import HOST

if TYPE_CHECKING:
    from pathlib import Path

# Cells run as soon as the page is there.
SETTINGS = """
[runtime]
auto_instantiate = true
"""
NOTEBOOK = f"""
import marimo

app = marimo.App()

@app.cell
def _():
{indent(HOST, "    ")}
    return room, server, transports

@app.cell
def _(server, transports):
    shown = transports.widget(server)
    return (shown,)

@app.cell
def _(shown):
    shown
    return

@app.cell
def _():
    import marimo
    faster = marimo.ui.button(label="faster", on_click=lambda value: value + 1, value=0)
    faster
    return (faster,)

@app.cell
def _(faster, room):
    if faster.value:
        room.speed = 6 + faster.value
    return

if __name__ == "__main__":
    app.run()
"""


class MarimoServer:
    """A server of one notebook, to be worked on (`edit`) or as an application (`run`)."""

    def __init__(self, folder: Path, mode: str) -> None:
        notebook = folder / f"{mode}.py"
        notebook.write_text(NOTEBOOK)
        (folder / "marimo").mkdir()
        (folder / "marimo" / "marimo.toml").write_text(SETTINGS)
        self.address = f"http://127.0.0.1:{(port := free_port())}"
        self._log = (folder / f"{mode}.log").open("w")
        command = ["marimo", "--quiet", mode, str(notebook), "--headless", "--no-token"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command, "--port", str(port)],
            env={**os.environ, "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        with httpx.Client(transport=httpx.HTTPTransport(retries=20), timeout=60) as client:
            client.get(f"{self.address}/health").raise_for_status()

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(60)
        self._log.close()
