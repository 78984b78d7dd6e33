"""Watching the attributes of a class's instances, while there is a hosted one.

`type(m)` stays what it is: the class itself is given a `__setattr__` and a `__delattr__` that look
whether the instance is tracked, and gets its own back when the last tracked instance is released.
"""

from __future__ import annotations

import dataclasses
from types import WrapperDescriptorType
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic import BaseModel

from transports_core.bridge import is_struct
from transports_core.errors import TrackingError
from transports_core.tracking.kinds import NODES
from transports_core.tracking.node import SCALARS, UNDIVIDED, lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Method = Callable[..., None]

_LISTED: Final = "__dataclass_fields__"

# How many tracked instances there are of each watched class.
_WATCHED: Final[dict[type, int]] = {}


def watch(cls: type) -> None:
    """Count one more tracked instance of `cls`, and watch it from the first."""
    count = _WATCHED.get(cls, 0)
    if count == 0:
        own = _own(cls, "__setattr__")
        _install(cls, "__setattr__", _watched_setattr(own, _plain_fields(cls, own)))
        _install(cls, "__delattr__", _watched_delattr(_own(cls, "__delattr__")))
    _WATCHED[cls] = count + 1


def restore(cls: type) -> None:
    """Count one tracked instance of `cls` less, and give it its own methods back after the last."""
    _WATCHED[cls] -= 1
    if _WATCHED[cls] == 0:
        del _WATCHED[cls]
        for name in ("__setattr__", "__delattr__"):
            installed: Any = cls.__dict__.get(name)
            # Somebody may have put another method over ours since; theirs stays, and ours below
            # it finds nothing tracked.
            if isinstance(getattr(installed, "watched_over", None), _Own):
                _reinstate(cls, name, installed.watched_over)


def stores(obj: object, name: str) -> bool:
    """Tell whether the class of a tracked object just stores what a member is set to.

    Returns:
        Whether that is known: of an object of a class that is not watched, nothing is.
    """
    return name in getattr(type(obj).__setattr__, "plain", ())


def is_dataclass(cls: Any) -> bool:
    """Tell whether a class is a dataclass, and no struct.

    Raises:
        TrackingError: It has a member with a name of Python's own.
    """
    if is_struct(cls) or not dataclasses.is_dataclass(cls):
        return False
    # With `slots=True`, a member of this name stands where all of them were listed.
    listed: Any = getattr(cast("Any", cls), _LISTED)
    _refuse_reserved(
        cast("type", cls), cast("dict[str, Any]", listed) if isinstance(listed, dict) else [_LISTED]
    )
    return True


def is_struct_class(cls: Any) -> bool:
    """Tell whether a class is a struct.

    Raises:
        TrackingError: It has a member with a name of Python's own.
    """
    if not is_struct(cls):
        return False
    _refuse_reserved(cls, cls.__struct_fields__)
    return True


def _refuse_reserved(cls: type, names: Iterable[str]) -> None:
    """Refuse members whose names Python keeps to itself, as nobody can tell what they would do."""
    for name in names:
        if name.startswith("__") and name.endswith("__") and name.strip("_"):
            reason = "names that begin and end with two underscores are Python's own"
            raise TrackingError(cls.__name__, f"/{name}", reason)


class _Own:
    """What a class had before it was watched."""

    def __init__(self, method: Method, *, declared: bool) -> None:
        self.method = method
        # Whether the class declared it itself, or had it from a base.
        self.declared = declared


def _own(cls: type, name: str) -> _Own:
    for base in cls.__mro__:
        if name in base.__dict__:
            method = base.__dict__[name]
            own = getattr(method, "watched_over", None)
            return _Own(method if own is None else own.method, declared=base is cls)
    raise AssertionError("object itself has the method")


def _install(cls: type, name: str, method: Any) -> None:
    type.__setattr__(cls, name, method)


def _reinstate(cls: type, name: str, own: _Own) -> None:
    if own.declared:
        type.__setattr__(cls, name, own.method)
    else:
        type.__delattr__(cls, name)


def _watched_setattr(own: _Own, plain: frozenset[str]) -> Method:
    method = own.method
    find = NODES.get

    def __setattr__(self: object, name: str, value: object, /) -> None:  # noqa: N807
        node: Any = find(id(self))
        if node is None:
            method(self, name, value)
            return
        # A key that is hot was recorded: nothing but the write is left to do. No other thread runs
        # between the question and the write (see `node.UNDIVIDED`), so not even the lock is needed.
        if UNDIVIDED and type(value) in SCALARS and name in node.hot:
            self.__dict__[name] = value
            return
        with lock:
            if node.obj is not self:
                # Another thread has let go of it meanwhile.
                method(self, name, value)
            elif name in plain:
                node.write(name, value)
            else:
                node.observe(method, name, value)

    __setattr__.watched_over = own  # pyright: ignore[reportFunctionMemberAccess]  # our mark
    __setattr__.plain = plain  # pyright: ignore[reportFunctionMemberAccess]  # as above
    return __setattr__


def _watched_delattr(own: _Own) -> Method:
    method = own.method

    def __delattr__(self: object, name: str, /) -> None:  # noqa: N807
        node: Any = NODES.get(id(self))
        if node is None:
            method(self, name)
            return
        with lock:
            if node.obj is not self:
                method(self, name)
            else:
                node.observe(method, name)

    __delattr__.watched_over = own  # pyright: ignore[reportFunctionMemberAccess]  # our mark
    return __delattr__


def _plain_fields(cls: Any, own: _Own) -> frozenset[str]:
    """Give the fields that are just stored when they are set, so that we may do it ourselves."""
    if issubclass(cls, BaseModel):
        config = cls.model_config
        if (
            own.method is not BaseModel.__dict__["__setattr__"]
            or cls.__getattribute__ is not object.__getattribute__
            or config.get("frozen")
            or config.get("validate_assignment")
        ):
            return frozenset()
        fields = cls.model_fields
        return frozenset(
            name
            for name, field in fields.items()
            if not field.frozen and not isinstance(getattr(cls, name, None), property)
        )
    if is_struct(cls):
        own_method = not isinstance(own.method, WrapperDescriptorType)
        plain = not own_method and not cls.__struct_config__.frozen
        return frozenset(cls.__struct_fields__ if plain else ())
    if own.method is not object.__setattr__:
        return frozenset()
    return frozenset(
        field.name
        for field in dataclasses.fields(cls)
        if not isinstance(getattr(cls, field.name, None), property)
    )
