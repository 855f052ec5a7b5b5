"""Answers declared to be missing: by their label or code, or by the code of one question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from helpers.codebook.cells import number
from helpers.codebook.cells import text as cell_text
from helpers.codebook.model import (
    NOT_STATED,
    Codebook,
    Declared,
    Dimension,
    Kind,
    Missing,
    Option,
    Question,
    suggest,
)
from helpers.codebook.textfiles import appearance
from helpers.codebook.yamlfiles import YamlFile
from helpers.errors import InsightsError

KINDS = (Missing.NOT_ANSWERED, Missing.DONT_KNOW, Missing.NOT_ASKED)
_OF_ONE = re.compile(r"([A-Za-z][\w.-]*)\s*(?:==?|\bin\b)\s*(\S.*)")
_BUILT_IN = (Kind.MULTIPLE, Kind.RECOMMEND, Kind.TEXT)  # whose answers are in no option set


def with_missing(codebook: Codebook, file: YamlFile) -> Codebook:
    """Treat answers as missing that `missing` of survey.yml names; an unknown one is a fault."""
    there = file.mapping("missing", known=tuple(map(str, KINDS)))
    for kind in (kind for kind in KINDS if kind in there):
        for answer in file.texts("missing", kind):
            try:
                one = replace(found(codebook, answer, kind), by_file=True)
                codebook = declared(codebook, one)
            except InsightsError as problem:
                file.add("missing", kind, found=answer, message=str(problem))
    return codebook


def entries(codebook: Codebook) -> dict[str, list[str]]:
    """Return the entries of `missing` in survey.yml, by kind, for all that is declared."""
    kinds: dict[str, list[str]] = {}
    for one in codebook.declared:
        kinds.setdefault(one.kind.value, []).append(one.entry)
    return kinds


def found(codebook: Codebook, entry: str, kind: Missing) -> Declared:
    """Find what an entry is about.

    Raises
    ------
    InsightsError
        If no question has such an answer.
    """
    text = str(entry).strip()
    own = _OF_ONE.fullmatch(text)
    if own and own[1] in codebook.questions:
        asked = codebook.questions[own[1]]
        wanted = [own[2]] if "=" in text else re.split(r"[\s,\[\]'\"]+", own[2])
        wanted = [code.strip("'\"") for code in wanted if code]
        codes = tuple(_code(asked, code) for code in wanted)
        return Declared(text, kind, {asked.id: codes}, labels=_labels(codebook, {asked.id: codes}))
    for by_label in (True, False):
        codes_of = {
            q.id: tuple(o.code for o in q.substantive if _is(text, o.code, o.label, by_label))
            for q in codebook.questions.values()
            if q.kind not in _BUILT_IN and not q.derived
        }
        some = {name: codes for name, codes in codes_of.items() if codes}
        bands = _bands(codebook, text, by_label)
        if some or bands:
            return Declared(text, kind, some, bands, _labels(codebook, some))
    known = [o.label for q in codebook.questions.values() for o in q.substantive]
    numbers = [q.id for q in codebook.questions.values() if q.kind is Kind.NUMBER]
    hint = f' Of a number, name the question: "{numbers[0]} = {text}".' if numbers else ""
    raise InsightsError(
        f'No question has the answer "{text}". {suggest(text, known, "label")}{hint}'
    )


def declared(codebook: Codebook, one: Declared) -> Codebook:
    """Treat answers as missing: options of questions, and bands of dimensions.

    Raises
    ------
    InsightsError
        If a question, or a dimension, would have no answer left.
    """
    questions = {
        name: _without(question, one.codes[name], one.kind) if name in one.codes else question
        for name, question in codebook.questions.items()
    }
    dimensions = {
        name: _without_bands(dimension, codebook, one)
        for name, dimension in codebook.dimensions.items()
    }
    emptied = [
        n
        for n, q in codebook.questions.items()
        if q.substantive and q.tabulates and not questions[n].substantive
    ]
    emptied += [n for n, d in codebook.dimensions.items() if d.bands and not dimensions[n].bands]
    if emptied:
        raise InsightsError(
            f"{' and '.join(dict.fromkeys(emptied))} would have no answer left. Name fewer, "
            'or the questions that they belong to: "QUESTION = CODE".'
        )
    return replace(
        codebook,
        questions=questions,
        dimensions=dimensions,
        declared=(*codebook.declared, one),
        plain=codebook.plain or codebook,
    )


def _is(text: str, code: str, label: str, by_label: bool) -> bool:
    return appearance(label).casefold() == appearance(text).casefold() if by_label else code == text


def _code(question: Question, wanted: str) -> str:
    """Code of an answer to a question, from its code or label."""
    if question.kind is Kind.NUMBER and number(wanted) == number(wanted):
        return cell_text(number(wanted))
    options = {o.code: o.label for o in question.substantive}
    named = [code for code, label in options.items() if appearance(label) == appearance(wanted)]
    if question.kind in _BUILT_IN or (wanted not in options and len(named) != 1):
        known = [*options, *options.values()]
        raise InsightsError(
            f'{question.id} has no answer "{wanted}". {suggest(wanted, known, "code")}'
        )
    return wanted if wanted in options else named[0]


def _labels(codebook: Codebook, codes: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    every = (codebook.questions[name].option_label(c) for name, own in codes.items() for c in own)
    return tuple(dict.fromkeys(every))


def _bands(codebook: Codebook, text: str, by_label: bool) -> dict[str, tuple[str, ...]]:
    """Bands of that name, of characteristics that are in no question."""
    return {
        d.id: gone
        for d in codebook.dimensions.values()
        if not d.derived
        and not any(source.column in codebook.owners for source in d.source.values())
        and (gone := tuple(b for b, label in d.bands.items() if _is(text, b, label, by_label)))
    }


def _without(question: Question, codes: Iterable[str], kind: Missing) -> Question:
    known = tuple(
        replace(o, missing=kind, score=None) if o.code in codes else o for o in question.options
    )
    more = [c for c in codes if c not in {o.code for o in known}]
    return replace(question, options=(*known, *(Option(c, c, None, kind) for c in more)))


def values_of(dimension: Dimension, codebook: Codebook, population: str, one: Declared) -> set[str]:
    """Values of a dimension's column that are not answers."""
    source = dimension.source[population]
    gone = one.bands.get(dimension.id, ())
    owner = codebook.owners.get(source.column)
    own = one.codes.get(owner.id, ()) if owner and owner.population == population else ()
    return {value for value, band in source.bands.items() if value in own or band in gone}


def _without_bands(dimension: Dimension, codebook: Codebook, one: Declared) -> Dimension:
    """Return a dimension in which these values are not stated, without bands that are nobody's."""
    gone = {p: values_of(dimension, codebook, p, one) for p in dimension.source}
    if not any(gone.values()) or dimension.derived:
        return dimension
    sources = {
        p: replace(s, bands={v: NOT_STATED if v in gone[p] else b for v, b in s.bands.items()})
        for p, s in dimension.source.items()
    }
    left = {band for source in sources.values() for band in source.bands.values()}
    bands = {band: label for band, label in dimension.bands.items() if band in left}
    return replace(dimension, bands=bands, source=sources)
