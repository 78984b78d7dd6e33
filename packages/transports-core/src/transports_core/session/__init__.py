"""Live models, and the log of what happened to them."""

from transports_core.session.change import Change, Failure, Origin
from transports_core.session.merge import (
    ConcurrentEdit,
    LastWriteWins,
    MergeStrategy,
    PerField,
)
from transports_core.session.outcome import Outcome
from transports_core.session.session import Session
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
