"""What a few bytes may ask of a server, and no more."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from transports_core.bridge import to_value
from transports_core.errors import EditRejected
from transports_core.proposal import propose


class Model(BaseModel):
    rows: list[list[int]] = []
    members: dict[str, int] = {}
    text: str = ""
    anything: Any = None


def copies(of: str, to: str) -> list[Any]:
    return [{"op": "copy", "from": of, "path": to.format(at)} for at in range(60)]


def large() -> Model:
    return Model(
        rows=[list(range(2000))],
        members={str(at): at for at in range(1000)},
        text="x" * 10_000,
        anything={"list": [[1]], "dict": {"a": {}}, "empty": {}},
    )


MUCH: dict[str, list[Any]] = {
    "a list is copied into itself": copies("/anything/list", "/anything/list/-"),
    "a dict is copied into itself": copies("/anything/dict", "/anything/dict/{}"),
    "a new list is copied into itself": [
        {"op": "add", "path": "/anything/new", "value": [1]},
        *copies("/anything/new", "/anything/new/-"),
    ],
    "a text is copied": copies("/text", "/anything/empty/{}") * 100,
    "a text is continued": [{"op": "append", "path": "/text", "value": "a"}] * 1000,
    "a list is compared": [{"op": "test", "path": "/rows", "value": [list(range(2000))]}] * 1000,
    "a list is replaced": [{"op": "replace", "path": "/rows/0", "value": []}] * 1000,
    "a dict is replaced": [{"op": "replace", "path": "/members", "value": {}}] * 1000,
    "all is replaced": [{"op": "replace", "path": "", "value": {"rows": []}}] * 1000,
    "a part is moved about": [
        {"op": "add", "path": "/anything/new", "value": {"x": list(range(2000))}},
        *[
            {"op": "copy", "from": "/anything/new/x", "path": "/anything/new/y"},
            {"op": "move", "from": "/anything/new/y", "path": "/anything/empty/y"},
        ]
        * 500,
    ],
    "the way is long": [{"op": "test", "path": "/anything/list/0/0", "value": 1}] * 10_000,
}


@pytest.mark.promise("hostile.effort")
@pytest.mark.parametrize("ops", MUCH.values(), ids=list(MUCH))
def test_an_edit_that_asks_for_too_much_work_is_refused_without_a_trace(ops: list[Any]) -> None:
    model = large()
    before = to_value(model)
    with pytest.raises(EditRejected) as refused:
        propose(model, ops, effort=1 << 20)
    assert refused.value.code == "too_large"
    assert to_value(model) == before


@pytest.mark.promise("hostile.effort")
def test_an_edit_of_many_rows_is_no_such_edit() -> None:
    model = Model(anything=[{"name": f"row {at}", "tags": ["a", "b"]} for at in range(10_000)])
    ops: Any = [
        {"op": "replace", "path": f"/anything/{at}/name", "value": str(at)} for at in range(10_000)
    ]
    propose(model, ops)
    assert [row["name"] for row in model.anything] == [str(at) for at in range(10_000)]
