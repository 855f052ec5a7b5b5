"""Sufficient statistics: the only code that aggregates respondents.

Written against narwhals, so that one function serves whatever holds the responses.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED, WORDS
from helpers.codebook.model import NOT_STATED, Codebook, Question
from helpers.errors import InsightsError
from helpers.responses.engines import (
    ROW,
    codebook_name,
    collected,
    engine_of,
    held_name,
    quoted,
    quoted_text,
)
from helpers.responses.recoding import (
    CELL,
    FIRST_STRATUM,
    PERSON,
    STRATUM,
    WEIGHT,
    WEIGHT_SQUARED,
    Recode,
    answered_number,
    band_column,
)
from helpers.responses.selection import Selection, column_of
from helpers.responses.survey import Survey

ANSWERED = "answered"
SUMS = ("n", "sum_w", "sum_w2")
Ints = npt.NDArray[Any]
_FEW = 1_000  # numbers that are counted rather than sorted, whatever there are
_AT_ONCE = 50  # columns of which codes are fetched together
_WIDE = 200  # columns from which a table is wide
_KEPT = 250_000_000  # codes of a wide table that are kept as numbers
_CROSSED = 50_000_000  # codes of a table that are kept to count many columns by the same groups
_MOST, _CELLS = 4, 5_000  # columns that are counted together, and cells of their table
_AGAIN = {"lowest": "min", "highest": "max"}  # how sums of groups come together; others are added


@dataclass(frozen=True)
class Tabulation:
    """What estimates need to know of the responses to one question.

    Attributes
    ----------
    coded : one row per response column, option code, group and stratum that occurs among the
        selected respondents: `column`, `option`, the group columns, `stratum`, `n` (int),
        `sum_w` and `sum_w2` (sums of weights and of squared weights). Codes are texts, or
        categories, which take a fraction of the time where rows are many
    strata : one row per stratum of the whole sample, whatever was selected: `stratum`, `n`,
        `sum_w`, `sum_w2` and `people`
    """

    coded: pd.DataFrame
    strata: pd.DataFrame

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The same with all codes as texts."""
        kinds = self.coded.dtypes
        return self.coded.astype(dict.fromkeys(kinds.index[kinds == "category"], "str"))


def tabulate(
    survey: Survey, question: Question, by: Sequence[str] = (), where: Selection | None = None
) -> Tabulation:
    """Count the answers to a question.

    Parameters
    ----------
    by
        Dimensions or response columns that form the groups.
    where
        Respondents to count; the strata still cover everybody (domain estimation).
    """
    columns = [c.column for c in question.cells]
    groups = {f"_group_{n}": column_of(survey.codebook, key) for n, key in enumerate(by)}
    if (where is None or not where.columns(survey.codebook)) and (
        places := _Coded.of(survey, question.population, columns, list(groups.values()))
    ):
        cells = places.sums(by)
        return Tabulation(cells, strata(survey, question.population))
    held = survey.held[question.population]
    if held.recodes and engine_of(held.table) == "duckdb":
        turn = _InTurn.of(survey, (question.population, tuple(by), where))
        cells = turn.cells(survey, question, groups, where)
    else:
        rows = _Rows.of(survey, question.population, where, [*columns, *groups.values()])
        if len(columns) == 1:
            counted = rows.sums({"option": columns[0], **groups})
            counted = counted.with_columns(column=nw.lit(columns[0]))
        else:
            counted = rows.unpivoted(columns, groups)
        cells = _fetched(counted, ["column", "option", *groups, STRATUM])
        cells["column"] = pd.array([*map(codebook_name, _listed(cells["column"]))], "str")
    cells.columns = pd.Index(["column", "option", *by, "stratum", *SUMS])
    return Tabulation(cells, strata(survey, question.population))


def ticks(
    survey: Survey, question: Question, by: Sequence[str] = (), where: Selection | None = None
) -> Tabulation:
    """Count who ticked a box of a select-all question, and who left all of them.

    As `tabulate` of a single column that has the question's name, the option of a ticked box for
    those who ticked any, and that of a box left for those who ticked none; others did not answer.
    """
    columns = [c.column for c in question.cells]
    groups = {f"_group_{n}": column_of(survey.codebook, key) for n, key in enumerate(by)}
    rows = _Rows.of(survey, question.population, where, [*columns, *groups.values()])
    codes = [rows.codes(column) for column in columns]
    some, left = (
        nw.any_horizontal(*(code == nw.lit(option.code) for code in codes), ignore_nulls=True)
        for option in (question.ticked, question.unticked)
    )
    none = nw.when(left).then(nw.lit(question.unticked.code)).otherwise(nw.lit(NOT_ANSWERED))
    flag = nw.when(some).then(nw.lit(question.ticked.code)).otherwise(none)
    held = (rows.codes(column).alias(key) for key, column in groups.items())
    frame = rows.frame.select(flag.alias("option"), *held, *rows.strata, *rows.weights)
    keys = ["option", *groups]
    counted = replace(rows, frame=frame, recodes={}).sums({key: key for key in keys})
    cells = _fetched(counted, [*keys, STRATUM])
    cells.columns = pd.Index(["option", *by, "stratum", *SUMS])
    cells.insert(0, "column", question.id)
    return Tabulation(cells, strata(survey, question.population))


def strata(survey: Survey, population: str) -> pd.DataFrame:
    """Count the whole sample of a population: `stratum`, `n`, `sum_w`, `sum_w2` and `people`."""
    found = _remembered(survey, population, STRATUM).rename(columns={STRATUM: "stratum"})
    if not some_gave_several(survey, population, Selection()):
        return found.assign(people=found["n"])
    key = (population, PERSON, "strata")
    if key not in survey.known:
        rows = _Rows.of(survey, population, None, (PERSON,)).frame
        who = rows.select(nw.col(PERSON).alias("_person"), nw.col(STRATUM).alias("_stratum"))
        survey.known[key] = _people(who).set_index("stratum")["n"]
    return found.assign(people=found["stratum"].map(survey.known[key]))


def present(survey: Survey, population: str, column: str) -> tuple[str, ...]:
    """Codes that occur in a frame column, in sorted order."""
    return tuple(_remembered(survey, population, column)["_code"])


def respondents(survey: Survey, population: str, where: Selection | None = None) -> int:
    """Count the respondents of a population, or those of them who are selected."""
    if where is not None and where.columns(survey.codebook):
        if not where.concerns(survey, population):
            return 0
        return int(_fetched(_Rows.of(survey, population, where, ()).sums({}), [STRATUM])["n"].sum())
    return int(_remembered(survey, population, STRATUM)["n"].sum())


def weighed(survey: Survey, population: str, where: Selection) -> tuple[int, float]:
    """Count the respondents who are selected, and add up their weights."""
    found = _fetched(_Rows.of(survey, population, where, ()).sums({}), [STRATUM])
    return int(found["n"].sum()), float(found["sum_w"].sum())


def rows_each(survey: Survey, population: str) -> int:
    """Count the most rows of one person; 1 where each row is somebody else's."""
    if not survey.codebook.person_of(population):
        return 1
    known = survey.known.get((population, PERSON))
    if known is None:
        named = _Rows.of(survey, population, None, ()).filter(nw.col(PERSON) != "")
        most = named.frame.group_by(PERSON).agg(n=nw.len()).select(nw.col("n").max())
        known = survey.known[population, PERSON] = collected(most)
    most_rows = known["n"].max()
    return 1 if pd.isna(most_rows) else int(most_rows)


def people(survey: Survey, population: str, where: Selection) -> tuple[int, int]:
    """Count the rows that are selected, and the people whose they are, by their column."""
    key = (population, PERSON, where)
    if key not in survey.known:
        n = respondents(survey, population, where)
        rows = _Rows.of(survey, population, where, (PERSON,))
        named = rows.filter(nw.col(PERSON) != "").frame.select(PERSON)
        known = collected(named.select(n=nw.len(), people=nw.col(PERSON).n_unique())).iloc[0]
        survey.known[key] = n, n - int(known["n"]) + int(known["people"])
    found: tuple[int, int] = survey.known[key]
    return found


def some_gave_several(survey: Survey, population: str, where: Selection) -> bool:
    """Whether somebody gave several of the answers that are selected, as far as is known."""
    if not survey.codebook.populations[population].person:
        return False
    n, whose = people(survey, population, where)
    return n > whose


def joint(
    survey: Survey,
    population: str,
    columns: Sequence[str],
    by: Sequence[str] = (),
    where: Selection | None = None,
) -> pd.DataFrame:
    """Count how codes of several response columns come together in the same respondents.

    Returns
    -------
    DataFrame, one row per combination of codes, group and stratum that occurs: the response
    columns, the group columns, `stratum`, `n`, `sum_w`, `sum_w2`.
    """
    return joints(survey, population, [columns], by, where)[0]


def joints(
    survey: Survey,
    population: str,
    sets: Sequence[Sequence[str]],
    by: Sequence[str] = (),
    where: Selection | None = None,
) -> list[pd.DataFrame]:
    """Make the table of `joint` for each of several sets of as many response columns, in one go."""
    groups = [column_of(survey.codebook, key) for key in by]
    rows = _Rows.of(survey, population, where, [*chain(*sets), *groups])
    names = [f"_key_{n}" for n in range(len(sets[0]) + len(by))]
    keys = [dict(zip(names, [*columns, *groups], strict=True)) for columns in sets]
    marks = [nw.lit(str(place)).alias("_set") for place in range(len(sets))]
    if rows.recodes and engine_of(rows.frame.to_native()) == "duckdb":
        parts = [rows.sums(k).with_columns(m) for k, m in zip(keys, marks, strict=True)]
        counted = nw.concat(parts)
    else:
        parts = [rows.coded(k, m) for k, m in zip(keys, marks, strict=True)]
        whole = replace(rows, frame=nw.concat(parts), recodes={})
        counted = whole.sums({name: name for name in ("_set", *names)})
    table = _fetched(counted, ["_set", *names, STRATUM])
    places = table.pop("_set").to_numpy(dtype=object)
    found = []
    for place, columns in enumerate(sets):
        part = table[places == str(place)].reset_index(drop=True)
        part.columns = pd.Index([*columns, *by, "stratum", *SUMS])
        found.append(part)
    return found


@dataclass(frozen=True)
class Crossed:
    """Columns of the same respondents, each by the same groups and strata.

    Attributes
    ----------
    groups, strata : codes in sorted order
    columns : of each response column the codes in sorted order, and respondents, sums of weights
        and of squared weights: (3, option, group, stratum)
    respondents : how many of each stratum are selected, (stratum,)
    equal : whether everybody's weight is the same
    """

    groups: tuple[str, ...]
    strata: tuple[str, ...]
    columns: Mapping[str, tuple[tuple[str, ...], npt.NDArray[np.float64]]]
    respondents: npt.NDArray[np.float64]
    equal: bool


def crossed(
    survey: Survey, population: str, columns: Sequence[str], key: str, where: Selection
) -> Crossed | None:
    """Count each of many response columns by the groups of one key, without tables between.

    None where the codes of these columns are too many to be held, or one is missing.
    """
    codebook, held = survey.codebook, survey.held[population]
    conditions = where.columns(codebook)
    groups = column_of(codebook, key)
    by = [groups, *_design_column(survey, population)]
    wanted = [*dict.fromkeys((*columns, *by, *(column for column, _ in conditions)))]
    held_at_once = held.in_order and held.respondents * len(wanted) <= _CROSSED
    if not held_at_once and not _is_kept(survey, population):
        return None
    found = _places(survey, population, wanted, keep=True)
    if any((at < 0).any() for at, _ in found.values()):
        return None
    weights = [weight.to_numpy(dtype=float) for weight in _weights(survey, population)]
    inside: Any = np.ones(len(found[groups][0]), dtype=bool)
    for column, codes in conditions:
        at, names = found[column]
        inside &= np.isin(names, codes)[at]
    kept: Any = slice(None) if inside.all() else inside
    sizes = [len(found[name][1]) for name in by]
    place = np.zeros(int(inside.sum()), dtype=np.int64)
    for name, size in zip(by, sizes, strict=True):
        place = place * size + found[name][0][kept]
    weights = [weight[kept] for weight in weights]
    each = math.prod(sizes)
    counts = {}
    for column in columns:
        at, names = found[column]
        index = at[kept].astype(np.int64) * each + place
        n = np.bincount(index, minlength=len(names) * each).astype(float)
        sums = [np.bincount(index, weight, minlength=len(n)) for weight in weights] or [n, n]
        shape = (3, len(names), sizes[0], -1)
        counts[column] = (tuple(map(str, names)), np.stack([n, *sums]).reshape(shape))
    strata = tuple(map(str, found[by[1]][1])) if len(by) > 1 else ("",)
    respondents = np.bincount(place % len(strata), minlength=len(strata)).astype(float)
    equal = all(np.allclose(weight, weight[:1], atol=0) for weight in weights)
    names = tuple(map(str, found[groups][1]))
    return Crossed(names, strata, counts, respondents, equal)


def coded(
    survey: Survey, population: str, keys: Sequence[str]
) -> dict[str, tuple[Ints, tuple[str, ...]]]:
    """Give every respondent's codes as numbers, to compare answers with one another.

    Parameters
    ----------
    keys
        Dimensions or response columns.

    Returns
    -------
    Of each key the place of every respondent's code, respondents in the same order throughout,
    and the codes in sorted order.
    """
    columns = {key: column_of(survey.codebook, key) for key in dict.fromkeys(keys)}
    held = coded_columns(survey, population, list(dict.fromkeys(columns.values())))
    return {key: held[name] for key, name in columns.items()}


def coded_columns(
    survey: Survey, population: str, columns: Sequence[str]
) -> dict[str, tuple[Ints, tuple[str, ...]]]:
    """Give codes as `coded` does, of frame columns: answers, or bands (`band_column`)."""
    held = _places(survey, population, columns)
    return {name: (places, tuple(map(str, codes))) for name, (places, codes) in held.items()}


def patterns(survey: Survey, population: str, where: Selection | None = None) -> pd.DataFrame:
    """Count which questions the same respondents answered.

    Returns
    -------
    DataFrame, one row per combination that occurs, the most frequent first: a column per question
    of the population, in codebook order, that holds `ANSWERED`, `NOT_ANSWERED` (asked, and every
    cell left) or `NOT_ASKED`; and `n`, `sum_w`, `sum_w2`. An answer to any item counts.
    """
    rows = _Rows.of(survey, population, where)
    asked = [q for q in survey.codebook.questions.values() if q.population == population]
    names = [f"_key_{n}" for n in range(len(asked))]
    flags = [
        _answered([rows.codes(c.column) for c in question.cells]).alias(name)
        for question, name in zip(asked, names, strict=True)
    ]
    frame = rows.frame.select(*flags, *rows.strata, *rows.weights)
    table = _fetched(
        replace(rows, frame=frame, recodes={}).sums({name: name for name in names}),
        [*names, STRATUM],
    )
    found = table.groupby(names, sort=False)[list(SUMS)].sum().reset_index()
    found.columns = pd.Index([*(question.id for question in asked), *SUMS])
    return found.sort_values("n", ascending=False, kind="stable", ignore_index=True)


def _answered(codes: Sequence[Any]) -> Any:
    """Say of the codes of a question whether it was asked and answered."""
    some = nw.any_horizontal(
        *(~code.is_in([NOT_ASKED, NOT_ANSWERED]) for code in codes), ignore_nulls=True
    )
    none = nw.all_horizontal(*(code == nw.lit(NOT_ASKED) for code in codes), ignore_nulls=True)
    unasked = nw.when(none).then(nw.lit(NOT_ASKED)).otherwise(nw.lit(NOT_ANSWERED))
    return nw.when(some).then(nw.lit(ANSWERED)).otherwise(unasked)


def numbers(
    survey: Survey,
    question: Question,
    by: Sequence[str] = (),
    where: Selection | None = None,
    centre: float = 0.0,
    of_people: bool = False,
) -> pd.DataFrame:
    """Add up the answers to a number question.

    Parameters
    ----------
    centre
        Taken off every number first: sums about a mean lose no digits to cancellation.
    of_people
        Add up the answers of each person in a group first, and square these sums. Squared weights
        are those of people then, and `people` counts them.

    Returns
    -------
    DataFrame, one row per response column, group and stratum that occurs: `column`, the group
    columns, `stratum`, `n`, `sum_w`, `sum_w2`, and of x, the number less `centre`: `sum_wx`,
    `sum_wx2` (w x²), `sum_w2x`, `sum_w2x2` (w² x²), `lowest`, `highest`.
    """
    groups = {f"_group_{n}": column_of(survey.codebook, key) for n, key in enumerate(by)}
    w, w2, x = nw.col(WEIGHT), nw.col(WEIGHT_SQUARED), nw.col("_x")
    sums = ("_wx", "_wx2", "_w2x", "_w2x2")
    more = {f"sum{of}": nw.col(of).sum() for of in sums}
    more |= {"lowest": x.min(), "highest": x.max()}
    carried = ("_x", *sums)
    parts = []
    for cell in question.cells:
        needed = [cell.column, *groups.values(), WEIGHT, WEIGHT_SQUARED, *[PERSON] * of_people]
        rows = _Rows.of(survey, question.population, where, needed)
        answer = rows.codes(cell.column)
        kept = rows.with_columns(_x=answered_number(question, answer) - centre)
        kept = kept.filter(~x.is_null())
        if of_people:
            parts.append(_numbers_of_people(kept, groups).assign(column=cell.column))
            continue
        made = kept.with_columns(_wx=w * x, _wx2=w * x * x, _w2x=w2 * x, _w2x2=w2 * x * x)
        parts.append(
            _fetched(made.sums(groups, more, carried), [*groups, STRATUM]).assign(
                column=cell.column
            )
        )
    return pd.concat(parts, ignore_index=True).rename(
        columns={**dict(zip(groups, by, strict=True)), STRATUM: "stratum"}
    )


def _numbers_of_people(rows: _Rows, groups: Mapping[str, str]) -> pd.DataFrame:
    """Add up numbers as `numbers` does, each person's first; without a name each row is one."""
    weight, x = (nw.col(WEIGHT) if rows.weights else nw.lit(1.0)), nw.col("_x")
    keys = {**groups, "_person": PERSON}
    frame = rows.frame.select(
        *(rows.codes(column).alias(key) for key, column in keys.items()),
        nw.col(STRATUM),
        x,
        _w=weight,
    ).with_columns(_wx=nw.col("_w") * x, _wx2=nw.col("_w") * x * x, n=nw.lit(1), _y=x)
    added = {name: nw.col(name).sum() for name in ("n", "_w", "_wx", "_wx2")}
    named, alone = (frame.filter(c) for c in (nw.col("_person") != "", nw.col("_person") == ""))
    each = named.group_by(*keys, STRATUM).agg(**added, _x=x.min(), _y=nw.col("_y").max())
    columns = [*groups, STRATUM, *added, "_x", "_y"]
    whose = pd.concat([collected(part.select(*columns)) for part in (each, alone)])
    w, wx = whose["_w"], whose["_wx"]
    whose = whose.assign(people=1, _w2=w * w, _w2x=w * wx, _w2x2=wx * wx)
    sums = ("_w", "_w2", "_wx", "_wx2", "_w2x", "_w2x2")
    found = whose.groupby([*groups, STRATUM], as_index=False).agg(
        n=("n", "sum"),
        people=("people", "sum"),
        **{f"sum{name}": (name, "sum") for name in sums},
        lowest=("_x", "min"),
        highest=("_y", "max"),
    )
    return found


@dataclass(frozen=True)
class WaveOverlap:
    """How the answers of the same people in several waves come together.

    Attributes
    ----------
    pairs : one row per two waves, their codes and stratum that occurs in the same person: `wave`,
        `other`, `code`, `code_other`, `stratum`, `n`, `sum_ww` (products of the two weights); of a
        number question one row per two waves and stratum, with `sum_x`, `sum_x_other`, `sum_xx`
        (the products times the first number, the other, and both) instead of codes
    answered : people and strata that answered in any wave
    """

    pairs: pd.DataFrame
    answered: tuple[int, int]


def overlap(
    survey: Survey,
    question: Question,
    column: str,
    wave: str,
    where: Selection | None = None,
    centre: float = 0.0,
) -> WaveOverlap:
    """Bring the answers of the same people in several waves together.

    Parameters
    ----------
    column
        Response column of the question.
    wave
        Dimension that tells the waves apart.
    centre
        Taken off every number first.

    Raises
    ------
    InsightsError
        If somebody is in a wave twice.
    """
    population = question.population
    codes = {"_code": column, "_person": PERSON, "_wave": column_of(survey.codebook, wave)}
    everybody = _Rows.of(survey, population, None, codes.values())
    weight = nw.col(WEIGHT).alias("_w") if everybody.weights else nw.lit(1.0).alias("_w")
    stratum = nw.col(STRATUM).alias("_stratum")

    def linked(rows: _Rows) -> Any:
        return rows.frame.select(
            *(rows.codes(c).alias(k) for k, c in codes.items()), weight, stratum
        )

    whole, mine = linked(everybody), linked(_Rows.of(survey, population, where, codes.values()))
    who = survey.codebook.populations[population]
    bands = list(survey.codebook.dimensions[wave].bands)
    named = whole.filter((nw.col("_person") != "") & nw.col("_wave").is_in(bands))
    twice = collected(
        named.group_by("_person", "_wave").agg(n=nw.len()).filter(nw.col("n") > 1).head(1)
    )
    if len(twice):
        name, when = twice[["_person", "_wave"]].iloc[0]
        raise InsightsError(
            f'{who.person}: "{name}" is in wave {when} twice. '
            "Name a column that has every person once in each wave."
        )
    inside = [o.code for o in question.in_base]
    number = not question.tabulates
    answer = nw.col("_code")
    if number:
        mine = mine.with_columns(_x=answered_number(question, answer) - centre)
        mine = mine.filter(~nw.col("_x").is_null())
    else:
        mine = mine.filter(answer.is_in(inside)).with_columns(_x=nw.lit(0.0))
    one = mine.filter(nw.col("_person") != "")
    other = one.rename({c: f"{c}_other" for c in ("_code", "_wave", "_w", "_x")})
    both = one.join(other, on=["_person", "_stratum"], how="inner").filter(
        nw.col("_wave") < nw.col("_wave_other")
    )
    ww, x, y = nw.col("_w") * nw.col("_w_other"), nw.col("_x"), nw.col("_x_other")
    both = both.with_columns(_ww=ww, _wx=ww * x, _wy=ww * y, _wxy=ww * x * y)
    keys = ["_wave", "_wave_other", "_stratum", *([] if number else ["_code", "_code_other"])]
    pairs = collected(
        both.group_by(*keys).agg(
            n=nw.len(),
            sum_ww=nw.col("_ww").sum(),
            sum_x=nw.col("_wx").sum(),
            sum_x_other=nw.col("_wy").sum(),
            sum_xx=nw.col("_wxy").sum(),
        )
    )
    heads = {"_wave": "wave", "_wave_other": "other", "_stratum": "stratum"}
    pairs = pairs.rename(columns={**heads, "_code": "code", "_code_other": "code_other"})
    answered = _people(mine)
    return WaveOverlap(pairs, (int(answered["n"].sum()), len(answered)))


@dataclass(frozen=True)
class PersonClusters:
    """Answers of people who gave several, such as in two waves.

    Attributes
    ----------
    products : one row per response column, two options, group and stratum that occur in the same
        person: `column`, `option`, `option_other`, the group columns, `stratum`, `sum_ww`, the sum
        of products of the weights of both; two times the same answer included
    people : who answered: `column`, the group columns, `stratum`, `n`
    """

    products: pd.DataFrame
    people: pd.DataFrame


def clusters(
    survey: Survey, question: Question, by: Sequence[str], where: Selection
) -> PersonClusters | None:
    """Bring the answers of each person together; None where everybody gave one, as far as is known.

    People are told apart only where survey.yml names the column that does (`person`).
    """
    population = question.population
    if not some_gave_several(survey, population, where):
        return None
    groups = {f"_group_{k}": column_of(survey.codebook, key) for k, key in enumerate(by)}
    inside = [o.code for o in question.in_base]
    products, answered = [], []
    for cell in question.cells:
        rows = _Rows.of(survey, population, where, [cell.column, PERSON, *groups.values()])
        keys = {"option": cell.column, **groups, "_person": PERSON}
        weight = nw.col(WEIGHT).alias("_w") if rows.weights else nw.lit(1.0).alias("_w")
        frame = rows.frame.select(
            *(rows.codes(column).alias(key) for key, column in keys.items()),
            nw.col(STRATUM).alias("stratum"),
            weight,
        ).filter(nw.col("option").is_in(inside))
        same = [*groups, "stratum"]
        named, alone = (frame.filter(c) for c in (nw.col("_person") != "", nw.col("_person") == ""))
        each = named.group_by("_person", "option", *same).agg(_w=nw.col("_w").sum())
        other = each.rename({"option": "option_other", "_w": "_w_other"})
        both = each.join(other, on=["_person", *same], how="inner")
        both = both.with_columns(_ww=nw.col("_w") * nw.col("_w_other"))
        lone = alone.with_columns(option_other=nw.col("option"), _ww=nw.col("_w") * nw.col("_w"))
        for part in (both, lone):
            made = part.group_by("option", "option_other", *same).agg(sum_ww=nw.col("_ww").sum())
            products.append(collected(made).assign(column=cell.column))
        for part in (each.select("_person", *same).unique(), alone):
            made = part.group_by(*same).agg(n=nw.len())
            answered.append(collected(made).assign(column=cell.column))
    names = dict(zip(groups, by, strict=True))
    return PersonClusters(
        pd.concat(products, ignore_index=True).rename(columns=names),
        pd.concat(answered, ignore_index=True).rename(columns=names),
    )


def answers_of_people(
    survey: Survey, population: str, column: str, by: str | None, where: Selection
) -> pd.DataFrame:
    """Add up the weights of each person's answers: `_person`, `option`, `group`, `stratum`, `w`.

    Whoever has no name is a person for each row.
    """
    keys = {"option": column, **({"group": column_of(survey.codebook, by)} if by else {})}
    rows = _Rows.of(survey, population, where, [*keys.values(), PERSON])
    weight = nw.col(WEIGHT).alias("w") if rows.weights else nw.lit(1.0).alias("w")
    frame = rows.frame.select(
        *(rows.codes(of).alias(key) for key, of in {**keys, "_person": PERSON}.items()),
        nw.col(STRATUM).alias("stratum"),
        weight,
    )
    named, alone = (frame.filter(c) for c in (nw.col("_person") != "", nw.col("_person") == ""))
    each = collected(named.group_by("_person", *keys, "stratum").agg(w=nw.col("w").sum()))
    each["_person"] = pd.factorize(each["_person"])[0]
    lone = collected(alone)
    lone["_person"] = -1 - np.arange(len(lone))
    found = pd.concat([each, lone], ignore_index=True)
    return found if by else found.assign(group="")


def _people(rows: Any) -> pd.DataFrame:
    """Count different people per stratum; who has no name is one for each row."""
    named = rows.filter(nw.col("_person") != "").select("_person", "_stratum").unique()
    alone = rows.filter(nw.col("_person") == "").select("_person", "_stratum")
    counted = [collected(part.group_by("_stratum").agg(n=nw.len())) for part in (named, alone)]
    found = pd.concat(counted).groupby("_stratum")["n"].sum().reset_index()
    return found.rename(columns={"_stratum": "stratum"})


def _design_column(survey: Survey, population: str) -> tuple[str, ...]:
    """Column of strata, or of the cells that weights were fitted in; none without either."""
    if survey.calibration(population):
        return (CELL,)
    if not survey.codebook.populations[population].strata:
        return ()
    several = FIRST_STRATUM in survey.held[population].columns
    return (FIRST_STRATUM if several else STRATUM,)


@dataclass(frozen=True)
class _Rows:
    """Respondents that are to be counted, as their engine holds them.

    Attributes
    ----------
    recodes : of columns of `frame` that hold cells where codes are wanted
    weights, strata : columns of the design; without weights or strata there is nothing to add up
        but respondents, and `_fetched` completes the table
    """

    frame: Any
    recodes: Mapping[str, Recode]
    weights: tuple[str, ...]
    strata: tuple[str, ...]

    @classmethod
    def of(
        cls,
        survey: Survey,
        population: str,
        where: Selection | None = None,
        needed: Iterable[str] | None = None,
    ) -> _Rows:
        """Select respondents; where only some columns are `needed`, there may be no others."""
        held = survey.held[population]
        who = survey.codebook.populations[population]
        design = _design_column(survey, population)
        made = [name for name in design if name != STRATUM]
        needed = None if needed is None else [*needed, *made]
        conditions = (where or Selection()).columns(survey.codebook)
        reads = (column for column, _ in conditions)
        rows = cls(
            nw.from_native(held.table if needed is None else held.over([*needed, *reads])),
            held.recodes,
            (WEIGHT, WEIGHT_SQUARED) if who.weight else (),
            (STRATUM,) if design else (),
        )
        if made:
            rows = rows.with_columns(**{STRATUM: rows.codes(made[0])})
        if conditions and not held.recodes and needed is not None:
            names = [*needed, *(column for column, _ in conditions), STRATUM, *rows.weights]
            rows = replace(rows, frame=rows.frame.select(*dict.fromkeys(names)))
        for column, codes in conditions:
            rows = rows.filter(rows.codes(column).is_in(list(codes)))
        return rows

    def filter(self, condition: Any) -> _Rows:
        return replace(self, frame=self.frame.filter(condition))

    def with_columns(self, **columns: Any) -> _Rows:
        return replace(self, frame=self.frame.with_columns(**columns))

    def codes(self, column: str) -> Any:
        """Codes of a frame column."""
        return self.recodes[column].expression if column in self.recodes else nw.col(column)

    def coded(self, keys: Mapping[str, str], *more: Any) -> Any:
        """Codes under other names, with the columns of the design and what else is given."""
        codes = (self.codes(column).alias(key) for key, column in keys.items())
        return self.frame.select(*codes, *self.strata, *self.weights, *more)

    @property
    def added(self) -> dict[str, nw.Expr]:
        """Sums that every table has."""
        names = zip(SUMS[1:], self.weights, strict=False)
        return {"n": nw.len(), **{name: nw.col(column).sum() for name, column in names}}

    def sums(
        self,
        keys: Mapping[str, str],
        more: Mapping[str, nw.Expr] | None = None,
        carried: Sequence[str] = (),
    ) -> Any:
        """Add up by groups and stratum; `keys` names the group columns and says what they hold.

        Where the cells of a column say all that its codes do, groups of cells are formed first
        and recoded then: a few groups instead of every respondent.
        """
        late = {
            key: self.recodes[column]
            for key, column in keys.items()
            if column in self.recodes and self.recodes[column].alone
        }
        held = {k: nw.col(late[k].held) if k in late else self.codes(c) for k, c in keys.items()}
        sums = {**self.added, **(more or {})}
        by = (*keys, *(self.strata if keys else (STRATUM,)))
        columns = dict.fromkeys((*by[len(keys) :], *self.weights, *carried))
        grouped = (
            self.frame.select(*(e.alias(k) for k, e in held.items()), *columns)
            .group_by(*by)
            .agg(**sums)
        )
        if not late:
            return grouped
        again = {name: getattr(nw.col(name), _AGAIN.get(name, "sum"))() for name in sums}
        coded = grouped.with_columns(**{k: r.codes(nw.col(k)) for k, r in late.items()})
        return coded.group_by(*by).agg(**again)

    def unpivoted(self, columns: Sequence[str], groups: Mapping[str, str]) -> Any:
        """Add up several response columns in one go."""
        held = [held_name(column) if self.recodes else column for column in columns]
        cells = [self.codes(c).alias(h) for c, h in zip(columns, held, strict=True)]
        return (
            self.frame.select(
                *(self.codes(column).alias(name) for name, column in groups.items()),
                *self.strata,
                *self.weights,
                *(cells if self.recodes else held),
            )
            .unpivot(
                on=held,
                index=[*groups, *self.strata, *self.weights],
                variable_name="column",
                value_name="option",
            )
            .group_by("column", "option", *groups, *self.strata)
            .agg(**self.added)
        )


def _places(
    survey: Survey, population: str, columns: Sequence[str], keep: bool = False
) -> dict[str, tuple[Ints, Any]]:
    """Place of every respondent's code, in the smallest numbers, and the codes in sorted order.

    They are found once, and kept where they are not too many, or to be asked for again (`keep`).
    """
    held, known = survey.held[population], survey.known
    wanted = [name for name in columns if (population, name, "places") not in known]
    found: dict[str, tuple[Ints, Any]] = {}
    if not held.recodes and isinstance(held.table, pd.DataFrame):
        found = {name: _factorized(held.table[name]) for name in wanted}
    elif held.narrow:
        codes = _codes(survey.codebook, population)
        for at in range(0, len(wanted), _AT_ONCE):  # boxes share what they depend on
            some = wanted[at : at + _AT_ONCE]
            found |= _placed_by_duckdb(_Rows.of(survey, population, None, some), some, codes)
    elif wanted:  # fetched at once: asked again, the rows may come in another order
        rows = _Rows.of(survey, population, None, wanted)
        table = collected(rows.coded({f"_key_{n}": name for n, name in enumerate(wanted)}))
        found = {name: _factorized(table[f"_key_{n}"]) for n, name in enumerate(wanted)}
    if keep or _is_kept(survey, population):
        known.update({(population, name, "places"): places for name, places in found.items()})
    return {n: known.get((population, n, "places")) or found[n] for n in columns}


def _weights(survey: Survey, population: str) -> tuple[pd.Series, ...]:
    """Weights and squared weights of everybody, in the order of `_places`, where there are any."""
    if not survey.codebook.populations[population].weight:
        return ()
    table, key = survey.held[population].table, (population, WEIGHT, "weights")
    if not isinstance(table, pd.DataFrame):
        if key not in survey.known:
            rows = _Rows.of(survey, population, None, ())
            survey.known[key] = _in_order(collected(rows.frame.select(*rows.weights, ROW)))
        table = survey.known[key]
    return table[WEIGHT], table[WEIGHT_SQUARED]


def _is_kept(survey: Survey, population: str) -> bool:
    """Return whether the places of codes are kept: of a wide file, a scan takes long to begin."""
    held = survey.held[population]
    if held.narrow is None:
        return engine_of(held.table) == "pandas"
    width = len(held.columns)
    return width > _WIDE and held.respondents * width <= _KEPT


def _codes(codebook: Codebook, population: str) -> dict[str, list[str]]:
    """Codes that there are in columns of questions and of bands, those of missing answers too."""
    found = {
        column: [*dict.fromkeys((*WORDS, *(o.code for o in question.options)))]
        for column, question in codebook.owners.items()
        if question.population == population and question.tabulates
    }
    for dimension in codebook.dimensions.values():
        found[band_column(dimension.id)] = [*dict.fromkeys((NOT_STATED, *dimension.bands))]
    return found


def _placed_by_duckdb(
    rows: _Rows, columns: Sequence[str], codes: Mapping[str, Sequence[str]]
) -> dict[str, tuple[Ints, Any]]:
    """Fetch codes as numbers where they are known, so that no cell becomes text.

    Rows come in the order of the file: DuckDB does not keep it where it looks codes up in a long
    list, which other columns of the same respondents would not follow.
    """
    names = {f"_key_{n}": column for n, column in enumerate(columns)}
    coded = (rows.codes(c).alias(k) for k, c in names.items())
    table = rows.frame.select(*coded, ROW).to_native()
    chosen = [quoted(ROW)]
    for key, column in names.items():
        listed = ", ".join(map(quoted_text, codes.get(column, ())))
        chosen.append(f"TRY_CAST({key} AS ENUM ({listed})) AS {key}" if listed else key)
    fetched = _in_order(table.project(", ".join(chosen)).df())
    found = {}
    for key, column in names.items():
        cells = fetched[key]
        if cells.dtype == "category" and cells.isna().any():
            # A code that the codebook does not know.
            cells = _in_order(table.project(f"{key}, {quoted(ROW)}").df())[key]
        found[column] = _factorized(cells)
    return found


def _in_order(fetched: pd.DataFrame) -> pd.DataFrame:
    """Put rows in the order of the file, as their numbers say."""
    return fetched if fetched[ROW].is_monotonic_increasing else fetched.sort_values(ROW)


def _factorized(cells: pd.Series) -> tuple[Ints, Any]:
    if cells.dtype == "category":
        at, names = cells.cat.codes.to_numpy(), cells.cat.categories.to_numpy(dtype=object)
        there = np.flatnonzero(np.bincount(at[at >= 0], minlength=len(names)))
        order = there[np.argsort(names[there])]
    else:
        at, found = pd.factorize(cells, sort=True)
        names = np.asarray(found, dtype=object)
        order = np.arange(len(names))
    moved = np.full(len(names) + 1, -1, dtype=np.min_scalar_type(-max(len(order), 1)))
    moved[order] = np.arange(len(order))
    return moved[at], names[order]


@dataclass(frozen=True)
class _Coded:
    """Respondents in memory, their codes as numbers: counted several times faster than as texts.

    Attributes
    ----------
    columns : of each response column the place of every respondent's code, and the codes
    groups : the same of the groups, and of the strata at the end
    weights : weights and squared weights; none where everybody counts 1
    """

    columns: Mapping[str, tuple[Ints, Any]]
    groups: Sequence[tuple[Ints, Any]]
    weights: tuple[pd.Series, ...]

    @classmethod
    def of(
        cls, survey: Survey, population: str, columns: Sequence[str], groups: Sequence[str]
    ) -> _Coded | None:
        """Take respondents; None where they are too many, or a code is missing."""
        if not _is_kept(survey, population):
            return None
        by = [*groups, *_design_column(survey, population)]
        found = _places(survey, population, [*columns, *by])
        held = cls(
            {column: found[column] for column in columns},
            [found[name] for name in by],
            _weights(survey, population),
        )
        options = max(len(names) for _, names in held.columns.values())
        sizes = math.prod((options, *(len(names) for _, names in held.groups)))
        missing = any((at < 0).any() for at, _ in found.values())
        return None if missing or sizes >= 2**62 else held

    def sums(self, by: Sequence[str]) -> pd.DataFrame:
        """Add up by response column, code, group and stratum, in the order of `_fetched`."""
        place: Ints = np.zeros(len(next(iter(self.columns.values()))[0]), dtype=np.int64)
        for at, names in self.groups:
            place = place * len(names) + at
        together, place, _ = _distinct(place)
        known = sorted({name for _, names in self.columns.values() for name in names})
        parts, options, sizes = [], [], []
        added: list[list[Any]] = [[] for _ in self.weights]
        for column in sorted(self.columns):
            at, names = self.columns[column]
            found, index, n = _distinct(at.astype(np.int64) * len(together) + place)
            option, group = np.divmod(found, max(len(together), 1))
            parts.append(together[group])
            options.append(np.searchsorted(known, names)[option])
            sizes.append(n)
            for sums, weights in zip(added, self.weights, strict=True):
                sums.append(weights.groupby(index).sum().to_numpy())
        n, place = np.concatenate(sizes), np.concatenate(parts)
        keys: list[tuple[Ints, Any]] = []
        for _, names in reversed(self.groups):
            place, at = np.divmod(place, max(len(names), 1))
            keys.insert(0, (at, names))
        if len(keys) == len(by):  # without strata
            keys.append((np.zeros(len(n), dtype=np.int8), [""]))
        columns = np.repeat(np.arange(len(sizes)), [len(of) for of in sizes])
        places = [(columns, sorted(self.columns)), (np.concatenate(options), known), *keys]
        cells = {
            name: pd.Categorical.from_codes(at, pd.Index(codes, dtype="str"))
            for name, (at, codes) in zip(["column", "option", *by, "stratum"], places, strict=True)
        }
        weighed = [np.concatenate(sums) for sums in added] or [n.astype(float)] * 2
        return pd.DataFrame({**cells, **dict(zip(SUMS, [n, *weighed], strict=True))})


def _distinct(numbers: Ints) -> tuple[Ints, Ints, Ints]:
    """Distinct numbers in order, which of them is where, and how often each is there."""
    if numbers.max(initial=0) >= max(len(numbers), _FEW):
        found, index, n = np.unique(numbers, return_inverse=True, return_counts=True)
        return found, index.reshape(-1), n
    counts = np.bincount(numbers)  # without sorting
    found = np.flatnonzero(counts)
    which = np.zeros(len(counts), dtype=np.int64)
    which[found] = np.arange(len(found))
    return found, which[numbers], counts[found]


@dataclass
class _InTurn:
    """Questions that are asked for one after the other by the same groups, counted by DuckDB.

    A scan takes its time for the groups and the weights: a few more columns add little. So columns
    are counted together where the table of all their answers is small, and who has asked for two
    questions in the order of the codebook has the next ones counted with the second.
    """

    last: str = ""
    ahead: dict[str, pd.DataFrame] = field(default_factory=dict)

    @classmethod
    def of(cls, survey: Survey, key: tuple[Any, ...]) -> _InTurn:
        """Return what was asked for so far by some groups of some respondents."""
        return survey.known.setdefault((*key, "in turn"), cls())

    def cells(
        self, survey: Survey, question: Question, groups: Mapping[str, str], where: Selection | None
    ) -> pd.DataFrame:
        """Count a question: rows and columns of `tabulate`, groups under the names given."""
        found = self.ahead.pop(question.id, None)
        if found is None:
            sets = self._together(survey, question, [*groups.values()])
            counted = _counted_together(survey, question.population, sets, groups, where)
            found = counted.pop(question.id)
            self.ahead = counted
        self.last = question.id
        return found

    def _together(
        self, survey: Survey, question: Question, groups: Sequence[str]
    ) -> list[dict[str, str]]:
        """Divide the columns of a question into those to be counted together, and add the next.

        Of each column of a set its question.
        """
        codebook = survey.codebook
        recodes = survey.held[question.population].recodes
        codes = _codes(codebook, question.population)
        known = {n: len(of) for n, of in codes.items() if n in recodes and recodes[n].alone}
        size = math.prod(known.get(name, _CELLS) for name in groups)
        sets: list[dict[str, str]] = [{}]

        def fits(column: str) -> bool:
            """Return whether the last set may have one more column."""
            cells = size * math.prod(known.get(name, _CELLS) for name in (*sets[-1], column))
            return not sets[-1] or (len(sets[-1]) < _MOST and cells <= _CELLS)

        for cell in question.cells:
            if not fits(cell.column):
                sets.append({})
            sets[-1][cell.column] = question.id
        asked = [
            q
            for q in codebook.questions.values()
            if q.population == question.population and q.tabulates and len(q.cells) == 1
        ]
        names = [q.id for q in asked]
        at = names.index(question.id) if question.id in names else 0
        if at and names[at - 1] == self.last:
            for following in asked[at + 1 :]:
                column = following.cells[0].column
                if not fits(column) or column in sets[-1]:
                    break
                sets[-1][column] = following.id
        return sets


def _counted_together(
    survey: Survey,
    population: str,
    sets: Sequence[Mapping[str, str]],
    groups: Mapping[str, str],
    where: Selection | None,
) -> dict[str, pd.DataFrame]:
    """Count the columns of each set in one go, and give the tables of their questions."""
    rows = _Rows.of(survey, population, where, [*chain(*sets), *groups.values()])
    keys = ["column", "option", *groups, STRATUM]
    alone = [column for columns in sets if len(columns) == 1 for column in columns]
    parts = []
    if alone:  # a scan for each column costs less than copies of respondents
        sums = (rows.sums({"option": c, **groups}).with_columns(column=nw.lit(c)) for c in alone)
        parts.append(_fetched(nw.concat([*sums]), keys))
    for columns in sets:
        if len(columns) == 1:
            continue
        options = {f"_option_{n}": column for n, column in enumerate(columns)}
        table = _fetched(rows.sums({**options, **groups}), [*options, *groups, STRATUM])
        for name, column in options.items():
            margin = table.groupby([name, *groups, STRATUM], as_index=False)[list(SUMS)].sum()
            parts.append(margin.rename(columns={name: "option"}).assign(column=column))
    whole = pd.concat([part[[*keys, *SUMS]] for part in parts], ignore_index=True)
    whole["column"] = whole["column"].astype("str")
    owners = {column: of for columns in sets for column, of in columns.items()}
    whole = whole.sort_values("column", kind="stable", ignore_index=True)
    of = whole["column"].map(owners)
    return {q: whole[of == q].reset_index(drop=True) for q in dict.fromkeys(owners.values())}


def _remembered(survey: Survey, population: str, column: str) -> pd.DataFrame:
    """Add up the whole sample by one column, once for a survey."""
    table = survey.known.get((population, column))
    if table is None:
        rows = _Rows.of(survey, population, None, () if column == STRATUM else (column,))
        if column == STRATUM:
            table = _fetched(rows.sums({}), [STRATUM])
        else:
            table = _fetched(rows.sums({"_code": column}), ["_code", STRATUM])
            table = table.drop_duplicates("_code")
        survey.known[population, column] = table
    return table


def _fetched(counted: Any, keys: Sequence[str]) -> pd.DataFrame:
    """Fetch sums into pandas: the same rows in the same order from every engine."""
    table = collected(counted)
    there = [key for key in keys if key in table]
    rows = list(zip(*(_listed(table[key]) for key in there), strict=True))
    at = sorted(range(len(rows)), key=rows.__getitem__)
    kinds = {**dict.fromkeys(keys, "str"), **dict.fromkeys(SUMS, "float64"), "n": "int64"}
    kinds |= {column: "float64" for column in table.columns if column not in kinds}
    cells = {column: table[column].to_numpy()[at] for column in table.columns}
    whole = {STRATUM: [""] * len(at), **dict.fromkeys(SUMS[1:], cells["n"]), **cells}
    return pd.DataFrame({c: pd.array(whole[c], kind) for c, kind in kinds.items()})


def _listed(column: pd.Series) -> list[Any]:
    """List a column; pandas' own way is slow with texts."""
    return column.to_numpy(dtype=object).tolist()


def weights_by(
    frame: Any, columns: Sequence[str], weight: str | None, *, each: bool = False
) -> pd.DataFrame:
    """Add up weights per combination of columns.

    Parameters
    ----------
    frame
        Any table that narwhals reads, one row per respondent.
    weight
        Column of weights; None where every respondent counts 1.
    each
        Keep respondents of one combination apart who differ in weight.

    Returns
    -------
    DataFrame, one row per combination: `key_0`, `key_1`, … in the order of `columns`, `n`,
    `sum_w`, `sum_w2`, `lowest` and `highest` (of the weights), and `bad`, the respondents whose
    weight is missing, negative or infinite.
    """
    keys = [f"key_{n}" for n in range(len(columns))]
    of = nw.lit(1.0) if weight is None else nw.col(weight).cast(nw.Float64)
    w, w2 = nw.col("_w"), nw.col("_w2")
    counted = (
        nw.from_native(frame)
        .with_columns(_w=of)
        .select(*(nw.col(c).alias(k) for k, c in zip(keys, columns, strict=True)), "_w")
        .with_columns(
            _w2=w * w,
            _each=w,
            _bad=nw.when((w >= 0) & (w < math.inf)).then(nw.lit(0)).otherwise(nw.lit(1)),
        )
        .group_by(*keys, *(["_each"] if each else []))
        .agg(
            nw.len().alias("n"),
            w.sum().alias("sum_w"),
            w2.sum().alias("sum_w2"),
            w.min().alias("lowest"),
            w.max().alias("highest"),
            nw.col("_bad").sum().alias("bad"),
        )
    )
    return collected(counted)


def bases(table: Tabulation, question: Question) -> tuple[int, int]:
    """Respondents who were asked, and who are in the base: the most of any response column.

    Of numbers and texts everybody who gave one is in the base.
    """
    cells = table.coded
    asked = cells[cells["option"] != NOT_ASKED]
    answered = cells[cells["option"].isin([o.code for o in question.in_base])]
    if not question.tabulates:
        gone = [NOT_ASKED, NOT_ANSWERED, *(o.code for o in question.options if o.missing)]
        answered = cells[~cells["option"].isin(gone)]
    return tuple(
        int(part.groupby("column")["n"].sum().max()) if len(part) else 0  # type: ignore
        for part in (asked, answered)
    )
