"""The notebook in `examples/` runs, and its widget shows what it does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .lab import Notebook
from .room import field, shown

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from .lab import JupyterServer


@pytest.mark.browser
@pytest.mark.promise("example.notebook")
def test_notebook_runs_and_shows_what_it_does(
    root: Path, lab: Page, jupyter: JupyterServer
) -> None:
    text = (root / "examples" / "notebooks" / "greenhouse.ipynb").read_text(encoding="utf-8")
    (jupyter.folder / "greenhouse.ipynb").write_text(text, encoding="utf-8")
    cells = json.loads(text)["cells"]
    assert all(not cell.get("outputs") for cell in cells)
    notebook = Notebook(lab, "greenhouse.ipynb")
    notebook.open()
    for at, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            notebook.run_cell(at)
    view = notebook.views.first
    shown(view, "live")
    expect(field(view, "/hour")).to_have_value("47")
    expect(field(view, "/beds/2/plant")).to_have_value("chilli")
    field(view, "/target").fill("90")
    field(view, "/target").press("Enter")
    expect(view.get_by_role("alert").filter(has_text="less than or equal to 40")).to_be_visible()
    field(view, "/target").fill("30")
    field(view, "/target").press("Enter")
    expect(field(view, "/target")).to_have_value("30")
    notebook.run("assert greenhouse.target == 30")
    # The last cell has run, so none before it has failed.
    notebook.run("tell")
