"""What a frame does to the models of a mirror, in place, and how to take it back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from transports_core.document import Document
from transports_core.errors import RemoteProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from transports_core.errors import PatchError
    from transports_core.message_types import (
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


@dataclass(frozen=True, slots=True)
class MirrorChange:
    """What one frame changed in a mirror.

    Attributes:
        changed: The ids of models that came, or whose value or access changed.
        removed: The ids of models that are no longer there.
    """

    changed: tuple[int, ...]
    removed: tuple[int, ...]


class Received(NamedTuple):
    """What a frame did.

    Attributes:
        applied: Whether it was applied; if not, only what concerns the connection counts.
        change: What it changed, if anything.
        answers: What became of proposals, in order.
        hello: The greeting, if this frame opened the connection.
        error: What the server found wrong with the connection, which it closes.
        reset: Whether mirrors were to be dropped, so that earlier answers may have been missed.
        is_plain: Whether it changed something, and that is all.
        problem: Why the frame does not apply; `None` also for one ignored while being lost.
    """

    applied: bool = True
    change: MirrorChange | None = None
    answers: "Sequence[AckMessage | RejectMessage]" = ()
    hello: "HelloMessage | None" = None
    error: "ErrorMessage | None" = None
    reset: bool = False
    is_plain: bool = False
    problem: "PatchError | RemoteProtocolError | None" = None


@dataclass(slots=True)
class Copy:
    """One model as the mirror has it.

    Attributes:
        type: The name of the model's class.
        epoch: The life of the session that it belongs to.
        rev: The revision of its last change.
        access: What this connection may do with it.
        document: Its value.
        news: What a frame did that changed this model and nothing else.
    """

    type: str
    epoch: str
    rev: int
    access: "AccessWord"
    document: Document
    news: Received


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


class Change:
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
        self._answers: list[AckMessage | RejectMessage] = []
        self._hello: HelloMessage | None = None
        self._error: ErrorMessage | None = None
        self._reset = False

    def received(self) -> Received:
        """Say what it all came to."""
        return Received(
            change=self._mirror_change(),
            answers=tuple(self._answers),
            hello=self._hello,
            error=self._error,
            reset=self._reset,
        )

    def _mirror_change(self) -> MirrorChange | None:
        copies, touched = self._copies, self._touched
        changed = tuple(id for id in touched if id in copies)
        removed = tuple(id for id, was in touched.items() if was and id not in copies)
        return MirrorChange(changed, removed) if changed or removed else None

    def take_back(self) -> None:
        """Undo all of it."""
        for undo in reversed(self._undo):
            undo()

    def apply(self, message: "ServerMessage") -> None:
        """Do what a message says.

        Raises:
            PatchError: An operation does not apply.
            RemoteProtocolError: `gap`, if something before it was missed.
        """
        match message["t"]:
            case "patch":
                self._patch(message)
            case "snapshot":
                self._snapshot(message)
            case "remove":
                self._remove(message)
            case "ack" | "reject":
                self._answers.append(message)
            case "reset":
                self.reset(message.get("epoch"), message.get("keep", ()))
            case "hello":
                self._hello = message
            case "error":
                self._error = message
            case "ping":
                pass

    def _patch(self, message: "PatchMessage") -> None:
        copy = _to_patch(self._copies, message)
        if copy is None:
            return
        before, rev = copy.rev, message["rev"]
        ops: Any = message["ops"]
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
            value: Any = message["value"]
            news = Received(change=MirrorChange((id,), ()), is_plain=True)
            copy = Copy(message["type"], epoch, rev, message["access"], Document(value), news)
            self._put(id, copy)
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
        """Drop the models of an epoch, or of all, but those to keep."""
        self._reset = True
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
