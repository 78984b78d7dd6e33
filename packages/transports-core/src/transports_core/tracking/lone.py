"""A collection where one object changed, which stands in one place: nearly all of them.

What `collect` does for any number of objects and roots, in a third of the steps, as there is no
other that this one would have to be told apart from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transports_core.errors import UnrepresentableError

if TYPE_CHECKING:
    from transports_core.bridge import Shape
    from transports_core.patch import Operation
    from transports_core.tracking.node import Link, Node
    from transports_core.tracking.root import Root


def collect_lone(root: Root) -> bool:
    """Lower what changed in a root, if that is one object with nothing else to be looked at.

    Returns:
        Whether that is so; if not, nothing was done.

    Raises:
        Exception: Whatever the application's own code raised; what changed may be lost then.
    """
    if len(root.changed) != 1 or root.joined:
        return False
    (node,) = root.changed
    place = _only_place(root, node)
    if place is None or node.fault() is not None:
        return False
    shape, path = place
    node.queued = ()
    taken = node.take()
    root.changed = {}
    ops: list[Operation] = []
    try:
        node.emit(taken, shape, path, ops)
    except UnrepresentableError as error:
        node.settle()
        root.sink.fail(root, UnrepresentableError(error.path, root.type_name, error.reason))
    else:
        node.settle()
        if ops:
            root.sink.record(root, ops)
    return True


def _only_place(root: Root, node: Node) -> tuple[Shape, str] | None:
    """Give where an object stands, if it can be seen there, and nothing on the way is derived.

    Returns:
        Its shape there, and the pointer to it; `None` if it is not so, or not so simple.
    """
    way: list[tuple[Link, Node]] = []
    while len(node.links) == 1 and not node.roots:
        link = node.links[0]
        if link.inner:
            return None
        way.append((link, node))
        node = link.parent
    if node is not root.node or node.links or len(node.roots) != 1:
        return None
    # Of whichever kind its structure says.
    shape: Any = root.shape.resolve(node.obj)
    path = ""
    while way and shape.structural and not shape.derived:
        link, child = way.pop()
        step = node.follow(link, child, shape)
        if step is None:
            return None
        path += step[0]
        node, shape = child, step[1].resolve(child.obj)
    return None if way or shape.derived or not shape.structural else (shape, path)
