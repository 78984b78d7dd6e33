"""The guide's sections on Jupyter comms and on anywidget's custom messages, word for word."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .kernel import SERVED, tick
from .lab import Notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from .kernel import Kernel
    from .lab import JupyterServer

    Snippet = Callable[[str], str]

MUTATED = "# after mutating hosted models\n"

# What the guide leaves to its reader.
FRONT_END = """
import { Client, toValue } from "@1kbgz/transports";

interface Model {
  on(event: "msg:custom", listener: (content: { wire?: string }) => void): void;
  send(content: unknown): void;
}

function render({ model, el }: { model: Model; el: HTMLElement }) {
  %s
  const shown = document.createElement("button");
  shown.className = "of-the-guide";
  el.append(shown);
  client.onChange(() => {
    const [id] = client.ids();
    shown.textContent = JSON.stringify(client.value(id as number));
  });
  shown.addEventListener("click", () => {
    const id = client.ids()[0] as number;
    const value = toValue({ tick: 10 });
    %s
  });
}

export default { render };
"""


@pytest.fixture
def snippet(root: Path) -> Snippet:
    """Give a snippet of the guide, word for word."""
    folder = root / "tests-integration" / "guide" / "snippets"
    return lambda name: (folder / f"{name}.txt").read_text()


@pytest.fixture
def module(root: Path, tmp_path: Path) -> Callable[[str], str]:
    """Give what makes one module of TypeScript and all that it imports."""

    def build(code: str) -> str:
        (tmp_path / "front_end.ts").write_text(code)
        client = root / "js-packages" / "client" / "dist" / "index.js"
        command = [
            str(root / "node_modules" / ".bin" / "esbuild"),
            "front_end.ts",
            *("--bundle", "--format=esm", "--log-level=warning"),
            f"--alias:@1kbgz/transports={client}",
        ]
        env = {**os.environ, "NODE_PATH": str(root / "node_modules")}
        done = subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, check=True, text=True
        )
        return done.stdout

    return build


@pytest.mark.promise("guide.comm")
def test_use_a_jupyter_comm(kernel: Kernel, snippet: Snippet) -> None:
    serving, mutated, syncing = snippet("comm.py").partition(MUTATED)
    assert mutated
    kernel.run(serving)
    _, client = kernel.only
    assert tick(client) == 0
    # The last line runs without the help of the end of its cell.
    kernel.run(f"counter.tick = 3\n{syncing}\ncounter.tick = 4")
    assert tick(client) == 4
    assert [frame for frame in kernel.frames[kernel.only[0]] if '"value":3' in frame]
    with pytest.raises(AssertionError, match="UnsupportedCodecError"):
        kernel.run("transports.serve_comm(server, comm, codec='msgpack')")


@pytest.mark.browser
@pytest.mark.promise("guide.anywidget")
def test_use_anywidget_custom_messages(
    lab: Page, jupyter: JupyterServer, snippet: Snippet, module: Callable[[str], str]
) -> None:
    esm = module(FRONT_END % (snippet("anywidget.ts"), snippet("anywidget_edit.ts")))
    serving, mutated, syncing = snippet("anywidget.py").partition(MUTATED)
    assert mutated
    (jupyter.folder / "front_end.json").write_text(json.dumps(esm))
    widget = """
import json, pathlib, anywidget

class Widget(anywidget.AnyWidget):
    _esm = json.loads(pathlib.Path("front_end.json").read_text())

widget = Widget()
"""
    show = f"counter.tick = 3\n{syncing}\nwidget"
    notebook = Notebook(lab, jupyter.notebook(SERVED, widget + serving, show, "widget"))
    notebook.open()
    for at in range(4):
        notebook.run_cell(at)
    # Both views of the widget, neither of which has a name.
    views = lab.locator(".of-the-guide")
    expect(views).to_have_text(['{"tick":3}'] * 2)
    notebook.run(f"counter.tick = 4\n{syncing}")
    expect(views).to_have_text(['{"tick":4}'] * 2)
    views.nth(1).click()
    expect(views).to_have_text(['{"tick":10}'] * 2)
    notebook.run("assert (counter.tick, conn.views) == (10, 1)")
