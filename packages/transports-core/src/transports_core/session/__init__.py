"""Live models, and the log of what happened to them. Names are looked up when they are used."""

from importlib import import_module
from typing import TYPE_CHECKING

from transports_core.session.session import Session

if TYPE_CHECKING:
    from transports_core.session.change import Change, Failure, Origin
    from transports_core.session.merge import (
        ConcurrentEdit,
        LastWriteWins,
        MergeStrategy,
        PerField,
    )
    from transports_core.session.outcome import Outcome
    from transports_core.session.snapshot import Snapshot

__all__ = [
    "Change",
    "ConcurrentEdit",
    "Failure",
    "LastWriteWins",
    "MergeStrategy",
    "Origin",
    "Outcome",
    "PerField",
    "Session",
    "Snapshot",
]

# Where each name is at home that a session can do without.
_HOMES = {
    "Change": "change",
    "Failure": "change",
    "Origin": "change",
    "ConcurrentEdit": "merge",
    "LastWriteWins": "merge",
    "MergeStrategy": "merge",
    "PerField": "merge",
    "Outcome": "outcome",
    "Snapshot": "snapshot",
}

if not TYPE_CHECKING:  # a type checker would take any name at all for one of these

    def __getattr__(name: str) -> object:
        if name in _HOMES:
            return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
