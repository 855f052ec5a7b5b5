"""Who may read: everybody who reaches the server, or whoever was given a password or a link.

Password and token come from the environment and are taken out of it at once. A login is a signed
cookie; its key follows from password and token, so that a login outlives the server and ends when
one of them is changed.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import math
import re
import time
from collections.abc import Awaitable, MutableMapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import tornado.web
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import PasswordIdentityProvider, User
from jupyter_server.auth.security import passwd
from jupyter_server.utils import url_path_join

from helpers.display.worded import Worded
from helpers.errors import InsightsError

PASSWORD, HASH, TOKEN = "INSIGHTS_PASSWORD", "INSIGHTS_PASSWORD_HASH", "INSIGHTS_TOKEN"
SHORTEST = {PASSWORD: 8, HASH: 20, TOKEN: 16}
FREE = 5  # wrong tries of an address before the next one has to wait
LONGEST = 60.0  # seconds; each wrong try doubles the wait until then
FORGOTTEN = 900.0  # seconds after which wrong tries are forgotten
KNOWN = 10_000  # addresses of which wrong tries are remembered
AT_ONCE = 20  # tries that may wait for their turn: a password is checked at a time


@dataclass(frozen=True)
class Secrets:
    """What a reader has to know, where anything."""

    hashed: str = ""
    token: str = ""
    key: bytes = b""

    @property
    def asked(self) -> bool:
        """Whether readers have to know anything."""
        return bool(self.hashed or self.token)


def taken_from(surroundings: MutableMapping[str, str]) -> Secrets:
    """Take password, its hash and token out of the environment.

    Raises
    ------
    InsightsError
        If one of them is set but empty or too short, or both a password and a hash are set.
    """
    found = {name: surroundings.pop(name) for name in SHORTEST if name in surroundings}
    for name, value in found.items():
        if len(value) < SHORTEST[name]:
            raise InsightsError(
                f"{name} is set, but has fewer than {SHORTEST[name]} signs: choose a longer one, or"
                " unset it to serve without it."
            )
    if PASSWORD in found and HASH in found:
        raise InsightsError(f"{PASSWORD} and {HASH} are both set: keep one of them.")
    if HASH in found and not found[HASH].startswith("argon2:"):
        raise InsightsError(
            f"{HASH} is no hash that is known here. Make one with: python -c 'from"
            " jupyter_server.auth import passwd; print(passwd())'"
        )
    if not found:
        return Secrets()
    known = "\n".join(f"{name}={found[name]}" for name in sorted(found))
    key = hashlib.scrypt(known.encode(), salt=b"insights login", n=2**14, r=8, p=1)
    hashed = passwd(found[PASSWORD]) if PASSWORD in found else found.get(HASH, "")
    return Secrets(hashed, found.get(TOKEN, ""), key)


class Readers(PasswordIdentityProvider):
    """Readers are all the same; without a login no cookie has to tell them apart."""

    def get_user(self, handler: tornado.web.RequestHandler) -> User | None | Awaitable[User | None]:
        """Return the one reader where no login is asked for."""
        return super().get_user(handler) if self.auth_enabled else User("reader")

    def generate_anonymous_user(self, handler: tornado.web.RequestHandler) -> User:
        """Return the one reader."""
        return User("reader")

    async def get_user_token(self, handler: tornado.web.RequestHandler) -> User | None:
        """Return the one reader if the address, or a header, holds the token."""
        return User("reader") if self._is_token(self.get_token(handler) or "") else None

    def _is_token(self, said: str) -> bool:
        return bool(self.token) and hmac.compare_digest(said.encode(), self.token.encode())

    def knows(self, said: str) -> bool:
        """Return whether this is the password or the token; takes a while, as it should."""
        return self._is_token(said) or bool(self.hashed_password and self.passwd_check(said))


class Tries:
    """Wrong tries: each address has a few, then waits, twice as long after each further one."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.waiting = 0
        self._wrong: dict[str, tuple[int, float]] = {}

    def wait(self, address: str) -> float:
        """Return the seconds until an address is listened to."""
        if self.waiting >= AT_ONCE:
            return 1.0
        times, last = self._wrong.get(_house(address), (0, 0.0))
        if times < FREE or time.monotonic() - last > FORGOTTEN:
            return 0.0
        return max(0.0, last + min(LONGEST, 2.0 ** (times - FREE)) - time.monotonic())

    def note(self, address: str, right: bool) -> None:
        """Remember how a try ended."""
        times, last = self._wrong.pop(_house(address), (0, 0.0))
        if right:
            return
        fresh = time.monotonic() - last > FORGOTTEN
        self._wrong[_house(address)] = (1 if fresh else times + 1), time.monotonic()
        if len(self._wrong) > KNOWN:
            del self._wrong[next(iter(self._wrong))]


def _house(address: str) -> str:
    """Return what one person cannot change at will: of an IPv6 address, its first half."""
    try:
        if ipaddress.ip_address(address).version == 6:
            return str(ipaddress.ip_network(f"{address}/64", strict=False))
    except ValueError:
        pass
    return address


def safe_next(asked: str, base_url: str) -> str:
    """Return a page of ours with its filters; the index page for every other address."""
    index = url_path_join(base_url, "voila/render/index.ipynb")
    try:
        parts = urlsplit(asked)
    except ValueError:
        return index
    page = re.fullmatch(
        re.escape(url_path_join(base_url, "voila/render/")) + r"[a-z0-9_]+\.ipynb", parts.path
    )
    if parts.scheme or parts.netloc or not page:
        return index
    pairs = [pair for pair in parts.query.split("&") if not pair.startswith("token=")]
    query = "&".join(pairs)
    usual = re.fullmatch(r"[!$%&'()*+,./:;=?@\w~-]+", query, re.ASCII)
    return f"{parts.path}?{query}" if usual else parts.path


class Entrance(Worded):
    """What login and logout share: a form that only our own page can send."""

    fresh = True

    @property
    def content_security_policy(self) -> str:
        """The policy of all pages, but for the form."""
        return super().content_security_policy.replace("form-action 'none'", "form-action 'self'")

    @property
    def readers(self) -> Readers:
        """Who may read."""
        return cast(Readers, self.identity_provider)

    def check_xsrf_cookie(self) -> None:
        """Note that a form is not from our page, or that its cookie is gone, to say so in words."""
        try:
            super().check_xsrf_cookie()
        except tornado.web.HTTPError:
            self.fresh = False

    def form(self, template: str, status: int = 200, error: str = "") -> None:
        """Write a form."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        following = safe_next(self.get_argument("next", ""), self.base_url)
        what = "Password" if self.readers.hashed_password else "Access key"
        form = self.xsrf_form_html()
        self.finish(self.words(template, error=error, following=following, what=what, form=form))


class Login(Entrance):
    """The form that asks for the password; works without JavaScript."""

    def initialize(self, tries: Tries) -> None:
        """Take what is remembered of wrong tries."""
        self.tries = tries

    @allow_unauthenticated
    def get(self) -> None:
        """Show the form; who is logged in goes on."""
        if self.current_user is None:
            self.form("login.html")
        else:
            self.redirect(safe_next(self.get_argument("next", ""), self.base_url))

    @allow_unauthenticated
    async def post(self) -> None:
        """Let in whoever knows the password; others are told, and slowed down."""
        if not self.fresh:
            return self.form("login.html", 403, "This form was open for too long. Try again.")
        address = self.request.remote_ip or ""
        if (wait := self.tries.wait(address)) > 0:
            self.set_header("Retry-After", str(math.ceil(wait)))
            seconds = f"{math.ceil(wait)} second{'' if wait <= 1 else 's'}"
            words = f"There were too many wrong tries. Wait {seconds}, then try again."
            return self.form("login.html", 429, words)
        said = self.get_body_argument("password", "", strip=False)
        self.tries.waiting += 1
        try:
            async with self.tries.turn:
                right = await asyncio.to_thread(self.readers.knows, said)
        finally:
            self.tries.waiting -= 1
        self.tries.note(address, right)
        if not right:
            return self.form("login.html", 401, "That is not it. Check it and try again.")
        self.identity_provider.set_login_cookie(self, User("reader"))
        self.redirect(safe_next(self.get_argument("next", ""), self.base_url), status=303)
        return None


class Logout(Entrance):
    """Ends a login, once that is confirmed: a link elsewhere cannot do it."""

    @tornado.web.authenticated
    def get(self) -> None:
        """Ask."""
        self.form("logout.html")

    @tornado.web.authenticated
    def post(self) -> None:
        """Forget the reader."""
        if not self.fresh:
            return self.form("logout.html", 403, "This form was open for too long. Try again.")
        self.identity_provider.clear_login_cookie(self)
        self.set_header("Clear-Site-Data", '"cache", "storage"')
        self.redirect(url_path_join(self.base_url, "login"), status=303)
        return None
