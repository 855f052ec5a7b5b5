"""What the static site shows, executed: pages as they are served, and notebooks of analysts.

Those run on a survey folder in which no private responses are.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from helpers.dashboards import execution
from helpers.dashboards.site.notebook_page import Booklet
from helpers.dashboards.staging import Served
from helpers.errors import InsightsError
from helpers.paths import DATA_VARIABLE
from helpers.release.reading import RELEASE_VARIABLE
from helpers.stopping import done_whole
from helpers.terminal import Step

AT_ONCE = 2
PRIVATE, NOTEBOOKS = "private", "notebooks"
One = TypeVar("One")
Made = TypeVar("Made")

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


def pages(
    served: Served, scratch: Path, said: Callable[[str], None] = lambda _: None
) -> dict[str, str]:
    """Return the HTML of every page by name: those with a notebook, and those of the release.

    Parameters
    ----------
    scratch
        Temporary folder for what kernels write.
    said
        Told how far it is.
    """
    names, done = served.names(), 0
    said(Step("Making pages", done, len(names)))

    async def one(name: str) -> str:
        nonlocal done
        with _in_words(f"Page {name}"):
            notebook = await execution.page(served, name, scratch)
        done += 1
        said(Step("Making pages", done, len(names)))
        shown = (output for cell in notebook.cells for output in cell.get("outputs", ()))
        return "".join(output.get("data", {}).get("text/html", "") for output in shown)

    return dict(zip(names, _side_by_side(one, names), strict=True))


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
        Its folder ``private/`` is not there for the notebooks. Those of the survey itself run in
        a folder below it, where they find it.
    said
        Told how far it is.

    Raises
    ------
    InsightsError
        If one of them stops with an error, or has read private responses after all.
    """
    folder = scratch / "survey"
    own = survey / NOTEBOOKS
    _link(survey, folder, PRIVATE, NOTEBOOKS)
    if own.is_dir():
        _link(own, folder / NOTEBOOKS)
    around = {**os.environ, **execution.own_jupyter(scratch), DATA_VARIABLE: str(folder)}
    around.pop(RELEASE_VARIABLE, None)
    done = 0
    said(Step("Executing notebooks", done, len(notebooks)))

    async def one(path: Path) -> Booklet:
        nonlocal done
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.append(nbformat.v4.new_code_cell(_DATA))
        with _in_words(path.name):
            start = folder / NOTEBOOKS if path.parent == own else path.parent
            await execution.run(notebook, "python3", around, start, scratch)
        told = notebook.cells.pop().outputs[-1]["data"]["application/json"]
        if told.get("kind") == PRIVATE:
            raise InsightsError(f"{path.name} has read private responses: no site was made.")
        booklet = Booklet(path.stem, notebook, told.get("banner", ""), told.get("data", ""))
        done += 1
        said(Step("Executing notebooks", done, len(notebooks)))
        return booklet

    return _side_by_side(one, notebooks)


def _link(source: Path, target: Path, *without: str) -> None:
    """Make a folder of links to what is in another."""
    target.mkdir()
    for entry in sorted(source.iterdir()):
        if entry.name not in without:
            (target / entry.name).symlink_to(entry.resolve())


def _side_by_side(make: Callable[[One], Awaitable[Made]], several: Sequence[One]) -> list[Made]:
    """Return what is made of each, `AT_ONCE` at a time; the first error ends the others."""

    async def made() -> list[Made]:
        place = asyncio.Semaphore(AT_ONCE)

        async def in_turn(one: One) -> Made:
            async with place:
                return await make(one)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_turn(one)) for one in several]
        return [task.result() for task in tasks]

    try:
        with ExitStack() as last:
            with done_whole():  # half made, a loop could not be closed
                runner = last.enter_context(asyncio.Runner())
            return runner.run(made())
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


@contextmanager
def _in_words(what: str) -> Iterator[None]:
    """Turn what nbclient raises into a sentence that names no file of this machine."""
    failing = f"{what} stops with an error, so no site was made"
    try:
        yield
    except CellExecutionError as error:
        raise InsightsError(f"{failing}: {error.ename}: {error.evalue}") from None
    except CellTimeoutError:
        raise InsightsError(f"{failing}: a cell took more than {execution.PATIENCE} s.") from None
    except DeadKernelError:
        raise InsightsError(f"{failing}: its kernel died.") from None
