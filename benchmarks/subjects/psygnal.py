# pyright: basic, reportMissingImports=false
# What it imports is in an environment of its own, which pyright does not look into.
"""psygnal: pydantic models that tell of what changes in them. It sends nothing."""

from psygnal import EventedModel

from benchmarks.case import Case

PACKAGES = ("psygnal", "pydantic")


class Row(EventedModel):
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
