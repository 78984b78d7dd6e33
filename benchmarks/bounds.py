"""What ours must be, said beside each workload, and whether a run shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from benchmarks.results import Parameter, Row, Run

OURS, LIMIT = "ours", "limit"


@dataclass(frozen=True)
class Bound:
    """What a quantity of ours may be at most: `times` that of another row, and `plus` as much.

    Attributes:
        says: The same in words, for the table: "at most pycrdt's".
        where: The parameters of the row of ours.
        quantity: Which quantity.
        of: The subject to compare with; `None` if `plus` alone is the bound.
        times: How often that one's.
        plus: What comes on top, in the quantity's unit.
        at: The parameters that differ in that one's row.
        than: The quantity of that one's row; `None` for the same.
    """

    says: str
    where: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    quantity: str = "time"
    of: str | None = LIMIT
    times: float = 1.0
    plus: float = 0.0
    at: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    than: str | None = None

    @property
    def is_law(self) -> bool:
        """Whether it compares ours with ours, so that it says how cost grows."""
        return self.of == OURS and bool(self.at)

    @property
    def compared(self) -> Mapping[str, Parameter]:
        """The parameters of the row that ours is compared with."""
        return {**self.where, **self.at}

    def judge(self, run: Run) -> "Verdict | None":
        """Tell whether a run keeps it; `None` if it does not have the rows."""
        ours = run.find(OURS, self.quantity, self.where)
        if ours is None:
            return None
        if self.of is None:
            return Verdict(self, ours.median / self.plus, 1.0)
        other = run.find(self.of, self.than or self.quantity, self.compared)
        if other is None:
            return None
        return Verdict(self, ratio(ours, other, self.plus / self.times), self.times)


@dataclass(frozen=True)
class Verdict:
    """How ours compares with a bound.

    Attributes:
        bound: The bound.
        ratio: How many times what it is compared with ours is.
        most: How many times it may be.
    """

    bound: Bound
    ratio: float
    most: float

    @property
    def kept(self) -> bool:
        """Whether it is kept."""
        return self.ratio <= self.most


def ratio(row: Row, other: Row, plus: float = 0.0) -> float:
    """Give how many times another row a row is: the median over rounds, where they took turns.

    Args:
        row: What is compared.
        other: What it is compared with.
        plus: What is added to the other before.
    """
    if len(row.rounds) == len(other.rounds):
        pairs = zip(row.rounds, other.rounds, strict=True)
        return median(a / (b + plus) for a, b in pairs)
    return row.median / (other.median + plus)
