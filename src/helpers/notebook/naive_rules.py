"""For the owner of data: what a table with filters reveals although small numbers are hidden."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.errors import InsightsError
from helpers.estimation import latest_wave
from helpers.estimation.tabulate import tabulate
from helpers.notebook.without_kernel import Markdown
from helpers.pages import publishing
from helpers.pages.accuracy import about_points, accurate, most_points
from helpers.present import tables
from helpers.present.formats import percent
from helpers.release.defaults import rules_of
from helpers.responses.selection import known_codes
from helpers.responses.survey import Survey
from helpers.words import distinct

SMALL_BASE, SMALL_CELL = 10, 5
FILTERS = 3  # characteristics by which an example can be filtered
HIDDEN = "hidden"
PROFILES = {
    "standard": ("standard", "merge"),
    "strict": ("strict", "merge"),
    "strict, with rounding": ("strict", "rounding"),
}


@dataclass(frozen=True)
class FilterView:
    """What one choice of filters shows: groups added up, their people, counts (None is hidden)."""

    filters: str
    groups: np.ndarray
    people: int
    counts: tuple[int | None, ...]


@dataclass(frozen=True)
class NaiveTable:
    """Answers to a question under filters, as a dashboard shows them that hides small numbers.

    Attributes
    ----------
    question : id of the question
    options : labels of the answers
    groups : labels of the smallest groups, one per combination of bands
    truth : true counts (group, option); what no reader is shown
    views : which groups each choice of filters adds up (view, group)
    filters : each choice in words
    base, cell : a view with fewer people, and a count below, are hidden
    """

    question: str
    options: tuple[str, ...]
    groups: tuple[str, ...]
    truth: np.ndarray
    views: np.ndarray
    filters: tuple[str, ...]
    base: int = SMALL_BASE
    cell: int = SMALL_CELL

    @property
    def small(self) -> list[int]:
        """Groups with at least one person, but fewer than may be shown."""
        return [g for g, n in enumerate(self.truth.sum(axis=1)) if 0 < n < self.base]

    def shown(self) -> Iterator[FilterView]:
        """Iterate over what is shown."""
        for view, words in zip(self.views, self.filters, strict=True):
            counts = view @ self.truth
            if counts.sum() >= self.base:
                seen = tuple(int(n) if n >= self.cell else None for n in counts)
                yield FilterView(words, view, int(counts.sum()), seen)


def example(survey: Survey, question: str) -> NaiveTable:
    """Return the naive table of a question, or of another where the survey does not have it.

    Filters are the characteristics known of its respondents, those of the fewest bands first.
    """
    questions = survey.codebook.questions
    asked = questions.get(question) or next(q for q in questions.values() if q.tabulates)
    known = survey.codebook.dimensions.values()
    fine = sorted((d for d in known if asked.population in d.source), key=lambda d: len(d.bands))
    return naive_table(survey, asked.id, [d.id for d in fine[:FILTERS]])


def naive_table(survey: Survey, question: str, dimensions: Sequence[str]) -> NaiveTable:
    """Count answers in every group that the bands of some dimensions form together.

    Of a question with several response columns, the first is counted.
    """
    asked = survey.codebook.questions[question]
    if not asked.tabulates:
        raise InsightsError(f"{question} has no options to count.")
    column = asked.cells[0].column
    selection = latest_wave.resolve_selection(survey, None, asked.population, tuple(dimensions))
    counted = tabulate(survey, asked, dimensions, selection).cells
    counted = counted[counted["column"] == column]
    codes = {option.code: option.label for option in asked.in_base}
    bands = {d: _bands(survey, d, set(counted[d])) for d in dimensions}
    places = list(product(*bands.values()))
    truth = np.zeros((len(places), len(codes)), dtype=int)
    for row in counted.to_dict("records"):
        if row["option"] in codes:
            at = places.index(tuple(row[d] for d in dimensions))
            truth[at, list(codes).index(row["option"])] += row["n"]
    labels = [" · ".join(b[c] for b, c in zip(bands.values(), at, strict=True)) for at in places]
    chosen = list(product(*(_unions(list(b)) for b in bands.values())))
    views = [
        [all(c in union for c, union in zip(at, unions, strict=True)) for at in places]
        for unions in chosen
    ]
    filters = tuple(_words(bands, unions) for unions in chosen)
    return NaiveTable(
        asked.id, tuple(codes.values()), tuple(labels), truth, np.array(views, dtype=int), filters
    )


def _words(bands: dict[str, dict[str, str]], unions: Sequence[tuple[str, ...]]) -> str:
    parts = [
        " or ".join(labels[code] for code in union)
        for labels, union in zip(bands.values(), unions, strict=True)
        if len(union) < len(labels)
    ]
    return " · ".join(parts) or "Everybody"


def _bands(survey: Survey, dimension: str, present: set[str]) -> dict[str, str]:
    known = known_codes(survey.codebook, dimension)
    return {code: label for code, label in known.items() if code in present}


def _unions(bands: list[str]) -> Iterator[tuple[str, ...]]:
    for size in range(len(bands), 0, -1):
        yield from combinations(bands, size)


def subtraction(table: NaiveTable) -> pd.DataFrame:
    """Return the two shown views that differ by the fewest people, and their difference."""
    views = list(table.shown())
    pairs = [
        (whole, part)
        for whole, part in product(views, views)
        if (whole.groups >= part.groups).all() and whole.people > part.people
    ]
    if not pairs:
        raise InsightsError("These views all show the same people: choose other dimensions.")
    whole, part = min(
        pairs, key=lambda pair: (pair[0].people - pair[1].people, _hidden(pair), -pair[0].people)
    )
    left = [
        None if a is None or b is None else a - b
        for a, b in zip(whole.counts, part.counts, strict=True)
    ]
    rows = [(view.filters, view.people, *view.counts) for view in (whole, part)]
    rows.append(("The first without the second", whole.people - part.people, *left))
    return pd.DataFrame(rows, columns=distinct(["Filter", "People", *table.options]), dtype=object)


def _hidden(pair: tuple[FilterView, FilterView]) -> int:
    return sum(a is None or b is None for a, b in zip(pair[0].counts, pair[1].counts, strict=True))


def subtracted(table: NaiveTable) -> Styler:
    """Show `subtraction`, and say what is hidden."""
    frame = subtraction(table)
    return tables.shown(frame.where(frame.notna(), HIDDEN), list(frame.columns[1:]))


def shown(table: NaiveTable, rows: int = 8) -> Styler:
    """Show what the first choices of filters give, as a reader sees it."""
    seen = [(view.filters, view.people, *view.counts) for view in table.shown()][:rows]
    frame = pd.DataFrame(seen, columns=distinct(["Filter", "People", *table.options]), dtype=object)
    return tables.shown(frame.where(frame.notna(), HIDDEN), list(frame.columns[1:]))


def bounds(table: NaiveTable) -> pd.DataFrame:
    """Narrow every count of the small groups down by all that is shown.

    Returns
    -------
    DataFrame, one row per small group and answer: `group`, `people`, `option`, `true`, `lowest`,
    `highest`. The last two are the least and the most that whole numbers of people allow, given
    every view at once (integer programs, solved with HiGHS).
    """
    groups, options = table.truth.shape
    rows, low, high = [], [], []
    for view in table.shown():
        rows.append(np.repeat(view.groups, options))
        low.append(view.people)
        high.append(view.people)
        for option, count in enumerate(view.counts):
            row = np.zeros((groups, options))
            row[:, option] = view.groups
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
        raise InsightsError("No counts fit these views: they are not from one table.")
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


def recovered_in_words(found: pd.DataFrame) -> Markdown:
    """Say how many hidden counts of small groups are known exactly, as Markdown."""
    exact = found[found["lowest"] == found["highest"]]
    assert (exact["lowest"] == exact["true"]).all()
    if found.empty:
        return Markdown("No group is small under these filters.")
    return Markdown(
        f"Of {len(found):,} counts in {found['group'].nunique():,} groups of fewer than "
        f"{SMALL_BASE} people, none of which is shown anywhere, **{len(exact):,} are known "
        "exactly** to anyone who subtracts what is shown."
    )


def from_percentages(table: NaiveTable) -> pd.DataFrame:
    """Count how many people agree with whole percentages and their base, in the small groups.

    Returns
    -------
    DataFrame, one row per small group and answer: `group`, `people`, `option`, `share` in whole
    percent, `counts`: every number of people that gives this percentage.
    """
    rows = []
    for group, option in product(table.small, range(len(table.options))):
        n = int(table.truth[group].sum())
        share = _whole(int(table.truth[group, option]), n)
        counts = [k for k in range(n + 1) if _whole(k, n) == share]
        rows.append((table.groups[group], n, table.options[option], share, counts))
    return pd.DataFrame(rows, columns=["group", "people", "option", "share", "counts"])


def percentages_in_words(found: pd.DataFrame) -> Markdown:
    """Say how many counts whole percentages reveal, as Markdown."""
    certain = int((found["counts"].map(len) == 1).sum())
    return Markdown(
        f"Of {len(found):,} whole percentages of groups with fewer than {SMALL_BASE} people, "
        f"**{certain:,} fit only one number of people.**"
    )


def _whole(k: int, n: int) -> int:
    return int(100 * k / n + 0.5)


def prices(survey: Survey, *profiles: str) -> dict[str, publishing.Prepared]:
    """Make the release of a survey under some profiles, or all; attack each, write none."""
    rules = rules_of(survey)
    made = {}
    for name in profiles or PROFILES:
        profile, cure = PROFILES[name]
        made[name] = publishing.prepare(survey, replace(rules, profile=profile, cure=cure))
    return made


def priced(releases: Mapping[str, publishing.Prepared]) -> Styler:
    """Show what each profile costs, and what the attacks on it found."""
    rows = [
        (
            name,
            *(percent(made.cost[way]) for way in ("shown", "merged", "rounded", "hidden")),
            about_points(made.cost["mean_error"]),
            about_points(made.cost["page_mean_error"]),
            most_points(made.cost["page_max_error"]),
            made.report.targets,
            len(made.report.leaks),
        )
        for name, made in releases.items()
    ]
    heads = [
        "Profile", "Shown", "Merged", "Rounded", "Hidden", "Best guess off by (points)",
        "Pages off by (points)", "At most", "Attacks", "Leaks",
    ]  # fmt: skip
    return tables.shown(pd.DataFrame(rows, columns=heads), heads[1:])


def prices_in_words(releases: Mapping[str, publishing.Prepared]) -> Markdown:
    """Say what each profile costs, as a Markdown list."""
    lines = []
    for name, made in releases.items():
        cost = made.cost
        lines.append(
            f"- **{name}**: {percent(cost['shown'])} of shares are shown as they are; a reader's "
            f"best guess is {about_points(cost['mean_error'])} points off on average, and "
            f"{about_points(cost['mean_error_50'])} where fifty or more answered. "
            f"{accurate(cost)} Attacks tried: "
            f"{made.report.targets:,}; leaks: {len(made.report.leaks):,}."
        )
    return Markdown("\n".join(lines))


def groups_kept(release: publishing.Prepared, question: str) -> Styler:
    """List the smallest groups that a release distinguishes at a question, and their people."""
    atoms = json.loads(release.files["manifest.json"])["atoms"][question]
    rows = [
        (" · ".join(atom["groups"].values()) or "Everybody who answered", atom["n"])
        for atom in atoms
    ]
    return tables.shown(pd.DataFrame(rows, columns=["Group", "People"]), ("People",))
