"""What is asked of the responses: a question, groups and a selection; and the form of a result."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.codebook.cells import NOT_ASKED
from helpers.codebook.model import NOT_STATED, RESPONDENT_TYPE, Base, Question, suggest
from helpers.errors import InsightsError
from helpers.estimation.intervals import Floats
from helpers.estimation.latest_wave import (
    resolve_selection,
    selected_waves,
    waves_in_words,
    waves_without,
)
from helpers.estimation.tabulate import (
    SUMS,
    Tabulation,
    clusters,
    present,
    some_gave_several,
    tabulate,
)
from helpers.estimation.variance import Axis, Design, Sums, tensor
from helpers.responses.recoding import PERSON
from helpers.responses.selection import Selection, Where, column_of, keys_of, known_codes
from helpers.responses.survey import Survey

Row: TypeAlias = dict[str, Any]  # of a result: column to cell
Columns: TypeAlias = dict[str, Any]  # of a result: column to cells
RESULT = ("question", "item", "option", "time")
VALUES = ("estimate", "se", "ci_low", "ci_high", "n", "n_effective", "deff", "df", "status")
COUNTED = frozenset(("column", "option", "stratum", *SUMS))  # columns of what is counted
OWN = frozenset((*RESULT, *VALUES, *COUNTED))


class Status(StrEnum):
    """Why a row has, or has not, an estimate."""

    OK = "ok"
    NO_VARIANCE = "one respondent: no variance"
    NO_ANSWERS = "nobody answered"
    NO_WEIGHT = "every weight is zero"
    SAME_ANSWER = "everyone gave the same answer: no interval"
    NOT_ASKED = "not asked of the selection"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Request:
    """A question, its groups and its selection, looked up and checked.

    `concerned` says whether the selection can hold anybody who was asked.
    """

    survey: Survey
    question: Question
    keys: tuple[str, ...]
    groups: list[tuple[str, ...]]
    selection: Selection
    concerned: bool

    @classmethod
    def of(
        cls,
        survey: Survey,
        question: str,
        by: Sequence[str] | str,
        where: Where,
        base: str | None = None,
    ) -> Request:
        """Look everything up; mistakes raise `InsightsError` with what exists."""
        asked = survey.question(question)
        if base is not None:
            if base not in list(Base):
                raise InsightsError(
                    f'There is no base rule "{base}". {suggest(base, list(Base), "rule")}'
                )
            asked = replace(asked, base=Base(base))
        keys = keys_of(by)
        require_free(keys, OWN)
        selection = resolve_selection(survey, where, asked.population, keys)
        groups = _groups(survey, asked, keys)
        concerned = selection.concerns(survey, asked.population)
        return cls(survey, asked, keys, groups, selection, concerned)

    @property
    def inner(self) -> tuple[str, ...]:
        """Keys that columns of the responses hold: all but the respondent type."""
        return tuple(key for key in self.keys if key != RESPONDENT_TYPE)

    @property
    def group_places(self) -> dict[tuple[str, ...], int]:
        """Place of every group by its codes on the inner keys."""
        return {
            tuple(c for k, c in zip(self.keys, g, strict=True) if k != RESPONDENT_TYPE): n
            for n, g in enumerate(self.groups)
        }

    def group_of(self, table: pd.DataFrame) -> list[tuple[str, ...]]:
        """Codes of every row of a table on the inner keys."""
        if not self.inner:
            return [()] * len(table)
        return list(zip(*(table[k] for k in self.inner), strict=True))

    def places_of(self, table: pd.DataFrame) -> npt.NDArray[np.int64]:
        """Place of the group of every row of a table; -1 where it is in none."""
        return np.array([self.group_places.get(g, -1) for g in self.group_of(table)], dtype=int)

    @property
    def person(self) -> tuple[str, ...]:
        """Key that tells people apart, where some gave several of the selected answers."""
        several = some_gave_several(self.survey, self.question.population, self.selection)
        return (PERSON,) if several else ()

    def frame(self, options: Sequence[str]) -> pd.DataFrame:
        """Rows of the result, without values."""
        rows = [
            (self.question.id, cell.item, option, cell.time, *group)
            for group in self.groups
            for cell in self.question.cells
            for option in options
        ]
        return pd.DataFrame(rows, columns=[*RESULT, *self.keys])

    def sums(self, table: Tabulation, design: Design) -> Sums:
        """Spread the table of `tabulate` over group, column, option of the base and stratum."""
        cells = table.cells
        axes: list[Axis] = [
            (self.group_of(cells), self.group_places),
            (cells["column"], {c.column: n for n, c in enumerate(self.question.cells)}),
            (cells["option"], {o.code: n for n, o in enumerate(self.question.in_base)}),
            (cells["stratum"], {s: n for n, s in enumerate(design.cells)}),
        ]
        return Sums(*tensor(cells, axes, list(SUMS)))

    def counted(self) -> tuple[Sums, Design]:
        """Add up the answers, people as clusters where some of them gave several."""
        survey, population = self.survey, self.question.population
        table = tabulate(survey, self.question, self.inner, self.selection)
        design = Design.of(table.strata, survey, population)
        sums = self.sums(table, design)
        found = clusters(survey, self.question, self.inner, self.selection)
        if found is None:
            return sums, design
        codes = {o.code: n for n, o in enumerate(self.question.in_base)}
        places: dict[str, Mapping[Any, int]] = {
            "column": {c.column: n for n, c in enumerate(self.question.cells)},
            "option": codes,
            "option_other": codes,
            "stratum": {s: n for n, s in enumerate(design.cells)},
        }

        def spread(rows: pd.DataFrame, name: str) -> Floats:
            axes = [(rows[key], at) for key, at in places.items() if key in rows]
            (made,) = tensor(rows, [(self.group_of(rows), self.group_places), *axes], [name])
            return made

        products = spread(found.products, "sum_ww")
        people = spread(found.people, "n")
        return replace(sums, products=products, people=people), design

    def filled(
        self,
        frame: pd.DataFrame,
        values: Mapping[str, Floats] | None,
        combine: Mapping[str, Sequence[str]] | None = None,
    ) -> pd.DataFrame:
        """Fill in values and statuses; None where the selection cannot hold anybody.

        An item that no wave of a row asked has no estimate, nor has an answer that none offered;
        `combine` says which answers a row takes together.
        """
        if values is None:
            nothing: dict[str, object] = dict.fromkeys(VALUES, np.nan)
            frame = frame.assign(**{**nothing, "n": 0, "status": Status.NOT_ASKED.value})
        else:
            for name in VALUES[:-1]:
                frame[name] = values[name].reshape(-1)
            frame["n"] = frame["n"].astype(int)
            frame["status"] = status_of(frame["estimate"], frame["se"], frame["n"])
        frame = self._without_unasked(frame, combine or {})
        waves = selected_waves(self.survey.codebook, self.question.population, self.selection)
        named = "" if self._wave_key in self.keys else waves_in_words(self.survey.codebook, waves)
        frame.attrs["survey"] = " · ".join(filter(None, (self.survey.describe, named)))
        frame.attrs["wave"] = named
        return frame

    def with_columns(self, frame: pd.DataFrame, **columns: Any) -> pd.DataFrame:
        """Add columns that results of one kind have; none replaces a group."""
        require_free(self.keys, columns)
        return frame.assign(**columns)

    @property
    def _wave_key(self) -> str:
        return self.survey.codebook.wave_dimension

    def _without_unasked(
        self, frame: pd.DataFrame, combine: Mapping[str, Sequence[str]]
    ) -> pd.DataFrame:
        """Take the estimates from rows that no wave asked or offered."""
        codebook, asked = self.survey.codebook, self.question
        if not asked.differs_by_wave or codebook.wave_of(asked.population) is None:
            return frame
        pooled = selected_waves(codebook, asked.population, self.selection)
        pooled = tuple(wave for wave in pooled if wave in codebook.waves) or pooled
        groups = frame[self._wave_key] if self._wave_key in frame else [None] * len(frame)

        def unasked(item: str, option: str, group: str | None) -> bool:
            waves = pooled if group is None else (group,)
            gone = waves_without(asked, item, combine.get(option, (option,)), waves)
            return bool(waves) and len(gone) == len(waves)

        rows = zip(frame["item"], frame["option"], groups, strict=True)
        gone = np.array([unasked(*row) for row in rows], dtype=bool)
        if gone.any():
            frame.loc[gone, [*VALUES[:4], "n_effective", "deff", "df"]] = np.nan
            frame.loc[gone, "status"] = Status.NOT_ASKED.value
        return frame


def status_of(estimate: Any, se: Any, n: Any) -> Any:
    """Say of each of several estimates why it is missing, or has no standard error."""
    empty = np.isnan(estimate)
    return np.select(
        [empty & (n == 0), empty, np.isnan(se)],
        [Status.NO_ANSWERS.value, Status.NO_WEIGHT.value, Status.NO_VARIANCE.value],
        Status.OK.value,
    )


def require_free(keys: Iterable[str], taken: Collection[str]) -> None:
    """Refuse to group by what has the name of another column of the result, or of its labels."""
    keys = list(keys)
    for key in keys:
        if key.removesuffix("_label") in (*taken, *(k for k in keys if k != key)):
            raise InsightsError(
                f'Results have a column "{key}" of their own. Group by a variable of another name: '
                f'survey.derive({key}_groups=h.recipes.recode("{key}", {{…}})).'
            )


def _groups(survey: Survey, question: Question, by: tuple[str, ...]) -> list[tuple[str, ...]]:
    columns = survey.columns(question.population)
    levels = []
    for key in by:
        if key == RESPONDENT_TYPE:
            levels.append([question.population])
            continue
        known = list(known_codes(survey.codebook, key))
        column = column_of(survey.codebook, key)
        if column not in columns:
            raise InsightsError(
                f"{survey.codebook.populations[question.population].label} "
                f"have no {key}: it is not known for them."
            )
        there = present(survey, question.population, column)
        optional = (NOT_STATED, NOT_ASKED, "not_answered")
        levels.append([c for c in known if c in there or c not in optional] or list(there))
    return list(product(*levels))
