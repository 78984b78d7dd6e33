"""The laws of edits, for generated models and generated edits of them."""

# What is tested here is what models do with values of any type, right or wrong.
# pyright: reportArgumentType=false
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from transports_core.bridge import to_value
from transports_core.errors import EditRejected, PatchError
from transports_core.patch import apply
from transports_core.proposal import propose
from transports_core.tracking import Root, collect
from transports_core.values import same

from .models import Everything, everything, operations, small, text

if TYPE_CHECKING:
    from transports_core.errors import UnrepresentableError
    from transports_core.operation import Operation

SETS = {"tags", "frozen"}
# What an edit is refused for that a model made of the edited value would not be: it leads to what
# the model does not show, does not declare, or shows in a form of its own.
STRICTER = {"path_error", "extra_forbidden"}


@st.composite
def edits(draw: st.DrawFn) -> tuple[Everything, list[Any], Any]:
    """Draw a model, an edit, and what the edit makes of the model's value if it applies."""
    model = draw(everything)
    value: Any = to_value(model)
    ops: list[Any] = []
    expected: Any = value
    for _ in range(draw(st.integers(1, 4))):
        op = draw(operations(expected if expected is not None else value))
        ops.append(op)
        try:
            expected = apply(expected, [op])
        except PatchError:
            return model, ops, None
    return model, ops, expected


def inventory(part: Any, found: dict[int, Any] | None = None) -> dict[int, Any]:
    """Give all that is in a model, shown or not, by identity."""
    found = {} if found is None else found
    if id(part) in found or isinstance(part, (str, int, float, type(None))):
        return found
    if isinstance(part, BaseModel):
        held: Any = [
            dict(part.__dict__), part.__pydantic_extra__, part.__pydantic_private__,
            set(part.model_fields_set),
        ]  # fmt: skip
        inside = [*part.__dict__.values(), part.__pydantic_extra__, part.__pydantic_private__]
    elif dataclasses.is_dataclass(part):
        held, inside = dict(part.__dict__), list(part.__dict__.values())
    elif isinstance(part, dict):
        held, inside = dict(part), list(part.values())
    elif isinstance(part, (list, tuple, set, frozenset)):
        held, inside = list(part), list(part)
    else:
        held, inside = repr(part), []
    # The object itself is kept, or another could get its identity.
    found[id(part)] = (part, type(part), held)
    for each in inside:
        inventory(each, found)
    return found


def unseen(part: Any) -> Any:
    """Give what a client can neither see nor write of an object."""
    if not isinstance(part, BaseModel):
        return None
    hidden = {name for name, field in type(part).model_fields.items() if field.exclude}
    others = set(part.__dict__) - set(type(part).model_fields)
    values = {name: part.__dict__[name] for name in hidden | others}
    return values, repr(part.__pydantic_private__)


def normal(value: Any) -> Any:
    """Give a value with the elements of its sets in an order that does not depend on theirs."""
    if isinstance(value, dict):
        return {
            key: sorted(part, key=repr)
            if key in {"tags", "frozen"} and isinstance(part, list)
            else normal(part)
            for key, part in value.items()
        }
    return [normal(part) for part in value] if isinstance(value, list) else value


def remade(expected: Any) -> Any:
    """Give the value of a model that is made of an edited value; `None` if none can be."""
    if expected is None:
        return None
    try:
        return to_value(Everything.model_validate(expected, strict=False))
    except ValidationError:
        return None


def refusal_of(model: Everything, ops: list[Operation]) -> EditRejected | None:
    try:
        propose(model, ops)
    except EditRejected as error:
        return error
    return None


def is_stricter(error: EditRejected, model: Everything) -> bool:
    """Whether an edit is refused for what would not keep a model from being made anew."""
    if error.code == "read_only":
        return True
    details: list[Any] = list(error.details or ())
    # What stands where anything may, stays what it is.
    typed = [each for each in details if each["loc"][:1] != ["any"] or model.any is None]
    return error.code == "invalid" and (
        not typed or bool({each["type"] for each in typed} & STRICTER)
    )


@pytest.mark.promise("failure.4", "edit.validated", "edit.declared")
@given(edits())
@settings(max_examples=100)
def test_edit_is_refused_without_a_trace_or_leads_to_what_it_says(
    drawn: tuple[Everything, list[Operation], Any],
) -> None:
    model, ops, expected = drawn
    before = to_value(model)
    things = inventory(model)
    secrets = [(part, unseen(part)) for part, _, _ in things.values()]
    typed = isinstance(model.any, BaseModel)
    anew = remade(expected)
    error = refusal_of(model, ops)
    if error is not None:
        # No defect of ours passes for an answer.
        assert error.code != "invalid" or error.details
        assert inventory(model) == things
        assert same(to_value(model), before)
        assert anew is None or is_stricter(error, model)
        return
    after: Any = to_value(model)
    assert anew is not None
    if typed:
        anew["any"] = after["any"]
    assert normal(after) == normal(anew)
    assert all(unseen(part) == kept for part, kept in secrets)
    # What it holds is valid as it is.
    Everything.model_validate(model.model_dump())


class Echo:
    """Takes what tracking finds."""

    def __init__(self) -> None:
        self.ops: list[Operation] = []

    def wake(self) -> None: ...

    def record(self, root: Root, ops: list[Operation]) -> None:
        del root
        self.ops += ops

    def fail(self, root: Root, error: UnrepresentableError) -> None:
        raise error

    def lose(self, root: Root) -> None: ...


# What was generated is held by the generator, which writes nothing to it.
@pytest.mark.filterwarnings("ignore::transports_core.errors.UntrackedReferenceWarning")
@given(edits())
def test_tracking_sees_what_an_edit_writes(drawn: tuple[Everything, list[Operation], Any]) -> None:
    model, ops, _ = drawn
    echo = Echo()
    root = Root(model, echo)
    before = to_value(model)
    error = refusal_of(model, ops)
    collect([root])
    after = to_value(model)
    assert same(apply(before, echo.ops), after)
    if error is not None:
        assert normal(before) == normal(after)
    elif same(before, after):
        assert echo.ops == []
    root.release()


class Part(msgspec.Struct):
    n: int = 0
    tags: set[str] = set()


class Pair(NamedTuple):
    one: int
    two: int = 2


class Made(msgspec.Struct, rename="camel"):
    """What a struct may be made of."""

    some_part: Part = msgspec.field(default_factory=Part)
    many: list[Part] = []
    by_name: dict[str, Part] = {}
    pair: tuple[int, Part] = (0, Part())
    maybe: Part | None = None
    text: str = ""
    short: Annotated[list[int], msgspec.Meta(max_length=3)] = []
    brief: Annotated[list[int], msgspec.Meta(min_length=1)] | None = None
    place: tuple[int, int] | None = None
    named: Pair = Pair(1)


parts = st.builds(Part, n=small, tags=st.sets(text, max_size=2))
made = st.builds(
    Made,
    some_part=parts,
    many=st.lists(parts, max_size=3),
    by_name=st.dictionaries(text, parts, max_size=2),
    pair=st.tuples(small, parts),
    maybe=st.none() | parts,
    text=text,
    short=st.lists(small, max_size=3),
    brief=st.none() | st.lists(small, min_size=1, max_size=3),
    place=st.none() | st.tuples(small, small),
    named=st.builds(Pair, small, small),
)


@given(made, st.data())
def test_edit_of_a_struct_obeys_the_same_law(model: Made, data: st.DataObject) -> None:
    before: Any = to_value(model)
    op: Any = data.draw(operations(before))
    try:
        anew: Any = to_value(msgspec.convert(apply(before, [op]), Made, strict=True))
    except (PatchError, msgspec.ValidationError):
        anew = None
    error = refusal_of(model, [op])
    if error is not None:
        assert error.code != "invalid" or error.details
        assert same(to_value(model), before)
        assert anew is None or {each["type"] for each in error.details or ()} & STRICTER
    else:
        assert anew is not None
        assert normal(to_value(model)) == normal(anew)
