"""Kernels of the dashboards: one for each page that is being made, gone once it is."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from jupyter_core.utils import ensure_async

from helpers.errors import InsightsError

MOST = max(4, 2 * (os.cpu_count() or 1))
KERNELS_VARIABLE = "INSIGHTS_KERNELS"

CONFINED = "insights"  # page/kernels/insights: a kernel that reads the served folder alone
KERNEL_VARIABLE = "VOILA_KERNEL_ID"
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has one way to end a process
LOOK = 0.1  # seconds between two looks at whether a kernel still lives

# What a kernel needs of its surroundings; passwords and tokens of the server stay outside.
PASSED_ON = (
    "PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "VIRTUAL_ENV",
    "CONDA_PREFIX", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT",
    "IPYTHONDIR", "INSIGHTS_RELEASE", "INSIGHTS_SERVED",
)  # fmt: skip


def most_kernels(chosen: int | None = None) -> int:
    """Return how many kernels may run at a time: the argument, else ``INSIGHTS_KERNELS``, else 4.

    On a machine of more than two cores the default is twice their number.

    Raises
    ------
    InsightsError
        If it is no whole number of one or more.
    """
    said = str(MOST if chosen is None else chosen)
    if chosen is None:
        said = os.environ.get(KERNELS_VARIABLE, said)
    if not (said.strip().isdecimal() and len(said) < 10) or int(said) < 1:
        raise InsightsError(
            f"--kernels (or {KERNELS_VARIABLE}) must be a whole number of 1 or more, not “{said}”."
        )
    return int(said)


class Kernel:
    """A kernel for one page: started, asked to run a notebook once, stopped."""

    def __init__(self, manager: Any) -> None:
        self.id = str(uuid4())
        self.all = manager
        self.client: Any = None
        self._launch: asyncio.Future[Any] | None = None

    async def start(self, patience: float) -> None:
        """Start it, and wait until it can run something."""
        surroundings = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        surroundings[KERNEL_VARIABLE] = self.id
        self._launch = asyncio.ensure_future(
            self.all.start_kernel(
                kernel_id=self.id, kernel_name=CONFINED, path="", env=surroundings
            )
        )
        await asyncio.shield(self._launch)  # half started, it could not be stopped
        self.manager = self.all.get_kernel(self.id)
        self.client = self.manager.client()
        # No heartbeat: `death` looks at the process; a thread would outlive the socket it uses.
        self.client.start_channels(hb=False, stdin=False)
        await self.client.wait_for_ready(timeout=patience)

    async def death(self) -> None:
        """Wait until it has died. The libraries notice after a second; a reader waits meanwhile."""
        while self.client is None or await ensure_async(self.manager.is_alive()):
            await asyncio.sleep(LOOK)

    async def end(self) -> None:
        """Stop it, whatever became of it, and to the end: half stopped, nobody could stop it."""
        ending = asyncio.ensure_future(self._end())
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            await asyncio.wait({ending})
            raise

    async def _end(self) -> None:
        if self._launch is not None:
            await asyncio.wait({self._launch})
        if self.client is not None:
            self.client.stop_channels()
        if self.id in self.all:
            manager = self.all.get_kernel(self.id)
            # Jupyter interrupts a kernel before it kills it; one that starts writes a traceback.
            if manager.has_kernel:
                await ensure_async(manager.signal_kernel(KILL))
            await self.all.shutdown_kernel(self.id, now=True)


class Kernels:
    """Places for kernels: no more than `most` run at a time, the others are in line.

    Parameters
    ----------
    manager
        Voila's kernel manager.
    most
        How many may run at a time.
    """

    def __init__(self, manager: Any, most: int) -> None:
        self.manager = manager
        self._places = asyncio.Semaphore(most)

    @property
    def full(self) -> bool:
        """Whether the next one has to wait in line."""
        return self._places.locked()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Kernel]:
        """Wait for a place; give a kernel that is not started yet, and end it with the block."""
        async with self._places:
            kernel = Kernel(self.manager)
            try:
                yield kernel
            finally:
                await kernel.end()
