"""Between native objects and wire values: the shapes of classes, and the only two doors."""

from transports_core.bridge.anything import is_struct
from transports_core.bridge.classes import class_shape, shape_of
from transports_core.bridge.containers import (
    ContainerShape,
    DictShape,
    ListShape,
    SetShape,
    TupleShape,
)
from transports_core.bridge.doors import from_value, refuse_collisions, to_value
from transports_core.bridge.encoding import parse, verify
from transports_core.bridge.objects import ExtraShape, ObjectShape, TypedDictShape
from transports_core.bridge.shape import Leaf, Member, Scalar, Shape

__all__ = [
    "ContainerShape",
    "DictShape",
    "ExtraShape",
    "Leaf",
    "ListShape",
    "Member",
    "ObjectShape",
    "Scalar",
    "SetShape",
    "Shape",
    "TupleShape",
    "TypedDictShape",
    "class_shape",
    "from_value",
    "is_struct",
    "parse",
    "refuse_collisions",
    "shape_of",
    "to_value",
    "verify",
]
