"""Classes of generated models, and edits drawn from what they declare and from beyond it."""

# What is tested here is what models do with values of any type, right or wrong; their fields are
# not known to a type checker.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
# pyright: reportUnknownLambdaType=false
# pyright: reportUnknownParameterType=false
# pyright: reportUntypedBaseClass=false
# pyright: reportGeneralTypeIssues=false

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import enum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import msgspec
import pydantic
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, PrivateAttr, SecretStr, computed_field, create_model
from pydantic import field_validator as validator_of_field
from pydantic import model_validator as validator_of_model

from transports_core.bridge import to_value

from .models import operations, plain
from .models import traps as simple_traps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

made_of: Any = create_model
struct_of: Any = msgspec.defstruct
annotated: Any = Annotated
Strategy = st.SearchStrategy[Any]


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


VETO = "not that"
"""What a class says that does not take what is assigned."""


class CrashError(RuntimeError):
    """What a validator raises that is no refusal."""


@dataclasses.dataclass(eq=False)
class Kind:
    """What may stand at a declared place.

    Attributes:
        hint: Its type.
        values: Native values that it takes.
        types: The classes of those values.
        parts: Gives the places inside of such a value: step, kind and what is there.
        new: Steps to what is not there yet, and what may be put there.
        tidy: What the class makes of a value that it is given.
    """

    hint: Any
    values: Strategy
    types: tuple[type, ...]
    parts: Callable[[Any], Iterator[tuple[str, Kind, Any]]] = lambda value: iter(())
    new: tuple[Strategy, Kind] | None = None
    tidy: Callable[[Any], Any] = lambda value: value


@dataclasses.dataclass
class Shape:
    """What is known of a generated class."""

    kinds: dict[str, Kind]
    names: dict[str, str]
    frozen: set[str]
    excluded: set[str]
    immutable: bool


SHAPES: dict[type, Shape] = {}
"""The generated classes, of one example."""

text = st.sampled_from(["", "a", "b", "A ", "ab", "bad", "crash", "/", "~", "é", "__class__", "1"])
small = st.integers(-3, 9)
TRAPS = st.one_of(
    simple_traps,
    st.sampled_from(
        [
            "__pydantic_private__", "__pydantic_extra__", "__pydantic_fields_set__",
            "model_fields_set", "model_fields", "model_computed_fields", "__fields__", "shared",
            "_private", "__setattr__", "__class__/__name__", "__dict__/a", "_private/0", "act",
            "twice", "size", "shared/0", "model_fields_set/0", "__struct_fields__", "__slots__",
            "__dataclass_fields__", "__proto__", "model_post_init", "__pydantic_validator__",
            "__class__/model_config/extra", "copy", "update", "__init__/__globals__", "",
        ]
    ),
)  # fmt: skip


def wire(value: Any) -> Any:
    """Give what a client would send for a native value."""
    if type(value) in SHAPES:
        return to_value(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(wire(key)): wire(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [wire(part) for part in value]
    return value


@st.composite
def scalars(draw: st.DrawFn, meta: Any) -> Kind:  # noqa: C901  # one case each
    """Draw a kind without parts."""
    which = draw(st.integers(0, 12 if meta is pydantic.Field else 10))
    match which:
        case 0:
            return Kind(int, small, (int,))
        case 1:
            low = draw(st.integers(-3, 3))
            values = st.integers(low, low + 4)
            return Kind(annotated[int, meta(ge=low, le=low + 4)], values, (int,))
        case 2:
            return Kind(str, text, (str,))
        case 3:
            hint = annotated[str, meta(min_length=1, max_length=3)]
            return Kind(hint, st.sampled_from(["a", "bb", "/~é"]), (str,))
        case 4:
            hint = annotated[str, meta(pattern="^[ab]+$")]
            return Kind(hint, st.sampled_from(["a", "ab", "bba"]), (str,))
        case 5:
            return Kind(Literal["x", "y"], st.sampled_from(["x", "y"]), (str,))
        case 6:
            return Kind(Colour, st.sampled_from(Colour), (Colour,))
        case 7:
            return Kind(float, st.floats(-2, 2, width=16), (float,))
        case 8:
            return Kind(bool, st.booleans(), (bool,))
        case 9:
            return Kind(dt.date, st.dates(dt.date(2020, 1, 1), dt.date(2020, 1, 9)), (dt.date,))
        case 10:
            return Kind(Level, st.sampled_from(Level), (Level,))
        case 11:
            return Kind(SecretStr, text.map(SecretStr), (SecretStr,))
        case _:
            return Kind(Any, st.none() | small | text | st.lists(small, max_size=2), (object,))


def listing(item: Kind, meta: Any, low: int, high: int) -> Kind:
    """Make the kind of a list."""
    return Kind(
        annotated[list[item.hint], meta(min_length=low, max_length=high)],
        st.lists(item.values, min_size=low, max_size=high),
        (list,),
        lambda value: ((str(at), item, part) for at, part in enumerate(value)),
        (st.sampled_from(["-", "0", "1"]), item),
    )


def mapping(item: Kind, meta: Any, high: int, *, by_number: bool) -> Kind:
    """Make the kind of a dict."""
    keys: Strategy = st.integers(0, 3) if by_number else text
    return Kind(
        annotated[dict[int if by_number else str, item.hint], meta(max_length=high)],
        st.dictionaries(keys, item.values, max_size=high),
        (dict,),
        lambda value: ((str(key), item, part) for key, part in value.items()),
        (keys.map(str), item),
    )


def tupled(first: Kind, second: Kind | None) -> Kind:
    """Make the kind of a tuple: of two parts, or of any number that are alike."""
    if second is None:
        return Kind(
            tuple[first.hint, ...],
            st.lists(first.values, max_size=2).map(tuple),
            (tuple,),
            lambda value: ((str(at), first, part) for at, part in enumerate(value)),
            (st.sampled_from(["-", "0"]), first),
        )
    return Kind(
        tuple[first.hint, second.hint],
        st.tuples(first.values, second.values),
        (tuple,),
        lambda value: iter((("0", first, value[0]), ("1", second, value[1]))),
    )


def either(kinds: list[Kind], hint: Any) -> Kind:
    """Make the kind of a union."""

    def parts(value: Any) -> Iterator[tuple[str, Kind, Any]]:
        chosen = [kind for kind in kinds if isinstance(value, kind.types)]
        return chosen[0].parts(value) if chosen else iter(())

    return Kind(
        hint,
        st.one_of([kind.values for kind in kinds]),
        tuple(cls for kind in kinds for cls in kind.types),
        parts,
    )


NOTHING = Kind(None, st.none(), (type(None),))


@st.composite
def kinds(draw: st.DrawFn, style: str, depth: int) -> Kind:  # noqa: C901  # one case each
    """Draw a kind, of nested classes down to a depth."""
    meta: Any = msgspec.Meta if style == "struct" else pydantic.Field
    if draw(st.integers(0, 9)) < (3 if depth else 6):
        return draw(scalars(meta))
    inner = classes(style, depth - 1) if depth else scalars(meta)
    which = draw(st.integers(0, 11 if style != "struct" else 8))
    low = draw(st.integers(0, 1))
    match which:
        case 0 | 1:
            return draw(inner)
        case 2:
            one = draw(inner)
            return either([NOTHING, one], one.hint | None if one.hint is not Any else Any)
        case 3 | 4:
            return listing(draw(inner), meta, low, low + draw(st.integers(1, 3)))
        case 5:
            number = draw(st.booleans())
            return mapping(draw(inner), meta, draw(st.integers(1, 3)), by_number=number)
        case 6:
            other = None if draw(st.booleans()) else draw(scalars(meta))
            return tupled(draw(inner), other)
        case 7:
            words = st.sampled_from(["a", "b", "c"])
            cls: Any = draw(st.sampled_from([set, frozenset]))
            values = st.sets(words, min_size=low, max_size=2).map(cls)
            return Kind(annotated[cls[str], meta(min_length=low, max_length=2)], values, (cls,))
        case 8:
            number, word = Kind(int, small, (int,)), Kind(str, text, (str,))
            return either([number, word], int | str)
        case 9:
            return draw(tagged(depth))
        case 10:
            one, two = draw(inner), draw(scalars(meta))
            # Of a text, pydantic makes one of these in Python and may make the other of JSON.
            doubtful = SecretStr in one.types + two.types and str in one.types + two.types
            if doubtful or one.hint is Any:
                return one
            return either([one, two], one.hint | two.hint)
        case _:
            one, two = draw(inner), draw(inner)
            if Any in (one.hint, two.hint):
                return one
            many = listing(one, meta, 0, 2)
            return either([many, two], many.hint | two.hint)


@st.composite
def tagged(draw: st.DrawFn, depth: int) -> Kind:
    """Draw a union whose alternatives say what they are."""
    one, two = (draw(models(max(depth - 1, 0), tag=tag)) for tag in ("one", "two"))
    hint = annotated[one.hint | two.hint, pydantic.Field(discriminator="tag")]
    return either([one, two], hint)


def classes(style: str, depth: int) -> st.SearchStrategy[Kind]:
    """Give generated classes that may stand inside of those of a style."""
    if style == "struct":
        return structs(depth)
    return st.integers(0, 4).flatmap(
        lambda n: models(depth) if n < 3 else records(depth, checked=n == 3)
    )


def members(cls: type) -> Callable[[Any], Iterator[tuple[str, Kind, Any]]]:
    """Give what tells the places inside of an object of a generated class."""

    def parts(value: Any) -> Iterator[tuple[str, Kind, Any]]:
        shape = SHAPES.get(type(value))
        for attr, kind in (shape.kinds if shape else {}).items():
            if shape and attr not in shape.excluded:
                yield shape.names[attr], kind, getattr(value, attr)

    del cls
    return parts


def instances(cls: Any, fields: dict[str, Kind], optional: set[str]) -> Strategy:
    """Give instances of a class that takes them."""
    given = st.fixed_dictionaries(
        {name: kind.values for name, kind in fields.items() if name not in optional},
        optional={name: kind.values for name, kind in fields.items() if name in optional},
    )

    def make(sent: dict[str, Any]) -> Any:
        try:
            return validated(cls, sent)
        except (ValueError, CrashError):
            return None

    return given.map(make).filter(lambda made: made is not None)


def validated(cls: Any, sent: dict[str, Any]) -> Any:
    """Make an instance as its class would of native members."""
    if issubclass(cls, BaseModel):
        return cls.model_validate(sent, by_name=True, by_alias=False)
    if issubclass(cls, msgspec.Struct):
        names = SHAPES[cls].names
        return msgspec.convert({names[name]: part for name, part in sent.items()}, cls)
    return pydantic.TypeAdapter(cls).validate_python(sent)


def numbers(value: Any) -> Iterator[int]:
    """Give the integers in what a client would see."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from numbers(part)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


Rule = Any


def too_much(limit: int) -> Rule:
    """Refuse what holds numbers that come to more than a limit."""

    def rule(obj: Any) -> None:
        parts = [wire(getattr(obj, name)) for name in SHAPES[type(obj)].kinds if name != "tally"]
        if sum(numbers(parts)) > limit:
            raise ValueError("too much")

    return rule


def capping(attr: str, inner: str, high: int, low: int) -> Rule:
    """Have a number in a child become another where it is too high."""

    def rule(obj: Any) -> None:
        child = getattr(obj, attr)
        if getattr(child, inner, None) == high:
            setattr(child, inner, low)

    return rule


def tallying(obj: Any) -> None:
    """Have an object hold how many numbers there are in it, without that one."""
    parts = [wire(getattr(obj, name)) for name in SHAPES[type(obj)].kinds if name != "tally"]
    found = sum(1 for _ in numbers(parts))
    if obj.tally != found:
        obj.tally = found


def crashing(attr: str) -> Rule:
    """Break down where a member is of a certain text."""

    def rule(obj: Any) -> None:
        if getattr(obj, attr) == "crash":
            raise CrashError

    return rule


@st.composite
def rules(draw: st.DrawFn, fields: dict[str, Kind], *, writes: bool) -> list[Rule]:
    """Draw what a class asks of its instances as a whole."""
    found: list[Rule] = []
    if draw(st.integers(0, 2)) == 0:
        found.append(too_much(draw(st.integers(6, 20))))
    for attr, kind in fields.items():
        if str in kind.types and draw(st.integers(0, 4)) == 0:
            found.append(crashing(attr))
        shape = SHAPES.get(kind.hint) if isinstance(kind.hint, type) else None
        if writes and shape is not None and not shape.immutable:
            inner = [
                name
                for name, part in shape.kinds.items()
                if part.hint is int and name not in shape.frozen and name != "tally"
            ]
            if inner and draw(st.booleans()):
                found.append(capping(attr, draw(st.sampled_from(inner)), 3, 2))
    return found


@st.composite
def models(  # noqa: C901  # one draw after another
    draw: st.DrawFn, depth: int, tag: str | None = None
) -> Kind:
    """Draw a pydantic model."""
    names = ["a", "b", "c", "d"][: draw(st.integers(1, 3))]
    fields = {name: draw(kinds("model", depth)) for name in names}
    by_alias = draw(st.booleans())
    immutable = draw(st.integers(0, 5)) == 0
    config = ConfigDict(
        extra=draw(st.sampled_from(["ignore", "forbid", "allow"])),
        validate_assignment=draw(st.booleans()),
        serialize_by_alias=by_alias,
        validate_by_name=draw(st.booleans()),
        validate_by_alias=True,
        frozen=immutable,
    )
    tally = not immutable and draw(st.integers(0, 3)) == 0
    checks = draw(rules(fields, writes=not immutable)) + ([tallying] if tally else [])
    veto = None if immutable or draw(st.integers(0, 4)) else draw(st.sampled_from(names))

    class Plain(BaseModel):
        model_config = config
        shared: ClassVar[list[int]] = [1]
        _private: list[int] = PrivateAttr(default_factory=lambda: [1])

        @property
        def twice(self) -> int:
            return 2

        def act(self) -> int:
            return 1

    Base: Any = Plain  # noqa: N806
    if draw(st.booleans()):

        class Computed(Base):
            @computed_field
            @property
            def size(self) -> int:
                return len(self.__dict__)

        Base = Computed  # noqa: N806
    if checks:

        class Judged(Base):
            @validator_of_model(mode="after")
            def _judge(self) -> Self:
                for check in checks:
                    check(self)
                return self

        Base = Judged  # noqa: N806
    if veto is not None:
        late = draw(st.booleans())

        class Jealous(Base):
            def __setattr__(self, name: str, value: Any) -> None:
                refused = name == veto and value in (0, "a", "x", True)
                if late or not refused:
                    super().__setattr__(name, value)
                if refused:
                    raise ValueError(VETO)

        Base = Jealous  # noqa: N806

    validators: dict[str, Any] = {}
    declared: dict[str, Any] = {}
    shape = Shape({}, {}, set(), set(), immutable)
    optional: set[str] = set()
    for name, kind in fields.items():
        if draw(st.integers(0, 2)) == 0 and kind.hint in (str, int):
            tidy = _tidied if kind.hint is str else _clamped
            mode: Any = draw(st.sampled_from(["after", "plain", "wrap", "before"]))
            validators[f"tidy_{name}"] = validator_of_field(name, mode=mode)(_MODES[mode](tidy))
            fields[name] = kind = dataclasses.replace(kind, tidy=tidy)
        told: dict[str, Any] = {}
        if draw(st.booleans()):
            told["alias"] = f"{name}{name.upper()}"
        shape.names[name] = told["alias"] if told and by_alias else name
        fate = draw(st.integers(0, 7))
        if fate == 0:
            told["frozen"] = True
            shape.frozen.add(name)
        if fate == 1 or draw(st.booleans()):
            # Most validators do not see defaults.
            first = kind.tidy(draw(kind.values.filter(lambda value: value != "bad")))
            told["default_factory"] = lambda first=first: copy.deepcopy(first)
            optional.add(name)
            if fate == 1:
                told["exclude"] = True
                shape.excluded.add(name)
        declared[name] = (kind.hint, pydantic.Field(**told))
    if tag is not None:
        declared["tag"] = (Literal[tag], tag)
        fields["tag"] = Kind(Literal[tag], st.just(tag), (str,))
        shape.names["tag"] = "tag"
        optional.add("tag")
    if tally:
        declared["tally"] = (int, 0)
        fields["tally"] = Kind(int, small, (int,))
        shape.names["tally"] = "tally"
        optional.add("tally")
    cls = made_of("Model", __base__=Base, __validators__=validators, **declared)
    shape.kinds = fields
    SHAPES[cls] = shape
    made = instances(cls, fields, optional)
    if config.get("extra") == "allow":
        made = st.tuples(made, st.dictionaries(st.sampled_from(["x", "y"]), small)).map(_with_extra)
    return Kind(cls, made, (cls,), members(cls))


def _with_extra(drawn: tuple[Any, dict[str, Any]]) -> Any:
    made, extra = drawn
    made.__pydantic_extra__.update(extra)
    return made


def _tidied(value: str) -> str:
    if value == "bad":
        raise ValueError("bad")
    return value.strip().lower()


def _clamped(value: int) -> int:
    return min(value, 5)


_MODES: dict[str, Any] = {
    "after": lambda tidy: lambda cls, value: tidy(value),
    "plain": lambda tidy: lambda cls, value: tidy(_strictly(tidy, value)),
    "wrap": lambda tidy: lambda cls, value, handler: tidy(handler(value)),
    "before": lambda tidy: lambda cls, value: _perhaps(tidy, value),
}


def _strictly(tidy: Any, value: Any) -> Any:
    if type(value) is not (str if tidy is _tidied else int):
        raise ValueError("of another type")
    return value


def _perhaps(tidy: Any, value: Any) -> Any:
    return tidy(value) if type(value) is (str if tidy is _tidied else int) else value


@st.composite
def records(draw: st.DrawFn, depth: int, *, checked: bool) -> Kind:
    """Draw a dataclass: pydantic's, or the standard library's."""
    names = ["a", "b", "c"][: draw(st.integers(1, 3))]
    fields = {name: draw(kinds("dataclass", depth)) for name in names}
    immutable = draw(st.integers(0, 5)) == 0
    checks = draw(rules(fields, writes=False))
    optional: set[str] = set()
    declared: list[Any] = []
    for name, kind in fields.items():
        if optional or draw(st.booleans()):
            first = draw(kind.values)
            make: Any = lambda first=first: copy.deepcopy(first)  # noqa: E731
            declared.append((name, kind.hint, dataclasses.field(default_factory=make)))
            optional.add(name)
        else:
            declared.append((name, kind.hint))

    def judge(self: Any) -> None:
        for check in checks:
            check(self)

    space: dict[str, Any] = {"act": lambda self: 1, "shared": [1]}
    if checks:
        space["__post_init__"] = judge
    cls: Any = dataclasses.make_dataclass("Record", declared, namespace=space, frozen=immutable)
    if checked:
        config = ConfigDict(validate_assignment=draw(st.booleans()))
        cls = pydantic.dataclasses.dataclass(cls, config=config, frozen=immutable)
    SHAPES[cls] = Shape(fields, {name: name for name in fields}, set(), set(), immutable)
    return Kind(cls, instances(cls, fields, optional), (cls,), members(cls))


@st.composite
def structs(draw: st.DrawFn, depth: int) -> Kind:
    """Draw a `msgspec.Struct`."""
    names = ["a", "b", "c"][: draw(st.integers(1, 3))]
    fields = {name: draw(kinds("struct", depth)) for name in names}
    immutable = draw(st.integers(0, 5)) == 0
    checks = draw(rules(fields, writes=False))
    optional: set[str] = set()
    declared: list[Any] = []
    for name, kind in fields.items():
        if optional or draw(st.booleans()):
            first = draw(kind.values)
            make: Any = lambda first=first: copy.deepcopy(first)  # noqa: E731
            declared.append((name, kind.hint, msgspec.field(default_factory=make)))
            optional.add(name)
        else:
            declared.append((name, kind.hint))

    def judge(self: Any) -> None:
        for check in checks:
            check(self)

    renamed = draw(st.booleans())
    cls = struct_of(
        "Struct",
        declared,
        namespace={"__post_init__": judge, "act": lambda self: 1} if checks else None,
        frozen=immutable,
        rename=(lambda name: name.upper()) if renamed else None,
        forbid_unknown_fields=draw(st.booleans()),
    )
    wired = {name: name.upper() if renamed else name for name in fields}
    SHAPES[cls] = Shape(fields, wired, set(), set(), immutable)
    return Kind(cls, instances(cls, fields, optional), (cls,), members(cls))


def token(step: str) -> str:
    """Give a step as a pointer writes it."""
    return step.replace("~", "~0").replace("/", "~1")


def spots(kind: Kind, value: Any, path: str = "") -> Iterator[tuple[str, Kind, Any]]:
    """Give every declared place of a model."""
    yield path, kind, value
    for step, inner, part in kind.parts(value):
        yield from spots(inner, part, f"{path}/{token(step)}")


@st.composite
def mangled(draw: st.DrawFn, value: Any) -> Any:
    """Draw what is nearly a value."""
    if isinstance(value, dict):
        key = draw(st.sampled_from([*value, "x"]))
        match draw(st.integers(0, 4)):
            case 0:
                return {name: part for name, part in value.items() if name != key}
            case 1:
                return {**value, draw(TRAPS): draw(plain)}
            case 2:
                return {**value, draw(st.sampled_from(["a", "aA", "b", "tag", "x"])): draw(plain)}
            case _:
                return {**value, key: draw(mangled(value.get(key)))}
    if isinstance(value, list) and value and draw(st.booleans()):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], draw(mangled(value[at])), *value[at + 1 :]]
    return draw(plain | TRAPS | st.sampled_from([-100, 100, "zzzzzz", True, 1.0, [], {}, "1"]))


@st.composite
def proposed(draw: st.DrawFn, top: Kind, live: Any, shown: Any) -> dict[str, Any]:
    """Draw an operation: one that the model declares, nearly one, or one from beyond."""
    how = draw(st.integers(0, 9))
    if how == 0:
        return draw(operations(shown))
    found = [*spots(top, live)]
    path, kind, here = draw(st.sampled_from(found))
    if how == 1:
        op = draw(st.sampled_from(["replace", "add", "remove", "append"]))
        path = f"{path}/{draw(TRAPS)}"
        return {"op": op, "path": path, **({} if op == "remove" else {"value": draw(plain)})}
    if kind.new is not None and draw(st.booleans()):
        steps, inner = kind.new
        sent = wire(draw(inner.values))
        if kind.types == (list,) and draw(st.booleans()):
            return {"op": "append", "path": path, "value": [sent]}
        return {"op": "add", "path": f"{path}/{token(draw(steps))}", "value": sent}
    if how == 2 and path:
        return {"op": "remove", "path": path}
    if how == 3:
        alike = [other for other, like, _ in found if like is kind]
        op = draw(st.sampled_from(["copy", "move", "copy"]))
        return {"op": op, "from": draw(st.sampled_from(alike)), "path": path}
    if how == 4 and isinstance(here, list):
        order = draw(st.permutations(range(len(here))))
        return {"op": "reorder", "path": path, "order": order}
    sent = wire(draw(kind.values))
    if how >= 8:
        sent = draw(mangled(sent))
    return {"op": draw(st.sampled_from(["replace", "add"])), "path": path, "value": sent}


def roots() -> st.SearchStrategy[Kind]:
    """Give the classes of models."""
    return st.integers(0, 9).flatmap(
        lambda n: models(2) if n < 6 else structs(2) if n > 7 else records(2, checked=n == 6)
    )
