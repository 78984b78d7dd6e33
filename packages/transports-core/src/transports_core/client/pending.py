"""Proposals that wait for an answer.

Each gets exactly one outcome: its revision, `EditRejected`, or `EditUnknown`. The server remembers
its answers, so that a proposal whose answer went astray can be sent again: it is answered again,
and not applied again. That ends with the epoch.
"""

from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Final, TypeAlias

from transports_core.errors import EditRejected, EditUnknown, TransportsError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from transports_core.codecs import Frame
    from transports_core.message_types import AckMessage, EditMessage, RejectMessage

FORGOTTEN: Final = "forgotten"
"""The code for an edit that may have been accepted before: nobody remembers."""

Outcome: TypeAlias = int | TransportsError
"""What became of a proposal: the revision of its model with it, or why there is none."""


@dataclass(slots=True, eq=False)
class Pending:
    """A proposal that was not answered yet.

    Attributes:
        edit: The proposal.
        frame: The same, encoded.
        settle: To be told the outcome, once.
    """

    edit: "EditMessage"
    frame: "Frame"
    settle: "Callable[[Outcome], object]"


class Proposals:
    """The proposals of one client, oldest first."""

    def __init__(self) -> None:
        # 96 random bits for the client; the counter tells its proposals apart.
        self._prefix = token_hex(12)
        self._count = 0
        self._pending: dict[str, Pending] = {}
        # Those of them that are to be sent over the connection there is, or the next.
        self._unsent: dict[str, Pending] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def token(self) -> str:
        """Make a token that no other proposal has, of this client or any other."""
        self._count += 1
        return f"{self._prefix}-{self._count}"

    def add(self, pending: Pending) -> None:
        """Remember a proposal until it is answered. It is to be sent."""
        token = pending.edit["proposal"]
        self._pending[token] = self._unsent[token] = pending

    def discard(self, pending: Pending) -> None:
        """Forget a proposal: nobody waits for its outcome any more."""
        token = pending.edit["proposal"]
        self._pending.pop(token, None)
        self._unsent.pop(token, None)

    @property
    def unsent(self) -> bool:
        """Whether there is something to send."""
        return bool(self._unsent)

    def take_unsent(self) -> Pending | None:
        """Take the oldest proposal that is to be sent; `None` if there is none."""
        for token in self._unsent:
            return self._unsent.pop(token)
        return None

    def send_again(self) -> None:
        """Have all sent again: on a new connection, or because answers were missed."""
        self._unsent = self._pending.copy()

    def answer(self, message: "AckMessage | RejectMessage") -> EditRejected | None:
        """Settle the proposals that a message answers. Others' proposals are no matter of ours.

        Returns:
            The refusal, if it is one, and not the word that nobody remembers what the answer was.
        """
        if message["t"] == "ack":
            for token in message["proposals"]:
                if token in self._pending:
                    self._settle(token, message["rev"])
            return None
        token = message["proposal"]
        if message["error"]["code"] == FORGOTTEN:
            self._settle(token, EditUnknown(message["id"], token))
            return None
        refusal = rejection(message)
        self._settle(token, refusal)
        return refusal

    def fail(self, pending: Pending, problem: TransportsError) -> None:
        """Settle a proposal that could not be sent."""
        self._settle(pending.edit["proposal"], problem)

    def outlive(self, epochs: "Collection[str]") -> None:
        """Give up all proposals but those of the epochs that are still alive."""
        self._give_up(lambda pending: pending.edit["epoch"] not in epochs)

    def give_up_sent(self) -> None:
        """Give up what is in flight: the connection closed over one of its frames."""
        self._give_up(lambda pending: pending.edit["proposal"] not in self._unsent)

    def give_up(self) -> None:
        """Give up all: no connection will be made again."""
        self._give_up(lambda pending: True)

    def _give_up(self, lost: "Callable[[Pending], bool]") -> None:
        for token, pending in list(self._pending.items()):
            if lost(pending):
                self._settle(token, EditUnknown(pending.edit["id"], token))

    def _settle(self, token: str, outcome: Outcome) -> None:
        self._unsent.pop(token, None)
        pending = self._pending.pop(token, None)
        if pending is not None:
            pending.settle(outcome)


def rejection(message: "RejectMessage") -> EditRejected:
    """Make the error that says what a `reject` message says."""
    error = message["error"]
    # Whatever is in there is for the application to read; only its being a list is relied upon.
    details = error.get("details")
    return EditRejected(
        error["code"],
        error["message"],
        details if isinstance(details, list) else None,
        message["proposal"],
        message["id"],
    )
