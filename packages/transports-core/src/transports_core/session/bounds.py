"""The rules that models of a session have, each of them once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transports_core.access import Access, Rule


class Bounds:
    """Which rules there are, so that servers can ask them of each connection.

    Attributes:
        rules: They, as committed: another tuple whenever that changes.
    """

    __slots__ = ("_models", "rules")

    def __init__(self) -> None:
        self.rules: tuple[Rule, ...] = ()
        # How many models have each.
        self._models: Counter[Rule] = Counter()

    def exchange(self, old: Access | Rule | None, new: Access | Rule | None) -> None:
        """Hear that a model is open to something else than before."""
        if not callable(old) and not callable(new):
            return
        if callable(new):
            self._models[new] += 1
        if callable(old):
            self._models[old] -= 1
            if not self._models[old]:
                del self._models[old]
        if self._models.keys() != frozenset(self.rules):
            self.rules = tuple(self._models)
