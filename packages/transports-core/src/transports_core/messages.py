"""The messages of the wire protocol: one builder and one shape for each (`message_types`).

A message is a plain map whose `t` names its type. Builders make what this side sends; `parse_*`
looks at what the other side sent, once, so that nothing behind them meets a field of another kind.
Unknown message types and unknown fields are not errors: a later version of the protocol adds some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from transports_core import values
from transports_core.errors import EditRejected, RemoteProtocolError, UnrepresentableError
from transports_core.shapes import TO_CLIENT, TO_SERVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeGuard

    from transports_core.encoded import EncodedJson
    from transports_core.message_types import (
        AccessWord,
        AckMessage,
        ClientMessage,
        EditMessage,
        ErrorMessage,
        HelloMessage,
        PatchMessage,
        PingMessage,
        Refusal,
        RejectMessage,
        RemoveMessage,
        ResetMessage,
        ResyncMessage,
        ServerMessage,
        SnapshotMessage,
    )
    from transports_core.operation import Operation
    from transports_core.shapes import Shape
    from transports_core.values import Value

PROTOCOL_VERSION: Final = 1
"""What `hello.v` and the query parameter `v` say. It is not the version of any package."""

MAX_DEPTH: Final = 128
"""How deep the value of an edit may nest: well within what every codec can carry."""

MAX_PROPOSAL_LENGTH: Final = 200
"""The longest token of a proposal, in characters: answers are remembered by it."""


def hello(conn: str, heartbeat: float) -> HelloMessage:
    """Greet a new connection. A `heartbeat` of 0 seconds promises none."""
    return {"t": "hello", "v": PROTOCOL_VERSION, "conn": conn, "heartbeat": heartbeat}


def ping() -> PingMessage:
    """Show that the connection is alive."""
    return {"t": "ping"}


def snapshot(
    id: int, type: str, epoch: str, rev: int, value: Value | EncodedJson, access: AccessWord
) -> SnapshotMessage:
    """Show a whole model. `rev` is the revision of its last change."""
    return {
        "t": "snapshot",
        "id": id,
        "type": type,
        "epoch": epoch,
        "rev": rev,
        "access": access,
        "value": value,
    }


def patch(id: int, base: int, rev: int, ops: Sequence[Operation] | EncodedJson) -> PatchMessage:
    """Show what changed in a model between two of its revisions."""
    return {"t": "patch", "id": id, "base": base, "rev": rev, "ops": ops}


def remove(id: int, epoch: str, rev: int, *, last: bool = False) -> RemoveMessage:
    """Take a model away from a connection: the `last` of its epoch, or not necessarily."""
    message: RemoveMessage = {"t": "remove", "id": id, "epoch": epoch, "rev": rev}
    if last:
        message["last"] = True
    return message


def reset(epoch: str | None = None, keep: Sequence[int] = ()) -> ResetMessage:
    """Drop the mirrors of an epoch (`None`: of all) but those to keep."""
    message: ResetMessage = {"t": "reset"}
    if epoch is not None:
        message["epoch"] = epoch
    if keep:
        message["keep"] = list(keep)
    return message


def ack(id: int, rev: int, proposals: Sequence[str]) -> AckMessage:
    """Answer proposals that were accepted. `rev` is the model's revision with them."""
    return {"t": "ack", "id": id, "rev": rev, "proposals": list(proposals)}


def reject(
    id: int,
    rev: int,
    proposal: str,
    code: str,
    message: str,
    details: list[dict[str, object]] | None = None,
) -> RejectMessage:
    """Answer a proposal that was refused. `details` are the model library's own errors."""
    error: Refusal = {"code": code, "message": message}
    if details is not None:
        error["details"] = details
    return {"t": "reject", "id": id, "rev": rev, "proposal": proposal, "error": error}


def error(code: str, message: str) -> ErrorMessage:
    """Say why the connection is about to be closed."""
    return {"t": "error", "code": code, "message": message}


def edit(id: int, epoch: str, base: int, ops: Sequence[Operation], proposal: str) -> EditMessage:
    """Propose an edit made while looking at revision `base`."""
    return {
        "t": "patch",
        "id": id,
        "epoch": epoch,
        "base": base,
        "ops": list(ops),
        "proposal": proposal,
    }


def resync() -> ResyncMessage:
    """Ask for a `reset` and for snapshots."""
    return {"t": "resync"}


def parse_to_client(message: Mapping[str, object]) -> ServerMessage | None:
    """Look at a message that a server sent.

    Returns:
        The same message, with its fields as its type says; `None` if the type is not known.

    Raises:
        RemoteProtocolError: `malformed`, if a field is missing or of another kind.
    """
    kind = _kind(message, TO_CLIENT)
    if kind is None:
        return None
    known: Any = message
    if kind == "patch":
        if not _all(message["ops"], dict):
            raise _malformed(kind, "ops")
    elif kind == "remove":
        _check_remove(message)
    elif kind == "reset":
        _check_reset(message)
    elif kind == "ack":
        if not _all(message["proposals"], str):
            raise _malformed(kind, "proposals")
    elif kind == "reject":
        refusal = known["error"]
        if type(refusal.get("code")) is not str or type(refusal.get("message")) is not str:
            raise _malformed(kind, "error")
    return known


def is_ack(message: Mapping[str, object]) -> TypeGuard[AckMessage]:
    """Tell whether something is a whole `ack`, as of `parse_to_client`."""
    return (
        message.get("t") == "ack"
        and TO_CLIENT["ack"].fits(message)
        and _all(message["proposals"], str)
    )


def parse_to_server(
    message: Mapping[str, object], *, max_depth: int = MAX_DEPTH
) -> ClientMessage | None:
    """Look at a message that a client sent.

    Args:
        message: What the frame held.
        max_depth: How many lists and maps may be nested in the value of an operation.

    Returns:
        The same message, with its fields as its type says; `None` if the type is not known. The
        operations of an edit are maps made of values, and nothing more is known of them.

    Raises:
        RemoteProtocolError: `malformed`, if a field is missing or of another kind.
        EditRejected: If it is an edit, to be answered as such, whose operations are not made of
            values (`malformed`) or are nested too deep (`too_large`).
    """
    kind = _kind(message, TO_SERVER)
    if kind is None:
        return None
    known: Any = message
    if kind == "patch":
        _check_edit(known, max_depth)
    return known


def _kind(message: Mapping[str, object], shapes: Mapping[str, Shape]) -> str | None:
    """Tell the type of a message with all the fields of its type; `None` if it is not known."""
    kind = message.get("t")
    if type(kind) is not str:
        raise RemoteProtocolError("malformed", "a message without a type `t`")
    shape = shapes.get(kind)
    if shape is None:
        return None
    if not shape.fits(message):
        raise _malformed(kind, str(shape.fault(message)))
    return kind


def _check_remove(message: Mapping[str, object]) -> None:
    if type(message.get("last", False)) is not bool:
        raise _malformed("remove", "last")


def _check_reset(message: Mapping[str, object]) -> None:
    if "epoch" in message and type(message["epoch"]) is not str:
        raise _malformed("reset", "epoch")
    if "keep" in message and not _all(message["keep"], int):
        raise _malformed("reset", "keep")


def _check_edit(message: EditMessage, max_depth: int) -> None:
    proposal = message["proposal"]
    if not 0 < len(proposal) <= MAX_PROPOSAL_LENGTH:
        raise _malformed("patch", "proposal")
    ops: Sequence[object] = message["ops"]
    if len(ops) == 1 and values.is_flat(ops[0]):
        return
    code, reason = "malformed", None
    try:
        values.check(ops)
    except UnrepresentableError as problem:
        reason = str(problem)
    else:
        if set(map(type, ops)) - {dict}:
            reason = "an operation that is not a map"
        # The list and the map of the operation hold the value.
        elif values.deeper_than(ops, max_depth + 2):
            code, reason = "too_large", f"nested deeper than {max_depth}"
    if reason is not None:
        raise EditRejected(code, reason, None, proposal, message["id"])


def _all(items: object, kind: type) -> bool:
    found: Any = items
    return type(items) is list and {kind}.issuperset(map(type, found))


def _malformed(kind: str, field: str) -> RemoteProtocolError:
    return RemoteProtocolError("malformed", f"a `{kind}` message with a bad `{field}`")
