"""What a server costs: CPU, memory and death of a process with all its children."""

from __future__ import annotations

import contextlib
import threading
import time
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


class Watch(threading.Thread):
    """Notes the most memory that any descendant of this process with some words in its command had.

    It begins before a server starts, so that a process that lives for half a second is seen, too.
    """

    def __init__(self, words: str) -> None:
        super().__init__(daemon=True)
        self.words = words
        self.most = 0  # bytes, RSS
        self.over = threading.Event()

    def run(self) -> None:
        """Look again and again until it is over."""
        while not self.over.wait(0.03):
            for one in tree(psutil.Process())[1:]:
                with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                    if self.words in " ".join(one.cmdline()):
                        self.most = max(self.most, one.memory_info().rss)

    def __enter__(self) -> Watch:
        """Begin."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        self.over.set()
        self.join()
