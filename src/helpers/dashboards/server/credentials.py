"""What readers must know to log in, if anything: a password, a token in a link, or both.

They are read from files, from credentials that systemd hands over, or from the environment. Secrets
are removed from the environment at once, and from what the system shows of it.
"""

from __future__ import annotations

import ctypes
import hashlib
import hmac
import os
import secrets
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path

from helpers.errors import InsightsError

PASSWORD, HASH, TOKEN = "INSIGHTS_PASSWORD", "INSIGHTS_PASSWORD_HASH", "INSIGHTS_TOKEN"
SHORTEST = {PASSWORD: 8, HASH: 20, TOKEN: 16}
FILE = "_FILE"  # INSIGHTS_PASSWORD_FILE names a file that holds the password
HANDED_OVER = "CREDENTIALS_DIRECTORY"  # systemd's LoadCredential= and SetCredentialEncrypted=
LONGEST_FILE = 4096  # bytes


class Secrets:
    """What a reader must know to log in, if anything.

    Parameters
    ----------
    found
        Password or its hash, and token, by the names of their variables.

    Attributes
    ----------
    by_password, by_token : whether there is one
    mark : bytes that are others as soon as one of them is changed

    Notes
    -----
    A slow hash protects a password where the hash is kept, in a file. A running server that was
    given the password itself, or has met it once, compares keyed digests of both instead, in
    microseconds: wrong tries are slowed by `tries`, not by work that strangers could cause.
    """

    def __init__(self, found: Mapping[str, str] | None = None) -> None:
        found = found or {}
        self._key = secrets.token_bytes(64)
        self._hash = found.get(HASH, "")
        self._password = self._digest(found[PASSWORD]) if PASSWORD in found else b""
        self._token = self._digest(found[TOKEN]) if TOKEN in found else b""
        self.by_password = bool(self._hash or self._password)
        self.by_token = bool(self._token)
        known = "\n".join(f"{name}={found[name]}" for name in sorted(found))
        self.mark = hashlib.sha512(known.encode("utf-8", "surrogatepass")).digest()

    @property
    def asked(self) -> bool:
        """Whether readers must know anything."""
        return self.by_password or self.by_token

    def token_is(self, said: str) -> bool:
        """Return whether this is the token."""
        return self.by_token and hmac.compare_digest(self._digest(said), self._token)

    def knows(self, said: str) -> bool:
        """Return whether this is the password or the token.

        Takes a tenth of a second of both processors where all that is known is a hash.
        """
        if self._hash and not self._password:
            from jupyter_server.auth.security import passwd_check  # takes a second to import

            if passwd_check(self._hash, said):
                self._password = self._digest(said)
        right = self.by_password and hmac.compare_digest(self._digest(said), self._password)
        return self.token_is(said) or right

    def _digest(self, said: str) -> bytes:
        return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), key=self._key).digest()


def taken_from(surroundings: MutableMapping[str, str]) -> Secrets:
    """Take password, its hash and token: from files, from systemd, out of the environment.

    Raises
    ------
    InsightsError
        If one of them is given twice, is empty or too short, cannot be read, or if both a password
        and a hash are given.
    """
    found: dict[str, str] = {}
    for name in SHORTEST:
        given = dict(_given(name, surroundings))
        if len(given) > 1:
            raise InsightsError(f"{name} is given twice, by {' and by '.join(given)}: keep one.")
        for place, value in given.items():
            if len(value) < SHORTEST[name]:
                raise InsightsError(
                    f"{name} is set, but has fewer than {SHORTEST[name]} characters ({place})."
                    " Choose a longer one, or unset it to serve without it."
                )
            found[name] = value
    if surroundings is os.environ:
        _overwrite(SHORTEST)
    if PASSWORD in found and HASH in found:
        raise InsightsError(f"{PASSWORD} and {HASH} are both set: keep one of them.")
    if HASH in found and not found[HASH].startswith("argon2:"):
        raise InsightsError(
            f"{HASH} is not a known kind of hash: it must begin with argon2. Make one with: "
            "python -c 'from jupyter_server.auth import passwd; print(passwd())'"
        )
    return Secrets(found)


def _given(name: str, surroundings: MutableMapping[str, str]) -> Iterable[tuple[str, str]]:
    """Yield where a secret is given, and the secret."""
    if name in surroundings:
        yield "the environment", surroundings.pop(name)
    named = surroundings.pop(name + FILE, None)
    if named is not None:
        yield named, _read(name, Path(named))
    handed = surroundings.get(HANDED_OVER)
    if handed and (Path(handed) / name).exists():
        yield "a credential of systemd", _read(name, Path(handed) / name)


def _read(name: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LONGEST_FILE + 1)
        if len(raw) > LONGEST_FILE:
            raise InsightsError(f"{name}: {path} is longer than a secret ({LONGEST_FILE:,} bytes).")
        return raw.decode().rstrip("\r\n")
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise InsightsError(f"{name} cannot be read from {path}: {why}.") from error
    except UnicodeDecodeError as error:
        raise InsightsError(f"{name}: {path} is not text in UTF-8.") from error


def _overwrite(names: Iterable[str]) -> None:
    """Overwrite variables in the memory that the system shows as ``/proc/PID/environ``.

    Taking a variable out of the environment leaves the block untouched that the process was started
    with, and every process of the same user can read it. Its place is told by the fields 50 and 51
    of ``/proc/self/stat`` (proc_pid_stat(5)).
    """
    if sys.platform != "linux":
        return
    with open("/proc/self/stat", encoding="utf-8", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])
    if not 0 < start < end:
        return
    begins = tuple(f"{name}=".encode() for name in names)
    place = start
    for entry in ctypes.string_at(start, end - start).split(b"\0"):
        if entry.startswith(begins):
            ctypes.memset(place, 0, len(entry))
        place += len(entry) + 1
