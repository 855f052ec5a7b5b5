"""Earlier releases of private responses: what readers may have kept of them.

The records stay with the responses: two releases of a survey, compared, must not give away a late
answer or a withdrawal. A record is on its way (``.pending``) while its release is put in place; it
counts as soon as that is there, and never without it.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from helpers import paths
from helpers.codebook.model import Provenance
from helpers.errors import InsightsError
from helpers.estimation.tabulate import rows_each
from helpers.release.forms import Cube, CubeQuestion
from helpers.release.reading import MANIFEST, read_json
from helpers.release.renames import Record, record_words, sources_of, translated
from helpers.responses.loading import find_responses
from helpers.responses.survey import Survey
from helpers.terminal import count, short_path

FOLDER = "releases"
NOTES = "notes.txt"  # what became of records that are gone


def records_folder(survey: Survey) -> Path | None:
    """Folder of the records, beside the responses; None where there are none to keep."""
    if all(p.table for p in survey.codebook.populations.values()):
        folder = survey.folder / "private" / FOLDER
    else:
        folder = find_responses(survey.folder, survey.codebook)[0] / FOLDER
    return folder if survey.provenance is Provenance.PRIVATE or folder.is_dir() else None


def other_records(survey: Survey, cube: Cube | None = None) -> list[Record]:
    """Read what showed anything else than this release: records, and what is in its place now."""
    found = earlier(survey)
    in_place = _in_place(survey)
    if in_place is not None and all(record["cube"] != in_place for record in found):
        found.append({"cube": in_place})
    return [record for record in found if record["cube"] != cube]


def known_counts(survey: Survey, records: list[Record]) -> dict[str, list[CubeQuestion]]:
    """Return what earlier releases showed of each question, in the names of today."""
    result: dict[str, list[CubeQuestion]] = {}
    for record in records:
        for name, question in translated(survey, record)["cube"]["questions"].items():
            result.setdefault(name, []).append(question)
    return result


def most_answers(survey: Survey, records: list[Record]) -> dict[str, int]:
    """Most answers to a question that one person gave in an earlier release, by population.

    A population of another name may be any of a record; records that do not say count one.
    """
    known = [record.get("most_answers", {}) for record in records]
    return {
        p: max((each.get(p, max(each.values(), default=1)) for each in known), default=1)
        for p in survey.codebook.populations
    }


def earlier(survey: Survey) -> list[Record]:
    """Read the records of earlier releases, the oldest first.

    Raises
    ------
    InsightsError
        For a record that cannot be read: it says what was shown before.
    """
    return [_record(path) for path in _files(survey)]


def _files(survey: Survey) -> list[Path]:
    """List records, and one on its way whose release is in place."""
    folder = records_folder(survey)
    if folder is None or not folder.is_dir():
        return []
    pending = [p for p in folder.glob("*.pending") if _published(survey, p)]
    return sorted([*folder.glob("*.json"), *pending])


def _record(path: Path) -> Record:
    record = _read(path)
    cube = record.get("cube")
    if not isinstance(cube, dict) or not isinstance(cube.get("questions"), dict):
        raise _unreadable(path)
    return cast(Record, record)


def _in_place(survey: Survey) -> Cube | None:
    """Cube of the release in the survey folder, unless it is none of these responses."""
    folder = survey.folder / "release"
    if records_folder(survey) is None or not (folder / "cube.json").is_file():
        return None
    if (folder / MANIFEST).is_file() and survey.provenance is Provenance.PRIVATE:
        made_of = _read(folder / MANIFEST).get("provenance")
        if made_of == Provenance.ILLUSTRATIVE:
            return None
    return cast(Cube, _read(folder / "cube.json"))


# What is missing


def missing_records(survey: Survey) -> list[str]:
    """Say what of the history is missing; empty where nothing shows that anything is.

    Records are numbered without a gap, and a release in the survey folder has one.
    """
    folder = records_folder(survey)
    if folder is None:
        return []
    missing = [f"{n:04}.json" for n in _missing(folder)]
    found = []
    if missing:
        gone = "is gone" if len(missing) == 1 else "are gone"
        found.append(f"{', '.join(missing)} in {short_path(folder)} {gone}")
    in_place = _in_place(survey)
    if in_place is not None and all(record["cube"] != in_place for record in earlier(survey)):
        found.append(
            f"{short_path(folder)} has no record of {short_path(survey.folder / 'release')}"
        )
    return found


def is_first(survey: Survey) -> bool:
    """Whether these are private responses of which no earlier release is known."""
    return (
        records_folder(survey) is not None
        and not other_records(survey)
        and not missing_records(survey)
    )


def require_whole(survey: Survey, confirmed: bool = False) -> None:
    """Raise `InsightsError` where history is missing, unless the owner confirmed that."""
    if (missing := missing_records(survey)) and not confirmed:
        raise InsightsError(
            f"The history of releases is incomplete: {'; '.join(missing)}. A new release is "
            "checked against the earlier ones, so that comparing them reveals nobody's answers. "
            "Restore the records from a copy. If they are lost, or nobody saw those releases, say "
            "so: "
            f"insights release --data {short_path(survey.folder)} --history-confirmed"
        )


def confirm(survey: Survey) -> None:
    """Note that missing records were confirmed; record the release in place if it has none."""
    folder = records_folder(survey)
    if folder is None:
        return
    for number in _missing(folder):
        _note(folder, f"{number:04}", "missing, as its owner confirmed")
    in_place = _in_place(survey)
    if in_place is not None and all(record["cube"] != in_place for record in earlier(survey)):
        paths.write_aside(_next(folder), _json({"cube": in_place}))


def _numbers(folder: Path) -> set[int]:
    return {int(p.stem) for p in folder.glob("*.json") if p.stem.isdigit()}


def _missing(folder: Path) -> list[int]:
    there = _numbers(folder)
    return sorted({*range(1, max(there, default=0))} - there - _noted(folder))


def _noted(folder: Path) -> set[int]:
    notes = folder / NOTES
    text = notes.read_text(encoding="utf-8") if notes.is_file() else ""
    return {int(n) for n in re.findall(r"^(\d+) ", text, re.MULTILINE)}


def _note(folder: Path, number: str, words: str) -> None:
    notes = folder / NOTES
    text = notes.read_text(encoding="utf-8") if notes.is_file() else ""
    day = datetime.date.today().isoformat()
    paths.write_aside(notes, f"{text}{number} {day}: {words}\n")


def _next(folder: Path) -> Path:
    return folder / f"{max(_numbers(folder) | _noted(folder), default=0) + 1:04}.json"


# Keeping


@contextmanager
def recording(survey: Survey, cube: Cube, target: Path) -> Iterator[Callable[[], None]]:
    """Record what a release shows while it is put in place, unless the last record says the same.

    Yields what is to be called once the release is written, and before it is put in place. If
    that fails no record is left; if the process dies in between, the record counts if the release
    is in place, and not otherwise.
    """
    folder = records_folder(survey)
    if folder is None:
        yield lambda: None
        return
    for left in folder.glob("*.pending"):
        _settle(survey, left)
    for left in folder.glob(".*.pending.aside-*"):  # of a process that died
        left.unlink()
    each = {p: rows_each(survey, p) for p in survey.codebook.populations}
    if (known := earlier(survey)) and known[-1]["cube"] == cube:
        before = most_answers(survey, known[-1:])
        if all(n <= before[p] for p, n in each.items()):
            yield lambda: None
            return
    pending = _next(folder).with_suffix(".pending")
    record = {
        "fingerprint": survey.fingerprint,
        "most_answers": each,
        "cube": cube,
        "sources": sources_of(survey),
        "words": record_words(survey.codebook, cube),
        "target": os.path.relpath(target, survey.folder),
    }

    def note() -> None:
        paths.write_aside(pending, _json(record))

    try:
        yield note
        if not pending.exists():  # the release was in place already
            note()
    finally:
        if pending.exists():
            _settle(survey, pending)


def _settle(survey: Survey, pending: Path) -> None:
    """Make a record on its way one that stays, or none, as its release is in place or not."""
    if _published(survey, pending):
        os.replace(pending, pending.with_suffix(".json"))
    else:
        pending.unlink()


def _published(survey: Survey, pending: Path) -> bool:
    record = _read(pending)
    cube = survey.folder / str(record.get("target", "")) / "cube.json"
    return cube.is_file() and _read(cube) == record["cube"]


# Withdrawing


@dataclass(frozen=True)
class Withdrawal:
    """A release that nobody saw: its record, its place where it is there, and what it showed."""

    record: Path
    release: Path | None
    words: str


def withdrawal(survey: Survey, name: str = "") -> Withdrawal:
    """Find the release to withdraw: the last one, or the one whose record is named.

    Raises
    ------
    InsightsError
        If there is no such record, or the release is being shown to readers.
    """
    files = {path.stem: path for path in _files(survey)}
    if not files:
        raise InsightsError("No release is recorded here: there is nothing to withdraw.")
    stem = Path(name).stem or max(files)
    if stem not in files:
        raise InsightsError(f"There is no record {name}. Recorded: {', '.join(sorted(files))}.")
    record = _record(files[stem])
    cube, folder = record["cube"], survey.folder / "release"
    in_place = folder if _in_place(survey) == cube else None
    for where, what in _shown_elsewhere(survey, cube):
        raise InsightsError(
            f"{what} {short_path(where)} shows this release, so it may have been seen. Only a "
            "release that nobody saw can be withdrawn."
        )
    questions = sum(bool(q["levels"]) for q in cube["questions"].values())
    words = f"{count(questions, 'question')} under the profile {cube['profile']}"
    if fingerprint := record.get("fingerprint"):
        words += f", made of the responses {fingerprint}"
    return Withdrawal(files[stem], in_place, words)


def withdraw(survey: Survey, found: Withdrawal) -> None:
    """Take a release back that nobody saw; a note of it stays beside the records."""
    _note(found.record.parent, found.record.stem, f"withdrawn, never published: {found.words}")
    if found.release is not None:
        shutil.rmtree(found.release)
    found.record.unlink()


def _shown_elsewhere(survey: Survey, cube: Cube) -> Iterator[tuple[Path, str]]:
    """Places on this machine where readers are shown a release: what is served, what is in use."""
    chosen = os.environ.get("INSIGHTS_RELEASE")
    own = (survey.folder / "release").resolve()
    if chosen and Path(chosen).is_dir() and Path(chosen).resolve() != own:
        file = Path(chosen) / "cube.json"
        if file.is_file() and _read(file) == cube:
            yield Path(chosen), "The release in use,"
    manifest = own / MANIFEST
    if not manifest.is_file() or _read(own / "cube.json") != cube:
        return
    for served in Path(tempfile.gettempdir()).glob("insights-*/served/release"):
        with paths.said_if_full(served):
            try:
                same = (served / MANIFEST).read_bytes() == manifest.read_bytes()
            except OSError:
                continue
        if same:
            yield served, "A server on this machine, from"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _read(path: Path) -> dict[str, object]:
    try:
        return read_json(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError, InsightsError) as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> InsightsError:
    return InsightsError(
        f"{path.name} in {path.parent.parent.name}/{path.parent.name}/ cannot be read. It says "
        "what an earlier release showed, and a new one is checked against it: restore it from a "
        "copy, or remove it if that release was never published."
    )
