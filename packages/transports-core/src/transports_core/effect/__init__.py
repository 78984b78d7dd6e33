"""What a sequence of operations did to a value that nobody knows.

A tree of places, as deep as the operations reached. A place was given a value, or the value that
was there is still there and had something done to it: a string was continued, members of a dict or
items of a list were changed. Items of a list are told apart by numbers, so that what was done to
one is found where the item is now.

A pointer does not say whether `3` is a position in a list or the name of a member. What was done to
such a container is kept as it came until something shows which it is.
"""

from transports_core.effect.items import Items
from transports_core.effect.kind import Barrier, Lengths, Telling
from transports_core.effect.members import Member, Members
from transports_core.effect.place import Place
from transports_core.effect.unclear import Unclear

__all__ = ["Barrier", "Items", "Lengths", "Member", "Members", "Place", "Telling", "Unclear"]
