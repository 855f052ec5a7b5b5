"""Terms of a model's formula: characteristics, products of them, and functions of numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from helpers.errors import InsightsError

GROUPS = "C"
FORMS: dict[str, Callable[[Any], Any]] = {"log": np.log, "sqrt": np.sqrt}
ALLOWED = (
    'A formula has names joined by "+", and always a constant; "a * b" or "a:b" for interactions; '
    "of numbers log(x), sqrt(x) and I(x**2); C(x) for the bands of a dimension that is named as a "
    "number question is. For anything else, make a variable with survey.derive, such as bands of "
    "a number."
)
_TOKEN = re.compile(r"\s*(?:(?P<name>[^\W\d][\w.-]*)|(?P<number>\d+)|(?P<sign>\*\*|[-+*:()^,.]))")


@dataclass(frozen=True)
class Factor:
    """A characteristic as a term has it.

    Attributes
    ----------
    key : dimension, response column or number question
    form : empty; `GROUPS`; a function of `FORMS`; or the exponent of a power
    """

    key: str
    form: str = ""

    @property
    def text(self) -> str:
        """As a formula writes it."""
        if self.form.isdigit():
            return f"I({self.key}**{self.form})"
        return f"{self.form}({self.key})" if self.form in FORMS else self.key

    @property
    def changed(self) -> bool:
        """Whether it is a function of a number."""
        return self.form not in ("", GROUPS)

    def of(self, numbers: Any) -> Any:
        """Values of a number as the model has them."""
        if self.form.isdigit():
            return numbers ** int(self.form)
        return FORMS[self.form](numbers) if self.form in FORMS else numbers


Term = tuple[Factor, ...]


@dataclass(frozen=True)
class Slope:
    """A column of a model: a term, and a code of each characteristic that forms groups."""

    term: Term
    codes: tuple[str, ...]

    @property
    def name(self) -> str:
        """The term as a formula writes it."""
        return term_name(self.term)

    @property
    def level(self) -> str:
        """Codes of the groups; empty for numbers."""
        return ":".join(filter(None, self.codes))


def term_name(term: Term) -> str:
    """Name a term as a formula writes it."""
    return ":".join(factor.text for factor in term)


def keys_in(terms: Iterable[Term]) -> list[str]:
    """List the characteristics of some terms, each once."""
    return list(dict.fromkeys(factor.key for term in terms for factor in term))


def terms_of(formula: str | Sequence[str]) -> list[Term]:
    """Read the right-hand side of a formula, or names of characteristics.

    Returns
    -------
    Terms, those of one characteristic first, as R orders them.

    Raises
    ------
    InsightsError
        For what is not a formula.
    """
    if not isinstance(formula, str):
        return [(Factor(key),) for key in dict.fromkeys(formula)]
    found = list(dict.fromkeys(_FormulaReader(formula).terms()))
    return sorted(found, key=len)


def check_alone(terms: Sequence[Term]) -> None:
    """Raise `InsightsError` for an interaction without its characteristics by themselves."""
    alone = {factor.key for term in terms if len(term) == 1 for factor in term}
    for term in terms:
        lacking = [factor.key for factor in term if factor.key not in alone]
        if lacking:
            whole = " * ".join(factor.text for factor in term)
            raise InsightsError(
                f'"{term_name(term)}" needs {" and ".join(lacking)} by themselves in the formula, '
                f'too: write "{whole}".'
            )


class _FormulaReader:
    """Reads ``a * b + log(c)`` from left to right."""

    def __init__(self, formula: str) -> None:
        self.formula, self.at = formula, 0
        self.tokens: list[str] = []
        rest = formula.rstrip()
        place = 0
        while place < len(rest):
            found = _TOKEN.match(rest, place)
            if found is None:
                raise self._refusal(rest[place:].split()[0])
            self.tokens.append(found[0].strip())
            place = found.end()

    def _refusal(self, what: str) -> InsightsError:
        formula = self.formula.strip()
        if not what:
            return InsightsError(f'"{formula}" is not a formula: a name is missing. {ALLOWED}')
        return InsightsError(f'"{what}" cannot be read in "{formula}". {ALLOWED}')

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, *wanted: str) -> bool:
        if self._next() in wanted and self._next():
            self.at += 1
            return True
        return False

    def terms(self) -> list[Term]:
        """Read terms joined by +."""
        found = self._star()
        while self._take("+"):
            found += self._star()
        if self._next():
            raise self._refusal(self._next())
        return found

    def _star(self) -> list[Term]:
        parts = [self._colon()]
        while self._take("*"):
            parts.append(self._colon())
        chosen = (c for size in range(1, len(parts) + 1) for c in combinations(parts, size))
        return [_joined(part) for part in chosen]

    def _colon(self) -> Term:
        parts = [(self._factor(),)]
        while self._take(":"):
            parts.append((self._factor(),))
        return _joined(parts)

    def _factor(self) -> Factor:
        name = self._next()
        if not name or not (name[0].isalpha() or name[0] == "_"):
            raise self._refusal(name)
        self.at += 1
        form = ""
        if self._take("("):
            form, name = name, self._next()
            if form not in (*FORMS, GROUPS, "I", "factor") or not name:
                raise self._refusal(f"{form}(")
            self.at += 1
        exponent = self._exponent()
        if form:
            if not self._take(")"):
                raise self._refusal(self._next())
            if exponent and form != "I":
                raise self._refusal(f"{form}({name}**{exponent})")
            if form == "factor":
                form = GROUPS
        return Factor(name, exponent or ("" if form == "I" else form))

    def _exponent(self) -> str:
        if not self._take("**", "^"):
            return ""
        exponent = self._next()
        if not exponent.isdigit() or not 2 <= int(exponent) <= 9:
            raise self._refusal(f"**{exponent}")
        self.at += 1
        return exponent


def _joined(parts: Iterable[Term]) -> Term:
    """Join factors in the order in which they come, each once."""
    return tuple(dict.fromkeys(factor for part in parts for factor in part))
