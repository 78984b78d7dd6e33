"""The widget in a real JupyterLab: shown, edited, updated, and alive or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .lab import Notebook, lab_page
from .room import HOST, field, model, shown

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from .lab import JupyterServer

pytestmark = pytest.mark.browser

SHOW = "shown = transports.widget(server); shown"


@pytest.fixture
def notebook(lab: Page, two_views: str) -> Notebook:
    """Give a notebook with two views of one widget, made anew for each test."""
    notebook = Notebook(lab, two_views)
    notebook.open()
    for at in range(3):
        notebook.run_cell(at)
    expect(notebook.views).to_have_count(2)
    return notebook


@pytest.fixture(scope="module")
def two_views(jupyter: JupyterServer) -> str:
    """Give the path of the notebook that these tests share, and with it its kernel."""
    return jupyter.notebook(HOST, SHOW, "shown")


@pytest.mark.promise("jupyter.widget", "jupyter.views")
def test_widget_shows_every_model_and_follows_the_kernel(notebook: Notebook) -> None:
    for view in (notebook.views.nth(0), notebook.views.nth(1)):
        shown(view, "live")
        expect(field(view, "/speed")).to_have_value("3")
        expect(field(view, "/on")).not_to_be_checked()
        expect(field(view, "/label")).to_have_value("main")
        expect(field(view, "/marks/1")).to_have_value("2")
        expect(field(view, "/place/x")).to_have_value("0.5")
    notebook.run("room.speed = 7; room.on = True; room.marks.append(9); room.place.x = 1.5")
    for view in (notebook.views.nth(0), notebook.views.nth(1)):
        expect(field(view, "/speed")).to_have_value("7")
        expect(field(view, "/on")).to_be_checked()
        expect(field(view, "/marks/2")).to_have_value("9")
        expect(field(view, "/place/x")).to_have_value("1.5")
    notebook.run("other = session.host(Place(x=4))")
    expect(field(model(notebook.views.nth(1), "Place"), "/x")).to_have_value("4")
    notebook.run("session.unhost(other)")
    expect(model(notebook.views.nth(1), "Place")).to_have_count(0)


@pytest.mark.promise("jupyter.widget", "jupyter.views")
def test_what_is_entered_changes_the_model_and_every_view(notebook: Notebook) -> None:
    one, other = notebook.views.nth(0), notebook.views.nth(1)
    field(one, "/speed").fill("5")
    field(one, "/speed").press("Enter")
    expect(field(other, "/speed")).to_have_value("5")
    field(other, "/on").check()
    expect(field(one, "/on")).to_be_checked()
    field(one, "/label").fill("ünïcode")
    field(one, "/label").press("Enter")
    expect(field(other, "/label")).to_have_value("ünïcode")
    one.get_by_label("add to /marks").fill("8")
    one.get_by_label("add to /marks").press("Enter")
    expect(field(other, "/marks/2")).to_have_value("8")
    other.locator("[title=Remove]").first.click()
    expect(field(one, "/marks/0")).to_have_value("2")
    expect(field(one, "/marks/2")).to_have_count(0)
    # What the model does not allow is refused in its own words, where it was entered.
    field(one, "/speed").fill("99")
    field(one, "/speed").press("Enter")
    expect(one.get_by_role("alert").filter(has_text="less than or equal to 10")).to_be_visible()
    expect(field(one, "/speed")).to_have_value("5")
    expect(other.get_by_role("alert").filter(has_text="less than")).to_have_count(0)
    notebook.run("""
assert (room.speed, room.on, room.label, room.marks) == (5, True, "ünïcode", [2, 8]), room
""")


@pytest.mark.promise("failure.33", "jupyter.views")
def test_reloaded_page_shows_everything_again_and_leaves_nothing(
    notebook: Notebook,
) -> None:
    shown(notebook.views.nth(1), "live")
    notebook.run("assert shown.connection.views == 2")
    notebook.save()
    for speed in (4, 5):
        notebook.run(f"room.speed = {speed}")
        notebook.reload()
        expect(notebook.views).to_have_count(2)
        for view in (notebook.views.nth(0), notebook.views.nth(1)):
            shown(view, "live")
            expect(field(view, "/speed")).to_have_value(str(speed))
    notebook.run("assert shown.connection.views == 2, shown.connection.views")
    # A view that is taken away is forgotten at once.
    notebook.clear(2)
    expect(notebook.views).to_have_count(1)
    notebook.run("assert shown.connection.views == 1, shown.connection.views")


@pytest.mark.promise("failure.33")
def test_second_tab_shows_everything_and_may_be_closed(
    notebook: Notebook, browser: Browser
) -> None:
    notebook.save()
    with notebook.second_tab(browser) as tab:
        expect(tab.views).to_have_count(2)
        field(tab.views.nth(0), "/speed").fill("6")
        field(tab.views.nth(0), "/speed").press("Enter")
        expect(field(notebook.views.nth(1), "/speed")).to_have_value("6")
        notebook.run("assert shown.connection.views == 4, shown.connection.views")
    notebook.run("room.speed = 7")
    expect(field(notebook.views.nth(1), "/speed")).to_have_value("7")
    # The page may have had no time to say goodbye, but it is missed.
    notebook.repeat(
        "for _ in range(50): room.ticks += 1; transports.sync(server)",
        until="shown.connection.views == 2",
    )


@pytest.mark.promise("failure.32")
def test_front_end_is_sent_once_however_many_widgets_there_are(
    browser: Browser, jupyter: JupyterServer
) -> None:
    page = lab_page(browser, f"{jupyter.address}/lab/workspaces/once")
    heard: list[bytes] = []

    def hear(frame: str | bytes) -> None:
        heard.append(frame.encode() if isinstance(frame, str) else frame)

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    notebook = Notebook(page, jupyter.notebook(HOST, *["transports.widget(server)"] * 4))
    notebook.open()
    for at in range(5):
        notebook.run_cell(at)
    expect(notebook.views).to_have_count(4)
    for at in range(4):
        shown(notebook.views.nth(at), "live")
    # Words that are in the front end alone.
    assert len([frame for frame in heard if b"nothing is hosted" in frame]) == 1
    page.close()


@pytest.mark.promise("jupyter.busy")
def test_long_cell_moves_what_is_shown_and_loses_no_edit(
    notebook: Notebook, tmp_path: Path
) -> None:
    view = notebook.views.nth(0)
    shown(view, "live")
    go = tmp_path / "go"
    notebook.begin(f"""
import pathlib
while not pathlib.Path({str(go)!r}).exists():
    room.ticks += 1
    transports.sync(server)
""")
    expect(field(view, "/ticks")).not_to_have_value("0")
    field(view, "/speed").fill("9")
    field(view, "/speed").press("Enter")
    go.touch()
    expect(field(notebook.views.nth(1), "/speed")).to_have_value("9")


@pytest.mark.promise("jupyter.loss")
def test_what_is_dropped_on_the_way_is_shown_after_all(notebook: Notebook) -> None:
    shown(notebook.views.nth(0), "live")
    # More than the server lets through from a kernel in a while, and nothing after the last. What
    # says that the cell has ended may be dropped as well, so that is not waited for.
    notebook.begin("for _ in range(4_000): room.ticks += 1; transports.sync(server)")
    for at in range(2):
        expect(field(notebook.views.nth(at), "/ticks")).to_have_value("4000")
    # The page is to hear that the kernel has nothing to do.
    notebook.run("pass")


@pytest.mark.promise("jupyter.restart")
def test_restarted_kernel_is_told_and_a_new_widget_works(notebook: Notebook) -> None:
    for view in (notebook.views.nth(0), notebook.views.nth(1)):
        shown(view, "live")
    notebook.restart()
    for view in (notebook.views.nth(0), notebook.views.nth(1)):
        shown(view, "disconnected")
        # What it was stays readable.
        expect(field(view, "/speed")).to_have_value("3")
    for at in range(3):
        notebook.run_cell(at)
    for view in (notebook.views.nth(0), notebook.views.nth(1)):
        shown(view, "live")
    notebook.run("room.speed = 10; assert shown.connection.views == 2")
    expect(field(notebook.views.nth(1), "/speed")).to_have_value("10")


@pytest.mark.promise("jupyter.restart")
def test_kernel_that_died_is_told(notebook: Notebook) -> None:
    for view in (notebook.views.nth(0), notebook.views.nth(1)):
        shown(view, "live")
    notebook.begin("import os; os._exit(1)")
    for view in (notebook.views.nth(0), notebook.views.nth(1)):
        shown(view, "disconnected")
