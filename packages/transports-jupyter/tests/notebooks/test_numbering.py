"""Frames are numbered, and the last numbers are told: Jupyter drops what comes too fast."""

import asyncio
import gc
import weakref
from typing import Any

import pytest
from transports_core import Server, sync
from transports_jupyter import numbering, serve_anywidget

from .ends import Counter, Widget

pytestmark = pytest.mark.promise("jupyter.loss")


@pytest.fixture(autouse=True)
def short_silences(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no silence last longer than a turn of the event loop."""
    monkeypatch.setattr(numbering, "SILENCES", (0, 0, 0))


async def told(widget: Widget) -> list[Any]:
    """Give the last numbers as often as they are told, once no more is said."""
    for _ in range(20):
        await asyncio.sleep(0)
    return [content["numbers"] for content in widget.sent if "numbers" in content]


def numbers(widget: Widget, view: str) -> list[int]:
    return [content["number"] for content in widget.sent if content.get("view") == view]


def test_frames_of_each_view_are_numbered(server: Server, widget: Widget, counter: Counter) -> None:
    serve_anywidget(server, widget)
    widget.say({"ready": True, "view": "a"})
    counter.tick = 1
    sync(server)
    first = len(numbers(widget, "a"))
    widget.say({"ready": True, "view": "b"})
    widget.say({"gone": True, "view": "a"})
    widget.say({"ready": True, "view": "a"})
    again = len(numbers(widget, "a")) - first
    assert numbers(widget, "a") == [*range(1, first + 1), *range(1, again + 1)]
    assert numbers(widget, "b") == [*range(1, len(numbers(widget, "b")) + 1)]


async def test_last_numbers_are_told_three_times_and_no_more(
    server: Server, widget: Widget, counter: Counter
) -> None:
    serve_anywidget(server, widget)
    for name in "ab":
        widget.say({"ready": True, "view": name})
    for _ in range(2):
        counter.tick += 1
        sync(server)
        last = {name: numbers(widget, name)[-1] for name in "ab"}
        assert await told(widget) == [last] * 3
        widget.sent.clear()


async def test_nothing_is_told_until_there_is_silence(
    server: Server, widget: Widget, counter: Counter
) -> None:
    serve_anywidget(server, widget)
    widget.say({"ready": True, "view": "a"})
    for _ in range(20):
        counter.tick += 1
        sync(server)
        await asyncio.sleep(0)
    assert not any("numbers" in content for content in widget.sent)
    assert await told(widget) == [{"a": numbers(widget, "a")[-1]}] * 3


async def test_views_that_have_gone_are_told_nothing(server: Server, widget: Widget) -> None:
    serve_anywidget(server, widget)
    for name in "ab":
        widget.say({"ready": True, "view": name})
    widget.say({"gone": True, "view": "a"})
    assert [list(numbers) for numbers in await told(widget)] == [["b"]] * 3
    widget.sent.clear()
    widget.say({"ready": True, "view": "c"})
    for name in "bc":
        widget.say({"gone": True, "view": name})
    assert await told(widget) == []


async def test_waiting_keeps_nothing(server: Server, widget: Widget) -> None:
    connection = weakref.ref(serve_anywidget(server, widget))
    widget.say({"ready": True, "view": "a"})
    widget.say({"gone": True, "view": "a"})
    widget.callbacks.clear()
    gc.collect()
    assert connection() is None
    assert await told(widget) == []
