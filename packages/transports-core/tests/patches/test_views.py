"""One list as two see it."""

import pytest

from transports_core.effect import Items
from transports_core.operation import Operation
from transports_core.pointer import parse
from transports_core.transform.toll import FAR, Toll
from transports_core.transform.trace import Trace
from transports_core.transform.views import Views
from transports_core.values import Value


def after(*ops: Operation) -> tuple[Trace, Views]:
    """Make the views of a list to which something happened."""
    root = Trace(fresh_adds=True)
    # It shows that this is a list, and nothing else.
    shown: Operation = {"op": "append", "path": "", "value": []}
    for op in (shown, *ops):
        root.step(parse(op["path"]), 0, op)
    assert isinstance(root.effect, Items)
    return root, Views(root.effect, Toll(FAR))


def test_an_item_is_followed_until_it_is_gone() -> None:
    _, views = after({"op": "add", "path": "/1", "value": "new"}, {"op": "remove", "path": "/0"})
    assert views.now(views.number(0)) is None
    assert views.now(views.number(1)) == 1
    assert views.now(views.number(9)) == 9


def test_what_an_edit_puts_in_stands_in_both_views() -> None:
    root, views = after({"op": "add", "path": "/0", "value": "new"})
    assert views.insert(2, root.blank()) == 3
    assert views.now(views.number(2)) == 3
    assert views.now(views.number(3)) == 4
    assert views.before(views.number(3)) == 3
    assert views.before(views.number(2)) is None
    assert views.touched


def test_what_an_edit_takes_out_is_gone_from_both_views() -> None:
    _, views = after({"op": "add", "path": "/0", "value": "new"})
    views.remove(2, 3)
    assert views.now(views.number(2)) == 3


@pytest.mark.parametrize("others", [0, 1])
def test_positions_behind_an_unknown_end_are_not_trusted(others: int) -> None:
    new: list[Value] = [1] * others
    root, views = after({"op": "append", "path": "", "value": new})
    views.append(root.blank())
    assert views.blurred is bool(others)
