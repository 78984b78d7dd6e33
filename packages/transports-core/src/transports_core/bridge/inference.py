"""How values of no declared type are written: settings of the model at the top.

A model's configuration says how its own fields are written. What pydantic writes by what it finds,
such as the value of a field of type `Any`, it writes as the configuration of the outermost model
says, however deep the value is.

A union is written in two steps, of which the second is under the outermost configuration again.
That is followed for what is declared (`ChoiceShape`). It is not for a model that is met in an `Any`
inside of a union, and has a `ser_json_inf_nan` of its own, and holds a number like NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Inference(NamedTuple):
    """Settings of one configuration; `None` where it says nothing."""

    ser_json_timedelta: str | None = None
    ser_json_temporal: str | None = None
    ser_json_bytes: str | None = None
    ser_json_inf_nan: str | None = None

    @classmethod
    def of(cls, config: Mapping[str, Any] | None) -> Inference:
        """Take the settings from a core configuration."""
        return cls() if config is None else cls(*map(config.get, cls._fields))

    @property
    def config(self) -> dict[str, Any]:
        """A core configuration with these settings."""
        return {name: value for name, value in self._asdict().items() if value is not None}

    @property
    def nulls(self) -> bool:
        """Whether floats that are not finite are written as `null`."""
        return self.ser_json_inf_nan in {None, "null"}
