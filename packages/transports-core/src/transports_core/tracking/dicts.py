"""What is known of a dict: what changed in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json

from transports_core.bridge import (
    DictShape,
    ExtraShape,
    TypedDictShape,
    read,
)
from transports_core.errors import TrackingError, UnrepresentableError
from transports_core.pointer import escape
from transports_core.tracking.adoption import adopt, adopt_all, let_go
from transports_core.tracking.derived import remember
from transports_core.tracking.kinds import node_of, unchanging
from transports_core.tracking.node import (
    COLD,
    MISSING,
    SCALARS,
    UNDIVIDED,
    Node,
    parts,
    touch,
)
from transports_core.tracking.slots import before, emit_slot, lower
from transports_core.tracking.weight import outweighs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transports_core.bridge import Member, Shape
    from transports_core.patch import Operation
    from transports_core.tracking.node import Link


# How many characters it takes to remove an entry, at least.
_EDIT: Final = len('{"op":"remove","path":"/"},')

_TEXT: Final = {str}
# What a dict does itself, unseen.
_get: Final = dict[Any, Any].get
_pop: Final = dict[Any, Any].pop
_set: Final = dict[Any, Any].__setitem__


class DictNode(Node):
    """What is known of a dict."""

    __slots__ = ("kinds", "pending", "plain")

    def __init__(self, obj: Any) -> None:
        super().__init__(obj)
        # The types that keys had so far. Of one type, no two keys are the same as text.
        self.kinds: set[type] = set(map(type, obj))
        # What each entry that was written was at the last collection.
        self.pending: dict[Any, object] = {}
        # Whether no value can change, as far as is known.
        self.plain = False

    def release(self) -> None:
        """Stop watching the dict."""
        self.obj._hot = COLD
        self.obj._node = None

    def children(self) -> Iterator[tuple[Any, object]]:
        """Give the values that may be tracked."""
        self.plain = SCALARS.issuperset(map(type, self.obj.values()))
        if not self.plain:
            # A copy: tracked twins are put in while this goes on.
            yield from [item for item in self.obj.items() if type(item[1]) not in SCALARS]

    def at(self, key: Any) -> object:
        """Give the value at `key`; `MISSING` if there is none."""
        return self.obj.get(key, MISSING)

    def store(self, key: Any, value: object) -> None:
        """Put `value` in the place of its equal, unobserved."""
        _set(self.obj, key, value)

    def write(self, key: Any, value: object) -> None:
        """Set one entry."""
        hot = self.close()
        name: object = key
        if type(name) is str and self.kinds == _TEXT and type(value) in SCALARS:
            old = _get(self.obj, key, MISSING)
            if type(old) in SCALARS:
                # The same as below for what is written most, in half the time.
                if old is not value:
                    if key not in self.pending:
                        self.pending[key] = old
                    if not self.queued:
                        touch(self)
                    _set(self.obj, key, value)
                    self._open(hot, key, value)
                else:
                    self.obj._hot = hot
                return
        key, old = self._find(key)
        if value is old and unchanging(value):
            self.obj._hot = hot
            return
        if type(value) not in SCALARS:
            value = adopt(self, key, value)
            self.plain = False
        self._put(key, old, value)
        self._open(hot, key, value)

    def write_all(self, entries: dict[Any, object]) -> None:
        """Set several entries: all of them, or none."""
        self.close()
        new = [
            (key, old, value)
            for name, value in entries.items()
            for key, old in (self._find(name),)
            if old is not value or not unchanging(value)
        ]
        items = [value for _, _, value in new]
        values = adopt_all(self, [key for key, _, _ in new], items)
        # It gives what cannot change as it got it.
        self.plain = self.plain and values is items
        for (key, old, _), value in zip(new, values, strict=True):
            self._put(key, old, value)

    def close(self) -> Any:
        """Have everybody who writes wait for the lock; give what was hot."""
        hot, self.obj._hot = self.obj._hot, COLD
        return hot

    def _open(self, hot: Any, key: Any, value: object) -> None:
        """Let entries be written without the lock, now that `key` was (see `TrackedDict`)."""
        # Where it runs code of the application to find a key, that is not one step.
        if not UNDIVIDED or not SCALARS.issuperset(self.kinds):
            return
        if self.plain and len(self.kinds) == 1 and float not in self.kinds:
            self.obj._hot = self.pending
            return
        if hot is COLD or isinstance(hot, dict):
            hot = set[Any]()
        if type(value) in SCALARS:
            hot.add(key)
        else:
            hot.discard(key)
        self.obj._hot = hot

    def _find(self, key: Any) -> tuple[Any, object]:
        """Give a key as the dict has it, or would have it, and what stands there."""
        old = _get(self.obj, key, MISSING)
        # Keys of one type are the same as text where they are equal. But 1.0 and True find 1, and
        # 0.0 finds -0.0.
        name: object = key
        kinds = self.kinds
        if old is not MISSING and (
            type(name) is float or len(kinds) > 1 or type(name) not in kinds
        ):
            key = next((own for own in self.obj if own == name), key)
        return key, old

    def _put(self, key: Any, old: object, value: object) -> None:
        name: object = key
        self.kinds.add(type(name))
        _set(self.obj, key, value)
        self._wrote(key, old)

    def delete(self, key: Any) -> object:
        """Take one entry out, and give it."""
        self.close()
        key, old = self._find(key)
        _pop(self.obj, key)
        self._wrote(key, old)
        return old

    def _wrote(self, key: Any, old: object) -> None:
        if key not in self.pending:
            self.pending[key] = before(old)
        if not self.queued:
            touch(self)
        if type(old) not in SCALARS:
            let_go(self, key, old)

    def fault(self) -> str | None:
        """Say which keys are the same as text."""
        if len(self.kinds) < 2:
            return None
        try:
            read(to_json(dict.fromkeys(self.obj)), "")
        except UnrepresentableError as error:
            return error.reason
        return None

    def compare(self, members: Mapping[Any, object]) -> None:
        """Record what became of `members`, which were there before something wrote unseen."""
        refused: TrackingError | None = None
        self.close()
        for key in members.keys() | self.obj.keys():
            old, new = members.get(key, MISSING), self.at(key)
            if old is new:
                continue
            if new is not MISSING and not self._links(key):
                self.plain = self.plain and type(new) in SCALARS
                try:
                    self.store(key, adopt(self, key, new))
                except TrackingError as error:
                    self._put_back(key, old)
                    refused = refused or error
                    continue
            self._wrote(key, old)
            self._arrived(key)
        if refused is not None:
            raise refused

    def _put_back(self, key: Any, old: object) -> None:
        if old is MISSING:
            _pop(self.obj, key)
        else:
            _set(self.obj, key, old)

    def succeed(self, other: DictNode) -> None:
        """Take over what changed in `other`, whose dict this one has taken the place of."""
        self.close()
        self.pending.update(other.pending)
        for key in other.pending:
            self._arrived(key)
        if self.pending:
            touch(self)

    def _arrived(self, key: Any) -> None:
        """Have what stands at `key` sent whole, though it was not put there before our eyes."""
        for link in self._links(key):
            link.fresh = True
            self.arrivals[link] = None

    def _links(self, key: Any) -> list[Link]:
        """Give the links of what stands at `key`."""
        nodes = [node_of(part) for _, part in parts(self.at(key))]
        links = [link for node in nodes if node is not None for link in node.links]
        return [link for link in links if link.parent is self and link.key == key]

    def refresh(self) -> None:
        """Make good what is known of the dict, after writes that nobody saw."""
        self.close()
        self.kinds = set(map(type, self.obj))

    def take(self) -> dict[Any, object]:
        """Give what the entries that were written were."""
        self.obj._hot = COLD
        taken, self.pending = self.pending, {}
        return taken

    def emit(self, taken: dict[Any, object], shape: Shape, path: str, ops: list[Operation]) -> bool:
        """Say what became of the entries that were written."""
        assert isinstance(shape, DictShape | ExtraShape | TypedDictShape), "the shape of a dict"
        live = self.obj
        removed = _EDIT * (len(taken) - len(live))
        if isinstance(shape, DictShape) and removed > 0 and not outweighs(live.values(), removed):
            # Most of it is gone: what is left is less to say.
            value = lower(shape, live, path)
            ops.append({"op": "replace", "path": path, "value": value})
            remember(live, shape, value)
            return True
        # Nearly always: there is one way to say each key, which takes four calls less.
        texts = shape.value if isinstance(shape, DictShape) and shape.as_is else None
        for name, old in taken.items():
            if texts is not None and self.kinds == _TEXT:
                new = _get(live, name, MISSING)
                sent = emit_slot(texts, f"{path}/{escape(name)}", old, new, ops)
                if type(new) not in SCALARS and sent is not MISSING:
                    remember(new, texts, sent)
                continue
            key, new = self._find(name)
            if key is not name and repr(key) != repr(name):
                # It was taken out, and one equal to it put in: 1.0 for 1.
                self._emit_removal(shape.member(live, name), path, old, ops)
                old = MISSING
            member = shape.member(live, key)
            if member is not None and member.shape is not None:
                sent = emit_slot(member.shape, path + member.pointer, old, new, ops)
                if type(new) not in SCALARS and sent is not MISSING:
                    remember(new, member.shape, sent)
        return False

    def _emit_removal(
        self, member: Member | None, path: str, old: object, ops: list[Operation]
    ) -> None:
        if member is not None and member.shape is not None:
            emit_slot(member.shape, path + member.pointer, old, MISSING, ops)
