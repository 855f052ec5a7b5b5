"""Report of a survey's weights: how they were made, how they differ, and whose share they raise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from helpers.analysis.result import Readable, Result
from helpers.estimation.raking import Raking
from helpers.estimation.request import Row
from helpers.estimation.weights import Spread, represented, spread
from helpers.present import wording
from helpers.present.cells import (
    NUMBER,
    POINTS,
    TENTHS,
    ReadableCell,
    count,
    frame_of,
    number,
)
from helpers.present.dots import Dot, dot_plot
from helpers.present.formats import percent, points
from helpers.present.results import key_label
from helpers.responses.selection import column_of, known_codes
from helpers.responses.survey import Survey
from helpers.words import lowered, raised

OF_STATED = "Where there are targets, shares are of those who stated the characteristic."
MOST = 30  # categories that a chart has room for
SERIES = {"sample": "Sample", "target": "Population", "weighted": "Weighted"}


def weights(survey: Survey) -> Result:
    """Describe the weights of a survey: its property `weights`."""
    several = len(survey.held) > 1
    rows = [row for population in survey.held for row in _categories(survey, population)]
    spreads = {population: spread(survey, population) for population in survey.held}
    ranges = [_range(survey, population, of) for population, of in spreads.items()]
    said = [
        _sentence(survey, p, of, [row for row in rows if row["population"] == p], several)
        for p, of in spreads.items()
    ]
    simulated = wording.simulated(survey)
    sentence = f"Simulated: {' '.join(said)}" if simulated else raised(" ".join(said))
    shown, made = _shown(rows, several), _made(ranges, several)
    left = ("Respondents", "Characteristic", "Category", "Weights")
    parts = [
        Readable(table, heading, tuple(str(c) for c in table.columns if c not in left))
        for table, heading in (
            (shown, "Who is over- and under-represented"),
            (made, "Weights: lowest and highest are multiples of their mean"),
        )
    ]
    return Result(
        survey,
        pd.DataFrame(rows),
        sentence,
        tuple(parts),
        None,
        (*survey.notes, *([OF_STATED] if any(math.isnan(row["sample"]) for row in rows) else [])),
        tests=pd.DataFrame(ranges),
        draw=lambda: _chart(rows, sentence, several),
    )


def _margins(survey: Survey, population: str) -> dict[tuple[str, ...], Mapping[Any, float]]:
    """Shares that weights were made to meet, the last of each margin; none for other dimensions.

    They are of those who stated where they belong.
    """
    found: dict[tuple[str, ...], Mapping[Any, float]] = {}
    for step in survey.weighting.get(population, ()):
        for margin in step.targets if isinstance(step, Raking) else ():
            found[margin.keys] = margin.of_stated
    for dimension in survey.codebook.dimensions.values():
        if dimension.derived:
            continue
        if population in dimension.source and (dimension.id,) not in found:
            found[dimension.id,] = {}
    return found


def _categories(survey: Survey, population: str) -> Iterator[Row]:
    codebook, there = survey.codebook, {*survey.columns(population)}
    for keys, targets in _margins(survey, population).items():
        if not {column_of(codebook, key) for key in keys} <= there:
            continue
        labels = [known_codes(codebook, key) for key in keys]
        places = [{code: n for n, code in enumerate(of)} for of in labels]
        rows = represented(survey, population, keys).to_dict("records")
        order = [
            [at.get(row[k], len(at)) for k, at in zip(keys, places, strict=True)] for row in rows
        ]
        stated = [row for row in rows if not targets or _code(row, keys) in targets]
        whole = {of: sum(row[of] for row in stated) for of in ("sample", "weighted")}
        for _, n in sorted((place, n) for n, place in enumerate(order)):
            row = rows[n]
            code = _code(row, keys)
            share = {of: row[of] / whole[of] if row in stated else math.nan for of in whole}
            yield {
                "population": population,
                "population_label": codebook.populations[population].label,
                "margin": " by ".join(keys),
                "margin_label": " by ".join(key_label(codebook, key) for key in keys),
                "category": " and ".join(code),
                "category_label": ", ".join(
                    of.get(c, c) for of, c in zip(labels, code, strict=True)
                ),
                "n": int(row["n"]),
                "sample": float(share["sample"]),
                "target": float(targets.get(code, math.nan)),
                "weighted": float(share["weighted"]),
            }


def _code(row: Row, keys: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row[key] for key in keys)


def _range(survey: Survey, population: str, of: Spread) -> Row:
    who = survey.codebook.populations[population]
    steps = survey.weighting.get(population, ())
    rounds = [step.iterations for step in steps if isinstance(step, Raking)]
    given = f"of {who.weight}" if who.weight else "none"
    return {
        "population": population,
        "population_label": who.label,
        "made": ", then ".join(step.done for step in steps) or given,
        "respondents": of.respondents,
        "rounds": float(rounds[-1]) if rounds else math.nan,
        "lowest": of.lowest,
        "highest": of.highest,
        "deff": of.deff,
        "n_effective": of.effective,
    }


def _shown(rows: list[Row], several: bool) -> pd.DataFrame:
    told = [name for name in SERIES if any(not math.isnan(row[name]) for row in rows)]
    against = "target" if "target" in told else "weighted"
    if all(row["sample"] == row["weighted"] for row in rows) and against == "weighted":
        told = ["sample"]
    return frame_of(
        [
            {
                **({"Respondents": row["population_label"]} if several else {}),
                "Characteristic": row["margin_label"],
                "Category": row["category_label"],
                "n": count(row["n"]),
                **{SERIES[name]: _percent(row[name]) for name in told},
                **(_away(row, against) if len(told) > 1 else {}),
            }
            for row in rows
        ]
    )


def _away(row: Row, against: str) -> Row:
    away = row["sample"] - row[against]
    return {f"Sample less {SERIES[against].lower()} in points": number(points(away), away, POINTS)}


def _made(ranges: list[Row], several: bool) -> pd.DataFrame:
    return frame_of(
        [
            {
                **({"Respondents": row["population_label"]} if several else {}),
                "Weights": row["made"],
                "n": count(row["respondents"]),
                "Rounds": "–" if math.isnan(row["rounds"]) else count(row["rounds"]),
                "Lowest": number(f"{row['lowest']:.2f}", row["lowest"], NUMBER),
                "Highest": number(f"{row['highest']:.2f}", row["highest"], NUMBER),
                "Design effect": number(f"{row['deff']:.2f}", row["deff"], NUMBER),
                "Effective base": count(row["n_effective"]),
            }
            for row in ranges
        ]
    )


def _sentence(survey: Survey, population: str, of: Spread, rows: list[Row], several: bool) -> str:
    who = survey.codebook.populations[population]
    about = f"{who.label}: " if several else ""
    if not who.weight:
        return f"{about}no weights, so all {of.respondents:,} respondents count alike."
    said = (
        f"{about}weights run from {of.lowest:.2f} to {of.highest:.2f} times their mean; the design "
        f"effect is {of.deff:.2f}, so {of.respondents:,} respondents are worth {of.effective:,.0f}."
    )
    known = [row for row in rows if not math.isnan(row["target"])]
    away = [round(row["sample"] - row["target"], 3) for row in known]
    ends = (("under", min), ("over", max))
    named = []
    for word, end in ends:
        if any(away):
            row = known[away.index(end(away))]
            named.append(
                f"most {word}-represented: {lowered(row['margin_label'])}, {row['category_label']} "
                f"({percent(row['sample'])} of the sample, {percent(row['target'])} of the "
                "population)"
            )
    return f"{said} {raised('; '.join(named))}." if named else said


def _percent(share: float) -> ReadableCell:
    return number("–" if math.isnan(share) else percent(share, 1), share, TENTHS)


def _chart(rows: list[Row], words: str, several: bool) -> Any:
    known = [row for row in rows if not math.isnan(row["target"])] or rows
    dots = [
        Dot(
            " · ".join(
                [row["population_label"]] * several + [row["margin_label"], row["category_label"]]
            ),
            series,
            100 * row[name],
            math.nan,
            math.nan,
            percent(row[name], 1),
        )
        for row in known[:MOST]
        for name, series in SERIES.items()
        if not math.isnan(row[name])
    ]
    axis = {"title": {"text": "Share"}, "ticksuffix": "%", "rangemode": "tozero"}
    return dot_plot(dots, axis, False, words)
