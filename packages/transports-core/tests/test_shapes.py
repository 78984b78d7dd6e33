from typing import Any

import pytest

from transports_core.shapes import Shape

SHAPE = Shape(id=(int,), value=(type(None), int, float, list))


@pytest.mark.parametrize("value", [None, 0, 1.5, []])
def test_message_of_the_shape_has_no_fault(value: Any) -> None:
    assert SHAPE.fault({"t": "x", "id": 1, "value": value, "more": object()}) is None


def test_field_of_another_type_is_a_fault() -> None:
    assert SHAPE.fault({"t": "x", "id": True, "value": 1}) == "id"
    assert SHAPE.fault({"t": "x", "id": 1, "value": True}) == "value"
    assert SHAPE.fault({"t": "x", "id": None, "value": 1}) == "id"


def test_field_that_is_missing_is_a_fault_even_where_null_is_none() -> None:
    assert SHAPE.fault({"t": "x", "id": 1}) == "value"
    assert SHAPE.fault({"t": "x", "value": None}) == "id"


def test_shape_without_fields_has_no_fault() -> None:
    assert Shape().fault({"t": "x"}) is None
    assert Shape().fault({"t": "x", "more": 1}) is None
