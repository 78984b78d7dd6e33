"""Who is still there: a page that is closed tells nobody.

Views are asked now and then, and without any clock. Messages of a page arrive in order, so once a
view has answered a call, answers to the calls before it have had their time. A view that is given
up too early, because its line is slow, learns it when it answers, and resumes.
"""

from typing import Final

PAUSE: Final = 64
"""How many frames are sent, at most, before it is time to ask again."""


class Roll:
    """The views that are taken to be there, and the last call that each has answered."""

    def __init__(self) -> None:
        self._answered: dict[str, int] = {}
        self._calls = 0
        # Whether somebody came since the last call, and whether somebody answered one.
        self._came = False
        self._heard = False
        # How often there was no need for a call since the last.
        self._passed = 0

    def enter(self, view: str) -> None:
        """Take note of a view that has just spoken."""
        self._answered[view] = self._calls
        self._came = True

    def leave(self, view: str) -> None:
        """Forget a view."""
        self._answered.pop(view, None)

    def call(self) -> int | None:
        """Call the roll, if that may tell anything.

        It may when somebody came, for that is when others have gone; when some have answered the
        last call, and some have not; and once in a while, for one may go when nobody comes.

        Returns:
            The number of the call; `None` if there is no need for one.
        """
        if not self._came and self._heard:
            self._heard = any(last < self._calls for last in self._answered.values())
        self._passed += 1
        is_due = self._came or self._heard or self._passed > PAUSE
        if not is_due or len(self._answered) < 2:
            return None
        self._came = self._heard = False
        self._passed = 0
        self._calls += 1
        return self._calls

    def answer(self, view: str, call: int) -> list[str]:
        """Take note of an answer. One to a call that was never made says nothing.

        Returns:
            The views that have not answered the call that this one has answered before, nor any
            since. A call that this one has not answered may have reached nobody.
        """
        if not 0 < call <= self._calls:
            return []
        before = min(call - 1, self._answered[view])
        self._answered[view] = max(call, self._answered[view])
        self._heard = True
        return [one for one, last in self._answered.items() if last < before]
