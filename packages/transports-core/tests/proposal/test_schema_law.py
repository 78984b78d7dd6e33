"""The law of edits, for generated classes of models."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .schema_law import play


@pytest.mark.promise("failure.4", "edit.validated", "edit.declared", "edit.frozen")
@pytest.mark.filterwarnings("ignore::transports_core.errors.UntrackedReferenceWarning")
@given(st.data())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)
def test_model_of_any_class_takes_an_edit_whole_or_stays_as_it_was(data: st.DataObject) -> None:
    play(data, edits=6)
