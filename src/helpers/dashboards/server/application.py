"""The closed Voila application behind `serve`: pages, a few static files, and nothing else.

Voila's own routes to kernels, files, contents and file trees are not registered: a finished page
needs none of them. Pages are made before they are asked for, once for all readers.
"""

from __future__ import annotations

import asyncio
import errno
import math
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

import tornado.ioloop
import tornado.web
from jupyter_core.utils import run_sync
from jupyter_server.utils import url_path_join
from tornado.httputil import HTTPServerRequest
from tornado.iostream import StreamClosedError
from voila.app import Voila

from helpers.dashboards.server.addresses import Network, Public, address_of, is_local, port_taken
from helpers.dashboards.server.credentials import Secrets
from helpers.dashboards.server.kernels import Kernels
from helpers.dashboards.server.login import Login, Logout, Readers
from helpers.dashboards.server.made_pages import PATIENCE, Made, Making, Pages, Rest
from helpers.dashboards.server.notices import (
    Health,
    Home,
    Nothing,
    Static,
    Worded,
    log_failures,
    send,
)
from helpers.dashboards.server.notices import static_files as static_files
from helpers.dashboards.server.sessions import Sessions
from helpers.dashboards.server.voila_page import made
from helpers.dashboards.server.wrong_tries import Tries, Turns
from helpers.dashboards.staging import Served

ATTEMPTS = 5
SOON = 0.25  # seconds within which a reader sees something, whatever it is
LATE = 1.2  # seconds after which a reader who still waits is told why
LOOK = 2.0  # seconds between two looks at the release
NEXT = 3.0  # seconds after which the next page is made beside one that takes long
IDLE = 75.0  # seconds after which a silent connection is closed
WAITING = 1024  # connections that may wait to be taken up: readers come in crowds
LARGEST_FORM = 2**14  # bytes
LONGEST_SOCKET = 107 - len("/kernel-00000000-0000-0000-0000-000000000000-ipc-0")


class Compressing(tornado.web.GZipContentEncoding):
    """Compresses what is written while it is made; many readers may be waiting for it at once."""

    GZIP_LEVEL = 1


class Dashboards(Voila):
    """Voila with a short list of routes, and pages that are made once."""

    identity_provider_class = Readers

    ready: Callable[[bool], None]
    served: Served
    most_kernels: int
    secrets: Secrets
    sessions: Sessions
    public: Public | None = None
    fronts: Sequence[Network] = ()

    def initialize(self, argv: list[str] | None = None) -> None:
        """Read the settings; stop in the same way however one is told to."""
        super().initialize(argv)
        for name in ("SIGINT", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._handle_signal_stop)

    def init_settings(self) -> dict[str, Any]:
        """Return Voila's settings, with our login, and without open ports for kernels."""
        if sys.platform == "linux" and len(self.connection_dir) < LONGEST_SOCKET:
            self.config.KernelManager.transport = "ipc"
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
            "transforms": [Compressing],
            "log_function": log_failures,
        }

    def init_handlers(self) -> list[Any]:
        """Return every route there is."""

        def at(path: str) -> str:
            return url_path_join(self.server_url, path)

        self.pages = Pages(self.served, self.make, self.failure, self.log)
        self.kernels = Kernels(self.kernel_manager, self.most_kernels)
        pages = {"served": self.served, "pages": self.pages}
        entrance = [(at("/login"), Login), (at("/logout"), Logout)]
        return [
            (at("/"), Home),
            (at("/healthz"), Health),
            *(entrance if self.secrets.asked else []),
            (at(r"/voila/render/([a-z0-9_]+)\.ipynb"), PageHandler, pages),
            (
                at(r"/voila/templates/insights/static/([a-z]+\.[a-z]+)"),
                Static,
                {"files": static_files()},
            ),
            (r".*", Nothing),
        ]

    def address(self, request: HTTPServerRequest) -> str:
        """Return the address that a reader asks from."""
        said = ",".join(request.headers.get_list("X-Forwarded-For"))
        return address_of(request.remote_ip or "", said, self.fronts)

    def make(self, name: str, making: Making) -> Any:
        """Make a page through Voila and a kernel."""
        parts = {
            "template_paths": self.template_paths,
            "traitlet_config": self.config,
            "voila_configuration": self.voila_configuration,
            "config_manager": self.config_manager,
            "contents_manager": self.contents_manager,
            "kernel_spec_manager": self.kernel_spec_manager,
            "base_url": self.base_url,
            "login": self.secrets.asked,
        }
        return made(name, making, self.kernels, self.served, parts)

    def failure(self) -> str:
        """Return the end of a page that could not be made."""
        words = self.app.settings["voila_jinja2_env"].get_template("failure.html").render()
        return f"{words}\n</body>\n</html>\n"

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
        self.keeping = asyncio.ensure_future(self.keep_up())
        try:
            self.ioloop.start()
        finally:
            self.stop()

    async def keep_up(self) -> None:
        """Have every page made before it is asked for, at the start and for every new release."""
        self.ready(await self.pages.prepare("index", PATIENCE))
        while True:
            try:
                await self.served.refresh()
                for name in [] if self.served.problem else self.served.names():
                    await self.pages.prepare(name, NEXT)
            except Exception:
                self.log.exception("the release could not be looked at")
            await asyncio.sleep(LOOK)

    def _handle_signal_stop(self, sig: int, frame: Any) -> None:
        self.ioloop.add_callback_from_signal(self.wind_up)

    async def wind_up(self) -> None:
        """Make nothing more, then stop; that a page in the making is not made is no news."""
        self.log.disabled = True
        self.keeping.cancel()
        await self.pages.stop()
        await self.identity_provider.turns.stop()
        self.ioloop.stop()

    def stop(self) -> None:
        """End every kernel at once, and remove what Voila wrote."""
        for _ in range(ATTEMPTS):
            try:
                run_sync(self.kernel_manager.shutdown_all)(now=True)
                break
            except tornado.web.HTTPError:
                continue  # one ended by itself meanwhile; the others are still to be stopped
        shutil.rmtree(self.connection_dir, ignore_errors=True)


class PageHandler(Worded):
    """One page: whole, from what is kept; else words at once, then what comes of it."""

    def initialize(self, served: Served, pages: Pages) -> None:
        """Take what is served, and the pages made of it."""
        self.served = served
        self.pages = pages

    @tornado.web.authenticated
    async def get(self, name: str) -> None:
        """Write a notebook of the dashboards, or the page of the release that bears the name."""
        try:
            async with asyncio.timeout(SOON):
                await self.served.refresh()
        except TimeoutError:
            return self.stand_in("renewed", 1)
        if self.served.problem:
            return self.stand_in("nothing", 5, self.served.problem)
        if not self.served.shows(name):
            raise tornado.web.HTTPError(404)
        page = self.pages.visit(name)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        if isinstance(page, Rest):
            return self.stand_in("failed", math.ceil(page.seconds))
        if isinstance(page, Made):
            self.set_header("Cache-Control", "private, no-cache")
            send(self, page.raw, page.small, page.etag)
            return None
        self.set_header("Cache-Control", "no-store")
        try:
            await self.follow(page)
        except StreamClosedError:
            self.log.info("the reader left before the page was made")
        return None

    head = get

    async def follow(self, page: Making) -> None:
        """Write what there is of a page that is being made, and words where nothing comes."""
        seen, told = 0, False
        clock = asyncio.get_running_loop().time
        until = clock() + LATE
        while True:
            text = await page.more(seen, None if told else max(0, until - clock()))
            if text is None:
                break
            seen = len(page.parts)
            if page.ended and not page.whole and not self._headers_written:
                return self.stand_in("failed", 1)
            if not text:
                told = True
                text = self.words("news.html", waits=page.waits) if page.waits else ""
            self.write(text)
            if not page.ended:
                await self.flush()
        return None
