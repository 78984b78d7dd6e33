"""The least that can be done: it knows already what changed, and only encodes it."""

from collections.abc import Callable
from functools import partial
from itertools import count
from random import Random
from time import process_time
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json, to_json

from benchmarks import hosting, shapes, starting
from benchmarks.case import Case, Shot, each
from benchmarks.models import Text, make, writer

PACKAGES = ("pydantic",)


class Unserved:
    """A model that nobody hosts."""

    def __init__(self, model: BaseModel) -> None:
        del model

    def flush(self) -> str:
        """Send nothing."""
        return ""

    def mirror(self) -> Callable[[str], object]:
        """Take in nothing."""
        return len


write = partial(hosting.write, Unserved)
item = partial(hosting.item, Unserved)


def patch(op: str, path: str, value: object) -> bytes:
    """Encode a message with one operation."""
    ops = [{"op": op, "path": path, "value": value}]
    return to_json({"t": "patch", "id": 1, "base": 1, "rev": 2, "ops": ops})


def write_flush(shape: str, leaves: int) -> Case:
    """Write one leaf of a plain value, and encode that."""
    inner, key = shapes.reach(shapes.value(shape, leaves), shape, leaves)
    path = shapes.pointer(shape, leaves)
    numbers = count(1)

    def run() -> bytes:
        number = inner[key] = next(numbers)
        return patch("replace", path, number)

    return each(run)


def append(leaves: int) -> Case:
    """Append to a list, and encode that."""
    items = list(range(leaves))

    def ready(many: int) -> None:
        del items[leaves:]

    def run() -> bytes:
        items.append(1)
        return patch("add", "/items/-", 1)

    return each(run, ready)


def sort(leaves: int) -> Case:
    """Sort a list, and encode it."""
    mixed = list(range(leaves))
    Random(0).shuffle(mixed)
    items = list[int]()

    def ready(many: int) -> None:
        items[:] = mixed

    def run(many: int) -> bytes:
        items.sort()
        return patch("replace", "/items", items)

    return Case(run, ready, most=1)


def text(characters: int) -> Case:
    """Add a token to a text, and encode that."""
    model = Text(text="word " * (characters // 5))

    def ready(many: int) -> None:
        model.text = model.text[:characters]

    def run() -> bytes:
        model.text += "word "
        return patch("append", "/text", "word ")

    return each(run, ready)


def _change(document: Any, frame: str | bytes) -> None:
    (op,) = from_json(frame)["ops"]
    *tokens, last = op["path"].split("/")[1:]
    for token in tokens:
        document = document[int(token) if isinstance(document, list) else token]
    document[last] = op["value"]


def apply(shape: str, leaves: int) -> Case:
    """Decode a change, and write it to a plain value."""
    document = shapes.value(shape, leaves)
    path = shapes.pointer(shape, leaves)
    frames = list[bytes]()

    def ready(many: int) -> None:
        frames[:] = [patch("replace", path, number) for number in range(many)]

    def run(many: int) -> bytes:
        for frame in frames:
            _change(document, frame)
        return frames[-1]

    return Case(run, ready)


def echo(shape: str, leaves: int) -> Case:
    """Encode, decode and write at one end, and again at the other."""
    theirs, mine = shapes.value(shape, leaves), shapes.value(shape, leaves)
    path = shapes.pointer(shape, leaves)
    numbers = count(1)

    def run() -> None:
        number = next(numbers)
        _change(theirs, patch("replace", path, number))
        _change(mine, patch("replace", path, number))

    return each(run)


def fan_out(connections: int) -> Shot:
    """Encode a change, and give it to each of so many."""
    conns = list(range(connections))
    numbers = count(1)

    def once() -> tuple[float]:
        began = process_time()
        frames = [patch("replace", "/a", next(numbers))]
        dict.fromkeys(conns, frames)
        return (process_time() - began,)

    return hosting.averaged(once, ("time",))


def open(leaves: int, after: str) -> Case:
    """Give what is cached; after a write, dump the model."""
    model = make("nested", leaves)
    if after == "after nothing":
        cached = {"json": model.model_dump_json()}
        return each(lambda: cached["json"])
    write = writer(model, leaves)
    numbers = count(1)

    def run() -> str:
        write(next(numbers))
        return model.model_dump_json()

    return each(run)


def open_loopback(leaves: int, connections: int) -> Shot:
    """Have a crowd connect to an ASGI application that sends one text, made before."""
    # Here, so that the other workloads wait for no server to be imported.
    from benchmarks import loopback

    text = make("nested", leaves).model_dump_json()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": text})
        await receive()

    return Shot(partial(loopback.open_many, app, connections))


def imports(what: str) -> Shot:
    """Import what every program with models imports."""
    del what
    return Shot(partial(starting.first_time, "import pydantic; pydantic.BaseModel"))
