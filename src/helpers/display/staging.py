"""The folder that dashboards are served from: pages, a checked release, and nothing else.

    FOLDER/pages/*.ipynb       copied when the server starts
    FOLDER/release             leads to the release in use, in
    FOLDER/releases/NUMBER/    manifest and views, or the words why there is nothing to show

A release is read whole and checked before it is written here, as a new folder; then one rename
makes it the one in use. A page reads all that it shows from one of them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from helpers.display import released
from helpers.errors import InsightsError

KEPT = 2  # the one in use, and the one before: a page may still be reading it


class Served:
    """What is served, kept in step with the release that it was made from.

    Parameters
    ----------
    folder
        Where to make it; must not exist.
    release
        Folder of the release, which may come, go, and be replaced at any time.
    dashboards
        Folder of the notebooks.
    """

    def __init__(self, folder: Path, release: Path, dashboards: Path) -> None:
        self.folder = folder
        self.source = release
        self.pages = folder / "pages"
        self.release = folder / "release"
        self.pages.mkdir(parents=True)
        for notebook in sorted(dashboards.glob("*.ipynb")):
            shutil.copyfile(notebook, self.pages / notebook.name)
        self._number = 0
        self._seen: object = None
        self._turn = asyncio.Lock()
        self._write(*self._read())

    def shows(self, name: str) -> bool:
        """Return whether there is such a page, or words why there is none at all."""
        views = self.release / "views" / f"{name}.json"
        return views.is_file() or (self.release / released.PROBLEM).is_file()

    async def refresh(self, patience: float = 0.6) -> None:
        """Take over the release if it was written anew; one that is being replaced has a moment."""
        async with self._turn:
            if released.signature(self.source) == self._seen:
                return
            until = asyncio.get_running_loop().time() + patience
            while True:
                files, seen = await asyncio.to_thread(self._read)
                if released.PROBLEM not in files or asyncio.get_running_loop().time() >= until:
                    break
                await asyncio.sleep(0.1)
            await asyncio.to_thread(self._write, files, seen)

    def _read(self) -> tuple[dict[str, bytes], object]:
        source = self.source.resolve()
        seen = released.signature(source)
        try:
            files = released.whole(source)
        except InsightsError as problem:
            files = {released.PROBLEM: str(problem).encode()}
        return files, seen

    def _write(self, files: dict[str, bytes], seen: object) -> None:
        self._number += 1
        place = self.folder / "releases" / str(self._number)
        for name, raw in files.items():
            if name != "cube.json":  # pages are made of views
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_bytes(raw)
        link = self.folder / "next"
        link.symlink_to(Path("releases", place.name), target_is_directory=True)
        os.replace(link, self.release)
        shutil.rmtree(place.parent / str(self._number - KEPT), ignore_errors=True)
        self._seen = seen
