"""What may befall a connection, by a seed: the same seed brings the same again."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from transports_core.cursor import format

if TYPE_CHECKING:
    from collections.abc import Callable

    from transports_core.testing.peer import Peer


class Faults:
    """Bad luck for peers.

    A transport keeps order and loses nothing while its line holds. So what is lost is the line, and
    with it all that was on the way.

    Args:
        seed: What it depends on.
    """

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def strike(self, peer: Peer) -> None:
        """Have a peer hear some of what is on the way, and one thing happen to it then."""
        peer.read(self._chance.randint(0, 3))
        self._chance.choice(_FAULTS)(peer)


def _delay(peer: Peer) -> None:
    """Leave the rest on the way."""
    del peer


def _cut(peer: Peer) -> None:
    peer.disconnect()
    peer.connect()


def _cut_twice(peer: Peer) -> None:
    """Break the line again, before anything of what was resumed arrives."""
    _cut(peer)
    _cut(peer)


def _forget(peer: Peer) -> None:
    """Break the line, and come back from where nobody has been."""
    peer.disconnect()
    peer.connect(since=format({"nobody": 1}))


def _repeat(peer: Peer) -> None:
    peer.repeat()


_FAULTS: Final[tuple[Callable[[Peer], None], ...]] = (_delay, _cut, _cut_twice, _forget, _repeat)
