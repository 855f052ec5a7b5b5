"""Surveys into folders, into other tools' files, and into protected releases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.errors import InsightsError
from helpers.responses.survey import Provenance, Survey

if TYPE_CHECKING:
    from helpers.importing.report import ImportReport
    from helpers.pages.publishing import Prepared

FORMATS = ("sav", "xlsx", "datapackage")


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


def export_survey(survey: Survey, target: str | Path, format: str | None = None) -> list[Path]:
    """Write a survey for another tool: SPSS, Excel, or a Frictionless data package.

    Parameters
    ----------
    target
        File that ends in ``.sav`` or ``.xlsx``, else a folder.
    format
        ``sav``, ``xlsx`` or ``datapackage``; by default taken from the target's name.

    Returns
    -------
    The files written. Imported again they give the same survey.

    Raises
    ------
    InsightsError
        If the target cannot hold the survey.

    Examples
    --------
    >>> import helpers as h
    >>> from tempfile import TemporaryDirectory
    >>> place = TemporaryDirectory()
    >>> survey = h.load_survey("data/example")
    >>> [path.name for path in h.export_survey(survey, f"{place.name}/survey.xlsx")]
    ['survey.xlsx']
    """
    from helpers.exporting.exporting import export

    path = Path(target)
    chosen = format or path.suffix.lower().removeprefix(".") or "datapackage"
    if chosen not in FORMATS:
        raise InsightsError(
            f'Surveys are written as {", ".join(FORMATS)}, not "{chosen}". Name a file that ends in'
            " .sav or .xlsx, or a folder for a data package."
        )
    return [written for written, _ in export(survey, chosen, path)]


def release_survey(
    survey: Survey,
    target: str | Path | None = None,
    *,
    private: bool = False,
    history_confirmed: bool = False,
    progress: Callable[[str], None] = lambda words: None,
) -> Prepared:
    """Make a protected release of a survey, attack it, and write it if nothing leaks.

    Parameters
    ----------
    target
        Folder of the release; by default ``release`` in the survey folder.
    private
        Must be true to release protected results of private responses.
    history_confirmed
        Must be true if records of earlier releases are missing, and this is known to be so.
    progress
        Called with a message about progress.

    Returns
    -------
    `Prepared`: `report`, what the audit found, and `cost`, what protection did to the shares.

    Raises
    ------
    InsightsError
        If the audit found a leak, responses are private and `private` is not true, or records of
        earlier releases are missing and `history_confirmed` is not true. Nothing is then written.

    Examples
    --------
    >>> import helpers as h
    >>> from tempfile import TemporaryDirectory
    >>> place = TemporaryDirectory()
    >>> survey = h.load_survey("data/example")
    >>> released = h.release_survey(survey, f"{place.name}/release")
    >>> len(released.report.leaks)
    0
    """
    from helpers.pages.publishing import prepare, publish

    if survey.provenance is Provenance.PRIVATE and not private:
        raise InsightsError(
            f"{survey.folder} holds private responses. To release protected results of them, say "
            "so: release_survey(survey, private=True)."
        )
    prepared = prepare(survey, progress=progress)
    place = Path(target) if target is not None else survey.folder / "release"
    publish(survey, prepared, place, history_confirmed)
    return prepared
