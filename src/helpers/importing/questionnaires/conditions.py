"""Who is asked a question, as tools write it: read, and written in the words of a codebook.

XLSForm (``${q} = 'yes'``, ``selected(${q}, 'a')``), REDCap (``[q(1)] = '1'``) and LimeSurvey
(``q.NAOK == "Y"``) differ in how they name a question; the rest is the same. What is beyond
comparisons joined by *and*, *or* and *not* is not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

MOST = 24  # comparisons of a condition

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))"
    r"|(?P<odk>\$\{[^{}]+\})|(?P<redcap>(?:\[[^\[\]]+\])+)"
    r"|(?P<sign><>|!=|==|>=|<=|=|>|<|&&|\|\||!|\(|\)|,)|(?P<word>[A-Za-z_][\w.\-]*))"
)
_SIGNS = {
    "==": "=",
    "eq": "=",
    "<>": "!=",
    "ne": "!=",
    "gt": ">",
    "lt": "<",
    "ge": ">=",
    "le": "<=",
}
_COMPARED = frozenset(("=", "!=", ">", "<", ">=", "<="))
_CONTRARY = {"=": "!=", "!=": "=", ">": "<=", "<=": ">", "<": ">=", ">=": "<"}
_TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
_EMPTY = "''"


class Unread(ValueError):
    """A condition is more than is read."""


@dataclass(frozen=True)
class Compared:
    """One comparison: of a question, or of one of its boxes, with a code.

    A comparison with nothing (`code` is empty) asks whether there is an answer.
    """

    name: str
    sign: str
    code: str
    box: str = ""


@dataclass(frozen=True)
class Condition:
    """A condition: any of some alternatives, each all of its comparisons."""

    alternatives: tuple[tuple[Compared, ...], ...]

    def both(self, other: Condition | None) -> Condition:
        """Return what is true where both conditions are.

        Raises
        ------
        Unread
            If it has too many parts.
        """
        if other is None:
            return self
        pairs = product(self.alternatives, other.alternatives)
        return _limited(tuple(tuple(dict.fromkeys((*a, *b))) for a, b in pairs))

    def either(self, other: Condition) -> Condition:
        """Return what is true where any of two conditions is."""
        return _limited((*self.alternatives, *other.alternatives))

    def contrary(self) -> Condition:
        """Return what is true where this is not."""
        turned = [[replace(c, sign=_CONTRARY[c.sign]) for c in part] for part in self.alternatives]
        return _limited(tuple(tuple(dict.fromkeys(chosen)) for chosen in product(*turned)))

    def named(self, name: Callable[[str], str]) -> Condition:
        """Return the condition with other names of questions."""
        parts = [[replace(c, name=name(c.name)) for c in part] for part in self.alternatives]
        return Condition(tuple(map(tuple, parts)))


def _limited(alternatives: tuple[tuple[Compared, ...], ...]) -> Condition:
    if sum(map(len, alternatives)) > MOST:
        raise Unread("it has too many parts")
    return Condition(alternatives)


def all_of(*conditions: Condition | None) -> Condition | None:
    """Return what is true where all conditions are; None where there is none."""
    found: Condition | None = None
    for condition in conditions:
        found = condition if found is None else found.both(condition)
    return found


def read_condition(text: str) -> Condition | None:
    """Read a condition; None where it is always true.

    Raises
    ------
    Unread
        If it is more than comparisons joined by and, or and not.
    """
    tokens = [*_tokens(text)]
    if tokens in (["1"], ["true", "(", ")"], []):
        return None
    reader = _ConditionReader(tokens)
    found = reader.any_of()
    if reader.at != len(tokens):
        raise Unread("its end cannot be read")
    return found


def as_read(text: str) -> tuple[Condition | None, str]:
    """Return what a condition says, or else its text."""
    try:
        return read_condition(text), ""
    except Unread:
        return None, text


def _tokens(text: str) -> Iterator[str]:
    at, text = 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Unread(f"{text[at : at + 20]} cannot be read")
        at = match.end()
        yield match[0].strip()


class _ConditionReader:
    """Reads tokens from left to right; `and` binds tighter than `or`."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at = tokens, 0

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, wanted: str = "") -> str:
        token = self._next()
        if not token or (wanted and token != wanted):
            raise Unread(f"{wanted or 'a part'} is missing")
        self.at += 1
        return token

    def any_of(self) -> Condition:
        found = self.all_of()
        while self._next().lower() in ("or", "||"):
            self._take()
            found = found.either(self.all_of())
        return found

    def all_of(self) -> Condition:
        found = self._one()
        while self._next().lower() in ("and", "&&"):
            self._take()
            found = found.both(self._one())
        return found

    def _one(self) -> Condition:
        token = self._next()
        if token == "!" or (token.lower() == "not"):
            self._take()
            return self._one().contrary()
        if token == "(":
            self._take()
            found = self.any_of()
            self._take(")")
            if self._next() in _COMPARED or self._next() in _SIGNS:
                raise Unread("a comparison of conditions")
            return found
        if token in ("selected", "is_empty", "count-selected"):
            return self._call()
        return self._comparison()

    def _call(self) -> Condition:
        function = self._take()
        self._take("(")
        name, box = _named(self._take())
        if function == "selected":
            self._take(",")
            code = _literal(self._take())
            self._take(")")
            return _one(Compared(name, "=", "1", code))
        self._take(")")
        if function == "is_empty":
            return _one(Compared(name, "=", "", box))
        sign, number = self._take(), _literal(self._take())
        if (sign, number) in ((">", "0"), (">=", "1")):
            return _one(Compared(name, "!=", "", ""))
        raise Unread("a number of answers")

    def _comparison(self) -> Condition:
        left = self._take()
        sign = self._take()
        sign = _SIGNS.get(sign.lower(), sign)
        if sign not in _COMPARED:
            raise Unread(f"{sign} is not a comparison")
        right = self._take()
        if _is_literal(left):
            left, right, sign = right, left, _TURNED.get(sign, sign)
        name, box = _named(left)
        return _one(Compared(name, sign, _literal(right), box))


def _one(comparison: Compared) -> Condition:
    return Condition(((comparison,),))


def _is_literal(token: str) -> bool:
    return token[:1] in "'\"" or bool(re.fullmatch(r"-?\d+(\.\d+)?", token))


def _literal(token: str) -> str:
    if not _is_literal(token):
        raise Unread(f"a comparison with {token}")
    return token.strip("'\"") if token[:1] in "'\"" else token


def _named(token: str) -> tuple[str, str]:
    """Name of a question, and of one of its boxes."""
    if token.startswith("${"):
        return token[2:-1].strip(), ""
    if token.startswith("["):
        if token.count("[") > 1:
            raise Unread("an answer at another event")
        name, _, box = token[1:-1].rstrip(")").partition("(")
        return name.strip(), box.strip()
    if _is_literal(token) or not re.match(r"[A-Za-z_]", token):
        raise Unread(f"{token} is not a question")
    return re.sub(r"\.(NAOK|value|code|valueNAOK)$", "", token), ""
