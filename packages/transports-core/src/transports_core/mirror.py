"""A client's copy of the models that a server shows it: pure, and moved by nothing but frames.

A frame is applied whole or not at all. Where one does not apply, something was missed, and nothing
is ever applied across a gap: the mirror is *lost*. It keeps what it shows, forgets its cursor, and
ignores frames until a `reset` says that what follows is the truth.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from transports_core.document import Document
from transports_core.errors import PatchError, RemoteProtocolError, UnknownModelError
from transports_core.messages import parse_to_client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from transports_core.messages import (
        AccessWord,
        AckMessage,
        ErrorMessage,
        HelloMessage,
        PatchMessage,
        RejectMessage,
        RemoveMessage,
        ServerMessage,
        SnapshotMessage,
    )
    from transports_core.operation import Operation
    from transports_core.values import Value


@dataclass(slots=True)
class Copy:
    """One model as the mirror has it.

    Attributes:
        type: The name of the model's class.
        epoch: The life of the session that it belongs to.
        rev: The revision of its last change.
        access: What this connection may do with it.
        document: Its value.
    """

    type: str
    epoch: str
    rev: int
    access: "AccessWord"
    document: Document


@dataclass(slots=True)
class Received:
    """What a frame did.

    Attributes:
        applied: Whether it was applied; if not, only what concerns the connection counts.
        changed: The ids of models that came, or whose value or access changed.
        removed: The ids of models that went.
        answers: What became of proposals, in order.
        hello: The greeting, if this frame opened the connection.
        error: What the server found wrong with the connection, which it closes.
        reset: Whether mirrors were to be dropped, so that earlier answers may have been missed.
        problem: Why the frame does not apply; `None` also for one ignored while being lost.
    """

    applied: bool = True
    changed: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    answers: "list[AckMessage | RejectMessage]" = field(default_factory=lambda: [])
    hello: "HelloMessage | None" = None
    error: "ErrorMessage | None" = None
    reset: bool = False
    problem: PatchError | RemoteProtocolError | None = None


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

    def copy(self, id: int) -> Copy:
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
        try:
            known = [read for item in messages if (read := parse_to_client(item)) is not None]
        except RemoteProtocolError as problem:
            self.lose()
            return Received(applied=False, problem=problem)
        if len(known) == 1 and known[0]["t"] == "patch" and not self._lost and not self._fresh:
            return self._receive_patch(known[0])
        start = self._start(known) if self._lost else 0
        if start is None:
            return Received(applied=False, hello=_hello(known), error=_error(known))
        change = _Change(self._copies, self._cursor)
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

    def _receive_patch(self, message: "PatchMessage") -> Received:
        """Apply a patch that is alone in its frame, as nearly every one is.

        A document applies it whole or not at all, so there is nothing else to take back. That makes
        it half the work.
        """
        try:
            copy = _to_patch(self._copies, message)
            if copy is None:
                return Received()
            ops = cast("Sequence[Operation]", message["ops"])
            copy.document.apply(ops)
        except (PatchError, RemoteProtocolError) as problem:
            self.lose()
            return Received(applied=False, problem=problem)
        except BaseException:  # an interrupt, too: without this frame, the next stands on nothing
            self.lose()
            raise
        copy.rev = rev = message["rev"]
        if rev > self._cursor.get(copy.epoch, -1):
            self._cursor[copy.epoch] = rev
        return Received(changed=(message["id"],) if ops else ())

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


def _to_patch(copies: "Mapping[int, Copy]", message: "PatchMessage") -> Copy | None:
    """Find the copy that a patch is of; `None` if it shows that already.

    Raises:
        RemoteProtocolError: `gap`, if something before it was missed.
    """
    id, base = message["id"], message["base"]
    copy = copies.get(id)
    if copy is None:
        raise RemoteProtocolError("gap", f"a patch of model {id}, which is not here")
    if message["rev"] <= copy.rev:
        return None
    if base != copy.rev:
        reason = f"a patch of model {id} from revision {base}, which is at {copy.rev}"
        raise RemoteProtocolError("gap", reason)
    return copy


class _Change:
    """What a frame does to the copies of a mirror, in place, and how to take it back.

    Args:
        copies: The mirror's own.
        cursor: The mirror's, which stays as it is.
    """

    def __init__(self, copies: dict[int, Copy], cursor: dict[str, int]) -> None:
        self.cursor = cursor.copy()
        self._copies = copies
        # What takes back each deed, in the order of the deeds.
        self._undo: list[Callable[[], None]] = []
        # Whether each model that the frame touched was there before.
        self._touched: dict[int, bool] = {}
        self._received = Received()

    def received(self) -> Received:
        received = self._received
        if self._touched:
            copies = self._copies
            received.changed = tuple(id for id in self._touched if id in copies)
            received.removed = tuple(
                id for id, was in self._touched.items() if was and id not in copies
            )
        return received

    def take_back(self) -> None:
        for undo in reversed(self._undo):
            undo()

    def apply(self, message: "ServerMessage") -> None:
        match message["t"]:
            case "patch":
                self._patch(message)
            case "snapshot":
                self._snapshot(message)
            case "remove":
                self._remove(message)
            case "ack" | "reject":
                self._received.answers.append(message)
            case "reset":
                self.reset(message.get("epoch"), message.get("keep", ()))
            case "hello":
                self._received.hello = message
            case "error":
                self._received.error = message
            case "ping":
                pass

    def _patch(self, message: "PatchMessage") -> None:
        copy = _to_patch(self._copies, message)
        if copy is None:
            return
        before, rev = copy.rev, message["rev"]
        ops = cast("Sequence[Operation]", message["ops"])
        take_back = copy.document.attempt(ops)

        def undo() -> None:
            take_back()
            copy.rev = before

        self._undo.append(undo)
        copy.rev = rev
        if ops:
            self._touched.setdefault(message["id"], True)
        self._move(copy.epoch, rev)

    def _snapshot(self, message: "SnapshotMessage") -> None:
        id, epoch, rev = message["id"], message["epoch"], message["rev"]
        copy = self._copies.get(id)
        # At an equal revision it is the access that changed.
        if copy is None or copy.epoch != epoch or copy.rev <= rev:
            value = cast("Value", message["value"])
            self._put(id, Copy(message["type"], epoch, rev, message["access"], Document(value)))
        self._move(epoch, rev)

    def _remove(self, message: "RemoveMessage") -> None:
        id, epoch, rev = message["id"], message["epoch"], message["rev"]
        copy = self._copies.get(id)
        if copy is not None and copy.epoch == epoch and copy.rev <= rev:
            self._put(id, None)
        if message.get("last", False):
            self.cursor.pop(epoch, None)
        else:
            self._move(epoch, rev)

    def reset(self, epoch: str | None, keep: "Sequence[int]") -> None:
        self._received.reset = True
        if epoch is None:
            self.cursor.clear()
        else:
            self.cursor.pop(epoch, None)
        kept = frozenset(keep)
        for id, copy in list(self._copies.items()):
            if epoch is not None and copy.epoch != epoch:
                continue
            if id in kept:
                self._move(copy.epoch, copy.rev)
            else:
                self._put(id, None)

    def _put(self, id: int, copy: Copy | None) -> None:
        copies = self._copies
        before = copies.pop(id, None)

        def undo() -> None:
            copies.pop(id, None)
            if before is not None:
                copies[id] = before

        self._undo.append(undo)
        self._touched.setdefault(id, before is not None)
        if copy is not None:
            copies[id] = copy

    def _move(self, epoch: str, rev: int) -> None:
        if rev > self.cursor.get(epoch, -1):
            self.cursor[epoch] = rev
