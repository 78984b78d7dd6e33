"""Follow hosted objects by what is recorded of them, as a mirror does."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from transports_core.bridge import parse
from transports_core.patch import apply
from transports_core.tracking import Root, collect
from transports_core.tracking.kinds import NODES
from transports_core.values import same

if TYPE_CHECKING:
    from collections.abc import Generator

    from transports_core.errors import UnrepresentableError
    from transports_core.patch import Operation
    from transports_core.values import Value


class Follower:
    """Follows a hosted object by what is recorded of it."""

    def __init__(self, obj: object) -> None:
        self.woken = 0
        self.lost = 0
        self.patches: list[list[Operation]] = []
        self.errors: list[UnrepresentableError] = []
        self.root = Root(obj, self)
        self.value: Value = parse(self.root.encode())

    def wake(self) -> None:
        self.woken += 1

    def record(self, root: Root, ops: list[Operation]) -> None:
        assert root is self.root
        self.patches.append(ops)
        self.value = apply(self.value, ops)

    def fail(self, root: Root, error: UnrepresentableError) -> None:
        assert root is self.root
        self.errors.append(error)

    def lose(self, root: Root) -> None:
        assert root is self.root
        self.lost += 1

    def collect(self) -> None:
        collect([self.root])

    def ops(self) -> list[Operation]:
        """Collect, check, and give the operations."""
        self.patches.clear()
        self.collect()
        self.check()
        return [op for patch in self.patches for op in patch]

    def check(self) -> None:
        assert not self.errors
        live = parse(self.root.encode())
        assert same(self.value, live), f"{self.value}\n{live}"


@contextmanager
def following(*objects: object) -> Generator[list[Follower]]:
    """Follow objects, and make sure that afterwards nothing is tracked."""
    followers: list[Follower] = []
    before = set(NODES)
    try:
        followers.extend(map(Follower, objects))
        yield followers
    finally:
        for follower in followers:
            follower.root.release()
    # Sessions of other tests may be freed meanwhile.
    assert set(NODES) <= before
