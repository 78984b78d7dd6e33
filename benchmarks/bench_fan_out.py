"""A write and its flush to many connections."""

from itertools import count

from rounds import Case, report
from served import Row, Served, table


def cases() -> list[Case]:
    """Give what is compared."""
    numbers = count()
    found: list[Case] = []
    for connections in (1, 1_000):
        model = table(10)
        served = Served(model, connections)

        def run(row: Row = model.rows[0], served: Served = served) -> None:
            row.a = next(numbers)
            served.flush()

        found.append(Case(f"{connections} connections", run, found[0].what if found else None))
    return found


if __name__ == "__main__":
    report(cases())
