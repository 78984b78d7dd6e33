"""A hub over comms and widgets: whose they are is named, or its `key` is shown them."""

from typing import Any

from transports_core import Client, Hub
from transports_jupyter import serve_anywidget, serve_comm

from .ends import Counter, Kept, View, Widget


def test_hub_serves_each_comm_and_widget_its_tenant(comm: Kept, widget: Widget) -> None:
    owners: dict[Any, str] = {comm: "blue", widget: "red"}
    hub = Hub(key=lambda scope: owners[scope])
    for at, tenant in enumerate(("blue", "red", "green")):
        hub.tenant(tenant).host(Counter(tick=at))
    named, other = Kept(), Widget()
    serve_comm(hub, comm)
    serve_comm(hub, named, tenant="green")
    serve_anywidget(hub, widget)
    serve_anywidget(hub, other, tenant="green")
    shown: list[Any] = []
    for each in (comm, named):
        client = Client()
        for frame in each.sent():
            client.recv(frame)
        shown += [client.value(id) for id in client.ids()]
    for each in (widget, other):
        shown += View(each, "a").ready().shown
    assert shown == [{"tick": 0}, {"tick": 2}, {"tick": 1}, {"tick": 2}]
    named.close()
