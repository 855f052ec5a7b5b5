"""What a server costs: CPU, memory and death of a process with all its children."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

QUIET = 0.02  # seconds of CPU within LOOK that count as rest
LOOK = 0.4


def tree(process: psutil.Process) -> list[psutil.Process]:
    """Return a process and all its descendants; none if it is gone."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def cpu(process: psutil.Process) -> float:
    """Seconds of CPU that a process, its descendants and all that have ended have used."""
    total = 0.0
    for one in tree(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            used = one.cpu_times()
            total += used.user + used.system + used.children_user + used.children_system
    return total


def memory(process: psutil.Process) -> float:
    """MiB of a process and its descendants; what several of them share is counted once (PSS)."""
    return sum(_pss(one) for one in tree(process)) / 1024


def _pss(process: psutil.Process) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def settle(process: psutil.Process, least: float = 1.2, most: float = 20.0) -> None:
    """Wait until a server rests: kernels made ahead are there, nothing is sent any more."""
    start = time.monotonic()
    time.sleep(least)
    before = cpu(process)
    while time.monotonic() - start < most:
        time.sleep(LOOK)
        after = cpu(process)
        if after - before <= QUIET:
            return
        before = after


def kill(processes: list[psutil.Process]) -> None:
    """End processes at once, as a crash does."""
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(processes, timeout=5)


def peaks(process: psutil.Process, seconds: float) -> Iterator[dict[int, float]]:
    """Yield again and again, for some seconds, the RSS in MiB of each descendant by its id."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = {}
        for one in tree(process)[1:]:
            with contextlib.suppress(psutil.NoSuchProcess):
                found[one.pid] = one.memory_info().rss / 2**20
        yield found
        time.sleep(0.05)
