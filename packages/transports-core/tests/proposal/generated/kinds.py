"""Kinds of any place, those of nested classes among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pydantic
from hypothesis import strategies as st
from pydantic import SecretStr

from .kind import Kind, annotated, small, text
from .plain_kinds import NOTHING, either, listing, mapping, scalars, tupled

if TYPE_CHECKING:
    from collections.abc import Callable

NESTED: dict[str, Callable[..., st.SearchStrategy[Kind]]] = {}
"""What draws classes, by name. They hold kinds, which may be classes again."""


def nested(
    classes: Callable[..., st.SearchStrategy[Kind]],
) -> Callable[..., st.SearchStrategy[Kind]]:
    """Have what draws classes be found by its name."""
    NESTED[classes.__name__] = classes
    return classes


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
    one, two = (draw(NESTED["models"](max(depth - 1, 0), tag=tag)) for tag in ("one", "two"))
    hint = annotated[one.hint | two.hint, pydantic.Field(discriminator="tag")]
    return either([one, two], hint)


def classes(style: str, depth: int) -> st.SearchStrategy[Kind]:
    """Give generated classes that may stand inside of those of a style."""
    if style == "struct":
        return NESTED["structs"](depth)
    return st.integers(0, 4).flatmap(
        lambda n: NESTED["models"](depth) if n < 3 else NESTED["records"](depth, checked=n == 3)
    )
