"""The node of each tracked object, and how those of a new one are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from transports_core.tracking.node import SCALARS

if TYPE_CHECKING:
    from collections.abc import Callable

    from transports_core.tracking.node import Node

# By identity: objects may be neither hashable nor weakly referable, and must not notice. A node
# holds its object, so no identity in here is ever used again by another one.
NODES: Final[dict[int, Node]] = {}

# For each kind: whether it takes an object of this class, and what makes the node of such an
# object. The modules of the kinds add theirs.
_KINDS: Final[list[tuple[Callable[[type], bool], Callable[[Any], Node]]]] = []

# What was found for each class: `None` where no kind takes it.
_MAKERS: Final[WeakKeyDictionary[type, Callable[[Any], Node] | None]] = WeakKeyDictionary()


def register(takes: Callable[[type], bool], make: Callable[[Any], Node]) -> None:
    """Add a kind of object that can be tracked.

    Args:
        takes: Tells whether objects of a class are of this kind; raises `TrackingError` where they
            are, and cannot be tracked all the same.
        make: Makes the node of one.
    """
    _KINDS.append((takes, make))
    _MAKERS.clear()


def node_of(value: object) -> Node | None:
    """Give the node of a tracked object; `None` for any other."""
    return NODES.get(id(value))


def unchanging(value: object) -> bool:
    """Whether putting `value` where it stands already changes nothing that was not seen.

    What cannot be tracked may have changed; putting it back is how an application says so.
    """
    return type(value) in SCALARS or id(value) in NODES


def maker(cls: type) -> Callable[[Any], Node] | None:
    """Give what makes the nodes of a class's instances; `None` where no kind takes them.

    Raises:
        TrackingError: A kind would take them, but not those of this class.
    """
    try:
        return _MAKERS[cls]
    except KeyError:
        make = next((make for takes, make in _KINDS if takes(cls)), None)
        _MAKERS[cls] = make
        return make


def track(value: object) -> Node | None:
    """Make the node of an object that is not tracked yet; `None` where no kind takes it.

    The node's own object is `value`, or its tracked twin where `value` cannot be watched itself.

    Raises:
        TrackingError: As `maker` does.
    """
    make = maker(type(value))
    if make is None:
        return None
    node = make(value)
    NODES[id(node.obj)] = node
    return node


def untrack(node: Node) -> None:
    """Forget an object: nothing is seen of it any more, and nothing keeps it alive."""
    del NODES[id(node.obj)]
    for root in node.queued:
        root.forget(node)
    node.release()
    node.obj = None
