"""Reads untrusted files in a child process with little memory and time."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from helpers.errors import Problem, Problems
from helpers.importing.files.child import RESULT
from helpers.importing.files.sheets import Sheet, load

MEMORY = 384 * 2**20
SECONDS = 8  # of processor time, for a small file
PATIENCE = 6  # times as long by the clock, on a busy machine
LARGEST = 8 * 2**30
_PACKED = (".xlsx", ".xlsm", ".zsav", ".zip", ".rds", ".rdata", ".rda", ".parquet", ".pq")
_CHILD = "from helpers.importing.files.child import main; main()"
_PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "SYSTEMROOT", "TMPDIR")

Progress = Callable[[str], None]


def read_file(
    path: Path,
    problems: Problems,
    *,
    sheets: Sequence[str] = (),
    allow: Sequence[str] = (),
    progress: Progress = lambda words: None,
) -> list[Sheet]:
    """Read a file in a child process; whatever is wrong with it is added to `problems`.

    Parameters
    ----------
    sheets
        Sheets of a workbook to read; all visible ones by default.
    allow
        Kinds of problems that the reader of the format may allow.

    Returns
    -------
    Its sheets; none where it cannot be read.
    """
    before = _regular(path, problems)
    if before is None:
        return []
    folder = Path(tempfile.mkdtemp(prefix="insights-import-"))
    try:
        seconds = _seconds(path, before.st_size)
        job = {
            "path": str(path.resolve()),
            "target": str(folder),
            "sheets": list(sheets),
            "allow": list(allow),
            "memory": MEMORY + _memory(path, before.st_size),
            "seconds": seconds,
            "written": 2**28 + _memory(path, before.st_size),
        }
        fault = _run(json.dumps(job).encode(), seconds, path.name, progress)
        if fault:
            problems.add(path.name, message=fault[0], fix=fault[1], kind="unreadable")
            return []
        if _state(path.stat()) != _state(before):
            problems.add(
                path.name,
                message="the file changed while it was read",
                fix="Wait until it is complete, and import it again.",
                kind="unreadable",
            )
            return []
        return _result(folder, path.name, problems)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _regular(path: Path, problems: Problems) -> os.stat_result | None:
    """State of a file, if it is one: what never ends, or is none, is refused."""
    try:
        found = path.stat()
    except OSError as error:
        problems.add(
            path.name, message=f"the file cannot be read ({error.strerror})", kind="unreadable"
        )
        return None
    if not stat.S_ISREG(found.st_mode):
        problems.add(
            path.name,
            message="this is not a file",
            fix="Name the file that the survey tool exported.",
            kind="format",
        )
    elif found.st_size == 0:
        problems.add(
            path.name,
            message="the file is empty",
            fix="Restore the file from its source.",
            kind="unreadable",
        )
    elif found.st_size > LARGEST:
        problems.add(
            path.name,
            message=f"the file has {found.st_size / 2**30:.1f} GiB; at most 8 are read",
            kind="too_large",
        )
    else:
        return found
    return None


def _state(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ino


def _seconds(path: Path, size: int) -> int:
    packed = path.suffix.lower() in _PACKED
    return SECONDS + int(size / 2**20 * (20 if packed else 3))


def _memory(path: Path, size: int) -> int:
    packed = path.suffix.lower() in _PACKED
    return min(size * (40 if packed else 8), 16 * 2**30)


def _run(job: bytes, seconds: int, name: str, progress: Progress) -> tuple[str, str] | None:
    """Let the child work; return what went wrong, and what to do."""
    kept = {k: os.environ[k] for k in _PASSED_ON if k in os.environ}
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
    child = subprocess.Popen(
        [sys.executable, "-P", "-c", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=kept | threads,
    )
    try:
        assert child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(job)
            child.stdin.close()
        if not _followed(child, PATIENCE * seconds, name, progress):
            return (
                f"the file could not be read within {seconds} seconds",
                "Make sure that it is what the survey tool exported.",
            )
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()
    if child.returncode == 0:
        return None
    if -child.returncode in (signal.SIGXCPU, signal.SIGKILL):
        return f"the file could not be read within {seconds} seconds", "Export it again."
    return (
        "reading the file took more memory than it may, or failed",
        "The file may be damaged: export it again, or as CSV.",
    )


def _followed(child: subprocess.Popen[bytes], seconds: int, name: str, progress: Progress) -> bool:
    """Pass on how far the child is; return False when its time is over."""
    assert child.stdout is not None
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while (left := end - time.monotonic()) > 0:
            if not selector.select(min(left, 1.0)):
                continue
            words = os.read(child.stdout.fileno(), 4096)
            if not words:
                break
            rows = words.decode("ascii", "replace").split()
            if rows and rows[-1].isdigit():
                progress(f"{name}: {int(rows[-1]):,} rows read")
    left = end - time.monotonic()
    try:
        child.wait(max(left, 0.1))
    except subprocess.TimeoutExpired:
        return False
    return True


def _result(folder: Path, name: str, problems: Problems) -> list[Sheet]:
    try:
        said = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        more = {(file, kind): n for file, kind, n in said["more"]}
        problems.extend(Problem(**problem) for problem in said["problems"])
        problems.count(more)
        return [load(folder / str(place)) for place in range(said["sheets"])]
    except (OSError, ValueError, KeyError, TypeError) as error:
        problems.add(
            name, message=f"the file cannot be read ({type(error).__name__})", kind="unreadable"
        )
        return []
