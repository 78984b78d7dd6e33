"""One write after another, where the first was nothing to record."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, Field

from .following import following


@dataclass
class Gauge:
    level: int = 0


class Meter(BaseModel):
    level: int = 0
    gauge: Gauge = Field(default_factory=Gauge)
    levels: dict[str, int] = {"one": 0}


def test_what_was_set_to_what_it_is_is_seen_when_it_changes() -> None:
    with following(Meter()) as (follower,):
        meter: Meter = follower.root.obj
        meter.level = meter.gauge.level = meter.levels["one"] = 0
        meter.level = meter.gauge.level = meter.levels["one"] = 1
        assert [op["path"] for op in follower.ops()] == ["/level", "/gauge/level", "/levels/one"]
