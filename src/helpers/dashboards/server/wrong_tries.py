"""Wrong tries: who has to wait after them, and whose turn it is where many try at a time.

What a reader can change at will does not count: an address is that of the connection, or the one
that the web server in front saw. Strangers cannot keep out a reader who knows the password: each
address waits for its own wrong tries only, and so does a device that has logged in before. If more
try at a time than the server accepts, those without wrong tries come first.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from enum import IntEnum

from helpers.dashboards.server.addresses import household, neighbourhood

FREE = 5  # wrong tries of an address before the next one has to wait
LONGEST = 60.0  # seconds; each wrong try doubles the wait until then
FORGOTTEN = 900.0  # seconds after which wrong tries are forgotten
KNOWN = 10_000  # addresses of which wrong tries are remembered
PACE = 0.05  # seconds from one accepted try to the next, from any address
LINE = 400  # tries that may wait for their turn; the last of them for 20 s


class Rank(IntEnum):
    """Who comes first."""

    KNOWN = 0  # a device that was in before
    FRESH = 1  # an address without wrong tries
    WRONG = 2


class QueueFull(Exception):
    """More wait than can be heard."""


class Tries:
    """Wrong tries: each address has a few, then waits, twice as long after each further one.

    The source of a try is an address, or any other name, such as a device's.
    """

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wrong(self, who: str) -> int:
        """Return how many wrong tries are remembered."""
        times, last = self._wrong.get(household(who), (0, 0.0))
        return 0 if time.monotonic() - last > FORGOTTEN else times

    def wait(self, who: str) -> float:
        """Return the seconds until an address is listened to."""
        times = self.wrong(who)
        if times < FREE:
            return 0.0
        last = self._wrong[household(who)][1]
        return max(0.0, last + min(LONGEST, 2.0 ** min(times - FREE, 10)) - time.monotonic())

    def note(self, who: str, right: bool) -> None:
        """Remember how a try ended. One in the making counts as wrong: many come at once."""
        times = self.wrong(who)
        self._wrong.pop(household(who), None)
        if right:
            return
        self._wrong[household(who)] = times + 1, time.monotonic()
        if len(self._wrong) > KNOWN:
            self._wrong.popitem(last=False)


Waiting = tuple[str, asyncio.Future[bool]]


class Turns:
    """Check tries one at a time and not too fast; no source can crowd out another.

    Parameters
    ----------
    check
        Returns whether the secret is right.

    Notes
    -----
    Ranks are heard one after the other; within one, neighbourhoods take turns, one try each. Where
    no more can wait, the last of the largest crowd is turned away.
    """

    def __init__(self, check: Callable[[str], Awaitable[bool]]) -> None:
        self.check = check
        self._lines: dict[Rank, OrderedDict[str, deque[Waiting]]]
        self._lines = {rank: OrderedDict() for rank in Rank}
        self._waiting = 0
        self._hearing: asyncio.Task[None] | None = None

    async def right(self, said: str, rank: Rank, who: str) -> bool:
        """Wait for a turn; return whether it is right.

        Raises
        ------
        Full
            If too many wait.
        """
        heard = asyncio.get_running_loop().create_future()
        self._lines[rank].setdefault(neighbourhood(who), deque()).append((said, heard))
        self._waiting += 1
        if self._waiting > LINE:
            self._turn_away()
        if self._hearing is None or self._hearing.done():
            self._hearing = asyncio.ensure_future(self._hear())
        return await heard

    def _turn_away(self) -> None:
        lines = next(self._lines[rank] for rank in reversed(Rank) if self._lines[rank])
        # Of crowds of one size the one that came last: what waited is heard.
        largest = max(reversed(lines), key=lambda name: len(lines[name]))
        self._take(lines, largest, last=True)[1].set_exception(QueueFull())

    def _take(
        self, lines: OrderedDict[str, deque[Waiting]], name: str, last: bool = False
    ) -> Waiting:
        line = lines.pop(name)
        taken = line.pop() if last else line.popleft()
        if line:
            lines[name] = line
        self._waiting -= 1
        return taken

    async def _hear(self) -> None:
        while self._waiting:
            lines = next(self._lines[rank] for rank in Rank if self._lines[rank])
            said, heard = self._take(lines, next(iter(lines)))
            if heard.done():  # the reader has left
                continue
            pace = asyncio.ensure_future(asyncio.sleep(PACE))
            came: bool | Exception
            try:
                came = await self.check(said)
            except Exception as error:
                came = error
            if not heard.done():
                if isinstance(came, Exception):
                    heard.set_exception(came)
                else:
                    heard.set_result(came)
            await pace

    async def stop(self) -> None:
        """Accept no more tries."""
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.gather(self._hearing, return_exceptions=True)
