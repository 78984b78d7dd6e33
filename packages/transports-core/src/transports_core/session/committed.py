"""The committed value of one model: what its mirrors show at the model's revision.

No second copy of the model is kept. What is kept is its JSON text as it was at some time, and the
operations committed since. Anybody who wants the value has them folded into new text, or lends the
text of the live object, which is quicker, where that is known to show the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic_core import to_json

from transports_core.encoded import LARGE, EncodedJson

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transports_core.document import Document
    from transports_core.operation import Operation
    from transports_core.outline import Outline
    from transports_core.tracking import Root
    from transports_core.values import Value

# Text is folded anew once more than this was committed on top of it, and more than so many times
# its own length: then folding costs each commit a small share, however large the model is.
_TAIL: Final = 1 << 16
_TIMES: Final = 4


class Committed:
    """The committed value of one model. Whoever shares one between threads guards it.

    Args:
        encoded: The value to begin with, as JSON text.

    Attributes:
        size: How many bytes the text takes, about: known without making it.
        outgrown: Whether what was committed since the text was made has outgrown it.
    """

    __slots__ = (
        "_base",
        "_document",
        "_materialized",
        "_outline",
        "_tail",
        "_tail_size",
        "outgrown",
        "size",
    )

    def __init__(self, encoded: bytes) -> None:
        self.size = len(encoded)
        self.outgrown = False
        self._base = EncodedJson(encoded)
        # How the text was put together, where it was written by this.
        self._outline: Outline | None = None
        # What was committed since, oldest first.
        self._tail: list[Sequence[Operation]] = []
        self._tail_size = 0
        # The value itself, kept in step while somebody needs operations lowered.
        self._materialized = False
        self._document: Document | None = None

    @property
    def folded(self) -> bool:
        """Tell whether the text is at hand, without any work."""
        return not self._tail

    def commit(self, ops: Sequence[Operation], size: int) -> Sequence[Operation] | None:
        """Take in what was committed.

        Args:
            ops: The operations; neither they nor their values may change afterwards.
            size: How many bytes they take, about.

        Returns:
            The same in operations of RFC 6902 alone, where the value is materialized; else `None`.

        Raises:
            PatchError: They do not apply, which is known only where the value is materialized. No
                value can be had until it is replaced as a whole.
        """
        if ops and ops[0]["op"] == "replace" and ops[0]["path"] == "":
            # Nothing that was before matters any more, not even whether it made sense.
            self.renew(b"null")
            self.size = size
        if ops:
            self._tail.append(ops)
            self._tail_size += size
            self.outgrown = self._tail_size > _TAIL and self._tail_size > _TIMES * self.size
        return self._lower(ops) if self._materialized else None

    def _lower(self, ops: Sequence[Operation]) -> Sequence[Operation] | None:
        if self._document is None:
            self._document = _document(self.value())
            return None
        document, self._document = self._document, None
        standard = document.apply_lowered(ops)
        self._document = document
        return standard

    def renew(self, encoded: bytes) -> None:
        """Take the committed value's text from somebody who has it."""
        self.size = len(encoded)
        self._base = EncodedJson(encoded)
        self._outline = None
        self._tail = []
        self._tail_size = 0
        self.outgrown = False

    def lend(self, root: Root) -> None:
        """Take the text of the live object, which shows the committed value.

        Raises:
            UnrepresentableError: It cannot be put on the wire, through a change that nobody saw.
        """
        if self.size < LARGE:
            self.renew(root.encode())
            return
        # Needed only where the text is long.
        from transports_core.outline import Outline

        outline = self._outline or Outline()
        try:
            encoded = outline.write(root.obj, root.shape, self._base.data, self._tail)
        except Exception:  # whatever a serializer raises
            self.renew(root.encode())
        else:
            self.renew(encoded)
            self._outline = outline

    def encoded(self) -> EncodedJson:
        """Give the value as JSON text, with everything folded in.

        It stands in what is made of it from then on, so that there is no copy here.

        Raises:
            PatchError: What was committed does not apply: it was not said of this value.
        """
        if self._tail:
            self.renew(to_json(self.value()))
        return self._base

    def value(self) -> Value:
        """Give the value. It never changes; whoever gets it may not change it.

        Raises:
            PatchError: What was committed does not apply: it was not said of this value.
        """
        if self._document is not None:
            return self._document.value()
        document = _document(self._base.decode())
        for ops in self._tail:
            document.apply(ops)
        return document.value()

    def value_after(self, commits: Iterable[Sequence[Operation]]) -> Value:
        """Give the value as it would be if more were committed.

        Raises:
            PatchError: What was committed, or would be, does not apply.
        """
        document = _document(self.value())
        for ops in commits:
            document.apply(ops)
        return document.value()

    def materialize(self) -> None:
        """Keep the value itself from now on, and lower what is committed. Again does nothing.

        Raises:
            PatchError: What was committed does not apply: it was not said of this value.
        """
        self._materialized = True
        if self._document is None:
            self._document = _document(self.value())

    def dematerialize(self) -> None:
        """Keep the text alone. Again does nothing."""
        self._materialized = False
        self._document = None


def _document(value: Value) -> Document:
    # Needed only where the live object cannot lend its text.
    from transports_core.document import Document

    return Document(value)
