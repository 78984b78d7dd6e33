"""What the operations of an edit do to the draft of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transports_core.pointer import parse
from transports_core.proposal.drafts.draft import Draft, LiveDraft, RefusalError, Sent, open_draft
from transports_core.proposal.effort import copied, look, take
from transports_core.proposal.rejection import refused
from transports_core.values import deeper_than, equal

if TYPE_CHECKING:
    from transports_core.operation import Operation
    from transports_core.proposal.places.place import Place
    from transports_core.values import Value

    Tokens = tuple[str, ...]


class Editing:
    """A draft of a model, and what is done to it.

    Attributes:
        root: The draft.
        moved: What was moved as the object that it is, by identity.

    Args:
        place: What the model's class declares.
        model: The model.
        depth: How many lists and maps may be nested around and in what the edit puts somewhere.
    """

    def __init__(self, place: Place, model: object, depth: int) -> None:
        self._place = place
        self._model = model
        self.root: Draft = open_draft(place, model)
        self._depth = depth
        self.moved: dict[int, object] = {}

    def apply(self, op: Operation) -> None:
        """Apply one operation.

        Raises:
            EditRejected: It does not apply, or may not be applied by a client.
        """
        tokens = parse(op["path"])
        try:
            if op["op"] == "test":
                if not equal(self._find(tokens).wire(), op["value"]):
                    raise RefusalError("conflict", "is not what it is tested for")
            elif op["op"] == "replace":
                self._replace(tokens, Sent(op["value"]))
            elif op["op"] == "add":
                self._add(tokens, Sent(op["value"]))
            elif op["op"] == "remove":
                self._remove(tokens)
            elif op["op"] == "append":
                self._append(tokens, op["value"])
            elif op["op"] == "reorder":
                self._find(tokens, write=True).enter(write=True).reorder(op["order"])
            elif op["op"] == "move":
                self._move(parse(op["from"]), tokens)
            else:
                value = copied(self._find(parse(op["from"])).wire())
                self._add(tokens, Sent(value, owned=True))
        except RefusalError as error:
            raise refused(error.code, tokens, error.reason) from error

    def _find(self, tokens: Tokens, *, write: bool = False) -> Draft:
        draft = self.root
        look(len(tokens))
        for token in tokens:
            draft = draft.enter(write=write)
            if write:
                draft.guard(token)
            draft = draft.get(token)
        return draft

    def _holder(self, tokens: Tokens) -> Draft:
        """Find what holds the part at a path, which a client is to write."""
        if not tokens:
            raise RefusalError("invalid", "the whole model cannot be taken away")
        holder = self._find(tokens[:-1], write=True).enter(write=True)
        holder.guard(tokens[-1])
        return holder

    def _fit(self, tokens: Tokens, value: Value) -> None:
        """Make sure that a value does not make the model deeper than it may be."""
        if deeper_than(value, max(self._depth - len(tokens), 0)):
            raise RefusalError("too_large", f"nested deeper than {self._depth}")

    def _add(self, tokens: Tokens, draft: Draft) -> None:
        if isinstance(draft, Sent):
            self._fit(tokens, draft.value)
        if tokens:
            self._holder(tokens).add(tokens[-1], draft)
        else:
            self._send(draft.wire())

    def _replace(self, tokens: Tokens, draft: Sent) -> None:
        self._fit(tokens, draft.value)
        if tokens:
            self._holder(tokens).set(tokens[-1], draft)
        else:
            self._send(draft.wire())

    def _send(self, value: Any) -> None:
        # The model is there whatever was sent for it before, and cannot give way to another.
        self.root = open_draft(self._place, self._model).become(value)

    def _remove(self, tokens: Tokens) -> Draft:
        return self._holder(tokens).take(tokens[-1])

    def _move(self, source: Tokens, tokens: Tokens) -> None:
        if source == tokens:
            self._find(source)
        elif tokens[: len(source)] == source:
            raise RefusalError("invalid", "nothing can be moved into itself")
        else:
            part = self._remove(source)
            if len(tokens) > len(source):
                self._fit(tokens, part.wire())
            if isinstance(part, LiveDraft):
                self.moved[id(part.live)] = part.live
            self._add(tokens, part)

    def _append(self, tokens: Tokens, value: Any) -> None:
        draft = self._find(tokens, write=True)
        if isinstance(value, str):
            text = draft.wire()
            if not isinstance(text, str):
                raise RefusalError("conflict", "a string can be appended to a string alone")
            take(text)
            self._replace(tokens, Sent(text + value))
            return
        items = draft.enter(write=True)
        if not items.listed:
            raise RefusalError("conflict", "a list can be appended to a list alone")
        self._fit(tokens, value)
        for item in value:
            items.add("-", Sent(item))
