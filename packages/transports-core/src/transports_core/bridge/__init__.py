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
from transports_core.bridge.doors import from_value, to_value
from transports_core.bridge.dump import dump, read
from transports_core.bridge.encoding import encode, parse, verify
from transports_core.bridge.kept import kept
from transports_core.bridge.objects import ExtraShape, ObjectShape, TypedDictShape
from transports_core.bridge.shape import Leaf, Member, Part, Scalar, Shape

__all__ = [
    "ContainerShape",
    "DictShape",
    "ExtraShape",
    "Leaf",
    "ListShape",
    "Member",
    "ObjectShape",
    "Part",
    "Scalar",
    "SetShape",
    "Shape",
    "TupleShape",
    "TypedDictShape",
    "class_shape",
    "dump",
    "encode",
    "from_value",
    "is_struct",
    "kept",
    "parse",
    "read",
    "shape_of",
    "to_value",
    "verify",
]
