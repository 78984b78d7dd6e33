"""What has to hold after each edit of a model of a generated class."""

# What is tested here is what models do with values of any type, right or wrong.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import copy
import dataclasses
import enum
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import strategies as st
from pydantic import BaseModel

from transports_core import Session
from transports_core.errors import EditRejected
from transports_core.patch import apply
from transports_core.values import same

from .generated import SHAPES, VETO, CrashError, proposed, roots, validated

if TYPE_CHECKING:
    from .generated import Kind

CODES = {"invalid", "conflict", "read_only", "malformed", "too_large"}
PLAIN = (str, int, float, bytes, enum.Enum, type(None))


def held(part: Any) -> Any:
    """Give what an object holds, shown or not."""
    if isinstance(part, BaseModel):
        extra, private = part.__pydantic_extra__, part.__pydantic_private__
        return [
            *part.__dict__.items(), *(extra or {}).items(), *(private or {}).items(),
            *sorted(part.model_fields_set),
        ]  # fmt: skip
    if isinstance(part, msgspec.Struct):
        return [(name, getattr(part, name)) for name in part.__struct_fields__]
    if dataclasses.is_dataclass(part):
        names = [field.name for field in dataclasses.fields(part)]
        return [*getattr(part, "__dict__", {}).items(), *((n, getattr(part, n)) for n in names)]
    if isinstance(part, dict):
        return [*part.items()]
    if isinstance(part, (set, frozenset)):
        return sorted(part)
    return [*part] if isinstance(part, (list, tuple)) else [repr(part)]


def inventory(part: Any, found: dict[int, Any] | None = None) -> dict[int, Any]:
    """Give all that is in a model by identity, and what each thing holds."""
    found = {} if found is None else found
    if id(part) in found or isinstance(part, PLAIN):
        return found
    inside: list[Any] = held(part)
    # What is held is kept, or something else could get its identity.
    flat = [each for pair in inside for each in (pair if isinstance(pair, tuple) else (pair,))]
    marks = [repr(each) if isinstance(each, PLAIN) else id(each) for each in flat]
    found[id(part)] = (type(part), marks, part, flat)
    for each in flat:
        inventory(each, found)
    return found


def marks(things: dict[int, Any]) -> dict[int, Any]:
    """Give what is compared of an inventory."""
    return {key: (cls, held) for key, (cls, held, _, _) in things.items()}


def canon(part: Any) -> Any:
    """Give a value in a form that is equal for what nobody could tell apart."""
    if type(part) in SHAPES:
        extra = getattr(part, "__pydantic_extra__", None) or {}
        names = SHAPES[type(part)].kinds
        return type(part), {name: canon(getattr(part, name)) for name in names}, canon(extra)
    if isinstance(part, dict):
        return dict, {repr(key): canon(value) for key, value in part.items()}
    if isinstance(part, (set, frozenset)):
        return isinstance(part, set), sorted(map(repr, part))
    if isinstance(part, (list, tuple)):
        return isinstance(part, list), [canon(each) for each in part]
    return type(part), repr(part)


def objects(things: dict[int, Any]) -> list[Any]:
    return [part for cls, _, part, _ in things.values() if cls in SHAPES]


def unseen(part: Any) -> Any:
    """Give what no client may change of an object."""
    shape = SHAPES[type(part)]
    names = shape.frozen | shape.excluded
    values = {name: (id(getattr(part, name)), canon(getattr(part, name))) for name in names}
    # Of one that cannot be changed, there is no other member either, but parts of members may be.
    members = [id(getattr(part, name)) for name in shape.kinds] if shape.immutable else []
    private = getattr(part, "__pydantic_private__", None) or {}
    return values, members, canon(private), [id(each) for each in private.values()]


def is_valid(part: Any) -> None:
    """See that an object is what its own class would make of what it holds."""
    twin = copy.deepcopy(part)
    shape = SHAPES[type(part)]
    sent = {name: getattr(twin, name) for name in shape.kinds}
    sent.update(getattr(twin, "__pydantic_extra__", None) or {})
    if isinstance(part, msgspec.Struct):
        anew = msgspec.convert(msgspec.to_builtins(twin), type(part))
    else:
        anew = validated(type(part), sent)
    assert canon(anew) == canon(part)


def is_declared(part: Any) -> None:
    """See that an object has no attribute that its class does not declare."""
    cls: Any = type(part)
    shape = SHAPES[cls]
    assert set(getattr(part, "__dict__", {})) <= set(shape.kinds)
    if isinstance(part, BaseModel):
        allowed = cls.model_config.get("extra") == "allow"
        assert (part.__pydantic_extra__ is not None) == allowed
        assert set(part.__pydantic_private__ or {}) == {"_private"}
        # As in pydantic, what was set and is deleted was set.
        assert allowed or part.model_fields_set <= set(shape.kinds)
        assert cls.act(part) == 1
        assert cls.twice.fget(part) == 2


def of_classes() -> Any:
    """Give what generated classes have that an instance could be used to change."""
    return {
        cls: (
            cls.__dict__.get("act"), repr(getattr(cls, "shared", None)), cls.__init__,
            repr(getattr(cls, "model_config", None)), cls.__bases__,
            [*getattr(cls, "model_fields", ())],
        )
        for cls in SHAPES
    }  # fmt: skip


def by_path(kind: Kind, value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Give the objects of a model by where they are."""
    found = {path: value} if type(value) in SHAPES else {}
    for step, inner, part in kind.parts(value):
        found |= by_path(inner, part, (*path, step))
    return found


def steps(pointer: str) -> tuple[str, ...]:
    return tuple(s.replace("~1", "/").replace("~0", "~") for s in pointer.split("/")[1:])


def stays(path: tuple[str, ...], part: Any, ops: list[Any]) -> bool:
    """Whether no operation is about an object, what it stands in, or a list around it."""
    for op in ops:
        for at in (steps(op["path"]), steps(op.get("from", op["path"]))):
            if path[: len(at)] == at:
                return False
            last = at[-1] if at else ""
            of_list = last.isdigit() or last == "-"
            if of_list and path[: len(at) - 1] == at[:-1] and len(path) >= len(at):
                return False
            # One that cannot be changed gives way to another.
            if SHAPES[type(part)].immutable and at[: len(path)] == path:
                return False
    return True


class Play:
    """One model, hosted, and what happens to it."""

    def __init__(self, kind: Kind, model: Any) -> None:
        self.kind = kind
        self.model = model
        self.session = Session(epoch="e")
        self.errors: list[Any] = []
        self.session.on_error(self.errors.append)
        self.id = self.session.host(model)
        self.session.drain()
        self.mirror: Any = self.session.value(self.id)
        self.accepted = 0
        self.refused: dict[str, int] = {}

    def submit(self, ops: list[Any]) -> None:
        """Propose an edit, and see that the law holds."""
        session, model = self.session, self.model
        before = inventory(model)
        was = marks(before)
        shown = canon(model)
        unwritable = [(part, unseen(part)) for part in objects(before)]
        there = by_path(self.kind, model)
        classes = of_classes()
        rev = session.rev
        try:
            session.submit(self.id, copy.deepcopy(ops), epoch="e", base=rev)
        except EditRejected as error:
            if any(VETO in str(detail["msg"]) for detail in error.details or ()):
                # What was written already was written back, as the object that it was.
                assert marks(inventory(model)) == was
                assert canon(model) == shown
                session.drain()
                for entry in session.since(rev) or ():
                    self.mirror = apply(self.mirror, entry.ops)
                self._in_step()
                return
            self._refused(error, was)
            assert session.rev == rev
            assert of_classes() == classes
            return
        self.accepted += 1
        assert not self.errors
        # All of it was seen and committed at once.
        assert session.drain() == []
        for entry in session.since(rev) or ():
            assert entry.id == self.id
            self.mirror = apply(self.mirror, entry.ops)
        self._in_step()
        assert of_classes() == classes
        for part in objects(inventory(model)):
            is_declared(part)
            is_valid(part)
        for part, kept in unwritable:
            assert unseen(part) == kept
        now = by_path(self.kind, model)
        for path, part in there.items():
            if stays(path, part, ops) and type(now.get(path)) is type(part):
                assert now[path] is part or self._replaced(path, there)

    def _refused(self, error: EditRejected, was: Any) -> None:
        assert marks(inventory(self.model)) == was
        assert self.session.drain() == []
        self._in_step()
        assert not self.errors
        assert error.code in CODES
        # No defect of ours passes for an answer.
        if error.code == "invalid" and not error.details:
            assert isinstance(error.__cause__, CrashError), error.__cause__
        self.refused[error.code] = self.refused.get(error.code, 0) + 1

    def _in_step(self) -> None:
        assert same(self.session.value(self.id), self.mirror)

    def _replaced(self, path: tuple[str, ...], there: Any) -> bool:
        """Whether something around an object cannot be changed, and gave way to another."""
        around = [there.get(path[:at]) for at in range(len(path))]
        return any(part is not None and SHAPES[type(part)].immutable for part in around)


def play(data: st.DataObject, edits: int) -> Play:
    """Draw a class, a model of it, and edits one after another."""
    SHAPES.clear()
    kind = data.draw(roots(), "class")
    model = data.draw(kind.values, "model")
    scene = Play(kind, model)
    for _ in range(data.draw(st.integers(1, edits), "edits")):
        drawn = proposed(kind, model, scene.session.value(scene.id))
        scene.submit(data.draw(st.lists(drawn, min_size=1, max_size=3), "ops"))
    return scene
