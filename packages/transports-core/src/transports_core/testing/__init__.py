"""For tests of what builds on core: of logs, of adapters, of applications."""

from transports_core.testing.conformance import Conformance, by_url
from transports_core.testing.memory import memory
from transports_core.testing.stage import Dial

__all__ = ["Conformance", "Dial", "by_url", "memory"]
