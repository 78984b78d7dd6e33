"""Comms and views come and go, and the kernel holds no more than before."""

import gc
import weakref
from itertools import count
from typing import Any

import pytest
from churning import growth
from transports_core import Limits, Server, Session, sync
from transports_jupyter import serve_anywidget, serve_comm

from .ends import Counter, Kept, View, Widget
from .test_comm import mirror

# Bytes, of all rounds of a window.
BOUND = 500
# So many that what fills up is full in some of them.
WINDOWS = 10


@pytest.fixture
def server(counter: Counter) -> Server:
    session = Session(max_log_entries=10)
    session.host(counter)
    return Server(session, limits=Limits(answers=10))


@pytest.mark.promise("memory.flat")
def test_comms_that_come_and_go_leave_nothing(server: Server, counter: Counter) -> None:
    def round() -> None:
        comm = Kept()
        connection = serve_comm(server, comm)
        client = mirror(comm)
        counter.tick += 1
        sync(server)
        mirror(comm, client)
        comm.say(client.edit(1, {"tick": "no number"}))
        mirror(comm, client)
        connection.close()
        comm.close()

    assert growth(round, 8, WINDOWS) < BOUND


@pytest.mark.promise("memory.flat")
def test_views_that_come_and_go_leave_nothing(server: Server, counter: Counter) -> None:
    widget = Widget()
    serve_anywidget(server, widget)
    names = count()

    def round() -> None:
        views = [View(widget, f"view {next(names)}").ready() for _ in range(3)]
        counter.tick += 1
        sync(server)
        widget.settle()
        assert [view.shown for view in views] == [[counter.model_dump()]] * 3
        for view in views:
            view.say(gone=True)
            view.vanish()

    assert growth(round, 8, WINDOWS) < BOUND


@pytest.mark.promise("memory.released")
@pytest.mark.parametrize("how", ["comm", "widget"])
def test_model_that_was_shown_and_edited_is_not_referred_to(server: Server, how: str) -> None:
    shown = Counter()
    id = server.session.host(shown)
    comm, widget = Kept(), Widget()
    edits: list[Any] = [{"tick": 5}, {"tick": "no number"}]
    if how == "comm":
        serve_comm(server, comm)
        client = mirror(comm)
        for edit in edits:
            comm.say(client.edit(id, edit))
    else:
        serve_anywidget(server, widget)
        view = View(widget, "one").ready()
        for edit in edits:
            view.say(wire=view.client.edit(id, edit))
    assert shown.tick == 5
    gone = weakref.ref(shown)
    server.session.unhost(id)
    del shown
    gc.collect()
    assert gone() is None
    comm.close()
