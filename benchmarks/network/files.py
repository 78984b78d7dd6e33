"""How many sockets a process may have."""

import resource

ENOUGH = 4_096
"""Sockets of the largest crowd, and whatever else is open."""


def allow_many() -> None:
    """Raise the soft limit of open files, as far as the hard one lets.

    Raises:
        OSError: That is not enough.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < ENOUGH:
        most = ENOUGH if hard == resource.RLIM_INFINITY else min(ENOUGH, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        if most < ENOUGH:
            raise OSError(f"{most} open files are too few: `ulimit -Hn` has to be {ENOUGH}")
