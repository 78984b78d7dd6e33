"""Edits that clients propose: validated on copies, then written to live objects in place."""

from transports_core.proposal.propose import propose
from transports_core.proposal.rules import Verdicts

__all__ = ["Verdicts", "propose"]
