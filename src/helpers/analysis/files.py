"""Exports of survey tools into survey folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.importing.report import ImportReport


def import_survey(
    files: str | Path | Sequence[str | Path],
    folder: str | Path,
    *,
    mapping: str | Path | None = None,
    population: str = "",
    wave: str = "",
    sheets: Sequence[str] = (),
    layout: str | None = None,
    allow: Sequence[str] = (),
    accept: Sequence[str] = (),
    progress: Callable[[str], None] = lambda words: None,
) -> ImportReport:
    r"""Import exports of a survey tool into a survey folder, which is created if necessary.

    Parameters
    ----------
    files
        One export or several: CSV, XLSX, SAV, DTA, RDS, Parquet, a ZIP of one, a data package.
    folder
        Survey folder. Without a codebook in it, one is drafted.
    mapping
        File to use instead of the folder's mapping.yml.
    population, wave
        Whose responses they are, and from which wave; by default recognised.
    sheets
        Sheets of a workbook, or tables of an archive or .RData, to read; by default found out.
    layout
        Header convention of the tool; by default recognised.
    allow, accept
        Kinds of proposals to turn down, or to accept, as a whole.
    progress
        Called with a message about progress.

    Returns
    -------
    `ImportReport`: `imported`, `respondents`, `problems` (each with its place and what to do),
    `proposals`, what you are to decide, and `account`, what became of every cell. If anything is
    wrong the folder is unchanged. While proposals of the next wave are open, `waits` is true and
    only proposals.csv changes.

    Raises
    ------
    InsightsError
        If the arguments contradict each other.

    Examples
    --------
    >>> import helpers as h
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> place = TemporaryDirectory()
    >>> export = Path(place.name, "export.csv")
    >>> _ = export.write_text("id,Do you cycle?\n" + "".join(
    ...     f"{n},{'Yes' if n % 3 else 'No'}\n" for n in range(30)))
    >>> report = h.import_survey(export, Path(place.name, "survey"))
    >>> report.imported, sum(report.respondents.values())
    (True, 30)
    """
    from helpers.importing.importing import import_files
    from helpers.importing.report import Options

    several = [files] if isinstance(files, str | Path) else files
    options = Options(
        Path(mapping) if mapping is not None else None,
        population,
        wave,
        tuple(sheets),
        layout,
        tuple(allow),
        tuple(accept),
    )
    return import_files([Path(file) for file in several], Path(folder), options, progress)
