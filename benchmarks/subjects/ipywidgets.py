# pyright: basic, reportMissingImports=false
# What it imports is in an environment of its own, which pyright does not look into.
"""ipywidgets: a trait is sent as a whole when it is set."""

import json
from itertools import count

import comm
from comm.base_comm import BaseComm
from ipywidgets import Widget
from traitlets import Dict

from benchmarks import shapes
from benchmarks.case import Case, each

PACKAGES = ("ipywidgets", "traitlets")

_sent: list[str] = []


class Comm(BaseComm):
    """Encodes what it is to send, as a kernel does."""

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys) -> None:
        """Encode a message."""
        _sent[:] = [json.dumps({"data": data, "metadata": metadata})]


comm.create_comm = Comm


class Values(Widget):
    """One dict."""

    values = Dict().tag(sync=True)


def write_flush(shape: str, leaves: int) -> Case:
    """Set a dict that differs in one item."""
    assert shape == "flat"
    widget = Values(values=shapes.keyed(leaves))
    key = shapes.place(shape, leaves)[-1]
    numbers = count(1)

    def run() -> str:
        widget.values = {**widget.values, key: next(numbers)}
        return _sent[-1]

    return each(run)
