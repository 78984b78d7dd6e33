"""The classes that examples begin with."""

from hypothesis import strategies as st

from .kind import Kind
from .models import models
from .records import records, structs


def roots() -> st.SearchStrategy[Kind]:
    """Give the classes of models."""
    return st.integers(0, 9).flatmap(
        lambda n: models(2) if n < 6 else structs(2) if n > 7 else records(2, checked=n == 6)
    )
