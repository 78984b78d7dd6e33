"""Rules by which some may write, and all others look."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from transports_core.access import READ, WRITE, Access, refuse_async


@dataclass(frozen=True, slots=True)
class WritableBy:
    """A rule by which some may write, and all others look: made by `writable_by`."""

    allows: Callable[[Any], bool]

    def __call__(self, principal: Any) -> Access:
        """Give what a principal may do."""
        allowed = cast("object", self.allows(principal))
        if not isinstance(allowed, bool):
            raise TypeError(f"{self.allows!r} gave {allowed!r}, which is no bool")
        return WRITE if allowed else READ


def writable_by(allows: Callable[[Any], bool]) -> WritableBy:
    """Make a rule by which some may write, and all others may look.

    It can be said wherever access is: of a field (`Annotated[float, writable_by(is_engineer)]`), of
    a model (`session.host(pump, access=writable_by(is_engineer))`) and of a server.

    Args:
        allows: Told the principal that `authorize` gave, `None` where there is none; tells whether
            it may write. It must be quick: it is asked while an edit waits. If it raises, or gives
            anything but a `bool`, that is logged, and nothing may be written.

    Raises:
        LocalProtocolError: It is asynchronous, and there is nobody to wait for it.
    """
    refuse_async(allows)
    return WritableBy(allows)
