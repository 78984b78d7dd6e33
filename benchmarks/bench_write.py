"""One attribute write, hosted and not."""

from itertools import count

from pydantic import BaseModel
from rounds import Case, report
from served import Row, Served


class Unwatched(BaseModel):
    """Of a class that has no hosted instance."""

    a: int = 0


def cases() -> list[Case]:
    """Give what is compared."""
    hosted, unhosted = Row(), Unwatched()
    served = Served(hosted)
    numbers = count()

    def plain() -> None:
        unhosted.a = next(numbers)

    def watched() -> None:
        hosted.a = next(numbers)

    def cleared() -> None:
        hosted.a = next(numbers)
        served.session.drain()

    return [
        Case("unhosted", plain),
        Case("hosted", watched, "unhosted"),
        Case("hosted, and drained", cleared, "unhosted"),
    ]


if __name__ == "__main__":
    report(cases())
