"""Two teams at their desks: what is theirs, and what both see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, WebSocket

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


class Desk:
    """One tab with a team's desk, and what went over its socket.

    Attributes:
        page: The tab.
        frames: Every frame that it was sent.
        closed: How its sockets were closed, as the client says.
    """

    def __init__(self, browser: Browser, url: str, team: str) -> None:
        self.page: Page = browser.new_context().new_page()
        self.frames: list[str] = []
        self.page.on("websocket", self._watch)
        self.page.goto(url + team)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.frames.append(str(frame)))

    def is_live(self) -> None:
        expect(self.page.locator("#status")).to_have_text("live", timeout=60_000)

    def write(self, text: str) -> None:
        self.page.fill("#text", text)
        self.page.locator("#text").blur()

    def hang_up(self, text: str) -> None:
        self.page.fill("#note", text)
        self.page.press("#note", "Enter")

    def shows(self, *notes: str) -> None:
        expect(self.page.locator("#notes li span")).to_have_text(list(notes))


@pytest.mark.promise("demo.shared-board", "failure.27")
def test_each_team_has_its_document_and_both_have_the_board(url: str, browser: Browser) -> None:
    harbour, lighthouse = (Desk(browser, url, team) for team in ("harbour", "lighthouse"))
    for desk in (harbour, lighthouse):
        desk.is_live()
        desk.shows("The crane is out of order until Friday")
    expect(harbour.page.locator("#title")).to_have_value("Notes of the harbour")
    expect(lighthouse.page.locator("#title")).to_have_value("Notes of the lighthouse")

    harbour.write("The pilot's salary")
    lighthouse.hang_up("Fog after ten")
    harbour.shows("The crane is out of order until Friday", "Fog after ten")
    harbour.page.get_by_label("Take down The crane is out of order until Friday").click()
    lighthouse.shows("Fog after ten")
    lighthouse.page.get_by_label("Fog after ten: done").check()
    expect(harbour.page.locator("#notes li.done span")).to_have_text("Fog after ten")

    # Another tab of the team sees what was written, and is told so after all of it.
    colleague = Desk(browser, url, "harbour")
    expect(colleague.page.locator("#text")).to_have_value("The pilot's salary")
    assert any("salary" in frame for frame in harbour.frames)
    assert not any("salary" in frame or "harbour" in frame for frame in lighthouse.frames)

    # The model refuses, and says why.
    harbour.hang_up("x" * 81)
    expect(harbour.page.locator("#refusal")).to_contain_text("80 characters")
    lighthouse.shows("Fog after ten")


@pytest.mark.promise("demo.shared-board", "failure.24")
def test_nobody_else_is_let_in(url: str, browser: Browser) -> None:
    stranger = Desk(browser, url, "pirates")
    expect(stranger.page.locator("#status")).to_have_text("closed", timeout=60_000)
    assert stranger.frames == []


@pytest.mark.promise("demo.shared-board")
def test_both_desks_are_shown_beside_one_another(url: str, browser: Browser) -> None:
    corridor = browser.new_page()
    corridor.goto(url)
    for team in ("harbour", "lighthouse"):
        desk = corridor.frame_locator(f'iframe[src="/{team}"]')
        expect(desk.locator("#status")).to_have_text("live", timeout=60_000)
        expect(desk.locator("#title")).to_have_value(f"Notes of the {team}")
