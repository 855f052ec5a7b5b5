"""Answers that are declared to be none: by their label or code, or by the code of one question."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import narwhals as nw

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED, number
from helpers.codebook.model import (
    NOT_STATED,
    Codebook,
    Dimension,
    Kind,
    Missing,
    Option,
    Question,
    suggest,
)
from helpers.codebook.textfiles import look
from helpers.errors import InsightsError
from helpers.responses.engines import collected
from helpers.responses.recoding import Held, band_column
from helpers.terminal import count

KINDS = (Missing.NOT_ANSWERED, Missing.DONT_KNOW, Missing.NOT_ASKED)
_WORDS = {Missing.NOT_ANSWERED: "not answered", Missing.NOT_ASKED: "not asked"}
_OF_ONE = re.compile(r"([A-Za-z][\w.-]*)\s*(?:==?|\bin\b)\s*(\S.*)")
_BUILT_IN = (Kind.MULTIPLE, Kind.RECOMMEND, Kind.TEXT)  # whose answers are no option set's


@dataclass(frozen=True)
class Declared:
    """An answer that is declared to be none.

    Attributes
    ----------
    entry : as it was written: a label, a code, or `question = code`
    codes : per question its codes that are none
    bands : per dimension of no question, its bands that are not stated
    answers : how many answers that is; None where they were not counted
    """

    entry: str
    kind: Missing
    codes: Mapping[str, tuple[str, ...]]
    bands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    answers: int | None = None

    @property
    def note(self) -> str:
        """Say what it is about, and how many answers."""
        among = [count(len(self.codes), "question")] if self.codes else []
        among += [count(len(self.bands), "characteristic")] if self.bands else []
        named = [label for label in self.labels if label != self.entry]
        said = f" ({', '.join(named)})" if named else ""
        many = "" if self.answers is None else f": {count(self.answers, 'answer')}"
        kind = _WORDS.get(self.kind, "don't know")
        return f"“{self.entry}”{said} counts as {kind} in {' and '.join(among)}{many}."


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


def declared(
    codebook: Codebook, held: Mapping[str, Held], one: Declared, *, counted: bool
) -> tuple[Codebook, dict[str, Held], Declared]:
    """Take answers for none in codebook and responses.

    Parameters
    ----------
    counted
        Whether to count them, which is a scan of the responses.
    """
    questions = {
        name: _without(question, one.codes[name], one.kind) if name in one.codes else question
        for name, question in codebook.questions.items()
    }
    dimensions = {
        name: _without_bands(dimension, codebook, one)
        for name, dimension in codebook.dimensions.items()
    }
    changed = replace(codebook, questions=questions, dimensions=dimensions)
    tables, answers = {}, 0
    for population, table in held.items():
        tables[population], n = _held(codebook, population, table, one, counted)
        answers += n
    return changed, tables, replace(one, answers=answers if counted else None)


def _is(text: str, code: str, label: str, by_label: bool) -> bool:
    return look(label).casefold() == look(text).casefold() if by_label else code == text


def _code(question: Question, wanted: str) -> str:
    """Code of an answer to a question, from its code or label."""
    if question.kind is Kind.NUMBER and number(wanted) == number(wanted):
        return wanted
    options = {o.code: o.label for o in question.substantive}
    named = [code for code, label in options.items() if look(label) == look(wanted)]
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


def _values(dimension: Dimension, codebook: Codebook, population: str, one: Declared) -> set[str]:
    """Values of a dimension's column that are no answers."""
    source = dimension.source[population]
    gone = one.bands.get(dimension.id, ())
    owner = codebook.owners.get(source.column)
    own = one.codes.get(owner.id, ()) if owner and owner.population == population else ()
    return {value for value, band in source.bands.items() if value in own or band in gone}


def _without_bands(dimension: Dimension, codebook: Codebook, one: Declared) -> Dimension:
    """Return a dimension in which these values are not stated, without bands that are nobody's."""
    gone = {p: _values(dimension, codebook, p, one) for p in dimension.source}
    if not any(gone.values()) or dimension.derived:
        return dimension
    sources = {
        p: replace(s, bands={v: NOT_STATED if v in gone[p] else b for v, b in s.bands.items()})
        for p, s in dimension.source.items()
    }
    left = {band for source in sources.values() for band in source.bands.values()}
    bands = {band: label for band, label in dimension.bands.items() if band in left}
    return replace(dimension, bands=bands, source=sources)


def _held(
    codebook: Codebook, population: str, held: Held, one: Declared, counted: bool
) -> tuple[Held, int]:
    there = {*held.columns}
    cells = {
        cell.column: codes
        for name, codes in one.codes.items()
        if codebook.questions[name].population == population
        for cell in codebook.questions[name].cells
        if cell.column in there
    }
    bands: dict[str, tuple[str, set[str]]] = {}  # by its column: that of its source, and bands
    for dimension in codebook.dimensions.values():
        column = band_column(dimension.id)
        if dimension.derived or population not in dimension.source or column not in there:
            continue
        if _values(dimension, codebook, population, one):
            gone = {*one.bands.get(dimension.id, ())}
            bands[column] = (dimension.source[population].column, gone)
    if not cells and not bands:
        return held, 0
    names = sorted({*cells, *bands, *(of for of, _ in bands.values() if of in cells)})
    now = held.expressions(names)
    made = {}
    if one.kind is not Missing.DONT_KNOW:
        word = NOT_ASKED if one.kind is Missing.NOT_ASKED else NOT_ANSWERED
        for column, codes in cells.items():
            given = now[column].is_in([*codes])
            made[column] = nw.when(given).then(nw.lit(word)).otherwise(now[column])
    for column, (of, own) in bands.items():
        none = now[column].is_in(sorted(own))
        if of in cells:
            none = none | now[of].is_in([*cells[of]])
        made[column] = nw.when(none).then(nw.lit(NOT_STATED)).otherwise(now[column])
    sought = {**cells, **{column: own for column, (_, own) in bands.items() if own}}
    n = _counted(held, sought) if counted else 0
    digest = hashlib.sha256(held.digest + repr((one.entry, one.kind.value)).encode()).digest()
    return held.beside(made, held.read_by(names)).known(digest), n


def _counted(held: Held, sought: Mapping[str, Iterable[str]]) -> int:
    """Count the cells that hold one of the codes sought in their column."""
    now = held.expressions(sought)
    sums = [
        nw.when(now[name].is_in([*codes])).then(1).otherwise(0).sum().alias(f"n{place}")
        for place, (name, codes) in enumerate(sought.items())
    ]
    table = nw.from_native(held.over(sought) if held.recodes else held.table)
    return int(collected(table.select(*sums)).to_numpy().sum())
