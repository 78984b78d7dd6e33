"""Over comms and widgets: whatever pages come and go, each shows what the models are."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, rule
from tracking.models import Everything
from tracking.mutation import mutate
from transports_core import Client, Server, Session, sync
from transports_core.values import same
from transports_jupyter import serve_anywidget, serve_comm

from .ends import Kept, View, Widget


class Page:
    """A front end that mirrors what a comm brings."""

    def __init__(self, server: Server, since: Client | None = None) -> None:
        self.client = since or Client()
        self.comm = Kept()
        serve_comm(server, self.comm, since=self.client.cursor)

    def hear(self) -> None:
        while frames := self.comm.sent():
            for frame in frames:
                back = self.client.recv(frame)
                if back is not None:
                    self.comm.say(back)


class Notebook(RuleBasedStateMachine):
    comms = Bundle("comms")
    views = Bundle("views")

    @initialize(kept=st.sampled_from([3, 1000]))
    def begin(self, kept: int) -> None:
        self.session = Session(max_log_entries=kept)
        self.session.host(Everything())
        self.server = Server(self.session)
        self.widget = Widget()
        self.widget_connection = serve_anywidget(self.server, self.widget)
        self.pages: list[Page] = []
        self.looked = 0

    @rule()
    def host(self) -> None:
        self.session.host(Everything())

    @rule(data=st.data())
    def unhost(self, data: st.DataObject) -> None:
        if len(self.session.ids()) > 1:
            self.session.unhost(data.draw(st.sampled_from(self.session.ids())))

    @rule(data=st.data(), times=st.integers(1, 3))
    def write(self, data: st.DataObject, times: int) -> None:
        for _ in range(times):
            mutate(data, self.session.live(data.draw(st.sampled_from(self.session.ids()))))

    @rule()
    def end_cell(self) -> None:
        sync(self.server)

    @rule(target=comms)
    def open_comm(self) -> Page:
        self.pages.append(page := Page(self.server))
        return page

    @rule(page=consumes(comms), target=comms)
    def come_back(self, page: Page) -> Page:
        """Close a comm, and open another from where it was."""
        page.hear()
        self.pages.remove(page)
        page.comm.handle_close({})
        self.pages.append(again := Page(self.server, page.client))
        return again

    @rule(page=consumes(comms))
    def kill_comm(self, page: Page) -> None:
        self.pages.remove(page)
        page.comm.fails = True

    @rule(target=views)
    def show(self) -> View:
        self.looked += 1
        return View(self.widget, f"view {self.looked}").ready()

    @rule(view=consumes(views))
    def close_page(self, view: View) -> None:
        """Have a page go without a word."""
        view.vanish()

    @rule(view=views)
    def say_ready_again(self, view: View) -> None:
        self.widget.settle()
        view.ready()

    @rule(view=views)
    def edit(self, view: View) -> None:
        self.widget.settle()
        for id in view.client.ids():
            ops: Any = [{"op": "add", "path": "/numbers/0", "value": 1}]
            view.say(wire=view.client.edit_ops(id, ops))

    @rule()
    def settle(self) -> None:
        """Let everything arrive, and look."""
        sync(self.server)
        self.widget.settle()
        sync(self.server)
        self.widget.settle()
        truth = {id: self.session.value(id) for id in self.session.ids()}
        for page in self.pages:
            page.hear()
        for client in [each.client for each in (*self.pages, *self.widget.views)]:
            shown = {id: client.value(id) for id in client.ids()}
            assert shown.keys() == truth.keys()
            assert all(same(shown[id], truth[id]) for id in truth)

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.settle()
            self.widget_connection.close()
            for page in self.pages:
                page.comm.handle_close({})
            # Who is dead is found out when there is something to be told.
            self.session.host(Everything())
            sync(self.server)
            # Nothing is left of any page.
            assert self.server.flush() == {}
            assert self.server.due() is None


Notebook.TestCase.settings = settings(stateful_step_count=30, deadline=None)


@pytest.mark.promise("network.converges")
class TestNotebook(Notebook.TestCase):
    pass
