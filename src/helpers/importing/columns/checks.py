"""Cells that cannot be right, whatever the codebook says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from helpers.importing.columns.suspicion import MISSING_CODE, Suspicion
from helpers.importing.files.sheets import MERGED, NEVER_WORKED_OUT, Column, Sheet
from helpers.importing.layouts.heads import Head, bare_name
from helpers.importing.words.amounts import end_of
from helpers.importing.words.names import shortened
from helpers.importing.words.shapes import NUMBER, Shape, shape_of

_ERRORS = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", NEVER_WORKED_OUT)
)
_SCIENTIFIC = re.compile(r"[+-]?\d([.,]\d+)?E\+?\d{2,3}", re.IGNORECASE)
_MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_MANGLED = re.compile(
    rf"\d{{1,2}}[- ]{_MONTH}([- ]\d{{2,4}})?|{_MONTH}[- ]\d{{2,4}}"
    r"|(19|20)\d\d-\d\d-\d\d( 00:00:00)?|\d{1,2}/\d{1,2}/\d{2,4}",
    re.IGNORECASE,
)
_MONTHS = _MONTH.strip("()").split("|")
_DAY = re.compile(
    rf"(?P<number>\d{{1,2}})[- ]{_MONTH}|{_MONTH}[- ](?P<year>\d{{2}})"
    r"|(19|20)\d\d-(?P<month>\d\d)-(?P<day>\d\d)( 00:00:00)?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\d(\s*[-–/]\s*)\d")
_RANGE = re.compile(r"\D{0,3}\d+\s*[-–/]\s*\d+\D{0,12}")
_TEST = re.compile(
    r"(test(ing)?[ .,!]*)+\d*|tests|asdf\w*|qwert[yz]\w*|lorem ipsum.*|xxx+|dummy|foo|foobar"
    r"|(this is )?(just |only )?a test( response| entry)?\.?|test@\S+|do not use|please ignore.*",
    re.IGNORECASE | re.DOTALL,
)
_ANSWER = re.compile(r"\btest(s|ing)?\b", re.IGNORECASE)  # where others speak of it, too
# Qualtrics adds up what its Status says: 1 preview, 2 test, 4 imported, 8 spam, 16 offline, 32
# employees, 128 imported again, 256 synthetic. Those of them that are not answers:
_NO_ANSWER, _STATUS = 1 | 2 | 8 | 256, 511
_MARKED = re.compile(
    r"((offline|imported|ex) )?(survey )?(preview|test|spam)( spam)?|synthetic"
    r"|(umfrage)?(-| )?(vorschau|test)|aperçu( de l['’]enquête| du sondage)?|test du sondage"
    r"|vista previa( de (la )?encuesta)?|prueba( de (la )?encuesta)?|(enquête)?voorbeeld"
    r"|anteprima( (del )?sondaggio)?|(pré-?visualização|visualização)( da pesquisa)?",
    re.IGNORECASE,
)
TEST_ROW = "test_row"
_MARKS = ("status", "distributionchannel")  # columns in which tools say so; and flags of tests:
_FLAGS = frozenset(("istestdata", "testdata", "istest", "istestresponse"))
_YES = frozenset(("true", "1", "yes", "y"))
_NO_VALUE = frozenset(("na", "n/a", "null", "none", "nan", "-", "--", ".", "?", "missing", "nil"))
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_MISREAD = re.compile("[ÂÃ][^\\x00-\\x7f]|â€")
_LINES = frozenset("\t\n\v\f\r")
_CUT = (255, 32767)  # where older spreadsheets, and Excel, cut a cell off
_TWINS = str.maketrans(
    "АВЕКМНОРСТХаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο’‘“”–—−", "ABEKMHOPCTXaeopcyxijsABEZHIKMNOPTYXo''\"\"---"
)


def suspicions(
    sheet: Sheet,
    heads: Sequence[Head],
    free: Collection[int] = (),
    known: Mapping[int, Collection[str]] = MappingProxyType({}),
) -> Iterator[Suspicion]:
    """Find what looks like a mishap of a spreadsheet, or like no real answer.

    Parameters
    ----------
    free
        Columns whose cells are somebody's own words.
    known
        Cells of columns that a codebook has a place for: nothing is wrong with them.
    """
    found = [*_tried_out(sheet, heads), *_cells(sheet, heads, free, known)]
    doubts = [each for each in found if each.kind == TEST_ROW]
    for each in found:
        if each.kind == TEST_ROW and _may_be_meant(each, sheet, heads):
            others = [other.rows for other in doubts if other.at != each.at]
            rows = np.intersect1d(each.rows, np.concatenate(others)) if others else each.rows[:0]
            each = replace(each, rows=rows)
        if len(each.rows):
            yield each


def _may_be_meant(each: Suspicion, sheet: Sheet, heads: Sequence[Head]) -> bool:
    """Return whether *testing* may be an answer: the question or other answers say the word."""
    if heads[each.at].role == "meta":
        return False
    others = [heads[each.at].text, *sheet.columns[each.at].values]
    said = [text for text in others if not _TEST.fullmatch(text)]
    return bool(_ANSWER.fullmatch(each.found)) and any(map(_ANSWER.search, said))


def _cells(
    sheet: Sheet, heads: Sequence[Head], free: Collection[int], known: Mapping[int, Collection[str]]
) -> Iterator[Suspicion]:
    for at, (head, column) in enumerate(zip(heads, sheet.columns, strict=True)):
        if head.role == "meta":
            continue
        told = {*known.get(at, ()), *column.missing}
        shape = _few(column) if head.role == "identifier" else shape_of(column)
        for kind, find in _FINDERS.items():
            if at in free and kind in _CODED:
                continue
            sound = told if kind == MISSING_CODE else told | {*column.labels}
            for value, words, fix, instead in find(shape, sheet):
                if value not in sound:
                    rows = column.rows_of(column.values.index(value))
                    out = kind == TEST_ROW
                    yield Suspicion(kind, rows, words, fix, at, value, instead, out)


def _tried_out(sheet: Sheet, heads: Sequence[Head]) -> Iterator[Suspicion]:
    """Find rows that the survey tool itself marked as a preview, a test or spam, each once."""
    names = [{bare_name(head.key), bare_name(head.text)} for head in heads]
    everything = set().union(*names)
    told = np.zeros(len(sheet.rows), dtype=bool)
    for mark in (*_MARKS, *_FLAGS):
        for at in (at for at, own in enumerate(names) if mark in own):
            column = sheet.columns[at]
            if mark in _MARKS and heads[at].role != "meta":
                continue
            for place, value in enumerate(column.values):
                if _is_mark(value, mark, column, sheet, everything):
                    here = (column.codes == place) & ~told
                    told |= here
                    words = "the survey tool marked this row as a test, a preview or spam"
                    fix = "Remove the row, or pass --allow test_row."
                    rows = np.flatnonzero(here)
                    yield Suspicion(TEST_ROW, rows, words, fix, at, value, leave_out=True)


def _is_mark(value: str, mark: str, column: Column, sheet: Sheet, names: Collection[str]) -> bool:
    if mark in _FLAGS:
        return value.casefold() in _YES
    said = column.labels.get(value, value)
    if mark == "status" and said.isascii() and said.isdigit() and _is_qualtrics(sheet, names):
        return bool(int(said) & _NO_ANSWER) and int(said) <= _STATUS
    return bool(_MARKED.fullmatch(said))


def _is_qualtrics(sheet: Sheet, names: Collection[str]) -> bool:
    if any("ImportId" in cell for row in sheet.top[1:] for cell in row):
        return True
    return "responseid" in names and bool({"startdate", "responseset", "recordeddate"} & {*names})


def _few(column: Column) -> Shape:
    """Look at an identifier's cells: only at those that a spreadsheet may have made."""
    odd = {
        v: 1
        for v in column.values
        if v in _ERRORS
        or v.startswith(MERGED)
        or ("+" in v and _SCIENTIFIC.fullmatch(v))
        or _unreadable(v)
    }
    return Shape(odd, {}, (), (), ())


def _unreadable(value: str) -> set[str]:
    """Characters of a cell that are not text."""
    if value.isprintable() and "\ufffd" not in value:
        return set()
    return {s for s in value if s == "\ufffd" or unicodedata.category(s) == "Cc"} - _LINES


_Found = Iterator[tuple[str, str, str, str | None]]  # cell, words, what to do, what instead


def _errors(shape: Shape, sheet: Sheet) -> _Found:
    for value in shape.answers:
        if value == NEVER_WORKED_OUT:
            words = "a formula that no program has worked out: the file does not hold its value"
            yield value, words, "Save the workbook in a spreadsheet, or paste the value.", ""
        elif value.startswith(MERGED):
            said = value.removeprefix(MERGED)
            words = "the cell is merged with one above or beside, and may mean the same"
            yield value, words, "Unmerge the cells and fill every cell.", said
        elif value in _ERRORS:
            yield value, "an error of a spreadsheet", "Restore the answer from its source.", ""


def _scientific(shape: Shape, sheet: Sheet) -> _Found:
    for value in shape.answers:
        if sheet.format == "text" and _SCIENTIFIC.fullmatch(value):
            words = "a number shortened by a spreadsheet"
            yield value, words, "Export the file again without opening it in a spreadsheet.", None


def _dates(shape: Shape, sheet: Sheet) -> _Found:
    found = [value for value in shape.answers if _MANGLED.fullmatch(value)]
    if not found or sum(shape.answers[v] for v in found) > 0.5 * shape.answered:
        return
    others = [v for v in shape.answers if v not in found]
    if any(_RANGE.fullmatch(v) for v in others) or (others and shape.repeats):
        for value in found:
            words = "a date among other answers: a spreadsheet may have converted an answer"
            fix = "Restore what was answered, or pass --allow mangled_date."
            yield value, words, fix, _as_range(value, others)


def _as_range(value: str, others: Sequence[str]) -> str | None:
    """Return the range that a spreadsheet took for a date: 2-Jan was 1-2."""
    found = _DAY.fullmatch(value)
    if found is None:
        return None
    name = next((n for n, name in enumerate(_MONTHS, 1) if name in value.casefold()), 0)
    month = name or int(found["month"])
    number = int(found["number"] or found["year"] or found["day"])
    low, high = sorted((month, number))
    sign = next((m[1] for m in map(_BETWEEN.search, others) if m), "-")
    return f"{low}{sign}{high}"


def _commas(shape: Shape, sheet: Sheet) -> _Found:
    if not shape.commas or sheet.delimiter == ";" and not any("." in v for v in shape.numbers):
        return
    plain = sum(n for v, n in shape.answers.items() if NUMBER.fullmatch(v))
    if plain >= 0.5 * shape.answered:
        for value in shape.commas:
            point = value.replace(",", ".")
            fix = "Write a decimal point, and no separators."
            yield value, "a comma inside a number", fix, point


def _twins(shape: Shape, sheet: Sheet) -> _Found:
    if not shape.repeats and len(shape.answers) > 60:
        return
    alike: dict[str, list[str]] = {}
    for value in shape.answers:
        alike.setdefault(skeleton(value), []).append(value)
    for values in alike.values():
        usual = max(values, key=lambda v: shape.answers[v])
        for value in values:
            if value != usual and (shape.repeats or shape.answers[usual] > 2):
                words = f'it looks like "{shortened(usual)}", but {_difference(value, usual)}'
                yield value, words, "Write it like the others, or pass --allow look_alike.", usual


def skeleton(value: str) -> str:
    """Return what a reader sees of a text."""
    text = unicodedata.normalize("NFKC", value).translate(_TWINS)
    return re.sub(r"[\s_]+", " ", text).strip(" .,;:!").casefold()


def _difference(value: str, usual: str) -> str:
    if value.casefold() == usual.casefold():
        return "capital letters differ"
    odd = sorted({f"U+{ord(sign):04X}" for sign in set(value) - set(usual)})
    return f"it holds {', '.join(odd[:5])}" if odd else "characters or blanks differ"


def _missing(shape: Shape, sheet: Sheet) -> _Found:
    none = [v for v in shape.answers if v.casefold() in _NO_VALUE]
    codes = [*none, *(v for v in shape.suspected if shape.numbers and v not in none)]
    if not none or len(codes) < 2 or len(codes) == len(shape.answers):
        return  # of codes alone, each may have its own meaning
    usual = max(codes, key=lambda v: shape.answers[v])
    for value in codes:
        if value != usual:
            words = f'a second code for a missing answer; elsewhere it is "{usual}"'
            yield value, words, "Use one code throughout, or pass --allow mixed_missing.", usual


def _words_among_numbers(shape: Shape, sheet: Sheet) -> _Found:
    if shape.is_number or shape.are_points or not shape.nearly_number:
        return
    low, high = min(shape.numbers.values()), max(shape.numbers.values())
    for value in shape.answers:
        passed = (*shape.coded_missing, *shape.suspected, *_ERRORS)
        merged = value.startswith(MERGED)
        if value not in shape.numbers and value not in passed and not merged:
            words = "nearly all other answers are numbers: until they all are, they count as words"
            number = end_of(value)
            end = number and not low < float(number) < high
            yield (
                value,
                words,
                "Write a number, or pass --allow not_a_number.",
                end and number or "",
            )


def _codes_of_nothing(shape: Shape, sheet: Sheet) -> _Found:
    for value in (*shape.suspected, *shape.doubted):
        words = "it may mean no answer, but nothing in the file says so"
        yield value, words, "Leave the cell blank, or pass --allow missing_code.", ""


def _cut(shape: Shape, sheet: Sheet) -> _Found:
    longest = max(map(len, shape.answers), default=0)
    for value in shape.answers:
        if len(value) == longest and longest in _CUT and value[-1].isalnum():
            words = f"the text has {longest:,} characters and stops there: it may be cut off"
            yield value, words, "Export the file again, or pass --allow truncated.", None


def _tests(shape: Shape, sheet: Sheet) -> _Found:
    for value, times in shape.answers.items():
        if _TEST.fullmatch(value) and not (shape.repeats and times > 1):
            words = "this looks like a test, not like an answer"
            yield value, words, "Remove the row, or pass --allow test_row.", None


def _garbled(shape: Shape, sheet: Sheet) -> _Found:
    for value in shape.answers:
        odd = _unreadable(value)
        if odd:
            names = ", ".join(sorted(f"U+{ord(s):04X}" for s in odd))
            words = f"a character that is not text ({names})"
            fix = "Restore the text from its source, or pass --allow garbled."
            yield value, words, fix, None
    strange = [value for value in shape.answers if not value.isascii()]
    if any(map(_MISREAD.search, strange)) and all(map(_is_misread, strange)):
        for value in strange:
            words = "UTF-8 that was read as an older encoding: é has become Ã©"
            fix = "Export the file again, or pass --allow garbled."
            yield value, words, fix, _read_again(value)


def _is_misread(value: str) -> bool:
    """Return whether all foreign letters of a text are those of UTF-8 read as Windows-1252."""
    try:
        _read_again(value)
    except UnicodeError:
        return False
    return True


def _read_again(value: str) -> str:
    return _FOREIGN.sub(lambda found: found[0].encode("cp1252").decode("utf-8"), value)


_FINDERS: dict[str, Callable[[Shape, Sheet], _Found]] = {
    "spreadsheet_error": _errors,
    "mangled_number": _scientific,
    "mangled_date": _dates,
    "decimal_comma": _commas,
    "look_alike": _twins,
    "mixed_missing": _missing,
    "truncated": _cut,
    TEST_ROW: _tests,
    "garbled": _garbled,
    "not_a_number": _words_among_numbers,
    MISSING_CODE: _codes_of_nothing,
}
DECLARED = ("not_a_number", MISSING_CODE)  # kinds of which a codebook knows better
_CODED = ("mangled_date", "mangled_number", "decimal_comma", "look_alike", "mixed_missing")
