"""Objects with attributes: pydantic models, dataclasses and structs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic import BaseModel

from transports_core.bridge import ObjectShape, kept
from transports_core.errors import TrackingError
from transports_core.tracking.adoption import adopt, let_go
from transports_core.tracking.classes import is_dataclass, is_struct_class, restore, watch
from transports_core.tracking.derived import remember
from transports_core.tracking.dicts import DictNode
from transports_core.tracking.kinds import NODES, register, unchanging
from transports_core.tracking.node import COLD, MISSING, SCALARS, Node, lock, touch
from transports_core.tracking.slots import before, emit_slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transports_core.bridge import Shape
    from transports_core.patch import Operation
    from transports_core.tracking.node import Link, Step


class Extra:
    """The key of a model's undeclared members, which it keeps in a dict of their own."""

    def __str__(self) -> str:
        return "model_extra"


EXTRA: Final = Extra()


class ObjectNode(Node):
    """An object with declared fields."""

    __slots__ = ("hot", "names", "pending", "seen")

    owns = True

    def __init__(self, obj: Any, names: tuple[str, ...]) -> None:
        super().__init__(obj)
        self.names = names
        # What each field that was written was at the last collection.
        self.pending: dict[str, object] = {}
        # Those of them that hold what cannot change, and are written by writing to `__dict__`.
        self.hot: set[str] = COLD
        # While something is observed: what each field is as far as its writes were recorded.
        self.seen: dict[str, object] | None = None
        live: object = obj
        watch(type(live))

    def release(self) -> None:
        """Stop watching the object."""
        live: object = self.obj
        restore(type(live))

    def children(self) -> Iterator[tuple[Any, object]]:
        """Give the values of the fields."""
        for name in self.names:
            value = self.at(name)
            if type(value) not in SCALARS:
                yield name, value

    def at(self, key: Any) -> object:
        """Give the value of a field; `MISSING` if it has none."""
        return getattr(self.obj, key, MISSING)

    def follow(self, link: Link, child: Node, shape: Any) -> Step | None:
        """Give the step that the child of `link` stands at."""
        there = self.at(link.key) is child.obj if not link.inner else self.holds(link, child)
        if not there or link.fresh:
            return None
        member = shape.extra if link.key is EXTRA else shape.members.get(link.key)
        return None if member is None or member.shape is None else (member.pointer, member.shape)

    def store(self, key: Any, value: object) -> None:
        """Put `value` in the place of its equal, unobserved."""
        object.__setattr__(self.obj, key, value)

    def refresh(self) -> None:
        """Make good what is known of the object: nothing is but where its fields stand."""

    def write(self, name: str, value: object) -> None:
        """Set a field whose class does nothing else when it is set.

        Raises:
            TrackingError: The value would hold itself, or cannot be tracked; nothing has changed
                then.
        """
        # Before anything else: a hot key is written on any thread, without the lock.
        self.hot.discard(name)
        old = self.at(name)
        if value is old and unchanging(value):
            self.put(name, value)
            return
        if type(value) not in SCALARS:
            value = adopt(self, name, value)
        self.put(name, value)
        self.wrote(name, old)

    def put(self, name: str, value: object) -> None:
        """Set a field as its class does."""
        self.store(name, value)

    def wrote(self, name: str, old: object) -> None:
        """Record that a field was written."""
        if name not in self.pending:
            self.pending[name] = before(old)
        if not self.queued:
            touch(self)
        if self.seen is not None:
            self.seen[name] = self.at(name)
        if type(old) not in SCALARS:
            let_go(self, name, old)

    def observe(self, act: Callable[..., None], *arguments: Any) -> None:
        """Do something to the object that may write any of its fields, and record what it wrote.

        Raises:
            TrackingError: A value would hold itself, or cannot be tracked; the field is as it was.
            Exception: Whatever `act` raised.
        """
        outer = self.seen
        # While this goes on, whatever is written is to be recorded.
        self.hot = COLD
        if outer is None:
            self.seen = {name: self.at(name) for name in self.names}
        extra = self.extra()
        members = None if extra is None else dict(extra)
        try:
            act(self.obj, *arguments)
        finally:
            # What computed fields show may depend on an attribute that is none of the fields.
            touch(self)
            try:
                self._compare_all(extra, members)
            finally:
                self.seen = outer

    def _compare_all(self, extra: Any, members: dict[str, Any] | None) -> None:
        refused: list[TrackingError] = []
        # Written by what was observed within, too: those are recorded, and seen.
        for name, old in list(cast("dict[str, object]", self.seen).items()):
            try:
                self._compare(name, old)
            except TrackingError as error:
                refused.append(error)
        if members is not None:
            self.compare_extra(extra, members)
        if refused:
            raise refused[0]

    def _compare(self, name: str, old: object) -> None:
        self.hot.discard(name)
        new = self.at(name)
        if new is old:
            return
        if new is not MISSING and type(new) not in SCALARS:
            try:
                twin = adopt(self, name, new)
            except TrackingError:
                self.put_back(name, old)
                raise
            if twin is not new:
                self.store(name, twin)
        self.wrote(name, old)

    def put_back(self, name: str, old: object) -> None:
        """Have a field be what it was, unobserved."""
        if old is MISSING:
            object.__delattr__(self.obj, name)
        else:
            self.store(name, old)

    def compare_extra(self, old: Any, members: dict[str, Any]) -> None:
        """Record what was done to the undeclared members, unseen.

        Args:
            old: The dict that they were in.
            members: What was in it.
        """

    def take(self) -> dict[str, object]:
        """Give what the fields that were written were."""
        self.hot = COLD
        taken, self.pending = self.pending, {}
        return taken

    def emit(self, taken: dict[str, object], shape: Shape, path: str, ops: list[Operation]) -> bool:
        """Say what became of the fields that were written."""
        assert isinstance(shape, ObjectShape), "an object has the shape of one"
        for name, old in taken.items():
            member = shape.members.get(name)
            if member is not None and member.shape is not None:
                new = self.at(name)
                sent = emit_slot(member.shape, path + member.pointer, old, new, ops)
                if type(new) not in SCALARS and sent is not MISSING:
                    remember(new, member.shape, sent)
        return False


class ModelNode(ObjectNode):
    """A pydantic model."""

    __slots__ = ()

    def __init__(self, obj: BaseModel) -> None:
        super().__init__(obj, _fields(type(obj)))

    def children(self) -> Iterator[tuple[Any, object]]:
        """Give the values of the fields, and the dict of the undeclared members."""
        if not SCALARS.issuperset(map(type, self.obj.__dict__.values())):
            yield from super().children()
        if self.obj.__pydantic_extra__ is not None:
            yield EXTRA, self.obj.__pydantic_extra__

    def at(self, key: Any) -> object:
        """Give the value of a field; `MISSING` if it has none."""
        if key is EXTRA:
            return self.obj.__pydantic_extra__
        return self.obj.__dict__.get(key, MISSING)

    def follow(self, link: Link, child: Node, shape: Any) -> Step | None:
        """Give the step that the child of `link` stands at."""
        # As above, a call less: a walk down comes through here at every level.
        if link.fresh or link.inner or self.obj.__dict__.get(link.key) is not child.obj:
            return super().follow(link, child, shape)
        member = shape.members.get(link.key)
        return None if member is None or member.shape is None else (member.pointer, member.shape)

    def extra(self) -> dict[str, Any] | None:
        """Give the undeclared members."""
        return self.obj.__pydantic_extra__

    def store(self, key: Any, value: object) -> None:
        """Put `value` in the place of its equal, unobserved."""
        if key is EXTRA:
            object.__setattr__(self.obj, "__pydantic_extra__", value)
        else:
            self.obj.__dict__[key] = value

    def write(self, name: str, value: object) -> None:
        """Set a field whose class does nothing else when it is set."""
        values = self.obj.__dict__
        old = values.get(name, MISSING)
        if type(value) not in SCALARS or type(old) not in SCALARS:
            super().write(name, value)
            return
        # The same once more for what is written most, in a quarter of the time.
        if name not in self.pending:
            self.pending[name] = old
        if self.hot is COLD:
            self.hot = set()
        self.hot.add(name)
        if not self.queued:
            touch(self)
        values[name] = value
        self.obj.__pydantic_fields_set__.add(name)

    def observe(self, act: Callable[..., None], *arguments: Any) -> None:
        """Do something to the model that may write any of its fields, and record what it wrote."""
        named = set(self.obj.__pydantic_fields_set__)
        try:
            super().observe(act, *arguments)
        except TrackingError:
            object.__setattr__(self.obj, "__pydantic_fields_set__", named)
            raise

    def put(self, name: str, value: object) -> None:
        """Set a field as pydantic does where nothing is validated."""
        self.obj.__dict__[name] = value
        self.obj.__pydantic_fields_set__.add(name)

    def compare_extra(self, old: Any, members: dict[str, Any]) -> None:
        """Record what was done to the undeclared members, unseen.

        pydantic writes to their dict in C where it validates, or puts another in its place.
        """
        new = self.extra()
        if id(old) not in NODES:
            # A validator assigns while another assignment put a new dict there: that one compares.
            return
        if new is not old and id(new) in NODES:
            # Written within by the application's own code: that was recorded.
            return
        if new is not old:
            try:
                twin = adopt(self, EXTRA, new)
            except TrackingError:
                self.store(EXTRA, old)
                raise
            self.store(EXTRA, twin)
            new = cast("dict[str, Any]", twin)
        node = NODES[id(new)]
        # Its members are compared one by one: no position on the wire is theirs together.
        for link in node.links:
            link.fresh = False
        assert isinstance(node, DictNode), "extra members are in a dict"
        node.compare(members)
        if new is not old:
            before = NODES[id(old)]
            assert isinstance(before, DictNode), "extra members are in a dict"
            node.succeed(before)
            let_go(self, EXTRA, old)


def _fields(cls: type[BaseModel]) -> tuple[str, ...]:
    known = kept(cls)
    names = known.get(ModelNode)
    if names is None:
        names = known[ModelNode] = tuple(cls.model_fields)
    return names


class DataclassNode(ObjectNode):
    """A dataclass, pydantic's or the standard library's."""

    __slots__ = ()

    def __init__(self, obj: Any) -> None:
        super().__init__(obj, tuple(field.name for field in dataclasses.fields(obj)))

    def write(self, name: str, value: object) -> None:
        """Set a field whose class does nothing else when it is set."""
        super().write(name, value)
        # What was set to what it is was not recorded, nor is it then.
        if name in self.pending and type(value) in SCALARS and self._in_dict(name):
            if self.hot is COLD:
                self.hot = set()
            self.hot.add(name)

    def _in_dict(self, name: str) -> bool:
        """Tell whether a field is where an attribute goes if nobody has a say in that."""
        obj: object = self.obj
        kept_there = name in getattr(obj, "__dict__", ())
        return kept_there and not hasattr(getattr(type(obj), name, None), "__set__")


class StructNode(ObjectNode):
    """A `msgspec.Struct`."""

    __slots__ = ()

    def __init__(self, obj: Any) -> None:
        super().__init__(obj, obj.__struct_fields__)

    def store(self, key: Any, value: object) -> None:
        """Put `value` in the place of its equal, unobserved."""
        # Whoever has a struct has msgspec, which nobody else needs to install.
        from msgspec.structs import force_setattr

        force_setattr(self.obj, key, value)


def seen(obj: object, act: Callable[[Any], None]) -> None:
    """Do something to an object past its class's own methods, and have it seen if it is tracked."""
    with lock:
        node = NODES.get(id(obj))
        if isinstance(node, ObjectNode):
            node.observe(act)
        else:
            act(obj)


def enroll() -> None:
    """Make models, dataclasses and structs trackable."""
    register(lambda cls: issubclass(cls, BaseModel), ModelNode)
    register(is_dataclass, DataclassNode)
    register(is_struct_class, StructNode)
