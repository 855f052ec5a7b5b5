"""What each recipe makes: a question with expressions of its columns.

A derived column is an expression of the codes of others. It is missing for those who were not
asked any of them (`not_asked`) and for those who answered none (`not_answered`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add, and_, or_
from typing import Any

import narwhals as nw

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import (
    FAVOURED,
    NOT_STATED,
    NOT_TICKED,
    TICK_BOX,
    TICKED,
    Favourable,
    Item,
    Kind,
    MeanOf,
    Missing,
    Option,
    Question,
    code_of,
    suggest_code,
)
from helpers.codebook.recipes import Recipe
from helpers.errors import InsightsError
from helpers.responses.engines import collected
from helpers.responses.open_answers import matching, pattern_of
from helpers.responses.recipe_columns import ReadColumn, Sources
from helpers.responses.recoding import WEIGHT, answered_number
from helpers.responses.subsets import SubsetCondition
from helpers.words import sentences

OTHER = "other"
YES, NO = "yes", "no"
Columns = dict[str, nw.Expr]  # expressions of the codes of columns


@dataclass(frozen=True)
class Derived:
    """What a recipe makes.

    Attributes
    ----------
    says : the recipe in words
    columns : of a population with these sources and their cells, the expression of each column by
        its item (empty if it has no items)
    sources : what it reads
    ordered : whether its answers are in order
    """

    kind: Kind
    label: str
    says: str
    columns: Callable[[str, Columns], Columns]
    sources: tuple[ReadColumn, ...]
    options: tuple[Option, ...] = ()
    items: tuple[Item, ...] = ()
    ordered: bool = False
    favourable: Favourable = Favourable.NONE
    more: frozenset[str] = frozenset()  # columns that conditions read
    populations: tuple[str, ...] = ()
    kept: Recipe | None = None  # the recipe, with what was found out


def _recode(at: Sources, recipe: Recipe) -> Derived:
    source = at.source(recipe["source"])
    known = {o.code: o.label for o in source.options}
    groups = {
        new: [code_of(code, known) for code in listed] for new, listed in recipe["groups"].items()
    }
    if source.question is not None and not source.question.tabulates and not known:
        raise InsightsError(f"{recipe['source']} is a {source.question.kind} question: use bands.")
    for code in (c for listed in groups.values() for c in listed):
        if known and code not in known:
            said = suggest_code(code, known, "code")
            raise InsightsError(f'{recipe["source"]} has no "{code}". {said}')
    grouped = {c: new for new, listed in groups.items() for c in listed}
    left = [o for o in source.substantive if o.code not in grouped]
    other = recipe.given.get("other", "")
    for new in groups:
        if new in {o.code for o in left} and not other:
            raise InsightsError(f'"{new}" is a code that stays. Put it into a group, or rename it.')
    options = _merged(at, source, groups, recipe.labels)
    if other:
        options.append(Option(OTHER, recipe.labels.get(OTHER, other), _mean_score(left)))
    else:
        options += left
    place = {o.code: n for n, o in enumerate(source.options)}
    firsts = {new: min(place.get(c, 0) for c in listed) for new, listed in groups.items()}
    if source.ordered:
        ends = {OTHER: min((place[o.code] for o in left), default=0)} if other else {}
        options.sort(key=lambda o: {**place, **firsts, **ends}[o.code])
    unknown = [o for o in source.options if o.missing is not Missing.NO and o.code not in grouped]

    def columns(population: str, cells: Columns) -> Columns:
        cell = cells[source.columns[population]]
        rest = cell if not other else _when(~cell.is_in(_missing_of(source)), OTHER, cell)
        rest = nw.when(cell.is_in(["", NOT_STATED])).then(nw.lit(NOT_ANSWERED)).otherwise(rest)
        if not source.options and not other:  # any text may be there
            rest = nw.lit(NOT_ANSWERED)
        return {"": _chain([(cell.is_in(listed), new) for new, listed in groups.items()], rest)}

    parts = "; ".join(
        at.say("derived.group", group=o.label, answers=at.say.listed(_labels_of(source, groups[c])))
        for o in options
        for c in [o.code]
        if c in groups
    )
    good = source.question.favourable if source.question is not None else Favourable.NONE
    scale = len([o for o in options if o.score is not None]) == len(options) > 2
    return Derived(
        Kind.SINGLE,
        recipe.given.get("label") or at.say("derived.recoded", source=source.label),
        at.say("derived.recode", source=source.label, groups=parts),
        columns,
        (source,),
        (*options, *unknown),
        ordered=source.ordered,
        favourable=good if scale else Favourable.NONE,
    )


def _lacking(question: Question | None) -> str:
    """Say what a question lacks that has no scale."""
    return f": {question.why_no_scale}" if question is not None else ""


def _top(at: Sources, recipe: Recipe) -> Derived:
    name, n = recipe["source"], recipe.given.get("n", 2)
    asked = at.codebook.questions.get(name)
    whole = asked is not None and bool(asked.items)
    sources = at.several([name]) if whole else [at.source(name)]
    scale = sources[0].question
    if scale is None or not (scale.is_scale or scale.kind is Kind.RECOMMEND):
        raise InsightsError(f"{name} has no scale of three or more points{_lacking(scale)}.")
    if whole and scale.times:
        columns = ", ".join(c.column for c in scale.cells[:2])
        raise InsightsError(f"{name} has several points in time; name a column: {columns}, …")
    low = recipe.given.get("end", "high") == "low"
    order = sorted(scale.substantive, key=lambda o: o.score or 0, reverse=not low)
    if n >= len(order):
        raise InsightsError(f"{name} has {len(order)} answers: n is at most {len(order) - 1}.")
    chosen = [o.code for o in order[:n]]
    answers = at.say.either([o.label for o in reversed(order[:n])])
    source = scale.label if whole else sources[0].label
    says = at.say("derived.top", source=source, answers=answers)
    short = at.say("derived.lowest_n" if low else "derived.top_n", source=source, n=n)
    label = recipe.given.get("label") or (says if whole else short)  # its answer names answers
    if whole:
        items = tuple(
            Item(i.code, recipe.labels.get(i.code, i.label), i.printed, i.waves)
            for i in scale.items
        )

        def boxes(population: str, cells: Columns) -> Columns:
            return {
                item.code: _told(cells[s.columns[population]], chosen, s, TICKED, NOT_TICKED)
                for item, s in zip(items, sources, strict=True)
            }

        return Derived(Kind.MULTIPLE, label, says, boxes, (*sources,), TICK_BOX, items)
    code = "bottom" if low else "top"
    options = (
        Option(code, recipe.labels.get(code, answers), 1.0),
        Option(OTHER, recipe.labels.get(OTHER, at.say("derived.other")), 0.0),
    )

    def one(population: str, cells: Columns) -> Columns:
        return {"": _told(cells[sources[0].columns[population]], chosen, sources[0], code, OTHER)}

    return Derived(Kind.SINGLE, label, says, one, (*sources,), options)


def _net(at: Sources, recipe: Recipe) -> Derived:
    sources, answers, words = _counted(at, recipe)
    least = recipe.given.get("least", 1)
    if least > len(sources):
        raise InsightsError(f"least is {least}, but there are {len(sources)} items.")
    options = (
        Option(YES, recipe.labels.get(YES, at.say("derived.yes")), 1.0),
        Option(NO, recipe.labels.get(NO, at.say("derived.no")), 0.0),
    )

    def columns(population: str, cells: Columns) -> Columns:
        many = _number_of(sources, answers, population, cells)
        told = _when(many >= nw.lit(least), YES, nw.lit(NO))
        return {"": _where_answered(sources, population, cells, told)}

    says = at.say("derived.net" if least > 1 else "derived.net_one", n=least, items=words)
    label = recipe.given.get("label") or says
    return Derived(Kind.SINGLE, label, says, columns, (*sources,), options)


def _count(at: Sources, recipe: Recipe) -> Derived:
    sources, answers, words = _counted(at, recipe)

    def columns(population: str, cells: Columns) -> Columns:
        many = _number_of(sources, answers, population, cells).cast(nw.String)
        return {"": _where_answered(sources, population, cells, many)}

    says = at.say("derived.count", items=words)
    label = recipe.given.get("label") or says
    return Derived(Kind.NUMBER, label, says, columns, (*sources,))


def _index(at: Sources, recipe: Recipe) -> Derived:
    sources = at.several(recipe["source"])
    share = recipe.given.get("measure", "score") == MeanOf.FAVOURABLE
    scores: dict[str, dict[str, float]] = {}
    for source in sources:
        scale = source.question
        if scale is None or not scale.is_scale:
            raise InsightsError(
                f"{source.label}: an index is made of scales of three or more points"
                f"{_lacking(scale)}."
            )
        if share and not scale.thirds:
            raise InsightsError(
                f"{scale.id} has no favourable end: write high or low into its column favourable "
                "in questions.csv."
            )
        good = scale.thirds.get(FAVOURED, ()) if share else ()
        scores[_one(source)] = {
            o.code: (100.0 if o.code in good else 0.0) if share else float(o.score or 0)
            for o in scale.substantive
        }
    ends = {s.question.favourable for s in sources if s.question is not None}
    if not share and {Favourable.HIGH, Favourable.LOW} <= ends:
        raise InsightsError(
            "its items have high and low favourable ends, so that their scores point in opposite "
            'directions. Use measure="favourable".'
        )
    least = recipe.given.get("least") or math.ceil(len(sources) / 2)
    if least > len(sources):
        raise InsightsError(f"least is {least}, but there are {len(sources)} items.")

    def columns(population: str, cells: Columns) -> Columns:
        there = [_answered(s, cells[s.columns[population]]) for s in sources]
        many = _sum(nw.when(one).then(nw.lit(1)).otherwise(nw.lit(0)) for one in there)
        total = _sum(_score(cells[_one(s)], scores[_one(s)]) for s in sources)
        mean = nw.when(many >= nw.lit(least)).then(total / many).otherwise(None)
        text = mean.cast(nw.String)
        enough = nw.when(many >= nw.lit(least)).then(text).otherwise(nw.lit(NOT_ANSWERED))
        return {"": _where_answered(sources, population, cells, enough)}

    what = "derived.index_favourable" if share else "derived.index_score"
    named = at.say(what, items=_in_words(at, sources))
    label, says = recipe.given.get("label") or named, at.say("derived.least", label=named, n=least)
    return Derived(Kind.NUMBER, label, says, columns, (*sources,))


def _bands(at: Sources, recipe: Recipe) -> Derived:
    source = at.source(recipe["source"], numbers=True)
    asked = source.question
    number = asked is not None and asked.kind is Kind.NUMBER
    if not number and not (asked is not None and asked.is_scale):
        raise InsightsError(f"{recipe['source']} has no numbers, nor scores{_lacking(asked)}.")
    assert asked is not None
    scores = {o.code: float(o.score or 0) for o in asked.substantive}

    def value(cell: Any) -> Any:
        return answered_number(asked, cell) if number else _score(cell, scores, nothing=True)

    cuts: list[float] = recipe.given.get("cuts") or _quantiles(at, source, value, recipe)
    ends = [None, *cuts, None]
    options = []
    for n, (low, high) in enumerate(zip(ends, ends[1:], strict=False), start=1):
        code = f"band_{n}"
        score = None if number else float(n)  # bands of a number are no opinion with two ends
        options.append(Option(code, recipe.labels.get(code, _band(at, low, high)), score))

    def columns(population: str, cells: Columns) -> Columns:
        cell = cells[source.columns[population]]
        known = value(cell)
        cases = [(known < nw.lit(cut), o.code) for cut, o in zip(cuts, options, strict=False)]
        found = _chain(cases, nw.lit(options[-1].code))
        unasked = nw.when(cell == nw.lit(NOT_ASKED)).then(nw.lit(NOT_ASKED))
        missing = unasked.otherwise(nw.lit(NOT_ANSWERED))
        return {"": nw.when(known.is_null()).then(missing).otherwise(found)}

    many = recipe.given.get("quantiles", 0)
    by = {"n": len(options)} if many else {}
    says = at.say("derived.quantiles" if by else "derived.bands", source=source.label, **by)
    if many > len(options):
        says = sentences(says, at.say("derived.ties", n=many))
    label = recipe.given.get("label") or at.say("derived.banded", source=source.label)
    kept = replace(recipe, given={**recipe.given, "cuts": cuts})
    return Derived(
        Kind.SINGLE, label, says, columns, (source,), tuple(options), ordered=True, kept=kept
    )


def _first(at: Sources, recipe: Recipe) -> Derived:
    there = {name for one in at.held.values() for name in one.columns}
    parsed = {
        code: SubsetCondition(at.codebook, there, said)
        for code, said in recipe["conditions"].items()
    }
    columns_read = frozenset(c for one in parsed.values() for c in one.columns)
    populations = tuple(p for p, one in at.held.items() if columns_read <= {*one.columns})
    other = recipe.given.get("other", "")
    options = [Option(c, recipe.labels.get(c) or _words(c)) for c in parsed]
    options += [Option(OTHER, recipe.labels.get(OTHER, other))] if other else []
    owners = at.codebook.owners
    sources = tuple(at.source(c) for c in sorted(columns_read) if c in owners)

    def columns(population: str, cells: Columns) -> Columns:
        truths = {code: one.truth(population, cells) for code, one in parsed.items()}
        rest = nw.lit(NOT_ANSWERED)
        if other:
            fails = reduce(and_, (t.fails for t in truths.values()))
            rest = _when(fails, OTHER, rest)
        if columns_read:
            unasked = (cells[c] == nw.lit(NOT_ASKED) for c in sorted(columns_read))
            rest = nw.when(reduce(and_, unasked)).then(nw.lit(NOT_ASKED)).otherwise(rest)
        return {"": _chain([(t.holds, code) for code, t in truths.items()], rest)}

    told = (
        at.say("derived.condition", group=o.label, condition=recipe["conditions"][o.code])
        for o in options[: len(parsed)]
    )
    says = at.say("derived.first", conditions="; ".join(told))
    label = recipe.given.get("label") or at.say.listed([o.label for o in options])
    return Derived(
        Kind.SINGLE, label, says, columns, sources, tuple(options), more=columns_read,
        populations=populations,
    )  # fmt: skip


def _codes(at: Sources, recipe: Recipe) -> Derived:
    source = at.source(recipe["source"])
    asked = source.question
    if asked is not None and asked.kind is not Kind.TEXT:
        raise InsightsError(f"{asked.id} is a {asked.kind} question: texts are coded.")
    frame: dict[str, list[str]] = recipe["frame"]
    patterns = {code: pattern_of(words) for code, words in frame.items()}
    items = tuple(Item(code, recipe.labels.get(code) or _words(code)) for code in frame)
    found = {p: matching(at.held[p], column, patterns) for p, column in source.columns.items()}

    def columns(population: str, cells: Columns) -> Columns:
        cell = cells[source.columns[population]]
        unsaid = ["", NOT_ANSWERED, NOT_ASKED]
        missing = _when(cell == nw.lit(NOT_ASKED), NOT_ASKED, nw.lit(NOT_ANSWERED))
        return {
            code: nw.when(cell.is_in(unsaid))
            .then(missing)
            .otherwise(_when(cell.is_in(texts), TICKED, nw.lit(NOT_TICKED)))
            for code, texts in found[population].items()
        }

    says = at.say("derived.codes", source=source.label)
    label = recipe.given.get("label") or at.say("derived.themes", source=source.label)
    return Derived(Kind.MULTIPLE, label, says, columns, (source,), TICK_BOX, items)


def derived(at: Sources, recipe: Recipe) -> Derived:
    """Say what a recipe makes of the answers at hand.

    Raises
    ------
    InsightsError
        For a source or code that does not exist, or does not fit the recipe.
    """
    return _MAKERS[recipe.kind](at, recipe)


_MAKERS: dict[str, Callable[[Sources, Recipe], Derived]] = {
    "recode": _recode,
    "top": _top,
    "net": _net,
    "count": _count,
    "index": _index,
    "bands": _bands,
    "first": _first,
    "codes": _codes,
}


# Parts of expressions


def _when(holds: Any, code: str, otherwise: Any) -> Any:
    return nw.when(holds).then(nw.lit(code)).otherwise(otherwise)


def _chain(cases: Sequence[tuple[Any, str]], otherwise: Any) -> Any:
    """Code of the first case that holds."""
    found = otherwise
    for holds, code in reversed(cases):
        found = _when(holds, code, found)
    return found


def _sum(parts: Iterable[Any]) -> Any:
    return reduce(add, parts)


def _score(cell: Any, scores: Mapping[str, float], nothing: bool = False) -> Any:
    """Score of a cell; 0, or nothing, where it has none."""
    of: dict[float, list[str]] = {}
    for code, score in scores.items():
        of.setdefault(score, []).append(code)
    found = nw.lit(None, nw.Float64) if nothing else nw.lit(0.0)
    for score, codes in of.items():
        found = nw.when(cell.is_in(codes)).then(nw.lit(score)).otherwise(found)
    return found


def _missing_of(source: ReadColumn) -> list[str]:
    return [NOT_ASKED, NOT_ANSWERED, *source.missing]


def _answered(source: ReadColumn, cell: Any) -> Any:
    return ~cell.is_in(_missing_of(source))


def _told(cell: Any, chosen: Sequence[str], source: ReadColumn, code: str, other: str) -> Any:
    """One code for chosen answers and one for others; *don't know* is not an answer."""
    unknown = [c for c in source.missing if c not in (NOT_ASKED, NOT_ANSWERED)]
    rest = _when(_answered(source, cell), other, cell)
    rest = nw.when(cell.is_in(unknown)).then(nw.lit(NOT_ANSWERED)).otherwise(rest)
    return _when(cell.is_in(chosen), code, rest)


def _where_answered(
    sources: Sequence[ReadColumn], population: str, cells: Columns, found: Any
) -> Any:
    """Leave out those who answered none of the sources, or were asked none."""
    each = [(s, cells[s.columns[population]]) for s in sources]
    answered = reduce(or_, (_answered(s, cell) for s, cell in each))
    unasked = reduce(and_, (cell == nw.lit(NOT_ASKED) for _, cell in each))
    missing = _when(unasked, NOT_ASKED, nw.lit(NOT_ANSWERED))
    return nw.when(answered).then(found).otherwise(missing)


def _number_of(
    sources: Sequence[ReadColumn],
    answers: Mapping[str, list[str]],
    population: str,
    cells: Columns,
) -> Any:
    each = (cells[s.columns[population]].is_in(answers[_one(s)]) for s in sources)
    return _sum(nw.when(one).then(nw.lit(1)).otherwise(nw.lit(0)) for one in each)


# Words, codes and numbers


def _one(source: ReadColumn) -> str:
    return next(iter(source.columns.values()))


def _words(code: str) -> str:
    return code.replace("_", " ").strip().capitalize() or code


def _labels_of(source: ReadColumn, codes: Sequence[str]) -> list[str]:
    said = {o.code: o.label for o in source.options}
    return [said.get(code, code) for code in codes]


def _mean_score(options: Sequence[Option]) -> float | None:
    scores = [o.score for o in options if o.score is not None]
    return sum(scores) / len(scores) if scores and len(scores) == len(options) else None


def _merged(
    at: Sources,
    source: ReadColumn,
    groups: Mapping[str, Sequence[str]],
    labels: Mapping[str, str],
) -> list[Option]:
    known = {o.code: o for o in source.options}
    found = []
    for new, listed in groups.items():
        options = [known[c] for c in listed if c in known]
        alone = options[0].label if len(listed) == 1 and options else _words(new)
        printed = all(o.printed for o in options)
        label = labels.get(new, alone)
        found.append(Option(new, label, _mean_score(options), printed=printed))
    return found


def _in_words(at: Sources, sources: Sequence[ReadColumn]) -> str:
    """Name questions, and items where not all of a question are meant."""
    of: dict[str, list[ReadColumn]] = {}
    for source in sources:
        of.setdefault(source.question.label if source.question else source.label, []).append(source)
    named = []
    for label, some in of.items():
        asked = some[0].question
        whole = asked is None or len(some) == len(asked.cells)
        items = "; ".join(source.item for source in some)
        named.append(label if whole else at.say("derived.items", source=label, items=items))
    return at.say.listed(named)


def _counted(at: Sources, recipe: Recipe) -> tuple[list[ReadColumn], dict[str, list[str]], str]:
    """Return items, the answers of each that count, and both in words."""
    sources = at.several(recipe["source"])
    given = recipe.given.get("codes")
    answers: dict[str, list[str]] = {}
    for source in sources:
        known = {o.code: o.label for o in source.options}
        asked = source.question
        if given is None:
            good = list(asked.thirds.get(FAVOURED, ())) if asked is not None else []
            boxes = asked is not None and asked.kind is Kind.MULTIPLE
            own = [asked.ticked.code] if boxes and asked is not None else good
            if not own:
                raise InsightsError(f"{source.label}: say which answers count, with codes=[…].")
            answers[_one(source)] = own
            continue
        codes = [code_of(code, known) for code in given]
        for code in codes:
            if known and code not in known:
                said = suggest_code(code, known, "code")
                raise InsightsError(f'{_one(source)} has no "{code}". {said}')
        answers[_one(source)] = codes
    items = _in_words(at, sources)
    if given is None:
        return sources, answers, items
    labels = at.say.either(_labels_of(sources[0], answers[_one(sources[0])]))
    return sources, answers, at.say("derived.with_answer", items=items, answers=labels)


def _band(at: Sources, low: float | None, high: float | None) -> str:
    said = {
        end: f"{value:.0f}" if _is_year(value) else at.say.number(value, _digits(value))
        for end, value in (("low", low), ("high", high))
        if value is not None
    }
    form = "under" if low is None else "or_more" if high is None else "between"
    return at.say(f"derived.{form}", **said)


def _is_year(value: float) -> bool:
    """Return whether a number reads as a year, which has no separator."""
    return value == int(value) and 1900 <= value <= 2100


def _digits(value: float) -> int:
    """Digits behind the point that tell a cut: all that were given, three of one found out."""
    given = next((n for n in range(4) if round(value, n) == value), None)
    return given if given is not None else max(2, 2 - math.floor(math.log10(abs(value))))


def _quantiles(
    at: Sources, source: ReadColumn, value: Callable[[Any], Any], recipe: Recipe
) -> list[float]:
    """Find where bands of equal weight begin: the smallest number from which on the share is met.

    The bands are at most as many as there are different numbers.
    """
    [(population, column)] = source.columns.items()
    held = at.held[population]
    cell = held.expressions([column])[column]
    table = nw.from_native(held.over([column])).select(value(cell).alias("x"), nw.col(WEIGHT))
    sums = collected(table.group_by("x").agg(nw.col(WEIGHT).sum().alias("w"))).dropna()
    sums = sums.sort_values("x")
    below = sums["w"].cumsum().shift(fill_value=0.0) / max(float(sums["w"].sum()), 1e-300)
    cuts = []
    for n in range(1, recipe["quantiles"]):
        reached = sums.loc[below >= n / recipe["quantiles"] - 1e-12, "x"]
        cuts += [float(reached.iloc[0])] if len(reached) else []
    cuts = list(dict.fromkeys(cuts))
    if not cuts:
        raise InsightsError(f"{source.label}: too few different numbers for quantiles.")
    return cuts
