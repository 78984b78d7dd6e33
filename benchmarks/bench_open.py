"""A connection opens on a model of about a megabyte."""

from itertools import count

from rounds import Case, report
from served import Served, table


def cases() -> list[Case]:
    """Give what is compared."""
    model = table(80_000)
    served = Served(model)
    handles = count(1_000_000)

    def run() -> None:
        handle = next(handles)
        served.server.open(handle)
        served.server.close(handle)

    return [Case("model_dump_json", model.model_dump_json), Case("open", run, "model_dump_json")]


if __name__ == "__main__":
    report(cases())
