"""A write and its flush to one connection, at several sizes of the model."""

from itertools import count

from pydantic_core import to_json
from rounds import Case, report
from served import Row, Served, table


def cases() -> list[Case]:
    """Give what is compared."""
    numbers = count()

    def limit() -> bytes:
        return to_json({"t": "patch", "id": 1, "base": 1, "rev": 2, "ops": [
            {"op": "replace", "path": "/rows/0/a", "value": next(numbers)}
        ]})  # fmt: skip

    found = [Case("encode the patch alone", limit)]
    for leaves in (10, 1_000, 100_000):
        model = table(leaves)
        served = Served(model)

        def run(row: Row = model.rows[-1], served: Served = served) -> None:
            row.a = next(numbers)
            served.flush()

        to = "encode the patch alone" if leaves == 10 else "10 leaves"
        found.append(Case(f"{leaves} leaves", run, to))
    return found


if __name__ == "__main__":
    report(cases())
