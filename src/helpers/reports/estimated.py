"""Estimates of many questions in the same columns, and the tidy table of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.codebook.model import Question, ResponseColumn
from helpers.estimation.association import adjusted
from helpers.estimation.columns import ColumnBlock, ColumnEstimates, estimate_columns
from helpers.estimation.index import index_columns
from helpers.present.readable import READABLE, SMALL
from helpers.reports.contents import AnswerRow, TableColumn, Tabled, answer_rows
from helpers.responses.selection import Where
from helpers.responses.survey import Survey
from helpers.terminal import Progress, Step

NUMBERS = ("estimate", "se", "ci_low", "ci_high", "n", "n_effective", "status")
TIDY = [
    *("table", "question", "question_label", "item", "item_label", "time", "time_label"),
    *("kind", "option", "option_label", "block", "column", "letter"),
    *(*NUMBERS, "n_weighted", "base_effective", "small_base", "above", "reason"),
]
TESTS = [
    *("table", "question", "item", "time", "kind", "option", "column", "other"),
    *("estimate", "test", "statistic", "df", "p", "p_adjusted", "above"),
]


@dataclass(frozen=True)
class Estimated:
    """One question in every column.

    Attributes
    ----------
    above : letters of the columns that a column is above, by kind, cell, row and column
    """

    number: int
    tabled: Tabled
    rows: list[AnswerRow]
    columns: list[TableColumn]
    found: ColumnEstimates
    above: dict[tuple[str, int, int, int], str]

    @property
    def question(self) -> Question:
        """The question as it is tabulated."""
        return self.tabled.question

    def labels(self, survey: Survey, cell: int) -> tuple[str, str]:
        """Labels of the item and the point in time of a cell; empty where there is only one."""
        place = self.question.cells[cell]
        item = self.question.item_label(place.item) if len(self.question.items) > 1 else ""
        return item, survey.codebook.times.get(place.time, place.time)


def estimate_tables(
    survey: Survey,
    questions: Sequence[Tabled],
    columns: Sequence[tuple[ColumnBlock, list[TableColumn]]],
    where: Where,
    progress: Callable[[str], None] | None,
    *,
    tested: bool,
    levels: Sequence[float] = (),
) -> tuple[list[Estimated], pd.DataFrame]:
    """Estimate questions one after the other, then judge all tests together.

    Returns
    -------
    The estimates, and the tests, one row per row of a table and pair of columns: `estimate` is
    the difference, `p_adjusted` is of all tests of all tables (Benjamini and Hochberg), `above` the
    column that is significantly above the other.
    """
    blocks = [block for block, _ in columns]
    heads = [column for _, of in columns for column in of]
    made, said = [], Progress()
    for number, one in enumerate(questions, 1):
        (progress or said)(Step("Tables", number, len(questions)))
        rows = answer_rows(one.question, survey.say)
        if one.question.id in survey.codebook.indices:
            found = index_columns(survey, one.question.id, blocks, where)
        else:
            codes = [row.codes for row in rows]
            apart = [_untested(survey, one.question, block) for block in blocks]
            found = estimate_columns(survey, one.question, apart, codes, where, tested=tested)
        made.append(Estimated(number, one, rows, heads, found, {}))
    said.end()
    tests = pd.DataFrame(columns=TESTS)
    if tested and levels:
        tests = _judged(made, levels)
    return made, tests


def _untested(survey: Survey, question: Question, block: ColumnBlock) -> ColumnBlock:
    """Leave groups untested that are made of the answers they are compared on."""
    codebook = survey.codebook
    known = [
        key
        for key in block.keys
        if key in codebook.dimensions and question.population in codebook.dimensions[key].source
    ]
    same = any(codebook.repeats(key, question.population, [question]) for key in known)
    return replace(block, apart=False) if same else block


def _judged(made: Sequence[Estimated], levels: Sequence[float]) -> pd.DataFrame:
    """Adjust all tests together, and note in `above` who is above whom."""
    parts = [part for one in made for part in _tests(one)]
    if not parts:
        return pd.DataFrame(columns=TESTS)
    held = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    p = adjusted(held["p"])
    with np.errstate(invalid="ignore"):
        clear = p <= max(levels)
    names: dict[tuple[int, str, int, int, int], list[tuple[int, str]]] = {}
    above = np.full(len(p), "", dtype=object)
    for at in np.flatnonzero(clear):
        one = made[held["table"][at] - 1]
        first, second = int(held["one"][at]), int(held["two"][at])
        high, low = (first, second) if held["estimate"][at] > 0 else (second, first)
        letter = one.columns[low].letter
        strict = len(levels) > 1 and p[at] <= min(levels)
        said = letter if strict or len(levels) == 1 else letter.lower()
        key = (one.number, held["of"][at], held["cell"][at], held["row"][at], high)
        names.setdefault(key, []).append((low, said))
        above[at] = one.columns[high].letter
    for (number, *place), letters in names.items():
        cell: Any = tuple(place)
        made[number - 1].above[cell] = " ".join(letter for _, letter in sorted(letters))
    return _tests_table(held, p, above)


def _tests(one: Estimated) -> Iterator[dict[str, np.ndarray]]:
    """Give the tests of a table as flat arrays; those on too few answers have no p."""
    heads = [column.heading for column in one.columns]
    for test in one.found.tests:
        values = one.found.of(test.of)
        p = test.values["p"]
        shape = p.shape if p.ndim == 3 else (p.shape[0], 1, p.shape[1])
        first, second = ([pair[end] for pair in test.pairs] for end in (0, 1))
        n = values["n"].reshape(len(one.columns), shape[0], -1)
        few = np.minimum(n[first], n[second]).transpose(1, 2, 0) < READABLE
        cell, row, pair = (of.reshape(-1) for of in np.indices(shape))
        places = one.question.cells
        if test.of == "none":
            places = (ResponseColumn(one.question.id, "", ""),)
        named = [(_KINDS[test.of], "")]
        if test.of == "rows":
            named = [(of.kind, of.option) for of in one.rows]
        name = test.values.get("test")
        yield {
            "table": np.full(len(pair), one.number),
            "of": np.full(len(pair), test.of, dtype=object),
            "cell": cell,
            "row": row,
            "one": np.array(first)[pair],
            "two": np.array(second)[pair],
            "question": np.full(len(pair), one.tabled.name, dtype=object),
            "item": _each([place.item for place in places], cell),
            "time": _each([place.time for place in places], cell),
            "kind": _each([kind for kind, _ in named], row),
            "option": _each([option for _, option in named], row),
            "column": _each(heads, np.array(first)[pair]),
            "other": _each(heads, np.array(second)[pair]),
            "p": np.where(few, np.nan, p.reshape(shape)).reshape(-1),
            "test": np.full(len(pair), "t", dtype=object) if name is None else name.reshape(-1),
            **{k: test.values[k].reshape(-1) for k in ("estimate", "statistic", "df")},
        }


def _tests_table(held: dict[str, np.ndarray], p: np.ndarray, above: np.ndarray) -> pd.DataFrame:
    """Make the table of tests that were done."""
    table = pd.DataFrame({**held, "p_adjusted": p, "above": above}, columns=TESTS)
    return table[~np.isnan(held["p"])].reset_index(drop=True)


def tidy(survey: Survey, made: Sequence[Estimated]) -> pd.DataFrame:
    """Make the tidy table: one row per table, row and column."""
    parts = [part for one in made for part in _tidy(survey, one)]
    names = parts[0].keys() if parts else TIDY
    held = {name: np.concatenate([part[name] for part in parts]) for name in names}
    frame = pd.DataFrame(held, columns=TIDY)
    return frame.astype({"table": "int64", "n": "int64"})


def _tidy(survey: Survey, one: Estimated) -> Iterator[dict[str, np.ndarray]]:
    for kind, values, rows in (
        ("rows", one.found.rows, one.rows),
        ("mean", one.found.mean, None),
        ("net", one.found.net, None),
        ("none", one.found.none, None),
    ):
        if values is None or (kind == "rows" and not rows):
            continue
        cells, width, of = one.question.cells, len(rows or [""]), len(one.columns)
        bases = one.found.bases
        if kind == "none":  # of all boxes together
            cells = (ResponseColumn(one.question.id, "", ""),)
            bases = {name: base.max(axis=1, keepdims=True) for name, base in bases.items()}
        length = len(cells) * width * of
        cell, row, column = (x.reshape(-1) for x in np.indices((len(cells), width, of)))

        def flat(array: np.ndarray, shape: tuple[int, ...] = (of, len(cells), width)) -> np.ndarray:
            return array.reshape(shape).transpose(1, 2, 0).reshape(-1)

        labels = [one.labels(survey, n) if c.item else ("", "") for n, c in enumerate(cells)]
        named = [(r.kind, r.option, r.label) for r in rows] if rows else [(_KINDS[kind], "", "")]
        heads = [(c.block, c.label, c.letter) for c in one.columns]
        whole = {name: np.repeat(base[:, :, None], width, 2) for name, base in bases.items()}
        n = flat(values["n"])
        yield {
            "table": np.full(length, one.number),
            "question": np.full(length, one.tabled.name, dtype=object),
            "question_label": np.full(length, one.question.label, dtype=object),
            "item": _each([c.item for c in cells], cell),
            "item_label": _each([item for item, _ in labels], cell),
            "time": _each([c.time for c in cells], cell),
            "time_label": _each([time for _, time in labels], cell),
            **{k: _each([r[at] for r in named], row) for at, k in enumerate(TIDY[7:10])},
            **{k: _each([h[at] for h in heads], column) for at, k in enumerate(TIDY[10:13])},
            **{name: flat(values[name]) for name in NUMBERS},
            "n_weighted": flat(whole["weighted"]),
            "base_effective": flat(whole["effective"]),
            "small_base": (n > 0) & (n < SMALL),
            "above": np.array(
                [one.above.get((kind, *at), "") for at in zip(cell, row, column, strict=True)],
                dtype=object,
            ),
            "reason": _each([one.found.reasons.get(n, "") for n in range(of)], column),
        }


def _each(known: Sequence[Any], at: np.ndarray) -> np.ndarray:
    """Return what is known of each place."""
    held = np.empty(len(known), dtype=object)
    held[:] = known
    return held[at]


_KINDS = {"rows": "", "mean": "mean", "net": "net score", "none": "none"}
