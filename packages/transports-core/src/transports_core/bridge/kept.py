"""What is made once a class, kept where the class is.

A registry on the side would keep every class alive that it ever saw, as what is made for a class
refers to it: classes made at run time would never go away.
"""

from __future__ import annotations

from typing import Any, Final

_NAME: Final = "__transports__"

# For the classes of the interpreter, which take no attributes and never go away.
_BUILTIN: Final[dict[type, Kept]] = {}


class Kept(dict[Any, Any]):
    """What is kept, by the name of what it is. It is no part of the class: it is never pickled."""

    __slots__ = ()

    def __reduce__(self) -> tuple[type[Kept], tuple[()]]:
        return Kept, ()


def kept(cls: type) -> Kept:
    """Give what is kept with a class, itself and not its bases, to look up or to add to."""
    found = cls.__dict__.get(_NAME)
    if found is None:
        found = _BUILTIN.get(cls)
    if found is None:
        found = Kept()
        try:
            type.__setattr__(cls, _NAME, found)
        except TypeError:
            found = _BUILTIN.setdefault(cls, found)
    return found
