"""A part of the respondents, chosen by a condition on any of their answers: `Survey.where`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, eq, or_
from typing import Any, NoReturn

import narwhals as nw

from helpers.codebook.cells import NOT_ANSWERED, ORDER, WORDS
from helpers.codebook.model import (
    NOT_STATED,
    RESPONDENT_TYPE,
    Codebook,
    Kind,
    Question,
    code_of,
    several_items,
    suggest,
    suggest_code,
)
from helpers.errors import InsightsError
from helpers.responses.answers import missing_codes
from helpers.responses.recoding import DESIGN, MADE, Held, answered_number, band_column

SUBSET = "where "  # begins the name of the column that says who is chosen
BOTH, EITHER = " and ", ", or "  # join conditions in words
SIGNS = {"<=": "≤", ">=": "≥"}
CHOSEN, OTHERS = "1", "0"
_QUOTED = re.compile(r"`([^`]*)`")
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_ORDERS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class Decided:
    """Whom a condition holds for, and whom it does not; neither where an answer is missing."""

    holds: Any
    fails: Any

    def __invert__(self) -> Decided:
        """Return the opposite condition."""
        return Decided(self.fails, self.holds)

    def __and__(self, other: Decided) -> Decided:
        """Return both conditions as one."""
        return Decided(self.holds & other.holds, self.fails | other.fails)

    def __or__(self, other: Decided) -> Decided:
        """Return either condition as one."""
        return Decided(self.holds | other.holds, self.fails & other.fails)


def subset_column(condition: str) -> str:
    """Name of the column that says who is chosen by a condition."""
    return f"{SUBSET}{condition}"


def condition_in_words(codebook: Codebook, condition: str) -> str:
    """Say in labels whom a condition that was checked before chooses."""
    quoted = _QUOTED.findall(condition)
    there = {*quoted, *re.findall(r"[^\W\d][\w.]*", _QUOTED.sub(" ", condition))}
    return SubsetCondition(codebook, there, condition).described


def columns_of_file(columns: Iterable[str]) -> list[str]:
    """Leave out columns of the design, of bands and of conditions."""
    own = (band_column(""), SUBSET)
    design = (*DESIGN, *MADE)
    return [name for name in columns if name not in design and not name.startswith(own)]


def with_subset(codebook: Codebook, held: Mapping[str, Held], condition: str) -> dict[str, Held]:
    """Add the column of a condition to the populations that have what it reads.

    Raises
    ------
    InsightsError
        If the condition cannot be read, or names a column or code that does not exist.
    """
    there = {name for one in held.values() for name in one.columns}
    try:
        parsed = SubsetCondition(codebook, there, condition)
        among = [p for p, one in held.items() if {*parsed.columns} <= {*one.columns}]
        made = {p: _with_column(held[p], p, parsed, subset_column(condition)) for p in among}
    except RecursionError as problem:
        raise InsightsError("where: the condition has too many brackets or nots.") from problem
    if not made:
        raise InsightsError(
            f'where: no population has everything that "{condition}" reads: '
            f"{', '.join(parsed.names)}."
        )
    return {**held, **made}


def _with_column(held: Held, population: str, condition: SubsetCondition, name: str) -> Held:
    holds = condition.truth(population, held.expressions(condition.columns)).holds
    codes = nw.when(holds).then(nw.lit(CHOSEN)).otherwise(nw.lit(OTHERS))
    return held.beside({name: codes}, held.read_by(condition.columns))


class SubsetCondition:
    """A condition, parsed and checked, on the columns that are there.

    Attributes
    ----------
    columns : that it reads
    """

    def __init__(self, codebook: Codebook, there: set[str], text: str) -> None:
        self.codebook = codebook
        known = [RESPONDENT_TYPE, *codebook.dimensions, *codebook.owners]
        self.known = list(dict.fromkeys([*known, *sorted(columns_of_file(there))]))
        self.quoted: dict[str, str] = {}
        example = next(
            (f"{d.id} == '{b}'" for d in codebook.dimensions.values() for b in d.bands), ""
        )
        self.example = f'such as "{example}"' if example else "such as \"name == 'code'\""
        if not isinstance(text, str) or not text.strip():
            raise InsightsError(f"where: give a condition as text, {self.example}.")
        signs = "".join(_LITERAL.split(text))
        if re.search(r"(?<![=!<>])=(?![=])", signs):
            raise InsightsError(f'where: "{text}" has a single =. To compare, write ==.')
        if found := re.search(r"[&|~]+|!(?!=)", signs):
            raise InsightsError(
                f'where: "{text}" has {found[0]}. Write and, or, not, {self.example}.'
            )
        try:
            self.tree = ast.parse(self._with_stand_ins(text).strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
            raise InsightsError(
                f'where: "{text}" is not a condition, {self.example}. Put a name that '
                "has other signs than letters, digits, _ and . between backticks: `1st-choice`."
            ) from problem
        read = list(self._read(self.tree))
        self.names = tuple(dict.fromkeys(one.name for one in read))
        self.columns = tuple(dict.fromkeys(one.column for one in read if one.column))

    def _with_stand_ins(self, text: str) -> str:
        """Put names that Python could not read in their place: between backticks, or as `q.1`."""
        strange = [n for n in self.known if not all(p.isidentifier() for p in n.split("."))]
        numbered = [n for n in strange if re.fullmatch(r"[^\W\d]\w*(\.\w+)+", n)]
        if numbered:
            listed = "|".join(map(re.escape, sorted(numbered, key=len, reverse=True)))
            bare = re.compile(rf"(?<![\w.`])({listed})(?![\w.`])")
            parts = _LITERAL.split(text)
            literals = [match[0] for match in _LITERAL.finditer(text)]
            parts = [bare.sub(r"`\1`", part) for part in parts]
            text = "".join(part + end for part, end in zip(parts, [*literals, ""], strict=True))
        return _QUOTED.sub(self._unquoted, text)

    def _unquoted(self, match: re.Match[str]) -> str:
        stand_in = f"_quoted_{len(self.quoted)}"
        self.quoted[stand_in] = match[1]
        return stand_in

    # Reading

    def _refuse(self, node: ast.AST, said: str) -> NoReturn:
        part = ast.unparse(node)
        for stand_in, name in self.quoted.items():
            part = part.replace(stand_in, f"`{name}`")
        raise InsightsError(f"where: {part}: {said}")

    def _name(self, node: ast.AST) -> str:
        parts: list[str] = []
        at = node
        while isinstance(at, ast.Attribute):
            parts.insert(0, at.attr)
            at = at.value
        if not isinstance(at, ast.Name):
            self._refuse(node, "a name of a dimension or column is wanted here.")
        name = ".".join([self.quoted.get(at.id, at.id), *parts])
        if self.codebook.waves and name == self.codebook.wave_dimension:
            wave = next(iter(self.codebook.waves))
            self._refuse(node, f'choose waves in each call, as in where={{"{name}": "{wave}"}}.')
        if name in self.codebook.questions and name not in self.known:
            self._refuse(node, several_items(self.codebook.questions[name]))
        if name not in self.known:
            raise InsightsError(f'where: there is no "{name}". {suggest(name, self.known, "name")}')
        return name

    def _read(self, node: ast.AST) -> Iterator[_Comparison]:
        """All comparisons; whatever else a condition may not have is refused."""
        if isinstance(node, ast.BoolOp):
            for part in node.values:
                yield from self._read(part)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield from self._read(node.operand)
        elif isinstance(node, ast.Compare):
            yield from self._comparisons(node)
        elif isinstance(node, ast.Name | ast.Attribute):
            yield self._box(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = ast.unparse(node.func.value)
            none = NOT_STATED if name in self.codebook.dimensions else NOT_ANSWERED
            said = {
                "isin": f"write {name} in ['a', 'b'].",
                **dict.fromkeys(("isna", "isnull"), f"write {name} == '{none}'."),
                **dict.fromkeys(("notna", "notnull"), f"write {name} != '{none}'."),
                "between": f"write {name} >= 1 and {name} <= 5.",
            }.get(node.func.attr, f"this is no condition, {self.example}.")
            self._refuse(node, said)
        else:
            self._refuse(
                node, f"this is no condition. Use ==, !=, in, <, and, or, not, {self.example}."
            )

    def _box(self, node: ast.AST) -> _Comparison:
        """Read a box, which holds for those who ticked it."""
        name = self._name(node)
        question = self.codebook.owners.get(name)
        if question is None or question.kind is not Kind.MULTIPLE:
            self._refuse(node, "compare it, as in name == 'code'; only a box needs no comparison.")
        return _Comparison(name, name, "", (question.ticked.code,), False)

    def _comparisons(self, node: ast.Compare) -> list[_Comparison]:
        found, left = [], node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            found.append(self._comparison(node, left, operator, right))
            left = right
        return found

    def _comparison(
        self, node: ast.AST, left: ast.expr, operator: ast.cmpop, right: ast.expr
    ) -> _Comparison:
        sign = _ORDERS.get(type(operator), "")
        if isinstance(left, ast.Constant):  # 3 <= distance
            if isinstance(operator, ast.In | ast.NotIn):
                self._refuse(node, "put the name first.")
            left, right, sign = right, left, _TURNED.get(sign, "")
        if isinstance(operator, ast.Is | ast.IsNot):
            self._refuse(node, "compare with == or !=.")
        listed = right.elts if isinstance(right, ast.List | ast.Tuple | ast.Set) else [right]
        several = isinstance(operator, ast.In | ast.NotIn)
        if several != (listed != [right]):
            self._refuse(node, "list codes after in, as in name in ['a', 'b'], and one after ==.")
        values = [self._value(node, one) for one in listed]
        opposite = isinstance(operator, ast.NotEq | ast.NotIn)
        name = self._name(left)
        column = self._column(name, [value for value in values if isinstance(value, str)])
        comparison = _Comparison(name, column, sign, tuple(values), opposite)
        labels = {} if sign else self._labels(comparison)
        said = (code_of(v, labels) if isinstance(v, str) else v for v in values)
        comparison = replace(comparison, values=tuple(said))
        self._check(node, comparison)
        return comparison

    def _column(self, name: str, codes: Sequence[str]) -> str:
        """Column that is compared; none for respondent types.

        Of a dimension and a question of numbers that have the same name, codes mean the dimension.
        Of a dimension and another question, they mean the question where only that has them all:
        its answers may be many, and some of them one band.
        """
        if name == RESPONDENT_TYPE:
            return ""
        question = self.codebook.owners.get(name)
        number = question is not None and question.kind is Kind.NUMBER
        dimension = self.codebook.dimensions.get(name)
        if dimension is None or (number and not codes):
            return name
        if question is not None and not number:
            bands = {**dimension.bands, NOT_STATED: ""}
            answers = {**{o.code: o.label for o in question.options}, **dict.fromkeys(WORDS, "")}
            all_in = [{code_of(c, known) for c in codes} <= {*known} for known in (bands, answers)]
            if all_in == [False, True]:
                return name
        return band_column(name)

    def _value(self, node: ast.AST, given: ast.AST) -> str | float:
        sign = 1
        if isinstance(given, ast.UnaryOp) and isinstance(given.op, ast.USub):
            given, sign = given.operand, -1
        value = given.value if isinstance(given, ast.Constant) else None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            said = "compare a name with a code in quotation marks, or a number."
            if isinstance(given, ast.Name) and given.id not in {*self.quoted, *self.known}:
                said = f"put the code in quotation marks: '{given.id}'."
            self._refuse(node, said)
        if isinstance(value, str):
            return value
        return sign * value

    def _check(self, node: ast.AST, comparison: _Comparison) -> None:
        name, question = comparison.name, self._question(comparison)
        number = question is not None and question.kind is Kind.NUMBER
        if comparison.order or number:
            if not (number or (question is not None and question.is_scale)):
                why = f" ({question.why_no_scale})" if question is not None else ""
                self._refuse(
                    node, f"{name} has no numbers to put in order: list codes with in{why}."
                )
            if any(isinstance(value, str) for value in comparison.values):
                self._refuse(node, f"compare {name} with a number, without quotation marks.")
            return
        self._check_numbers(node, comparison, question)
        labels = self._labels(comparison)
        for code in comparison.codes if labels else ():
            if code not in labels:
                said = suggest_code(code, labels, "code")
                raise InsightsError(f'where: {name} has no "{code}". {said}')

    def _check_numbers(
        self, node: ast.AST, comparison: _Comparison, question: Question | None
    ) -> None:
        """Refuse a number that is the code of one answer and the score of another."""
        if question is None or not question.is_scale:
            return
        scores = {o.code: o.score for o in question.substantive}
        for value in comparison.values:
            code = f"{value:g}" if not isinstance(value, str) else ""
            if code in scores and scores[code] != value and value in scores.values():
                said = question.option_label(code)
                other = next(o.label for o in question.substantive if o.score == value)
                self._refuse(
                    node,
                    f"{code} is the code of “{said}” and the score of “{other}”. Write the code "
                    f"in quotation marks, '{code}', or compare scores with <= and >=.",
                )

    def _question(self, comparison: _Comparison) -> Question | None:
        return self.codebook.owners.get(comparison.column)

    def _labels(self, comparison: _Comparison) -> dict[str, str]:
        """Codes that may be compared, with their labels; empty where any text may be."""
        codebook, question = self.codebook, self._question(comparison)
        if not comparison.column:
            return {p.id: p.label for p in codebook.populations.values()}
        if question is not None:
            named = {o.code: o.label for o in question.options}
            return {**named, **dict.fromkeys(WORDS, "")} if question.tabulates else {}
        if comparison.column == comparison.name:
            return {}
        return {**codebook.known_bands(comparison.name), NOT_STATED: "Not stated"}

    # In words

    @property
    def described(self) -> str:
        """The condition in labels, such as ``Age: Under 40; Reach: not Local``."""
        return self._described(self.tree)

    def _described(self, node: ast.AST, within: str = "; ") -> str:
        """Write a condition; brackets where `within`, which joins it to others, needs them."""
        if isinstance(node, ast.BoolOp):
            joined = EITHER if isinstance(node.op, ast.Or) else within.replace(EITHER, BOTH)
            told = joined.join(self._described(part, joined) for part in node.values)
            return f"({told})" if {joined, within} == {EITHER, BOTH} else told
        if isinstance(node, ast.UnaryOp):
            told = self._described(node.operand, BOTH)
            return f"not {told}" if told.startswith("(") else f"not ({told})"
        if isinstance(node, ast.Compare):
            return BOTH.join(map(self._said, self._comparisons(node)))
        return self._said(self._box(node))

    def _said(self, comparison: _Comparison) -> str:
        labels, question = self._labels(comparison), self._question(comparison)
        codes = [labels.get(code) or code for code in comparison.codes]
        told = f": {'not ' * comparison.opposite}{' or '.join(codes)}"
        if sign := comparison.order:
            told = f" {SIGNS.get(sign, sign)} {codes[0]}"
        name = comparison.name
        if name in self.codebook.dimensions:
            name = self.codebook.dimensions[name].label
        elif name == RESPONDENT_TYPE:
            name = "Respondent type"
        elif question is not None:
            place = next(c for c in question.cells if c.column == comparison.column)
            item = question.item_label(place.item) if len(question.items) > 1 else ""
            time = self.codebook.times.get(place.time, place.time)
            name = " · ".join(filter(None, (item or question.label, time)))
        return f"{name}{told}"

    # Meaning

    def truth(self, population: str, cells: Mapping[str, nw.Expr]) -> Decided:
        """Whom of a population it holds for; `cells` are expressions of the columns it reads."""
        return self._truth(self.tree, population, cells)

    def _truth(self, node: ast.AST, population: str, cells: Mapping[str, nw.Expr]) -> Decided:
        if isinstance(node, ast.BoolOp):
            parts = [self._truth(part, population, cells) for part in node.values]
            return reduce(and_ if isinstance(node.op, ast.And) else or_, parts)
        if isinstance(node, ast.UnaryOp):
            return ~self._truth(node.operand, population, cells)
        many = self._comparisons(node) if isinstance(node, ast.Compare) else [self._box(node)]
        return reduce(and_, (self._compared(one, population, cells) for one in many))

    def _compared(
        self, comparison: _Comparison, population: str, cells: Mapping[str, nw.Expr]
    ) -> Decided:
        if not comparison.column:
            chosen = population in comparison.codes
            truth = Decided(nw.lit(chosen), nw.lit(not chosen))
            return ~truth if comparison.opposite else truth
        cell, question = cells[comparison.column], self._question(comparison)
        codes = comparison.codes
        if question is not None and question.kind is Kind.NUMBER:
            number = answered_number(question, cell)
            known = ~number.is_null()
            order = ORDER.get(comparison.order, eq)
            tests = (order(number, float(value)) for value in comparison.values)
            holds = reduce(or_, tests).fill_null(False)
        else:
            missing = ("", NOT_STATED) if question is None else ("", *missing_codes(question))
            if comparison.order and question is not None:
                order, bound = ORDER[comparison.order], float(comparison.values[0])
                codes = tuple(o.code for o in question.substantive if order(o.score or 0.0, bound))
            known = ~cell.is_in([code for code in missing if code not in codes])
            holds = cell.is_in(list(codes))
        truth = Decided(holds & known, ~holds & known)
        return ~truth if comparison.opposite else truth


@dataclass(frozen=True)
class _Comparison:
    """A name compared with codes, or by order with a number.

    Attributes
    ----------
    column : that is compared; empty for respondent types
    order : one of ``<``, ``<=``, ``>``, ``>=``; empty where codes are compared
    opposite : whether it holds for all other answers
    """

    name: str
    column: str
    order: str
    values: tuple[str | float, ...]
    opposite: bool

    @property
    def codes(self) -> tuple[str, ...]:
        """Values as codes."""
        return tuple(v if isinstance(v, str) else f"{v:g}" for v in self.values)
