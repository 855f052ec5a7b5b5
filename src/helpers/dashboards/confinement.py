"""A kernel for pages of the dashboards: it may read only the release and the pages.

Run as ``python -m helpers.dashboards.confinement -f CONNECTION_FILE`` in place of
``ipykernel_launcher``. The kernel is made ready first; then an audit hook (PEP 578) is added, which
Python offers no way to remove; only then is code of a page accepted.

What the hook is: a second lock. It sees every attempt that Python's own functions make to open a
file, list a folder, start a program, load compiled code, reach a socket or another process, and
refuses all but the reading of the served folder and of the Python installation. So a page that
reads responses by mistake, or because somebody slipped a line into it, fails with an error that
says so.

What the hook is not: a sandbox. Compiled code that is loaded already can reach the system without
telling Python (ZeroMQ, which carries the kernel's messages, opens sockets of its own); whether a
file exists, and its size, can be asked (``os.stat`` tells no hook); a flaw in the interpreter can
be used to write into its memory. The boundary is the operating system's: an own user that may not
read the responses, as docs/serving.md describes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import helpers
from helpers.release.reading import SERVED_VARIABLE

DEVICES = ("/dev/null", "/dev/urandom", "/dev/random", "/dev/zero")
REFUSAL = "refused: code of a page may read the release and the pages, and nothing else"

# Events of Python's audit table (and of 3.11 to 3.14) that no page has a use for. A name that ends
# in a dot stands for all that begin so.
REFUSED = (
    "_posixsubprocess.", "_winapi.", "_xxsubinterpreters.", "code.__new__",
    "cpython.PyInterpreterState_New", "cpython.run_", "cpython.remote_debugger_script",
    "ctypes.", "fcntl.", "ftplib.", "gc.get_", "glob.glob", "http.client.", "imaplib.",
    "mmap.__new__", "msvcrt.", "nntplib.", "os.add_dll_directory", "os.ch", "os.exec", "os.fork",
    "os.fwalk", "os.getxattr", "os.kill", "os.lchmod", "os.link", "os.listxattr", "os.lockf",
    "os.mkdir", "os.remove", "os.removexattr", "os.rename", "os.rmdir",
    "os.setxattr", "os.spawn", "os.startfile", "os.symlink", "os.system", "os.truncate",
    "os.unsetenv", "os.utime", "os.walk", "pdb.", "poplib.", "pty.", "resource.", "shutil.",
    "signal.pthread_kill", "smtplib.", "socket.bind", "socket.connect", "socket.gethost",
    "socket.getaddrinfo", "socket.getnameinfo", "socket.getservby", "socket.sendmsg",
    "socket.sendto", "socket.sethostname", "sqlite3.", "subprocess.", "sys.addaudithook",
    "os.posix_spawn", "pathlib.", "sys._current_", "sys.remote_exec", "syslog.", "telnetlib.",
    "urllib.", "webbrowser.", "winreg.",
)  # fmt: skip

# Compiled into some builds of Python, so that no file is opened to load them: they read and write
# files, or start programs, without telling a hook.
MODULES = frozenset(
    {
        "_ctypes", "_curses", "_dbm", "_gdbm", "_interpreters", "_posixsubprocess", "_sqlite3",
        "_testcapi", "_testinternalcapi", "_tkinter", "_xxsubinterpreters", "readline",
    }
)  # fmt: skip
ABSENT = ("ctypes", "_ctypes", "curses", "_curses", "debugpy", "readline", "sqlite3", "_sqlite3")
COMPILED = (".so", ".pyd", ".dll", ".dylib")


def refusing(folders: tuple[str, ...], files: frozenset[str]) -> Callable[[str, tuple], None]:
    """Return an audit hook that lets `folders` and `files` be read and refuses the rest.

    Parameters
    ----------
    folders, files
        Absolute, without links. A path is followed through all its links before it is compared.

    Notes
    -----
    Code of a page shares this interpreter: it can replace ``os.path.realpath`` or ``isinstance``
    and, by way of a traceback, take hold of whatever the hook has at hand. So the hook calls
    nothing but functions of C that it was given, and holds nothing that can be changed.
    """

    def hook(
        event: str,
        arguments: tuple[Any, ...],
        *,
        inside: tuple[str, ...] = tuple(f"{folder}/" for folder in folders),
        allowed: frozenset[str] = files | frozenset(folders),
        refused: tuple[str, ...] = REFUSED,
        modules: frozenset[str] = MODULES,
        compiled: tuple[str, ...] = COMPILED,
        words: str = REFUSAL,
        writing: int = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND,
        readlink: Callable[[str], str] = os.readlink,
        getcwd: Callable[[], str] = os.getcwd,
        starts: Callable[..., bool] = str.startswith,
        ends: Callable[..., bool] = str.endswith,
        cut: Callable[..., tuple[str, str, str]] = str.partition,
        up: Callable[..., tuple[str, str, str]] = str.rpartition,
        exact: Callable[..., str] = str.__str__,
        decoded: Callable[..., str] = bytes.decode,
        kind: type = type,
        below: Callable[..., bool] = type.__subclasscheck__,
        types: tuple[type, type, type] = (str, bytes, int),
        errors: tuple[type[Exception], ...] = (PermissionError, ImportError, OSError),
    ) -> None:
        if event == "import":
            file = arguments[1]
            if exact(arguments[0]) in modules or (file and ends(exact(file), compiled)):
                raise errors[1](f"{words} (import {arguments[0]})")
            return
        if event != "open" and event != "os.listdir" and event != "os.scandir":
            if starts(event, refused):
                raise errors[0](f"{words} ({event})")
            return
        path = "." if arguments[0] is None else arguments[0]
        if below(types[2], kind(path)):
            return  # opened before, and judged then
        if below(types[1], kind(path)):
            path = decoded(path, "utf-8", "surrogateescape")
        rest = path = exact(path)
        if not starts(path, "/"):
            # It may count from a folder that the event does not name (dir_fd).
            if "/../" in f"/{path}/":
                raise errors[0](f"{words} ({event} {path})")
            rest = f"{getcwd()}/{path}"
        place, links = "", 0
        while rest and links <= 40:
            part, _, rest = cut(rest, "/")
            if part == "..":
                place = up(place, "/")[0]
            elif part != "" and part != ".":
                try:
                    target = readlink(f"{place}/{part}")
                except errors[2]:
                    place = f"{place}/{part}"
                else:
                    links += 1
                    place = "" if starts(target, "/") else place
                    rest = f"{target}/{rest}"
        writes = event == "open" and arguments[2] & writing
        known = place in allowed or starts(place, inside)
        if place != "/dev/null" and (rest or writes or not known):
            raise errors[0](f"{words} ({event} {path})")

    return hook


def readable() -> tuple[str, ...]:
    """Return the folders that a kernel needs: what is served, Python, and these helpers."""
    served = os.environ.get(SERVED_VARIABLE)
    if not served:
        raise SystemExit(f"{SERVED_VARIABLE} names no folder: this kernel belongs to a server.")
    places = sysconfig.get_paths()
    python = [places[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    folders = [served, *python, str(Path(helpers.__file__).parent)]
    return tuple(dict.fromkeys(os.path.realpath(folder) for folder in folders))


def disarm() -> None:
    """Take away what was loaded with the kernel and starts programs without telling a hook."""
    try:
        import _posixsubprocess
    except ImportError:  # not on Windows
        return
    originals = [
        (module, name)
        for module in (_posixsubprocess, subprocess)
        for name, value in vars(module).items()
        if value is _posixsubprocess.fork_exec
    ]

    def fork_exec(*_: Any) -> None:
        raise PermissionError(f"{REFUSAL} (fork_exec)")

    for module, name in originals:
        setattr(module, name, fork_exec)


def close() -> None:
    """Refuse, from here on and for good, all that a page has no use for."""
    sys.dont_write_bytecode = True
    tempfile.gettempdir()  # looks for a place by writing into it
    disarm()
    sys.addaudithook(refusing(readable(), frozenset(DEVICES)))


def main() -> None:
    """Start a kernel, close it, and let it work."""
    if sys.platform == "linux":
        # The kernel imports some of these where it can, and does without them where it cannot.
        sys.modules.update(dict.fromkeys(ABSENT))  # type: ignore[arg-type]
    from ipykernel.kernelapp import IPKernelApp

    from helpers.pages import dashboard  # noqa: F401  (a page then finds it imported)

    kernel = IPKernelApp.instance()
    kernel.initialize()
    close()
    kernel.start()


if __name__ == "__main__":
    main()
