"""What is computed is computed where something changed, and nowhere else."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, computed_field, model_serializer

from .following import following

CALLS: list[str] = []


class Part(BaseModel):
    name: str = ""
    n: int = 0

    @computed_field
    @property
    def double(self) -> int:
        CALLS.append(self.name)
        return 2 * self.n


class Whole(BaseModel):
    name: str = ""
    parts: list[Part] = []

    @model_serializer
    def write(self) -> dict[str, Any]:
        CALLS.append(self.name)
        return {"sum": sum(part.n for part in self.parts)}


class Group(BaseModel):
    name: str = ""
    parts: list[Part] = []
    wholes: list[Whole] = []
    groups: list[Group] = []

    @computed_field
    @property
    def count(self) -> int:
        CALLS.append(self.name)
        return sum(part.n for part in self.parts) + len(self.groups)


def group() -> Group:
    return Group(
        name="top",
        parts=[Part(name="part 1"), Part(name="part 2")],
        wholes=[Whole(name="whole 1", parts=[Part(name="inner")]), Whole(name="whole 2")],
        groups=[Group(name="group 1", parts=[Part(name="leaf")]), Group(name="group 2")],
    )


def test_only_what_is_at_or_above_a_change_is_computed_again() -> None:
    live = group()
    with following(live) as (follower,):

        def called(write: Any) -> list[str]:
            write()
            # The check itself encodes everything.
            CALLS.clear()
            follower.collect()
            calls = sorted(CALLS)
            follower.check()
            return calls

        def set_n(part: Part) -> Any:
            return lambda: setattr(part, "n", part.n + 1)

        assert called(set_n(live.parts[0])) == ["part 1", "top"]
        assert called(set_n(live.groups[0].parts[0])) == ["group 1", "leaf", "top"]
        assert called(set_n(live.wholes[0].parts[0])) == ["top", "whole 1"]
        assert called(lambda: setattr(live.wholes[1], "name", "whole 2")) == ["top", "whole 2"]
        assert called(lambda: setattr(live.groups[1], "name", "g")) == ["g", "top"]
        assert called(lambda: None) == []


def test_object_in_several_places_is_computed_once() -> None:
    live = group()
    part = live.parts[0]
    live.groups[1].parts.append(part)
    with following(live, part) as (follower, other):
        part.n = 7
        CALLS.clear()
        follower.collect()
        assert sorted(CALLS) == ["group 2", "part 1", "top"]
        follower.check()
        other.check()


def test_what_shows_the_same_as_before_is_not_sent() -> None:
    live = group()
    with following(live) as (follower,):
        live.wholes[0].name = "another"
        live.groups[0].parts[0].n = 0
        assert [op["path"] for op in follower.ops()] == []
