"""Trends over waves: what each wave says, what differs, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from helpers.analysis.comparisons import ALPHA, NO_EVIDENCE, differing_in_words
from helpers.analysis.estimates import option_label
from helpers.analysis.result import Readable, Result, Subject, labelled
from helpers.codebook.model import Kind, Question
from helpers.estimation import waves
from helpers.estimation.estimates import Combine
from helpers.estimation.request import Row, Status
from helpers.present import charts, wording
from helpers.present.cells import (
    NUMBER,
    POINTS,
    STEP,
    difference_cell,
    frame_of,
    of_base,
    p_value,
    ranged,
)
from helpers.present.formats import percent, points
from helpers.present.key_answers import compared_options
from helpers.present.readable import base_of, too_few, unreliable
from helpers.present.results import answer
from helpers.present.theme import Spec
from helpers.present.trends import TrendLine
from helpers.present.trends import trend as draw_trend
from helpers.responses.selection import Where
from helpers.responses.survey import Survey
from helpers.words import distinct


def trend(
    survey: Survey,
    question: str,
    where: Where = None,
    *,
    combine: Combine | None = None,
    person: str = "",
) -> Result:
    r"""Follow a question through the waves of a survey, and test whether anything changed.

    Parameters
    ----------
    where
        Filter, as in `share`; ``{"wave": ["2018", "2024"]}`` chooses waves.
    combine
        Options to combine, as in `compare`: by default the upper end of a scale, or the leading
        one of two answers. With ``"net"`` the net score, as in `net`.
    person
        Column of the file that names the same person in every wave, such as the identifier of a
        panel: answers of the same person are then paired, those of others independent. By default
        the column that survey.yml names; without either, waves count as samples of different
        people. Of the identifier itself, the wave that an
        import put before it (``2019-``) is taken off.

    Returns
    -------
    `Result`; `df` has the share of each answer (of a number question the mean, or the net) by
    wave, as in `share`. `tests` has for each of them the columns of `estimation.waves.trend`: a
    test of all waves, the difference of the last from the first, and of each wave from the one
    before, in [-1, 1] with its interval, `n_both` (people in both waves), `p`, and `p_adjusted`
    (Benjamini and Hochberg, among tests of the same kind). Waves of fewer than 10 answers are not
    tested; notes name answers that some waves did not offer.

    Raises
    ------
    InsightsError
        For a survey without waves, fewer than two of them, and what does not exist.

    Notes
    -----
    Method: `estimation.waves.trend`, as R's ``svyby`` and ``regTermTest`` with people as clusters.
    `change` compares two times that one wave asked about.

    Examples
    --------
    >>> import helpers as h
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> place = TemporaryDirectory()
    >>> book, answers = Path(place.name, "codebook"), Path(place.name, "responses")
    >>> book.mkdir(), answers.mkdir()
    (None, None)
    >>> wave = "{label: Wave, bands: {a: 2020, b: 2023}, source: {people: wave}}"
    >>> _ = (book / "survey.yml").write_text(
    ...     "title: Cycling\nprovenance: illustrative\npopulations: {people: {id: id}}\n"
    ...     f"dimensions: {{wave: {wave}}}\n")
    >>> _ = (book / "questions.csv").write_text(
    ...     "id,population,kind,option_set\ncycles,people,single,yn\n")
    >>> _ = (book / "options.csv").write_text("set,code\nyn,yes\nyn,no\n")
    >>> rows = [f"{n},{'ab'[n % 2]},{'no' if n % 5 > 1 + n % 2 else 'yes'}\n" for n in range(120)]
    >>> _ = (answers / "people.csv").write_text("id,wave,cycles\n" + "".join(rows))
    >>> found = h.trend(h.load_survey(place.name), "cycles")
    >>> found.df["estimate"].tolist()
    [0.4, 0.6]
    """
    asked = survey.question(question)
    net, kind = combine == "net", "share"
    if asked.kind is Kind.NUMBER or net:
        kind = "net" if net else "mean"
        found = waves.trend(survey, question, where, person=person, net=net)
    else:
        parts = combine or compared_options(asked)
        found = waves.trend(survey, question, where, combine=parts, person=person)
    tells = survey.codebook.wave_of(asked.population)
    assert tells is not None
    names = {"question": question, **tells.bands}
    rows = list(_rows(survey, asked, found, tells.id, kind))
    sentence = _sentence(survey, found, rows, names, kind)
    estimates = labelled(
        found.estimates,
        [
            ("item", asked.item_label),
            ("option", partial(option_label, asked)),
            (tells.id, lambda code: names.get(code, code)),
        ],
    )
    shown = frame_of(_cells(row, names, kind) for row in rows)
    left = ("Item", "Answer")
    by = (tells.id,)
    subject = Subject.of(survey, asked, where, by, estimates)
    paired = int(found.tests["n_both"].max()) if len(found.tests) else 0
    linked = (
        f"Up to {paired:,} people answered in two of these waves: their answers are paired, and "
        "those of others independent."
        if paired
        else "Waves count as samples of different people."
    )
    scale = f"Scale: {found.estimates['scale'].iloc[0]}." if net else ""
    there = [wave for wave in tells.bands if wave in {*found.estimates[tells.id]}]
    new = _offered_in_some(asked, found, there, tells.bands)
    weighted = bool(survey.codebook.populations[asked.population].weight)
    ranges = survey.intervals_note(asked.population) * weighted
    marked = unreliable(shown.to_dict("records"), survey.say)
    told = (linked, new, scale, subject.filters)
    notes = (*told, ranges, marked, NO_EVIDENCE * wording.simulated(survey))
    spec = _drawn(survey, rows, tells.id, names, kind)
    below = " ".join(f"{said.rstrip('.')}." for said in (*told, survey.describe) if said)
    banner = survey.say.each("banner")[survey.provenance]
    return Result(
        survey,
        estimates,
        sentence,
        (Readable(shown, asked.label, tuple(c for c in map(str, shown.columns) if c not in left)),),
        subject,
        tuple(filter(None, notes)),
        tests=found.tests,
        draw=lambda: charts.drawn(spec, asked, survey.say, below, sentence, banner),
    )


def _offered_in_some(
    asked: Question, found: waves.WaveTrends, there: Sequence[str], names: Mapping[str, str]
) -> str:
    """Name the answers that some waves did not offer: others take their part there."""
    items = list(dict.fromkeys(found.estimates["item"]))
    told = []
    for option in asked.in_base:
        with_it = [w for w in there if any(asked.offered(i, (option.code,), w) for i in items)]
        put = [w for w in there if any(asked.offered(i, (), w) for i in items)]
        if with_it and len(with_it) < len(put):
            listed = ", ".join(names[w] for w in with_it)
            told.append(f"“{option.label}” in {listed} only")
    if not told:
        return ""
    return f"The answers offered differ: {'; '.join(told)}. Shares of other answers depend on it."


def _drawn(
    survey: Survey, rows: Sequence[Row], wave: str, names: Mapping[str, str], kind: str
) -> Spec:
    """Draw a line through the waves of each row, with its ranges."""
    lines = [TrendLine(row["name"], list(row["waves"].values()), kind) for row in rows]
    return draw_trend(lines, range(len(lines)), wave, names, survey.say)


def _rows(survey: Survey, asked: Question, found: waves.WaveTrends, wave: str, kind: str) -> Any:
    """Yield what is shown of each item and answer."""
    tests = found.tests
    keys = ["item", "option", "time"]
    for key, own in found.estimates.groupby(keys, sort=False):
        mine = tests[(tests[keys] == list(key)).all(axis=1)].set_index("compared", drop=False)
        whole = mine[mine["compared"] == waves.EVERY].iloc[0]
        ends = mine[mine["compared"] == waves.ENDS]
        row = dict(zip(keys, key, strict=True))
        time = survey.codebook.times.get(row["time"], "")
        said = answer(asked, row)
        if kind != "share":
            said = asked.item_label(row["item"]) if len(asked.items) > 1 else asked.label
        yield {
            "name": " · ".join(filter(None, (said, time))),
            "waves": {r[wave]: r for r in own.to_dict("records")},
            "whole": whole.to_dict(),
            "ends": ends.iloc[0].to_dict() if len(ends) else None,
            "head": "Item" if len(asked.items) > 1 else "Answer",
        }


def _cells(row: Row, names: dict[str, str], kind: str) -> Row:
    cells: Row = {row["head"]: row["name"]}
    ends, whole = row["ends"], row["whole"]
    unit = "" if kind == "mean" else " in points"
    told: Row = {f"First to last{unit}": _difference(ends, kind) if ends else "–"}
    told["p"] = p_value(whole["p"])
    told["p adjusted"] = p_value(whole["p_adjusted"])
    if whole["status"] != "ok":
        told["p"] = told["p adjusted"] = "–"
    heads = distinct((names.get(code, code) for code in row["waves"]), (*cells, *told))
    waves_ = (_estimate(one, kind) for one in row["waves"].values())
    return cells | dict(zip(heads, waves_, strict=True)) | told


def _estimate(row: Row, kind: str) -> str:
    if row["status"] == Status.NOT_ASKED:
        return "not asked"
    few = too_few(row["n"]) or pd.isna(row["estimate"])
    words = f"too few ({row['n']:,})" if few else ""
    if kind == "share":
        return of_base(row["estimate"], row["n"], words)
    told = f"{_written(row['estimate'], kind)} ({base_of(row['n'])})"
    unit = POINTS if kind == "net" else NUMBER
    return of_base(row["estimate"], row["n"], words, text=told, unit=unit)


def _written(value: float, kind: str) -> str:
    if kind == "mean":
        return f"{value:,.4g}".replace("-", "−")
    return points(value) if kind == "net" else percent(value)


def _difference(row: Row, kind: str) -> str:
    if kind != "mean":
        return difference_cell(row)
    at, *ends = (f"{row[k]:+,.3g}".replace("-", "−") for k in ("estimate", "ci_low", "ci_high"))
    told = at if pd.isna(row["ci_low"]) else f"{at} ({' to '.join(ends)})"
    return ranged("–" if pd.isna(row["estimate"]) else told, row, STEP)


def _sentence(
    survey: Survey,
    found: waves.WaveTrends,
    rows: list[Row],
    names: dict[str, str],
    kind: str,
) -> str:
    """Say how many rows changed, which, and whether anything did at all."""
    tested = [row for row in rows if pd.notna(row["whole"]["p"])]
    clear = [row for row in tested if row["whole"]["p_adjusted"] <= ALPHA]
    level = survey.sampling.per_cent

    def told(row: Row) -> str:
        ends, held = row["ends"], row["waves"]
        one, other = held[ends["first"]]["estimate"], held[ends["last"]]["estimate"]
        both = " to ".join(_written(value, kind) for value in (one, other))
        unit = "" if kind == "mean" else " points"
        gap = _difference(ends, kind).replace(" (", f"{unit}, {level} range ", 1).rstrip(")")
        where = f"{names[ends['first']]} to {names[ends['last']]}"
        if clear and ends["ci_low"] <= 0 <= ends["ci_high"]:  # the waves between differ
            return f"{row['name']}, in between only: not from {where} ({gap})"
        return f"{row['name']}, {both} from {where} ({gap})"

    surest = sorted(clear, key=lambda row: float(row["whole"]["p_adjusted"]))
    said = differing_in_words(survey, len(tested), "change", list(map(told, surest)))
    if not clear and (known := [r for r in tested if r["ends"] and pd.notna(r["ends"]["ci_low"])]):
        largest = max(known, key=lambda row: abs(float(row["ends"]["estimate"])))
        which = "The largest: " if len(tested) > 1 else ""
        said += f" {which}{told(largest)}; it may be chance."
    if len(tested) > 1:
        said += f" Chance of seeing as much if nothing had changed: p {_equal(found.overall)}."
    return said


def _equal(p: float) -> str:
    written = p_value(p)
    return written if written.startswith("<") else f"= {written}"
