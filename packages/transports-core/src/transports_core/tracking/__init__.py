"""Watching live objects: what was written where, lowered to operations when it is collected."""

from transports_core.tracking import objects, sets, tracked_dict, tracked_list
from transports_core.tracking.classes import stores
from transports_core.tracking.collect import collect
from transports_core.tracking.node import lock
from transports_core.tracking.objects import seen
from transports_core.tracking.root import Root, Sink

__all__ = ["Root", "Sink", "collect", "lock", "seen", "stores"]

for kind in (objects, tracked_list, tracked_dict, sets):
    kind.enroll()
