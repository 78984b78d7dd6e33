"""Documents: patched in place, and never at the cost of what was handed out."""

import copy
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from transports_core.document import Document
from transports_core.errors import PatchError
from transports_core.operation import Operation
from transports_core.patch import apply
from transports_core.values import Value

from .counting import room, steps
from .owning import above, owning
from .strategies import containers, operations, patches, places, values
from .vectors import Same

# What makes an operation no `replace` that could be done, wherever it leads.
FAULTS: list[dict[str, Any]] = [
    {"op": "add"},
    {"op": 7},
    {"op": ...},
    {"path": 7},
    {"path": []},
    {"path": ...},
    {"path": "no slash"},
    {"path": "0"},
    {"path": "/~2"},
    {"value": ...},
]


def replacements(value: Value) -> st.SearchStrategy[Any]:
    """Make operations that replace some part of a value, by a value or by one of its own."""
    pointers, parts = zip(*places(value), strict=True)
    return st.fixed_dictionaries(
        {
            "op": st.just("replace"),
            "path": st.sampled_from(pointers),
            "value": values | st.sampled_from(parts).map(copy.deepcopy),
        }
    )


class Documents(RuleBasedStateMachine):
    """A document and the values it should have, which are made anew each time."""

    def __init__(self) -> None:
        super().__init__()
        self.expected: Value = {"a": [], "b": ""}
        self.document = Document(self.expected)
        # What was handed out or in, and what it was then.
        self.held: list[tuple[Value, Value]] = []

    def hold(self, value: Value) -> None:
        self.held.append((value, copy.deepcopy(value)))

    def apply(self, ops: list[Operation]) -> None:
        for op in ops:
            self.hold(op.get("value"))
        self.document.apply(ops)
        self.expected = apply(copy.deepcopy(self.expected), copy.deepcopy(ops))

    @rule(value=containers)
    def begin_anew(self, value: Value) -> None:
        self.expected = value
        self.document = Document(value)
        self.hold(value)

    @rule(data=st.data())
    def patch(self, data: st.DataObject) -> None:
        self.apply(data.draw(patches(self.expected, max_size=4)))

    @rule(data=st.data(), size=st.integers(1, 8))
    def patch_by_single_operations(self, data: st.DataObject, size: int) -> None:
        """As a mirror does: what can be done at once is, and leaves no trace to take back."""
        for _ in range(size):
            one = replacements(self.expected).map(lambda op: [op]) | patches(
                self.expected, max_size=1
            )
            for op in data.draw(one):
                self.hold(op.get("value"))
                if not self.document.overwrite(cast("dict[str, Any]", op)):
                    self.document.apply([op])
                self.expected = apply(copy.deepcopy(self.expected), [copy.deepcopy(op)])

    @rule(data=st.data())
    def patch_and_fail(self, data: st.DataObject) -> None:
        ops = data.draw(patches(self.expected, max_size=4))
        fault = data.draw(st.sampled_from(["/no such name", "/a/99/b", ""]))
        whole = self.document.value() if data.draw(st.booleans()) else None
        with pytest.raises(PatchError) as caught:
            self.document.apply([*ops, {"op": "remove", "path": fault}])
        assert caught.value.op_index == len(ops)
        if whole is not None:
            assert self.document.value() is whole

    @rule(data=st.data(), size=st.integers(1, 3))
    def patch_several_times_and_take_all_back(self, data: st.DataObject, size: int) -> None:
        whole = self.document.value()
        expected = self.expected
        back: list[Callable[[], None]] = []
        for _ in range(size):
            ops = data.draw(patches(expected, max_size=3))
            back.append(self.document.attempt(ops))
            expected = apply(expected, ops)
        for take_back in reversed(back):
            take_back()
        assert self.document.value() is whole

    @rule(data=st.data())
    def patch_lowered(self, data: st.DataObject) -> None:
        ops = data.draw(patches(self.expected, max_size=4))
        lowered = self.document.apply_lowered(ops)
        self.hold(lowered)  # pyright: ignore[reportArgumentType] (it is a value)
        assert not {op["op"] for op in lowered} & {"append", "reorder"}
        assert apply(self.expected, lowered) == Same(apply(self.expected, ops))
        self.expected = apply(self.expected, ops)

    @rule(data=st.data(), value=values)
    def patch_with_one_object_twice(self, data: st.DataObject, value: Value) -> None:
        for _ in range(2):
            op = data.draw(operations(self.expected))
            if op is not None and "value" in op and op["op"] not in ("append", "test"):
                self.apply([{**op, "value": value}])  # pyright: ignore[reportArgumentType, reportCallIssue] (it has one)

    @rule()
    def hand_out(self) -> None:
        self.hold(self.document.value())

    @rule(data=st.data())
    def hand_out_a_part(self, data: st.DataObject) -> None:
        pointer, expected = data.draw(st.sampled_from(places(self.expected)))
        part = self.document.resolve(pointer)
        assert part == Same(expected)
        self.hold(part)

    @rule(data=st.data(), fault=st.sampled_from(FAULTS))
    def leave_to_others_what_cannot_be_done_at_once(
        self, data: st.DataObject, fault: dict[str, Any]
    ) -> None:
        replace = data.draw(replacements(self.expected))
        op = replace | fault
        assert not self.document.overwrite({k: v for k, v in op.items() if v is not ...})
        replace["path"] += "/no such name"
        assert not self.document.overwrite(replace)

    @rule(data=st.data())
    def hand_one_in_again(self, data: st.DataObject) -> None:
        op = data.draw(operations(self.expected))
        if self.held and op is not None and op["op"] in ("add", "replace"):
            self.apply([{**op, "value": data.draw(st.sampled_from(self.held))[0]}])  # pyright: ignore[reportArgumentType, reportCallIssue]

    def teardown(self) -> None:
        assert self.document.value() == Same(self.expected)
        for value, before in self.held:
            assert value == Same(before)


Documents.TestCase.settings = settings(max_examples=100, stateful_step_count=12)
TestDocuments = pytest.mark.promise("patch.handed-out", "patch.atomic")(Documents.TestCase)


def large(leaves: int) -> Value:
    return {
        "flat": {f"k{i}": i for i in range(leaves)},
        "rows": [{"x": i, "tags": ["a"]} for i in range(leaves)],
        "list": list(range(leaves)),
        "deep": {"er": {"and": {"deeper": [{f"k{i}": i for i in range(leaves)}]}}},
        "text": "x",
    }


ONE_CHANGE: list[Operation] = [
    {"op": "replace", "path": "/flat/k7", "value": -1},
    {"op": "add", "path": "/flat/new", "value": 1},
    {"op": "remove", "path": "/flat/k3"},
    {"op": "replace", "path": "/rows/7/x", "value": -1},
    {"op": "append", "path": "/rows/7/tags", "value": ["b"]},
    {"op": "replace", "path": "/rows/7", "value": {"x": 0}},
    {"op": "append", "path": "/list", "value": [1, 2]},
    {"op": "add", "path": "/list/-", "value": 1},
    {"op": "add", "path": "/list/0", "value": 1},
    {"op": "remove", "path": "/list/0"},
    {"op": "move", "from": "/list/9", "path": "/list/0"},
    {"op": "replace", "path": "/deep/er/and/deeper/0/k5", "value": None},
    {"op": "move", "from": "/text", "path": "/elsewhere"},
    {"op": "append", "path": "/text", "value": "yz"},
    {"op": "test", "path": "/rows/7/x", "value": 7},
]
each_change = pytest.mark.parametrize(
    "op", ONE_CHANGE, ids=lambda op: f"{op['op']} {op['path'].replace('/', '.')}"
)


def ready(leaves: int, op: Operation) -> Document:
    """Make a document that has copied already what it once shared where the change is to come."""
    holders = above(op["path"]) if op["op"] == "append" else above(op["path"])[:-1]
    if op["op"] == "move":
        holders += above(op["from"])[:-1]
    return owning(large(leaves), dict.fromkeys(holders))


@pytest.mark.promise("patch.cost")
@each_change
def test_a_change_takes_as_many_steps_in_a_large_value(op: Operation) -> None:
    small, huge = ready(10, op), ready(20_000, op)
    count = steps(lambda: small.apply([op]))
    assert steps(lambda: huge.apply([op])) == count > 0


@pytest.mark.promise("patch.cost")
@each_change
def test_a_change_takes_no_more_room_in_a_large_value(op: Operation) -> None:
    document = ready(20_000, op)
    assert room(lambda: document.apply([op])) < 5_000


def test_what_was_handed_out_is_copied_once() -> None:
    value = large(20_000)
    document = Document(value)
    op: Operation = {"op": "replace", "path": "/flat/k7", "value": -1}
    assert room(lambda: document.apply([op])) > 100_000
    assert room(lambda: document.apply([op])) < 5_000
    document.value()
    assert room(lambda: document.apply([op])) > 100_000
    assert value == large(20_000)


def test_what_left_the_document_is_not_kept_alive() -> None:
    document = Document({"a": None})
    whole: Operation = {"op": "replace", "path": "/a", "value": None}

    def fill_and_empty() -> None:
        big: Value = [cast("Value", [0] * 1000) for _ in range(10)]
        document.apply([{**whole, "value": big}])
        document.apply([{"op": "replace", "path": f"/a/{i}/0", "value": 1} for i in range(10)])
        document.apply([whole])

    fill_and_empty()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(5):
            fill_and_empty()
        assert tracemalloc.get_traced_memory()[0] - before < 20_000
    finally:
        tracemalloc.stop()


def test_a_text_grows_in_place() -> None:
    token: Operation = {"op": "append", "path": "/text", "value": "token "}
    warm = Document({"text": ""})
    # The interpreter extends strings in place in code that has run some times.
    for _ in range(100):
        warm.apply([token])
    tracemalloc.start()
    try:
        document = Document({"text": "x" * 1_000_000})
        document.apply([token])
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _ in range(20):
            document.apply([token])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # There never is a second text beside the first, unless whoever traces the code keeps it slow.
    assert peak - before < (10_000 if sys.gettrace() is None else 1_100_000)
    assert document.resolve("/text") == "x" * 1_000_000 + "token " * 21


def test_an_interrupt_takes_back_what_was_done() -> None:
    class Interrupt(dict[str, Any]):
        def get(self, key: str, default: object = None) -> Any:
            raise KeyboardInterrupt

    value: Value = {"a": [1]}
    document = Document(value)
    with pytest.raises(KeyboardInterrupt):
        document.apply([{"op": "remove", "path": "/a/0"}, Interrupt()])  # pyright: ignore[reportArgumentType]
    assert document.value() is value
    assert value == {"a": [1]}


def test_what_could_not_be_taken_back_for_want_of_a_place_keeps_its_members() -> None:
    document = owning({"a": {"x": 1, "y": 2}, "l": [1, 2, 3]})
    with pytest.raises(PatchError):
        document.apply([
            {"op": "move", "from": "/a/x", "path": "/l/1"},
            {"op": "move", "from": "/l/3", "path": "/a/z"},
            {"op": "append", "path": "/l", "value": [4]},
            {"op": "reorder", "path": "/l", "order": [3, 2, 1, 0]},
            {"op": "remove", "path": "/nowhere"},
        ])  # fmt: skip
    assert document.value() == {"a": {"x": 1, "y": 2}, "l": [1, 2, 3]}


def test_a_part_that_is_not_there_cannot_be_handed_out() -> None:
    with pytest.raises(PatchError):
        Document({"a": 1}).resolve("/b")


ROWS: Value = {
    "l": [{"x": 0}, {"x": 1}, {"x": 2}],
    "d": {"a": {"x": 3}, "b": {"x": 4}},
    "~/": {"x": 5},
}
ROW_PLACES = st.sampled_from(
    ["/l/0", "/l/1", "/l/2", "/l/-", "/d/a", "/d/b", "/d/c", "/~0~1", "/l"]
)
CELLS = st.tuples(ROW_PLACES, st.sampled_from(["/x", "/~1", "/0"])).map("".join)
ROW_VALUES = st.fixed_dictionaries({"x": st.integers()})
OVERWRITES: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"op": st.just("replace"), "path": CELLS, "value": st.integers()}
)
REARRANGEMENTS: st.SearchStrategy[Any] = st.one_of(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "replace"]), "path": ROW_PLACES, "value": ROW_VALUES}
    ),
    st.fixed_dictionaries({"op": st.just("remove"), "path": ROW_PLACES}),
    st.fixed_dictionaries(
        {"op": st.sampled_from(["move", "copy"]), "from": ROW_PLACES, "path": ROW_PLACES}
    ),
    st.fixed_dictionaries(
        {"op": st.just("reorder"), "path": st.just("/l"), "order": st.permutations(range(3))}
    ),
)
# Most of all what is written to again and again, while what it is in comes, goes and moves.
ROW_OPS = st.one_of(OVERWRITES, OVERWRITES, REARRANGEMENTS)


@pytest.mark.promise("patch.handed-out", "mirror.alone")
@settings(max_examples=300)
@given(st.lists(ROW_OPS | st.none(), max_size=16))
def test_known_container_is_forgotten_when_it_moves(ops: list[Any]) -> None:
    expected, document = copy.deepcopy(ROWS), Document(copy.deepcopy(ROWS))
    held: list[tuple[Any, Any]] = []
    for op in ops:
        if op is None:
            held.append((document.value(), copy.deepcopy(expected)))
            continue
        held.append((op, copy.deepcopy(op)))
        try:
            expected = apply(expected, [copy.deepcopy(op)])
        except PatchError:
            assert not document.overwrite(op)
            with pytest.raises(PatchError):
                document.apply([op])
        else:
            if not document.overwrite(op):
                document.apply([op])
    assert document.value() == Same(expected)
    assert all(value == Same(before) for value, before in held)
