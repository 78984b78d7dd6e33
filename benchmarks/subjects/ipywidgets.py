"""ipywidgets: a trait is sent as a whole when it is set."""

import json
from importlib import import_module
from itertools import count
from typing import Any

from benchmarks import shapes
from benchmarks.case import Case, each

comm: Any = import_module("comm")
ipywidgets: Any = import_module("ipywidgets")
traitlets: Any = import_module("traitlets")

PACKAGES = ("ipywidgets", "traitlets")

_sent: list[str] = []


class Comm(comm.base_comm.BaseComm):
    """Encodes what it is to send, as a kernel does."""

    def publish_msg(
        self, msg_type: str, data: object = None, metadata: object = None, **others: object
    ) -> None:
        """Encode a message."""
        _sent[:] = [json.dumps({"data": data, "metadata": metadata})]


comm.create_comm = Comm


class Values(ipywidgets.Widget):
    """One dict."""

    values = traitlets.Dict().tag(sync=True)


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
