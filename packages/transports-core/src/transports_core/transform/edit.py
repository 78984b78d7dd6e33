"""An edit that is carried, operation by operation."""

from typing import TYPE_CHECKING, cast

from transports_core.effect import Items, Member, Members, Unclear
from transports_core.errors import GoneError, PatchError
from transports_core.pointer import format, missing, parse, position
from transports_core.rearranging.transition import UNKNOWN
from transports_core.transform.guide import Guide, Way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.effect import Lengths, Place
    from transports_core.operation import Append, Operation, Reorder
    from transports_core.transform.toll import Toll


class Edit:
    """An edit, while its operations are carried. What they do is done to the tree, too.

    Args:
        root: What happened since the author looked.
        count: How many operations there are.
        lengths: Tells how long lists were before the edit.
        toll: Paid on the way.
    """

    def __init__(self, root: "Place", count: int, lengths: "Lengths | None", toll: "Toll") -> None:
        self._guide = Guide(root, lengths, toll, several=count > 1)
        self._left = count
        # Whether something that has changed inside was moved to where nothing is known.
        self._lost = False

    def carry(self, op: "Operation") -> "Operation":
        """Give the next operation as it is to be applied now.

        Raises:
            GoneError: What it is about is not there any more.
            PatchError: It could not apply to what its author saw.
        """
        if self._lost:
            raise GoneError(None, op["path"], "follows a move of something that has changed")
        self._left -= 1
        carried = cast("dict[str, object]", op).copy()
        if op["op"] == "move":
            carried["from"], carried["path"] = source, target = self._move(op["from"], op["path"])
            if target.startswith(f"{source}/"):
                # It would not, but stands now where its new place will be when it has left.
                raise GoneError(None, op["path"], "cannot be said: it would be moved into itself")
        elif op["op"] == "copy":
            way = self._guide.find(op["from"])
            carried["from"] = format(way.now)
            carried["path"] = self._put(op["path"], self._copy_of(way.place))
        elif op["op"] == "add":
            carried["path"] = self._put(op["path"], None)
        elif op["op"] == "remove":
            carried["path"] = format(self._take(op["path"], shifts=self._left > 0).now)
        elif op["op"] == "replace":
            carried["path"] = self._replace(op["path"])
        elif op["op"] == "test":
            carried["path"] = format(self._guide.find(op["path"]).now)
        else:
            carried.update(self._change(op))
        return cast("Operation", carried)

    def _copy_of(self, place: "Place | None") -> "Place | None":
        if place is None or (place.document is None and place.effect is None):
            return None
        copy = place.blank()
        self._guide.blurred.append(copy)
        return copy

    def _replace(self, pointer: str) -> str:
        way = self._guide.find(pointer)
        if way.place is not None:
            # From now on, what is inside is as the author knows it.
            self._guide.renew(way.place)
        return format(way.now)

    def _move(self, source: str, pointer: str) -> tuple[str, str]:
        *parents, last = parse(source) or ("",)
        holder = self._guide.follow(source, parents)
        if source.rpartition("/")[0] == pointer.rpartition("/")[0] and isinstance(
            self._guide.inside(holder, last, shifts=self._left > 0), Unclear
        ):
            # Within what nothing came into or left, it is the same in a list and in a dict.
            way = self._guide.find(source)
            if holder.place is not None:
                self._guide.blurred.append(holder.place)
            return format(way.now), format((*holder.now, parse(pointer)[-1]))
        way = self._take(source, shifts=True)
        if way.place is not None:
            self._guide.moved.append((way.place, way.before))
        return format(way.now), self._put(pointer, way.place)

    def _take(self, pointer: str, *, shifts: bool) -> Way:
        """Take something away from where it is."""
        if not pointer:
            return self._guide.find(pointer)
        *parents, last = parse(pointer)
        holder = self._guide.follow(pointer, parents)
        effect = self._guide.inside(holder, last, shifts=shifts)
        way = self._guide.find(pointer)
        if isinstance(effect, Items):
            views = self._guide.views(holder, effect)
            views.remove(position(last, views.length), int(way.now[-1]))
        elif isinstance(effect, Members):
            effect.members[last] = Member(None, True)
        elif effect is not None and holder.place is not None:
            self._guide.blurred.append(holder.place)
        return way

    def _put(self, pointer: str, place: "Place | None") -> str:
        """Put something where the author wants it: its place, if something happened inside."""
        new = place or self._guide.root.blank()
        if not pointer:
            self._guide.root = new
            return ""
        *parents, last = parse(pointer)
        way = self._guide.follow(pointer, parents)
        effect = self._guide.inside(way, last, shifts=self._left > 0, comes=True)
        if isinstance(effect, Items):
            last = self._put_item(way, effect, last, new)
        elif isinstance(effect, Members):
            effect.members[last] = Member(new, True)
        elif effect is not None and way.place is not None:
            self._guide.blurred.append(way.place)
        elif place is not None:
            self._lost = True
        return format((*way.now, last))

    def _put_item(self, way: Way, items: Items, token: str, place: "Place") -> str:
        views = self._guide.views(way, items)
        if token == "-":
            views.append(place)
            return token
        at = position(token, views.length + 1)
        if at < 0:
            raise PatchError(None, way.pointer, missing([], token))
        if views.blurred:
            way.refuse("is a place in a list of unknown length")
        return str(views.insert(at, place))

    def _change(self, op: "Append | Reorder") -> "dict[str, object]":
        """Carry what is done to the inside of something."""
        way = self._guide.find(op["path"])
        changed: dict[str, object] = {"path": format(way.now)}
        if way.place is None:
            return changed
        if way.place.document is not None:
            way.refuse("was replaced as a whole")
        if op["op"] == "append" and isinstance(op["value"], str):
            return changed
        items = self._items(way.place)
        if items is not None and op["op"] == "append":
            for _ in op["value"]:
                self._guide.views(way, items).append(self._guide.root.blank())
        elif items is not None and op["op"] == "reorder":
            changed["order"] = self._reorder(way, items, op["order"])
        elif op["op"] == "reorder" and self._guide.is_blurred(way.place):
            way.refuse("is a copy of what has changed inside")
        return changed

    def _items(self, place: "Place") -> Items | None:
        """Give what happened to something that can only be a list."""
        if isinstance(place.effect, Unclear):
            return place.effect.as_items()
        return place.effect if isinstance(place.effect, Items) else None

    def _reorder(self, way: Way, items: Items, order: "Sequence[int]") -> list[int]:
        views = self._guide.views(way, items)
        if items.parted:
            way.refuse("has an item that was moved to its end, wherever that was")
        if items.endless:
            if views.touched:
                way.refuse("is a list of unknown length")
            items.settle(len(order) + len(items.appended) + len(items.transition) - UNKNOWN)
            self._guide.forget(items)
            views = self._guide.views(way, items)
        if len(order) != views.length:
            raise PatchError(None, way.pointer, f"an order of {len(order)}, not {views.length}")
        return views.reorder(order)
