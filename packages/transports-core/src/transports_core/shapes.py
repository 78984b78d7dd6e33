"""The shape of each message: which fields it has, and of which types."""

from itertools import product
from operator import itemgetter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Shape:
    """The fields that a message must have, and the types that each may be of.

    Exact types: `True` is no revision. All are looked at in one step, for this happens to every
    message; which of them is wrong is found out only if one is.
    """

    def __init__(self, **fields: tuple[type, ...]) -> None:
        self._fields = fields
        # Two names at least, so that it always gets a tuple.
        self._get = itemgetter(*fields, "t", "t")
        self._kinds = frozenset((*kinds, str, str) for kinds in product(*fields.values()))

    def fits(self, message: "Mapping[str, object]") -> bool:
        """Tell whether a message has all the fields, of the right types."""
        try:
            return tuple(map(type, self._get(message))) in self._kinds
        except KeyError:
            return False

    def fault(self, message: "Mapping[str, object]") -> str | None:
        """Name a field that is missing or of another type; `None` if there is none."""
        # A field that is missing is not one that is null: only a value may be that.
        for name, types in self._fields.items():
            if name not in message or type(message[name]) not in types:
                return name
        return None


_INT, _TEXT, _LIST, _MAP = (int,), (str,), (list,), (dict,)
_ANYTHING = (type(None), bool, int, float, str, list, dict)

TO_CLIENT: Final = {
    "hello": Shape(v=_INT, conn=_TEXT, heartbeat=(int, float)),
    "ping": Shape(),
    "snapshot": Shape(id=_INT, type=_TEXT, epoch=_TEXT, rev=_INT, value=_ANYTHING, access=_TEXT),
    "patch": Shape(id=_INT, base=_INT, rev=_INT, ops=_LIST),
    "remove": Shape(id=_INT, epoch=_TEXT, rev=_INT),
    "reset": Shape(),
    "ack": Shape(id=_INT, rev=_INT, proposals=_LIST),
    "reject": Shape(id=_INT, rev=_INT, proposal=_TEXT, error=_MAP),
    "error": Shape(code=_TEXT, message=_TEXT),
}
"""The shapes of what a server sends, by the type of the message."""

TO_SERVER: Final = {
    "patch": Shape(id=_INT, epoch=_TEXT, base=_INT, ops=_LIST, proposal=_TEXT),
    "resync": Shape(),
}
"""The shapes of what a client sends."""
