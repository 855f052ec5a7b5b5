"""Kernels of the dashboards: one for each page, gone with it, and one that waits."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from jupyter_core.utils import ensure_async

MOST = max(4, 2 * (os.cpu_count() or 1))
PAUSE = 0.8  # seconds in which the reader's browser has the machine to itself

CONFINED = "insights"  # page/kernels/insights: a kernel that reads the served folder alone
KERNEL_VARIABLE = "VOILA_KERNEL_ID"

# What a kernel needs of its surroundings; passwords and tokens of the server stay outside.
PASSED_ON = (
    "PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "VIRTUAL_ENV",
    "CONDA_PREFIX", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT",
    "IPYTHONDIR", "INSIGHTS_RELEASE", "INSIGHTS_SERVED",
)  # fmt: skip


class Kernel:
    """A kernel for one page: started, asked to run a notebook once, stopped."""

    def __init__(self, manager: Any, patience: float) -> None:
        self.id = str(uuid4())
        self.all = manager
        self.patience = patience
        self.starting = asyncio.ensure_future(self._start())

    async def _start(self) -> None:
        surroundings = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        surroundings[KERNEL_VARIABLE] = self.id
        await self.all.start_kernel(
            kernel_id=self.id, kernel_name=CONFINED, path="", env=surroundings
        )
        self.manager = self.all.get_kernel(self.id)
        self.client = self.manager.client()
        self.client.start_channels()
        await self.client.wait_for_ready(timeout=self.patience)
        self.client.allow_stdin = False

    async def ready(self) -> Kernel:
        """Wait until it can run something; raises an error if it never can."""
        await asyncio.shield(self.starting)
        if not await ensure_async(self.manager.is_alive()):
            raise RuntimeError("the kernel has died")
        return self

    async def end(self) -> None:
        """Stop it, whatever became of it."""
        await asyncio.wait({self.starting})
        if self.starting.exception() is None:
            self.client.stop_channels()
        if self.id in self.all:
            await self.all.shutdown_kernel(self.id, now=True)


class Kernels:
    """Places for kernels, and one that waits, started, for the next reader.

    Parameters
    ----------
    manager
        Voila's kernel manager.
    patience
        Seconds that a kernel may take to start.
    """

    def __init__(self, manager: Any, patience: float) -> None:
        self.manager = manager
        self.patience = patience
        self.places = asyncio.Semaphore(MOST)
        self.waiting: Kernel | None = None

    def prepare(self) -> None:
        """Start the kernel that waits, unless there is one."""
        if self.waiting is None:
            self.waiting = Kernel(self.manager, self.patience)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Callable[[], Awaitable[Kernel]]]:
        """Give a function that waits for a place and a kernel; both are free again afterwards."""
        kernel: Kernel | None = None

        async def take() -> Kernel:
            nonlocal kernel
            await self.places.acquire()
            kernel, self.waiting = self.waiting, None
            if kernel is not None:
                try:
                    return await kernel.ready()
                except Exception:  # it died waiting: another one takes its place
                    await kernel.end()
            kernel = Kernel(self.manager, self.patience)
            return await kernel.ready()

        try:
            yield take
        finally:
            if kernel is not None:
                await kernel.end()
                self.places.release()
                asyncio.get_running_loop().call_later(PAUSE, self.prepare)
