"""What the kernel says about a process and its children: CPU time and memory."""

import os
import pathlib


def family(pid):
    """The process and all its descendants."""
    pids = [pid]
    for parent in pids:
        for task in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
            pids += [int(child) for child in task.read_text().split()]
    return pids


def cpu_seconds(pid):
    """User and system time so far, to the nanosecond (`utime` counts in ticks of 10 ms)."""
    nanoseconds = 0
    for member in family(pid):
        for statistics in pathlib.Path(f"/proc/{member}/task").glob("*/schedstat"):
            nanoseconds += int(statistics.read_text().split()[0])
    return nanoseconds / 1e9


def pss_mebibytes(pid):
    """Memory with shared pages counted in proportion."""
    kibibytes = 0
    for member in family(pid):
        for line in pathlib.Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kibibytes += int(line.split()[1])
    return kibibytes / 1024


def rss_mebibytes(pid):
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def descriptors(pid):
    """How many files and sockets are open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def pinned(core):
    """What a child runs first so that it stays on one core."""
    return lambda: os.sched_setaffinity(0, {core})
