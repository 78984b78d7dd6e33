"""What stands where there is no value."""

from enum import Enum
from typing import Final


class Mark(Enum):
    """What stands where there is no value; `None` is one."""

    ABSENT = "absent"


ABSENT: Final = Mark.ABSENT
