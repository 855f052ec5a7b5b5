"""Messages in the style of the pages, never with a traceback or a path."""

from __future__ import annotations

import math
import sys
from typing import Any
from urllib.parse import urlencode, urlunsplit

import tornado.web
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join

from helpers.dashboards.server.made_pages import Content
from helpers.dashboards.staging import Served
from helpers.paths import STATIC
from helpers.release.reading import SUMMARIES

TYPES = {".js": "text/javascript", ".css": "text/css"}
BEFORE_LOGIN = "explorer.css"
WAITS = {"prepared": 2, "failed": 5, "nothing": 5}  # seconds until a placeholder may be out of date


class TooManyTries(tornado.web.HTTPError):
    """Too many tries: come back after so many seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(429)
        self.wait = wait


class ErrorMessages(JupyterHandler):
    """Errors as messages."""

    def set_cors_headers(self) -> None:
        """Allow no other site anything, with a token neither."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Let in those who may read; remove a used token from the address."""
        await super().prepare()
        given = self.request.query_arguments
        if not self._finished and "token" in given and self.request.method in ("GET", "HEAD"):
            others = [(k, v) for k, values in given.items() if k != "token" for v in values]
            query = f"?{urlencode(others)}" if others else ""
            self.set_header("Cache-Control", "no-store")
            self.redirect(self.request.path + query)

    def words(self, template: str, **values: Any) -> str:
        """Return a page of words only."""
        found = self.settings["voila_jinja2_env"].get_template(template)
        return str(found.render(base_url=self.base_url, **values))

    def finish_unkept(self, html: str) -> None:
        """Answer with a page that is not cached."""
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(html)

    def stand_in(self, why: str, problem: str = "", html: str = "") -> None:
        """Say why there is no page, in its own words if it has any.

        A browser asks again by itself, without a script too: for an address that names no place on
        the page, as Chromium only jumps to one.
        """
        wait, asked = WAITS[why], self.request
        here = urlunsplit(("", "", asked.path.rpartition("/")[2], asked.query, ""))
        self.set_status(503)
        self.set_header("Retry-After", str(wait))
        words = self.words("words.html", why=why, problem=problem, wait=wait, here=here)
        self.finish_unkept(html or words)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write a page that says what happened, never how."""
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, TooManyTries):
            self.set_header("Retry-After", str(math.ceil(error.wait)))
        self.finish_unkept(self.words("words.html", why=str(status_code)))


class NotFound(ErrorMessages):
    """Every other address."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Say that there is no such page."""
        raise tornado.web.HTTPError(404)


class Home(ErrorMessages):
    """The address without a path leads to the key findings, or else to the index page."""

    def initialize(self, served: Served) -> None:
        """Take what is served."""
        self.served = served

    @tornado.web.authenticated
    def get(self) -> None:
        """Redirect."""
        findings = self.served.release / "views" / "overview.json"
        name = "overview" if findings.is_file() else "index"
        self.redirect(url_path_join(self.base_url, f"voila/render/{name}.ipynb"))

    head = get


class Health(tornado.web.RequestHandler):
    """Says that the server answers."""

    def get(self) -> None:
        """Write one word."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.write("ok\n")


class Summary(ErrorMessages):
    """The PDF of a page: of those that were made of the release in use, nothing else."""

    def initialize(self, served: Served) -> None:
        """Take what is served."""
        self.served = served

    @tornado.web.authenticated
    async def get(self, name: str) -> None:
        """Write the file, to be saved."""
        await self.served.refresh()
        file = self.served.release / SUMMARIES / f"{name}.pdf"
        if not file.is_file():
            raise tornado.web.HTTPError(404)
        self.set_header("Content-Type", "application/pdf")
        self.set_header("Content-Disposition", f'attachment; filename="{name}.pdf"')
        self.set_header("Cache-Control", "private, no-cache")
        self.write(file.read_bytes())

    head = get


class Static(ErrorMessages):
    """The scripts and the style, compressed once and held in memory."""

    def initialize(self, files: dict[str, Content]) -> None:
        """Take the files."""
        self.files = files

    @allow_unauthenticated
    def get(self, name: str) -> None:
        """Write a file; cached forever if its address names its version."""
        file = self.files.get(name)
        if file is None:
            raise tornado.web.HTTPError(404)
        if self.current_user is None and name != BEFORE_LOGIN:
            raise tornado.web.HTTPError(403)
        lasting = "max-age=31536000, immutable" if self.get_query_argument("v", "") else "no-cache"
        self.set_header("Cache-Control", lasting)
        file.send(self)

    head = get


def static_files() -> dict[str, Content]:
    """Return the static files by name."""
    found = (path for path in STATIC.iterdir() if path.suffix in TYPES)
    return {path.name: Content(path.read_bytes(), TYPES[path.suffix]) for path in found}


def log_failures(handler: tornado.web.RequestHandler) -> None:
    """Say which addresses failed, without what readers asked of them: it may hold a token."""
    if handler.get_status() >= 500 and handler.get_status() != 503:
        sys.stderr.write(f"{handler.request.method} {handler.request.path} failed\n")
