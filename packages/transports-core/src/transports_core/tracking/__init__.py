"""Watching live objects: what was written where, lowered to operations when it is collected."""

from typing import Any

from transports_core.tracking import objects, tracked_dict, tracked_list
from transports_core.tracking.classes import stores
from transports_core.tracking.collect import collect
from transports_core.tracking.kinds import register
from transports_core.tracking.node import Node, lock
from transports_core.tracking.objects import seen
from transports_core.tracking.root import Root, Sink

__all__ = ["Root", "Sink", "collect", "lock", "seen", "stores"]


def _is_set(cls: type) -> bool:
    if not issubclass(cls, set):
        return False
    # Needed only where there are sets.
    from transports_core.tracking.sets import TrackedSet

    return cls is set or cls is TrackedSet


def _set_node(obj: set[Any]) -> Node:
    from transports_core.tracking.sets import SetNode

    return SetNode(obj)


for kind in (objects, tracked_list, tracked_dict):
    kind.enroll()
register(_is_set, _set_node)
