"""The models of a session, found by id and by object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.errors import UnknownModelError
from transports_core.session.hosted import Hosted

if TYPE_CHECKING:
    from transports_core.session.recorder import Recorder


class Register:
    """The models of a session. All of it is used under the lock of tracking.

    Args:
        first_id: The id of the first model; each later one has the next.
    """

    def __init__(self, first_id: int) -> None:
        self.by_id: dict[int, Hosted] = {}
        """All of them, in the order in which they came. Only to be looked at."""
        # By identity: while a model is kept here, no other object can get its.
        self._by_object: dict[int, Hosted] = {}
        self._next_id = first_id

    def known(self, model: object) -> Hosted | None:
        """Find a model by what `host` was given, or by its live object; `None` if it is new."""
        return self._by_object.get(id(model))

    def find(self, id: int) -> Hosted:
        """Find a model by its id.

        Raises:
            UnknownModelError: None has it.
        """
        hosted = self.by_id.get(id)
        if hosted is None:
            raise UnknownModelError(id)
        return hosted

    def begin(self, model: object, recorder: Recorder) -> Hosted:
        """Begin to host a model: see `Hosted`."""
        hosted = Hosted(self._next_id, model, recorder)
        self._next_id += 1
        self.by_id[hosted.id] = hosted
        self._by_object[id(model)] = self._by_object[id(hosted.root.obj)] = hosted
        return hosted

    def end(self, hosted: Hosted) -> None:
        """Let go of a model."""
        del self.by_id[hosted.id]
        for known in {id(hosted.given), id(hosted.root.obj)}:
            del self._by_object[known]
        hosted.root.release()
