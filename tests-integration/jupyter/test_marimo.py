"""The widget in a real marimo, as a notebook and as an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .lab import VIEWPORT
from .marimo_server import MarimoServer
from .room import field, shown

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.mark.promise("jupyter.widget", "failure.33", "failure.35")
@pytest.mark.parametrize("mode", ["edit", "run"])
def test_widget_is_shown_edited_and_updated(
    home: Path, tmp_path: Path, browser: Browser, mode: str
) -> None:
    del home
    server = MarimoServer(tmp_path, mode)
    try:
        page = browser.new_page(viewport=VIEWPORT)
        page.goto(server.address)
        view = page.locator(".transports")
        shown(view, "live")
        expect(field(view, "/speed")).to_have_value("3")
        field(view, "/speed").fill("5")
        field(view, "/speed").press("Enter")
        field(view, "/on").check()
        field(view, "/label").fill("99")
        field(view, "/speed").fill("11")
        field(view, "/speed").press("Enter")
        expect(view.get_by_role("alert").filter(has_text="less than or equal")).to_be_visible()
        expect(field(view, "/speed")).to_have_value("5")
        # What a cell writes is shown when it has ended.
        page.get_by_role("button", name="faster").click()
        expect(field(view, "/speed")).to_have_value("7")
        if mode == "edit":
            page.reload()
            shown(view, "live")
            expect(field(view, "/speed")).to_have_value("7")
            expect(field(view, "/label")).to_have_value("99")
            expect(field(view, "/on")).to_be_checked()
    finally:
        server.stop()
