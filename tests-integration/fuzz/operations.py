"""Operations of an edit, told by bytes: all that there are, on what there is and what is not."""

from typing import Any, Final

PATHS: Final = (
    "",
    "/n",
    "/text",
    "/items",
    "/items/0",
    "/items/-",
    "/items/9",
    "/members",
    "/members/a",
    "/members/__class__",
    "/part",
    "/part/n",
    "/part/tags",
    "/part/tags/0",
    "/part/__class__",
    "/anything",
    "/anything/x",
    "/anything/0",
    "/__class__",
    "/__dict__/n",
    "/model_config",
    "/model_fields_set",
    "/_hidden",
    "/twice",
    "/model_dump",
    "no pointer",
    "/~2",
)
VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1,
    2**64 - 1,
    1.0,
    "",
    "text",
    [],
    [3, 2, 1],
    ["a", "a"],
    {},
    {"a": "1"},
    {"n": 5, "text": "t", "_hidden": 9, "__class__": {}},
    {"n": 1, "tags": ["x", "x"]},
    [[[]]],
)
OPS: Final = ("add", "remove", "replace", "move", "copy", "test", "append", "reorder", "eval")
ORDERS: Final[tuple[Any, ...]] = (
    [],
    [0],
    [2, 1, 0],
    [0, 0, 0],
    [1, 2, 3],
    [-1, 0, 1],
    [True, False, 2],
)


def _pick(data: bytes, at: int, of: tuple[Any, ...]) -> Any:
    return of[data[at % len(data)] % len(of)]


def operations(data: bytes) -> list[Any]:
    """Make up to eight operations, each of five bytes."""
    return [
        {
            "op": _pick(data, at, OPS),
            "path": _pick(data, at + 1, PATHS),
            "from": _pick(data, at + 2, PATHS),
            "value": _pick(data, at + 3, VALUES),
            "order": _pick(data, at + 4, ORDERS),
        }
        for at in range(0, min(len(data), 40), 5)
    ]
