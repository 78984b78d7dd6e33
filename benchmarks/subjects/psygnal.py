"""psygnal: pydantic models that tell of what changes in them. It sends nothing."""

from importlib import import_module
from typing import Any

from benchmarks.case import Case

psygnal: Any = import_module("psygnal")

PACKAGES = ("psygnal", "pydantic")


class Row(psygnal.EventedModel):
    """One field that somebody listens to."""

    a: int = 0


def write() -> Case:
    """Write an attribute."""
    row = Row()
    told: list[object] = []
    row.events.connect(told.append)

    def run(many: int) -> None:
        for number in range(many):
            row.a = number

    return Case(run, lambda many: told.clear())
