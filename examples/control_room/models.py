"""The models of the control room: ordinary pydantic, with the rules of the house in them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, computed_field, model_validator

Title = Annotated[str, Field(min_length=1, max_length=60)]


class Station(BaseModel):
    """A pumping station. Operators set the pumps and the valve; the rest is measured."""

    pump_speed: int = Field(default=35, ge=0, le=100, description="per cent")
    valve_open: bool = True
    pressure: float = Field(default=4.0, description="bar")
    flow: float = Field(default=0.0, description="litres a second")
    tank: float = Field(default=55.0, description="per cent full")
    history: list[float] = Field(default=[], description="the last pressures, in bar")

    @computed_field
    @property
    def state(self) -> Literal["steady", "high", "alarm"]:
        """What the lamp shows."""
        if self.pressure > 8.5:
            return "alarm"
        return "high" if self.pressure > 6.5 else "steady"

    @model_validator(mode="after")
    def keep_the_pipes_whole(self) -> "Station":
        """Refuse what would burst a pipe."""
        if not self.valve_open and self.pump_speed > 20:
            raise ValueError("open the valve before the pumps run above 20 %")
        return self


class Task(BaseModel):
    """One thing to do on this shift."""

    title: Title
    done: bool = False


class Rota(BaseModel):
    """What is to be done on this shift, in order."""

    tasks: list[Task] = Field(default=[], max_length=12)


class Logbook(BaseModel):
    """What the shift's assistant writes, word by word."""

    text: str = ""
    entries: int = 0
