"""Answers as one table in words, for plotly, seaborn, statsmodels and pandas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from helpers.codebook.model import (
    RESPONDENT_TYPE,
    Codebook,
    Dimension,
    Kind,
    Question,
    suggest,
)
from helpers.errors import InsightsError
from helpers.responses.recoding import WEIGHT, Held, band_column
from helpers.responses.subsets import CHOSEN, columns_of_file
from helpers.words import distinct

OWN_WEIGHT = "weight"
TOGETHER = 50  # columns that are fetched at once: more take more memory
Labels = dict[str, str]  # of codes, in order


def labelled(
    codebook: Codebook, held: Mapping[str, Held], names: Sequence[str], codes: bool, chosen: str
) -> pd.DataFrame:
    """Make the table that `Survey.df` describes; `chosen` is the column of its condition."""
    _check(codebook, held, names)
    among = {p: one for p, one in held.items() if not chosen or chosen in one.columns}
    tables = {p: _Table(codebook, p, one, names, codes, chosen) for p, one in among.items()}
    answered = {p: table for p, table in tables.items() if table.named}
    kept = {p: table.frame for p, table in (answered or tables).items()}
    kinds = {column: frame.dtypes[column] for frame in kept.values() for column in frame.columns}
    frame = pd.concat(
        [frame.reindex(columns=list(kinds)).astype(kinds) for frame in kept.values()],
        ignore_index=True,
    )
    if len(held) > 1:
        types = {p: p if codes else codebook.populations[p].label for p in held}
        said = pd.Series([types[p] for p, one in kept.items() for _ in range(len(one))], dtype=str)
        (name,) = distinct([RESPONDENT_TYPE], frame.columns)
        frame.insert(0, name, said if codes else _in_order(said, types.values(), False))
    frame.attrs["labels"] = {
        column: words
        for table in tables.values()
        for column, words in table.words.items()
        if column in frame.columns
    }
    return frame


def _check(codebook: Codebook, held: Mapping[str, Held], names: Sequence[str]) -> None:
    known = [RESPONDENT_TYPE, *codebook.dimensions, *codebook.questions, *codebook.owners]
    known += [name for there in held.values() for name in columns_of_file(there.columns)]
    known = list(dict.fromkeys(known))
    for name in names:
        if name not in known:
            raise InsightsError(f'There is no column "{name}". {suggest(name, known, "name")}')


class _Table:
    """The table of one population.

    Attributes
    ----------
    named : whether it has any of the questions and columns that were asked for
    words : what each column is, in words
    """

    def __init__(
        self,
        codebook: Codebook,
        population: str,
        held: Held,
        names: Sequence[str],
        codes: bool,
        chosen: str,
    ) -> None:
        self.codebook, self.who = codebook, codebook.populations[population]
        self.codes, self.held, self.chosen = codes, held, chosen
        self.dimensions = {
            d.id: d
            for d in codebook.dimensions.values()
            if population in d.source and (not names or d.id in names)
        }
        self.questions = {
            name: question
            for name, question in codebook.owners.items()
            if question.population == population and name in self.held.columns
        }
        columns = [
            name
            for name in columns_of_file(self.held.columns)
            if not names or {name, self._question_of(name)} & {*names}
        ]
        dimensions = self.dimensions.keys() - self.questions.keys()
        self.named = bool(names and {*columns} - dimensions - {self.who.identifier})
        self.words: Labels = {}
        self.frame = self._made(columns)

    def _question_of(self, name: str) -> str:
        return self.questions[name].id if name in self.questions else ""

    def _made(self, columns: Sequence[str]) -> pd.DataFrame:
        identifier = [self.who.identifier] if self.who.identifier in self.held.columns else []
        there = self._fetched([*identifier, *map(band_column, self.dimensions)])
        made = {name: there[name] for name in identifier}
        many = TOGETHER if self.held.in_order else len(columns)
        for at in range(0, len(columns), max(many, 1)):
            some = columns[at : at + many]
            answers = self._fetched(some)
            for name in some:
                if name in self.questions:
                    made[name] = self._answered(name, self.questions[name], answers[name])
                elif name != self.who.weight:
                    made[name] = answers[name]
        made = self._with_bands(made, there)
        if self.who.weight or there[WEIGHT].nunique() > 1:
            taken = {*made, *self.questions}
            made[OWN_WEIGHT if OWN_WEIGHT not in taken else WEIGHT] = there[WEIGHT]
        return pd.DataFrame(made, index=there.index)

    def _fetched(self, columns: Sequence[str]) -> pd.DataFrame:
        """Answers in some columns, of those whom the condition chooses."""
        chosen = [self.chosen] if self.chosen else []
        held = self.held.only(dict.fromkeys([*columns, *chosen]))
        answers = Held(held.in_memory(), {}).answers(self.codebook)
        return answers[answers[self.chosen] == CHOSEN] if chosen else answers

    def _with_bands(
        self, made: dict[str, pd.Series], answers: pd.DataFrame
    ) -> dict[str, pd.Series]:
        """Put the dimensions behind the identifier; one that repeats a question is left out."""
        bands = {}
        for name, dimension in self.dimensions.items():
            band = self._band(dimension, answers[band_column(name)])
            if name not in self.questions:
                made.pop(name, None)
            elif name in made and made[name].astype(object).equals(band.astype(object)):
                continue
            else:
                (name,) = distinct([f"{name}_band"], (*made, *self.questions))
            bands[name] = band
            self.words[name] = dimension.label
        first = [self.who.identifier] if self.who.identifier in made else []
        return {**{name: made[name] for name in first}, **bands, **made}

    def _band(self, dimension: Dimension, cells: pd.Series) -> pd.Series:
        return cells if self.codes else _in_words(cells, dimension.bands, dimension.ordered)

    def _answered(self, name: str, question: Question, cells: pd.Series) -> pd.Series:
        self.words[name] = question.label
        if question.items:
            cell = next(c for c in question.cells if c.column == name)
            time = self.codebook.times.get(cell.time, cell.time)
            self.words[name] = " · ".join(filter(None, (question.item_label(cell.item), time)))
        if self.codes or not question.tabulates:
            return cells
        if question.kind is Kind.MULTIPLE:
            return (cells == question.ticked.code).astype(float).where(cells.notna())
        options = list(question.substantive)
        scale = question.is_scale
        if scale:
            options.sort(key=lambda option: option.score or 0)
        dimension = self.dimensions.get(name)
        ordered = scale or (dimension is not None and dimension.ordered)
        return _in_words(cells, {o.code: o.label for o in options}, ordered)


def _in_words(cells: pd.Series, labels: Labels, ordered: bool) -> pd.Series:
    return _in_order(cells.map(labels), labels.values(), ordered)


def _in_order(cells: pd.Series, words: Iterable[str], ordered: bool) -> pd.Series:
    return cells.astype(pd.CategoricalDtype([*words], ordered=ordered))
