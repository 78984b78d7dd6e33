"""From what was recorded to operations: what a collection does.

Each object that changed is looked at once, and each way down to it from a hosted one gives a place
on the wire. Objects higher up speak first, so that the places of those below are right when it is
their turn. What came new was sent whole by what it came into, and has nothing to add.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from transports_core.bridge import (
    ListShape,
    ObjectShape,
    SetShape,
    TupleShape,
)
from transports_core.errors import UnrepresentableError
from transports_core.tracking.derived import Evaluation
from transports_core.tracking.node import lock, places, roots_above
from transports_core.tracking.objects import EXTRA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transports_core.bridge import Shape
    from transports_core.patch import Operation
    from transports_core.tracking.node import Link, Node
    from transports_core.tracking.root import Root

Path = tuple[str, ...]


class _Place(NamedTuple):
    """A place where an object that changed stands."""

    root: Root
    node: Node
    shape: Shape
    path: Path


class _Found:
    """What is to be said of one root."""

    __slots__ = ("derived", "faults", "places", "whole")

    def __init__(self) -> None:
        self.places: list[_Place] = []
        self.faults: list[str] = []
        # Objects with derived members at or above what changed, and objects that are dumped
        # whole; by where they are, each once.
        self.derived: dict[tuple[Node, Path], tuple[Node, ObjectShape, Path]] = {}
        self.whole: dict[tuple[Node, Path], tuple[Node, Shape, Path]] = {}


def collect(roots: Iterable[Root]) -> None:
    """Lower what changed in these roots, and in those that share objects with them.

    Each root's sink is told by `record`, or by `fail` where a change cannot be represented; such
    changes are dropped, and found again by comparing the whole (`Root.encode`). Where this raises,
    it tells all sinks by `lose`.
    """
    with lock:
        group = _group(roots)
        try:
            _collect({root: _Found() for root in group})
        except BaseException:
            for root in group:
                root.sink.lose(root)
            raise


def _collect(found: dict[Root, _Found]) -> None:
    taken: dict[Node, Any] = {}
    for root in found:
        for node in root.dirty_nodes():
            if node not in taken:
                node.queued = ()
                taken[node] = node.take()
        root.begin()
    for node in taken:
        _find(node, found)
    evaluation = Evaluation()
    # Before anything is said: what is sent whole is what later changes are relative to.
    errors = [_evaluate(what, evaluation) for what in found.values()]
    results = [
        error or _outcome(what, taken, evaluation)
        for error, what in zip(errors, found.values(), strict=True)
    ]
    for node in taken:
        node.settle()
    for root, result in zip(found, results, strict=True):
        if isinstance(result, UnrepresentableError):
            error = UnrepresentableError(result.path, root.type_name, result.reason)
            root.sink.fail(root, error)
        elif result:
            root.sink.record(root, result)


def _find(node: Node, found: dict[Root, _Found]) -> None:
    """Find where what changed in an object can be seen."""
    fault = node.fault()
    for owner, chain in places(node):
        root = cast("Root", owner)
        what = found[root]
        if fault is not None:
            what.faults.append(fault)
        _descend(root, chain, what)


def _evaluate(found: _Found, evaluation: Evaluation) -> UnrepresentableError | None:
    """Evaluate what is derived of what changed; give what is wrong with it."""
    try:
        for node, shape, path in found.derived.values():
            evaluation.members(node, shape, path)
        for node, shape, path in found.whole.values():
            evaluation.whole(node, shape, path)
    except UnrepresentableError as error:
        return error
    return None


def _outcome(
    found: _Found, taken: dict[Node, Any], evaluation: Evaluation
) -> list[Operation] | UnrepresentableError:
    try:
        return _operations(found, taken, evaluation)
    except UnrepresentableError as error:
        return error


def _group(roots: Iterable[Root]) -> Iterable[Root]:
    """Give the roots, and those that share changed objects with them."""
    group: dict[Root, None] = {}
    queue = list(roots)
    while queue:
        root = queue.pop()
        if root not in group:
            group[root] = None
            queue.extend(root.joined)
            for node in root.dirty_nodes():
                queue.extend(cast("Sequence[Root]", roots_above(node)))
    return group


def _descend(root: Root, chain: Sequence[tuple[Link, Node]], found: _Found) -> None:
    """Follow the links from a root down to an object that changed.

    Takes note of what depends on it on the way, and of the object's own place, if what changed in
    it can be seen there.
    """
    node: Node = root.node
    shape: Shape | None = root.shape
    path: Path = ()
    for link, child in (*chain, (None, None)):
        shape = shape.resolve(node.obj)
        if not shape.structural:
            found.whole[node, path] = (node, shape, path)
            return
        if isinstance(shape, ObjectShape) and shape.derived:
            found.derived[node, path] = (node, shape, path)
        if link is None or child is None:
            found.places.append(_Place(root, node, shape, path))
            return
        # To look where it is may show which of several places is the new one.
        if not node.holds(link, child) or link.fresh:
            return
        key = link.key if not isinstance(shape, SetShape) else node.place(link, child)
        step = _step(node, shape, key)
        if step is None:
            return
        path, shape = (*path, *step[0]), step[1]
        if link.inner:
            step = _into_tuple(shape, node.at(link.key), link.inner)
            if step is None:
                return
            path, shape = (*path, *step[0]), step[1]
        node = child


def _step(node: Node, shape: Any, key: Any) -> tuple[Path, Shape] | None:
    """Give the step from an object to what stands at `key`; `None` if the wire does not show it."""
    if isinstance(shape, ListShape):
        return (str(key),), shape.item
    if key is EXTRA:
        return None if shape.extra is None else ((), shape.extra.shape)
    member = shape.member(node.obj, key)
    if member is None or member.shape is None:
        return None
    return () if member.key is None else (member.key,), member.shape


def _into_tuple(shape: Shape, value: Any, inner: tuple[int, ...]) -> tuple[Path, Shape] | None:
    path: Path = ()
    for position in inner:
        shape = shape.resolve(value)
        if not isinstance(shape, TupleShape):
            return None
        shape = shape.at(position, len(value))
        value = value[position]
        path = (*path, str(position))
    return path, shape


def _operations(found: _Found, taken: dict[Node, Any], evaluation: Evaluation) -> list[Operation]:
    for fault in found.faults:
        raise UnrepresentableError("", None, fault)
    ops: list[Operation] = []
    # Stable: what is equally deep keeps the order in which it changed.
    if len(found.places) > 1:
        found.places.sort(key=lambda place: len(place.path))
    sent: set[Path] = set()
    for place in found.places:
        node, shape, path = place.node, place.shape, place.path
        if not _within(sent, path) and node.emit(taken[node], shape, path, ops):
            sent.add(path)
    for node, shape, path in found.derived.values():
        if not _within(sent, path):
            evaluation.emit_members(node, shape, path, ops)
    for node, shape, path in found.whole.values():
        if not _within(sent, path):
            evaluation.emit_whole(node, shape, path, ops)
    return ops


def _within(sent: set[Path], path: Path) -> bool:
    """Whether what is at `path` was sent already, with all that is around it."""
    return bool(sent) and any(path[:length] in sent for length in range(len(path) + 1))
