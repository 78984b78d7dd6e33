"""What is served in the benchmarks."""

from typing import Any

from pydantic import BaseModel
from transports import Server, Session


class Row(BaseModel):
    """Ten leaves."""

    a: int = 0
    b: int = 0
    c: float = 0.0
    d: float = 0.0
    e: str = "e"
    f: str = "f"
    g: bool = False
    h: bool = True
    i: int | None = None
    j: int = 0


class Table(BaseModel):
    """Rows, and a long text."""

    rows: list[Row] = []
    text: str = ""


def table(leaves: int) -> Table:
    """Make a table of so many leaves."""
    return Table(rows=[Row(a=n) for n in range(leaves // 10)])


class Served:
    """A session with one hosted model, and connections that take everything at once."""

    def __init__(self, model: BaseModel, connections: int = 1) -> None:
        self.session = Session()
        self.id = self.session.host(model)
        self.server = Server(self.session)
        self.first: list[Any] = []
        for handle in range(connections):
            self.first = list(self.server.open(handle))
            self.server.take(handle)

    def flush(self) -> list[Any]:
        """Flush, and have every connection ready for more; give the last one's frames."""
        frames: list[Any] = []
        for handle, outputs in self.server.flush().items():
            frames = list(outputs)
            self.server.take(handle)
        return frames
