"""What the dashboard shows."""

from pydantic import BaseModel, Field, computed_field

SAMPLES = 120


class Machine(BaseModel):
    """The machine that the dashboard runs on."""

    name: str
    cores: int
    load: float = Field(default=0.0, description="processes that run or want to, over a minute")
    disk_used: float = Field(default=0.0, description="per cent")
    history: list[float] = Field(default=[], description="the last loads")

    @computed_field
    @property
    def busy(self) -> bool:
        """Whether more wants to run than can."""
        return self.load > self.cores

    def sample(self, load: float, disk_used: float) -> None:
        """Take a measurement."""
        self.load = round(load, 2)
        self.disk_used = round(disk_used, 1)
        self.history.append(self.load)
        if len(self.history) > SAMPLES:
            del self.history[0]
