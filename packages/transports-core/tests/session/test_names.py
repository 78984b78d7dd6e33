"""Members of any name: hosted as they are, or refused by name."""

# What is tested here is what classes are called that no type checker sees.
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import copy
import dataclasses
import keyword
from typing import TYPE_CHECKING, Any

import msgspec
import pydantic
import pytest
import typing_extensions
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter

from transports_core.bridge import to_value
from transports_core.errors import TrackingError
from transports_core.session import Session
from transports_core.testing.followed import Followed

if TYPE_CHECKING:
    from collections.abc import Callable

model_of: Any = pydantic.create_model
struct_of: Any = msgspec.defstruct
typed_of: Any = typing_extensions.TypedDict

# Whatever Python or one of the libraries means something by.
RESERVED = sorted(
    {
        name
        for each in (
            object, type, int, list, dict, property, BaseModel, msgspec.Struct, type(BaseModel),
            type(msgspec.Struct), dataclasses.make_dataclass("D", []), lambda: 0, pytest,
            pydantic.dataclasses.dataclass(dataclasses.make_dataclass("D", [])),
        )
        for name in dir(each)
        if name.startswith("__") and name.endswith("__")
    }
    | {"__getattr__", "__post_init__", "__slots__", "__missing__", "__transports__", "__set_name__"}
)  # fmt: skip
ODD = [
    "copy", "json", "items", "keys", "self", "cls", "root", "name", "obj", "mro", "model_fields",
    "model_extra", "_", "__", "___", "_x", "__x", "x__", "é", "名", "ﬁ", "node", "id", "t", "type",
]  # fmt: skip
attributes = st.sampled_from(RESERVED) | st.sampled_from(ODD) | st.from_regex(r"[a-z_]\w{0,3}\Z")
# What may stand on the wire, wherever a library lets one say so.
KEYS = ["", "/", "~", "~0", "~1", "a/b", "-", "0", "1", "01", "__proto__", "constructor", "a b"]
keys = st.sampled_from([*KEYS, *keyword.kwlist, *RESERVED]) | st.text(
    st.characters(codec="utf-8"), max_size=4
)


def dataclass_of(name: str, *, slots: bool) -> Any:
    more = [("more", list[int], dataclasses.field(default_factory=list[int]))]
    return dataclasses.make_dataclass("Odd", [(name, int), *more], slots=slots)


MAKERS: dict[str, Callable[[str], Any]] = {
    "dataclass": lambda name: dataclass_of(name, slots=False),
    "slots": lambda name: dataclass_of(name, slots=True),
    "checked": lambda name: pydantic.dataclasses.dataclass(dataclass_of(name, slots=False)),
    "model": lambda name: model_of("Odd", **{name: (int, ...), "more": (list[int], [])}),
    "struct": lambda name: struct_of(
        "Odd", [(name, int), ("more", list[int], msgspec.field(default_factory=list))]
    ),
}


def usable(cls: Any, name: str) -> Any:
    """Make an instance that can be used as any other while nobody hosts it."""
    made = cls(**{name: 1})
    twin = cls(**{name: 1})
    setattr(twin, name, 2)
    twin.more.append(2)
    assert (getattr(made, name), getattr(twin, name), made.more) == (1, 2, [])
    assert type(made) is type(twin) is cls
    assert copy.copy(made).more is made.more
    return made


def follow(live: Any, key: str, write: Callable[[int], object]) -> None:
    """See that what is written to a hosted object is followed, and that clients can write it."""
    followed = Followed(late=False)
    session, id = followed.session, followed.host(live)
    shown: Any = followed.values[id]
    assert (shown[key], shown["more"]) == (1, [])
    write(2)
    followed.commit()
    session.live(id)["more"].append(3) if isinstance(live, dict) else live.more.append(3)
    followed.commit()
    assert followed.in_step()
    pointer = key.replace("~", "~0").replace("/", "~1")
    ops: list[Any] = [{"op": "replace", "path": f"/{pointer}", "value": 4}]
    session.submit(id, ops, epoch=session.epoch, base=session.rev)
    followed.commit()
    assert followed.in_step()
    assert followed.values[id] == {**shown, key: 4, "more": [3]}
    session.unhost(id)


@pytest.mark.promise("names.any")
@given(st.sampled_from(sorted(MAKERS)), attributes)
@example("slots", "__dataclass_fields__")
@example("struct", "__dataclass_fields__")
@example("struct", "__struct_fields__")
@example("dataclass", "__slots__")
@example("dataclass", "__transports__")
@example("slots", "__getattr__")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_class_with_a_member_of_any_name_is_hosted_right_or_refused_by_name(
    kind: str, name: str
) -> None:
    assume(name not in {"more", *keyword.kwlist})
    try:
        cls = MAKERS[kind](name)
        live = usable(cls, name)
    except Exception:
        # No class of Python's either, or none that works.
        assume(False)
        return
    reserved = name.startswith("__") and name.endswith("__") and name.strip("_")
    if kind == "model" and name not in cls.model_fields:
        # pydantic takes it for something else.
        assume(False)
    if not reserved:
        follow(live, name, lambda value: setattr(live, name, value))
        return
    holder = model_of("Holder", held=(Any, None))()
    session = Session()
    id = session.host(holder)
    for put in (
        lambda: session.host(live),
        lambda: session.host([live]),
        lambda: setattr(holder, "held", live),
        lambda: setattr(holder, "held", {"a": [live]}),
    ):
        with pytest.raises(TrackingError) as caught:
            put()
        assert (caught.value.model, caught.value.path) == ("Odd", f"/{name}")
    assert holder.held is None
    assert session.value(id) == {"held": None}
    assert session.ids() == [id]


def aliased(key: str) -> Any:
    config = ConfigDict(serialize_by_alias=True)
    return model_of(
        "Odd", __config__=config, n=(int, pydantic.Field(1, alias=key)), more=(list[int], [])
    )()


def renamed(key: str) -> Any:
    fields: list[Any] = [("n", int, 1), ("more", list[int], msgspec.field(default_factory=list))]
    return struct_of("Odd", fields, rename={"n": key})()


@pytest.mark.promise("names.any")
@given(st.sampled_from([aliased, renamed]), keys)
@example(aliased, "")
@settings(max_examples=40, deadline=None)
def test_member_that_is_called_anything_on_the_wire_is_followed_and_edited(
    make: Callable[[str], Any], key: str
) -> None:
    assume(key not in {"more", "n"})
    try:
        live = make(key)
        to_value(live)
    except (ValueError, NameError):
        # msgspec takes no control characters.
        assume(False)
        return
    follow(live, key, lambda value: setattr(live, "n", value))


@pytest.mark.promise("names.any")
@given(keys)
@settings(max_examples=20, deadline=None)
def test_key_of_any_text_is_followed_and_edited(key: str) -> None:
    assume(key != "more")
    typed = typed_of("Odd", {key: int, "more": list[int]})
    model: Any = model_of("Holder", held=(typed, ...))
    live = model(held={key: 1, "more": []})
    followed = Followed(late=False)
    session, id = followed.session, followed.host(live)
    live.held[key] = 2
    live.held["more"].append(3)
    followed.commit()
    pointer = key.replace("~", "~0").replace("/", "~1")
    ops: list[Any] = [{"op": "replace", "path": f"/held/{pointer}", "value": "4"}]
    session.submit(id, ops, epoch=session.epoch, base=session.rev)
    followed.commit()
    assert followed.in_step()
    assert followed.values == {id: {"held": {key: 4, "more": [3]}}}
    assert TypeAdapter(typed).validate_python(live.held) == {key: 4, "more": [3]}
