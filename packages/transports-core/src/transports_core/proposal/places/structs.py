"""Places that type hints declare: in `msgspec.Struct` classes, and in dataclasses inside them."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, Union, cast

from pydantic import BaseModel
from pydantic_core import to_json

from transports_core.bridge import is_struct
from transports_core.bridge.encoding import encode, parse
from transports_core.bridge.structs import StructSerializer
from transports_core.proposal.absent import ABSENT
from transports_core.proposal.effort import dumped
from transports_core.proposal.places.class_check import PostInit
from transports_core.proposal.places.entries import HintedEntries
from transports_core.proposal.places.guard import check_native, default_of
from transports_core.proposal.places.place import (
    Access,
    Atom,
    Elements,
    Field,
    Items,
    Layouts,
    Place,
    Record,
    every_item,
    no_siblings,
)
from transports_core.proposal.places.untyped import UntypedPlace
from transports_core.proposal.rules import rules_of
from transports_core.proposal.writes.copies import is_frozen, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transports_core.proposal.places.place import Layout, Siblings
    from transports_core.proposal.writes.scratch import Scratch
    from transports_core.values import Value

    Own = Callable[[Any], Layout | None]
    Foreign = Callable[[type, Any], Any]

_SERIALIZER: Any = StructSerializer()


class HintPlace(Place):
    """A place that a type hint declares.

    Args:
        hint: The hint.
        own: Gives the layout of an object that says itself what it is; `None` if it does not.
        foreign: Makes an object of a class that msgspec does not know from its wire value.
        default: Makes what stands here if nothing is said; `None` if something has to be.
    """

    def __init__(
        self, hint: Any, own: Own, foreign: Foreign, default: Callable[[], Any] | None = None
    ) -> None:
        self._hint = hint
        self._own = own
        self._foreign = foreign
        self._default = default
        self.layouts = Layouts()
        self._decoder: Any = None
        bare = _bare(hint)
        self.ambiguous = sum(_shows_object(choice) for choice in _choices(bare)) > 1
        # Decoders of lists that have nothing but a length, by the containers that bound theirs.
        self._counters: dict[type, Any] = dict(_counted(hint))
        self.rechecks = bool(self._counters)

    def dump(self, live: Any) -> Value:
        """Give the wire value of what stands here."""
        return dumped(_SERIALIZER, live)

    def layout(self, live: Any) -> Layout:
        """Say how steps on the wire lead into what stands here."""
        kind = kind_of(live)
        found = self.layouts.get(kind)
        if found is None:
            found = self.layouts[kind] = self._layout(live)
        return found

    def accepts(self, live: Any) -> bool:
        """Whether an object that comes from elsewhere may stand here as it is."""
        return type(live) in _choices(_bare(self._hint))

    def read(self, wire: Value, siblings: Siblings) -> Any:
        """Validate a wire value, as JSON, and give what is to stand here."""
        # Whoever has a struct has msgspec, which nobody else needs to install.
        import msgspec

        del siblings
        if self._decoder is None:
            self._decoder = msgspec.json.Decoder(self._hint, dec_hook=self._foreign)
        made = self._decoder.decode(to_json(wire))
        check_native(made, wire)
        return made

    def keeps(self, live: Any, wire: Mapping[str, Value]) -> bool:
        """Whether an object sent for `live` stands for one of the same class."""
        if not self.ambiguous:
            return True
        try:
            made = self.read(dict(wire), no_siblings)
        except Exception:  # what is wrong with it is found out member by member
            return True
        return isinstance(live, type(made))

    def default(self, siblings: Siblings) -> Any:
        """Give what stands here if nothing is said; `ABSENT` if something has to be."""
        del siblings
        return ABSENT if self._default is None else self._default()

    def recheck(self, value: Any, siblings: Siblings) -> Any:
        """Check the length of a container."""
        del siblings
        for kind, counter in self._counters.items():
            if isinstance(value, kind):
                counter.decode(to_json([None] * len(value)))
        return value

    def _layout(self, live: Any) -> Layout:
        if type(live) is self._hint and is_struct(self._hint):
            return _struct_layout(self._hint, self._inside)
        kind = kind_of(live)
        if issubclass(kind, BaseModel) or is_struct(kind):
            return self._own(live) or Atom()
        if dataclasses.is_dataclass(kind):
            return HintedRecord(kind, self._inside)
        untyped = UntypedPlace(_SERIALIZER, self._own)
        found = [c for c in _choices(_bare(self._hint)) if _is(live, typing.get_origin(c) or c)]
        if len(found) > 1:
            return Atom()
        arguments = typing.get_args(found[0]) if found else ()
        if not arguments:
            return untyped.layout(live)
        if issubclass(kind, (list, set, frozenset)):
            item = self._inside(arguments[0])
            return every_item(item) if issubclass(kind, list) else Elements(item)
        if issubclass(kind, tuple):
            return _tuple(self._inside, arguments, untyped)
        if issubclass(kind, dict):
            return HintedEntries(self._inside(arguments[1]), self._inside(dict[arguments[0], Any]))
        return Atom()

    def _inside(self, hint: Any, default: Callable[[], Any] | None = None) -> HintPlace:
        return HintPlace(hint, self._own, self._foreign, default)


class HintedRecord(Record):
    """A dataclass inside of a struct, as msgspec writes it."""

    __slots__ = ("_post_init",)

    def __init__(self, cls: Any, place: Callable[..., HintPlace]) -> None:
        hints = typing.get_type_hints(cls, include_extras=True)
        fields = dataclasses.fields(cls)
        rules = rules_of(cls)
        super().__init__(
            [
                Field(
                    field.name,
                    field.name,
                    place(hints[field.name], default_of(field)),
                    Access.WRITE if field.init else Access.FROZEN,
                    rule=rules.get(field.name),
                )
                for field in fields
                # The others msgspec does not write.
                if not field.name.startswith("_")
            ],
            [field.name for field in fields],
        )
        self.frozen = is_frozen(cls)
        self._post_init = PostInit(cls)
        self.checks = self._post_init.needed

    def check(self, live: Any, scratch: Any, touched: str, bench: Scratch) -> Any:
        """Run the validators of the class on a copy of an object that has its new members."""
        del touched
        self._post_init(scratch, bench.control(live), [f.attr for f in self.fields.values()])
        return scratch


class StructRecord(Record):
    """A `msgspec.Struct`."""

    __slots__ = ("_post_init", "_tag")

    def __init__(self, cls: Any, place: Callable[..., HintPlace]) -> None:
        import msgspec

        config = cls.__struct_config__
        fields = [
            Field(
                field.encode_name,
                field.name,
                place(field.type, default_of(field)),
                derived=config.omit_defaults,
                rule=rules_of(cls).get(field.name),
            )
            for field in msgspec.structs.fields(cls)
        ]
        self._tag = config.tag
        if config.tag is not None:
            fields.append(Field(config.tag_field, "", place(Any), Access.TAG))
        super().__init__(fields, cls.__struct_fields__)
        self.frozen = is_frozen(cls)
        self.forbids = config.forbid_unknown_fields
        self._post_init = PostInit(cls)
        self.checks = self._post_init.needed

    def get(self, live: Any, attr: str) -> Any:
        """Give what a member holds; `ABSENT` if it has not been set."""
        return super().get(live, attr) if attr else self._tag

    def show(self, live: Any, field: Field) -> Any:
        """Give the wire value of a member; `ABSENT` if the wire does not show it."""
        if field.derived:
            shown = cast("dict[str, Any]", parse(encode(_SERIALIZER, live)))
            return shown.get(field.wire, ABSENT)
        return super().show(live, field)

    def check(self, live: Any, scratch: Any, touched: str, bench: Scratch) -> Any:
        """Run the validators of the class on a copy of an object that has its new members."""
        del touched
        attrs = [field.attr for field in self.fields.values() if field.attr]
        self._post_init(scratch, bench.control(live), attrs)
        return scratch


def _struct_layout(cls: Any, place: Callable[..., HintPlace]) -> Layout:
    if cls.__struct_config__.array_like:
        # The wire has positions for its members, not names.
        return Atom()
    return StructRecord(cls, place)


def _bare(hint: Any) -> Any:
    return hint.__origin__ if typing.get_origin(hint) is typing.Annotated else hint


def _alternatives(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in {Union, types.UnionType}:
        return typing.get_args(hint)
    return (hint,)


def _choices(hint: Any) -> tuple[Any, ...]:
    return tuple(map(_bare, _alternatives(hint)))


def _shows_object(hint: Any) -> bool:
    origin: Any = typing.get_origin(hint) or hint
    if not isinstance(origin, type):
        return False
    cls = cast("type[Any]", origin)
    mapping = issubclass(cls, (dict, Mapping, BaseModel))
    return mapping or is_struct(cls) or dataclasses.is_dataclass(cls)


def _is(live: Any, origin: Any) -> bool:
    concrete = _concrete(origin)
    return concrete is not Any and isinstance(concrete, type) and isinstance(live, concrete)


def _concrete(origin: Any) -> Any:
    # The abstract names of containers are hints for the concrete ones.
    kinds: dict[Any, Any] = {Sequence: list, Set: set, Mapping: dict}
    return kinds.get(origin, origin)


def _counted(hint: Any) -> Iterator[tuple[type, Any]]:
    """Give the containers whose length a hint bounds, each with what decodes lists that long."""
    outer = _bounds(hint)
    for choice in _alternatives(_bare(hint)):
        bare = _bare(choice)
        kind = _concrete(typing.get_origin(bare) or bare)
        if not isinstance(kind, type) or not issubclass(kind, (list, tuple, set, frozenset, dict)):
            continue
        arguments = typing.get_args(bare)
        fixed = kind is tuple and typing.get_origin(bare) is tuple and arguments[-1:] != (...,)
        bounds = [*outer, *_bounds(choice)]
        if fixed or bounds:
            # Whoever has a struct has msgspec, which nobody else needs to install.
            import msgspec

            anything: Any = tuple[(Any,) * len(arguments)] if fixed else list[Any]
            bounded: Any = typing.Annotated[(anything, *bounds)] if bounds else anything
            yield kind, msgspec.json.Decoder(bounded)


def _bounds(hint: Any) -> list[Any]:
    names = ("min_length", "max_length")
    metas = getattr(hint, "__metadata__", ())
    return [meta for meta in metas if any(getattr(meta, name, None) is not None for name in names)]


def _tuple(place: Callable[[Any], Place], arguments: tuple[Any, ...], beyond: Place) -> Layout:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return every_item(place(arguments[0]))
    places = [place(argument) for argument in arguments]
    return Items(lambda index, length: places[index] if index < len(places) else beyond)
