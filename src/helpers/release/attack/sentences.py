"""Numbers in sentences: which of them neither labels nor a view's own figures account for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from helpers.codebook.model import Codebook, Question
from helpers.release.attack.written_numbers import NUMBER, counts_and_percentages, percent

FIXED = {"95", "100"}  # level of the intervals, and the whole
_LISTED = re.compile(r"(\d+) of the (\d+) (items|answers)")


class SentenceReader:
    """Reads texts about one question (or, without one, about a page).

    Parameters
    ----------
    questions
        Their labels, and those of the codebook, are not figures.
    also
        What else is none.
    """

    def __init__(
        self, codebook: Codebook, questions: Iterable[Question], also: Iterable[str] = ()
    ) -> None:
        self.questions = tuple(questions)
        labels = {*also, codebook.title, codebook.wave, *codebook.times.values()}
        for question in self.questions:
            labels |= {question.label}
            labels |= {o.label for o in (*question.options, *question.in_base)}
            labels |= {i.label for i in question.items}
            if question.is_numeric_scale:  # its ends may be in words
                labels |= {f"{o.score:g}" for o in question.in_base}
        for dimension in codebook.dimensions.values():
            labels |= {dimension.label, *dimension.bands.values()}
        for population in codebook.populations.values():
            labels |= {population.label, population.label_one}
        spoken = sorted((one for one in labels if NUMBER.search(one)), key=len, reverse=True)
        listed = "|".join(map(re.escape, spoken)) or r"(?!)"
        self._labels = re.compile(rf"(?<![\w.,–])(?:{listed})(?![\w%–]|[.,]\d)", re.IGNORECASE)

    def unexplained(
        self, text: str, counts: Iterable[int], percentages: Iterable[str] = ()
    ) -> list[str]:
        """Numbers of a text that are neither in labels nor among those given, in order."""
        bases = set(counts)
        text = _LISTED.sub(self._listed, self._labels.sub(" ", text))
        said, shares = counts_and_percentages(text)
        moved = {percent(1 / n, 1).rstrip("%") for n in bases if n}  # one person moves a share
        known = {str(n) for n in bases} | FIXED | moved
        strange = {*(said - known), *(f"{p}%" for p in shares - set(percentages) - FIXED)}
        return sorted(strange)

    def _listed(self, found: re.Match[str]) -> str:
        """Leave out how many items or answers the source does not print, if that is true."""
        for question in self.questions:
            known = question.items if found[3] == "items" else question.substantive
            if (int(found[1]), int(found[2])) == (sum(not k.printed for k in known), len(known)):
                return " "
        return found[0]


def texts(value: Any) -> Iterator[str]:
    """Every text and number anywhere inside a JSON value, in no order."""
    rest = [value]
    while rest:
        one = rest.pop()
        kind = type(one)
        if kind is str:
            yield one
        elif kind is dict:
            rest += (*one, *one.values())
        elif kind is list:
            rest += one
        elif one is not None and kind is not bool:
            yield str(one)
