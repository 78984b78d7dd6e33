# pyright: basic, reportMissingImports=false
# What it imports is in an environment of its own, which pyright does not look into.
"""traitlets: objects that tell of what changes in them. It sends nothing."""

from traitlets import HasTraits, Int

from benchmarks.case import Case

PACKAGES = ("traitlets",)


class Row(HasTraits):
    """One trait that somebody listens to."""

    a = Int()


def write() -> Case:
    """Write an attribute."""
    row = Row()
    told: list[object] = []
    row.observe(told.append, "a")

    def run(many: int) -> None:
        for number in range(many):
            row.a = number

    return Case(run, lambda many: told.clear())
