"""traitlets: objects that tell of what changes in them. It sends nothing."""

from importlib import import_module
from typing import Any

from benchmarks.case import Case

traitlets: Any = import_module("traitlets")

PACKAGES = ("traitlets",)


class Row(traitlets.HasTraits):
    """One trait that somebody listens to."""

    a = traitlets.Int()


def write() -> Case:
    """Write an attribute."""
    row = Row()
    told: list[object] = []
    row.observe(told.append, "a")

    def run(many: int) -> None:
        for number in range(many):
            row.a = number

    return Case(run, lambda many: told.clear())
