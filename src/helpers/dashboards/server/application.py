"""The closed Voila application behind `serve`: only pages and a few static files.

Voila's own routes to kernels, files, contents and file trees are not registered: a finished page
needs none of them. Pages are made before they are asked for, once for all readers.
"""

from __future__ import annotations

import asyncio
import errno
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import tornado.ioloop
import tornado.web
from jupyter_server.utils import url_path_join
from nbformat import NotebookNode
from tornado.httputil import HTTPServerRequest
from voila.app import Voila
from voila.notebook_renderer import NotebookRenderer

from helpers.dashboards import execution
from helpers.dashboards.server.addresses import Network, Public, address_of, is_local, port_taken
from helpers.dashboards.server.credentials import Secrets
from helpers.dashboards.server.login import Login, Logout, Readers
from helpers.dashboards.server.made_pages import Failure, Pages
from helpers.dashboards.server.notices import (
    ErrorMessages,
    Health,
    Home,
    NotFound,
    Static,
    Summary,
    log_failures,
    static_files,
)
from helpers.dashboards.server.sessions import Sessions
from helpers.dashboards.server.wrong_tries import Tries, Turns
from helpers.dashboards.staging import Served

SOON = 0.25  # seconds within which a reader sees something, whatever it is
IDLE = 75.0  # seconds after which a silent connection is closed
WAITING = 1024  # connections that may wait to be taken up: readers come in crowds
LARGEST_FORM = 2**14  # bytes
NOT_FRAMED = "frame-ancestors 'none'"


class Dashboards(Voila):
    """Voila with a short list of routes, and pages that are made once."""

    identity_provider_class = Readers

    ready: Callable[[bool], None]
    served: Served
    secrets: Secrets
    sessions: Sessions
    public: Public | None = None
    fronts: Sequence[Network] = ()

    def initialize(self, argv: list[str] | None = None) -> None:
        """Read the settings; stop in the same way for every signal."""
        super().initialize(argv)
        for name in ("SIGINT", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._handle_signal_stop)

    def init_settings(self) -> dict[str, Any]:
        """Return Voila's settings, with our login."""
        self.token = ""
        self.cookie_secret = self.sessions.key(self.secrets.mark)
        settings = super().init_settings()
        secure = self.public is not None and self.public.secure
        readers = self.identity_provider
        readers.secrets, readers.sessions = self.secrets, self.sessions
        readers.tries, readers.turns = Tries(), Turns(readers.knows)
        readers.address, readers.secure_cookie = self.address, secure
        names = ["localhost", *([self.public.host] if self.public else [])]
        return {
            **settings,
            # Another name in a browser on this machine may be another site's, led here to read.
            "allow_remote_access": self.public is None and not is_local(self.ip),
            "local_hostnames": names,
            "xsrf_cookie_kwargs": {"httponly": True, "samesite": "Lax", "secure": secure},
            "log_function": log_failures,
        }

    def init_handlers(self) -> list[Any]:
        """Return every route there is."""

        def at(path: str) -> str:
            return url_path_join(self.server_url, path)

        self.pages = Pages(self.served, self.render, self.log)
        entrance = [(at("/login"), Login), (at("/logout"), Logout)]
        return [
            (at("/"), Home, {"served": self.served}),
            (at("/healthz"), Health),
            *(entrance if self.secrets.asked else []),
            (
                at(r"/voila/render/([a-z0-9_]+)\.ipynb"),
                PageHandler,
                {"pages": self.pages, "others": self.others},
            ),
            (at(r"/voila/render/([a-z0-9_]+)\.pdf"), Summary, {"served": self.served}),
            (
                at(r"/voila/templates/insights/static/([a-z]+\.[a-z]+)"),
                Static,
                {"files": static_files()},
            ),
            (r".*", NotFound),
        ]

    def address(self, request: HTTPServerRequest) -> str:
        """Return the address that a reader asks from."""
        said = ",".join(request.headers.get_list("X-Forwarded-For"))
        return address_of(request.remote_ip or "", said, self.fronts)

    def others(self) -> tuple[str, ...]:
        """Return which websites may show single questions; none where readers log in."""
        return () if self.secrets.asked else self.served.embed

    async def render(self, name: str) -> str:
        """Return the HTML of a page: Voila's rendering of its notebook."""
        notebook = await execution.page(self.served, name, Path(self.connection_dir))
        renderer = Renderer(
            notebook,
            notebook_path=f"{name}.ipynb",
            page_config={"login": self.secrets.asked, "embed": bool(self.others())},
            base_url=self.base_url,
            template_paths=self.template_paths,
            traitlet_config=self.config,
            voila_configuration=self.voila_configuration,
            contents_manager=self.contents_manager,
        )
        await renderer.initialize()
        return str(await renderer.generate_content_str())

    def listen(self) -> None:
        """Serve until stopped."""
        try:
            self.app.listen(
                self.port,
                self.ip,
                backlog=WAITING,
                xheaders=False,  # would believe X-Real-Ip, which readers can send
                max_body_size=LARGEST_FORM,
                idle_connection_timeout=IDLE,
                body_timeout=IDLE,
            )
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise port_taken(self.port) from error  # it was free when it was looked at
        self.ioloop = tornado.ioloop.IOLoop.current()
        self.keeping = asyncio.ensure_future(self.pages.keep(self.ready))
        try:
            self.ioloop.start()
        finally:
            self.stop()

    def _handle_signal_stop(self, sig: int, frame: Any) -> None:
        self.ioloop.add_callback_from_signal(self.wind_up)

    async def wind_up(self) -> None:
        """Make nothing more, then stop; do not log cancelled pages."""
        self.log.disabled = True
        self.keeping.cancel()
        await asyncio.wait({self.keeping})
        await self.identity_provider.turns.stop()
        self.ioloop.stop()

    def stop(self) -> None:
        """Remove what kernels wrote; each has ended with its page."""
        shutil.rmtree(self.connection_dir, ignore_errors=True)


class Renderer(NotebookRenderer):
    """Voila's renderer for a notebook that was executed already."""

    def __init__(self, executed: NotebookNode, **parts: Any) -> None:
        super().__init__(**parts)
        self.executed = executed

    async def load_notebook(self, path: str) -> NotebookNode:
        """Return the notebook."""
        return self.executed

    async def _jinja_kernel_start(self, nb: NotebookNode, *_: Any, **__: Any) -> str:
        return ""

    async def _jinja_cell_generator(
        self, nb: NotebookNode, kernel_id: str
    ) -> AsyncIterator[NotebookNode]:
        for cell in nb.cells:
            yield cell


class PageHandler(ErrorMessages):
    """One page, from what is kept; else words why there is none."""

    def initialize(self, pages: Pages, others: Callable[[], Sequence[str]]) -> None:
        """Take the pages, and what says which websites may show a question of them."""
        self.pages = pages
        self.others = others
        self.served = pages.served

    @tornado.web.authenticated
    async def get(self, name: str) -> None:
        """Write a notebook of the dashboards, or the page of the release with that name."""
        if self.get_query_argument("embed", "") and (others := self.others()):
            self._frame_in(others)  # what stands in for the page, too: it asks for it again
        try:
            async with asyncio.timeout(SOON):
                await self.served.refresh()
        except TimeoutError:
            return self.stand_in("prepared")
        if self.served.problem:
            return self.stand_in("nothing", self.served.problem)
        if not self.served.shows(name):
            raise tornado.web.HTTPError(404)
        page = self.pages.visit(name)
        if page is None:
            return self.stand_in("prepared")
        if isinstance(page, Failure):
            return self.stand_in("failed", html=page.html)
        self.set_header("Cache-Control", "private, no-cache")
        page.send(self)
        return None

    head = get

    def _frame_in(self, others: Sequence[str]) -> None:
        """Let websites show the page; its script then shows one question of it."""
        policy = self._headers["Content-Security-Policy"]
        framed = policy.replace(NOT_FRAMED, f"frame-ancestors {' '.join(others)}")
        self.set_header("Content-Security-Policy", framed)
