"""What stands where there is no value."""

from enum import Enum
from typing import Final


class Mark(Enum):
    """What stands where there is no value; `None` is one."""

    ABSENT = "absent"
    LEFT_OUT = "left out"


ABSENT: Final = Mark.ABSENT

LEFT_OUT: Final = Mark.LEFT_OUT
"""What an object that was sent whole does not say: who may not write it has not asked to."""
