"""Edits carried over what happened since their author looked."""

import copy
from contextlib import suppress
from itertools import count
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.document import Document
from transports_core.errors import GoneError, PatchError, TestFailedError
from transports_core.operation import Operation
from transports_core.patch import apply
from transports_core.pointer import parse, resolve
from transports_core.transform import transform
from transports_core.values import Value

from .strategies import containers, patches
from .vectors import ERRORS, Same, lengths_in, load, name

CASES = load("transform", {"doc", "over", "ops"}, {"expected", "error", "op_index", "lengths"})

randoms = st.randoms(use_true_random=False)


def lengths_of(case: Any) -> Any:
    return lengths_in(apply(case["doc"], case["over"])) if case.get("lengths") else None


def without_tests(ops: list[Operation]) -> list[Operation]:
    return [op for op in ops if op["op"] != "test"]


@pytest.mark.promise("transform.followed")
@pytest.mark.parametrize("case", [case for case in CASES if "expected" in case], ids=name)
def test_edits_are_carried_as_the_vectors_say(case: Any) -> None:
    given = copy.deepcopy((case["ops"], case["over"]))
    carried = transform(case["ops"], case["over"], lengths=lengths_of(case))
    assert carried == Same(case["expected"])
    assert (case["ops"], case["over"]) == Same(given)
    apply(apply(case["doc"], case["over"]), without_tests(carried))


@pytest.mark.promise("transform.refused")
@pytest.mark.parametrize("case", [case for case in CASES if "error" in case], ids=name)
def test_edits_are_refused_as_the_vectors_say(case: Any) -> None:
    with pytest.raises(PatchError) as caught:
        transform(case["ops"], case["over"], lengths=lengths_of(case))
    assert type(caught.value) is ERRORS[case["error"]]
    assert caught.value.op_index == case["op_index"]
    assert str(caught.value)


class Things:
    """Objects in lists and dicts, each with a tag that tells which one it is."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.tags = count()

    def make(self, depth: int = 0) -> Any:
        random = self.random
        thing: dict[str, Any] = {"#": next(self.tags)}
        if depth < 2 and random.random() < 0.7:
            thing["l"] = [self.make(depth + 1) for _ in range(random.randint(0, 4))]
        if depth < 2 and random.random() < 0.5:
            names = random.sample("0123ab", random.randint(0, 4))
            thing["d"] = {name: self.make(depth + 1) for name in names}
        if random.random() < 0.5:
            thing["s"] = "text"
        return thing

    def change(self, value: Any, *, across: bool) -> Operation | None:
        """Make up something to do to them; `across`: also from one list into another."""
        random = self.random
        pointer, found = random.choice(list(things(value)))
        kind = random.random()
        if isinstance(found, list):
            return self.change_list(pointer, cast("list[Any]", found), kind)
        if "#" not in found:
            key = random.choice("0123ab")
            return put(key in found, f"{pointer}/{key}", self.make(2))
        if kind < 0.3 or not pointer:
            if "s" in found and kind < 0.1:
                return {"op": "append", "path": f"{pointer}/s", "value": "!"}
            return put("s" in found, f"{pointer}/s", str(next(self.tags)))
        if kind < 0.6:
            return {"op": "remove", "path": pointer}
        if kind < 0.8 or not across:
            return {"op": "replace", "path": pointer, "value": self.make(2)}
        other, holder = random.choice(list(things(value)))
        if isinstance(holder, list) and not other.startswith(f"{pointer}/"):
            return {"op": "move", "from": pointer, "path": f"{other}/{random.choice('-0')}"}
        return None

    def change_list(self, pointer: str, items: list[Any], kind: float) -> Operation | None:
        random, length = self.random, len(items)
        if kind < 0.2:
            new = [self.make(2) for _ in range(random.randint(0, 2))]
            return {"op": "append", "path": pointer, "value": new}
        if kind < 0.35:
            order = random.sample(range(length), length)
            return {"op": "reorder", "path": pointer, "order": order}
        if kind < 0.7:
            place = random.choice([str(random.randint(0, length)), "-"])
            return {"op": "add", "path": f"{pointer}/{place}", "value": self.make(2)}
        if length < 2:
            return None
        source, target = random.randrange(length), random.randrange(length)
        return {"op": "move", "from": f"{pointer}/{source}", "path": f"{pointer}/{target}"}

    def changes(self, value: Any, size: int, *, across: bool) -> list[Operation]:
        document = Document(value)
        ops: list[Operation] = []
        while len(ops) < size:
            op = self.change(document.value(), across=across)
            if op is not None:
                try:
                    document.apply([op])
                except PatchError:
                    continue
                ops.append(op)
        return ops


def put(there: bool, path: str, value: Value) -> Operation:
    if there:
        return {"op": "replace", "path": path, "value": value}
    return {"op": "add", "path": path, "value": value}


def things(value: Any, pointer: str = "") -> Any:
    """Give every thing, list of things and dict of things, with its pointer."""
    yield pointer, value
    if isinstance(value, list):
        for at, item in enumerate(cast("list[Any]", value)):
            yield from things(item, f"{pointer}/{at}")
    elif "#" in value:
        for member in {"l", "d"} & value.keys():
            yield from things(value[member], f"{pointer}/{member}")
    else:
        for key, item in value.items():
            yield from things(item, f"{pointer}/{key}")


def owner(value: Value, pointer: str) -> tuple[Any, list[str]]:
    """Tell which thing a pointer leads to, or into, and how it goes on from there."""
    tokens = parse(pointer)
    found: tuple[Any, list[str]] = (None, [])
    for depth in range(len(tokens) + 1):
        try:
            thing = resolve(value, tokens[:depth])
        except PatchError:
            break
        if isinstance(thing, dict) and "#" in thing:
            found = (thing["#"], list(tokens[depth:]))
    return found


def check_target(op: Operation, carried: Operation, then: Value, now: Value) -> None:
    """Make sure that an operation is about what its author meant."""
    for member in ("from", "path"):
        meant, found = (cast("dict[str, str]", one).get(member) for one in (op, carried))
        if meant is None or found is None:
            continue
        if op["op"] in ("add", "move", "copy") and member == "path":
            # Where it goes is for others to say; this is about the container.
            meant, found = meant.rpartition("/")[0], found.rpartition("/")[0]
            if op["op"] == "move":
                continue
        if owner(then, meant) == owner(now, found):
            continue
        # The one exception: a member by that name that was replaced meanwhile.
        assert meant.rpartition("/")[2] == found.rpartition("/")[2]
        above, above_now = meant.rpartition("/")[0], found.rpartition("/")[0]
        assert owner(then, above) == owner(now, above_now)
        assert isinstance(resolve(now, parse(above_now)), dict)


def check_order(then: Value, now: Value, op: Operation, carried: Operation) -> None:
    """Make sure that those items of a list that both know are in the author's order."""
    lists = (resolve(then, parse(op["path"])), resolve(now, parse(carried["path"])))
    meant, found = ([item["#"] for item in cast("list[Any]", items)] for items in lists)
    both = set(meant) & set(found)
    assert [tag for tag in meant if tag in both] == [tag for tag in found if tag in both]


def check_place(
    then: Value, now: Value, op: Operation, carried: Operation, *, replaced: bool
) -> None:
    """Make sure that what came into a list has the neighbour that the author saw.

    What was replaced has its place still, of which no tag tells.
    """
    pointers = (op["path"].rpartition("/")[0], carried["path"].rpartition("/")[0])
    lists = (resolve(then, parse(pointers[0])), resolve(now, parse(pointers[1])))
    if not isinstance(lists[0], list):
        return
    meant, found = ([item["#"] for item in cast("list[Any]", items)] for items in lists)
    tag = cast("Any", op)["value"]["#"]
    place, at = meant.index(tag), found.index(tag)
    if op["path"].endswith("-"):
        assert at == len(found) - 1
    elif place and meant[place - 1] in found:
        assert found[at - 1] == meant[place - 1]
    elif not replaced and place + 1 < len(meant) and meant[place + 1] in found:
        assert found[at + 1] == meant[place + 1]


def follow(
    value: Value, over: list[Operation], ops: list[Operation], carried: list[Operation]
) -> None:
    """Apply an edit on both sides, and compare what each operation is about."""
    theirs, mine = Document(apply(value, over)), Document(value)
    replaced = any(op["op"] == "replace" for op in over)
    for op, now in zip(ops, carried, strict=True):
        check_target(op, now, mine.value(), theirs.value())
        mine.apply([op])
        theirs.apply([now])
        if op["op"] == "reorder":
            check_order(mine.value(), theirs.value(), op, now)
        elif op["op"] == "add" and isinstance(op["value"], dict):
            check_place(mine.value(), theirs.value(), op, now, replaced=replaced)


@pytest.mark.promise("transform.followed")
@pytest.mark.parametrize("told", [False, True], ids=["lengths unknown", "lengths told"])
@given(randoms, st.integers(1, 6), st.integers(1, 4), st.booleans(), st.booleans())
def test_no_edit_lands_on_anything_else(
    told: bool, random: Random, happened: int, size: int, fresh: bool, across: bool
) -> None:
    made = Things(random)
    value = made.make()
    over = made.changes(value, happened, across=across)
    ops = made.changes(value, size, across=across)
    lengths = lengths_in(apply(value, over)) if told else None
    try:
        carried = transform(ops, over, fresh_adds=fresh, lengths=lengths)
    except GoneError:
        return
    follow(value, over, ops, carried)


def tags(value: Value) -> set[int]:
    return {found["#"] for _, found in things(value) if isinstance(found, dict) and "#" in found}


@pytest.mark.promise("transform.refused")
@given(randoms, st.integers(1, 6))
def test_an_edit_is_refused_only_if_its_thing_is_gone(random: Random, happened: int) -> None:
    made = Things(random)
    value = made.make()
    over = made.changes(value, happened, across=False)
    [op] = made.changes(value, 1, across=False)
    now = apply(value, over)
    try:
        transform([op], over, fresh_adds=True, lengths=lengths_in(now))
    except GoneError:
        place = op["path"].rpartition("/")[0] if op["op"] == "add" else op["path"]
        about = [place, op["from"]] if op["op"] == "move" else [place]
        found = [owner(value, pointer) for pointer in about]
        # Or it is a list, a dict or a text that was replaced in a thing that is still there.
        assert any(tag not in tags(now) or rest for tag, rest in found)


@given(data=st.data(), fresh=st.booleans())
def test_who_knows_less_refuses_more_and_nothing_else(data: st.DataObject, fresh: bool) -> None:
    value = data.draw(containers)
    over = data.draw(patches(value, fresh=fresh))
    ops = data.draw(patches(value, max_size=3))
    lengths = lengths_in(apply(value, over))
    try:
        informed = transform(ops, over, fresh_adds=fresh, lengths=lengths)
    except PatchError:
        return
    with suppress(TestFailedError):
        apply(apply(value, over), informed)
    with suppress(GoneError):
        assert transform(ops, over, fresh_adds=fresh) == Same(informed)


@pytest.mark.promise("transform.disjoint")
@given(randoms, st.integers(0, 4), st.integers(0, 4))
def test_the_order_of_edits_of_different_things_does_not_matter(
    random: Random, first: int, second: int
) -> None:
    """Two edit one list of rows, one of them rows with even tags, the other those with odd ones."""
    value: Value = {"rows": [{"#": tag, "x": 0} for tag in range(8)], "d": {"0": 0, "1": 1}}
    edits = [edit_rows(value, parity, size, random) for parity, size in ((0, first), (1, second))]
    results: list[Value] = []
    for mine, theirs in (edits, edits[::-1]):
        now = apply(value, theirs)
        results.append(apply(now, transform(mine, theirs, lengths=lengths_in(now))))
    assert results[0] == Same(results[1])


def edit_rows(value: Value, parity: int, size: int, random: Random) -> list[Operation]:
    """Remove, change and add rows, each behind a row of this parity that nobody else touches."""
    document = Document(value)
    ops: list[Operation] = []
    for tag in random.sample([tag for tag in range(8) if tag % 2 == parity], size):
        rows = cast("list[Any]", resolve(document.value(), ("rows",)))
        at = next(place for place, row in enumerate(rows) if row["#"] == tag)
        op: Operation = random.choice([
            {"op": "remove", "path": f"/rows/{at}"},
            {"op": "replace", "path": f"/rows/{at}/x", "value": tag},
            {"op": "replace", "path": f"/d/{parity}", "value": tag},
            {"op": "add", "path": f"/rows/{at + 1}", "value": {"#": 10 + tag, "x": 1}},
        ])  # fmt: skip
        document.apply([op])
        ops.append(op)
    return ops


REMOVE: list[Operation] = [{"op": "remove", "path": "/l/0"}]
CHANGE: list[Operation] = [{"op": "replace", "path": "/l/0/x", "value": 1}]
APPEND: list[Operation] = [{"op": "append", "path": "/l", "value": [7]}]
ROW: Operation = {"op": "replace", "path": "/l/2/x", "value": 2}
# What happened, an edit, and at which of its operations it is refused for want of knowledge.
UNSURE: list[tuple[list[Operation], list[Operation], int]] = [
    (REMOVE, [ROW], 0),
    (REMOVE, [{"op": "remove", "path": "/l/1"}], 0),
    (REMOVE, [{"op": "add", "path": "/l/1", "value": 0}], 0),
    (REMOVE, [{"op": "move", "from": "/l/1", "path": "/l/2"}], 0),
    (REMOVE, [{"op": "add", "path": "/l/-", "value": 0}, ROW], 1),
    # Of one of these it is not known any more what is where, once the edit has moved things itself.
    (CHANGE, [{"op": "remove", "path": "/l/1"}, ROW], 1),
    (CHANGE, [{"op": "add", "path": "/l/1", "value": 0}, ROW], 1),
    (CHANGE, [{"op": "move", "from": "/l/1", "path": "/l/2"}, ROW], 1),
    (APPEND, [*APPEND, ROW], 1),
    (APPEND, [*APPEND, {"op": "add", "path": "/l/2", "value": 1}], 1),
    (APPEND, [*APPEND, {"op": "reorder", "path": "/l", "order": [1, 0]}], 1),
    # What has changed inside is not followed to where nothing is known.
    (CHANGE, [{"op": "move", "from": "/l", "path": "/a/b"}, {"op": "remove", "path": "/c"}], 1),
    (CHANGE, [{"op": "copy", "from": "/l", "path": "/a/b"}, {"op": "remove", "path": "/c"}], 1),
    (
        APPEND,
        [
            {"op": "copy", "from": "/l", "path": "/a"},
            {"op": "reorder", "path": "/a", "order": [1, 0]},
        ],
        1,
    ),
    # An item that went to an end that nobody knows is taken for two.
    (
        [{"op": "move", "from": "/l/1", "path": "/l/-"}],
        [{"op": "reorder", "path": "/l", "order": [2, 0, 1]}],
        0,
    ),
    # What there is now cannot be said as one move: its place would be within itself.
    (
        [{"op": "remove", "path": "/l/1"}, {"op": "reorder", "path": "/l", "order": [0, 1]}],
        [{"op": "move", "from": "/l/0", "path": "/l/1/x"}],
        0,
    ),
]


@pytest.mark.promise("transform.refused")
@pytest.mark.parametrize(("over", "ops", "at"), UNSURE, ids=range(len(UNSURE)))
def test_an_edit_is_refused_where_nobody_knows(
    over: list[Operation], ops: list[Operation], at: int
) -> None:
    with pytest.raises(GoneError) as caught:
        transform(ops, over)
    assert caught.value.op_index == at


SURE: list[tuple[list[Operation], list[Operation]]] = [
    (CHANGE, [{"op": "remove", "path": "/l/1"}]),
    (CHANGE, [{"op": "add", "path": "/l/1", "value": 0}]),
    (CHANGE, [{"op": "move", "from": "/l/1", "path": "/l/2"}]),
    (CHANGE, [{"op": "replace", "path": "", "value": {}}, {"op": "remove", "path": "/x"}]),
    (CHANGE, [{"op": "move", "from": "/l", "path": ""}]),
    (CHANGE, [{"op": "copy", "from": "", "path": "/copy"}]),
    (CHANGE, [{"op": "copy", "from": "/other", "path": "/l/1/copy"}]),
    (CHANGE, [{"op": "reorder", "path": "/l", "order": [2, 1, 0]}]),
    (CHANGE, APPEND),
    (REMOVE, APPEND),
    (REMOVE, [{"op": "test", "path": "/other", "value": 1}]),
    (APPEND, [{"op": "append", "path": "/l/0/text", "value": "x"}]),
    (APPEND, [{"op": "add", "path": "/l/1", "value": 0}, ROW]),
]


@pytest.mark.parametrize(("over", "ops"), SURE, ids=range(len(SURE)))
def test_an_edit_stays_as_it_is_where_nothing_depends_on_what_is_unknown(
    over: list[Operation], ops: list[Operation]
) -> None:
    assert transform(ops, over) == ops


def test_an_edit_of_what_was_no_list_or_shorter_is_wrong() -> None:
    over: list[Operation] = [{"op": "reorder", "path": "/l", "order": [1, 0]}]
    wrong: list[Operation] = [
        {"op": "replace", "path": "/l/2", "value": 1},
        {"op": "replace", "path": "/l/x", "value": 1},
        {"op": "add", "path": "/l/3", "value": 1},
        {"op": "add", "path": "/l/x", "value": 1},
        {"op": "reorder", "path": "/l", "order": [0]},
    ]
    for op in wrong:
        with pytest.raises(PatchError) as caught:
            transform([op], over)
        assert type(caught.value) is PatchError


def test_nothing_happened_to_an_edit() -> None:
    ops: list[Operation] = [{"op": "remove", "path": "/a"}]
    assert transform(ops, []) == ops
    assert transform([], ops) == []


FAR_AWAY: dict[str, tuple[list[Any], list[Any]]] = {
    "much happened": (
        [{"op": "replace", "path": "/0", "value": 1}],
        [{"op": "add", "path": "/0", "value": 0}] * 1000,
    ),
    "much is to be done": (
        [{"op": "move", "from": f"/{at * 7 % 900}", "path": "/0"} for at in range(900)],
        [{"op": "remove", "path": "/999"}],
    ),
    "much is gone": (
        [{"op": "add", "path": "/999", "value": 1}] * 20,
        [{"op": "remove", "path": "/1"}] * 999,
    ),
    "much is there": (
        [{"op": "reorder", "path": "", "order": list(range(999, -1, -1))}] * 50,
        [{"op": "append", "path": "", "value": [1] * 1000}],
    ),
}


@pytest.mark.promise("hostile.effort")
@pytest.mark.parametrize(("ops", "over"), FAR_AWAY.values(), ids=list(FAR_AWAY))
def test_edit_is_not_carried_further_than_is_good_for_others(
    ops: list[Operation], over: list[Operation]
) -> None:
    def lengths(pointer: str) -> int:
        return 0 if pointer else len(cast("list[Value]", apply(list(range(1000)), over)))

    assert transform(ops, over, fresh_adds=True, lengths=lengths)
    with pytest.raises(GoneError):
        transform(ops, over, fresh_adds=True, lengths=lengths, far=50_000)


@pytest.mark.promise("hostile.effort")
def test_a_long_way_is_gone_in_steps_and_not_in_their_square() -> None:
    way = "/a" * 200_000
    over: list[Operation] = [{"op": "replace", "path": "/b", "value": 1}]
    ops: list[Operation] = [{"op": "remove", "path": way}]
    assert transform(ops, over) == ops
    with pytest.raises(GoneError):
        transform(ops, over, far=100_000)
