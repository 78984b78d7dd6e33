"""Every error that this project raises.

Facts live in attributes and the text is made from them, so that a program never has to read prose:
catch the class, look at the attributes.
"""

from typing import ClassVar


class TransportsError(Exception):
    """The root of all errors raised by this project."""


class PatchError(TransportsError):
    """An operation that does not apply. What it was applied to is as it was before the patch.

    Attributes:
        op_index: The position of the operation in its patch; `None` where no patch is concerned.
        pointer: The JSON Pointer that the operation, or the caller, gave.
        reason: What is wrong.
    """

    def __init__(self, op_index: int | None, pointer: str, reason: str) -> None:
        super().__init__(op_index, pointer, reason)
        self.op_index = op_index
        self.pointer = pointer
        self.reason = reason

    def __str__(self) -> str:
        where = "" if self.op_index is None else f"operation {self.op_index}, "
        return f"{where}{self.pointer!r}: {self.reason}"


class PointerError(PatchError):
    """Text that is not a JSON Pointer (RFC 6901, section 3)."""


class TestFailedError(PatchError):
    """A `test` operation that found another value (RFC 6902, section 4.6)."""

    # pytest collects classes by this name's beginning wherever it is imported.
    __test__: ClassVar[bool] = False


class GoneError(PatchError):
    """An edit of something that was removed, or replaced as a whole, since its author looked."""


class UnrepresentableError(TransportsError, ValueError):
    """A value that the wire cannot carry.

    Attributes:
        path: The JSON Pointer of what cannot be represented, from the value that was given.
        model: The name of the model that holds it; `None` where the value stood alone.
        reason: What is wrong with it.
    """

    def __init__(self, path: str, model: str | None, reason: str) -> None:
        super().__init__(path, model, reason)
        self.path = path
        self.model = model
        self.reason = reason

    def __str__(self) -> str:
        where = "" if self.model is None else f"{self.model} "
        return f"{where}{self.path!r}: {self.reason}"


class TrackingError(TransportsError):
    """An object that cannot be observed.

    Attributes:
        model: The name of the model's class.
        path: The JSON Pointer, within the model, of what is wrong.
        reason: What is wrong with it; `None` where it is of no kind that can be tracked.
    """

    def __init__(self, model: str, path: str, reason: str | None = None) -> None:
        super().__init__(model, path, reason)
        self.model = model
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        why = "" if self.reason is None else f": {self.reason}"
        return f"{self.model} {self.path!r} cannot be tracked{why}"


class CycleError(TrackingError):
    """An object that holds itself, directly or not: it has no value."""

    def __str__(self) -> str:
        return f"{self.model} {self.path!r}: the object holds itself"


class UntrackedReferenceWarning(UserWarning):
    """Somebody holds a plain container whose writes can no longer be seen."""


class UnseenWriteWarning(UserWarning):
    """An object was changed behind the tracker's back."""


class EditRejected(TransportsError):  # noqa: N818 (an answer to a proposal, not a fault)
    """An edit that the owner of the model refused. The model is as it was.

    Attributes:
        code: One of the protocol's codes for a refused edit, such as `invalid` or `conflict`.
        message: Why, in words for a person.
        details: The model library's own errors (`loc`, `msg`, `type` each); `None` without any.
        proposal: The token of the proposal; `None` where it had none.
        id: The model's id; `None` where it is not known.
    """

    def __init__(
        self,
        code: str,
        message: str,
        details: list[dict[str, object]] | None = None,
        proposal: str | None = None,
        id: int | None = None,
    ) -> None:
        super().__init__(code, message, details, proposal, id)
        self.code = code
        self.message = message
        self.details = details
        self.proposal = proposal
        self.id = id

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class EditUnknown(TransportsError):  # noqa: N818 (nobody knows whether anything went wrong)
    """The session ended before it answered an edit: it may have been accepted, or not.

    Attributes:
        id: The model's id.
        proposal: The token of the proposal.
    """

    def __init__(self, id: int, proposal: str) -> None:
        super().__init__(id, proposal)
        self.id = id
        self.proposal = proposal

    def __str__(self) -> str:
        return f"the outcome of edit {self.proposal!r} of model {self.id} is unknown"


class ProtocolError(TransportsError):
    """A breach of the wire protocol.

    Attributes:
        code: The code that names it on the wire.
        message: What is wrong.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class LocalProtocolError(ProtocolError):
    """This side was asked to do what the protocol does not allow."""


class RemoteProtocolError(ProtocolError):
    """The other side sent what the protocol does not allow."""


class ConnectionClosedError(TransportsError):
    """A connection that ended.

    Attributes:
        code: The close code.
        reason: The reason given with it; may be empty.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"connection closed ({self.code})" + (f": {self.reason}" if self.reason else "")


class RefusedError(ConnectionClosedError):
    """A connection that was refused for good: to try again would not help."""

    def __str__(self) -> str:
        return f"connection refused ({self.code})" + (f": {self.reason}" if self.reason else "")


class UnknownCodecError(TransportsError, LookupError):
    """A codec that nobody registered.

    Attributes:
        name: The name that was asked for.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"unknown codec {self.name!r}"


class UnsupportedCodecError(TransportsError, ValueError):
    """A codec that a transport cannot carry.

    Attributes:
        name: The codec that was asked for.
        transport: What was asked to carry it.
    """

    def __init__(self, name: str, transport: str) -> None:
        super().__init__(name, transport)
        self.name = name
        self.transport = transport

    def __str__(self) -> str:
        return f"{self.transport} carries JSON alone, not {self.name!r}"


class UnknownModelError(TransportsError, LookupError):
    """An id that stands for no model.

    Attributes:
        id: The id that was asked for.
    """

    def __init__(self, id: int) -> None:
        super().__init__(id)
        self.id = id

    def __str__(self) -> str:
        return f"no model has the id {self.id!r}"


class MissingExtraError(TransportsError, ImportError):
    """A name whose package is not installed.

    Attributes:
        name: The name that was asked for.
        extra: The extra that brings it.
    """

    def __init__(self, name: str, extra: str) -> None:
        super().__init__(name, extra)
        self.name = name
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.name} needs an extra: install transports[{self.extra}]"
