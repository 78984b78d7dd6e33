"""Documents that own their containers, as after writes everywhere and before any read."""

from collections.abc import Iterable

from transports_core.document import Document
from transports_core.pointer import parse, resolve
from transports_core.values import Value

from .strategies import places


def owning(value: Value, pointers: Iterable[str] | None = None) -> Document:
    """Make a document that owns the containers at some pointers, or all that there are."""
    document = Document(value)
    for pointer in (pointer for pointer, _ in places(value)) if pointers is None else pointers:
        container = resolve(value, parse(pointer))
        if isinstance(container, (dict, list)):
            new = "no such name" if isinstance(container, dict) else len(container)
            place = f"{pointer}/{new}"
            document.apply([{"op": "add", "path": place, "value": 0}])
            document.apply([{"op": "remove", "path": place}])
    return document


def above(pointer: str) -> list[str]:
    """List the pointers of all that something is in, and its own."""
    tokens = pointer.split("/")
    return ["/".join(tokens[:end]) for end in range(1, len(tokens) + 1)]
