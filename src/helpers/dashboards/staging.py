"""The folder that dashboards are served from: only pages and a checked release.

    FOLDER/pages/*.ipynb       copies of the notebooks
    FOLDER/release             leads to the release in use, in
    FOLDER/releases/NUMBER/    manifest, views and PDFs, or the words why there is nothing to show

A release is read whole and checked before it is written here, as a new folder; then one rename
makes it the one in use. A page reads all that it shows from one of them.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat

from helpers.errors import InsightsError
from helpers.release import reading

KEPT = 2  # the one in use, and the one before: a page may still be reading it
PATIENCE = 0.12  # seconds in which a release that is being replaced may become whole


class Served:
    """What is served, kept in step with the release and the notebooks that it was made from.

    Parameters
    ----------
    folder
        Where to make it; must not exist.
    release
        Folder of the release, which may come, go, and be replaced at any time.
    dashboards
        Folder of the notebooks.

    Attributes
    ----------
    number : counts what was taken over; another number means that every page may be another
    problem : words why there is nothing to show, or none
    embed : websites that may show single questions
    lacking : names of notebooks that show a page of another survey
    """

    def __init__(self, folder: Path, release: Path, dashboards: Path) -> None:
        self.folder = folder
        self.source = release
        self.dashboards = dashboards
        self.pages = folder / "pages"
        self.release = folder / "release"
        self.pages.mkdir(parents=True)
        self.number = 0
        self.problem = ""
        self.embed: tuple[str, ...] = ()
        self.lacking: frozenset[str] = frozenset()
        self._seen: object = None
        self._renewing: asyncio.Task[None] | None = None
        self._write(*self._read())

    def names(self) -> list[str]:
        """Return the pages there are, the index first."""
        found = {path.stem for path in self.pages.glob("*.ipynb")} - self.lacking
        if not self.problem:
            found |= {path.stem for path in (self.release / "views").glob("*.json")}
        return sorted(found, key=lambda name: (name != "index", name))

    def shows(self, name: str) -> bool:
        """Return whether there is such a page."""
        return name not in self.lacking and (
            (self.pages / f"{name}.ipynb").is_file()
            or (self.release / "views" / f"{name}.json").is_file()
        )

    def notebook(self, name: str) -> nbformat.NotebookNode:
        """Return the notebook of a page, else one of two lines that show the page."""
        own = self.pages / f"{name}.ipynb"
        if own.is_file():
            return nbformat.read(own, as_version=4)
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_lines(name))])

    async def refresh(self) -> None:
        """Take over new files; requests in the meantime wait for the same reading."""
        for _ in range(2):  # what was written while it was read is read again
            if self._renewing is None:
                if self._signature() == self._seen:
                    return
                self._renewing = asyncio.ensure_future(self._renew())
                self._renewing.add_done_callback(self._renewed)
            await asyncio.shield(self._renewing)

    def _renewed(self, _: object) -> None:
        self._renewing = None

    async def _renew(self) -> None:
        until = asyncio.get_running_loop().time() + PATIENCE
        while True:
            files, seen = await asyncio.to_thread(self._read)
            if reading.PROBLEM not in files or asyncio.get_running_loop().time() >= until:
                break
            await asyncio.sleep(0.05)
        await asyncio.to_thread(self._write, files, seen)

    def _signature(self) -> object:
        """Return what changes as soon as a file of the release, or a notebook, is written."""
        notebooks = [(path.name, path.stat()) for path in sorted(self.dashboards.glob("*.ipynb"))]
        return (
            reading.signature(self.source.resolve()),
            tuple((name, about.st_ino, about.st_mtime_ns) for name, about in notebooks),
        )

    def _read(self) -> tuple[dict[str, bytes], object]:
        seen = self._signature()
        try:
            place = self.source.resolve()
            made = reading.summaries(place).items()
            files = reading.verified_files(place)
            files |= {f"{reading.SUMMARIES}/{name}.pdf": raw for name, raw in made}
        except InsightsError as problem:
            files = {reading.PROBLEM: str(problem).encode()}
        return files, seen

    def _write(self, files: dict[str, bytes], seen: object) -> None:
        number = self.number + 1
        place = self.folder / "releases" / str(number)
        for name, raw in files.items():
            if name != "cube.json":  # pages are made of views
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_bytes(raw)
        link = self.folder / "next"
        link.symlink_to(Path("releases", place.name), target_is_directory=True)
        os.replace(link, self.release)
        self._copy_notebooks()
        shutil.rmtree(place.parent / str(number - KEPT), ignore_errors=True)
        self.problem = files.get(reading.PROBLEM, b"").decode()
        rules = json.loads(files.get(reading.MANIFEST, b"{}")).get("rules", {})
        self.embed = tuple(rules.get("embed", ()))
        self.lacking = frozenset(() if self.problem else self._not_released())
        self.number, self._seen = number, seen

    def _not_released(self) -> Iterator[str]:
        """Name the notebooks of one page of a release, where this release has no such page."""
        for path in self.pages.glob("*.ipynb"):
            cells = nbformat.read(path, as_version=4).cells
            alone = [cell.source.strip() for cell in cells] == [_lines(path.stem)]
            if alone and not (self.release / "views" / f"{path.stem}.json").is_file():
                yield path.stem

    def _copy_notebooks(self) -> None:
        there = {path.name: path for path in self.dashboards.glob("*.ipynb")}
        for name, path in there.items():
            shutil.copyfile(path, self.folder / "next.ipynb")
            os.replace(self.folder / "next.ipynb", self.pages / name)
        for path in self.pages.glob("*.ipynb"):
            if path.name not in there:
                path.unlink()


def _lines(name: str) -> str:
    """Return the code of a notebook that shows a page of the release."""
    return f'from helpers.pages import dashboard\n\ndashboard.page("{name}")'
