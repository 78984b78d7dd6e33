"""What becomes of an edit that was accepted."""

from transports_core.log import Entry


class Outcome:
    """An edit that was accepted: the model has it, and a revision shows it, now or later.

    Attributes:
        id: The model's id.
    """

    __slots__ = ("_entry", "id")

    def __init__(self, entry: Entry) -> None:
        self.id = entry.id
        self._entry = entry

    @property
    def rev(self) -> int | None:
        """Give the first revision of the model known to show the edit.

        `None` while that is not committed: because the session's log commits late, or a
        transaction is open. An edit that changes nothing is shown by the revision before it.
        """
        return self._entry.rev or None
