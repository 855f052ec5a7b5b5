"""For the owner of data: what a table with filters gives away, though small numbers are hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.disclosure.rules import read_rules
from helpers.display import publishing, tables
from helpers.display.results import percent
from helpers.errors import InsightsError
from helpers.estimation.selection import known_codes
from helpers.estimation.tabulate import tabulate
from helpers.survey.dataset import Survey

SMALL_BASE, SMALL_CELL = 10, 5
HIDDEN = "hidden"
PROFILES = {
    "standard": ("standard", "merge"),
    "strict": ("strict", "merge"),
    "strict, with rounding": ("strict", "rounding"),
}


@dataclass(frozen=True)
class Naive:
    """Answers to a question under filters, as a dashboard shows them that hides small numbers.

    Attributes
    ----------
    options : labels of the answers
    groups : labels of the smallest groups, one per combination of bands
    truth : true counts (group, option); what no reader is shown
    views : which groups each choice of filters adds up (view, group)
    base, cell : a view with fewer people, and a count below, are hidden
    """

    options: tuple[str, ...]
    groups: tuple[str, ...]
    truth: np.ndarray
    views: np.ndarray
    base: int = SMALL_BASE
    cell: int = SMALL_CELL

    @property
    def small(self) -> list[int]:
        """Groups of anybody, but fewer than may be shown."""
        return [g for g, n in enumerate(self.truth.sum(axis=1)) if 0 < n < self.base]

    def shown(self) -> Iterator[tuple[np.ndarray, int, list[int | None]]]:
        """Go through what is shown: groups added up, how many people, and counts or None."""
        for view in self.views:
            counts = view @ self.truth
            if counts.sum() >= self.base:
                yield view, int(counts.sum()), [int(n) if n >= self.cell else None for n in counts]

    def named(self, view: np.ndarray) -> str:
        """Say which groups a view adds up."""
        if view.all():
            return "Everybody"
        return "; ".join(self.groups[g] for g in np.flatnonzero(view))


def naive(
    survey: Survey, question: str, dimensions: Sequence[str], column: str | None = None
) -> Naive:
    """Count answers in every group that the bands of some dimensions form together.

    Parameters
    ----------
    column
        Response column of a question that has several; the first by default.
    """
    asked = survey.codebook.questions[question]
    if not asked.tabulates:
        raise InsightsError(f"{question} has no options to count.")
    column = column or asked.cells[0].column
    counted = tabulate(survey, asked, dimensions).cells
    counted = counted[counted["column"] == column]
    codes = {code: asked.option_label(code) for code in dict.fromkeys(asked.base_options)}
    bands = {d: _bands(survey, d, set(counted[d])) for d in dimensions}
    places = list(product(*bands.values()))
    truth = np.zeros((len(places), len(codes)), dtype=int)
    for row in counted.to_dict("records"):
        if row["option"] in codes:
            at = places.index(tuple(row[d] for d in dimensions))
            truth[at, list(codes).index(row["option"])] += row["n"]
    labels = [" · ".join(b[c] for b, c in zip(bands.values(), at, strict=True)) for at in places]
    chosen = [list(_unions(list(b))) for b in bands.values()]
    views = [
        [all(c in u for c, u in zip(at, unions, strict=True)) for at in places]
        for unions in product(*chosen)
    ]
    return Naive(tuple(codes.values()), tuple(labels), truth, np.array(views, dtype=int))


def _bands(survey: Survey, dimension: str, present: set[str]) -> dict[str, str]:
    known = known_codes(survey.codebook, dimension)
    return {code: label for code, label in known.items() if code in present}


def _unions(bands: list[str]) -> Iterator[tuple[str, ...]]:
    for size in range(len(bands), 0, -1):
        yield from combinations(bands, size)


def subtraction(table: Naive) -> pd.DataFrame:
    """Return the two shown views that differ by the fewest people, and their difference."""
    views = list(table.shown())
    pairs = [
        (one[1] - other[1], a, b)
        for a, one in enumerate(views)
        for b, other in enumerate(views)
        if (one[0] >= other[0]).all() and one[1] > other[1]
    ]
    if not pairs:
        raise InsightsError("No two of these views differ by anybody: choose other dimensions.")
    _, a, b = min(pairs)
    (whole, n, counts), (part, m, others) = views[a], views[b]
    rows = [(table.named(whole), n, *counts), (table.named(part), m, *others)]
    left = [None if c is None or o is None else c - o for c, o in zip(counts, others, strict=True)]
    rows.append((f"Left over: {table.named(whole - part)}", n - m, *left))
    return pd.DataFrame(rows, columns=["Filter", "People", *table.options]).astype(object)


def subtracted(table: Naive) -> Styler:
    """Show `subtraction`; what is hidden is said."""
    frame = subtraction(table)
    return tables.shown(frame.where(frame.notna(), HIDDEN), list(frame.columns[1:]))


def bounds(table: Naive) -> pd.DataFrame:
    """Narrow every count of the small groups down by all that is shown.

    Returns
    -------
    DataFrame, one row a small group and answer: `group`, `people`, `option`, `true`, `lowest`,
    `highest`. The last two are the least and the most that whole numbers of people allow, given
    every view at once (integer programs, solved with HiGHS).
    """
    groups, options = table.truth.shape
    rows, low, high = [], [], []
    for view, n, counts in table.shown():
        rows.append(np.repeat(view, options))
        low.append(n)
        high.append(n)
        for option, count in enumerate(counts):
            row = np.zeros((groups, options))
            row[:, option] = view
            rows.append(row.ravel())
            low.append(0 if count is None else count)
            high.append(table.cell - 1 if count is None else count)
    known = LinearConstraint(np.array(rows), low, high)
    found = []
    for group, option in product(table.small, range(options)):
        aim = np.zeros(groups * options)
        aim[group * options + option] = 1
        ends = [_extreme(aim, known), -_extreme(-aim, known)]
        people = int(table.truth[group].sum())
        true = int(table.truth[group, option])
        found.append((table.groups[group], people, table.options[option], true, *map(round, ends)))
    names = ["group", "people", "option", "true", "lowest", "highest"]
    return pd.DataFrame(found, columns=names)


def _extreme(aim: np.ndarray, known: LinearConstraint) -> float:
    solved = milp(aim, constraints=known, bounds=Bounds(0), integrality=np.ones(len(aim)))
    if solved.fun is None:
        raise InsightsError("Nothing agrees with these views: they are not of one table.")
    return float(solved.fun)


def recovered(found: pd.DataFrame) -> Styler:
    """Show per small group how many of its hidden counts a reader knows."""
    exact = found["lowest"] == found["highest"]
    rows = [
        (name, of["people"].iloc[0], len(of), int(exact[of.index].sum()))
        for name, of in found.groupby("group", sort=False)
    ]
    heads = ["Group", "People", "Counts hidden", "Known exactly"]
    return tables.shown(pd.DataFrame(rows, columns=heads), heads[1:])


def recovered_in_words(found: pd.DataFrame) -> str:
    """Say how many hidden counts of small groups are known exactly, as Markdown."""
    exact = found[found["lowest"] == found["highest"]]
    assert (exact["lowest"] == exact["true"]).all()
    if found.empty:
        return "No group is small under these filters."
    return (
        f"Of {len(found):,} counts in {found['group'].nunique():,} groups of fewer than "
        f"{SMALL_BASE} people, none of which is shown anywhere, **{len(exact):,} are known "
        "exactly** to whoever subtracts what is shown."
    )


def from_percentages(table: Naive) -> pd.DataFrame:
    """Count how many people agree with whole percentages and their base, in the small groups.

    Returns
    -------
    DataFrame, one row a small group and answer: `group`, `people`, `option`, `share` in whole
    percent, `counts`: every number of people that gives this percentage.
    """
    rows = []
    for group, option in product(table.small, range(len(table.options))):
        n = int(table.truth[group].sum())
        share = _whole(int(table.truth[group, option]), n)
        counts = [k for k in range(n + 1) if _whole(k, n) == share]
        rows.append((table.groups[group], n, table.options[option], share, counts))
    return pd.DataFrame(rows, columns=["group", "people", "option", "share", "counts"])


def percentages_in_words(found: pd.DataFrame) -> str:
    """Say how many counts whole percentages give away, as Markdown."""
    certain = int((found["counts"].map(len) == 1).sum())
    return (
        f"Of {len(found):,} whole percentages of groups with fewer than {SMALL_BASE} people, "
        f"**{certain:,} belong to one number of people only.**"
    )


def _whole(k: int, n: int) -> int:
    return int(100 * k / n + 0.5)


def prices(survey: Survey) -> dict[str, publishing.Prepared]:
    """Make the release of a survey under every profile, attack each, write none."""
    rules = read_rules(survey.folder / "codebook", survey.codebook)
    return {
        name: publishing.prepare(survey, replace(rules, profile=profile, cure=cure))
        for name, (profile, cure) in PROFILES.items()
    }


def priced(releases: Mapping[str, publishing.Prepared]) -> Styler:
    """Show what each profile costs, and what the attacks on it found."""
    rows = [
        (
            name,
            *(percent(made.cost[way]) for way in ("shown", "merged", "rounded", "hidden")),
            f"{made.cost['mean_error']:.1f}",
            f"{made.cost['max_error']:.1f}",
            made.report.targets,
            len(made.report.leaks),
        )
        for name, made in releases.items()
    ]
    heads = [
        "Profile", "Shown", "Merged", "Rounded", "Hidden", "Mean error (points)",
        "Largest error (points)", "Attacks", "Leaks",
    ]  # fmt: skip
    return tables.shown(pd.DataFrame(rows, columns=heads), heads[1:])


def groups_kept(release: publishing.Prepared, question: str, survey: Survey) -> Styler:
    """List the smallest groups that a release tells apart at a question, and their people."""
    cube = release.cube["questions"][question]
    labels = {d: {g["id"]: g["label"] for g in groups} for d, groups in cube["dimensions"].items()}
    rows = [
        (
            " · ".join(labels[d][g] for d, g in entry["groups"].items()) or "Everybody",
            max((sum(n) for n in entry["n"] if n is not None), default=0),
        )
        for level in cube["levels"][-1:]
        for entry in level["groups"]
    ]
    return tables.shown(pd.DataFrame(rows, columns=["Group", "People"]), ("People",))
