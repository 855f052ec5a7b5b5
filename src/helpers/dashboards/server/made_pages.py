"""Pages made once: what a page shows depends on release and notebook alone, never on its reader.

Whoever asks first has the page made; whoever asks meanwhile follows the same making; then its
bytes are kept until another release, or another notebook, is taken over. A page that could not be
made is not kept; it is tried again, but not at once for every reader.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from helpers.dashboards.staging import Served

PATIENCE = 20.0  # seconds that a page may take, its place in line included
PAUSES = (0.3, 1.0, 3.0, 10.0, 30.0)  # seconds before a page that failed is tried again
GATHERED = 0.005  # seconds: parts come in handfuls
# Stands in a page in place of what was asked for. Text of a survey cannot hold it: its signs < and
# > are always written as something else.
STAND_IN = " data-again>"
SHOWS = ' class="page"'


@dataclass(frozen=True)
class Made:
    """A page as it is sent."""

    raw: bytes
    small: bytes = field(repr=False)
    etag: str

    @classmethod
    def of(cls, raw: bytes) -> Made:
        """Compress it once for all readers."""
        etag = f'"{hashlib.sha256(raw).hexdigest()[:16]}"'
        return cls(raw, gzip.compress(raw, compresslevel=9, mtime=0), etag)


@dataclass(frozen=True)
class Rest:
    """Seconds until a page that could not be made is tried again."""

    seconds: float


class Making:
    """A page while it is being made.

    Attributes
    ----------
    parts : what there is of it so far
    waits : "line" or "kernel" while readers see nothing but words; else empty
    ended : whether nothing more comes
    whole : whether it became the page that was asked for
    wanted : whether a reader has asked for it
    """

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.waits = ""
        self.ended = False
        self.whole = False
        self.wanted = False
        self.task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    def add(self, part: str) -> None:
        """Append what came."""
        self.parts.append(part)
        if SHOWS in part:
            self.waits = ""
        self._wake()

    def end(self, whole: bool) -> None:
        """Say that this was all."""
        self.ended, self.whole = True, whole
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def more(self, seen: int, within: float | None = None) -> str | None:
        """Return what comes after the first `seen` parts.

        Returns
        -------
        str or None
            Empty if nothing came `within` so many seconds; None if nothing more will come.
        """
        if len(self.parts) == seen and not self.ended:
            try:
                await asyncio.wait_for(self._changed.wait(), within)
            except TimeoutError:
                return ""
            await asyncio.sleep(GATHERED)
        if len(self.parts) == seen and self.ended:
            return None
        return "".join(self.parts[seen:])


Make = Callable[[str, Making], AsyncIterator[str]]


class Pages:
    """The pages that are kept, and those that are being made.

    Parameters
    ----------
    served
        What pages are made from; its number says when they are others.
    make
        Makes the page of a name part by part; raises an error where it cannot.
    failure
        Returns the HTML that ends a page which could not be made.
    log
        Where to say what went wrong, for those who run the dashboards.
    """

    def __init__(
        self, served: Served, make: Make, failure: Callable[[], str], log: logging.Logger
    ) -> None:
        self.served = served
        self.make = make
        self.failure = failure
        self.log = log
        self._number = served.number
        self._kept: dict[str, Made] = {}
        self._making: dict[str, Making] = {}
        self._failed: dict[str, tuple[int, float]] = {}  # how often, and when it is tried again
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False

    def visit(self, name: str, wanted: bool = True) -> Made | Making | Rest:
        """Return the page of a name; begin to make it where nobody has.

        What is still being made of another release is made to the end for readers who follow it;
        else it only keeps others from their kernel.
        """
        if self._number != self.served.number:
            for old in self._making.values():
                if old.task is not None and not old.wanted:
                    old.task.cancel()
            self._number = self.served.number
            self._kept, self._making, self._failed = {}, {}, {}
        if name in self._kept:
            return self._kept[name]
        if name in self._making:
            self._making[name].wanted |= wanted
            return self._making[name]
        if self._stopped:
            return Rest(1.0)
        rest = self._failed.get(name, (0, 0.0))[1] - asyncio.get_running_loop().time()
        if rest > 0:
            return Rest(rest)
        making = self._making[name] = Making()
        making.wanted = wanted
        task = making.task = asyncio.ensure_future(self._make(name, making, self._number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return making

    async def prepare(self, name: str, within: float) -> bool:
        """Have a page made before anybody asks; return whether it is there in time.

        One that failed is left until a reader asks: it might fail for ever.
        """
        if self._number == self.served.number and name in self._failed:
            return False
        making = self.visit(name, wanted=False)
        if isinstance(making, Making):
            until = asyncio.get_running_loop().time() + within
            while not making.ended and (left := until - asyncio.get_running_loop().time()) > 0:
                await making.more(len(making.parts), left)
        return name in self._kept

    async def stop(self) -> None:
        """Make nothing more, whoever asks."""
        self._stopped = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _make(self, name: str, making: Making, number: int) -> None:
        made = None
        try:
            async with asyncio.timeout(PATIENCE):
                async for part in self.make(name, making):
                    making.add(part)
            page = "".join(making.parts)
            if STAND_IN not in page:
                if SHOWS not in page:
                    raise RuntimeError("its notebook showed nothing")
                made = await asyncio.to_thread(Made.of, page.encode())
        except TimeoutError:
            self.log.error("page %s was not made within %g seconds", name, PATIENCE)
            making.add(self.failure())
        except Exception:
            self.log.exception("page %s could not be made", name)
            making.add(self.failure())
        finally:
            if number == self._number:
                self._making.pop(name, None)
                self._note(name, made)
            making.end(made is not None)

    def _note(self, name: str, made: Made | None) -> None:
        if made is not None:
            self._kept[name] = made
            self._failed.pop(name, None)
            return
        times = self._failed.get(name, (0, 0.0))[0]
        pause = PAUSES[min(times, len(PAUSES) - 1)]
        self._failed[name] = times + 1, asyncio.get_running_loop().time() + pause
