"""pycrdt: Yjs for Python. It validates nothing, and its documents merge without a server."""

from collections.abc import Callable
from importlib import import_module
from itertools import count
from typing import Any, cast

from benchmarks import shapes
from benchmarks.case import Case, each

pycrdt: Any = import_module("pycrdt")

PACKAGES = ("pycrdt",)


def _filled(array: Any, values: list[Any]) -> None:
    # One made from a long list, or filled in one transaction, takes gigabytes.
    for value in values:
        array.append(_shared(value))


def _shared(value: Any) -> Any:
    """Make what is shared out of dicts, and leave leaves as they are."""
    match value:
        case dict():
            items = cast("dict[str, Any]", value)
            return pycrdt.Map({key: _shared(inner) for key, inner in items.items()})
        case _:
            return value


def _told(updates: list[bytes]) -> Callable[[Any], None]:
    """Give what a document calls for each change, to keep its updates."""
    return lambda event: updates.append(event.update)


class Shared:
    """A document, and what it sends."""

    def __init__(self) -> None:
        self.doc = pycrdt.Doc()
        self.updates: list[bytes] = []
        self._listening = self.doc.observe(_told(self.updates))

    def take(self) -> bytes:
        """Give what is to be sent of the last change."""
        update = self.updates[-1]
        self.updates.clear()
        return update

    def hold(self, shape: str, leaves: int) -> tuple[Any, Any]:
        """Fill the document; give the container in which a change is made, and the key in it."""
        root = self.doc.get("root", type=pycrdt.Map)
        for key, value in shapes.value(shape, leaves).items():
            if key == "rows":
                root[key] = array = pycrdt.Array()
                _filled(array, value)
            else:
                root[key] = _shared(value)
        self.updates.clear()
        return shapes.reach(root, shape, leaves)

    def copy(self) -> Any:
        """Make another document with the same content."""
        copy = pycrdt.Doc()
        copy.apply_update(self.doc.get_update())
        return copy


def write_flush(shape: str, leaves: int) -> Case:
    """Write one leaf; the update is what is sent."""
    shared = Shared()
    inner, key = shared.hold(shape, leaves)
    numbers = count(1)

    def run() -> bytes:
        inner[key] = next(numbers)
        return shared.take()

    return each(run)


def append(leaves: int) -> Case:
    """Append to an array; the update is what is sent."""
    shared = Shared()
    array = shared.doc.get("items", type=pycrdt.Array)
    _filled(array, list(range(leaves)))

    def ready(many: int) -> None:
        del array[leaves : len(array)]

    def run() -> bytes:
        array.append(1)
        return shared.take()

    return each(run, ready)


def text(characters: int) -> Case:
    """Add a token to a text; the update is what is sent."""
    shared = Shared()
    text = shared.doc.get("text", type=pycrdt.Text)
    text += "word " * (characters // 5)

    def ready(many: int) -> None:
        del text[characters : len(text)]

    def run() -> bytes:
        nonlocal text
        text += "word "
        return shared.take()

    return each(run, ready)


def apply(shape: str, leaves: int) -> Case:
    """Take in a change of one leaf."""
    shared = Shared()
    inner, key = shared.hold(shape, leaves)
    copy = shared.copy()
    numbers = count(1)
    updates: list[bytes] = []

    def ready(many: int) -> None:
        updates.clear()
        for _ in range(many):
            inner[key] = next(numbers)
            updates.append(shared.take())

    def run(many: int) -> bytes:
        for update in updates:
            copy.apply_update(update)
        return updates[-1]

    return Case(run, ready)


def echo(shape: str, leaves: int) -> Case:
    """Write at one end, take it in at the other, and take in there what that sends of it."""
    shared = Shared()
    inner, key = shared.hold(shape, leaves)
    server = shared.copy()
    sent: list[bytes] = []
    # It listens as long as what this gives is kept.
    listening = server.observe(_told(sent))
    numbers = count(1)

    def run() -> None:
        assert listening
        inner[key] = next(numbers)
        server.apply_update(shared.take())
        shared.doc.apply_update(sent.pop())

    return each(run)
