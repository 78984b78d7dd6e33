"""Kinds of places without objects in them: scalars, and containers of other kinds."""

from __future__ import annotations

import datetime as dt
import enum
from typing import TYPE_CHECKING, Any, Literal

import pydantic
from hypothesis import strategies as st
from pydantic import SecretStr

from .kind import Kind, Strategy, annotated, small, text

if TYPE_CHECKING:
    from collections.abc import Iterator


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


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
