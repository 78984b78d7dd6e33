"""What a newcomer sees after `git clone` and `make demo`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, WebSocket

    from .running import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


class Room:
    """One tab with the page in it, and what went over its socket."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.page: Page = browser.new_context().new_page()
        self.received: list[dict[str, Any]] = []
        self.errors: list[str] = []
        self.page.on("websocket", self._watch)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(url)
        # Still here after a restart, if nothing was loaded again.
        self.page.evaluate("window.sameDocument = true")

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self._take(json.loads(frame)))

    def _take(self, content: Any) -> None:
        self.received += content if isinstance(content, list) else [content]

    def operations(self, path: str) -> list[dict[str, Any]]:
        return [op for m in self.received for op in m.get("ops", []) if op["path"] == path]

    def is_live(self) -> None:
        expect(self.page.locator("#status")).to_have_text("live", timeout=60_000)

    def moves(self) -> None:
        """Wait until the pressure is another one than now."""
        before = self.page.evaluate("pressure.value")
        self.page.wait_for_function("before => pressure.value !== before", arg=before)

    def tasks(self, *titles: str) -> None:
        expect(self.page.locator("#tasks li span")).to_have_text(list(titles))


@pytest.fixture
def rooms(demo: Demo, browser: Browser) -> tuple[Room, Room]:
    one, two = Room(browser, demo.url), Room(browser, demo.url)
    for room in (one, two):
        room.is_live()
    return one, two


@pytest.mark.promise("demo.live")
def test_models_move_and_text_streams_in_by_the_word(rooms: tuple[Room, Room]) -> None:
    for room in rooms:
        room.moves()
        for _ in range(5):
            before = room.page.evaluate("text.textContent")
            room.page.wait_for_function("before => text.textContent !== before", arg=before)
        texts = [op for op in room.operations("/text") if op["op"] != "append"]
        assert not [op for op in texts if op.get("value")], "the whole text was sent again"
        assert room.operations("/text")
        assert not room.errors


@pytest.mark.promise("demo.edit")
def test_an_edit_in_one_tab_comes_back_to_both(rooms: tuple[Room, Room]) -> None:
    one, two = rooms
    initial = one.page.locator("#tasks li span").all_inner_texts()
    one.page.get_by_placeholder("Something to do").fill("Fischtreppe prüfen ☂")
    one.page.get_by_role("button", name="Add").click()
    for room in rooms:
        room.tasks(*initial, "Fischtreppe prüfen ☂")
    two.page.get_by_role("button", name="Earlier").last.click()
    for room in rooms:
        room.tasks(*initial[:-1], "Fischtreppe prüfen ☂", initial[-1])
    two.page.get_by_label("Fischtreppe prüfen ☂: done").check()
    expect(one.page.get_by_label("Fischtreppe prüfen ☂: done")).to_be_checked()
    one.page.locator("#tasks li").nth(len(initial) - 1).get_by_label("Remove").click()
    for room in rooms:
        room.tasks(*initial)
        assert not room.errors


@pytest.mark.promise("demo.refusal")
def test_an_invalid_edit_is_refused_in_the_models_own_words(rooms: tuple[Room, Room]) -> None:
    one, two = rooms
    slide = "(slider, to) => { slider.value = to; slider.dispatchEvent(new Event('change')) }"
    refusal = one.page.locator("#station-refusal")
    one.page.locator("#speed").evaluate(slide, "105")
    expect(refusal).to_have_text("Input should be less than or equal to 100")
    expect(one.page.locator("#speed-shown")).to_have_js_property("value", "35")
    expect(one.page.locator("#speed")).to_have_js_property("value", "35")

    one.page.locator("#valve").click()
    expect(refusal).to_contain_text("open the valve before the pumps run above 20 %")
    expect(one.page.locator("#valve")).to_be_checked()
    expect(two.page.locator("#valve")).to_be_checked()
    expect(two.page.locator("#station-refusal")).to_be_hidden()

    one.page.get_by_role("button", name="Add").click()
    expect(one.page.locator("#rota-refusal")).to_have_text(
        "String should have at least 1 character"
    )
    assert not one.errors
    assert not two.errors


@pytest.mark.promise("demo.heals", "failure.1")
def test_a_killed_server_that_comes_back_heals_without_a_reload(
    demo: Demo, rooms: tuple[Room, Room]
) -> None:
    one, two = rooms
    one.page.get_by_placeholder("Something to do").fill("Gone with the old server")
    one.page.get_by_role("button", name="Add").click()
    expect(two.page.locator("#tasks li span").last).to_have_text("Gone with the old server")
    demo.kill()
    for room in rooms:
        expect(room.page.locator("#status")).not_to_have_text("live")
    demo.start()
    for room in rooms:
        room.is_live()
        room.moves()
        # The new life's state, and nothing of the old one's.
        expect(room.page.locator("#tasks")).not_to_contain_text("Gone with the old server")
        assert room.page.evaluate("window.sameDocument")
        assert not room.errors


@pytest.mark.promise("demo.pair")
def test_two_rooms_side_by_side_agree(demo: Demo, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(demo.url + "pair")
    frames = [
        page.frame_locator(f"iframe[title='{title}']") for title in ("One room", "Another room")
    ]
    frames[0].get_by_placeholder("Something to do").fill("Seen in both")
    frames[0].get_by_role("button", name="Add").click()
    for frame in frames:
        expect(frame.locator("#tasks li span").last).to_have_text("Seen in both")
