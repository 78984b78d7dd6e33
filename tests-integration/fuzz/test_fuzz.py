"""Each harness, over the inputs that are kept and over some that are generated."""

import json
from base64 import b64decode
from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from hypothesis import given, settings
from hypothesis import strategies as st

from .harnesses import HARNESSES
from .operations import OPS, PATHS

# By harness: inputs to begin with, and every one that ever failed.
CORPUS: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "corpus" / "inputs.json").read_text()
)
FRAMES = st.fixed_dictionaries(
    {},
    optional={
        "t": st.sampled_from(["patch", "resync", "ping", "snapshot", "hello"]) | st.none(),
        "id": st.integers(0, 2) | st.floats() | st.none(),
        "epoch": st.sampled_from(["e", "f", ""]) | st.none(),
        "base": st.integers(-1, 3),
        "rev": st.integers(-1, 3),
        "proposal": st.text(max_size=4) | st.integers(),
        "ops": st.lists(
            st.fixed_dictionaries(
                {"op": st.sampled_from(OPS), "path": st.sampled_from(PATHS)},
                optional={"value": st.integers() | st.text(max_size=3), "from": st.just("/n")},
            ),
            max_size=3,
        ),
    },
)
INPUTS = st.binary(max_size=100) | (FRAMES | st.lists(FRAMES, max_size=3)).map(
    lambda frame: json.dumps(frame).encode()
)


NOTEBOOK = pytest.mark.promise("hostile.notebook")
ASGI = pytest.mark.promise("hostile.asgi")
STREAM = pytest.mark.promise("hostile.stream")
MARKS = {
    **dict.fromkeys(("comm", "anywidget", "tree"), NOTEBOOK),
    **dict.fromkeys(("websocket", "events"), ASGI),
    **dict.fromkeys(("stream", "answer"), STREAM),
}


def marked(names: Iterable[str]) -> list[ParameterSet]:
    """Give the names of harnesses with the promises that they show."""
    return [pytest.param(name, marks=MARKS.get(name, ())) for name in names]


@pytest.mark.promise("hostile.any")
@pytest.mark.parametrize("name", marked(CORPUS))
def test_inputs_that_are_kept_are_taken_or_refused(name: str) -> None:
    for text in CORPUS[name]:
        HARNESSES[name](b64decode(text))


@pytest.mark.promise("hostile.any")
@pytest.mark.parametrize("name", marked(HARNESSES))
def test_any_input_is_taken_or_refused(name: str) -> None:
    @settings(max_examples=40, deadline=None)
    @given(INPUTS)
    def run(data: bytes) -> None:
        HARNESSES[name](data)

    run()
