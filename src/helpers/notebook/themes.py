"""Themes: conclusions of a source, each with the printed statements that relate to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from helpers.errors import Problems
from helpers.ledger.assessments import Assessment, Entry
from helpers.ledger.ledger import FOLDER
from helpers.ledger.statements import Strength
from helpers.present.formats import escaped_markdown, percent
from helpers.present.printed_tables import read_rows
from helpers.responses.survey import Survey

NEEDED = ("gist", "findings", "evidence")
KINDS = {Strength.HARD: "Numbers", Strength.ORDINAL: "Orderings", Strength.SOFT: "Narratives"}
WAYS: dict[Strength | None, str] = {
    Strength.HARD: "at least one printed number of the survey",
    Strength.ORDINAL: "an ordering or a direction at best, no number",
    Strength.SOFT: "narrative only",
    None: "no printed statement about the survey",
}


@dataclass(frozen=True)
class Theme:
    """A conclusion of the source, its kind of evidence and the statements that relate to it."""

    name: str
    gist: str
    evidence: str
    entries: tuple[Entry, ...]

    def having(self, strength: Strength) -> tuple[Entry, ...]:
        """List its printed statements of one strength."""
        return tuple(e for e in self.entries if e.strength == strength)

    @property
    def strongest(self) -> Strength | None:
        """Its strongest kind of statement; None if no printed statement relates to it."""
        return next((kind for kind in KINDS if self.having(kind)), None)

    @property
    def row(self) -> list[object]:
        """Row of the theme in the table of `Printed.themes`."""
        numbers = self.having(Strength.HARD)
        bases = [entry.base for entry in numbers if entry.base]
        ends = [entry.interval for entry in numbers if entry.interval]
        spans = [(high - low, low, high) for low, high in ends]
        _, low, high = max(spans, default=(0.0, 0.0, 0.0))
        return [
            self.name,
            self.gist,
            self.evidence,
            *(len(self.having(strength)) for strength in KINDS),
            *(
                sum(entry.assessment is assessment for entry in self.entries)
                for assessment in Assessment
            ),
            f"{min(bases):,}" if bases else "–",
            f"{percent(low)[:-1]}–{percent(high)}" if spans else "–",
        ]


def read_themes(survey: Survey, entries: Iterable[Entry], name: str) -> list[Theme] | None:
    """Read ``published/NAME.csv``; None where the survey folder has none.

    Raises
    ------
    SurveyProblems
        If the file is damaged, lacks a column, or names a statement that was not printed.
    """
    rows = read_rows(survey, name, NEEDED)
    if rows is None:
        return None
    known = {entry.id: entry for entry in entries}
    problems, themes = Problems(), []
    fix = "Correct the id, or add the statement to findings.csv."
    for place, (number, row) in enumerate(rows, 1):
        wanted = list(dict.fromkeys(row["findings"].split()))
        for finding in (one for one in wanted if one not in known):
            allowed = "ids of findings.csv, separated by blanks"
            problems.add(f"{name}.csv", number, "findings", finding, allowed, fix)
        about = tuple(known[one] for one in wanted if one in known)
        themes.append(Theme(row.get("number") or str(place), row["gist"], row["evidence"], about))
    problems.raise_if_any(f"{FOLDER}/{name}.csv cannot be used")
    return themes


def named(themes: Sequence[Theme]) -> str:
    """Name themes by number: ``themes 1, 4 and 9``."""
    names = [escaped_markdown(one.name) for one in themes]
    start = ", ".join(names[:-1])
    return f"theme{'s' * (len(names) > 1)} {' and '.join(filter(None, (start, names[-1])))}"
