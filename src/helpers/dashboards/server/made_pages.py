"""Render each page once and serve the same bytes to every reader.

One task makes them one after the other, again for every release or notebook that is taken over. A
page that could not be made is never kept: the task tries it again after the others. A page that
itself says why there is nothing to show is kept until the next release.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import logging
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import tornado.web

from helpers.dashboards.staging import Served

PATIENCE = 20.0  # seconds that a page may take
PAUSE = 5.0  # seconds until a page that failed is tried again
LOOK = 2.0  # seconds between two looks at the release
# Replaces the requested page in the output. Text of a survey cannot hold it: its characters < and
# > are always written as something else.
STAND_IN = " data-again>"
SHOWS = ' class="page"'


class Content:
    """What many are sent: compressed once, and held in memory.

    Parameters
    ----------
    raw
        Its bytes, text in UTF-8.
    kind
        Its type, such as ``text/html``.
    """

    def __init__(self, raw: bytes, kind: str) -> None:
        self.raw = raw
        self.kind = kind
        self.small = gzip.compress(raw, compresslevel=9, mtime=0)
        self.etag = f'"{hashlib.sha256(raw).hexdigest()[:16]}"'

    def send(self, handler: tornado.web.RequestHandler) -> None:
        """Write it, or say that the reader already has it."""
        handler.set_header("Content-Type", f"{self.kind}; charset=utf-8")
        handler.set_header("Etag", self.etag)
        if handler.check_etag_header():
            handler.set_status(304)
        elif "gzip" in handler.request.headers.get("Accept-Encoding", ""):
            handler.set_header("Content-Encoding", "gzip")
            handler.write(self.small)
        else:
            handler.write(self.raw)


@dataclass(frozen=True)
class Failure:
    """Why there is no page.

    Attributes
    ----------
    again : when it is tried again, by the clock of the loop
    html : what the page says itself of why there is nothing to show; else empty
    """

    again: float
    html: str = ""


class Pages:
    """The pages of what is served, as far as they are made.

    Parameters
    ----------
    served
        What pages are made from; its number says when they are others.
    render
        Returns the HTML of the page of a name, or raises an error.
    log
        Where to say what went wrong, for those who run the dashboards.
    """

    def __init__(
        self, served: Served, render: Callable[[str], Awaitable[str]], log: logging.Logger
    ) -> None:
        self.served = served
        self.render = render
        self.log = log
        self._number = served.number
        self._found: dict[str, Content | Failure] = {}
        self._waited_for: dict[str, None] = {}
        self._asked = asyncio.Event()
        self._making: asyncio.Future[str] | None = None

    def visit(self, name: str) -> Content | Failure | None:
        """Return the page of a name, or why there is none; with None it is made next."""
        self._take_over()
        if name not in self._found:
            self._waited_for[name] = None
            self._asked.set()
        return self._found.get(name)

    async def keep(self, ready: Callable[[bool], None]) -> None:
        """Render page after page and check for new releases and notebooks, forever.

        Parameters
        ----------
        ready
            Told once whether the index page, the first of all, could be made.
        """
        if not self.served.problem:
            await self._make("index")
        ready(isinstance(self._found.get("index"), Content))
        while True:
            try:
                await self.served.refresh()
                self._take_over()
                if name := self._next():
                    await self._make(name)
                    continue
            except Exception:
                self.log.exception("the release could not be checked")
            self._asked.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), LOOK)

    def _take_over(self) -> None:
        """Forget the pages of another release, the one in the making too."""
        if self._number != self.served.number:
            self._number = self.served.number
            self._found, self._waited_for = {}, {}
            if self._making is not None:
                self._making.cancel()

    def _next(self) -> str | None:
        """Return what readers wait for, else what is not made, else what failed some time ago."""
        if self.served.problem:
            return None
        for name in (*self._waited_for, *self.served.names()):
            if name not in self._found:
                return name
        now = asyncio.get_running_loop().time()
        failed = (n for n, f in self._found.items() if isinstance(f, Failure) and f.again <= now)
        return next(failed, None)

    async def _make(self, name: str) -> None:
        number = self._number
        found: Content | Failure | None = None
        self._making = asyncio.ensure_future(self.render(name))
        try:
            async with asyncio.timeout(PATIENCE):
                html = await self._making
            if SHOWS not in html:
                raise RuntimeError("its notebook showed nothing")
            if STAND_IN in html:
                self.log.error("page %s has nothing to show", name)
                found = Failure(math.inf, html)
            else:
                found = await asyncio.to_thread(Content, html.encode(), "text/html")
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
        except TimeoutError:
            self.log.error("page %s was not made within %g seconds", name, PATIENCE)
        except Exception:
            first = name not in self._found
            self.log.error("page %s could not be made", name, exc_info=first)
        if number == self._number:
            self._waited_for.pop(name, None)
            self._found.pop(name, None)  # a failure goes to the end
            again = asyncio.get_running_loop().time() + PAUSE
            self._found[name] = found or Failure(again)
