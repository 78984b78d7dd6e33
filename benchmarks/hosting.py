"""The workloads on hosted models, for whoever hosts objects and sends what became of them."""

from collections.abc import Callable
from itertools import count
from random import Random
from time import process_time
from typing import Protocol

from pydantic import BaseModel

from benchmarks import memory
from benchmarks.case import Case, Shot, each
from benchmarks.models import Flat, Items, Row, Text, make, writer


class Served(Protocol):
    """A hosted model, and connections that take everything at once."""

    def flush(self) -> str:
        """Send what changed to every connection; give what the last one was sent."""
        ...

    def mirror(self) -> Callable[[str], object]:
        """Make a client that shows the model as it is; give what takes in a frame."""
        ...


Serve = Callable[[BaseModel], Served]


def write(serve: Serve) -> Case:
    """Write an attribute of a model."""
    row = Row()
    served = serve(row)

    def run(many: int) -> None:
        for number in range(many):
            row.a = number

    return Case(run, lambda many: served.flush())


def item(serve: Serve, on: str, op: str) -> Case:
    """Write an item of a dict or a list, or append one to a list."""
    if on == "dict":
        return _write_in_dict(serve)
    model = Items(items=list(range(1_000)))
    served = serve(model)

    def write(many: int) -> None:
        items = model.items
        for number in range(many):
            items[7] = number

    def append(many: int) -> None:
        items = model.items
        for number in range(many):
            items.append(number)

    def ready(many: int) -> None:
        shorten(model.items, 1_000)
        served.flush()

    return Case(write if op == "write" else append, ready)


def _write_in_dict(serve: Serve) -> Case:
    model = Flat(values={"a": 0, "b": 0})
    served = serve(model)

    def run(many: int) -> None:
        values = model.values
        for number in range(many):
            values["a"] = number

    return Case(run, lambda many: served.flush())


def shorten(items: list[int], length: int) -> None:
    """Take off what was appended, in a way that everybody sees."""
    while len(items) > length:
        items.pop()


def write_flush(serve: Serve, shape: str, leaves: int) -> Case:
    """Write one leaf, and send it to one connection."""
    model = make(shape, leaves)
    served = serve(model)
    write = writer(model, leaves)
    numbers = count(1)

    def run() -> str:
        write(next(numbers))
        return served.flush()

    return each(run)


def append(serve: Serve, leaves: int) -> Case:
    """Append to a list that is so long, and send it."""
    model = Items(items=list(range(leaves)))
    served = serve(model)

    def ready(many: int) -> None:
        shorten(model.items, leaves)
        served.flush()

    def run() -> str:
        model.items.append(1)
        return served.flush()

    return each(run, ready)


def sort(serve: Serve, leaves: int) -> Case:
    """Sort a list that is so long, and send it."""
    model = Items(items=list(range(leaves)))
    served = serve(model)
    mixed = list(range(leaves))
    Random(0).shuffle(mixed)

    def ready(many: int) -> None:
        model.items[:] = mixed
        served.flush()

    def run(many: int) -> str:
        model.items.sort()
        return served.flush()

    return Case(run, ready, most=1)


def text(serve: Serve, characters: int) -> Case:
    """Add a token to a text that is so long, and send it."""
    model = Text(text="word " * (characters // 5))
    served = serve(model)

    def ready(many: int) -> None:
        model.text = model.text[:characters]
        served.flush()

    def run() -> str:
        model.text += "word "
        return served.flush()

    return each(run, ready)


def apply(serve: Serve, shape: str, leaves: int) -> Case:
    """Take in a change of one leaf."""
    model = make(shape, leaves)
    served = serve(model)
    write = writer(model, leaves)
    receive = served.mirror()
    numbers = count(1)
    frames = list[str]()

    def ready(many: int) -> None:
        frames.clear()
        for _ in range(many):
            write(next(numbers))
            frames.append(served.flush())

    def run(many: int) -> str:
        for frame in frames:
            receive(frame)
        return frames[-1]

    return Case(run, ready)


def host(serve: Callable[[BaseModel], object], shape: str, leaves: int) -> Shot:
    """Host a model; beside it, what the model itself takes up."""
    make(shape, 10)
    serve(make(shape, 10))

    def round() -> dict[str, float]:
        nothing = memory.resident()
        model = make(shape, leaves)
        before = memory.resident()
        began = process_time()
        hosted = serve(model)
        seconds = process_time() - began
        after = memory.resident()
        del hosted
        return {"time": seconds, "memory": after - before, "model": before - nothing}

    return Shot(round)


def averaged(once: Callable[[], tuple[float, ...]], quantities: tuple[str, ...]) -> Shot:
    """Do several times what times its own parts."""
    many = 20

    def round() -> dict[str, float]:
        parts = zip(*[once() for _ in range(many)], strict=True)
        return dict(zip(quantities, [sum(part) / many for part in parts], strict=True))

    return Shot(round)
