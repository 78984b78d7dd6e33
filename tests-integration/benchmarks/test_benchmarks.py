"""The benchmarks do as they say: rounds take turns, ratios are of one run, bounds are judged."""

import ast
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import table
from benchmarks.__main__ import known
from benchmarks.bounds import LIMIT, OURS, Bound
from benchmarks.laws import LARGEST, laws
from benchmarks.python_workload import PythonWorkload
from benchmarks.results import Row, here_and_now, read, write
from benchmarks.schedule import SPARING, take_turns

SMALL, LARGE = {"leaves": 10}, {"leaves": 1000}


def row(subject: str, rounds: list[float], leaves: int = 10, quantity: str = "time") -> Row:
    return Row("work", {"leaves": leaves}, subject, quantity, "s", rounds, {"Python": "3"})


def test_subjects_take_turns_and_nobody_is_always_behind_the_same_one() -> None:
    order = list[str]()

    def take(name: str) -> dict[str, float]:
        order.append(name)
        return {"time": float(len(order))}

    given = take_turns([lambda: take("a"), lambda: take("b"), lambda: take("c")], 3)
    assert "".join(order) == "abcbcacab"
    assert given[0] == {"time": [1.0, 6.0, 8.0]}


def test_slow_subject_takes_part_in_some_rounds_only() -> None:
    now = 0.0

    def take(seconds: float) -> dict[str, float]:
        nonlocal now
        now += seconds
        return {"time": seconds}

    rounds = 2 * SPARING + 1
    quick, slow = take_turns([lambda: take(0.1), lambda: take(1)], rounds, clock=lambda: now)
    assert (len(quick["time"]), len(slow["time"])) == (rounds, 3)


def test_ratio_is_of_rounds_that_were_taken_next_to_each_other() -> None:
    # The machine was three times as slow in the second round, for both.
    run = here_and_now("work", [row(OURS, [2, 6, 2.2]), row(LIMIT, [1, 3, 1])])
    verdict = Bound("at most 2x", SMALL, times=2).judge(run)
    assert verdict is not None
    assert (verdict.ratio, verdict.kept) == (2.0, True)


def test_bounds_are_judged_by_what_they_name() -> None:
    rows = [row(OURS, [3.0]), row(OURS, [9.0], 1000), row(OURS, [50.0], 10, "memory")]
    run = here_and_now("work", [*rows, row("peer", [3.0, 4.0, 5.0])])
    judged = {
        bound.says: verdict and (verdict.ratio, verdict.kept)
        for bound in (
            Bound("peer", SMALL, of="peer"),
            Bound("law", LARGE, of=OURS, at=SMALL, times=2),
            Bound("absolute", SMALL, of=None, plus=6),
            Bound("other quantity", SMALL, quantity="memory", of=OURS, than="time", times=20),
            Bound("and some", SMALL, of="peer", times=0.5, plus=1),
            Bound("nobody", SMALL, of="nobody"),
        )
        for verdict in [bound.judge(run)]
    }
    assert judged == {
        "peer": (0.75, True),
        "law": (3.0, False),
        "absolute": (0.5, True),
        "other quantity": (50 / 3, True),
        "and some": (0.5, True),
        "nobody": None,
    }


def test_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    run = here_and_now("work", [row(OURS, [1.0, 2.0]), row("peer", [3.0])])
    write(run, tmp_path)
    assert read("work", tmp_path) == run
    assert read("another", tmp_path) is None


def test_table_has_a_column_for_each_subject_ours_first_and_the_limit_last() -> None:
    workload = PythonWorkload("work", "It is done", [], [Bound("at most 2x", SMALL, times=2)])
    rows = [row(LIMIT, [2e-6]), row("peer", [3e-3]), row(OURS, [5e-6]), row(OURS, [1.0], 1000)]
    run = here_and_now("work", rows)
    assert list(table.details(workload, run)) == [
        "|  | ours | peer | limit |",
        "| --- | ---: | ---: | ---: |",
        "| 10 leaves, time | 5.00 µs | 3.00 ms | 2.00 µs |",
        "| 1,000 leaves, time | 1.00 s |  |  |",
    ]
    assert list(table.summary([(workload, run)]))[2:] == [
        "| It is done: 10 leaves | 5.00 µs | at most 2x | 2.50 of 2 | **no** |"
    ]


PYTHON = [workload for workload in known() if isinstance(workload, PythonWorkload)]


def test_names_of_workloads_are_their_own() -> None:
    names = sorted(workload.name for workload in known())
    assert [one for one, other in pairwise(names) if one == other] == []


@pytest.mark.parametrize("workload", PYTHON, ids=lambda workload: workload.name)
def test_every_subject_knows_the_workload(workload: PythonWorkload, root: Path) -> None:
    does = workload.does or workload.name
    subjects = {subject for setting in workload.settings for subject in setting.subjects}
    folder = root / "benchmarks" / "subjects"
    assert {name for name in subjects if does not in defined(folder / f"{name}.py")} == set()


def defined(path: Path) -> set[str]:
    """Give what a module defines: it may need packages that are not here."""
    names = set[str]()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return names


@pytest.mark.parametrize("workload", PYTHON, ids=lambda workload: workload.name)
def test_every_bound_is_of_something_measured(workload: PythonWorkload) -> None:
    measured = [
        (subject, setting.parameters)
        for setting in workload.settings
        for subject in setting.subjects
    ]
    for bound in workload.bounds:
        assert (OURS, bound.where) in measured, bound.says
        assert bound.of is None or (bound.of, bound.compared) in measured, bound.says


def test_laws_compare_ours_with_ours_at_sizes_that_are_quickly_made() -> None:
    found = list(laws())
    assert len(found) > 4
    for workload, bounds in found:
        settings = [setting.parameters for setting in workload.settings]
        sizes = [size for where in settings for size in where.values() if isinstance(size, int)]
        assert {subject for setting in workload.settings for subject in setting.subjects} == {OURS}
        assert max(sizes) <= LARGEST
        for bound in bounds:
            assert {bound.of, bound.where in settings, bound.compared in settings} == {OURS, True}
            assert bound.where != bound.compared
