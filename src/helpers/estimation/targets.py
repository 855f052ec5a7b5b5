"""Targets of weights, from Python, a CSV file or a table: categories with people or shares."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from helpers.codebook.model import suggest, suggest_code
from helpers.codebook.textfiles import TextTable, read_table
from helpers.errors import InsightsError, Problems
from helpers.estimation.intervals import Floats
from helpers.responses.selection import known_codes
from helpers.responses.survey import Survey

Margins: TypeAlias = "Mapping[str | tuple[str, ...], Mapping[Any, float]]"
Targets: TypeAlias = "Margins | pd.DataFrame | str | Path | Sequence[pd.DataFrame | str | Path]"
SAME_SUM = 1e-6
ROUNDED = 0.0051  # of shares that were rounded, their sum may differ from 1 by so much
SHARES, PER_CENT, PEOPLE = "shares", "percentages", "numbers of people"
_FORM = 'give numbers of people or shares of each, such as {"sex": {"f": 0.52, "m": 0.48}}.'
_TABLE = (
    "A table of targets has either a column for each characteristic and one of numbers "
    "(age, sex, people), or three columns: characteristic, category, number."
)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[,\s\u202f\xa0]\d{3})+(?:\.\d+)?")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?|\.\d+")


@dataclass(frozen=True)
class Margin:
    """One margin: its characteristics, their columns, categories, and what each is to sum to.

    Attributes
    ----------
    numbers : people in each category, or shares that sum to 1
    given : what the numbers were taken for: `SHARES`, `PER_CENT` or `PEOPLE`
    unstated : respondents who belong to no category that was given, and keep their share
    unsaid : categories of theirs, after those that were given
    labels : of the codes of each characteristic
    """

    keys: tuple[str, ...]
    columns: tuple[str, ...]
    categories: tuple[tuple[Any, ...], ...]
    numbers: Floats
    given: str
    unstated: int = 0
    unsaid: tuple[tuple[Any, ...], ...] = ()
    labels: tuple[Mapping[Any, str], ...] = ()

    @property
    def name(self) -> str:
        """Name of the margin."""
        return " by ".join(self.keys)

    @property
    def shares(self) -> dict[tuple[str, ...], float]:
        """What each category is to be of all, from 0 to 1."""
        parts = self.numbers / self.numbers.sum()
        names = (tuple(map(str, category)) for category in self.categories)
        return dict(zip(names, map(float, parts), strict=True))

    @property
    def of_stated(self) -> dict[tuple[Any, ...], float]:
        """What each category that was given is to be of those who stated theirs, from 0 to 1."""
        given = len(self.categories) - len(self.unsaid)
        parts = self.numbers[:given] / self.numbers[:given].sum()
        return dict(zip(self.categories[:given], parts.tolist(), strict=True))

    def called(self, category: tuple[Any, ...]) -> str:
        """Name a category by its codes, with labels that say more."""
        labels = self.labels or ({},) * len(category)
        named = [(str(c), known.get(c, c)) for c, known in zip(category, labels, strict=True)]
        return " and ".join(c if label == c else f"{c} ({label})" for c, label in named)


def targets_of(
    margins: Margins,
    column: Callable[[str], str],
    respondents: int,
    labels: Callable[[str], Mapping[Any, str]] = lambda key: {},
) -> list[Margin]:
    """Check margins against each other; look their columns up with `column`, labels alike."""
    if not isinstance(margins, Mapping):
        raise InsightsError(f"margins are {margins!r}: {_FORM}")
    if not margins:
        raise InsightsError("There is no margin to weight to: give one or several.")
    targets = []
    for key, numbers in margins.items():
        keys = (key,) if isinstance(key, str) else tuple(key)
        target = _target(keys, tuple(column(k) for k in keys), numbers, respondents)
        targets.append(replace(target, labels=tuple(labels(k) for k in keys)))
    sums = {t.name: float(t.numbers.sum()) for t in targets}
    first = next(iter(sums.values()))
    if any(abs(s - first) > SAME_SUM * first for s in sums.values()):
        listed = ", ".join(f"{t.name}: {sums[t.name]:,.10g}, {t.given}" for t in targets)
        raise InsightsError(
            f"The margins sum to different numbers ({listed}). Give all of them for the same "
            "people, or all as shares."
        )
    return targets


def _target(
    keys: tuple[str, ...], columns: tuple[str, ...], numbers: Any, respondents: int
) -> Margin:
    name = " by ".join(keys)
    numbers = numbers.to_dict() if isinstance(numbers, pd.Series) else numbers
    if not (isinstance(numbers, Mapping) and numbers):
        raise InsightsError(f"Margin {name} is {numbers!r}: {_FORM}")
    for code, number in numbers.items():
        if not (isinstance(number, (int, float, np.number)) and 0 < number < math.inf):
            raise InsightsError(
                f"Margin {name}, {code}: found {number}; it needs a number above 0. Leave out a "
                "category that nobody is in."
            )
    categories = tuple(c if isinstance(c, tuple) else (c,) for c in numbers)
    for category in categories:
        if len(category) != len(keys):
            raise InsightsError(
                f"Margin {name}: {', '.join(map(str, category))} names {len(category)} of "
                f"{len(keys)}. Give a code for each."
            )
    array = np.array(list(numbers.values()), dtype=float)
    total, given = array.sum(), PEOPLE
    if array.max() <= 1:
        given = SHARES
        if abs(total - 1) > ROUNDED:
            raise InsightsError(
                f"The shares of margin {name} sum to {total:.10g}; they need to sum to 1."
            )
    elif abs(total - 100) <= 100 * ROUNDED and respondents > 100:
        given = PER_CENT
    return Margin(keys, columns, categories, array if given == PEOPLE else array / total, given)


def margins_of(survey: Survey, population: str, given: Targets) -> Margins:
    """Read targets of a population from whatever they are given in.

    Returns
    -------
    Numbers by code for each characteristic, or tuple of characteristics; a dict is returned as it
    is, but labels as codes.

    Raises
    ------
    InsightsError
        For a file that cannot be read, or names that do not exist.
    SurveyProblems
        With every cell of a table that cannot be used, located.
    """
    if isinstance(given, Mapping):
        return {key: _coded(survey, key, numbers) for key, numbers in given.items()}
    several = [given] if isinstance(given, str | Path | pd.DataFrame) else given
    if not (isinstance(several, Sequence) and several):
        raise InsightsError(f"margins are {given!r}: {_FORM}")
    found: dict[str | tuple[str, ...], dict[Any, float]] = {}
    for one in several:
        read = _read(survey, population, one)
        for key in read:
            if key in found:
                name = key if isinstance(key, str) else " by ".join(key)
                raise InsightsError(f"Margin {name} is given twice.")
        found |= read
    return found


def _coded(survey: Survey, key: str | tuple[str, ...], numbers: Any) -> Any:
    """Codes for labels; what is not a code is an error."""
    if not isinstance(numbers, Mapping | pd.Series):
        return numbers
    keys = (key,) if isinstance(key, str) else tuple(key)
    codes: dict[Any, Any] = {}
    for category, number in numbers.items():
        parts = category if isinstance(category, tuple) else (category,)
        if len(parts) == len(keys):
            parts = tuple(_code(survey, k, part) for k, part in zip(keys, parts, strict=True))
        codes[parts if isinstance(category, tuple) else parts[0]] = number
    return codes


def _code(survey: Survey, key: str, said: Any) -> Any:
    known = known_codes(survey.codebook, key)
    if not known or said in known:
        return said
    by_label = {label: code for code, label in known.items()}
    if said in by_label:
        return by_label[said]
    raise InsightsError(f'{key} has no "{said}". {suggest_code(str(said), known, "code")}')


def _read(survey: Survey, population: str, given: Any) -> dict[Any, dict[Any, float]]:
    problems = Problems()
    table = _table(given, problems)
    problems.raise_if_any("The targets cannot be used")
    assert table is not None
    known = _characteristics(survey, population)
    named = [n for n, head in enumerate(table.header) if head in known]
    others = [n for n in range(len(table.header)) if n not in named]
    if named and len(others) == 1:
        keys = tuple(table.header[n] for n in named)
        rows = [(keys, tuple(row[n] for n in named), row[others[0]]) for row in table.rows]
        places = [tuple(table.header[n] for n in named)] * len(rows)
        number = table.header[others[0]]
    elif not named and len(table.header) == 3:
        rows = [((row[0],), (row[1],), row[2]) for row in table.rows]
        places = [(table.header[1],)] * len(rows)
        number = table.header[2]
    else:
        wrong = next((table.header[n] for n in others), "")
        raise InsightsError(
            f"{table.name}: columns {', '.join(table.header)}. {_TABLE} "
            f"{suggest(wrong, known, 'characteristic')}"
        )
    found: dict[Any, dict[Any, float]] = {}
    for at, (keys, cells, cell), columns in zip(table.numbers, rows, places, strict=True):
        if not any((*cells, cell)):
            continue
        if not named and keys[0] not in known:
            said = suggest(keys[0], known, "characteristic")
            problems.add(table.name, at, table.header[0], found=keys[0], fix=said)
            continue
        codes = []
        for key, said, column in zip(keys, cells, columns, strict=True):
            try:
                codes.append(_code(survey, key, said))
            except InsightsError as error:
                problems.add(table.name, at, column, found=said, fix=str(error))
        value = number_in(cell)
        if value is None or not value > 0:
            fix = "Leave out the row of a category that nobody is in." if value == 0 else ""
            problems.add(table.name, at, number, cell, "a number above 0", fix)
        if len(codes) < len(keys) or value is None:
            continue
        margin = found.setdefault(keys[0] if len(keys) == 1 else keys, {})
        code = codes[0] if len(keys) == 1 else tuple(codes)
        if code in margin:
            problems.add(table.name, at, columns[0], message="the category appears twice")
        margin[code] = value
    problems.raise_if_any("The targets cannot be used")
    return found


def _table(given: Any, problems: Problems) -> TextTable | None:
    if isinstance(given, pd.DataFrame):
        heads = tuple(map(str, given.columns))
        rows = tuple(tuple("" if pd.isna(c) else str(c) for c in row) for row in given.to_numpy())
        return TextTable("Table of targets", heads, rows, tuple(range(1, len(rows) + 1)))
    path = Path(given)
    if not path.is_file():
        raise InsightsError(f"There is no file {path}. {_TABLE}")
    return read_table(path, problems)


def _characteristics(survey: Survey, population: str) -> Iterable[str]:
    codebook = survey.codebook
    dimensions = [d.id for d in codebook.dimensions.values() if population in d.source]
    owned = [c for c, q in codebook.owners.items() if q.population == population and q.tabulates]
    return dict.fromkeys((*dimensions, *owned))


def number_in(cell: str) -> float | None:
    """Read a number as people write it: ``1,234``, ``0.52``, ``0,52`` or ``52%``."""
    text = cell.strip()
    times = 0.01 if text.endswith("%") else 1.0
    text = text.removesuffix("%").strip()
    if _THOUSANDS.fullmatch(text):
        return float(re.sub(r"[,\s\u202f\xa0]", "", text)) * times
    return float(text.replace(",", ".")) * times if _NUMBER.fullmatch(text) else None
