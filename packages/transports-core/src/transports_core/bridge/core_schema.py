"""From pydantic's core schema, the description that its own serializers are made of, to shapes.

What is not known here is `Shape`, dumped whole: a new kind of schema costs speed, never truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from pydantic_core import SchemaSerializer

from transports_core.bridge.anything import anything
from transports_core.bridge.choice import ChoiceShape, DeferredShape, NullableShape
from transports_core.bridge.containers import DictShape, ListShape, SetShape, TupleShape
from transports_core.bridge.definitions import Definitions
from transports_core.bridge.fields import fill
from transports_core.bridge.inference import Inference
from transports_core.bridge.objects import ObjectShape, TypedDictShape
from transports_core.bridge.shape import Leaf, Member, Scalar, Shape, every

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from transports_core.bridge.encoding import Serializer


Schema = dict[str, Any]

_SCALARS: Final[Mapping[str, type]] = {"int": int, "str": str, "bool": bool, "none": type(None)}

# Types with nothing inside that could change by itself.
_LEAVES: Final = frozenset(
    {
        "bytes", "complex", "date", "datetime", "decimal", "enum", "frozenset", "literal",
        "missing-sentinel", "multi-host-url", "time", "timedelta", "url", "uuid",
    }
)  # fmt: skip

# Schemas that only wrap another one, as far as a serializer is concerned, by the key that holds
# what they wrap.
_WRAPPERS: Final[Mapping[str, str]] = {
    "custom-error": "schema",
    "default": "schema",
    "function-after": "schema",
    "function-before": "schema",
    "function-wrap": "schema",
    "json-or-python": "json_schema",
    "lax-or-strict": "strict_schema",
}

# Schemas that say how to validate, and nothing of what the result looks like.
_UNTYPED: Final = frozenset({"any", "callable", "function-plain", "is-instance", "is-subclass"})

# Kinds whose plain method name is taken.
_METHODS: Final[Mapping[str, str]] = {"definitions": "_definitions_"}


class ClassShape(Protocol):
    """What gives the shape of a class that has a schema of its own."""

    def __call__(self, cls: type, inference: Inference | None = None, /) -> Shape:
        """Give the shape beneath a model with the settings given; `None`: its own."""
        ...


class Compiler:
    """Makes the shapes of one class's core schema.

    Args:
        inference: The settings of the outermost model.
        class_shape: Gives the shape of a class that has a schema of its own.
        met_shape: Gives the shape of a class met where nothing is declared.
        config: The class's core configuration.
        top: Makes the shapes of what is referred to; `None`: this one.
    """

    def __init__(
        self,
        inference: Inference,
        class_shape: ClassShape,
        met_shape: Callable[[type], Shape],
        config: Mapping[str, Any] | None,
        top: Compiler | None = None,
    ) -> None:
        self.config: Schema = dict(config or {})
        self.definitions: Definitions = Definitions() if top is None else top.definitions
        self._inference = inference
        self._class_shape = class_shape
        self._met_shape = met_shape
        self._top = self if top is None else top
        self._deferred: dict[str, DeferredShape] = {}
        self._any = anything(inference, met_shape)
        self._uniform = Inference.of(self.config) == inference

    def compile(self, schema: Schema) -> Shape:
        """Give the shape of the position that `schema` describes."""
        if "serialization" in schema:
            return self._serialized(schema)
        kind: str = schema["type"]
        if kind in _WRAPPERS:
            return self.compile(schema[_WRAPPERS[kind]])
        if kind in _SCALARS:
            return Scalar(_SCALARS[kind], self._serializer_of(schema))
        if kind in _LEAVES:
            return Leaf(self._serializer_of(schema))
        if kind in _UNTYPED:
            return self._any
        make = getattr(self, _METHODS.get(kind, "_" + kind.replace("-", "_")), None)
        return Shape(self._serializer_of(schema)) if make is None else make(schema)

    def fill(self, shape: ObjectShape, schema: Schema) -> bool:
        """Give `shape` the members that the schema of its class declares.

        Returns:
            Whether that is all that there is to it: nothing else writes the object.
        """
        inner = schema["schema"]
        if schema.get("root_model"):
            shape.members["root"] = Member(None, self.compile(inner))
            return True
        while inner["type"] not in {"model-fields", "dataclass-args"}:
            if "serialization" in inner or "schema" not in inner:
                return False
            inner = self.definitions.follow(inner["schema"])
        fill(shape, inner, self)
        return True

    def serializer(self, schema: Schema) -> Serializer:
        """Prepare pydantic's serializer for a position of the class."""
        if self._uniform:
            return _prepare(self.definitions.closed(schema), self.config)
        # The position is under one configuration, and what is inferred there under another.
        carried = {"type": "model", "cls": _Carrier, "root_model": True, "config": self.config}
        closed = self.definitions.closed({**carried, "schema": schema})
        return _Carried(_prepare(closed, self._inference.config))

    def class_serializer(self, schema: Schema) -> Serializer:
        """Prepare pydantic's serializer for a class, whose schema brings its configuration."""
        return _prepare(self.definitions.closed(schema), self._inference.config)

    def _serializer_of(self, schema: Schema) -> Callable[[], Serializer]:
        return lambda: self.serializer(schema)

    def _serialized(self, schema: Schema) -> Shape:
        how = schema["serialization"]
        if how["type"] == "any":
            return self._any
        if self._uniform and how["type"] == "function-wrap":
            function = how["function"]
            if _hands_on(function):
                return self.compile(how["schema"])
            if _writes_sequence(function):
                return ListShape(self.compile(how["schema"]), self._serializer_of(schema))
        bare = {key: part for key, part in schema.items() if key != "serialization"}
        simple = isinstance(self.compile(bare), Leaf)
        return Shape(self._serializer_of(schema), simple=simple)

    def _nullable(self, schema: Schema) -> Shape:
        return NullableShape(self.compile(schema["schema"]), self._serializer_of(schema))

    def _float(self, schema: Schema) -> Shape:
        make = self._serializer_of(schema)
        return Scalar(float, make) if Inference.of(self.config).nulls else Leaf(make)

    def _chain(self, schema: Schema) -> Shape:
        return self.compile(schema["steps"][-1])

    def _call(self, schema: Schema) -> Shape:
        made = schema.get("return_schema")
        return self._any if made is None else self.compile(made)

    def _list(self, schema: Schema) -> Shape:
        return ListShape(self._items(schema), self._serializer_of(schema))

    def _set(self, schema: Schema) -> Shape:
        return SetShape(self._items(schema), self._serializer_of(schema))

    def _items(self, schema: Schema) -> Shape:
        items = schema.get("items_schema")
        return self._any if items is None else self.compile(items)

    def _tuple(self, schema: Schema) -> Shape:
        items = [self.compile(item) for item in schema["items_schema"]]
        variadic = schema.get("variadic_item_index")
        return TupleShape(items, variadic, self._serializer_of(schema))

    def _named_tuple(self, schema: Schema) -> Shape:
        items = [self.compile(field["schema"]) for field in schema["fields"]]
        return TupleShape(items, None, self._serializer_of(schema), schema["cls"])

    def _dict(self, schema: Schema) -> Shape:
        values, keys = schema.get("values_schema"), schema.get("keys_schema")
        value = self._any if values is None else self.compile(values)
        make = self._serializer_of(schema)
        if keys is None:
            return DictShape(value, make, self._any)
        # Text is written as it is, whatever it was declared as, unless an application's own
        # serializer writes it.
        as_is = all(type(shape) is not Shape for shape in every(self.compile(keys)))
        writer = Shape(self._serializer_of({"type": "dict", "keys_schema": keys}))
        return DictShape(value, make, writer, as_is=as_is)

    def _union(self, schema: Schema) -> Shape:
        # A choice may carry a label beside its schema.
        choices = cast("list[Schema | tuple[Schema, str]]", schema["choices"])
        schemas = [choice[0] if isinstance(choice, tuple) else choice for choice in choices]
        return self._choice(schemas, schema)

    def _tagged_union(self, schema: Schema) -> Shape:
        return self._choice(schema["choices"].values(), schema)

    def _choice(self, choices: Iterable[Schema], schema: Schema) -> Shape:
        shapes = [self.compile(choice) for choice in choices]
        if len(shapes) == 1:
            return shapes[0]
        return ChoiceShape(shapes, self._serializer_of(schema), sound=self._uniform)

    def _definitions_(self, schema: Schema) -> Shape:
        return self.compile(self.definitions.take_in(schema))

    def _definition_ref(self, schema: Schema) -> Shape:
        return self._top.defined(schema["schema_ref"])

    def defined(self, ref: str) -> Shape:
        """Give the shape of a definition."""
        if ref not in self._deferred:
            deferred = self._deferred[ref] = DeferredShape()
            deferred.target = self.compile(self.definitions[ref])
        return self._deferred[ref]

    def _model(self, schema: Schema) -> Shape:
        return self._class_shape(schema["cls"], self._inference)

    def _dataclass(self, schema: Schema) -> Shape:
        cls: type = schema["cls"]
        if "__pydantic_serializer__" in cls.__dict__:
            return self._class_shape(cls, self._inference)
        # One of the standard library is under the configuration of what it stands in.
        config = schema.get("config")
        own = Compiler(self._inference, self._class_shape, self._met_shape, config, self._top)
        return own.of_class(cls, schema, lambda: self.class_serializer(schema))

    def of_class(self, cls: type, schema: Schema, make: Callable[[], Serializer]) -> Shape:
        """Give the shape of a class from the part of its schema that is about its instances."""
        shape = ObjectShape(cls, make, uniform=self._uniform)
        return shape if self.fill(shape, schema) else shape.whole

    def _typed_dict(self, schema: Schema) -> Shape:
        shape = TypedDictShape(self._serializer_of(schema))
        fill(shape, schema, self)
        return shape


def _hands_on(function: Any) -> bool:
    """Whether a function that wraps a serializer does nothing but call it.

    pydantic has many of those, none of which has a name.
    """
    code = getattr(function, "__code__", None)
    return code is not None and (code.co_code, code.co_names) == _HANDING_ON


def _hand_on(value: object, handler: Callable[[object], object]) -> object:
    return handler(value)


_HANDING_ON: Final = (_hand_on.__code__.co_code, _hand_on.__code__.co_names)


def _writes_sequence(function: Any) -> bool:
    """Whether a function is how pydantic writes a `Sequence[T]`: as a list, whatever it is."""
    name, module = getattr(function, "__name__", ""), getattr(function, "__module__", "")
    return name == "serialize_sequence_via_list" and module.startswith("pydantic.")


class _Carrier:
    """What a position's value is put into to bring the configuration it is under."""

    __slots__ = ("root",)

    def __init__(self, root: object) -> None:
        self.root = root


class _Carried:
    """A serializer of positions under another configuration than what is inferred there."""

    def __init__(self, serializer: SchemaSerializer) -> None:
        self._serializer = serializer

    def to_json(self, live: Any, /, **options: Any) -> bytes:
        """Write `live` as JSON text."""
        return self._serializer.to_json(_Carrier(live), **options)


def _prepare(schema: Schema, config: Schema) -> SchemaSerializer:
    return SchemaSerializer(cast("Any", schema), cast("Any", config))
