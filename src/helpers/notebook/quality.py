"""Who answered, what was left unanswered, and where people left the form.

Examples
--------
>>> import helpers as h
>>> list(h.quality.who_answered(h.load_survey("data/example")).data.columns)[:3]
['Population', 'Characteristic', 'Band']
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import NOT_STATED, Kind, suggest
from helpers.errors import InsightsError
from helpers.estimation.estimates import worst_case
from helpers.estimation.latest_wave import resolve_selection, selected_waves, waves_in_words
from helpers.estimation.nonresponse import by_question, dropout
from helpers.estimation.reliability import reliability as judged
from helpers.estimation.tabulate import ANSWERED, SUMS, joint, patterns, respondents
from helpers.notebook.drawing import Picture
from helpers.notebook.open_text import coding
from helpers.notebook.without_kernel import Markdown
from helpers.present import tables, theme, wording
from helpers.present.formats import ZERO_WIDTH, escaped_markdown, percent, wrapped
from helpers.present.theme import Spec
from helpers.responses.selection import Where, known_codes
from helpers.responses.survey import Survey

__all__ = [
    "blocks_in_words",
    "coding",
    "dropout_chart",
    "dropout_in_words",
    "patterns_chart",
    "reliability",
    "unanswered",
    "who_answered",
    "worst_in_words",
]
MOST_PATTERNS = 12
MOST_QUESTIONS = 60
FLAGS = {
    ANSWERED: ("Answered", "square", theme.SERIES[0]),
    NOT_ASKED: ("Not asked", "square-open", "#7b8794"),
    NOT_ANSWERED: ("Left unanswered", "x", theme.SERIES[1]),
}
DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "cross")


def __dir__() -> list[str]:
    return __all__


def who_answered(survey: Survey) -> Styler:
    """List respondents by population, and within each by every band of its dimensions."""
    rows = []
    for name, who in survey.codebook.populations.items():
        total = respondents(survey, name)
        rows.append((who.label, "All waves" if _wave(survey, name) else "All", "", total, ""))
        for dimension in survey.codebook.dimensions.values():
            if name in dimension.source:
                wave = _wave(survey, name) * (dimension.id != survey.codebook.wave_dimension)
                counted = _bands(survey, name, dimension.id)
                of = sum(n for _, n in counted) if wave else total
                named = f"{dimension.label}, {wave}" if wave else dimension.label
                rows += [
                    (who.label, named, label, n, percent(n / of) if of else "–")
                    for label, n in counted
                ]
    heads = ["Population", "Characteristic", "Band", "Respondents", "Share"]
    return tables.shown(pd.DataFrame(rows, columns=heads), heads[3:])


def _wave(survey: Survey, population: str) -> str:
    """Name the wave that counts are about unless they say otherwise; empty for a single one."""
    selection = resolve_selection(survey, None, population)
    return waves_in_words(survey.codebook, selected_waves(survey.codebook, population, selection))


def _bands(survey: Survey, population: str, dimension: str) -> list[tuple[str, int]]:
    selection = resolve_selection(survey, None, population, (dimension,))
    counted = joint(survey, population, (), (dimension,), selection).groupby(dimension)["n"].sum()
    labels = known_codes(survey.codebook, dimension)
    return [
        (label, int(counted.get(code, 0)))
        for code, label in labels.items()
        if code in counted or code != NOT_STATED
    ]


def _who(survey: Survey, population: str) -> str:
    """Name a population, with the wave that counts are about where there are several."""
    label = survey.codebook.populations[population].label
    return ", ".join(filter(None, (label, _wave(survey, population))))


def unanswered(survey: Survey) -> Styler:
    """List every question with who was asked, who answered, and item non-response with interval."""
    rows = []
    for population in survey.codebook.populations:
        for row in by_question(survey, population).to_dict("records"):
            question = survey.codebook.questions[row["question"]]
            rows.append(
                {
                    "Put to": _who(survey, population),
                    "Block": row["block"],
                    "Question": question.label,
                    "Asked": row["asked"],
                    "Answered": row["answered"],
                    "Item non-response": percent(row["share"]),
                    "95% range": f"{percent(row['ci_low'])[:-1]}–{percent(row['ci_high'])}"
                    if row["asked"]
                    else "–",
                }
            )
    right = ("Block", "Asked", "Answered", "Item non-response", "95% range")
    return tables.shown(
        pd.DataFrame(rows, columns=["Put to", "Block", "Question", *right[1:]]), right
    )


def blocks_in_words(survey: Survey) -> Markdown:
    """Say, as a Markdown list, how many answered each block of questions."""
    lines = []
    for population in survey.codebook.populations:
        table = by_question(survey, population)
        routed = {q.id for q in survey.codebook.questions.values() if q.asked_if is not None}
        plain = table[~table["question"].isin(routed)]
        parts = [
            f"{int(block['answered'].max()):,} ({_count(len(block), 'question')})"
            for _, block in plain.groupby("block")
        ]
        total = respondents(survey, population, resolve_selection(survey, None, population))
        lines.append(
            f"- {escaped_markdown(_who(survey, population))}: of {total:,}, {', then '.join(parts)}"
        )
    opening = "In the simulated data" if wording.simulated(survey) else "In the data"
    said = [f"{opening}, blocks of questions were answered by:", "", *lines]
    return Markdown("\n".join(said))


def dropout_in_words(survey: Survey) -> Markdown:
    """Say, as a Markdown list, how many went through the form, left it, or skipped questions."""
    lines = []
    for population in survey.codebook.populations:
        found = dropout(survey, population)
        lines.append(
            f"- {escaped_markdown(_who(survey, population))}: {found.complete:,} of "
            f"{found.respondents:,} answered everything they were asked, {found.left:,} stopped "
            f"part way, {found.skipped:,} skipped a question and went on"
        )
    opening = "In the simulated data:" if wording.simulated(survey) else "In the data:"
    return Markdown("\n".join([opening, "", *lines]))


def dropout_chart(survey: Survey) -> Picture:
    """Draw how many of each population still answered, question by question."""
    traces, said = [], []
    for n, (population, who) in enumerate(survey.codebook.populations.items()):
        found = dropout(survey, population)
        rows = found.reached.to_dict("records")
        if not rows or not found.respondents:
            continue
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": wrapped(who.label),
                "x": [k + 1 for k in range(len(rows))],
                "y": [row["share"] * 100 for row in rows],
                "line": {"shape": "hv", "color": theme.SERIES[n % 6], "dash": DASHES[n % 4]},
                "marker": {"symbol": SYMBOLS[n % 4], "size": 8},
                "customdata": [
                    f"{wrapped(survey.codebook.questions[row['question']].label)}: "
                    f"{row['reached']:,} of {found.respondents:,}"
                    for row in rows
                ],
                "hovertemplate": "%{customdata}<extra>%{fullData.name}</extra>",
            }
        )
        said.append(
            f"{_who(survey, population)}: {percent(rows[0]['share'])} answered the first question "
            f"or a later one, {percent(rows[-1]['share'])} the last"
        )
    layout = theme.layout(240, legend=True)
    layout["yaxis"] = {"range": [0, 103], "ticksuffix": "%", "automargin": True}
    return Picture(
        {"data": traces, "layout": layout | _form_axis(layout)},
        f"Share still answering. {'; '.join(said)}. {_data(survey)}",
    )


def patterns_chart(survey: Survey, population: str) -> Picture:
    """Draw which questions respondents answered: one row per pattern, one column per question."""
    table = patterns(survey, population, resolve_selection(survey, None, population))
    questions = [name for name in table.columns if name not in SUMS][:MOST_QUESTIONS]
    labels = [wrapped(survey.codebook.questions[name].label) for name in questions]
    shown = table.head(MOST_PATTERNS)
    rows = [f"{_count(n, 'respondent')}{ZERO_WIDTH * k}" for k, n in enumerate(shown["n"])]
    cells = shown[questions].to_numpy()
    traces = []
    for flag, (name, symbol, colour) in FLAGS.items():
        at = [(x, y) for y, row in enumerate(cells) for x, cell in enumerate(row) if cell == flag]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "x": [x + 1 for x, _ in at],
                "y": [rows[y] for _, y in at],
                "marker": {"symbol": symbol, "size": 13, "color": colour},
                "customdata": [labels[x] for x, _ in at],
                "hovertemplate": "%{customdata}: " + name.lower() + "<extra>%{y}</extra>",
            }
        )
    layout = theme.layout(30 * len(rows) + 40, legend=True)
    layout["yaxis"] |= {"type": "category", "categoryarray": rows}
    who = _who(survey, population)
    words = (
        f"{who}: {_count(len(table), 'pattern')} of answered and unanswered questions; the "
        f"{len(shown)} most frequent cover {int(shown['n'].sum()):,} of "
        f"{int(table['n'].sum()):,} respondents. {_data(survey)}"
    )
    return Picture({"data": traces, "layout": layout | _form_axis(layout)}, words)


def _form_axis(layout: Spec) -> Spec:
    title = {"text": "Question, in the order of the form"}
    margin = {**layout["margin"], "t": 40, "b": 52}
    axis = {**layout["xaxis"], "title": title, "dtick": 1}
    return {"xaxis": axis, "margin": margin, "height": layout["height"] + 30}


def worst_in_words(survey: Survey) -> Markdown:
    """Say what non-response could hide for the question that most people skipped, as Markdown."""
    found = [
        row
        for population in survey.codebook.populations
        for row in by_question(survey, population).to_dict("records")
        if survey.codebook.questions[row["question"]].tabulates and row["not_answered"]
    ]
    if not found:
        return Markdown("*Every question was answered by everybody who was asked.*")
    most = max(found, key=lambda row: row["share"])
    asked = survey.codebook.questions[most["question"]]
    table = worst_case(survey, asked.id).dropna(subset="estimate")
    if table.empty:
        return Markdown(f"*Nobody answered “{escaped_markdown(asked.label)}”.*")
    best = max(table.to_dict("records"), key=lambda row: row["estimate"])
    option = asked.option_label(best["option"])
    item = asked.item_label(best["item"]) if len(asked.items) > 1 else ""
    named = item if asked.kind is Kind.MULTIPLE else " · ".join(filter(None, (item, option)))
    opening = "In the simulated answers" if wording.simulated(survey) else "In the answers"
    when = f" of {wave}" if (wave := _wave(survey, asked.population)) else ""
    return Markdown(
        f"{opening}{when}, {percent(most['share'])} of those asked skipped "
        f"**{escaped_markdown(asked.label)}**. Of those who answered, {percent(best['estimate'])} "
        f"said “{escaped_markdown(named)}”. If all or none of those who skipped it "
        f"had said so, the share would be between {percent(best['lowest'])} and "
        f"{percent(best['highest'])} of all who were asked."
    )


def reliability(survey: Survey, items: str | Sequence[str], where: Where = None) -> Styler:
    """Say whether items on a scale belong together, before an index is made of them.

    Parameters
    ----------
    items
        A question with items, or response columns (``grid.item``) on scales.
    where
        Filter, as in `share`.

    Returns
    -------
    Table: Cronbach's alpha and McDonald's omega with their ranges, of respondents who answered all
    items; below, for each item its correlation with the sum of the others, and alpha without it.
    Its `.data` is a DataFrame.

    Raises
    ------
    InsightsError
        If an item has no scale, or too few people answered all items.

    Notes
    -----
    Methods: `helpers.estimation.reliability`; without weights.

    Examples
    --------
    >>> import helpers as h
    >>> found = h.quality.reliability(h.load_survey("data/example"), "views")
    >>> found.data["Item"].tolist()[0]
    'All 3 items'
    """
    columns = list(dict.fromkeys(_columns(survey, items)))
    if len(columns) < 2:
        raise InsightsError("reliability: name two items or more.")
    of = {survey.codebook.owners[c].population for c in columns if c in survey.codebook.owners}
    if len(of) > 1:
        raise InsightsError(f"reliability: the items are of {', '.join(sorted(of))}.")
    found = judged(survey, columns, where)
    share = survey.sampling.per_cent
    heads = ["Item", "Alpha", f"Alpha, {share} range", "Omega", f"Omega, {share} range"]
    heads += ["Correlation with the rest", "Alpha without it", "Answered all"]
    alpha, omega = (_decimal(one) for one in (found.alpha, found.omega))
    whole = (f"All {len(columns)} items", alpha, _range(found.alpha_range))
    rows = [(*whole, omega, _range(found.omega_range), "", "", f"{found.n:,}")]
    rows += [
        (row.label, "", "", "", "", _decimal(row.item_rest), _decimal(row.alpha_without), "")
        for row in found.items.itertuples()
    ]
    return tables.shown(pd.DataFrame(rows, columns=heads), heads[1:])


def _columns(survey: Survey, items: str | Sequence[str]) -> list[str]:
    codebook, named = survey.codebook, [items] if isinstance(items, str) else items
    found: list[str] = []
    for name in named:
        if name in codebook.questions:
            found += [c.column for c in codebook.questions[name].cells]
        elif name in codebook.owners:
            found.append(name)
        else:
            known = [*codebook.questions, *codebook.owners]
            raise InsightsError(f'There is no item "{name}". {suggest(name, known, "item")}')
    return found


def _decimal(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.2f}"


def _range(ends: tuple[float, float]) -> str:
    return "–" if pd.isna(ends[0]) else f"{_decimal(ends[0])} to {_decimal(ends[1])}"


def _data(survey: Survey) -> str:
    return f"{survey.provenance.banner} {survey.describe}"


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'s' * (n != 1)}"
