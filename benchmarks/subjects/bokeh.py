"""Bokeh: a document tells its server which property changed, and sends that as a whole."""

from importlib import import_module
from itertools import count
from typing import Any

from benchmarks import shapes
from benchmarks.case import Case, each

properties: Any = import_module("bokeh.core.properties")
documents: Any = import_module("bokeh.document")
models: Any = import_module("bokeh.model")
protocols: Any = import_module("bokeh.protocol")

PACKAGES = ("bokeh",)


class Values(models.DataModel):
    """One dict."""

    values = properties.Dict(properties.String, properties.Int)


def write_flush(shape: str, leaves: int) -> Case:
    """Write an item; the message of the event is what is sent."""
    assert shape == "flat"
    model = Values(values=shapes.keyed(leaves))
    document = documents.Document()
    document.add_root(model)
    events: list[Any] = []
    document.on_change(events.append)
    protocol = protocols.Protocol()
    key = shapes.place(shape, leaves)[-1]
    numbers = count(1)

    def run() -> str:
        model.values[key] = next(numbers)
        message = protocol.create("PATCH-DOC", events)
        events.clear()
        return message.content_json

    return each(run)
