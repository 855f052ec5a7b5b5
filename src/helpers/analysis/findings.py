"""What the comparisons of several questions show, in one table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise, product
from typing import Any

import pandas as pd

from helpers.analysis.result import Readable, Result
from helpers.codebook.checks import HEADINGS
from helpers.codebook.model import Kind, Question, suggest
from helpers.codebook.recipes import Recipe, recode
from helpers.codebook.textfiles import appearance
from helpers.errors import InsightsError
from helpers.estimation.findings import EXACT, Word, representatives
from helpers.estimation.repeats import columns_of, describes, repeats_of, restated
from helpers.estimation.request import Row
from helpers.importing.words.nonanswers import silent_bands
from helpers.present import wording
from helpers.present.cells import (
    BASE,
    COUNT,
    POINTS,
    SHARE,
    CellNumber,
    ReadableCell,
    adjusted_range,
    frame_of,
)
from helpers.present.findings import DIFFERS, family, family_in_words, to_a_tenth
from helpers.present.formats import percent
from helpers.present.key_answers import POSITIVE, positive_label
from helpers.present.readable import SMALL, base_of, unreliable
from helpers.present.results import key_label
from helpers.release.defaults import rules_of, without_substance
from helpers.responses.recoding import band_column
from helpers.responses.selection import known_codes
from helpers.responses.survey import Survey
from helpers.terminal import count
from helpers.words import lowered

MOST = 40  # rows that a person reads
RANK = [Word.CLEAR, Word.LIKELY, Word.SAME, Word.FEW]
_REPEATED = "{:,} are left out: they repeat others, with columns that follow from one another."
_LEFT = "Left out: {}. Name them in questions= to compare them."
_WITHOUT = "{} that a report leaves out"
_DESCRIBE = "{} that characteristics or weights are made of"
_NOTHING = (
    "There is nothing to compare by: codebook/survey.yml names no dimensions. Name a question with "
    "one answer in by=, or give it a line under dimensions, such as `region: {}`."
)
_SILENT = "Groups of {} are left out: name the characteristic in by= to compare them."
HEADS = ["Question", "Answer", "Compared", "Difference in points", "Finding"]
COLUMNS = {  # of `df`: what they are called among the rows of a family
    **{name: name for name in ("question", "item", "time", "option")},
    **{"by": "key", "group": "group", "other": "other"},
    **{name: name for name in ("estimate", "share", "share_other", "n", "n_other")},
    **{"finding": "word", "ci_low_adjusted": "low", "ci_high_adjusted": "high"},
}


def findings(
    survey: Survey,
    questions: Sequence[str] | str | None = None,
    by: Sequence[str] | str | None = None,
    *,
    most: int = MOST,
) -> Result:
    """List the differences and changes that are clear or likely, the largest first.

    Parameters
    ----------
    questions
        Ids of questions; by default all but columns that say nothing to a reader, as in `report`,
        and questions that say who people are or that weights were fitted to.
    by
        Dimensions, questions with one answer, or two points in time (``before to now``); by default
        all dimensions and points in time, without derived dimensions and without groups of people
        who said nothing (*Refused*, *Don't know*).
    most
        Rows of the table; `df` has all.

    Returns
    -------
    `Result`; its sentence and notes say how many differences are clear, likely, about the same, or
    too few to tell. Bases under 30 are marked ``[u]``; what rests on them is listed last. Each
    question, or item of one, has at most one row by a dimension: of several answers and pairs of
    groups the one that stands out most. `by` in `df` is the dimension, or two points in time;
    `estimate`, `ci_low_adjusted` and `ci_high_adjusted` are the difference and its adjusted range.

    Raises
    ------
    InsightsError
        For what does not exist or has no shares, and for a survey that `Survey.where` has limited.

    Notes
    -----
    Everybody is compared, without filters: words and ranges allow for all comparisons of the
    survey that are made alike, as in `compare`. Where a column follows from another, in all but one
    in a hundred (a recode in the export, a collapsed scale, age and age groups), the two are not
    compared, and of findings that both would tell the one that stands out most is listed.

    Examples
    --------
    >>> import helpers as h
    >>> found = h.findings(h.load_survey("data/example"), by="branch")
    >>> list(found.table().data.columns)
    ['Question', 'Answer', 'Compared', 'Difference in points', 'Finding']
    """
    return differences(survey, questions, by, most=most, chosen=questions is not None)


def differences(
    survey: Survey,
    questions: Sequence[str] | str | None = None,
    by: Sequence[str] | str | None = None,
    *,
    most: int = MOST,
    chosen: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Result:
    """List differences, as `findings`; of what people are only if questions are `chosen`."""
    survey.require_whole("Findings are of everybody: ask before `where`, or use `h.compare`.")
    asked, left = _asked(survey, questions, chosen)
    alone = survey
    survey, keys, called = _compared_with(survey, by)
    sizes: dict[str, int] = {}
    compared: list[Row] = []
    characteristics: list[str] = []
    silent: dict[str, None] = {}
    for key in keys:
        # A family is the same whatever else is compared by.
        own_survey = alone
        if key in called:
            own_survey = survey if len(called) == 1 else _with_dimensions(alone, [called[key]])[0]
        rows = family(own_survey, key, progress)
        sizes[key] = rows.attrs["family"].size
        rows = rows[rows["question"].isin(asked)]
        if key in survey.codebook.dimensions:
            rows = rows[~restated(survey, key, rows)]
            bands = survey.codebook.dimensions[key].bands
            if by is None and (labels := silent_bands(bands)):
                rows = rows[~(rows["group"].isin(labels) | rows["other"].isin(labels))]
                silent |= dict.fromkeys(labels.values())
        rows = representatives(rows)
        compared += rows.assign(key=key).to_dict("records")
        characteristics += [lowered(_compared_by(survey, key))] * bool(len(rows))
    compared.sort(key=_place)
    once = _once(survey, compared)
    differing = [row for row in once if row["word"] in DIFFERS]
    words = Counter(row["word"] for row in once)
    said: list[str] = []
    for key, size in sizes.items():
        many = Counter(row["word"] for row in once if row["key"] == key)
        said += _counted(survey, key, many, size)
    if len(once) < len(compared):
        said.append(_REPEATED.format(len(compared) - len(once)))
    if silent:
        said.append(_SILENT.format(survey.say.listed([f"“{label}”" for label in silent])))
    said += left
    several = len(keys) > 1
    ranges = f"{survey.say('report.words')}." if differing else ""
    shown = [_row(survey, row, several) for row in differing[:most]]
    sentence = _altogether(survey, words, characteristics) if several else " ".join(said)
    if len(differing) > len(shown):
        sentence += f" The {len(shown)} largest of {len(differing)} are listed."
    sentence = sentence or _NOTHING
    if wording.simulated(survey):
        sentence = f"Simulated: {sentence[:1].lower()}{sentence[1:]}"
    return Result(
        survey,
        _frame(survey, differing, called),
        sentence,
        (Readable(frame_of(shown, HEADS), "", tuple(HEADS[3:4])),),
        None,
        tuple(filter(None, (*(said if several else ()), ranges, unreliable(shown, survey.say)))),
    )


def _asked(
    survey: Survey, questions: Sequence[str] | str | None, chosen: bool
) -> tuple[set[str], list[str]]:
    """Ids of the questions to compare, and in words what is left out."""
    without = without_substance(survey) if questions is None else {}
    tabulated = [name for name, q in survey.codebook.questions.items() if q.tabulates]
    left_out = ((name, why) for name, why in without.items() if name in tabulated)
    without = {name: why for name, why in left_out if why != "repeats"}  # `_once` tells them
    named = [name for name in tabulated if name not in without]
    if questions is not None:
        named = [questions] if isinstance(questions, str) else [*questions]
        for asked in map(survey.question, named):
            if not asked.tabulates:
                raise InsightsError(
                    f"{asked.id} is a {asked.kind} question: it has no shares to compare. Of "
                    "numbers, h.recipes.bands makes groups, and h.banner tests means."
                )
    background = () if chosen else rules_of(survey).background
    who = [
        name
        for name in named
        if not chosen and (name in background or describes(survey, survey.question(name)))
    ]
    left = ((without, _WITHOUT), (who, _DESCRIBE))
    told = " and ".join(words.format(count(len(of), "question")) for of, words in left if of)
    return {survey.question(name).id for name in named if name not in who}, [
        _LEFT.format(told)
    ] if told else []


def _compared_with(
    survey: Survey, by: Sequence[str] | str | None
) -> tuple[Survey, list[str], dict[str, str]]:
    """Return the survey with what it is compared by, its keys, and which keys are questions."""
    names = [by] if isinstance(by, str) else [*(by or ())]
    survey, questioned = _with_dimensions(survey, names)
    called = {key: name for name, key in questioned.items()}
    known = _keys(survey)
    if by is None:
        derived = {d.id for d in survey.codebook.dimensions.values() if d.derived}
        return survey, [key for key in known if key not in derived], called
    keys = [questioned.get(name, name) for name in names]
    for key in keys:
        if key not in known:
            hint = suggest(str(key), [k for k in known if k not in called], "comparison")
            raise InsightsError(f'There is no comparison by "{key}". {hint}')
    return survey, keys, called


def _frame(survey: Survey, rows: Sequence[Row], called: Mapping[str, str]) -> pd.DataFrame:
    """Differences for `df`; a comparison by a question has its id."""
    listed = [{name: row[of] for name, of in COLUMNS.items()} for row in rows]
    frame = pd.DataFrame(listed, columns=[*COLUMNS]).astype({"n": int})
    frame["by"] = frame["by"].replace(called)
    frame.insert(1, "question_label", [survey.question(q).label for q in frame["question"]])
    items = zip(frame["question"], frame["item"], strict=True)
    frame.insert(3, "item_label", [survey.question(q).item_label(item) for q, item in items])
    return frame


def _place(row: Row) -> tuple[int, bool, float]:
    """Place of a difference in the list: by its word, then the size of its bases, then its own."""
    few = row["word"] in DIFFERS and min(row["n"], row["n_other"]) < SMALL
    return RANK.index(row["word"]), few, -round(abs(row["estimate"]), EXACT)


def _with_dimensions(survey: Survey, names: Sequence[str]) -> tuple[Survey, dict[str, str]]:
    """Make dimensions of questions with one answer, and say what they are called."""
    codebook = survey.codebook
    made: dict[str, Recipe] = {}
    called: dict[str, str] = {}
    for name in dict.fromkeys(names):
        question = codebook.questions.get(name)
        if name in codebook.dimensions or question is None or question.kind is not Kind.SINGLE:
            continue
        called[name] = f"by_{name}"
        while called[name] in codebook.questions or called[name] in codebook.dimensions:
            called[name] += "_"
        groups = {option.code: option.code for option in question.substantive}
        taken = appearance(question.label) in HEADINGS
        label = f"{question.label} ({name})" if taken else question.label
        made[called[name]] = recode(name, groups, label=label)
    return (survey.derive(**made) if made else survey), called


def _once(survey: Survey, rows: Sequence[Row]) -> list[Row]:
    """Leave out what an earlier row says, of the same two columns or of such that repeat them.

    Recodes of education by recodes of income are one finding, and so is income by education.
    """
    places = columns_of(survey.codebook)
    seen: set[frozenset[str]] = set()
    kept = []
    for row in rows:
        if row["key"] in survey.codebook.dimensions:
            column = places[row["question"], row["item"], row["time"]]
            by = band_column(row["key"])
            repeats = repeats_of(survey, survey.question(row["question"]).population)
            near = product((column, *repeats.get(column, ())), (by, *repeats.get(by, ())))
            if any(frozenset(pair) in seen for pair in near):
                continue
            seen.add(frozenset((column, by)))
        kept.append(row)
    return kept


def _altogether(survey: Survey, words: Mapping[Any, int], compared: Sequence[str]) -> str:
    """Say how many of all comparisons are clear or likely, and by what answers were compared."""
    total, say = sum(words.values()), survey.say
    there = [(words[word], say(f"word.{word}")) for word in DIFFERS if words.get(word)]
    by = f" Compared {say.listed(compared)}." if compared else ""
    if not there:
        return f"Of {total:,} differences and changes, none is clear or likely.{by}"
    (n, word), *more = there
    told = say.listed(
        [f"{n:,} {'is' if n == 1 else 'are'} {word}", *(f"{m:,} {w}" for m, w in more)]
    )
    return f"Of {total:,} differences and changes, {told}.{by}"


def _keys(survey: Survey) -> list[str]:
    """Dimensions, and points in time that follow one another."""
    grids = (q for q in survey.codebook.questions.values() if q.kind is Kind.TIME_GRID)
    times = (f"{first} to {last}" for q in grids for first, last in pairwise(q.times))
    return [*survey.codebook.dimensions, *dict.fromkeys(times)]


def _counted(survey: Survey, key: str, many: Mapping[Any, int], size: int) -> Iterator[str]:
    """Say how many differences there are, and how many comparisons the words allow for."""
    total, say = sum(many.values()), survey.say
    between = key in survey.codebook.dimensions
    name = _compared_by(survey, key)
    if not total:
        yield f"{name}: too few answers in each group to compare."
        return
    counts = [f"{many[word]:,} {say(f'word.{word}')}" for word in Word if many.get(word, 0)]
    noun = "difference" if between else "change"
    told = f"{name}: {total:,} {noun}{'s' * (total != 1)}"
    if any(many.get(word, 0) for word in DIFFERS):
        yield f"{told}, {say.listed(counts)}."
    else:
        yield f"{told}, none {say('word.clear')} or {say('word.likely')}: {say.listed(counts)}."
    if size > total and (words := family_in_words(survey.codebook, key, size, say)):
        yield words


def _compared_by(survey: Survey, key: str) -> str:
    if key in survey.codebook.dimensions:
        return f"By {lowered(key_label(survey.codebook, key))}"
    first, last = (survey.codebook.times.get(time, time) for time in key.split(" to "))
    return f"{first} to {lowered(last)}"


def _row(survey: Survey, row: Mapping[Any, Any], several: bool) -> dict[str, Any]:
    asked, key = survey.question(row["question"]), row["key"]
    at, low, high = to_a_tenth(row, survey.say)
    compared = _groups(survey, row) if key in survey.codebook.dimensions else _moves(survey, row)
    if several:
        before = _compared_by(survey, key)
        compared = ReadableCell(
            f"{before}: {compared}", *compared.numbers, label=f"{before}: {compared.label}"
        )
    difference = adjusted_range(f"{at} ({low} to {high})", row, POINTS)
    return {
        "Question": asked.label,
        "Answer": _answer(survey, asked, row),
        "Compared": compared,
        "Difference in points": difference,
        "Finding": survey.say(f"word.{row['word']}"),
    }


def _groups(survey: Survey, row: Mapping[Any, Any]) -> ReadableCell:
    labels = known_codes(survey.codebook, row["key"])
    shares, names = [], []
    numbers: list[CellNumber] = []
    for end, share, n in (("group", "share", "n"), ("other", "share_other", "n_other")):
        label = row.get(f"{end}_label") or labels.get(row[end], row[end])
        shares.append(f"{survey.say.beside(label)} {percent(row[share])} of {base_of(int(row[n]))}")
        names.append(label)
        of = "first" if end == "group" else "second"
        numbers += [CellNumber(row[share], SHARE, of), CellNumber(row[n], COUNT, f"{of}, {BASE}")]
    return ReadableCell(", ".join(shares), *numbers, label=" against ".join(names))


def _moves(survey: Survey, row: Mapping[Any, Any]) -> ReadableCell:
    up, down = (row[way] / row["n_effective"] for way in ("up", "down"))
    ways = ("up", "down") if survey.question(row["question"]).is_scale else ("took up", "gave up")
    numbers = (
        CellNumber(up, SHARE, "first"),
        CellNumber(row["n"], COUNT, f"first, {BASE}"),
        CellNumber(down, SHARE, "second"),
        CellNumber(row["n"], COUNT, f"second, {BASE}"),
    )
    said = f"{percent(up)} {ways[0]}, {percent(down)} {ways[1]} of {base_of(int(row['n']))}"
    return ReadableCell(said, *numbers, label=" against ".join(ways))


def _answer(survey: Survey, asked: Question, row: Mapping[Any, Any]) -> str:
    """Name item, answer and point in time, as far as they tell rows apart."""
    item = asked.item_label(row["item"]) if len(asked.items) > 1 else ""
    codes = row["codes"] if isinstance(row.get("codes"), tuple) else (row["option"],)
    said = ""
    if row["option"] == POSITIVE:
        said = positive_label(asked, survey.say)
    elif asked.kind is not Kind.MULTIPLE or not item:
        labels = [asked.reduced.option_label(code) for code in codes if code]
        said = survey.say.either([*labels[:1], *map(lowered, labels[1:])]) if labels else ""
    time = "" if " to " in str(row["time"]) else survey.codebook.times.get(row["time"], "")
    return " · ".join(filter(None, (item, said, time)))
