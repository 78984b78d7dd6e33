"""What changed alone is told as it is where there is more to tell apart: no way is another way.

Everything is played twice, on two copies of a model: as it is, and with the short way closed.
"""

from __future__ import annotations

import importlib
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from transports_core.errors import UnrepresentableError

from .following import following
from .models import Everything, Holder, Strict
from .mutation import Script, mutate

if TYPE_CHECKING:
    from collections.abc import Callable

COLLECT = importlib.import_module("transports_core.tracking.collect")


def play(script: Script, make: Callable[[], Any]) -> Any:
    """Give all that is told of what a script does, a collection after nearly each write."""
    script.rewind()
    with following(make()) as (follower,):
        for _ in range(script.draw(st.integers(1, 8))):
            for _ in range(script.draw(st.sampled_from([1, 1, 1, 2]))):
                mutate(script, follower.root.obj)
            if script.draw(st.booleans()):
                unseen(script, follower.root.obj)
            follower.collect()
        # What came unseen is to be let go again.
        with suppress(UnrepresentableError):
            follower.root.resync()
        errors = [(error.path, error.model, error.reason) for error in follower.errors]
        return repr((follower.patches, errors, follower.woken, follower.lost))


def unseen(script: Script, model: Any) -> None:
    """Change places of what is hosted, so that nobody sees it."""
    name = script.draw(st.sampled_from(["leaf", "leaves", "points", "struct", "number"]))
    if isinstance(model.__dict__.get(name), list):
        list[Any].reverse(model.__dict__[name])
    elif name in model.__dict__ and script.draw(st.booleans()):
        model.__dict__[name] = model.__dict__[name].model_copy() if name == "leaf" else 7


@pytest.mark.promise("collect.lone")
@pytest.mark.parametrize("make", [Everything, Holder, Strict])
@given(st.data())
def test_what_changed_alone_is_told_as_it_is_among_others(make: Any, data: st.DataObject) -> None:
    script = Script(data)
    told = play(script, make)
    with patch.object(COLLECT, "collect_lone", return_value=False):
        assert play(script, make) == told


class Counts(BaseModel):
    whole: int = 0
    ratio: float = 0.0
    counts: dict[str, int] = {}


numbers = st.sampled_from(
    [
        0,
        -0.0,
        0.0,
        1,
        1.0,
        True,
        -(2**63) - 1,
        -(2**63),
        2**63,
        2**64 - 1,
        2**64,
        math.inf,
        math.nan,
    ]
)


@pytest.mark.promise("collect.lone")
@given(st.lists(st.one_of(numbers, st.integers(), st.floats(), st.sampled_from(["", "~", None]))))
def test_one_number_after_another_is_told_as_anything_is(values: list[Any]) -> None:
    told: list[str] = []
    for kinds in ({int, float}, set[type]()):
        with (
            patch("transports_core.tracking.slots._NUMBERS", kinds),
            following(Counts()) as (follower,),
        ):
            model = follower.root.obj
            for value in values:
                model.whole = model.ratio = value
                # Of two keys, so that one is there and one is not.
                model.counts["/~"] = value
                if model.counts.pop("", None) is None:
                    model.counts[""] = value
                follower.collect()
                if follower.errors:
                    # From here on, only a comparison of all of it tells what there is to say.
                    break
            told.append(repr((follower.patches, [str(error) for error in follower.errors])))
    assert told[0] == told[1]


@pytest.mark.promise("collect.lone")
def test_object_that_is_hosted_twice_is_not_alone() -> None:
    counts = Counts()
    with following(counts, counts) as (one, two):
        counts.whole = 7
        assert one.ops() == [{"op": "replace", "path": "/whole", "value": 7}]
        two.check()


@pytest.mark.promise("collect.lone")
def test_object_that_has_come_to_share_something_is_not_alone() -> None:
    with following({}, {"there": [1]}) as (one, two):
        shared = two.root.obj["there"]
        shared.append(2)
        one.root.obj["here"] = shared
        one.collect()
        two.collect()
        one.check()
        two.check()


@pytest.mark.promise("collect.lone")
def test_dict_that_says_two_things_of_one_key_fails_alone() -> None:
    with following({1: 0}) as (one,):
        one.root.obj["1"] = 0
        one.collect()
        assert [error.path for error in one.errors] == [""]
        del one.root.obj["1"]
