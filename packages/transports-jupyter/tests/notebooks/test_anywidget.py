"""A widget is served: any number of views, in any number of pages, that come and go."""

import gc
import threading
import weakref
from typing import Any

import anywidget
import pytest
from transports_core import Server, Session, TransportsError, sync
from transports_core.connection import Tenant
from transports_core.limits import Limits
from transports_jupyter import serve_anywidget

from .ends import Counter, View, Widget
from .test_comm import Scoped

NAMES = [None, "a"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_sent_before_a_view_is_ready(
    server: Server, widget: Widget, counter: Counter, name: str | None
) -> None:
    serve_anywidget(server, widget)
    counter.tick = 1
    sync(server)
    assert widget.sent == []
    assert View(widget, name).ready().shown == [{"tick": 1}]


def test_frames_are_sent_as_the_guide_has_it(server: Server, widget: Widget) -> None:
    serve_anywidget(server, widget)
    widget.say({"ready": True})
    assert widget.sent
    assert [list(content) for content in widget.sent] == [["wire"]] * len(widget.sent)


@pytest.mark.parametrize("name", NAMES)
def test_what_changed_is_sent_when_it_is_synced(
    server: Server, widget: Widget, counter: Counter, name: str | None
) -> None:
    serve_anywidget(server, widget)
    view = View(widget, name).ready()
    counter.tick = 1
    sync(server)
    widget.settle()
    assert view.shown == [{"tick": 1}]


@pytest.mark.parametrize("name", NAMES)
def test_an_edit_changes_the_model_and_comes_back(
    server: Server, widget: Widget, counter: Counter, name: str | None
) -> None:
    serve_anywidget(server, widget)
    view = View(widget, name).ready()
    view.say(wire=view.client.edit(1, {"tick": 5}))
    widget.settle()
    assert counter.tick == 5
    assert view.shown == [{"tick": 5}]


@pytest.mark.promise("failure.33", "jupyter.views")
@pytest.mark.parametrize("names", [(None, None, None), ("a", "b", "c"), (None, "b", None)])
def test_every_view_is_shown_everything_and_stays_up_to_date(
    server: Server, widget: Widget, counter: Counter, names: tuple[str | None, ...]
) -> None:
    serve_anywidget(server, widget)
    views: list[View] = []
    for name in names:
        counter.tick += 1
        views.append(View(widget, name).ready())
        assert [view.shown for view in views] == [[{"tick": counter.tick}]] * len(views)
    counter.tick += 1
    sync(server)
    widget.settle()
    assert [view.shown for view in views] == [[{"tick": counter.tick}]] * len(views)


@pytest.mark.promise("jupyter.views")
def test_view_resumes_from_its_own_cursor(server: Server, widget: Widget, counter: Counter) -> None:
    connection = serve_anywidget(server, widget)
    one, other = View(widget, "a").ready(), View(widget, "b").ready()
    one.say(gone=True)
    assert connection.views == 1
    counter.tick = 1
    sync(server)
    widget.settle()
    assert (one.shown, other.shown) == ([{"tick": 0}], [{"tick": 1}])
    one.say(ready=True, since=one.client.cursor)
    assert not any('"snapshot"' in content.get("wire", "") for content in widget.sent)
    widget.settle()
    assert one.shown == [{"tick": 1}]


@pytest.mark.promise("failure.33")
@pytest.mark.parametrize("at_once", [1, 3])
def test_pages_that_were_reloaded_leave_nothing(
    server: Server, widget: Widget, counter: Counter, at_once: int
) -> None:
    connection = serve_anywidget(server, widget)
    elsewhere = View(widget, "elsewhere").ready()
    views: list[View] = []
    for load in range(20):
        for view in views:
            view.vanish()
        views = [View(widget, f"{load}-{n}").ready() for n in range(at_once)]
        counter.tick += 1
        sync(server)
        widget.settle()
        counter.tick += 1
        sync(server)
        widget.settle()
        assert connection.views == 1 + at_once
        assert [view.shown for view in (elsewhere, *views)] == [[counter.model_dump()]] * (
            1 + at_once
        )


def test_lone_views_leave_no_more_than_the_last_of_them(server: Server, widget: Widget) -> None:
    connection = serve_anywidget(server, widget)
    for load in range(20):
        View(widget, str(load)).ready().vanish()
    assert connection.views <= 3


@pytest.mark.promise("jupyter.views")
def test_view_that_was_given_up_too_early_resumes(
    server: Server, widget: Widget, counter: Counter
) -> None:
    connection = serve_anywidget(server, widget)
    slow, quick = View(widget, "slow").ready(), View(widget, "quick").ready()
    slow.vanish()
    View(widget, "new").ready()
    for tick in (1, 2, 3):
        counter.tick = tick
        sync(server)
        widget.settle()
    assert connection.views == 2
    widget.views.append(slow)
    slow.say(here=1)
    widget.settle()
    assert connection.views == 3
    assert slow.shown == quick.shown == [{"tick": 3}]


def test_edit_of_a_view_that_is_not_known_asks_it_to_begin_again(
    server: Server, widget: Widget, counter: Counter
) -> None:
    serve_anywidget(server, widget)
    view = View(widget, "a").ready()
    view.say(gone=True)
    counter.tick = 1
    view.say(wire=view.client.edit(1, {"tick": 5}))
    widget.settle()
    assert view.shown == [{"tick": 1}]


def test_view_asks_for_the_standard_dialect(
    server: Server, widget: Widget, counter: Counter
) -> None:
    class Text(Counter):
        text: str = ""

    model = Text()
    server.session.host(model)
    serve_anywidget(server, widget)
    widget.say({"ready": True, "view": "a", "ops": "rfc6902", "v": "1"})
    widget.sent.clear()
    model.text += "abc"
    sync(server)
    (content,) = widget.sent
    assert '"replace"' in content["wire"]


@pytest.mark.parametrize("name", NAMES)
def test_malformed_frame_closes_its_view_alone(
    server: Server, widget: Widget, counter: Counter, name: str | None
) -> None:
    connection = serve_anywidget(server, widget)
    view, other = View(widget, name).ready(), View(widget, "other").ready()
    view.say(wire="{")
    widget.settle()
    assert view.closed is not None
    assert view.closed["code"] == 4400
    assert connection.views == 1
    counter.tick = 1
    sync(server)
    widget.settle()
    assert other.shown == [{"tick": 1}]


def test_refused_view_is_told(widget: Widget, counter: Counter) -> None:
    session = Session()
    session.host(counter)
    connection = serve_anywidget(Server(session, limits=Limits(connections=1)), widget)
    one, other = View(widget, "a").ready(), View(widget, "b").ready()
    assert (one.closed, one.shown) == (None, [{"tick": 0}])
    assert other.closed is not None
    assert other.closed["code"] == 1013
    assert connection.views == 1


@pytest.mark.parametrize(
    "content",
    [
        None,
        1,
        "ready",
        [],
        {},
        {"ready": 1},
        {"wire": "{}"},
        {"wire": 3},
        {"gone": True},
        {"here": 1},
    ],
)
def test_what_means_nothing_does_nothing(server: Server, widget: Widget, content: Any) -> None:
    connection = serve_anywidget(server, widget)
    widget.say(content)
    assert widget.sent == []
    assert connection.views == 0


@pytest.mark.parametrize("codec", ["msgpack", "nothing"])
def test_codec_other_than_json_is_refused(server: Server, widget: Widget, codec: str) -> None:
    with pytest.raises(ValueError, match=codec) as raised:
        serve_anywidget(server, widget, codec=codec)
    assert isinstance(raised.value, TransportsError)
    assert widget.callbacks == []


@pytest.mark.promise("jupyter.contained")
def test_widget_that_fails_keeps_no_other_from_being_sent_to(
    server: Server, widget: Widget, counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Widget()
    views: list[View] = []
    for one in (broken, widget):
        serve_anywidget(server, one)
        views.append(View(one, "a").ready())
    broken.fails = True
    counter.tick = 1
    sync(server)
    widget.settle()
    assert views[1].shown == [{"tick": 1}]
    assert len(caplog.records) == 1
    # If it was not for good, the view heals.
    broken.fails = False
    views[0].say(here=0)
    broken.settle()
    assert views[0].shown == [{"tick": 1}]


def test_key_is_shown_the_widget_unless_a_tenant_is_named(widget: Widget, counter: Counter) -> None:
    session = Session()
    session.host(counter)
    server = Scoped(session)
    serve_anywidget(server, widget)
    widget.say({"ready": True})
    assert server.scope is widget
    other = Widget()
    serve_anywidget(server, other, tenant="blue")
    other.say({"ready": True})
    assert server.scope == Tenant("blue")


def test_closed_connection_serves_nobody(server: Server, widget: Widget, counter: Counter) -> None:
    connection = serve_anywidget(server, widget)
    view = View(widget, "a").ready()
    connection.close()
    widget.settle()
    assert view.closed is not None
    assert view.closed["code"] == 1001
    counter.tick = 1
    sync(server)
    widget.say({"ready": True, "view": "b"})
    assert widget.sent == []
    assert connection.views == 0
    assert server.due() is None


class Real(anywidget.AnyWidget):
    _esm = "export default {}"


def test_nothing_is_left_of_a_real_widget_that_was_closed(server: Server) -> None:
    widget: Any = Real()
    connection = serve_anywidget(server, widget)
    widget._handle_custom_msg({"ready": True}, [])
    assert connection.views == 1
    widget.close()
    assert connection.views == 0
    gone = weakref.ref(widget)
    del widget, connection
    gc.collect()
    assert gone() is None


@pytest.mark.promise("serving.turns")
def test_messages_on_another_thread_take_turns_with_writes_and_syncs(
    server: Server, widget: Widget, counter: Counter
) -> None:
    serve_anywidget(server, widget)

    def come_and_go() -> None:
        for n in range(200):
            widget.say({"ready": True, "view": str(n % 7)})
            widget.say({"gone": True, "view": str(n % 5)})

    thread = threading.Thread(target=come_and_go)
    thread.start()
    while thread.is_alive():
        counter.tick += 1
        sync(server)
    thread.join()
    widget.sent.clear()
    assert View(widget, "last").ready().shown == [counter.model_dump()]
