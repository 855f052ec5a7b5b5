"""Routing: who was asked a question, as a condition on earlier answers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from helpers.codebook.cells import ORDER, WORDS, number

_COMPARISON = re.compile(
    r"^\s*(?P<column>[A-Za-z_][\w.]*)\s*(?:(?P<op>!=|>=|<=|=|>|<)\s*(?P<code>[^\s]+)"
    r"|(?P<words>not\s+in|in)\s+(?P<codes>[^\s].*?))\s*$"
)


@dataclass(frozen=True)
class Comparison:
    """One comparison of a response column with codes (``=``, ``!=``) or a number (``>``…)."""

    column: str
    operator: str
    codes: tuple[str, ...]

    @property
    def bound(self) -> float | None:
        """Number to compare with; None where codes are compared."""
        return number(self.codes[0]) if self.operator in ORDER else None

    @property
    def listed(self) -> tuple[str, ...]:
        """Cells that satisfy ``=``, or that do not satisfy ``!=``.

        ``!=`` compares answers: it is false for anyone who was not asked or did not answer.
        """
        return (*self.codes, "", *WORDS) if self.operator == "!=" else self.codes

    def holds(self, cell: str) -> bool:
        """Return whether a cell satisfies the comparison."""
        if self.bound is not None:
            return bool(ORDER[self.operator](number(cell), self.bound))
        return (cell in self.listed) == (self.operator == "=")


@dataclass(frozen=True)
class Routing:
    """A condition in disjunctive form: any of ``alternatives``, each all of its comparisons."""

    text: str
    alternatives: tuple[tuple[Comparison, ...], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Response columns that the condition reads, in order of appearance."""
        return tuple(dict.fromkeys(c.column for part in self.alternatives for c in part))

    def meaning(self, words: Mapping[str, Mapping[str, str]]) -> Routing:
        """Return the condition on codes whose meaning some columns spell out, as -9 for no answer.

        Parameters
        ----------
        words
            Of every such column, its codes and the words that stand for them.
        """

        def spelled(comparison: Comparison) -> Comparison:
            known = words.get(comparison.column, {})
            return replace(comparison, codes=tuple(known.get(c, c) for c in comparison.codes))

        return replace(
            self, alternatives=tuple(tuple(map(spelled, part)) for part in self.alternatives)
        )

    def comparisons(self) -> tuple[Comparison, ...]:
        """Every comparison of the condition."""
        return tuple(c for part in self.alternatives for c in part)

    def asked(self, cells: Mapping[str, Sequence[str]], length: int) -> list[bool]:
        """Say per respondent whether the question was asked.

        Parameters
        ----------
        cells
            Response columns by name, each a sequence of `length` codes.
        """
        result = [False] * length
        for part in self.alternatives:
            holds = [True] * length
            for comparison in part:
                # A code repeats for many respondents: judge each code once.
                verdicts: dict[str, bool] = {}
                for i, cell in enumerate(cells[comparison.column]):
                    if cell not in verdicts:
                        verdicts[cell] = comparison.holds(cell)
                    holds[i] = holds[i] and verdicts[cell]
            result = [a or b for a, b in zip(result, holds, strict=True)]
        return result


def parse_routing(text: str) -> Routing:
    """Read a routing condition.

    ``COLUMN = code``, ``!=``, ``in a b c``, ``not in a b``, ``>= 3``; joined by ``and`` and
    ``or``, of which ``and`` binds tighter.

    Raises
    ------
    ValueError
        If the text is not of this form; the message says which part.
    """
    alternatives = []
    for part in re.split(r"\s+or\s+", text.strip()):
        alternatives.append(tuple(_comparison(c) for c in re.split(r"\s+and\s+", part)))
    return Routing(text.strip(), tuple(alternatives))


def _comparison(text: str) -> Comparison:
    match = _COMPARISON.match(text)
    if not match:
        raise ValueError(f'cannot read "{text.strip()}"')
    column = match["column"]
    if match["words"]:
        operator = "=" if match["words"] == "in" else "!="
        return Comparison(column, operator, tuple(match["codes"].replace(",", " ").split()))
    code = match["code"].strip("\"'")
    if match["op"] in ORDER and math.isnan(number(code)):
        raise ValueError(f'"{match["op"]}" needs a number, not "{code}"')
    return Comparison(column, match["op"], (code,))
