"""Generated pydantic models."""

# What is tested here is what models do with values of any type, right or wrong; their fields are
# not known to a type checker.
# pyright: reportUnknownLambdaType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import copy
import dataclasses
from typing import Any, ClassVar, Literal, Self

import pydantic
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, PrivateAttr, computed_field, create_model
from pydantic import field_validator as validator_of_field
from pydantic import model_validator as validator_of_model

from .asked import rules, tallying
from .kind import SHAPES, Kind, Shape, small
from .kinds import kinds, nested
from .made import instances, members

made_of: Any = create_model


VETO = "not that"
"""What a class says that does not take what is assigned."""


@nested
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
