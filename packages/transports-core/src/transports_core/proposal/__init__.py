"""Edits that clients propose: validated on copies, then written to live objects in place."""

from transports_core.proposal.effort import EFFORT
from transports_core.proposal.propose import propose

__all__ = ["EFFORT", "propose"]
