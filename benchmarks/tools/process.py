"""Run a process of its own and measure it whole: wall, CPU, peak memory; stop it at its limits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from typing import Any

import psutil


def measured(command: Sequence[Any], limit_s: float, limit_bytes: float) -> dict[str, Any]:
    """Run a command.

    Returns
    -------
    dict of `status` (ok, time-out, out of memory, failed), `wall_s`, `cpu_s` (user and system),
    `peak_mib`, `output`, and where it failed the end of its `errors`.

    Notes
    -----
    A small process starts it: to Linux the peak of a process begins with its parent's.
    """
    small = [sys.executable, __file__, limit_s, limit_bytes, *command]
    done = subprocess.run(list(map(str, small)), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def started(command: Sequence[str], limit_s: float, limit_bytes: float) -> dict[str, Any]:
    """Start the command, wait for its end, and say what it used."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=errors)
        stopped: list[str] = []
        over = threading.Event()
        watch = threading.Thread(
            target=guard, args=(process.pid, limit_s, limit_bytes, over, stopped), daemon=True
        )
        watch.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        over.set()
        watch.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        said = errors.read()[-2000:]
        lacked = process.returncode == -signal.SIGKILL or "allocate" in said
        ended = "ok" if process.returncode == 0 else "out of memory" if lacked else "failed"
        found = {
            "status": stopped[0] if stopped else ended,
            "wall_s": wall,
            "cpu_s": used.ru_utime + used.ru_stime,
            "peak_mib": used.ru_maxrss / 1024,
            "output": out.read(),
        }
        return found | ({"errors": said} if found["status"] == "failed" else {})


def guard(
    pid: int, limit_s: float, limit_bytes: float, over: threading.Event, stopped: list[str]
) -> None:
    """End a process that takes too long or too much memory; say which in `stopped`."""
    end = time.monotonic() + limit_s
    while not over.wait(0.2):
        try:
            large = psutil.Process(pid).memory_info().rss > limit_bytes
        except psutil.Error:
            return
        if large or time.monotonic() > end:
            stopped.append("out of memory" if large else "time-out")
            os.kill(pid, signal.SIGKILL)
            return


if __name__ == "__main__":
    print(json.dumps(started(sys.argv[3:], float(sys.argv[1]), float(sys.argv[2]))))
