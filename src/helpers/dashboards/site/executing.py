"""Notebooks run to their end in kernels of their own, for the static site.

Pages of the dashboards run as they do when they are served: in a kernel that may read a checked
release and nothing else. Notebooks of analysts run on a survey folder in which no private
responses are.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from helpers.dashboards.server.kernels import CONFINED, KERNEL_VARIABLE, PASSED_ON
from helpers.dashboards.site.notebook_page import Booklet
from helpers.dashboards.staging import Served
from helpers.errors import InsightsError
from helpers.paths import BROWSER, DATA_VARIABLE
from helpers.release.reading import RELEASE_VARIABLE, SERVED_VARIABLE

AT_ONCE = 2
PATIENCE = 600  # seconds for one cell
# An output that is late is waited for: after 4 s, otherwise, it is left out.
WHOLE = {"timeout": PATIENCE, "iopub_timeout": PATIENCE, "raise_on_iopub_timeout": True}
LONGEST_SOCKET = 90  # letters of a folder in which sockets still find a place on Linux
PRIVATE = "private"

# What data a notebook has read is asked of the notebook itself, at its end.
_DATA = """
from IPython.display import JSON

_data = globals().get("survey")
JSON(
    {"kind": str(_data.provenance), "banner": _data.provenance.banner, "data": _data.describe}
    if _data is not None
    else {}
)
"""


def pages(served: Served, scratch: Path) -> dict[str, str]:
    """Return the HTML of every page by name: those with a notebook, and those of the release.

    Parameters
    ----------
    scratch
        Passing folder for what kernels write.
    """
    cells, belongs = [], []
    for name in served.names():
        for cell in (c for c in served.notebook(name).cells if c.cell_type == "code"):
            cells.append(nbformat.v4.new_code_cell(cell.source))
            belongs.append(name)
    client = _Client(
        nbformat.v4.new_notebook(cells=cells),
        km=_manager(CONFINED, scratch),
        **WHOLE,
    )
    surroundings = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    surroundings |= _own(scratch) | {
        KERNEL_VARIABLE: "site",
        RELEASE_VARIABLE: str(served.release),
        SERVED_VARIABLE: str(served.folder),
    }
    failing = "A page stops with an error, so no site was made"
    asyncio.run(_run(client, failing, env=surroundings, cwd=str(served.pages)))
    found: dict[str, str] = {}
    for name, cell in zip(belongs, client.nb.cells, strict=True):
        shown = "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)
        found[name] = found.get(name, "") + shown
    return found


def booklets(
    notebooks: Sequence[Path],
    survey: Path,
    scratch: Path,
    said: Callable[[str], None] = lambda _: None,
) -> list[Booklet]:
    """Execute notebooks on a survey folder and return them in their order.

    Parameters
    ----------
    survey
        Its folder ``private/`` is not there for the notebooks.
    said
        Told how far it is.

    Raises
    ------
    InsightsError
        If one of them stops with an error, or has read private responses after all.
    """
    folder = scratch / "survey"
    folder.mkdir()
    for entry in sorted(survey.iterdir()):
        if entry.name != PRIVATE:
            (folder / entry.name).symlink_to(entry.resolve())
    surroundings = {**os.environ, **_own(scratch), DATA_VARIABLE: str(folder)}
    surroundings.pop(RELEASE_VARIABLE, None)
    done = 0

    async def one(path: Path, place: asyncio.Semaphore) -> Booklet:
        nonlocal done
        async with place:
            booklet = await _executed(path, surroundings, scratch)
            done += 1
            said(f"  notebook {done} of {len(notebooks)}: {booklet.title}")
            return booklet

    async def all_of_them() -> list[Booklet]:
        place = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(path, place)) for path in notebooks]
        return [task.result() for task in tasks]

    try:
        return asyncio.run(all_of_them())
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None


async def _executed(path: Path, surroundings: Mapping[str, str], scratch: Path) -> Booklet:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(_DATA))
    client = _Client(notebook, km=_manager("python3", scratch), **WHOLE)
    failing = f"{path.name} stops with an error, so no site was made"
    await _run(client, failing, env=surroundings, cwd=str(path.parent))
    told = notebook.cells.pop().outputs[-1]["data"]["application/json"]
    if told.get("kind") == PRIVATE:
        raise InsightsError(f"{path.name} has read private responses: no site was made.")
    return Booklet(path.stem, notebook, told.get("banner", ""), told.get("data", ""))


class _Client(NotebookClient):
    """Ends its kernel with itself, whatever happens, and leaves Ctrl+C to the program."""

    @asynccontextmanager
    async def async_setup_kernel(self, **kwargs: Any) -> AsyncIterator[None]:
        """Start a kernel for the block; nbclient's own way takes over signals for one kernel."""
        try:
            await self.async_start_new_kernel(**kwargs)
            await self.async_start_new_kernel_client()
            yield
        finally:
            await self._async_cleanup_kernel()


async def _run(client: NotebookClient, what: str, **where: Any) -> None:
    """Execute; what nbclient raises becomes a sentence that names no file of this machine."""
    try:
        await client.async_execute(**where)
    except CellExecutionError as error:
        raise InsightsError(f"{what}: {error.ename}: {error.evalue}") from None
    except CellTimeoutError:
        raise InsightsError(f"{what}: a cell took more than {PATIENCE} s.") from None
    except DeadKernelError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # nbclient takes that for a kernel's end
            raise asyncio.CancelledError from None
        raise InsightsError(f"{what}: its kernel died.") from None


def _manager(kernel: str, scratch: Path) -> AsyncKernelManager:
    """Make a manager that knows this project's kernels and this Python's own, not the user's."""
    known = KernelSpecManager(kernel_dirs=[str(BROWSER / "kernels")])
    manager = AsyncKernelManager(kernel_name=kernel, kernel_spec_manager=known)
    if sys.platform == "linux" and len(str(scratch)) < LONGEST_SOCKET:
        manager.transport = "ipc"
        manager.connection_file = str(scratch / f"{os.urandom(4).hex()}.json")
    manager.shutdown_wait_time = 0.5
    return manager


def _own(scratch: Path) -> dict[str, str]:
    """Keep the user's own Jupyter out."""
    names = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    return {name: str(scratch / name.lower()) for name in names}
