"""Planning the next wave: how many answers a margin needs, and which differences can be shown.

Examples
--------
>>> import helpers as h
>>> h.planning.sample_size(0.1, population=360, response_rate=0.4).n
74
"""

from __future__ import annotations

import html
from typing import Any

import ipywidgets as widgets
import pandas as pd
from pandas.io.formats.style import Styler

from helpers.errors import InsightsError
from helpers.estimation import planning
from helpers.estimation.latest_wave import resolve_selection
from helpers.estimation.planning import difference, per_group, precision, sample_size
from helpers.estimation.tabulate import bases, tabulate
from helpers.notebook.drawing import Picture
from helpers.notebook.without_kernel import Parts
from helpers.present import tables, theme
from helpers.present.formats import percent
from helpers.present.theme import Spec
from helpers.responses.survey import Survey

__all__ = [
    "achieved",
    "difference",
    "differences",
    "per_group",
    "plan",
    "precision",
    "sample_size",
]
STEPS = 48
SHARES = (0.5, 0.2, 0.05)


def __dir__() -> list[str]:
    return __all__


def achieved(survey: Survey, level: float = 0.95) -> Styler:
    """List the bases, and how precisely each shows shares of a half, a fifth and 5%.

    Returns
    -------
    Table of population, base, how many questions have it, and half the width of Wilson's
    interval in points for each share.
    """
    counted: dict[tuple[str, int], int] = {}
    for question in survey.codebook.questions.values():
        if question.tabulates:
            selection = resolve_selection(survey, None, question.population)
            base = bases(tabulate(survey, question, where=selection), question)[1]
            counted[question.population, base] = counted.get((question.population, base), 0) + 1
    rows = [
        {
            "Population": survey.codebook.populations[population].label,
            "Base": base,
            "Questions": questions,
            **{f"± at {share:.0%}": _margin(base, share, level) for share in SHARES},
        }
        for (population, base), questions in sorted(counted.items(), key=lambda at: at[0])
        if base
    ]
    right = ["Base", "Questions", *(f"± at {share:.0%}" for share in SHARES)]
    return tables.shown(pd.DataFrame(rows, columns=["Population", *right]), right)


def _margin(base: int, share: float, level: float) -> str:
    return f"{100 * planning.precision(base, share, level=level).half_width:.0f}"


class PlanView(Parts):
    """Inputs, the sentence that answers them, and the margin at every number of answers.

    Attributes
    ----------
    population, share, margin, level, deff, rate : the inputs; a population of 0 is not finite
    words : the answer, or why there is none
    picture : margin against answers
    """

    def __init__(self, population: int = 0, margin: float = 10, share: float = 50) -> None:
        def number(name: str, value: float, least: float, most: float, step: float) -> Any:
            return widgets.BoundedFloatText(
                value=value, min=least, max=most, step=step, description=name, style=_WIDE
            )

        self.population = widgets.BoundedIntText(
            value=population, min=0, max=10**9, description="People in the population", style=_WIDE
        )
        self.margin = number("Margin, ± points", margin, 0.1, 50, 1)
        self.share = number("Expected share, per cent", share, 0, 100, 5)
        self.level = number("Confidence, per cent", 95, 50, 99.9, 1)
        self.deff = number("Design effect", 1, 0.1, 100, 0.1)
        self.rate = number("Response rate, per cent", 40, 0.1, 100, 5)
        self.words = ""
        self.picture = Picture({"data": [], "layout": {}}, "")
        self._said = widgets.HTML()
        inputs = (self.population, self.margin, self.share, self.level, self.deff, self.rate)
        box = widgets.Box(inputs, layout=widgets.Layout(flex_flow="row wrap", grid_gap="2px 24px"))
        super().__init__((box, self._said, self.picture))
        for each in inputs:
            each.observe(self._follow, "value")
        self._follow(None)

    @property
    def _given(self) -> dict[str, Any]:
        return {
            "population": self.population.value or None,
            "deff": self.deff.value,
            "level": self.level.value / 100,
        }

    def _follow(self, _: Any) -> None:
        share = self.share.value / 100
        try:
            size = planning.sample_size(
                self.margin.value / 100, share, response_rate=self.rate.value / 100, **self._given
            )
            self.words = str(size)
        except InsightsError as problem:
            self.words = str(problem)
        self._said.value = f"<p>{html.escape(self.words)}</p>"
        figure, said = self._drawn(share)
        with self.picture.hold_sync():
            self.picture.figure = figure
            self.picture.words = said

    def _drawn(self, share: float) -> tuple[Spec, str]:
        most = min(self.population.value or 1000, 1000)
        numbers = sorted({max(1, round(most * (k / STEPS) ** 1.5)) for k in range(1, STEPS + 1)})
        found = [planning.precision(n, share, **self._given) for n in numbers]
        trace = {
            "type": "scatter",
            "mode": "lines",
            "x": numbers,
            "y": [round(100 * each.half_width, 2) for each in found],
            "line": {"color": theme.SERIES[0], "width": 3},
            "hovertemplate": "%{x} answers: ± %{y:.1f} points<extra></extra>",
        }
        layout = theme.layout(220, legend=False)
        layout["yaxis"] = {
            "rangemode": "tozero",
            "automargin": True,
            "title": {"text": "± points"},
        }
        layout["xaxis"] |= {"title": {"text": "Answers"}}
        layout["margin"] |= {"b": 48}
        layout["shapes"] = [
            {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": self.margin.value}
            | {"y1": self.margin.value, "line": {"color": theme.INK, "width": 1, "dash": "dot"}}
        ]
        ends = [
            f"{each.n:,} answer{'' if each.n == 1 else 's'} ± {100 * each.half_width:.0f} points"
            for each in (found[0], found[len(found) // 2], found[-1])
        ]
        said = f"Margin of a share of {percent(share)} by the number of answers: {', '.join(ends)}."
        return {"data": [trace], "layout": layout}, said


_WIDE = {"description_width": "13em"}


def plan(population: int = 0, margin: float = 10, share: float = 50) -> PlanView:
    """Make the planning controls.

    Parameters
    ----------
    population
        People in the population; 0 where it is very large or not known.
    margin
        Half the width of the 95% range you want, in points.
    share
        Share you expect, in per cent; 50 needs the most answers.
    """
    return PlanView(population, margin, share)


def differences(sizes: list[tuple[int, int]], share: float = 0.5) -> Styler:
    """List the smallest differences that groups of given sizes can show, four times in five."""
    rows = []
    for one, other in sizes:
        found = planning.difference(one, other, share)
        gaps = (found.up, found.down)
        ends = [f"{100 * gap:.0f}" if gap is not None else "none" for gap in gaps]
        heads = ("First group", "Second group", "Up by points", "Down by points")
        rows.append(dict(zip(heads, (one, other, *ends), strict=True)))
    return tables.shown(pd.DataFrame(rows), tuple(rows[0]) if rows else ())
