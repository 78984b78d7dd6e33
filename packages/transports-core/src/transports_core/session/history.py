"""What a model was at earlier revisions, as far as the log reaches back."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from transports_core.document import Document
from transports_core.errors import PatchError

if TYPE_CHECKING:
    from transports_core.log import Entry
    from transports_core.values import Value


class History:
    """What one model was. To remember a change costs no more than the change.

    Args:
        value: The model's value as it was hosted.
    """

    def __init__(self, value: Value) -> None:
        # What it was where the log begins; `None` where nobody can tell.
        self._document: Document | None = Document(value)
        self._entries: deque[Entry] = deque()

    def commit(self, entry: Entry, floor: int) -> None:
        """Take in a change, and forget what the log has forgotten.

        Args:
            entry: What happened to the model.
            floor: The revision that the log reaches back to.
        """
        self._entries.append(entry)
        while self._entries and self._entries[0].rev <= floor:
            self._document = _after(self._document, self._entries.popleft())

    def value(self, rev: int) -> Value:
        """Give the value at a revision that the log reaches back to.

        Raises:
            PatchError: What was committed since does not say.
        """
        document = None if self._document is None else Document(self._document.value())
        for entry in self._entries:
            if entry.rev > rev:
                break
            document = _after(document, entry)
        if document is None:
            raise PatchError(0, "", "it is not known what was there")
        return document.value()


def _after(document: Document | None, entry: Entry) -> Document | None:
    ops = entry.ops
    if document is None and ops and ops[0]["op"] == "replace" and ops[0]["path"] == "":
        # Nothing that was before matters any more.
        document = Document(None)
    if document is not None:
        try:
            document.apply(ops)
        except PatchError:
            return None
    return document
