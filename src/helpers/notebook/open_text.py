"""Open answers: read beside who gave them, and how a code frame divides them.

What is shown here are people's own words. They are never part of a release; of private responses
they are marked as unprotected, and executed copies of notebooks leave them out.
"""

from __future__ import annotations

import csv
import html
import io
import re
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from helpers.codebook.model import Provenance, Question, suggest
from helpers.codebook.recipes import divided
from helpers.codebook.textfiles import guarded
from helpers.errors import InsightsError
from helpers.estimation.latest_wave import known_of, resolve_selection
from helpers.notebook.controls import Filters
from helpers.notebook.without_kernel import Parts, StillForm
from helpers.paths import write_aside
from helpers.present import tables
from helpers.present.formats import percent
from helpers.responses.open_answers import pattern_of
from helpers.responses.selection import EVERY, Selection
from helpers.responses.survey import Survey

PAGE = 25  # answers that are shown at once
WORDS, ALONE = "Words", "Only this theme"


class AnswersReader(Parts):
    """The answers to an open question under the notebook's filters, with a search.

    Attributes
    ----------
    search : words to look for, as in a code frame: several divided by ``;``
    table : the answers found, as a DataFrame: the answer, and a column for each dimension
    """

    def __init__(self, survey: Survey, question: Question, filters: Filters) -> None:
        self.survey, self.question, self.filters = survey, question, filters
        self.table, self._most = pd.DataFrame(), PAGE
        layout = widgets.Layout(width="100%", max_width="46em")
        self.search = widgets.Text(
            placeholder="Words to look for, such as fund*; cost", description="Find", layout=layout
        )
        self._said, self._shown = widgets.HTML(), widgets.HTML()
        self._more = widgets.Button(description="Show more")
        self._more.on_click(lambda _: self._show(self._most + PAGE))
        head = f"<h3>{html.escape(question.label)}</h3><p>{html.escape(question.own_wording)}</p>"
        super().__init__((widgets.HTML(head), self.search, self._said, self._shown, self._more))
        filters.observe(self._follow, "value")
        self.search.observe(self._follow, "value")
        self._follow(None)

    def still(self) -> StillForm:
        """Say how many answers there are; the answers themselves unless they are private."""
        shown = "" if self.survey.provenance is Provenance.PRIVATE else self._shown.value
        words = re.sub("<[^>]+>", "", self._said.value)
        return StillForm(f"{self.children[0].value}{self._said.value}{shown}", html.unescape(words))

    def _follow(self, _: Any) -> None:
        self._show(PAGE)

    def _show(self, most: int) -> None:
        self._most = most
        try:
            found, of = self._found()
        except InsightsError as problem:
            self.table, said, shown = pd.DataFrame(), str(problem), ""
        else:
            self.table = found
            named = f" for “{self.search.value.strip()}”" if self.search.value.strip() else ""
            said = f"{len(found):,} of {of:,} answers{named}. {marked(self.survey)}"
            shown = self._rows(found.head(most)) if len(found) else ""
        self._said.value = f"<p><em>{html.escape(said)}</em></p>"
        self._shown.value = shown
        self._more.layout.display = "" if len(self.table) > most else "none"

    def _found(self) -> tuple[pd.DataFrame, int]:
        """Return the answers that the search finds, and how many there are to the filters."""
        given = answers_of(self.survey, self.question, self.filters.selection)
        finds = self._finds
        if finds is None:
            return given, len(given)
        kept = given.iloc[:, 0].map(lambda text: bool(finds.search(text))).astype(bool)
        return given[kept].reset_index(drop=True), len(given)

    @property
    def _finds(self) -> re.Pattern[str] | None:
        """What finds the words that are looked for; None where there are none."""
        wanted = divided(self.search.value)
        return pattern_of(wanted) if wanted else None

    def _rows(self, found: pd.DataFrame) -> str:
        finds = self._finds
        heads = "".join(f'<th style="text-align:left">{html.escape(c)}</th>' for c in found.columns)
        rows = []
        for text, *characteristics in found.itertuples(index=False):
            cells = "".join(f"<td>{html.escape(str(c))}</td>" for c in characteristics)
            rows.append(f'<tr><td style="text-align:left">{_marked(text, finds)}</td>{cells}</tr>')
        return (
            f'<div class="jp-RenderedHTMLCommon"><table><thead><tr>{heads}</tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table></div>"
        )


def _marked(text: str, finds: re.Pattern[str] | None) -> str:
    """Return a text as HTML, with what was looked for marked."""
    if finds is None:
        return html.escape(text)
    parts, at = [], 0
    for match in finds.finditer(text):
        if match.end() > match.start():
            before, hit = text[at : match.start()], match[0]
            parts += [html.escape(before), f"<mark>{html.escape(hit)}</mark>"]
            at = match.end()
    return "".join([*parts, html.escape(text[at:])])


def marked(survey: Survey) -> str:
    """Say what must stand beside people's own words."""
    if survey.provenance is Provenance.PRIVATE:
        return "People's own words, unprotected: do not share."
    return survey.provenance.banner


def answers_of(survey: Survey, question: Question, where: Selection) -> pd.DataFrame:
    """Open answers of a selection: a column of answers, and one in words for each dimension."""
    codebook, population = survey.codebook, question.population
    selection = known_of(codebook, population, where)
    selection = resolve_selection(survey, selection, population)
    names = [d.id for d in codebook.dimensions.values() if population in d.source]
    frame = survey.df(question.id, *names)
    codes = survey.df(question.id, *names, codes=True)
    keep = frame[question.id].notna()
    for key, wanted in selection.conditions:
        if key in codes and EVERY not in wanted:
            keep &= codes[key].isin(wanted)
    shown = frame.loc[keep, [question.id, *(n for n in names if n in frame)]]
    labels = {n: codebook.dimensions[n].label for n in names} | {question.id: "Answer"}
    shown = shown.astype(object).where(shown.notna(), "Not stated")
    return shown.rename(columns=labels).reset_index(drop=True)


class Coding:
    """What a code frame finds in open answers, and what it leaves.

    Attributes
    ----------
    table : a row for each theme: its code, label and words, `answers` it was found in, their
        `share` of all answers, and in how many it was `alone`
    overlap : how many answers have both themes, by their labels
    uncoded : answers without a theme, and who gave them
    """

    def __init__(self, survey: Survey, name: str) -> None:
        recipe = survey.derived.get(name)
        if recipe is None or recipe.kind != "codes":
            coded = [n for n, one in survey.derived.items() if one.kind == "codes"]
            raise InsightsError(f'"{name}" codes no answers. {suggest(name, coded, "code frame")}')
        self.survey, self.question = survey, survey.question(name)
        frame = survey.df(name, recipe["source"])
        boxes = frame[[c.column for c in self.question.cells]].dropna().astype(bool)
        self.answers = len(boxes)
        many = boxes.sum(axis=1)
        rows = []
        for cell in self.question.cells:
            ticked = boxes[cell.column]
            words = "; ".join(recipe["frame"][cell.item])
            share = ticked.mean() if self.answers else float("nan")
            label = self.question.item_label(cell.item)
            alone = int((ticked & (many == 1)).sum())
            rows.append((cell.item, label, words, int(ticked.sum()), share, alone))
        heads = ["code", "label", "words", "answers", "share", "alone"]
        self.table = pd.DataFrame(rows, columns=heads)
        labels = self.table["label"].tolist()
        both = boxes.astype(int).to_numpy()
        self.overlap = pd.DataFrame(both.T @ both, index=labels, columns=labels)
        source = survey.codebook.questions.get(recipe["source"])
        self.uncoded = self._uncoded(frame, recipe["source"], source, many)

    def _uncoded(
        self, frame: pd.DataFrame, name: str, source: Question | None, many: pd.Series
    ) -> pd.DataFrame:
        left = many.index[many == 0]
        dimensions = [
            d.id
            for d in self.survey.codebook.dimensions.values()
            if source is None or source.population in d.source
        ]
        words = self.survey.df(name, *dimensions).loc[left]
        kept = [n for n in (name, *dimensions) if n in words]
        return words[kept].reset_index(drop=True)

    def save(self, path: str | Path) -> Path:
        """Write the code frame as CSV, to be edited and read again by `h.recipes.codes`."""
        path = Path(path)
        if path.suffix.lower() != ".csv":
            raise InsightsError(f'A code frame is written as .csv, not "{path.suffix}".')
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.table.columns)
        for row in self.table.itertuples(index=False):
            share = "" if pd.isna(row.share) else f"{row.share:.4f}"
            cells = (row.code, row.label, row.words, row.answers, share, row.alone)
            writer.writerow([guarded(str(cell)) for cell in cells])
        return write_aside(path, text.getvalue())

    @property
    def _sentence(self) -> str:
        coded = self.answers - len(self.uncoded)
        return (
            f"{coded:,} of {self.answers:,} answers have a theme; {len(self.uncoded):,} have none. "
            f"{marked(self.survey)}"
        )

    def _shown(self) -> tables.Table:
        rows = pd.DataFrame(
            {
                "Theme": self.table["label"],
                WORDS: self.table["words"],
                "Answers": self.table["answers"],
                "Share": [percent(s) for s in self.table["share"]],
                ALONE: self.table["alone"],
            }
        )
        return tables.shown(rows, ("Answers", "Share", ALONE))

    def _repr_html_(self) -> str:
        overlap = tables.shown(self.overlap.rename_axis("Both").reset_index(), tuple(self.overlap))
        parts = [f"<p><strong>{html.escape(self._sentence)}</strong></p>", self._shown().to_html()]
        if len(self.overlap) > 1:
            parts += ["<p>Answers that have both themes:</p>", overlap.to_html()]
        if len(self.uncoded) and self.survey.provenance is not Provenance.PRIVATE:
            some = self.uncoded.iloc[:, 0].head(10)
            listed = "".join(f"<li>{html.escape(str(text))}</li>" for text in some)
            parts.append(
                f"<p>Some without a theme (all are in <code>.uncoded</code>):</p><ul>{listed}</ul>"
            )
        return "".join(parts)

    def __repr__(self) -> str:
        """Return the sentence and the table as text."""
        return f"{self._sentence}\n{self._shown()!r}"


def coding(survey: Survey, name: str) -> Coding:
    """Show what a code frame finds in open answers: counts, overlap, and what it leaves.

    Parameters
    ----------
    name
        A variable that `h.recipes.codes` made.

    Returns
    -------
    `Coding`: ``.table``, ``.overlap``, ``.uncoded`` (answers that no word was found in), and
    ``.save("frame.csv")``, which `h.recipes.codes` reads.

    Raises
    ------
    InsightsError
        If there is no such variable.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example").derive(
    ...     themes=h.recipes.codes("remark", {"time": ["open*"]}))
    >>> found = h.quality.coding(survey, "themes")
    >>> found.table["answers"].tolist(), len(found.uncoded)
    ([1], 1)
    """
    return Coding(survey, name)
