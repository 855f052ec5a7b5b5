"""What the source of a survey printed, held against arithmetic and against the responses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from pandas.io.formats.style import Styler

from helpers.ledger.ledger import Entry, ledger
from helpers.notebook import background, ledgers
from helpers.notebook.drawing import Picture
from helpers.notebook.standing import Markdown
from helpers.present import summaries
from helpers.responses.survey import Survey

Table: TypeAlias = Styler | Markdown


@dataclass(frozen=True)
class Printed:
    """Every printed statement with its verdict, as tables, charts and sentences.

    Attributes
    ----------
    entries : one for each statement and printed response rate; none without published findings
    trend : whose statements charts and lists of shares are of; empty for all
    """

    survey: Survey
    entries: tuple[Entry, ...] = field(repr=False)
    trend: str = ""

    def about(self, trend: str) -> Printed:
        """Leave out of charts and lists of shares what is about other trends."""
        return replace(self, trend=trend)

    @property
    def _chosen(self) -> tuple[Entry, ...]:
        if not self.trend:
            return self.entries
        asked = {q.id for q in self.survey.codebook.questions.values() if q.trend == self.trend}
        return tuple(entry for entry in self.entries if asked & set(entry.questions))

    def verdicts(self) -> Table:
        """Count how many statements came to which verdict."""
        return summaries.verdicts(self.entries)

    def disputed(self) -> Table:
        """List statements that arithmetic or another statement rules out."""
        return summaries.disputed(self.entries)

    def beside(self, *questions: str) -> Table:
        """Set what is printed about some questions beside what the responses give."""
        return summaries.beside(self.entries, questions)

    def precision(self) -> Markdown:
        """Say how precise the printed shares are, and which majorities they bear out."""
        return Markdown(ledgers.in_words(self._chosen))

    def shares(self) -> Table:
        """List every printed share with its interval, and what that allows one to say."""
        return ledgers.shares(self._chosen)

    def chart(self) -> Picture | Styler:
        """Draw every printed share with its interval."""
        return ledgers.chart(self._chosen)

    def rates(self) -> Table:
        """List printed response rates with the division they stand for."""
        return ledgers.rates(self.entries)

    def table(self, name: str, *columns: str) -> Table:
        """Show ``published/NAME.csv`` of the survey folder, or some of its columns."""
        return background.printed(self.survey, name, columns)

    def figures(self, name: str, unit: str) -> Picture | Markdown:
        """Draw the rows of a table of `fact`, `value` and `unit` that are in one unit."""
        return background.figures_chart(self.survey, name, unit)

    def themes(self, name: str = "themes") -> Table:
        """Show how strong the evidence for each theme is."""
        return background.evidence(self.survey, self.entries, name)

    def themes_in_words(self, name: str = "themes") -> Markdown:
        """Say which themes rest on a printed number, which on narrative only."""
        return background.strength_in_words(self.survey, self.entries, name)

    def themes_chart(self, name: str = "themes") -> Picture | Markdown:
        """Draw how many numbers, orderings and narratives bear on each theme."""
        return background.strength_chart(self.survey, self.entries, name)

    def _repr_html_(self) -> str:
        return str(self.verdicts().to_html())  # type: ignore[union-attr]


def printed(survey: Survey, folder: str | Path | None = None) -> Printed:
    """Hold every statement that the source printed against arithmetic and the responses.

    Parameters
    ----------
    folder
        Folder of the published findings; by default ``published`` in the survey folder.

    Returns
    -------
    `Printed`: `verdicts()`, `disputed()`, `beside("question")`, `shares()`, `chart()`, …

    Raises
    ------
    InsightsError
        If the folder that is named holds no published findings.
    SurveyProblems
        With everything that is wrong with them.

    Examples
    --------
    >>> import helpers as h
    >>> found = h.printed(h.load_survey("data/example"))
    >>> list(found.verdicts().data.columns)
    ['Verdict', 'Statements']
    """
    return Printed(survey, tuple(ledger(survey, folder)))
