"""The widget in a real Notebook 7."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .lab import OPENED, VIEWPORT, Notebook
from .room import HOST, field, shown

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from .lab import JupyterServer

pytestmark = pytest.mark.browser


@pytest.mark.promise("jupyter.widget", "failure.33")
def test_widget_is_shown_edited_and_updated(jupyter: JupyterServer, browser: Browser) -> None:
    page = browser.new_page(viewport=VIEWPORT)
    page.add_init_script(OPENED)
    path = jupyter.notebook(HOST, "shown = transports.widget(server); shown")
    page.goto(f"{jupyter.address}/notebooks/{path}")
    page.wait_for_function("window.jupyterapp")
    notebook = Notebook(page, path)
    for at in range(2):
        notebook.run_cell(at)
    view = notebook.views.first
    shown(view, "live")
    field(view, "/speed").fill("5")
    field(view, "/speed").press("Enter")
    field(view, "/on").check()
    field(view, "/label").fill("notebook")
    field(view, "/label").press("Enter")
    field(view, "/speed").fill("11")
    field(view, "/speed").press("Enter")
    expect(view.get_by_role("alert").filter(has_text="less than or equal")).to_be_visible()
    notebook.run("assert (room.speed, room.on, room.label) == (5, True, 'notebook'), room")
    notebook.run("room.speed = 7")
    expect(field(view, "/speed")).to_have_value("7")
    notebook.save()
    notebook.reload()
    shown(view, "live")
    expect(field(view, "/label")).to_have_value("notebook")
    page.close()
