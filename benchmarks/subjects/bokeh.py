# pyright: basic, reportMissingImports=false
# What it imports is in an environment of its own, which pyright does not look into.
"""Bokeh: a document tells its server which property changed, and sends that as a whole."""

from itertools import count

from bokeh.core.properties import Dict, Int, String
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent
from bokeh.model import DataModel
from bokeh.protocol import Protocol

from benchmarks import shapes
from benchmarks.case import Case, each

PACKAGES = ("bokeh",)


class Values(DataModel):
    """One dict."""

    values = Dict(String, Int)


def write_flush(shape: str, leaves: int) -> Case:
    """Write an item; the message of the event is what is sent."""
    assert shape == "flat"
    model = Values(values=shapes.keyed(leaves))
    document = Document()
    document.add_root(model)
    events: list[DocumentPatchedEvent] = []
    document.on_change(events.append)
    protocol = Protocol()
    key = shapes.place(shape, leaves)[-1]
    numbers = count(1)

    def run() -> str:
        model.values[key] = next(numbers)
        message = protocol.create("PATCH-DOC", events)
        events.clear()
        return message.content_json

    return each(run)
