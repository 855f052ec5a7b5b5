"""Comparisons: groups, points in time, two questions, and a model; each with its tests."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.analysis.estimates import of_shares, option_label, share
from helpers.analysis.result import (
    Readable,
    Result,
    Subject,
    labelled,
    numeric,
    several_answers,
)
from helpers.codebook.model import FAVOURED, Kind, Question
from helpers.errors import InsightsError
from helpers.estimation import change as changes
from helpers.estimation import compare as comparing
from helpers.estimation import crosstabs
from helpers.estimation.association import adjusted
from helpers.estimation.domains import one_key
from helpers.estimation.estimates import Combine, thirds
from helpers.estimation.findings import Word, from_changes
from helpers.estimation.request import Row
from helpers.present import tables, wording
from helpers.present.cells import (
    POINTS,
    POINTS_SIZE,
    STEP,
    ReadableCell,
    adjusted_range,
    count,
    difference_cell,
    frame_of,
    number,
    of_base,
    p_value,
    ranged,
)
from helpers.present.dots import Dot, dot_plot
from helpers.present.findings import (
    PLACE,
    answered,
    family_in_words,
    of_question,
    of_rest,
    to_a_tenth,
    whole_points,
)
from helpers.present.formats import points
from helpers.present.key_answers import POSITIVE, compared_options, leading, positive_label
from helpers.present.readable import READABLE, too_few, unreliable
from helpers.present.results import Shares, answer, by_group, key_label, live, varies
from helpers.responses.selection import Selection, Where, keys_of, known_codes
from helpers.responses.survey import Survey
from helpers.words import distinct, lowered, raised

if TYPE_CHECKING:
    from helpers.present.figures import Chart

ALPHA, LEVEL = 0.05, 0.95
AGAINST = (EACH_OTHER, REST) = ("each other", "rest")
EVERYBODY = "All"  # heading of the column of all groups together
DRAWN = 8  # differences that a picture has room for
NAMED = 5  # differences that a sentence names, the surest
SO_ALL = "So do adjusted p values; the ranges in brackets are adjusted ones."
SO_THESE = (
    "Adjusted p values allow for the tests of this question only, the {level} ranges in brackets "
    "for none."
)
OF_FAMILY = {"ci_low_adjusted": "low", "ci_high_adjusted": "high", "finding_showable": "showable"}
NO_EVIDENCE = "The answers are simulated, so a test of them says nothing about the world."


def compare(
    survey: Survey,
    question: str,
    by: str,
    where: Where = None,
    *,
    combine: Combine | None = None,
    alpha: float = ALPHA,
    against: str = EACH_OTHER,
) -> Result:
    """Compare the groups of a characteristic on what the chart of a question shows.

    Parameters
    ----------
    by
        Dimension or response column whose bands are the groups.
    where
        Filter, as in `share`. A filter that would leave a single one of the groups compared is
        not applied.
    combine
        Options to combine; by default the upper end of a scale, or the leading one of two
        answers. With ``"favourable"``, the favourable answers.
    alpha
        Chance of a false alarm, after adjusting for the number of tests.
    against
        ``each other`` for every two groups, or ``rest`` for each group against everybody else.
        Compare a department with the rest rather than with the whole, of which it is a part.

    Returns
    -------
    `Result`; `df` and `tests` have the columns of `estimation.compare.groups`: difference of
    shares in [-1, 1] with its interval, `p`, `p_adjusted` (Benjamini and Hochberg),
    `significant`, and `detectable`, the smallest difference that bases of this size would show
    four times in five. `finding` says what the difference shows ("clear", "likely", "about the
    same" or "too few to tell"), beside all comparisons by this dimension. `p_adjusted`,
    `significant` and the adjusted range (`ci_low_adjusted`, `ci_high_adjusted`), which table and
    sentence show, allow for these comparisons, too. `finding_showable` is the smallest difference
    that could be shown. With a filter, other
    options or the answers to a question these are empty, and `p_adjusted` allows for the tests of
    this question only, as the notes say. Groups of fewer than 10 answers are not tested.

    Raises
    ------
    InsightsError
        For what does not exist, and fewer than two groups.

    Notes
    -----
    Method: `estimation.compare.groups`; of `finding`, `estimation.findings`. If the survey's
    folder has a release of the same responses, words and ranges are those of the release.

    Examples
    --------
    >>> import helpers as h
    >>> found = h.compare(h.load_survey("data/example"), "views", by="branch")
    >>> list(found.table().data.columns)[:3]
    ['Item', 'Group', 'Other']
    """
    asked, by = survey.question(question), one_key(by)
    selection = Selection.of(where)
    if len(dict(selection.conditions).get(by, ())) < 2:  # what is compared is not filtered
        selection = selection.without(by)
    if against not in AGAINST:
        raise InsightsError(f'against is "{against}"; known: {", ".join(AGAINST)}.')
    rest = against == REST
    good = {FAVOURED: thirds(asked)[FAVOURED]} if combine == FAVOURED else {}
    options = good or combine or compared_options(asked)
    found = comparing.groups(survey, question, by, selection, alpha, combine=options, rest=rest)
    there = {*found.loc[found["n"] > 0, "group"], *found.loc[found["n_other"] > 0, "other"]}
    if survey.subset and len(there) > 1:  # groups that are not part of what is left
        found = found[found["group"].isin(there) & found["other"].isin(there)]
        found = found.reset_index(drop=True)
    usual = good if rest else not combine
    plain = by in survey.codebook.dimensions and usual and not selection.conditions
    family = (of_rest(by) if rest else by) if plain else ""
    found, note = _with_findings(
        survey, family, found, partial(answered, survey, question, by, found, rest)
    )
    found["significant"] = found["p_adjusted"] <= alpha
    noise = found[["n", "n_other"]].min(axis=1) < READABLE
    found.loc[noise, ["estimate", "ci_low", "ci_high", "p", "p_adjusted", "detectable"]] = None
    found.loc[noise, "significant"] = False
    labels = {comparing.REST: comparing.REST, **known_codes(survey.codebook, by)}
    rows = [
        {
            _part(asked): _named(survey, asked, row),
            "Group": _share(labels.get(row["group"], row["group"]), row["share"], row["n"]),
            "Other": _share(
                labels.get(row["other"], row["other"]), row["share_other"], row["n_other"]
            ),
            "Difference in points": _difference(survey, row),
            "Finding": row["finding"],
            "p adjusted": p_value(row["p_adjusted"]),
            "Could be shown": number(
                points(_showable(row), sign=False), _showable(row), POINTS_SIZE
            ),
        }
        for row in found.to_dict("records")
    ]
    clear = [
        f"{_named(survey, asked, row)}, {labels[row['group']]} against {labels[row['other']]} "
        f"({_in_words(survey, row)})"
        for row in _surest(found, alpha)
    ]
    tested = int(found["p"].notna().sum())
    sentence = differing_in_words(survey, tested, "difference", clear)
    about = pd.Series([_showable(row) for row in found.to_dict("records")], dtype=float).dropna()
    if len(about):
        ends = dict.fromkeys(points(end, sign=False) for end in (about.min(), about.max()))
        apart = ", depending on the groups," * (len(ends) > 1)
        sentence += f" Differences below {' to '.join(ends)} points{apart} may go unnoticed."
    found = labelled(
        found,
        [
            ("item", asked.item_label),
            ("option", partial(option_label, asked)),
            ("group", lambda code: labels.get(code, code)),
            ("other", lambda code: labels.get(code, code)),
        ],
    )
    rule, bases = wording.BASES[asked.base], ("n", "n_other")
    return _result(
        survey,
        Subject.of(survey, asked, selection, (by,), found, rule, bases=bases),
        found,
        sentence,
        rows,
        draw=lambda: _gaps(survey, asked, rows, found, sentence),
        notes=[note, several_answers(survey, asked, selection, (by,))],
    )


def _gaps(
    survey: Survey, asked: Question, rows: Sequence[Row], found: pd.DataFrame, sentence: str
) -> Chart:
    """Draw the differences with the ranges that their table has, the largest if there are many."""
    known = list(zip(rows, found.to_dict("records"), strict=True))
    drawn = [pair for pair in known if math.isfinite(pair[1]["estimate"])]
    pairs = {_pair(row) for _, row in drawn}
    if len(pairs) > 1 and len(drawn) > DRAWN:
        drawn = sorted(drawn, key=lambda pair: -abs(pair[1]["estimate"]))[:DRAWN]
    judged = any(row["finding"] for _, row in drawn)
    ends = [f"{end}_adjusted" if judged else end for end in ("ci_low", "ci_high")]
    options = {row["option"] for _, row in drawn}
    one = asked.kind is not Kind.MULTIPLE and len(options) == 1 and len(asked.items) > 1
    code = next(iter(options), "")
    answered_ = positive_label(asked) if code == POSITIVE else option_label(asked, code)
    dots = []
    for cells, row in drawn:
        named = [_tested(survey, asked, row) if one else _named(survey, asked, row)]
        named *= len(known) > len(pairs)
        named += [_pair(row)] * (len(pairs) > 1 or not named)
        place = f"{', '.join(named)}: {cells['Difference in points']}"
        at, low, high = (100 * row[name] for name in ("estimate", *ends))
        dots.append(Dot(place, "", at, low, high, row["finding"]))
    said = [raised(answered_)] * one + [*pairs] * (len(pairs) == 1)
    kind = "adjusted range" if judged else f"{survey.sampling.per_cent} range"
    title = f"{': '.join(said) or 'Difference'}, in points ({kind})"
    if len(drawn) < len(known):
        title += f"; the {len(drawn)} largest of {len(known):,}"
    return dot_plot(dots, {"title": {"text": title}}, True, sentence)


def _pair(row: Row) -> str:
    return f"{row['group_label']} less {row['other_label']}"


def change(
    survey: Survey,
    question: str,
    first: str,
    last: str,
    where: Where = None,
    *,
    by: Sequence[str] | str = (),
) -> Result:
    """Change of the same respondents from one point in time to another, item by item.

    Parameters
    ----------
    question, first, last
        Id of a question with points in time, and two of its times.
    where
        Filter, as in `share`.
    by
        Dimensions or response columns whose bands form the groups.

    Returns
    -------
    `Result`; `df` and `tests` have the columns of `estimation.change.paired`: how many gained,
    lost, kept and never had an answer, or on a scale moved up, stayed and moved
    down; the difference of the shares, or of the mean scores, with its interval; test, `p` and
    `p_adjusted` (Benjamini and Hochberg); and `finding`, `ci_low_adjusted`, `ci_high_adjusted` and
    `finding_showable` as in `compare`, of the share who went up less the share who went down. A
    filter or groups leave them empty.

    Raises
    ------
    InsightsError
        For what does not exist, and a question without points in time.

    Notes
    -----
    Method: `estimation.change.paired`.

    Examples
    --------
    >>> import helpers as h
    >>> found = h.change(h.load_survey("data/example"), "uses", "before", "now")
    >>> "Took it up" in found.table().data
    True
    """
    asked, codebook = survey.question(question), survey.codebook
    found = changes.paired(survey, question, first, last, by, where)
    shares = found[found["measure"] == "share"]
    if not shares.empty:  # of a scale: the change of the mean score
        many = len(asked.items) > 1
        found = shares[shares["option"] == leading(asked).code] if many else shares
    keys = keys_of(by)
    plain = not keys and not Selection.of(where).conditions
    family = f"{first} to {last}" if plain else ""
    found, note = _with_findings(survey, family, found, partial(from_changes, found))
    labels = {key: known_codes(codebook, key) for key in keys}
    rows = []
    for row in found.to_dict("records"):
        part = {_part(asked): _named(survey, asked, row)}
        told = {
            **_moves(survey, row),
            "Finding": row["finding"],
            "Test": row["test"] if pd.notna(row["test"]) else row["status"],
            "p": p_value(row["p"]),
            "p adjusted": p_value(row["p_adjusted"]),
        }
        heads = distinct((key_label(codebook, key) for key in keys), (*part, *told))
        groups = (labels[key].get(row[key], row[key]) for key in keys)
        rows.append(part | dict(zip(heads, groups, strict=True)) | told)
    tested = found.dropna(subset="p_adjusted")
    clear = [
        f"{_named(survey, asked, row)} ({_in_words(survey, row)})" for row in _surest(tested, ALPHA)
    ]
    times = " to ".join(lowered(codebook.times.get(time, time)) for time in (first, last))
    sentence = differing_in_words(survey, len(tested), "change", clear, f" from {times}")
    found = labelled(
        found,
        [
            ("item", asked.item_label),
            ("option", partial(option_label, asked)),
            *((key, lambda code, of=labels[key]: of.get(code, code)) for key in keys),
        ],
    )
    return _result(
        survey,
        Subject.of(survey, asked, where, keys, found, "base.both_times"),
        found,
        sentence,
        rows,
        draw=lambda: _told(share(survey, question, by, where).chart(), sentence),
        notes=[note, several_answers(survey, asked, where, keys, clusters=False)],
    )


def _told(chart: Chart, sentence: str) -> Chart:
    """Let the picture of a chart of shares say what a comparison found."""
    if chart._slide is not None:
        chart._slide = replace(chart._slide, finding=sentence)
    return chart


def crosstab(survey: Survey, question: str, by: str, where: Where = None) -> Result:
    """Cross a question with another question, or a characteristic, of the same people.

    Parameters
    ----------
    by
        A dimension, or a response column: the id of a question with one answer, else
        ``question.item`` or ``question.item.time``.
    where
        Filter, as in `share`.

    Returns
    -------
    `Result`; `df` has the shares in each group as in `share`, `tests` the columns of
    `estimation.crosstabs.table` with `p_adjusted` (Benjamini and Hochberg over the items): whether
    answers and groups are associated. Groups of fewer than 10 answers are not shown.

    Raises
    ------
    InsightsError
        For what does not exist, and fewer than two groups.

    Notes
    -----
    Method: `estimation.crosstabs.table`.

    Examples
    --------
    >>> import helpers as h
    >>> found = h.crosstab(h.load_survey("data/example"), "reasons", "visits")
    >>> "p_adjusted" in found.tests
    True
    """
    asked, by = survey.question(question), one_key(by)
    tests = crosstabs.table(survey, question, by, where)
    tests["p_adjusted"] = adjusted(tests["p"].to_numpy(dtype=float))
    shown = live(survey, question, where, by)
    split = of_shares(survey, where, shown)
    clear = [
        f"{_tested(survey, asked, row)} (p adjusted {p_value(row['p_adjusted'])})"
        for row in _surest(tests, ALPHA)
    ]
    with_what = f" with “{key_label(survey.codebook, by)}”"
    tested = int(tests["p"].notna().sum())
    sentence = differing_in_words(survey, tested, "association", clear, with_what)
    crossed = _crossed(survey, shown, live(survey, question, where))
    judged = frame_of(
        [
            {
                "Item": _tested(survey, asked, row),
                "Respondents": count(row["n"]),
                "Answers × groups": f"{row['rows']:.0f} × {row['columns']:.0f}"
                if pd.notna(row["rows"])
                else "–",
                "Test": row["test"],
                "p": p_value(row["p"]),
                "p adjusted": p_value(row["p_adjusted"]),
                "Note": "" if row["status"] == "ok" else row["status"],
            }
            for row in tests.to_dict("records")
        ]
    )
    right = tuple(map(str, crossed.columns[len(varies(asked.reduced)) :]))
    filters = split.subject.filters if split.subject else ""
    return Result(
        survey,
        split.df,
        sentence,
        (
            Readable(crossed, asked.label, right),
            Readable(judged, "", ("Respondents", "p", "p adjusted")),
        ),
        split.subject,
        tuple(
            filter(
                None,
                (
                    filters,
                    several_answers(survey, asked, where, (by,)),
                    unreliable(crossed.to_dict("records"), survey.say),
                    NO_EVIDENCE * wording.simulated(survey),
                ),
            )
        ),
        tests=tests,
        draw=split.chart,
    )


def _result(
    survey: Survey,
    subject: Subject,
    df: pd.DataFrame,
    sentence: str,
    rows: list[Row],
    *,
    draw: Any,
    notes: Sequence[str] = (),
    tests: pd.DataFrame | None = None,
) -> Result:
    table = frame_of(rows)
    words = ("Difference in points", "Effect in points", "Difference in mean score", "Respondents")
    right = [*words, "p", "p adjusted", "Could be shown", *numeric(table)]
    marked = unreliable(rows, survey.say)
    said = (*notes, marked, subject.filters, NO_EVIDENCE * wording.simulated(survey))
    return Result(
        survey,
        df,
        sentence,
        (Readable(table, subject.question.label, tuple(right)),),
        subject,
        tuple(filter(None, said)),
        tests=df if tests is None else tests,
        draw=draw,
    )


def _crossed(survey: Survey, split: Shares, everybody: Shares) -> pd.DataFrame:
    """Share of each answer in each group and in all, with bases; small groups say so."""
    parts = varies(split.question)
    heads = [tables.heading(part, survey.say) for part in parts]
    codes = [str(code) for code in dict.fromkeys(row[split.by] for row in split.drawn)]
    columns = {"": EVERYBODY} | dict(
        zip(
            codes,
            distinct((split.label({split.by: c}, "group") for c in codes), (*heads, EVERYBODY)),
            strict=True,
        )
    )
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for result in (split, everybody):
        groups = by_group(result.drawn, result.by or "question")
        most = {code: max(row["n"] for row in of) for code, of in groups.items()}
        for row in (r for r in result.drawn if most[r[result.by or "question"]] > 0):
            labels = dict(zip(heads, (result.label(row, part) for part in parts), strict=True))
            found = rows.setdefault(tuple(str(row[part]) for part in parts), labels)
            column = columns[str(row[result.by]) if result.by else ""]
            few = f"too few ({row['n']})" if too_few(row["n"]) else ""
            found[column] = of_base(row["estimate"], row["n"], few)
    return frame_of(rows.values())


def _contrast(row: Mapping[Any, Any]) -> str:
    return f"{row['term_label']}: {row['level_label']} against {row['reference_label']}"


def _tested(survey: Survey, asked: Question, row: Mapping[Any, Any]) -> str:
    item = asked.item_label(row["item"]) if len(asked.items) > 1 else ""
    time = survey.codebook.times.get(row["time"], "")
    return " · ".join(filter(None, (item, time))) or asked.label


def _part(asked: Question) -> str:
    return tables.heading("item" if len(asked.items) > 1 else "option")


def _named(survey: Survey, asked: Question, row: Mapping[Any, Any]) -> str:
    time = "" if " to " in str(row["time"]) else survey.codebook.times.get(row["time"], "")
    return " · ".join(filter(None, (answer(asked, row), time)))


def _moves(survey: Survey, row: Mapping[Any, Any]) -> Row:
    """Say how many moved and how far: of a share who took it up, of a score who moved up."""
    if row["measure"] == "mean score":
        moves = {"Moved up": row["up"], "Stayed": row["same"], "Moved down": row["down"]}
        ends = [f"{row[end]:+.2f}".replace("-", "−") for end in ("estimate", "ci_low", "ci_high")]
        told = f"{ends[0]} ({ends[1]} to {ends[2]})"
        moves |= {"Difference in mean score": ranged(told, row, STEP)}
        if row["finding"]:
            moves["Up less down in points"] = _difference(survey, row, "net")
        return moves
    names = {"gained": "Took it up", "lost": "Gave it up", "kept": "Kept it", "never": "Never"}
    return {name: row[key] for key, name in names.items()} | {
        "Difference in points": _difference(survey, row)
    }


def _with_findings(
    survey: Survey, key: str, found: pd.DataFrame, rows: Callable[[], pd.DataFrame]
) -> tuple[pd.DataFrame, str]:
    """Add what each row shows in words, and say how many comparisons the words allow for.

    Parameters
    ----------
    key
        Of the family; empty for none. There is none either if ranges have another level than 95%,
        or if the survey is limited to a part: families are of everybody.
    """
    said: dict[tuple[str, ...], Row] = {}
    note, places = "", [place for place in PLACE if place in found]
    if key and survey.sampling.level == LEVEL and not survey.subset:
        known = of_question(survey, key, found, rows)
        note = family_in_words(survey.codebook, key, known.attrs["family"].size, survey.say)
        note = f"{note} {SO_ALL}" if note else ""
        said = {tuple(row[place] for place in places): row for row in known.to_dict("records")}
    none: Row = dict.fromkeys(("low", "high", "showable", "p_adjusted"), math.nan) | {"word": ""}
    if not said and found["p"].notna().sum() > 1:
        note = SO_THESE.format(level=survey.sampling.per_cent)
    there = [said.get(tuple(row[p] for p in places), none) for row in found.to_dict("records")]
    words = [survey.say(f"word.{row['word']}") if row["word"] else "" for row in there]
    ends = {name: [row[of] for row in there] for name, of in OF_FAMILY.items()}
    found = found.assign(finding=words, **ends)
    judged = found["finding"] != ""
    p = pd.Series([row["p_adjusted"] for row in there], found.index, dtype=float)
    found["p_adjusted"] = found["p_adjusted"].mask(judged, p)
    return found, note


def _showable(row: Mapping[Any, Any]) -> float:
    """Return the smallest difference that could be shown, beside the family if there is one."""
    return whole_points(row["finding_showable"]) if row["finding"] else float(row["detectable"])


def _word(survey: Survey, row: Mapping[Any, Any]) -> str:
    """Key of a row's finding; empty for none."""
    return next((w for w in Word if survey.say(f"word.{w}") == row["finding"]), "")


def _difference(survey: Survey, row: Mapping[Any, Any], name: str = "estimate") -> ReadableCell:
    """Write a difference in points, with the range that agrees with its finding if it has one."""
    if not row["finding"]:
        return difference_cell(row)
    ends = {
        "low": row["ci_low_adjusted"],
        "high": row["ci_high_adjusted"],
        "word": _word(survey, row),
    }
    found = {"estimate": row[name], **ends}
    at, low, high = to_a_tenth(found, survey.say)
    return adjusted_range(f"{at} ({low} to {high})", found, POINTS)


def _in_words(survey: Survey, row: Mapping[Any, Any]) -> str:
    name = "adjusted range" if row["finding"] else f"{survey.sampling.per_cent} range"
    if row.get("measure") == "mean score":
        said = _moves(survey, row)
        if "Up less down in points" not in said:
            return f"mean score {said['Difference in mean score']}"
        points = said["Up less down in points"]
        return f"moved up less moved down {_ranged(points, name)}"
    return _ranged(_difference(survey, row), name)


def _ranged(points: str, name: str) -> str:
    return points.replace(" (", f" points, {name} ", 1).rstrip(")")


def _surest(found: pd.DataFrame, alpha: float) -> list[Row]:
    """List the rows that differ, the surest first."""
    differs = found[found["p_adjusted"] <= alpha]
    return differs.sort_values("p_adjusted", kind="stable").to_dict("records")


def differing_in_words(
    survey: Survey, tested: int, noun: str, named: Sequence[str], when: str = ""
) -> str:
    """Say how many of the tests show more than chance would explain, and which.

    Parameters
    ----------
    named
        Each of these in words, the surest first.
    """
    if not tested:
        said = f"no {noun}{when} could be tested"
    elif tested == 1:
        verb = "is larger" if named else "is no larger"
        said = f"the only {noun}{when} tested {verb} than chance would explain"
    elif not named:
        none = "neither of two" if tested == 2 else f"none of {tested:,}"
        said = f"{none} {noun}s{when} is larger than chance would explain"
    else:
        verb = "are" if len(named) > 1 else "is"
        every = "both" if tested == 2 else f"all {tested:,}"
        count = every if len(named) == tested else f"{len(named):,} of {tested:,}"
        said = f"{count} {noun}s{when} {verb} larger than chance would explain"
    listed = [*named[:NAMED], *([f"and {len(named) - NAMED:,} more"] * (len(named) > NAMED))]
    whole = f"{said}: {'; '.join(listed)}." if listed else f"{said}."
    return f"Simulated: {whole}" if wording.simulated(survey) else raised(whole)


def _share(label: str, value: float, n: int) -> ReadableCell:
    return of_base(value, n, f"too few ({n:,})" if too_few(n) else "", label=label)
