"""Undeclared members of a model whose validator assigns while it judges an assignment."""

from __future__ import annotations

from typing import Any, Self

import pytest
from pydantic import BaseModel, ConfigDict, model_validator

from transports_core.testing.followed import Followed


class Tallied(BaseModel):
    model_config = ConfigDict(extra="allow", validate_assignment=True)

    n: int = 0
    tally: int = 0

    @model_validator(mode="after")
    def _count(self) -> Self:
        found = len(self.__pydantic_extra__ or {})
        if self.tally != found:
            self.tally = found
        return self


@pytest.mark.promise("failure.12")
def test_undeclared_members_are_seen_where_a_validator_assigns_meanwhile() -> None:
    followed = Followed(late=False)
    model: Any = Tallied()
    id = followed.host(model)
    model.more = 1
    model.n = 2
    followed.commit()
    assert followed.in_step()
    assert followed.values[id] == {"n": 2, "tally": 1, "more": 1}
