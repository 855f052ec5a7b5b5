"""Exports a survey for other tools, so that it can be imported again without a difference."""

from __future__ import annotations

from pathlib import Path

from helpers.codebook.model import Provenance
from helpers.errors import InsightsError
from helpers.exporting.codebook_files import write_beside
from helpers.exporting.outgoing import Outgoing, outgoing
from helpers.importing.own_exports import BESIDE, OF_SEVERAL
from helpers.responses.survey import Survey, without_derived

Written = list[tuple[Path, str]]


def export(survey: Survey, format: str, target: Path) -> Written:
    """Write a survey as `sav`, `xlsx` or `datapackage`.

    Returns
    -------
    The files written, each with what is to be said of it.

    Raises
    ------
    InsightsError
        If the target cannot hold the survey.
    """
    survey.require_whole(
        "An export is of all respondents: make it of the survey before `where`, or save `df()`."
    )
    own = without_derived(survey) if format == "datapackage" else survey
    tables = [outgoing(own, population) for population in survey.held]
    if format == "sav":
        written = _as_sav(survey, tables, target)
    elif format == "xlsx":
        from helpers.exporting.to_excel import write_workbook

        written = [(write_workbook(survey, tables, _with_ending(target, ".xlsx")), "")]
    else:
        from helpers.exporting.to_frictionless import write_package

        written = [(write_package(survey, tables, target), "")]
    if survey.provenance is Provenance.PRIVATE:
        for path, _ in written:
            for file in path.rglob("*") if path.is_dir() else [path]:
                file.chmod(0o600 if file.is_file() else 0o700)
    return written


def _as_sav(survey: Survey, tables: list[Outgoing], target: Path) -> Written:
    from helpers.exporting.to_spss import write_sav

    if len(tables) == 1:
        written = write_sav(tables[0], _with_ending(target, ".sav"))
        beside = target.with_suffix(BESIDE)
    elif target.suffix or target.is_file():
        raise InsightsError(
            f"An SPSS file holds one population and there are {len(tables)}: name a folder."
        )
    else:
        target.mkdir(parents=True, exist_ok=True)
        written = [p for t in tables for p in write_sav(t, target / f"{t.population.id}.sav")]
        beside = target / OF_SEVERAL
    return [*written, (write_beside(survey, beside), "An import into a new folder uses it.")]


def _with_ending(target: Path, ending: str) -> Path:
    if target.suffix.lower() != ending:
        raise InsightsError(f"Name a file that ends in {ending}, not {target.name}.")
    return target
