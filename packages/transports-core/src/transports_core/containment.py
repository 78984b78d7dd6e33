"""What the application's own code raises: logged, and kept from everybody else."""

import logging
from typing import Final

log: Final = logging.getLogger("transports")
"""Where all that goes wrong is reported, in every package of this project."""


def contain(
    error: BaseException, message: str, *arguments: object, level: int = logging.ERROR
) -> None:
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
    log.log(level, message, *arguments, exc_info=error)
