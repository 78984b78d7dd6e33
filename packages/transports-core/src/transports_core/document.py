"""A value that is patched in place, all or nothing, at the cost of the change alone.

A document hands out its value without copying it, and what it has handed out never changes. It
knows the containers that nobody else can hold: those it made itself since it last handed out its
value. These it changes in place; in place of any other on the way to a change it puts a copy, once.
The containers in the values of operations are never its own, for the patch still holds them. It
also knows by which pointers it last walked to some of its own, as long as they lead there: what
writes to a place once, often does again.

Each change leaves the call that takes it back in an undo log. Where an operation fails, the log
runs backwards; a dict's keys may then come out in another order, which means nothing.
"""

from operator import delitem, setitem
from reprlib import repr as shorten
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from transports_core import operation
from transports_core.errors import PatchError, TestFailedError
from transports_core.pointer import missing, parse, position, resolve
from transports_core.values import Value, equal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transports_core.operation import Operation

_Container: TypeAlias = "list[Value] | dict[str, Value]"

# How many containers are known by their pointers.
_OPEN = 256


class Document:
    """A value to apply patches to.

    Not thread-safe: whoever shares a document between threads guards it.

    Args:
        value: What the document starts as. It is shared, and never changed.
    """

    __slots__ = ("_open", "_own", "_root", "_undo")

    def __init__(self, value: Value) -> None:
        self._root = value
        # The document's own containers by id; what holds an own one is an own one too. While they
        # are here, no other object can get their ids.
        self._own: dict[int, _Container] = {}
        # Some of its own by the pointers that lead to them. All are forgotten as soon as one may
        # lead elsewhere, or to what is not its own.
        self._open: dict[str, _Container] = {}
        # The calls, with their arguments, that take back what the current patch did.
        self._undo: list[tuple[Any, ...]] = []

    def value(self) -> Value:
        """Hand out the value as it is now. It never changes; whoever gets it may not change it."""
        self._disown()
        return self._root

    def resolve(self, pointer: str) -> Value:
        """Hand out a part of the value, which never changes either.

        Raises:
            PatchError: There is no such part.
        """
        found = resolve(self._root, parse(pointer))
        self._share(found)
        return found

    def overwrite(self, op: dict[str, Any]) -> bool:
        """Apply what may be a `replace` of what is in a container of the document's own.

        Nothing of that can fail half-way, so that there is nothing to take back. Most of what a
        mirror is sent is this and nothing else, and takes a fifth of the time that `apply` takes.

        Returns:
            Whether that was so. If not, nothing is done: it is for `apply` to do, or to refuse.
        """
        if type(op) is not dict:
            return False
        try:
            pointer: str = op["path"]
            value: Value = op["value"]
            if op["op"] != "replace" or type(pointer) is not str:
                return False
        except KeyError:
            return False
        above, slash, last = pointer.rpartition("/")
        parent = self._open.get(above)
        if not slash or (parent is None and (parent := self._find(above)) is None):
            return False
        if isinstance(parent, list):
            at = position(last, len(parent))
            if at < 0 or id(parent[at]) in self._own:
                return False
            parent[at] = value
        elif last in parent and "~" not in last and id(parent[last]) not in self._own:
            parent[last] = value
        else:
            return False
        return True

    def apply(self, ops: "Sequence[Operation]") -> None:
        """Apply the operations of a patch in order.

        The values in them become parts of the document without being copied, and are never changed.

        Raises:
            PatchError: An operation does not apply. The value is what it was.
        """
        self._run(ops, self._step)
        self._undo.clear()

    def attempt(self, ops: "Sequence[Operation]") -> "Callable[[], None]":
        """Apply a patch, as `apply` does, that is part of something larger.

        Returns:
            A function that takes the patch back. To be called before the value is handed out, and
            after those of later patches; or never.

        Raises:
            PatchError: An operation does not apply. The value is what it was.
        """
        self._run(ops, self._step)
        undo, self._undo = self._undo, []

        def take_back() -> None:
            self._undo = undo
            self._take_back()

        return take_back

    def apply_lowered(self, ops: "Sequence[Operation]") -> "list[Operation]":
        """Apply the operations of a patch as `apply` does, and say the same in RFC 6902 alone.

        Returns:
            Operations that have the same effect on the value as it was, without extensions.

        Raises:
            PatchError: An operation does not apply. The value is what it was.
        """
        # Needed only where somebody has no extensions.
        from transports_core.lower import lower

        lowered: list[Operation] = []

        def step(op: "Operation") -> None:
            self._step(op)
            lowered.extend(lower(op, lambda: self.resolve(op["path"])))

        self._run(ops, step)
        self._undo.clear()
        return lowered

    def _run(self, ops: "Sequence[Operation]", step: "Callable[[Operation], None]") -> None:
        done = 0
        try:
            for op in ops:
                operation.check(op)
                step(op)
                done += 1
        except PatchError as error:
            self._take_back()
            error.op_index = done
            raise
        except BaseException:
            # Even an interrupt must not leave half a patch.
            self._take_back()
            raise

    def _step(self, op: "Operation") -> None:
        if op["op"] == "replace":
            self._replace(op["path"], op["value"])
        elif op["op"] == "append":
            self._append(op["path"], op["value"])
        elif op["op"] == "add":
            self._add(op["path"], op["value"])
        elif op["op"] == "remove":
            self._share(self._remove(op["path"]))
        elif op["op"] == "move":
            self._move(op["from"], op["path"])
        elif op["op"] == "reorder":
            self._reorder(op["path"], op["order"])
        elif op["op"] == "copy":
            self._copy(op["from"], op["path"])
        elif not equal(resolve(self._root, parse(op["path"])), op["value"]):
            raise TestFailedError(None, op["path"], f"is not {shorten(op['value'])}")

    def _replace(self, pointer: str, value: Value) -> None:
        if not pointer:
            self._set_root(value)
            return
        parent, key = self._existing(pointer)
        old = parent[key]
        parent[key] = value
        self._undo.append((setitem, parent, key, old))
        if id(old) in self._own:
            self._share(old)

    def _add(self, pointer: str, value: Value) -> None:
        if not pointer:
            self._set_root(value)
            return
        parent, last = self._above(pointer)
        if isinstance(parent, dict):
            if last in parent:
                self._replace(pointer, value)
                return
            parent[last] = value
            self._undo.append((delitem, parent, last))
        else:
            # Only here is there a place after the last item.
            at = len(parent) if last == "-" else position(last, len(parent) + 1)
            if at < 0:
                raise PatchError(None, pointer, missing(parent, last))
            if at < len(parent):
                self._open.clear()
            parent.insert(at, value)
            self._undo.append((delitem, parent, at))

    def _remove(self, pointer: str) -> Value:
        if not pointer:
            raise PatchError(None, pointer, "the whole document cannot be removed")
        parent, key = self._existing(pointer)
        # What is moved may stay its own, elsewhere; and the items after one that goes move.
        self._open.clear()
        old = parent.pop(key)
        self._undo.append((_insert if type(key) is int else setitem, parent, key, old))
        return old

    def _move(self, source: str, pointer: str) -> None:
        if source == pointer:
            resolve(self._root, parse(source))
        elif pointer.startswith(source + "/"):
            raise PatchError(None, pointer, f"{source!r} cannot be moved into itself")
        else:
            self._add(pointer, self._remove(source))

    def _copy(self, source: str, pointer: str) -> None:
        value = resolve(self._root, parse(source))
        # From now on two places hold it, and neither may change it in place.
        self._share(value)
        self._add(pointer, value)

    def _append(self, pointer: str, value: str | list[Value]) -> None:
        if isinstance(value, str):
            self._append_text(pointer, value)
            return
        target = self._reach(parse(pointer), pointer)
        if not isinstance(target, list):
            raise PatchError(None, pointer, "a list can be appended to a list alone")
        self._undo.append((delitem, target, slice(len(target), None)))
        target.extend(value)

    def _append_text(self, pointer: str, suffix: str) -> None:
        text = resolve(self._root, parse(pointer))
        if not isinstance(text, str):
            raise PatchError(None, pointer, "a string can be appended to a string alone")
        if not pointer:
            self._set_root(text + suffix)
            return
        parent, key = self._existing(pointer)
        self._undo.append((_truncate, parent, key, len(text)))
        # With no other reference left to the text, `+=` extends it in place where there is room,
        # and a text that arrives in many small pieces is not copied for each.
        parent[key] = None
        text += suffix
        parent[key] = text

    def _reorder(self, pointer: str, order: list[int]) -> None:
        target = self._reach(parse(pointer), pointer)
        if not isinstance(target, list):
            raise PatchError(None, pointer, "nothing but a list can be reordered")
        if len(order) != len(target):
            reason = f"an order of {len(order)} for a list of {len(target)}"
            raise PatchError(None, pointer, reason)
        self._undo.append((setitem, target, slice(None), target.copy()))
        self._open.clear()
        target[:] = [target[at] for at in order]

    # `Any`: lists and dicts take a key alike, and no type says so.
    def _existing(self, pointer: str) -> tuple[Any, str | int]:
        """Find the container of what is at a place, make it the document's own, and its key."""
        parent, last = self._above(pointer)
        if isinstance(parent, dict):
            if last in parent:
                return parent, last
        elif (at := position(last, len(parent))) >= 0:
            return parent, at
        raise PatchError(None, pointer, missing(parent, last))

    def _above(self, pointer: str) -> tuple[_Container, str]:
        """Find the container that a place is in, make it the document's own, and the last token."""
        above, slash, last = pointer.rpartition("/")
        parent = self._open.get(above)
        # The pointer that it is known by was parsed; so only what comes after it is still to be.
        if parent is None or not slash or "~" in last:
            *way, last = parse(pointer)
            parent = self._reach(way, pointer)
            self._remember(above, parent)
        return parent, last

    def _find(self, pointer: str) -> "_Container | None":
        """Walk to a container, if all on the way, and itself, are the document's own."""
        head, *way = pointer.split("/")
        if head or "~" in pointer:
            return None
        own = self._own
        node = self._root
        for token in way:
            if id(node) not in own:
                return None
            if isinstance(node, list) and (at := position(token, len(node))) >= 0:
                node = node[at]
            elif isinstance(node, dict) and token in node:
                node = node[token]
            else:
                return None
        found = own.get(id(node))
        if found is not None:
            self._remember(pointer, found)
        return found

    def _remember(self, pointer: str, container: _Container) -> None:
        if len(self._open) == _OPEN:
            self._open.clear()
        self._open[pointer] = container

    def _reach(self, way: "Sequence[str]", pointer: str) -> _Container:
        """Walk to a container; make it the document's own, and all that it is in."""
        own = self._own
        node = self._root
        if id(node) not in own:
            node = self._adopt(None, "", node)
        for token in way:
            key: str | int
            if isinstance(node, dict) and token in node:
                key = token
                child = node[token]
            elif isinstance(node, list) and (key := position(token, len(node))) >= 0:
                child = node[key]
            else:
                raise PatchError(None, pointer, missing(node, token))
            if id(child) not in own:
                child = self._adopt(node, key, child)
            node = child
        if not isinstance(node, (dict, list)):
            raise PatchError(None, pointer, "leads into what is no container")
        return node

    def _adopt(self, parent: Any, key: str | int, child: Value) -> Value:
        """Put a copy in place of a container that others may hold."""
        if not isinstance(child, (dict, list)):
            return child
        copy = child.copy()
        self._own[id(copy)] = copy
        if parent is None:
            self._undo.append((setattr, self, "_root", child))
            self._root = copy
        else:
            self._undo.append((setitem, parent, key, child))
            parent[key] = copy
        return copy

    def _share(self, value: Value) -> None:
        """Give up a value, and all in it, as the document's own: others hold it from now on."""
        left = [value]
        while left:
            value = left.pop()
            if self._own.pop(id(value), None) is not None:
                self._open.clear()
                items = value.values() if isinstance(value, dict) else cast("list[Value]", value)
                left.extend(item for item in items if isinstance(item, (dict, list)))

    def _set_root(self, value: Value) -> None:
        self._undo.append((setattr, self, "_root", self._root))
        self._root = value
        # Own containers are in own ones, and the root is none now.
        self._disown()

    def _take_back(self) -> None:
        for call, *arguments in reversed(self._undo):
            call(*arguments)
        self._undo.clear()
        # Some of these are not in the document any more; to forget which are costs only copies.
        self._disown()

    def _disown(self) -> None:
        self._own.clear()
        self._open.clear()


def _truncate(parent: Any, key: str | int, length: int) -> None:
    parent[key] = parent[key][:length]


def _insert(parent: list[Value], at: int, value: Value) -> None:
    parent.insert(at, value)
