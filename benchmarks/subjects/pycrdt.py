# pyright: basic, reportMissingImports=false
# What it imports is in an environment of its own, which pyright does not look into.
"""pycrdt: Yjs for Python. It validates nothing, and its documents merge without a server."""

from collections.abc import Callable
from itertools import count

from pycrdt import Array, Doc, Map, Text

from benchmarks import shapes
from benchmarks.case import Case, each

PACKAGES = ("pycrdt",)


def _filled(array: Array, values: list) -> None:
    # An array that is made from a long list takes gigabytes.
    for value in values:
        array.append(_shared(value))


def _shared(value):
    """Make what is shared out of dicts, and leave leaves as they are."""
    return (
        Map({key: _shared(inner) for key, inner in value.items()})
        if isinstance(value, dict)
        else value
    )


class Shared:
    """A document, and what it sends."""

    def __init__(self) -> None:
        self.doc = Doc()
        self.updates: list[bytes] = []
        self._kept = self.doc.observe(lambda event: self.updates.append(event.update))

    def take(self) -> bytes:
        """Give what is to be sent of the last change."""
        update = self.updates[-1]
        self.updates.clear()
        return update

    def hold(self, shape: str, leaves: int) -> tuple[object, object]:
        """Fill the document; give the container in which a change is made, and the key in it."""
        root = self.doc.get("root", type=Map)
        for key, value in shapes.value(shape, leaves).items():
            if isinstance(value, list):
                root[key] = array = Array()
                with self.doc.transaction():
                    _filled(array, value)
            else:
                root[key] = _shared(value)
        self.updates.clear()
        return shapes.reach(root, shape, leaves)

    def copy(self) -> Doc:
        """Make another document with the same content."""
        copy = Doc()
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
    array = shared.doc.get("items", type=Array)
    with shared.doc.transaction():
        _filled(array, list(range(leaves)))

    def ready(many: int) -> None:
        del array[leaves : len(array)]

    def run() -> bytes:
        array.append(1)
        return shared.take()

    return each(run, ready)


def text(size: int, token: str) -> Case:
    """Add a token to a text; the update is what is sent."""
    shared = Shared()
    text = shared.doc.get("text", type=Text)
    text += "word " * (size // 5)

    def ready(many: int) -> None:
        del text[size : len(text)]

    def run() -> bytes:
        nonlocal text
        text += token
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
    kept: Callable = server.observe(lambda event: sent.append(event.update))
    numbers = count(1)

    def run() -> None:
        inner[key] = next(numbers)
        server.apply_update(shared.take())
        shared.doc.apply_update(sent.pop())

    case = each(run)
    case.kept = kept
    return case
