"""What the messages of the wire protocol are: a type for each.

For annotations alone: whoever only runs needs none of them.
"""

from typing import TYPE_CHECKING, Literal, NotRequired, TypeAlias, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.encoded import EncodedJson
    from transports_core.operation import Operation
    from transports_core.values import Value

AccessWord = Literal["read", "write"]
"""What a connection may do with a model: the values of `access.Access`."""

RejectCode = Literal[
    "invalid",
    "conflict",
    "read_only",
    "unknown_model",
    "malformed",
    "too_large",
    "rate_limited",
    "forgotten",
]
"""Why an edit was refused. A client meets codes that it does not know as it meets `invalid`."""


class HelloMessage(TypedDict):
    """The first message of every connection."""

    t: Literal["hello"]
    v: int
    conn: str
    heartbeat: float


class PingMessage(TypedDict):
    """Sent when nothing else was for a heartbeat."""

    t: Literal["ping"]


class SnapshotMessage(TypedDict):
    """A model as it is at a revision."""

    t: Literal["snapshot"]
    id: int
    type: str
    epoch: str
    rev: int
    value: "Value | EncodedJson"
    access: AccessWord


class PatchMessage(TypedDict):
    """How a model came from revision `base` to revision `rev`."""

    t: Literal["patch"]
    id: int
    base: int
    rev: int
    ops: "Sequence[Operation] | EncodedJson"


class RemoveMessage(TypedDict):
    """A model that is served to this connection no longer; nor is, if `last`, any of its epoch."""

    t: Literal["remove"]
    id: int
    epoch: str
    rev: int
    last: NotRequired[bool]


class ResetMessage(TypedDict):
    """Mirrors of `epoch` (of all epochs, without one) but those in `keep` are to be dropped."""

    t: Literal["reset"]
    epoch: NotRequired[str]
    keep: NotRequired["Sequence[int]"]


class AckMessage(TypedDict):
    """Proposals that were accepted, whether or not they changed anything."""

    t: Literal["ack"]
    id: int
    rev: int
    proposals: "Sequence[str]"


class Refusal(TypedDict):
    """Why a proposal was refused."""

    code: str
    message: str
    details: NotRequired["list[dict[str, object]]"]


class RejectMessage(TypedDict):
    """A proposal that was refused."""

    t: Literal["reject"]
    id: int
    rev: int
    proposal: str
    error: Refusal


class ErrorMessage(TypedDict):
    """The connection is at fault; a close follows."""

    t: Literal["error"]
    code: str
    message: str


class EditMessage(TypedDict):
    """An edit, proposed while looking at revision `base`: the client's `patch`."""

    t: Literal["patch"]
    id: int
    epoch: str
    base: int
    ops: "Sequence[Operation]"
    proposal: str


class ResyncMessage(TypedDict):
    """The sender's mirrors do not apply any more."""

    t: Literal["resync"]


ServerMessage: TypeAlias = (
    HelloMessage
    | PingMessage
    | SnapshotMessage
    | PatchMessage
    | RemoveMessage
    | ResetMessage
    | AckMessage
    | RejectMessage
    | ErrorMessage
)
ClientMessage: TypeAlias = EditMessage | ResyncMessage
Message: TypeAlias = ServerMessage | ClientMessage
