"""How much memory this process holds."""

import gc
import os
import resource
import sys
from pathlib import Path

_PROC = Path("/proc/self")


def resident() -> int:
    """Give the bytes that are resident; where the system does not tell, the most there ever were.

    Rust and C are in it, which Python's own accounts leave out.
    """
    gc.collect()
    if _PROC.exists():
        return int((_PROC / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return peak()


def forget_peak() -> None:
    """Have `peak` begin anew, where the system can."""
    if _PROC.exists():
        (_PROC / "clear_refs").write_text("5")


def peak() -> int:
    """Give the most bytes that were resident at a time."""
    if _PROC.exists():
        lines = (_PROC / "status").read_text().splitlines()
        (line,) = [line for line in lines if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
