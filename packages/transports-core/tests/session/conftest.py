from __future__ import annotations

import pytest

from transports_core.testing.followed import Followed


@pytest.fixture(params=["at once", "late"])
def followed(request: pytest.FixtureRequest) -> Followed:
    """A session on a log that commits at once, and on one that does so when told."""
    return Followed(late=request.param == "late")
