"""Frames are numbered, and the last numbers are told: Jupyter drops what comes too fast."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transports_core import Server, Session, sync
from transports_jupyter import numbering, serve_anywidget
from transports_jupyter.roll import PAUSE

from .ends import Counter, Numbered, Widget

pytestmark = pytest.mark.promise("jupyter.loss")


@pytest.fixture(autouse=True, scope="module")
def short_silences() -> Iterator[None]:
    """Have no silence last longer than a turn of the event loop."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering, "SILENCES", (0, 0, 0))
        yield


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


def carry(widget: Widget, drops: Iterator[bool]) -> None:
    """Have messages go both ways, but for some of the kernel's, and the last."""
    for dropped in islice(drops, 100):
        if widget.sent:
            content = widget.sent.pop(0)
            for view in () if dropped else list(widget.views):
                view.hear(content)
    widget.sent.clear()


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_whatever_is_dropped_all_views_show_the_model_after_silence(data: st.DataObject) -> None:
    counter = Counter()
    session = Session()
    session.host(counter)
    server, widget = Server(session), Widget()
    dropped = st.lists(st.booleans(), min_size=1, max_size=8).map(cycle)

    async def play() -> None:
        serve_anywidget(server, widget)
        views = [Numbered(widget, name) for name in "abc"]
        for view in views:
            view.say(ready=True)
        for drops in data.draw(st.lists(dropped, max_size=6)):
            for _ in range(data.draw(st.sampled_from([1, PAUSE + 1]))):
                counter.tick += 1
                sync(server)
            carry(widget, drops)
        # One is told at least, however often they begin again.
        while widget.sent or await told(widget):
            widget.settle()
        assert [view.shown for view in views] == [[{"tick": counter.tick}]] * 3

    asyncio.run(play())


async def test_waiting_keeps_nothing(server: Server, widget: Widget) -> None:
    connection = weakref.ref(serve_anywidget(server, widget))
    widget.say({"ready": True, "view": "a"})
    widget.say({"gone": True, "view": "a"})
    widget.callbacks.clear()
    gc.collect()
    assert connection() is None
    assert await told(widget) == []
