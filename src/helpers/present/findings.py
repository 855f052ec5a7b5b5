"""Families of comparisons: of a release, from its cube alone, and of responses.

A family is fixed when a release is made: everybody, of the latest wave where there are several,
and all comparisons of one dimension or of two points in time of which the release shows every
part. Notebooks take their words from the release of the same responses, and where there is none
from all questions of the survey.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd

from helpers.codebook.changes import DOWN, SAME, UP, change_question, in_order
from helpers.codebook.model import (
    DETRACTORS,
    FAVOURED,
    NOT_STATED,
    PROMOTERS,
    Codebook,
    Kind,
    Question,
)
from helpers.estimation import change, compare, crosstabs
from helpers.estimation.association import SMALL, chi_square, fisher, two_by_two
from helpers.estimation.estimates import Parts
from helpers.estimation.findings import (
    COMPARISON,
    NEAR,
    ROW,
    Word,
    from_changes,
    from_groups,
    judge_family,
)
from helpers.estimation.paired_tests import mcnemar_test
from helpers.estimation.repeats import restated
from helpers.estimation.request import Row, Status
from helpers.present.formats import half_up
from helpers.present.key_answers import compared_options
from helpers.release.forms import Cube, CubeGroup, CubeQuestion
from helpers.release.reading import MANIFEST
from helpers.release.unions import Chosen, groups_offered, level_of, rows_of, shown
from helpers.responses.survey import Sampling, Survey
from helpers.terminal import Progress, Step, in_line
from helpers.words import Catalogue, lowered

Rows = list[Row]
DIFFERS = (Word.CLEAR, Word.LIKELY)
MOST_DIGITS = 12
AGAINST_REST = " against the rest"  # ends the key of a family
SHARES = ("n", "n_other", "share", "share_other")
PLACE = [*COMPARISON, "option", "group", "other"]


# Of a release


def released(codebook: Codebook, cube: Cube, wave: str = "") -> dict[str, pd.DataFrame]:
    """Say in words what the comparisons of a release show.

    Parameters
    ----------
    wave
        The wave that pages open with, where there are several.

    Returns
    -------
    By dimension, or two points in time (``then to now``), rows as `judge_family` returns them;
    columns besides: `codes`, the answers compared. Groups are those of the release.
    """
    found: dict[str, Rows] = {}
    for name, asked in cube["questions"].items():
        question = codebook.questions[name].reduced
        for by, rows in _between(codebook, question, asked, wave):
            found.setdefault(by, []).extend(rows)
    for name, asked in cube.get("changes", {}).items():
        changed = change_question(codebook.questions[name])
        assert changed is not None
        for row in _moves(codebook, codebook.questions[name], changed, asked, wave):
            found.setdefault(row["time"], []).append(row)
    tables = {key: pd.DataFrame(rows, columns=[*ROW, "codes"]) for key, rows in found.items()}
    return {key: judge_family(_tested(table)) for key, table in tables.items()}


def with_rest(codebook: Codebook, cube: Cube, wave: str = "") -> dict[str, pd.DataFrame]:
    """Say in words how each group of a release differs from the rest on favourable answers.

    Parameters
    ----------
    wave
        As for `released`.

    Returns
    -------
    By dimension, rows as in `released`; `other` is `compare.REST`: all other groups of the
    question together, those who did not state theirs included.
    """
    found: dict[str, Rows] = {}
    for name, asked in cube["questions"].items():
        question = codebook.questions[name]
        for by, ids in groups_offered(asked).items():
            if question.thirds and not question.times and by != codebook.wave_dimension:
                rows = _each_and_rest(codebook, question, asked, by, ids, wave)
                found.setdefault(by, []).extend(rows)
    tables = {by: pd.DataFrame(rows, columns=ROW) for by, rows in found.items() if rows}
    return {by: judge_family(_tested(table)) for by, table in tables.items()}


def favoured(
    question: Question, cube: CubeQuestion, chosen: Chosen, by: str = ""
) -> dict[str, list[str]] | None:
    """Answers that a selection shows of each third, as `rows_of` combines them; None if mixed."""
    level = level_of(cube, chosen, by)
    if level is None or not question.thirds:
        return None
    found = {}
    for third, codes in question.thirds.items():
        inside = [answer for answer in level["answers"] if set(answer) <= set(codes)]
        if {code for answer in inside for code in answer} != set(codes):
            return None
        found[third] = ["+".join(answer) for answer in inside]
    return {third: names for third, names in found.items() if names}


def _each_and_rest(
    codebook: Codebook,
    question: Question,
    cube: CubeQuestion,
    by: str,
    groups: Sequence[str],
    wave: str,
) -> Iterator[Row]:
    """Compare each group of a dimension with all others, where all of them are shown."""
    opening = opening_groups(codebook, cube, wave)
    bands = {g["id"]: g["bands"] for g in cube["dimensions"][by]}
    said = _said(cube["dimensions"][by])
    own = [group for group in groups if group in said]
    parts = favoured(question, cube, opening, by)
    if parts is None or len(own) < 2:
        return
    good = {FAVOURED: parts[FAVOURED]}
    asked = shown(question, cube, opening, by)

    def held(ids: Sequence[str]) -> dict[tuple[str, str], Row]:
        rows = rows_of(asked, cube, {**opening, by: tuple(ids)}, combine=good)
        return {_at(row): row for row in rows}

    single = {group: held([group]) for group in own}
    rest = {group: held([g for g in bands if g != group]) for group in own}
    compared = own[:1] if len(bands) == 2 else own
    effective = "n_effective" if cube["weighted"] else "n"
    for cell in question.cells:
        at = (cell.item, cell.time)
        pairs = [(single[g].get(at), rest[g].get(at)) for g in own]
        if not all(one and two and _known(one) and _known(two) for one, two in pairs):
            continue
        ones = [one for one, _ in pairs if one]
        yes = np.array([one["estimate"] * one[effective] for one in ones])
        counts = np.array([yes, np.array([one[effective] for one in ones], dtype=float) - yes])
        whole = math.nan
        if len(compared) > 1:
            whole = _whole(counts if cube["weighted"] else np.rint(counts))
        for group in compared:
            one, two = single[group][at], rest[group][at]
            row: Row = {**dict.fromkeys(ROW, math.nan), "question": question.id}
            row |= {"item": cell.item, "time": cell.time, "option": FAVOURED}
            row |= {"group": group, "other": compare.REST, "whole": whole}
            row |= {"estimate": one["estimate"] - two["estimate"]}
            for end, side in (("", one), ("_other", two)):
                row |= {f"share{end}": side["estimate"], f"n{end}": side["n"]}
                row |= {f"n_effective{end}": float(side[effective])}
            row["p"] = 0.0 if cube["weighted"] else math.nan
            yield row


def opening_groups(codebook: Codebook, cube: CubeQuestion, wave: str) -> dict[str, tuple[str, ...]]:
    """Choose what a question shows at first: the latest wave, if the question distinguishes it."""
    groups = cube["dimensions"].get(codebook.wave_dimension, ())
    found = next((g["id"] for g in groups if wave in g["bands"]), None)
    return {} if found is None else {codebook.wave_dimension: (found,)}


def _between(
    codebook: Codebook, question: Question, cube: CubeQuestion, wave: str
) -> Iterator[tuple[str, Rows]]:
    """Compare the groups of each dimension that a question offers."""
    stated = {d: _said(groups) for d, groups in cube["dimensions"].items()}
    for by, ids in groups_offered(cube).items():
        chosen = {} if by == codebook.wave_dimension else opening_groups(codebook, cube, wave)
        level = level_of(cube, chosen, by)
        groups = [group for group in ids if group in stated[by]]
        if level is None or len(groups) < 2:
            continue
        asked = shown(question, cube, chosen, by)
        answers = ["+".join(codes) for codes in level["answers"]]
        parts = _parts(question, level["answers"])
        if parts is None:
            continue
        single = rows_of(asked, cube, chosen, by, {a: (a,) for a in answers})
        total = rows_of(asked, cube, chosen, by, {n: [answers[k] for k in at] for n, at in parts})
        codes = {n: [c for k in at for c in level["answers"][k]] for n, at in parts}
        rest = sorted(set(range(len(answers))).difference(*(at for _, at in parts)))
        table = [*(at for _, at in parts), *([rest] if rest else [])]
        for cell in question.cells:
            here = [
                {
                    (row[by], row["option"]): row
                    for row in rows
                    if _at(row) == (cell.item, cell.time)
                }
                for rows in (single, total)
            ]
            lacks: set[tuple[str, str]] = set()  # groups and answers that their waves did not offer
            waves = groups
            if by == codebook.wave_dimension:
                bands = stated[by]
                waves = [g for g in groups if _offered(question, cell.item, (), bands[g])]
                lacks = {
                    (g, option)
                    for g in groups
                    for option, of in codes.items()
                    if not _offered(question, cell.item, of, bands[g])
                }
            place = {"question": question.id, "item": cell.item, "time": cell.time}
            if by == codebook.wave_dimension:
                waves = waves[::-1]  # a change is the later wave less the earlier
            rows = _pairs(place, waves, cube["weighted"], here, [answers, table], codes, lacks)
            if rows:
                yield by, rows


def _said(groups: Sequence[CubeGroup]) -> dict[str, list[str]]:
    """Bands of the groups of people who said which they are in: others are not compared."""
    return {
        g["id"]: g["bands"] for g in groups if g["bands"] != [NOT_STATED] and not g.get("unsaid")
    }


def _offered(question: Question, item: str, codes: Sequence[str], waves: Sequence[str]) -> bool:
    return any(question.offered(item, codes, wave) for wave in waves)


def _known(row: Row) -> bool:
    """Whether a share is shown, and there is one: not if all weights are 0."""
    return row["status"] == Status.OK and not math.isnan(row["estimate"])


def _at(row: Row) -> tuple[str, str]:
    return row["item"], row["time"]


def _parts(
    question: Question, answers: Sequence[Sequence[str]]
) -> list[tuple[str, list[int]]] | None:
    """Places of the answers that make up what groups are compared on; None where they do not."""
    if question.kind is Kind.RECOMMEND:  # the cube has its parts for answers
        options: Parts | None = {part: (part,) for part in (PROMOTERS, DETRACTORS)}
    elif question.kind is Kind.MULTIPLE:
        options = {question.ticked.code: (question.ticked.code,)}
    else:
        options = compared_options(question)
    if options is None:
        return [("+".join(codes), [n]) for n, codes in enumerate(answers)]
    parts = []
    for name, codes in options.items():
        at = [n for n, answer in enumerate(answers) if set(answer) <= set(codes)]
        if {code for n in at for code in answers[n]} != set(codes):
            return None
        parts.append((name, at))
    return parts


def _pairs(
    place: Mapping[str, str],
    groups: Sequence[str],
    weighted: bool,
    shares: Sequence[Mapping[tuple[str, str], Row]],
    answers: Sequence[Any],
    codes: Mapping[str, Sequence[str]],
    lacks: Collection[tuple[str, str]] = (),
) -> Rows:
    """Rows of one comparison; none where a part of it is hidden, or nobody could give an answer."""
    single, total = shares
    names, table = answers
    need = [single.get((g, name)) for g in groups for name in names]
    if len(groups) < 2 or not all(row and _known(row) for row in need):
        return []
    effective = "n_effective" if weighted else "n"
    counts = np.array(
        [
            [
                sum(single[g, names[k]]["estimate"] * single[g, names[k]][effective] for k in at)
                for g in groups
            ]
            for at in table
        ]
    )
    pairs = [(a, b) for n, a in enumerate(groups) for b in groups[n + 1 :]]
    whole = math.nan
    if len(pairs) * len(codes) > 1:
        whole = _whole(counts if weighted else np.rint(counts))
    rows = []
    for option, of in codes.items():
        for group, other in pairs:
            if (group, option) in lacks or (other, option) in lacks:
                continue
            one, two = total[group, option], total[other, option]
            row: Row = {**dict.fromkeys(ROW, math.nan), **place}
            row |= {"option": option, "group": group, "other": other, "codes": tuple(of)}
            row |= {"estimate": one["estimate"] - two["estimate"], "whole": whole}
            for end, of_group in (("", one), ("_other", two)):
                row |= {f"share{end}": of_group["estimate"], f"n{end}": of_group["n"]}
                row |= {f"n_effective{end}": float(of_group[effective])}
            row["p"] = 0.0 if weighted else math.nan  # of weighted shares by the range alone
            rows.append(row)
    return rows


def _tested(rows: pd.DataFrame) -> pd.DataFrame:
    """Test two shares, as `compare` does, in all rows that are still without a p value."""
    there = rows["p"].isna()
    n, m, one, two = (rows.loc[there, x].to_numpy(dtype=float) for x in SHARES)
    rows.loc[there, "p"] = two_by_two(np.rint(one * n), n, np.rint(two * m), m)[2]
    return rows


def _whole(counts: Any) -> float:
    """P value of the test of all answers by groups, as `crosstabs` makes it; 1 of one answer."""
    there = counts[counts.sum(axis=1) > 0]
    if len(there) < 2:
        return 1.0
    _, _, p, smallest = chi_square(there)
    if there.shape == (2, 2) and smallest < SMALL:
        x, n = there[0], there.sum(axis=0)
        p = float(fisher(x[:1], n[:1], x[1:], n[1:])[0])
    return p


def _moves(
    codebook: Codebook, times: Question, question: Question, cube: CubeQuestion, wave: str
) -> Iterator[Row]:
    """Compare how many went up with how many went down, of those who answered both times."""
    chosen = opening_groups(codebook, cube, wave)
    level = level_of(cube, chosen)
    if level is None or [UP] not in level["answers"] or [DOWN] not in level["answers"]:
        return
    asked = shown(question, cube, chosen)
    held: dict[tuple[str, str], dict[str, Row]] = {}
    codes = {"+".join(answer): answer for answer in level["answers"]}
    for row in rows_of(asked, cube, chosen, combine={code: (code,) for code in codes}):
        held.setdefault(_at(row), {})[row["option"]] = row
    for (item, time), of in held.items():
        if not all(map(_known, of.values())) or not {UP, SAME, DOWN} <= {*of}:
            continue
        effective = "n_effective" if cube["weighted"] else "n"
        up, same, down = (of[way]["estimate"] * of[way][effective] for way in (UP, SAME, DOWN))
        answered = sum(of[way]["estimate"] for way in (UP, SAME, DOWN))
        n = float(round(answered * of[UP]["n"]))
        if not cube["weighted"]:
            up, same, down = (float(round(v)) for v in (up, same, down))
        people = up + same + down
        if not people:
            continue
        first, _, last = time.partition(" to ")
        option = "" if times.is_scale else times.ticked.code
        if not in_order(times):
            item, _, option = item.rpartition("=")
        row = dict.fromkeys(ROW, math.nan) | {"question": times.id, "item": item, "time": time}
        row |= {
            "option": option,
            "group": first,
            "other": last,
            "codes": (option,) if option else (),
        }
        row |= {"estimate": (up - down) / people, "n": n, "n_effective": people}
        row |= {"up": up, "down": down, "p": 0.0}
        if not cube["weighted"]:
            row["p"] = mcnemar_test(up, down)["p"] if up + down else 1.0
        yield row


# Of responses


def answered(
    survey: Survey,
    question: str,
    by: str,
    pairs: pd.DataFrame | None = None,
    rest: bool = False,
) -> pd.DataFrame:
    """Rows of a family for the groups of a dimension, of everybody who was asked a question.

    Parameters
    ----------
    pairs
        What `compare.groups` gives of the same, if it is there already.
    rest
        Whether each group is compared with the rest, on favourable answers.
    """
    asked = survey.question(question)
    options = _compared_on(asked, rest)
    if pairs is None:
        pairs = compare.groups(survey, question, by, combine=options, rest=rest)
    whole = {}
    if pairs.groupby(["item", "time"]).size().gt(1).any():
        tests = crosstabs.table(survey, question, by, combine=options)
        places = zip(*(tests[name] for name in COMPARISON), strict=True)
        whole = dict(zip(places, tests["p"].fillna(1.0), strict=True))
    return from_groups(pairs, whole)


def _compared_on(asked: Question, rest: bool) -> Parts | None:
    """Answers by which groups are compared: favourable ones with the rest."""
    return {FAVOURED: asked.thirds[FAVOURED]} if rest else compared_options(asked)


def of_rest(by: str) -> str:
    """Key of the family of the groups of a dimension, each against the rest."""
    return f"{by}{AGAINST_REST}"


def moved(survey: Survey, question: str, first: str, last: str) -> pd.DataFrame:
    """Rows of a family for two points in time, of everybody who was asked a question."""
    return from_changes(change.paired(survey, question, first, last))


def family(
    survey: Survey,
    key: str,
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Say in words what all comparisons show by a dimension or between two points in time.

    Parameters
    ----------
    key
        A dimension, or two times: ``then to now``.

    Returns
    -------
    Rows as `judge_family` returns them: of the release of the same responses, if the survey's
    folder has one and the design is as in the release, else of all questions.
    """
    known = survey.known.setdefault("findings", {})
    if not known and survey.sampling == Sampling():
        known |= _of_release(survey)
    if key in known:
        return known[key]
    said = Progress()
    asked = [*survey.codebook.questions.values()]
    known[key] = judge_family(_everything(survey, key, asked, progress or said))
    said.end()
    return known[key]


def _everything(
    survey: Survey, key: str, questions: Sequence[Question], progress: Callable[[str], None]
) -> pd.DataFrame:
    codebook = survey.codebook
    by, rest = key.removesuffix(AGAINST_REST), key.endswith(AGAINST_REST)
    label = codebook.dimensions[by].label if by in codebook.dimensions else by
    places = {question.id: number for number, question in enumerate(questions, 1)}

    def tell(question: str) -> None:
        said = f"Comparing by {in_line(lowered(label))}"
        progress(Step(said, places[question], len(questions)))

    if by in codebook.dimensions:
        source = codebook.dimensions[by].source
        compared = {
            q.id: _compared_on(q, rest)
            for q in questions
            if (q.thirds and not q.times if rest else q.tabulates)
            and source.get(q.population) is not None
            and not codebook.repeats(by, q.population, [q])
        }
        rows = from_groups(*compare.all_questions(survey, compared, by, rest=rest, progress=tell))
        return rows[~restated(survey, by, rows)]
    moves = [pd.DataFrame(columns=ROW)]
    for question in questions:
        if question.kind is Kind.TIME_GRID and {*key.split(" to ")} <= {*question.times}:
            tell(question.id)
            moves.append(moved(survey, question.id, *key.split(" to ")))
    return pd.concat(moves)


def _of_release(survey: Survey) -> dict[str, pd.DataFrame]:
    """Read the comparisons of the release in the survey's folder; none of other responses."""
    folder = survey.folder / "release"
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["fingerprint"] == survey.fingerprint:
            cube = json.loads((folder / "cube.json").read_text(encoding="utf-8"))
            wave = latest_wave(survey.codebook, cube["questions"])
            rest = with_rest(survey.codebook, cube, wave)
            found = released(survey.codebook, cube, wave)
            found |= {of_rest(by): of for by, of in rest.items()}
            return {key: _labelled(rows, key, cube["questions"]) for key, rows in found.items()}
    return {}


def _labelled(rows: pd.DataFrame, key: str, cube: Mapping[str, CubeQuestion]) -> pd.DataFrame:
    """Add the labels of groups, some of which are several bands together."""
    labels = {
        (name, group["id"]): group["label"]
        for name, asked in cube.items()
        for group in asked["dimensions"].get(key.removesuffix(AGAINST_REST), ())
    }
    named = {
        f"{end}_label": [labels.get(at, "") for at in zip(rows["question"], rows[end], strict=True)]
        for end in ("group", "other")
    }
    return rows.assign(**named)


def latest_wave(codebook: Codebook, cube: Mapping[str, CubeQuestion]) -> str:
    """Wave that pages open with: the last that any question of the release distinguishes."""
    if not codebook.waves:
        return ""
    offered = [q["dimensions"].get(codebook.wave_dimension, ()) for q in cube.values()]
    there = {band for groups in offered for group in groups for band in group["bands"]}
    waves = list(codebook.waves)
    return next((wave for wave in reversed(waves) if wave in there), waves[-1])


def of_question(
    survey: Survey, key: str, pairs: pd.DataFrame, rows: Callable[[], pd.DataFrame]
) -> pd.DataFrame:
    """Say what differences of one question show, as the family `key` has it.

    Parameters
    ----------
    pairs
        The differences, in the columns `PLACE` but the groups of changes.
    rows
        The same as rows of a family, for those that it does not have: of other groups than a
        release, say.
    """
    known = family(survey, key)
    places = [place for place in PLACE if place in pairs]
    both = known.merge(pairs[places], on=places)
    if len(both) < len(pairs):
        found = judge_family(rows(), known.attrs["family"])
        alike = found.merge(both[places].assign(known=True), on=places, how="left")["known"]
        both = pd.concat([both, found[alike.isna().to_numpy()]])
    both.attrs = dict(known.attrs)
    return both


# In words


def digits_of(low: float, high: float, word: str) -> int:
    """Decimals of a difference in points at which a printed range still agrees with its word."""
    for digits in range(MOST_DIGITS):
        ends = [half_up(100 * end, digits) for end in (low, high)]
        differs = ends[0] > 0 or ends[1] < 0
        near = max(map(abs, ends)) <= 100 * NEAR
        if differs if word in DIFFERS else not differs and near == (word == Word.SAME):
            return digits
    return MOST_DIGITS


def in_points(row: Mapping[Any, Any], say: Catalogue) -> tuple[str, str, str]:
    """Write a difference and the ends of its range in points, as pages do."""
    return _in_points(row, say, digits_of(row["low"], row["high"], row["word"]))


def to_a_tenth(row: Mapping[Any, Any], say: Catalogue) -> tuple[str, str, str]:
    """Write a difference and the ends of its range in points, with one decimal at most.

    An end that is nearly 0 keeps its sign, −0.0, where the word says that the range leaves 0 out.
    """
    digits = min(digits_of(row["low"], row["high"], row["word"]), 1)
    at, *ends = _in_points(row, say, digits)
    nought = say.points(0, digits)
    sign = say("format.minus") if row["estimate"] < 0 else "+"
    keeps = row["word"] in DIFFERS
    low, high = (f"{sign}{end}" if keeps and end == nought else end for end in ends)
    return at, low, high


def _in_points(row: Mapping[Any, Any], say: Catalogue, digits: int) -> tuple[str, str, str]:
    found = [say.points(row[name], digits) for name in ("estimate", "low", "high")]
    return found[0], found[1], found[2]


def whole_points(share: float) -> float:
    """Round a difference that could be shown up to whole points; missing if there is none."""
    return share if math.isnan(share) else math.ceil(100 * share - 1e-9) / 100


def could_show(row: Mapping[Any, Any], say: Catalogue) -> str:
    """Say which difference would have been shown, where a comparison has too few to tell."""
    if row["word"] != Word.FEW:
        return ""
    if math.isnan(row["showable"]):
        return say("finding.unshowable")
    points = say.hundredths(whole_points(row["showable"]))
    if math.isnan(row["up"]):
        return say("finding.showable", points=points)
    return say("finding.showable_change", points=points)


def family_in_words(codebook: Codebook, key: str, size: int, say: Catalogue) -> str:
    """Say how many comparisons the words and ranges of a family allow for; nothing of one."""
    if size < 2:
        return ""
    if key.endswith(AGAINST_REST):
        label = codebook.dimensions[key.removesuffix(AGAINST_REST)].label
        return say("finding.family_rest", n=size, dimension=lowered(label))
    if key in codebook.dimensions:
        return say("finding.family", n=size, dimension=lowered(codebook.dimensions[key].label))
    first, last = (lowered(codebook.times.get(time, time)) for time in key.split(" to "))
    return say("finding.family_times", n=size, first=first, last=last)
