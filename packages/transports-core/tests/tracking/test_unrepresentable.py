"""A value that cannot be said is reported once, with its place, and holds up its model alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, Field, field_serializer

from transports_core.testing.followed import Followed

if TYPE_CHECKING:
    from transports_core.session import Failure


class Inner(BaseModel):
    value: Any = 0
    items: list[Any] = []
    named: dict[Any, Any] = {}
    written: int = 0

    @field_serializer("written")
    def write(self, value: int) -> int:
        if value < 0:
            raise ZeroDivisionError("negative")
        return value


class Outer(BaseModel):
    inner: list[Inner] = Field(default_factory=lambda: [Inner()])
    n: int = 0


Write = Callable[[Inner], object]

# What breaks, what mends it, and where it is; a message without a place names the model.
BREAKING: dict[str, tuple[Write, Write, str]] = {
    "lone surrogate": (
        lambda m: setattr(m, "value", "\ud800"), lambda m: setattr(m, "value", "a"),
        "/inner/0/value",
    ),
    "object": (
        lambda m: setattr(m, "value", object()), lambda m: setattr(m, "value", 1),
        "/inner/0/value",
    ),
    "item": (lambda m: m.items.append(object()), lambda m: m.items.clear(), "/inner/0/items"),
    "serializer": (
        lambda m: setattr(m, "written", -1), lambda m: setattr(m, "written", 1), "/inner/0",
    ),
    "keys": (
        lambda m: m.named.update({1: "a", "1": "b"}), lambda m: m.named.pop(1), "",
    ),
}  # fmt: skip


@pytest.mark.promise("session.unrepresentable", "failure.14")
@pytest.mark.parametrize(("spoil", "mend", "path"), BREAKING.values(), ids=BREAKING)
def test_it_is_reported_once_waits_alone_and_heals(spoil: Write, mend: Write, path: str) -> None:
    followed = Followed(late=False)
    failures: list[Failure] = []
    followed.session.on_error(failures.append)
    bad, good = Outer(), Outer()
    id, other = followed.host(bad), followed.host(good)
    shown = followed.values[id]
    spoil(bad.inner[0])
    for n in range(1, 4):
        bad.n = good.n = n
        followed.commit()
        assert followed.values[other] == good.model_dump()
        assert followed.values[id] == shown
    [failure] = failures
    assert (failure.id, failure.error.model) == (id, "Outer")
    assert failure.error.path.startswith(path)
    mend(bad.inner[0])
    followed.commit()
    assert followed.values[id] == bad.model_dump(mode="json") != shown
    bad.inner[0].items.append(5)
    followed.commit()
    assert followed.in_step()
    # And it is reported again when it happens again.
    spoil(bad.inner[0])
    followed.commit()
    assert len(failures) == 2
