"""Execute notebooks, each in its own kernel, which ends with it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from helpers.dashboards.staging import Served
from helpers.paths import BROWSER
from helpers.release.reading import RELEASE_VARIABLE, SERVED_VARIABLE

# Seconds for one cell, and for an output that is late: after 4 s, otherwise, it is left out.
PATIENCE = 600
CONFINED = "insights"  # browser/kernels/insights: a kernel that reads only the served folder
KERNEL_VARIABLE = "VOILA_KERNEL_ID"
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has one way to end a process
LONGEST_SOCKET = 90  # letters of a folder in which sockets still find a place on Linux

# What a kernel needs of its surroundings; passwords and tokens of the server stay outside.
PASSED_ON = (
    "PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "VIRTUAL_ENV",
    "CONDA_PREFIX", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT",
)  # fmt: skip


def own_jupyter(folder: Path) -> dict[str, str]:
    """Return the variables that keep the user's own Jupyter out, and what it writes in a folder."""
    names = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    return {name: str(folder / name.lower()) for name in names}


def surroundings(served: Served, scratch: Path) -> dict[str, str]:
    """Return all variables of a kernel that may read only the served folder."""
    return {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        **own_jupyter(scratch),
        KERNEL_VARIABLE: str(uuid4()),
        RELEASE_VARIABLE: str(served.release),
        SERVED_VARIABLE: str(served.folder),
    }


async def page(served: Served, name: str, scratch: Path) -> NotebookNode:
    """Return the notebook of a page, executed in a kernel that may read only the served folder.

    Raises
    ------
    Exception
        As `run` does.
    """
    around = surroundings(served, scratch)
    return await run(served.notebook(name), CONFINED, around, served.pages, scratch)


async def run(
    notebook: NotebookNode, kernel: str, around: Mapping[str, str], folder: Path, scratch: Path
) -> NotebookNode:
    """Execute a notebook and return it.

    Parameters
    ----------
    kernel
        Name of the kernel: this project's, or ``python3`` of this Python.
    around
        Its environment variables.
    folder
        Where it starts.
    scratch
        Temporary folder for what kernels write.

    Raises
    ------
    nbclient.exceptions.CellExecutionError, CellTimeoutError, DeadKernelError
        If a cell stops with an error or takes too long, or the kernel dies.
    RuntimeError
        If the kernel does not start.
    """
    try:
        return await Execution(notebook, kernel, scratch).async_execute(env=around, cwd=str(folder))
    except DeadKernelError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # nbclient takes that for a kernel's end
            raise asyncio.CancelledError from None
        raise


class Execution(NotebookClient):
    """Ends its kernel with itself, whatever happens, and leaves Ctrl+C to the program."""

    def __init__(self, notebook: NotebookNode, kernel: str, scratch: Path) -> None:
        known = KernelSpecManager(kernel_dirs=[str(BROWSER / "kernels")])  # not the user's
        manager = AsyncKernelManager(kernel_name=kernel, kernel_spec_manager=known)
        if sys.platform == "linux" and len(str(scratch)) < LONGEST_SOCKET:
            manager.transport = "ipc"  # no open ports
            manager.connection_file = str(scratch / f"{os.urandom(4).hex()}.json")
        super().__init__(
            notebook,
            km=manager,
            timeout=PATIENCE,
            iopub_timeout=PATIENCE,
            raise_on_iopub_timeout=True,
        )
        self.manager = manager

    @asynccontextmanager
    async def async_setup_kernel(self, **kwargs: Any) -> AsyncIterator[None]:
        """Start a kernel for the block; nbclient's own way takes over signals for one kernel."""
        launch = asyncio.ensure_future(self.async_start_new_kernel(**kwargs))
        try:
            await asyncio.shield(launch)  # half started, it could not be stopped
            client = self.kc = self.manager.client()
            # No heartbeat: its thread would outlive the socket that it uses.
            client.start_channels(hb=False, stdin=False)
            client.allow_stdin = False
            await client.wait_for_ready(timeout=PATIENCE)
            yield
        finally:
            ending = asyncio.ensure_future(self._end(launch))
            try:
                await asyncio.shield(ending)
            except asyncio.CancelledError:  # half stopped, nobody could stop it
                await asyncio.wait({ending})
                raise

    async def _end(self, launch: asyncio.Future[None]) -> None:
        await asyncio.wait({launch})
        if self.kc is not None:
            self.kc.stop_channels()
        self._leave_own_group()
        # Jupyter interrupts a kernel before it kills it; one that starts writes a traceback.
        if self.manager.has_kernel:
            await self.manager.signal_kernel(KILL)
        await self.manager.shutdown_kernel(now=True)

    def _leave_own_group(self) -> None:
        """Signal the kernel alone where Jupyter would signal the processes around this one.

        A kernel that was killed before it had a group of its own is still in ours: to end it,
        Jupyter would end this process, and the terminal or service that started it.
        """
        started = self.manager.provisioner
        if hasattr(os, "getpgrp") and getattr(started, "pgid", None) == os.getpgrp():
            vars(started)["pgid"] = None
