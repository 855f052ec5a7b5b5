"""The ledger: every published statement against arithmetic and against the responses in use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from helpers.codebook.model import Provenance
from helpers.estimation.latest_wave import latest
from helpers.ledger import explanations as say
from helpers.ledger.assessments import Assessment, Check, Entry, by_arithmetic, judge, judge_rate
from helpers.ledger.contradictions import contradictions
from helpers.ledger.measures import Measures, Unmeasured
from helpers.ledger.published_files import FINDINGS, STATEMENTS, read_published
from helpers.ledger.statements import Constraint, Published, Reading, Strength
from helpers.responses.survey import Survey

FOLDER = "published"


def ledger(survey: Survey, published_folder: str | Path | None = None) -> list[Entry]:
    """Check every published statement against arithmetic and the responses.

    Parameters
    ----------
    published_folder
        Folder of the published findings; by default ``published/`` in the survey folder.

    Returns
    -------
    One entry per statement, in the order of findings.csv, then one per printed response rate; none
    for a survey folder without published findings.

    Raises
    ------
    InsightsError
        If the folder that is named holds no published findings.
    SurveyProblems
        With everything that is wrong with them.
    """
    return Ledger.of(survey, published_folder).entries()


class Ledger:
    """The printed statements of a survey, each assessed when it is first asked for."""

    def __init__(self, survey: Survey, published: Published | None) -> None:
        self.survey, self.published = survey, published
        self._answers = Measures(survey)
        self._judged: dict[str, Entry] = {}
        self._as_printed: dict[str, Entry] = {}

    @classmethod
    def of(cls, survey: Survey, published_folder: str | Path | None = None) -> Ledger:
        """Read the published findings of a survey folder; see `ledger`."""
        if published_folder is None and not (survey.folder / FOLDER).is_dir():
            return cls(survey, None)
        folder = Path(published_folder) if published_folder else survey.folder / FOLDER
        return cls(survey, read_published(folder, survey.codebook))

    def entries(self, questions: Collection[str] | None = None) -> list[Entry]:
        """Assess every statement, or those on some questions; in the order of findings.csv."""
        published = self.published
        if published is None:
            return []
        rates = [r for r in published.rates if questions is None or r.question in questions]
        found = self._assessed(questions, self._judged, self._answers)
        return found + [judge_rate(rate, published, self._answers) for rate in rates]

    def as_printed(self, questions: Collection[str]) -> list[Entry]:
        """Assess statements on some questions by arithmetic only; responses are not looked at."""
        return self._assessed(questions, self._as_printed, Unmeasured(self.survey))

    def _assessed(
        self, questions: Collection[str] | None, judged: dict[str, Entry], answers: Measures
    ) -> list[Entry]:
        published = self.published
        if published is None:
            return []
        on = {name: self._questions(published, name) for name in published.statements}
        wanted = [n for n, of in on.items() if questions is None or {*of} & {*questions}]
        missing = [name for name in wanted if name not in judged]
        looked_at = None if questions is None else {q for name in missing for q in on[name]}
        clashes = clashes_of(self.survey, published, looked_at) if missing else {}
        for name in missing:
            statement, others = published.statements[name], clashes.get(name, ())
            judged[name] = judge(statement, published, others, answers)
        return [judged[name] for name in wanted]

    def _questions(self, published: Published, name: str) -> tuple[str, ...]:
        both = (Reading.PRINTED, Reading.CHOSEN)
        rows = (row for reading in both for row in published.rows(name, reading))
        return tuple(dict.fromkeys(row.cell.question for row in rows))


def printed_beside(survey: Survey) -> dict[str, list[dict[str, str]]]:
    """Collect what is printed about each question, to show beside its results.

    Returns
    -------
    Question to its statements, each with `statement`, `value` (as printed) and `note`: that
    arithmetic rules the value out, or which statements it contradicts. Narratives are left out,
    and so is what another statement of the question says as well; empty where the survey folder
    holds no published findings. Responses are not looked at.
    """
    folder = survey.folder / FOLDER
    if not any((folder / name).is_file() for name in (FINDINGS, STATEMENTS)):
        return {}
    published = read_published(folder, survey.codebook)
    clashes = clashes_of(survey, published)
    beside: dict[str, dict[str, set[Constraint]]] = {}
    for row in published.constraints:
        statement = published.statements[row.statement]
        if statement.strength is Strength.SOFT or statement.repeat_of or not row.cell.question:
            continue
        says = beside.setdefault(row.cell.question, {}).setdefault(statement.id, set())
        if row.reading is Reading.PRINTED:
            says.add(replace(row, statement="", note=""))
    return {
        question: [
            {
                "statement": published.statements[name].words,
                "value": published.statements[name].printed,
                "note": _ruled_out(published, name, clashes.get(name, ())),
            }
            for name in _distinct(found, published, clashes)
        ]
        for question, found in beside.items()
    }


def clashes_of(
    survey: Survey, published: Published, questions: Collection[str] | None = None
) -> dict[str, tuple[str, ...]]:
    """Return what contradicts what, by statement: worked out once for a survey.

    `questions` are those to look at; all by default.
    """
    wanted = None if questions is None else frozenset(questions)
    key = ("contradictions", tuple(published.constraints), wanted)
    if key not in survey.known:
        survey.known[key] = contradictions(published, survey.codebook, wanted)
    found: dict[str, tuple[str, ...]] = survey.known[key]
    return found


def _distinct(
    found: Mapping[str, set[Constraint]],
    published: Published,
    clashes: Mapping[str, tuple[str, ...]],
) -> list[str]:
    """Leave out a statement that asks of the answers what another asks, or a part of it.

    Numbers, and parts, are repeats only where the same is printed; and all contradict the same.
    """
    kept: list[str] = []
    for name in sorted(found, key=lambda name: -len(found[name])):  # stable: else as printed
        says, statement = found[name], published.statements[name]
        loose = statement.strength is Strength.ORDINAL
        repeats = [
            other
            for other in kept
            if clashes.get(name) == clashes.get(other)
            and (
                (loose and says == found[other])
                or (
                    says <= found[other]
                    and statement.printed == published.statements[other].printed
                )
            )
        ]
        if not says or not repeats:
            kept.append(name)
    return [name for name in found if name in kept]


def _ruled_out(published: Published, name: str, clashes: tuple[str, ...]) -> str:
    """Say in words what arithmetic says against a printed value."""
    assessment = by_arithmetic(name, clashes)
    if assessment is Assessment.IMPOSSIBLE:
        return "Impossible as printed."
    if assessment is not Assessment.CONTRADICTS:
        return ""
    others = dict.fromkeys(published.statements[c].words.rstrip(".") for c in clashes)
    return f"Contradicts: {' and '.join(f'“{other}”' for other in others)}."


def as_json(entries: Sequence[Entry]) -> list[dict[str, object]]:
    """Turn entries into plain JSON objects; `assessment` is text such as ``contradicts a, b``."""
    return [
        {
            "id": e.id,
            "figure": e.figure,
            "statement": e.statement,
            "class": e.strength,
            "printed": e.printed,
            "base": e.base,
            "counts": list(e.counts),
            "interval": list(e.interval) if e.interval else None,
            "reproduced": e.reproduced,
            "assessment": e.assessment_in_words,
            "contradicts": list(e.contradicts),
            "explanation": e.explanation,
            "reading": e.reading,
            "reading_assessment": e.reading_assessment.value if e.reading_assessment else "",
            "rows": [_row(check) for check in (*e.checks, *e.chosen)],
            "notes": list(e.notes),
        }
        for e in entries
    ]


def _row(check: Check) -> dict[str, object]:
    return {
        "reading": check.reading.value,
        "what": check.what,
        "required": check.required,
        "value": check.value,
        "holds": check.holds,
    }


def as_text(entries: Sequence[Entry], survey: Survey) -> str:
    """Write the ledger for a terminal: heading, one line per entry, then what needs words."""
    waves = survey.codebook.waves
    wave = f" · {waves[survey.codebook.published_wave or latest(survey)]}" if waves else ""
    lines = [f"Published findings against {survey.describe}{wave}", survey.provenance.banner]
    if not entries:
        return "\n".join([*lines, f"The survey folder has no {FOLDER}/: nothing to compare with."])
    if survey.provenance is Provenance.ILLUSTRATIVE:
        lines.append(
            "They were made to agree with the printed figures, so “reproduced” is not evidence."
        )
    notes = dict.fromkeys(survey.intervals_note(p) for p in survey.codebook.populations)
    lines += [*notes, "", *_table(entries), ""]
    for entry in entries:
        if entry.reading or (entry.explanation and entry.strength != Strength.SOFT):
            lines.append(f"{entry.id}: {entry.assessment_in_words}. {entry.explanation}".rstrip())
        if entry.reading and entry.reading_assessment:
            lines.append(
                f"    Reading used: {entry.reading} In the responses: "
                f"{entry.reading_assessment.value}."
            )
        lines += [f"{entry.id}: Note: {note}" for note in entry.notes]
    published = read_published(survey.folder / FOLDER, survey.codebook)
    lines += [f"About the source: {note}" for note in _general_notes(published)]
    counts = Counter(entry.assessment for entry in entries)
    summary = ", ".join(f"{counts[assessment]} {assessment.value}" for assessment in Assessment)
    rates = len(published.rates)
    held = f"{len(entries) - rates} statements" + (f" and {rates} response rates" if rates else "")
    return "\n".join([*lines, "", f"{held}: {summary}."])


def _general_notes(published: Published) -> list[str]:
    """List notes on the source that concern no single statement or figure."""
    return [note.text for note in published.notes if not (note.statements or note.figures)]


def _table(entries: Sequence[Entry]) -> list[str]:
    head = ("Statement", "Printed", "Base", "Counts", "95% range", "Responses", "Assessment")
    rows = [head, *(_cells(entry) for entry in entries)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _cells(entry: Entry) -> tuple[str, ...]:
    ends = entry.interval or ()
    interval = "–".join(f"{100 * end:.0f}" for end in ends) + "%" * bool(ends)
    found = entry.checks[0].words if entry.checks else ""
    if len(entry.checks) > 1:
        found += f" ({sum(c.holds for c in entry.checks)} of {len(entry.checks)} rows)"
    return (
        entry.id,
        entry.printed,
        str(entry.base or ""),
        say.counts_in_words(entry.counts),
        interval,
        found,
        entry.assessment_in_words,
    )
