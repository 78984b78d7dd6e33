"""A client's copy of the models that a server shows it: pure, and moved by nothing but frames.

A frame is applied whole or not at all. Where one does not apply, something was missed, and nothing
is ever applied across a gap: the mirror is *lost*. It keeps what it shows, forgets its cursor, and
ignores frames until a `reset` says that what follows is the truth.
"""

from typing import TYPE_CHECKING, Any, Final

from transports_core.errors import PatchError, RemoteProtocolError, UnknownModelError
from transports_core.messages import is_ack, parse_to_client
from transports_core.received import Change, Received

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transports_core.message_types import ErrorMessage, HelloMessage, ServerMessage
    from transports_core.received import Copy
    from transports_core.values import Value


class Mirror:
    """The models of one connection after another, and the cursor to resume from.

    Frames are applied in the order in which the server sent them. Not thread-safe.
    """

    def __init__(self) -> None:
        self._copies: dict[int, Copy] = {}
        self._cursor: dict[str, int] = {}
        self._lost = False
        # Whether a connection began since it was lost, for which no cursor can have been given:
        # the next that is said of any model is the beginning of all that there is.
        self._fresh = False

    @property
    def lost(self) -> bool:
        """Whether the mirror waits for a `reset`."""
        return self._lost

    @property
    def cursor(self) -> dict[str, int] | None:
        """The greatest revision applied of each epoch; `None` while the mirror is lost."""
        return None if self._lost else dict(self._cursor)

    @property
    def epochs(self) -> frozenset[str]:
        """The epochs that the mirror knows to be alive."""
        return frozenset(self._cursor).union(copy.epoch for copy in self._copies.values())

    def ids(self) -> list[int]:
        """List the ids of the models, lowest first."""
        return sorted(self._copies)

    def copy(self, id: int) -> "Copy":
        """Find a model. What it holds changes with the next frame.

        Raises:
            UnknownModelError: If the server shows no such model.
        """
        copy = self._copies.get(id)
        if copy is None:
            raise UnknownModelError(id)
        return copy

    def value(self, id: int) -> "Value":
        """Hand out a model's value, which later frames never change. It is not to be changed.

        Raises:
            UnknownModelError: If the server shows no such model.
        """
        return self.copy(id).document.value()

    def lose(self) -> None:
        """Wait for a `reset`: something was missed. What is there stays readable."""
        self._lost = True
        self._fresh = False
        self._cursor.clear()

    def receive(self, messages: "Sequence[Mapping[str, object]]") -> Received:
        """Apply the messages of one frame.

        Returns:
            What they did. With a `problem` they did nothing, and the mirror is lost.
        """
        if len(messages) <= 2 and messages and not self._lost and not self._fresh:
            received = self._receive_patch(*messages)
            if received is not None:
                return received
        try:
            known = [read for item in messages if (read := parse_to_client(item)) is not None]
        except RemoteProtocolError as problem:
            self.lose()
            return Received(applied=False, problem=problem)
        start = self._start(known) if self._lost else 0
        if start is None:
            return Received(applied=False, hello=_hello(known), error=_error(known))
        change = Change(self._copies, self._cursor)
        try:
            if self._fresh:
                change.reset(None, ())
            for message in known[start:]:
                change.apply(message)
        except (PatchError, RemoteProtocolError) as problem:
            change.take_back()
            self.lose()
            return Received(applied=False, hello=_hello(known), problem=problem)
        except BaseException:
            # Even after an interrupt: without this frame, the next one stands on nothing.
            change.take_back()
            self.lose()
            raise
        self._cursor, self._lost, self._fresh = change.cursor, False, False
        return change.received()

    def _receive_patch(
        self, message: "Mapping[str, Any]", answer: "Mapping[str, Any] | None" = None
    ) -> Received | None:
        """Apply a patch that is alone in its frame, or with the `ack` of an edit that is in it.

        As nearly every one is. A document applies it whole or not at all, so there is nothing else
        to take back. That, and to look at a message right where it is applied, makes it a third of
        the work; a fourth of it with an `ack`.

        Returns:
            What it did; `None`, having done nothing, if it is no patch of what is here.
        """
        if answer is not None and not is_ack(answer):
            return None
        try:
            id: int = message["id"]
            base: int = message["base"]
            rev: int = message["rev"]
            ops: list[Any] = message["ops"]
            if (
                message["t"] != "patch"
                or not (type(id) is type(base) is type(rev) is int and type(ops) is list)
                or not base == (copy := self._copies[id]).rev < rev
            ):
                return None
        except KeyError:
            return None
        try:
            if len(ops) != 1 or not copy.document.overwrite(ops[0]):
                if not {dict}.issuperset(map(type, ops)):
                    return None
                copy.document.apply(ops)
        except PatchError as problem:
            self.lose()
            return Received(applied=False, problem=problem)
        except BaseException:  # an interrupt, too: without this frame, the next stands on nothing
            self.lose()
            raise
        copy.rev = rev
        if rev > self._cursor.get(copy.epoch, -1):
            self._cursor[copy.epoch] = rev
        news = copy.news if ops else Received()
        return news if answer is None else Received(change=news.change, answers=(answer,))

    def _start(self, messages: "Sequence[ServerMessage]") -> int | None:
        """Find where in a frame a lost mirror can begin again: the place of a message."""
        for place, message in enumerate(messages):
            if message["t"] == "hello":
                self._fresh = True
            elif self._fresh and message["t"] in _ABOUT_MODELS:
                return 0
            elif message["t"] == "reset" and self._covered(messages[place:]):
                return place
        return None

    def _covered(self, messages: "Sequence[ServerMessage]") -> bool:
        """Tell whether resets concern all mirrors that there are."""
        epochs = {copy.epoch for copy in self._copies.values()}
        for message in messages:
            if message["t"] == "reset":
                if "epoch" not in message:
                    return True
                epochs.discard(message["epoch"])
        return not epochs


_ABOUT_MODELS: Final = ("snapshot", "patch", "remove", "reset")


def _hello(messages: "Sequence[ServerMessage]") -> "HelloMessage | None":
    return next((message for message in messages if message["t"] == "hello"), None)


def _error(messages: "Sequence[ServerMessage]") -> "ErrorMessage | None":
    return next((message for message in messages if message["t"] == "error"), None)
