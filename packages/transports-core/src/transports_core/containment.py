"""What the application's own code raises: logged, and kept from everybody else."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from logging import Logger

# The levels of `logging`, which is imported when there is something to say.
WARNING: Final = 30
ERROR: Final = 40


def log() -> "Logger":
    """Give what all that goes wrong is reported to, in every package of this project."""
    from logging import getLogger

    return getLogger("transports")


def contain(error: BaseException, message: str, *arguments: object, level: int = ERROR) -> None:
    """Log what a function of the application raised, and go on.

    That holds for `CancelledError`, too: where nothing is awaited nobody was cancelled, and whoever
    called must not take it for that. What ends a program goes through.

    Args:
        error: What was raised.
        message: What happened, as for `Logger.error`.
        arguments: What the message is filled with.
        level: How grave it is.

    Raises:
        KeyboardInterrupt: If it is one.
        SystemExit: If it is one.
    """
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        raise error
    log().log(level, message, *arguments, exc_info=error)
