"""Takes a survey to its next wave: asks what is to be decided, or amends codebook and mapping.

Codebook and mapping are kept as they were before the wave, so that an answer can be undone.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from helpers.codebook.model import Codebook
from helpers.codebook.reading import check_codebook
from helpers.codebook.survey_file import WAVE
from helpers.errors import Problems
from helpers.folders import Changed, changed
from helpers.importing.columns.mapping import FILE, read_mapping
from helpers.importing.columns.mapping import Mapping as Columns
from helpers.importing.columns.placing import response_columns
from helpers.importing.next_wave.amending import amend
from helpers.importing.next_wave.finding import departures
from helpers.importing.next_wave.state import NOT_ASKED, Changes
from helpers.importing.proposals import NO_ANSWER, Decisions
from helpers.importing.read_sheets import ReadSheet
from helpers.importing.report import ImportReport, Options
from helpers.importing.sources import identified
from helpers.importing.waves import add_band, wave_code, with_waves_told
from helpers.importing.words.names import slug
from helpers.responses import proposals

MISSING, LOOK_ALIKE = "missing_column", "look_alike"
FOLDER = "waves"
_AFTER = "after.txt"


@dataclass(frozen=True)
class NextWave:
    """A wave that is to be imported.

    Attributes
    ----------
    root, base : survey folder, and the folder that holds its codebook as it was before the wave
    earlier : wave of the responses so far, where they do not say it themselves
    responses : folder of the responses so far
    """

    root: Path
    base: Path
    responses: Path
    reads: Sequence[ReadSheet]
    codebook: Codebook
    mappings: Mapping[str, Columns]
    options: Options
    answers: Decisions
    earlier: str = ""

    def with_waves(self, place: Path) -> NextWave:
        """Return the same for a survey that had one wave, and tells waves apart from now on.

        Its codebook is written into the folder `place`.
        """
        codebook = self.codebook
        if codebook.wave_dimension or not codebook.wave:
            return self
        shutil.copytree(self.base / "codebook", place / "codebook")
        if (self.base / FILE).is_file():
            shutil.copy(self.base / FILE, place / FILE)
        outline, code = place / "codebook" / "survey.yml", slug(codebook.wave)
        populations = [read.population for read in self.reads]
        text = with_waves_told(outline, populations, WAVE, code, codebook.wave)
        outline.write_text(text, encoding="utf-8")
        problems = Problems()
        after = check_codebook(place / "codebook", problems)
        problems.raise_if_any("survey.yml cannot tell waves apart")
        assert after is not None
        return replace(self, base=place, codebook=after, earlier=code)


@dataclass(frozen=True)
class Amended:
    """The survey with what differs in its next wave.

    Attributes
    ----------
    files : of the codebook and the mapping that differ from those in the folder; None to remove
    held : of a wave that is imported again, columns that the survey had before it, by population
    base : folder with codebook and mapping as they were before the wave
    earlier : wave of the responses so far, where they do not say it themselves
    """

    codebook: Codebook
    mappings: dict[str, Columns]
    reads: list[ReadSheet]
    options: Options
    files: Mapping[str, bytes | None]
    held: Mapping[str, frozenset[str]]
    base: Path
    earlier: str = ""

    def write(self, copy: Changed) -> None:
        """Write what differs into a copy of the folder."""
        for name, content in self.files.items():
            if content is None:
                copy.remove(name)
            else:
                copy.write(name, content)


def amend_for(asked: NextWave, report: ImportReport) -> Amended | None:
    """Propose what differs in a wave; None, with the proposals written, while any is open.

    `report` gets the proposals, and says that the import waits for them.
    """
    answers, options = asked.answers, asked.options
    if MISSING in options.allow:
        answers = Decisions(answers.proposals, (*options.accept, NOT_ASKED), options.allow)
    found, changes = departures(
        asked.reads,
        asked.codebook,
        asked.mappings,
        asked.responses,
        options.wave,
        answers,
        asked.earlier,
    )
    report.proposals += found
    if any(not each.answer for each in found):
        wait(asked.root, report, answers)
        return None
    for population, columns in changes.lost.items():
        sheet = next(read.sheet for read in asked.reads if read.population == population)
        for column in columns:
            report.problems.add(
                sheet.source,
                sheet.header_row,
                column,
                message="the column is missing, but other waves have it",
                fix="Export the file with it, or answer yes in proposals.csv.",
                kind=MISSING,
            )
    report.remarks += [f"{words}." for words in changes.remarks]
    if report.problems:
        return None
    return _amended(asked, changes, report)


def wait(root: Path, report: ImportReport, answers: Decisions) -> None:
    """Write the proposals, and nothing else, for a person to answer."""
    report.waits = True
    known = {each.id for each in report.proposals}
    earlier = [each for each in answers.proposals if each.id not in known]
    report.proposals += answers.answered(earlier, (NO_ANSWER,))
    report.remarks += answers.apart(report.proposals)
    with changed(root) as copy:
        text = proposals.as_csv(report.proposals)
        copy.write(proposals.FILE, text.encode("utf-8")).chmod(0o600)


def _amended(asked: NextWave, changes: Changes, report: ImportReport) -> Amended | None:
    options, codebook = asked.options, asked.codebook
    held = {
        read.population: frozenset(
            response_columns(codebook, codebook.populations[read.population])
        )
        for read in asked.reads
    }
    with TemporaryDirectory() as place:
        folder = Path(place)
        shutil.copytree(asked.base / "codebook", folder / "codebook")
        if options.mapping is not None:
            shutil.copy(options.mapping, folder / FILE)
        elif (asked.base / FILE).is_file():
            shutil.copy(asked.base / FILE, folder / FILE)
        band = ""
        for read in asked.reads:
            who = codebook.populations[read.population]
            code, lacking = wave_code(codebook, who, options.wave)
            outline = folder / "codebook" / "survey.yml"
            if lacking and not band:
                add_band(outline, code, options.wave, codebook.wave_dimension)
            band = codebook.dimensions[codebook.wave_dimension].source[who.id].bands.get(code, code)
        amend(folder, codebook, asked.mappings, changes, band)
        after = check_codebook(folder / "codebook", report.problems)
        mappings = dict(asked.mappings)
        if changes.columns:
            mappings |= read_mapping(folder / FILE, report.problems)
        files = _differing(folder, asked.root)
    if after is None or report.problems:
        return None
    reads = [
        replace(
            read,
            heads=identified(
                read.heads,
                mappings.get(read.population, Columns()),
                after.populations[read.population].identifier,
            ),
        )
        for read in asked.reads
    ]
    allow = (*options.allow, *((MISSING, LOOK_ALIKE) if changes.compared else ()))
    options = replace(options, allow=allow, mapping=None)
    redone = held if asked.base != asked.root and not asked.earlier else {}
    return Amended(after, mappings, reads, options, files, redone, asked.base, asked.earlier)


def _differing(folder: Path, root: Path) -> dict[str, bytes | None]:
    new = {str(path.relative_to(folder)): path.read_bytes() for path in files_of(folder)}
    old = {str(path.relative_to(root)): path.read_bytes() for path in files_of(root)}
    found: dict[str, bytes | None] = {n: c for n, c in new.items() if old.get(n) != c}
    return found | {name: None for name in old if name not in new}


def base_of(root: Path, wave: str) -> Path:
    """Folder with codebook and mapping as they were before a wave; `root` if they were edited.

    A wave that was imported before is so imported as if it had not been.
    """
    kept = root / FOLDER / slug(wave)
    after = kept / _AFTER
    if wave and after.is_file() and after.read_text(encoding="utf-8") == _digest(root):
        return kept
    return root


def keep(copy: Changed, base: Path, wave: str) -> None:
    """Keep codebook and mapping as they were before a wave, beside what they are now."""
    place = f"{FOLDER}/{slug(wave)}"
    files = {path.relative_to(base): path.read_bytes() for path in files_of(base)}
    if (copy.folder / place).exists():
        copy.remove(place)
    for name, content in files.items():
        copy.write(f"{place}/{name}", content)
    copy.write(f"{place}/{_AFTER}", _digest(copy.folder).encode())


def files_of(root: Path) -> list[Path]:
    """Files of codebook and mapping."""
    found = sorted(path for path in (root / "codebook").glob("*") if path.is_file())
    return [*found, *([root / FILE] if (root / FILE).is_file() else [])]


def _digest(root: Path) -> str:
    found = hashlib.blake2b(digest_size=16)
    for path in files_of(root):
        found.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()
