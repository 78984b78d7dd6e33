"""From what was recorded to operations: what a collection does.

Each object that changed is looked at once, and each way down to it from a hosted one gives a place
on the wire. Objects higher up speak first, so that the places of those below are right when it is
their turn. What came new was sent whole by what it came into, and has nothing to add.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transports_core.bridge import TupleShape
from transports_core.errors import UnrepresentableError
from transports_core.tracking.derived import Evaluation
from transports_core.tracking.lone import collect_lone
from transports_core.tracking.node import lock, places

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from transports_core.bridge import ObjectShape, Shape
    from transports_core.patch import Operation
    from transports_core.tracking.node import Link, Node, Way
    from transports_core.tracking.root import Root


class _Found:
    """What is to be said of one root."""

    __slots__ = ("derived", "error", "places", "whole")

    def __init__(self) -> None:
        # Where objects that changed stand: with their shapes there, and the pointers to them.
        self.places: list[tuple[Node, Shape, str]] = []
        # Objects with derived members at or above what changed, and objects that are dumped
        # whole; by where they are, each once.
        self.derived: dict[tuple[Node, str], tuple[Node, ObjectShape, str]] = {}
        self.whole: dict[tuple[Node, str], tuple[Node, Shape, str]] = {}
        # What keeps all of it from being said.
        self.error: UnrepresentableError | None = None


def collect(roots: Collection[Root]) -> None:
    """Lower what changed in these roots, and in those that share objects with them.

    Each root's sink is told by `record`, or by `fail` where a change cannot be represented; such
    changes are dropped, and found again by comparing the whole (`Root.encode`). Where this raises,
    it tells all sinks by `lose`.
    """
    with lock:
        found: dict[Root, _Found] = {}
        try:
            if len(roots) == 1:
                (root,) = roots
                if collect_lone(root):
                    return
            for root in roots:
                found[root] = _Found()
            _collect(found)
        except BaseException:
            for root in found or roots:
                root.sink.lose(root)
            raise


def _collect(found: dict[Root, _Found]) -> None:
    ways = _ways(found)
    taken: dict[Node, Any] = {}
    for node in ways:
        node.queued = ()
        taken[node] = node.take()
    for root in found:
        root.begin()
    for node, leading in ways.items():
        fault = node.fault()
        root: Any
        for root, chain in leading:
            if fault is not None:
                found[root].error = UnrepresentableError("", None, fault)
            _descend(root, chain, found[root])
    results = _results(found, taken)
    for node in taken:
        node.settle()
    for root, result in zip(found, results, strict=True):
        if isinstance(result, UnrepresentableError):
            error = UnrepresentableError(result.path, root.type_name, result.reason)
            root.sink.fail(root, error)
        elif result:
            root.sink.record(root, result)


def _ways(found: dict[Root, _Found]) -> dict[Node, Sequence[Way]]:
    """Give the ways down to all that changed; find the roots that share any of it."""
    ways: dict[Node, Sequence[Way]] = {}
    queue = list(found)
    for root in queue:
        others: dict[Any, None] = dict.fromkeys(root.joined)
        for node in root.changed:
            if node not in ways:
                leading = ways[node] = places(node)
                for other, _ in leading:
                    others[other] = None
        for other in others:
            if other not in found:
                found[other] = _Found()
                queue.append(other)
    return ways


def _descend(root: Root, chain: Sequence[tuple[Link, Node]], found: _Found) -> None:
    """Follow the links from a root down to an object that changed.

    Takes note of what depends on it on the way, and of the object's own place, if what changed in
    it can be seen there.
    """
    node: Node = root.node
    # Of whichever kind its structure says.
    shape: Any = root.shape.resolve(node.obj)
    path = ""
    for link, child in chain:
        if not shape.structural:
            break
        if shape.derived:
            found.derived[node, path] = (node, shape, path)
        step = node.follow(link, child, shape)
        if step is None:
            return
        path, shape = path + step[0], step[1]
        if link.inner:
            step = _into_tuple(shape, node.at(link.key), link.inner)
            if step is None:
                return
            path, shape = path + step[0], step[1]
        node, shape = child, shape.resolve(child.obj)
    if not shape.structural:
        found.whole[node, path] = (node, shape, path)
        return
    if shape.derived:
        found.derived[node, path] = (node, shape, path)
    found.places.append((node, shape, path))


def _into_tuple(shape: Shape, value: Any, inner: tuple[int, ...]) -> tuple[str, Shape] | None:
    path = ""
    for position in inner:
        shape = shape.resolve(value)
        if not isinstance(shape, TupleShape):
            return None
        shape = shape.at(position, len(value))
        value = value[position]
        path += f"/{position}"
    return path, shape


def _results(
    found: dict[Root, _Found], taken: dict[Node, Any]
) -> list[list[Operation] | UnrepresentableError]:
    """Say what changed in each root, or why that cannot be."""
    # Before anything is said: what is sent whole is what later changes are relative to.
    evaluation: Evaluation | None = None
    for what in found.values():
        if what.derived or what.whole:
            evaluation = evaluation or Evaluation()
            _evaluate(what, evaluation)
    results: list[list[Operation] | UnrepresentableError] = []
    for what in found.values():
        try:
            results.append(_operations(what, taken, evaluation))
        except UnrepresentableError as error:
            results.append(error)
    return results


def _evaluate(found: _Found, evaluation: Evaluation) -> None:
    """Evaluate what is derived of what changed."""
    try:
        for node, shape, path in found.derived.values():
            evaluation.members(node, shape, path)
        for node, shape, path in found.whole.values():
            evaluation.whole(node, shape, path)
    except UnrepresentableError as error:
        found.error = error


def _operations(
    found: _Found, taken: dict[Node, Any], evaluation: Evaluation | None
) -> list[Operation]:
    if found.error is not None:
        raise found.error
    ops: list[Operation] = []
    # Stable: what is equally deep keeps the order in which it changed.
    if len(found.places) > 1:
        found.places.sort(key=lambda place: place[2].count("/"))
    sent: set[str] = set()
    for node, shape, path in found.places:
        if not (sent and _within(sent, path)) and node.emit(taken[node], shape, path, ops):
            sent.add(path)
    if evaluation is not None:
        for node, shape, path in found.derived.values():
            if not _within(sent, path):
                evaluation.emit_members(node, shape, path, ops)
        for node, shape, path in found.whole.values():
            if not _within(sent, path):
                evaluation.emit_whole(node, shape, path, ops)
    return ops


def _within(sent: set[str], path: str) -> bool:
    """Whether what is at `path` was sent already, with all that is around it."""
    while path and path not in sent:
        path = path.rpartition("/")[0]
    return path in sent
