"""Logins: each has its own number, and ending one ends every copy of its cookie.

    STATE/key      what cookies are signed with
    STATE/ended    numbers of the logins that readers ended, a line each; or, if there were too
                   many, a moment: all logins that began before it are ended

Both outlive the server. Where there is no place for them, logins end with the server.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from helpers.errors import InsightsError

STATE = "INSIGHTS_STATE"
LASTS = 30  # days
MOST = 20_000  # logins that are remembered as ended
KEY = 64  # bytes
LOGIN = re.compile(r"([0-9a-f]{32}) ([0-9]{1,12})")


def state_folder(surroundings: Mapping[str, str]) -> Path:
    """Return where to keep what outlives the server.

    That is ``INSIGHTS_STATE``, else systemd's ``StateDirectory=``, else the user's own folder for
    such things.
    """
    named = surroundings.get(STATE) or surroundings.get("STATE_DIRECTORY", "").split(":")[0]
    if named:
        return Path(named)
    own = surroundings.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser()
    return Path(own) / "commissioning-insights"


class Sessions:
    """The logins that are open, without a list of them: those that were ended are known.

    Parameters
    ----------
    folder
        Where they are remembered; shared by servers that run side by side. With None, they are
        remembered as long as the server runs.

    Raises
    ------
    InsightsError
        If the folder cannot be used.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = None if folder is None else folder / "ended"
        self._key = secrets.token_bytes(KEY) if folder is None else _lasting_key(folder)
        self._ended: dict[str, int] = {}
        self._since = 0
        self._seen: object = None
        self._look()

    def key(self, mark: bytes) -> bytes:
        """Return what to sign cookies with, for as long as the secrets have this mark."""
        return hmac.digest(self._key, mark, "sha512")

    def begin(self) -> str:
        """Return a new login."""
        return f"{secrets.token_hex(16)} {max(int(time.time()), self._since)}"

    def is_open(self, login: str) -> bool:
        """Return whether a login that was begun here is neither ended nor too old."""
        said = LOGIN.fullmatch(login)
        if not said:
            return False
        self._look()
        begun = int(said[2])
        fresh = time.time() - begun < LASTS * 86_400
        return fresh and begun >= self._since and said[1] not in self._ended

    def end(self, login: str) -> None:
        """End a login, for every server and for good.

        Raises
        ------
        OSError
            If that cannot be written down; it holds until the server stops.
        """
        said = LOGIN.fullmatch(login)
        if not said or not self.is_open(login):
            return
        self._ended[said[1]] = int(said[2])
        if len(self._ended) > MOST:
            self._ended, self._since = {}, int(time.time()) + 1
            if self._file is not None:
                os.replace(_written(self._file, f"all {self._since}\n".encode()), self._file)
        elif self._file is not None:
            with self._file.open("a", encoding="ascii") as file:
                file.write(f"{login}\n")
                file.flush()
                os.fsync(file.fileno())

    def _look(self) -> None:
        """Take over what this server, or another one, has written since."""
        if self._file is None:
            return
        try:
            about = self._file.stat()
            seen = about.st_ino, about.st_size, about.st_mtime_ns
            if seen == self._seen:
                return
            lines = self._file.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return
        old = time.time() - LASTS * 86_400
        for line in lines:
            if said := LOGIN.fullmatch(line):
                if int(said[2]) > old:
                    self._ended[said[1]] = int(said[2])
            elif said := re.fullmatch(r"all ([0-9]{1,12})", line):
                self._since = max(self._since, int(said[1]))
        self._ended = {one: begun for one, begun in self._ended.items() if begun >= self._since}
        self._seen = seen


def _lasting_key(folder: Path) -> bytes:
    """Return the key in a folder; make both where they are missing, at one stroke."""
    path = folder / "key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            made = _written(path, secrets.token_bytes(KEY))
            try:
                os.link(made, path)
            except FileExistsError:
                pass  # another server was faster
            finally:
                made.unlink()
        (folder / "ended").touch(mode=0o600)
        key = path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise InsightsError(f"{error.filename or folder}: {why}") from error
    if len(key) != KEY:
        raise InsightsError(f"{path} is damaged: delete it; every reader must then log in again.")
    return key


def _written(path: Path, raw: bytes) -> Path:
    """Write beside a path, readable only by its user; return where."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with open(handle, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
