"""How many sockets a process may have."""

import resource


def allow(enough: int) -> None:
    """Raise the soft limit of open files, as far as the hard one lets.

    Raises:
        OSError: That is not enough.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY != soft < enough:
        if resource.RLIM_INFINITY != hard < enough:
            raise OSError(f"{hard} open files are too few: `ulimit -Hn` has to be {enough}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
