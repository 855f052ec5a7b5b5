"""The closed Voila application behind `serve`: pages, two static files, and nothing else.

Voila's own routes to kernels, files, contents and file trees are not registered: a finished page
needs none of them. A kernel lives for one page and ends when the page is out.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import nbformat
import tornado.ioloop
import tornado.web
from jupyter_core.utils import run_sync
from jupyter_server.auth.identity import PasswordIdentityProvider, User
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado.httpclient import AsyncHTTPClient
from tornado.iostream import StreamClosedError
from voila.app import Voila
from voila.execute import VoilaExecutor
from voila.notebook_renderer import NotebookRenderer

from helpers.display.kernels import Kernel, Kernels
from helpers.display.staging import Served

ATTEMPTS = 5

STATIC = Path(__file__).parent / "page" / "voila" / "templates" / "insights" / "static"
TYPES = {".js": "text/javascript", ".css": "text/css"}
PATIENCE = 60.0
LONGEST_SOCKET = 107 - len("/kernel-00000000-0000-0000-0000-000000000000-ipc-0")


class Anyone(PasswordIdentityProvider):
    """Readers without a login are all the same, so that no cookie has to tell them apart."""

    def get_user(self, handler: tornado.web.RequestHandler) -> User | None | Awaitable[User | None]:
        """Return the one reader where no login is asked for."""
        return super().get_user(handler) if self.auth_enabled else User("reader")


class Dashboards(Voila):
    """Voila with a short list of routes, compression, and kernels that end with their page."""

    identity_provider_class = Anyone

    ready: Callable[[bool], None]
    served: Served

    def initialize(self, argv: list[str] | None = None) -> None:
        """Read the settings; stop in the same way however one is told to."""
        super().initialize(argv)
        for name in ("SIGINT", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._handle_signal_stop)

    def init_settings(self) -> dict[str, Any]:
        """Return Voila's settings, with compression, places for kernels and no open ports."""
        if sys.platform == "linux" and len(self.connection_dir) < LONGEST_SOCKET:
            self.config.KernelManager.transport = "ipc"
        settings = super().init_settings()
        kernels = Kernels(self.kernel_manager, PATIENCE)
        return {**settings, "compress_response": True, "kernels": kernels}

    def init_handlers(self) -> list[Any]:
        """Return every route there is."""

        def at(path: str) -> str:
            return url_path_join(self.server_url, path)

        page = {
            "template_paths": self.template_paths,
            "traitlet_config": self.config,
            "voila_configuration": self.voila_configuration,
        }
        pages = {"parts": page, "served": self.served}
        files = {"files": static_files()}
        return [
            (at("/"), Home),
            (at("/healthz"), Health),
            (at(r"/voila/render/([a-z0-9_]+)\.ipynb"), Page, pages),
            (at(r"/voila/templates/insights/static/([a-z]+\.[a-z]+)"), Static, files),
            (r".*", Nothing),
        ]

    def listen(self) -> None:
        """Serve until stopped."""
        tornado.ioloop.IOLoop.current().add_callback(self.try_out)
        super().listen()

    async def try_out(self) -> None:
        """Fetch the index page as a reader would, so that the first reader waits for nothing."""
        address = f"http://{self.ip}:{self.port}{self.base_url}voila/render/index.ipynb"
        answer = await AsyncHTTPClient().fetch(address, raise_error=False, request_timeout=PATIENCE)
        self.ready(answer.code == 200 and b"page could not be made" not in answer.body)

    def stop(self) -> None:
        """End every kernel at once, and remove what Voila wrote."""
        for _ in range(ATTEMPTS):
            try:
                run_sync(self.kernel_manager.shutdown_all)(now=True)
                break
            except tornado.web.HTTPError:
                continue  # one ended by itself meanwhile; the others are still to be stopped
        shutil.rmtree(self.connection_dir, ignore_errors=True)


class Home(JupyterHandler):
    """The address without a path leads to the index page."""

    @tornado.web.authenticated
    def get(self) -> None:
        """Redirect."""
        self.redirect(url_path_join(self.base_url, "voila/render/index.ipynb"))


class Health(tornado.web.RequestHandler):
    """Says that the server answers."""

    def get(self) -> None:
        """Write one word."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.write("ok\n")


class Worded(JupyterHandler):
    """Errors in words, in the dress of the pages."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write a page that says what happened, never how."""
        template = self.settings["voila_jinja2_env"].get_template("words.html")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(template.render(status=status_code, base_url=self.base_url))


class Nothing(Worded):
    """Every other address."""

    def prepare(self) -> None:  # type: ignore[override]
        """Say that there is no such page."""
        raise tornado.web.HTTPError(404)


class Static(tornado.web.RequestHandler):
    """The script and the style, compressed once and held in memory."""

    def initialize(self, files: dict[str, StaticFile]) -> None:
        """Take the files."""
        self.files = files

    def get(self, name: str) -> None:
        """Write a file; for ever where its address names its version."""
        file = self.files.get(name)
        if file is None:
            raise tornado.web.HTTPError(404)
        for header, value in self.settings["headers"].items():
            self.set_header(header, value)
        self.set_header("Content-Type", f"{file.kind}; charset=utf-8")
        lasting = "max-age=31536000, immutable" if self.get_query_argument("v", "") else "no-cache"
        self.set_header("Cache-Control", lasting)
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("Etag", file.etag)
        if self.check_etag_header():
            self.set_status(304)
        elif "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.write(file.small)
        else:
            self.write(file.raw)


class StaticFile:
    """One file of the page, with what is sent of it."""

    def __init__(self, path: Path) -> None:
        self.raw = path.read_bytes()
        self.small = gzip.compress(self.raw, compresslevel=9, mtime=0)
        self.kind = TYPES[path.suffix]
        self.etag = f'"{hashlib.sha256(self.raw).hexdigest()[:16]}"'


def static_files() -> dict[str, StaticFile]:
    """Return the static files by name."""
    return {path.name: StaticFile(path) for path in STATIC.iterdir() if path.suffix in TYPES}


class Page(Worded):
    """One page: words at once, then what its notebook shows; its kernel ends with it."""

    def initialize(self, parts: dict[str, Any], served: Served) -> None:
        """Take what the renderer needs, and what is served."""
        self.parts = parts
        self.served = served

    @tornado.web.authenticated
    async def get(self, name: str) -> None:
        """Render a notebook of the dashboards, or the page of the release that bears the name."""
        await self.served.refresh()
        renderer = Renderer(
            served=self.served,
            request_handler=self,
            notebook_path=f"{name}.ipynb",
            config_manager=self.config_manager,
            contents_manager=self.contents_manager,
            kernel_spec_manager=self.kernel_spec_manager,
            base_url=self.base_url,
            page_config={},
            **self.parts,
        )
        await renderer.initialize()
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        kernels: Kernels = self.settings["kernels"]
        async with kernels.one() as take:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self.stream(renderer.generate_content_generator("", take))
                self.finish()
            except StreamClosedError:
                self.log.info("the reader left before the page was made")
            except Exception:
                if not self._headers_written:
                    raise
                self.log.exception("page %s could not be made", name)
                words = self.settings["voila_jinja2_env"].get_template("failure.html").render()
                self.finish(f"{words}\n</body>\n</html>\n")

    async def stream(self, snippets: AsyncGenerator[tuple[str, Any], None]) -> None:
        """Write what there is whenever the next part lets the reader wait."""
        while True:
            following = asyncio.ensure_future(anext(snippets, None))
            done, _ = await asyncio.wait({following}, timeout=0.005)
            if not done:
                await self.flush()
            snippet = await following
            if snippet is None:
                return
            self.write(snippet[0])


class Renderer(NotebookRenderer):
    """Voila's renderer, with kernels that wait; a page needs no notebook of its own."""

    def __init__(self, served: Served, **parts: Any) -> None:
        super().__init__(**parts)
        self.served = served

    async def _jinja_kernel_start(
        self, nb: Any, kernel_id: str, kernel_future: Callable[[], Awaitable[Kernel]]
    ) -> str:
        kernel = await kernel_future()
        self.executor = VoilaExecutor(
            nb,
            km=kernel.manager,
            config=self.traitlet_config,
            show_tracebacks=self.voila_configuration.show_tracebacks,
        )
        self.executor.kc = kernel.client
        self.kernel_started = True
        return kernel.id

    async def load_notebook(self, path: str) -> Any:
        """Return the notebook in the dashboards' folder, else two lines that show the page."""
        name = path.removesuffix(".ipynb")
        own = self.served.pages / path
        if own.is_file():
            notebook = nbformat.read(own, as_version=4)
        elif self.served.shows(name):
            lines = f'from helpers.display import explorer\n\nexplorer.page("{name}")'
            notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(lines)])
        else:
            raise tornado.web.HTTPError(404)
        return await self.fix_notebook(notebook)
