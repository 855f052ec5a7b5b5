"""Who may read: everyone who can reach the server, or only those with a password or a link.

A login is a signed cookie with a number of its own. Its key follows from password and token too, so
that every login ends when one of them is changed. A second cookie marks a device that has logged in
before (OWASP's device cookies): wrong tries of strangers, even at the same address, cannot make it
wait.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable
from secrets import token_hex
from typing import cast
from urllib.parse import urlsplit

import tornado.web
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import PasswordIdentityProvider, User
from jupyter_server.utils import url_path_join
from tornado.httputil import HTTPServerRequest

from helpers.dashboards.server.credentials import Secrets
from helpers.dashboards.server.notices import ErrorMessages, TooManyTries
from helpers.dashboards.server.sessions import LASTS, Sessions
from helpers.dashboards.server.wrong_tries import LINE, PACE, QueueFull, Rank, Tries, Turns

DEVICE_LASTS = 365  # days


class Readers(PasswordIdentityProvider):
    """Readers are all the same; without a login no cookie has to distinguish them.

    Attributes
    ----------
    secrets, sessions : what readers have to know, and the logins of those who did
    tries, turns : whose wrong tries are remembered, and in which order tries are heard
    address : returns the address that a request came from
    """

    secrets = Secrets()
    sessions: Sessions
    tries: Tries
    turns: Turns
    address: Callable[[HTTPServerRequest], str]

    @property
    def auth_enabled(self) -> bool:
        """Whether readers have to log in."""
        return self.secrets.asked

    async def knows(self, said: str) -> bool:
        """Return whether this is the password or the token."""
        return await asyncio.to_thread(self.secrets.knows, said)

    def get_user(self, handler: tornado.web.RequestHandler) -> User | None:
        """Return the reader who has logged in, or whose address or header holds the token.

        Raises
        ------
        Later
            After too many wrong tokens.
        """
        if not self.secrets.asked or self.login_of(handler):
            return User("reader")
        said = self.get_token(handler)
        if not said or not self.secrets.by_token:
            return None
        who = self.who_tries(handler)
        if (wait := self.tries.wait(who)) > 0:
            raise TooManyTries(wait)
        right = self.secrets.token_is(said)
        self.tries.note(who, right)
        if right:
            self.let_in(handler)
        return User("reader") if right else None

    def login_of(self, handler: tornado.web.RequestHandler) -> str:
        """Return the login that a request belongs to; empty where it is not open."""
        login = _signed(handler, self.get_cookie_name(handler), LASTS)
        return login if self.sessions.is_open(login) else ""

    def let_in(self, handler: tornado.web.RequestHandler) -> None:
        """Begin a login; never the one that a request brought along."""
        self.let_out(handler)
        device = _signed(handler, self.device_cookie(handler), DEVICE_LASTS) or token_hex(16)
        self._set_cookie(handler, self.get_cookie_name(handler), self.sessions.begin(), LASTS)
        self._set_cookie(handler, self.device_cookie(handler), device, DEVICE_LASTS)

    def let_out(self, handler: tornado.web.RequestHandler) -> None:
        """End a login, so that its cookie no longer works."""
        try:
            self.sessions.end(self.login_of(handler))
        except OSError as error:
            self.log.error("a login that was ended could not be written down: %s", error.strerror)

    def who_tries(self, handler: tornado.web.RequestHandler) -> str:
        """Return what answers for wrong tries: a device that was in before, else an address."""
        device = _signed(handler, self.device_cookie(handler), DEVICE_LASTS)
        return f"device {device}" if device else self.address(handler.request)

    def rank(self, who: str) -> Rank:
        """Return when somebody who tries is heard."""
        if who.startswith("device "):
            return Rank.KNOWN
        return Rank.WRONG if self.tries.wrong(who) else Rank.FRESH

    def device_cookie(self, handler: tornado.web.RequestHandler) -> str:
        """Return the name of the cookie that says that a device was in before."""
        return self.get_cookie_name(handler).replace("username", "device", 1)

    def _set_cookie(
        self, handler: tornado.web.RequestHandler, name: str, value: str, days: int
    ) -> None:
        handler.set_signed_cookie(
            name,
            value,
            expires_days=days,
            path=handler.settings["base_url"],
            secure=bool(self.secure_cookie),
            httponly=True,
            samesite="Lax",
        )


def _signed(handler: tornado.web.RequestHandler, name: str, days: int) -> str:
    """Return what a cookie says if it was signed here."""
    found = handler.get_signed_cookie(name, max_age_days=days)
    return (found or b"").decode()


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


class Entrance(ErrorMessages):
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
        """Note that a form is not from our page, or that its cookie is gone, for the message."""
        try:
            super().check_xsrf_cookie()
        except tornado.web.HTTPError:
            self.fresh = False

    def form(self, template: str, status: int = 200, error: str = "") -> None:
        """Write a form."""
        self.set_status(status)
        following = safe_next(self.get_argument("next", ""), self.base_url)
        what = "Password" if self.readers.secrets.by_password else "Access key"
        form = self.xsrf_form_html()
        values = {"error": error, "following": following, "what": what, "form": form}
        self.finish_unkept(self.words(template, **values))


class Login(Entrance):
    """The form that asks for the password; works without JavaScript."""

    @allow_unauthenticated
    def get(self) -> None:
        """Show the form; who is logged in goes on."""
        if self.current_user is None:
            self.form("login.html")
        else:
            self.redirect(safe_next(self.get_argument("next", ""), self.base_url))

    @allow_unauthenticated
    async def post(self) -> None:
        """Log in readers who know the password; tell the others, and slow them down."""
        if not self.fresh:
            return self.form("login.html", 403, "This form was open for too long. Try again.")
        readers = self.readers
        who = readers.who_tries(self)
        if (wait := readers.tries.wait(who)) > 0:
            return self.later(wait, "There were too many wrong attempts.")
        rank = readers.rank(who)
        readers.tries.note(who, right=False)  # until it is heard: a hundred may come at once
        said = self.get_body_argument("password", "", strip=False)
        try:
            right = await readers.turns.right(said, rank, readers.address(self.request))
        except QueueFull:
            return self.later(PACE * LINE, "Too many people are logging in at the moment.")
        if not right:
            words = "That is not correct. Check it, including capital letters, and try again."
            return self.form("login.html", 401, words)
        readers.tries.note(who, right=True)
        readers.let_in(self)
        self.redirect(safe_next(self.get_argument("next", ""), self.base_url), status=303)
        return None

    def later(self, wait: float, why: str) -> None:
        """Ask to come back."""
        self.set_header("Retry-After", str(math.ceil(wait)))
        seconds = f"{math.ceil(wait)} second{'' if wait <= 1 else 's'}"
        self.form("login.html", 429, f"{why} Wait {seconds}, then try again.")


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
        self.readers.let_out(self)
        self.readers.clear_login_cookie(self)
        self.set_header("Clear-Site-Data", '"cache", "storage"')
        self.redirect(url_path_join(self.base_url, "login"), status=303)
        return None
