"""Filters: which respondents a result speaks of, as a condition on their characteristics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from helpers.codebook.cells import NOT_ANSWERED, NOT_ASKED
from helpers.codebook.model import (
    NOT_STATED,
    RESPONDENT_TYPE,
    Codebook,
    Missing,
    code_of,
    several_items,
    suggest,
    suggest_code,
)
from helpers.errors import InsightsError
from helpers.responses.recoding import PERSON, WEIGHT, band_column
from helpers.responses.subsets import SUBSET, condition_in_words
from helpers.responses.survey import Survey

EVERY = "*"  # stands for all codes of a key: of waves, all of them together
Where: TypeAlias = "Mapping[str, str | Iterable[str]] | Selection | None"


@dataclass(frozen=True)
class Selection:
    """Respondents who have one of the named codes on every named key.

    A key is a dimension, `respondent_type`, or a response column. An empty tuple of codes
    selects nobody, ``*`` everybody.
    """

    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, where: Where) -> Selection:
        """Build a selection from a mapping of keys to a code or several."""
        if isinstance(where, Selection):
            return where
        if where is None:
            return cls()
        if not isinstance(where, Mapping):
            raise InsightsError(
                f"where is {where!r}: give keys with a code or several, such as "
                '{"region": "north"} or {"region": ["north", "south"]}. For a condition in words, '
                "limit the survey first: survey.where(\"region == 'north'\")."
            )
        return cls(tuple((key, _codes(key, codes)) for key, codes in where.items()))

    def without(self, key: str) -> Selection:
        """Leave out what is selected by one key."""
        return Selection(tuple(pair for pair in self.conditions if pair[0] != key))

    def __and__(self, other: Selection) -> Selection:
        """Select those whom both selections hold."""
        kept = dict(self.conditions)
        for key, codes in other.conditions:
            own = kept.get(key, codes)
            kept[key] = own if EVERY in codes else codes
            if EVERY not in (*codes, *own):
                kept[key] = tuple(code for code in own if code in codes)
        return Selection(tuple(kept.items()))

    def of_codes(self, codebook: Codebook) -> Selection:
        """Return the selection with codes for labels; refuse what the codebook does not know."""
        found = []
        for key, codes in self.conditions:
            known = known_codes(codebook, key)
            meant = tuple(code_of(code, known) for code in codes)
            for code in meant:
                if known and code not in (*known, EVERY):
                    raise InsightsError(
                        f'{key} has no "{code}". {suggest_code(code, known, "code")}'
                    )
            found.append((key, meant))
        return Selection(tuple(found))

    def concerns(self, survey: Survey, population: str) -> bool:
        """Return whether the selection can hold anybody of a population."""
        for key, codes in self.conditions:
            if EVERY in codes:
                continue
            if key == RESPONDENT_TYPE:
                if population not in codes:
                    return False
            elif key in survey.codebook.dimensions:
                if population not in survey.codebook.dimensions[key].source:
                    return False
            elif key not in survey.columns(population):
                return False
        return True

    def columns(self, codebook: Codebook) -> list[tuple[str, tuple[str, ...]]]:
        """Frame columns with the codes that are selected, respondent type left out."""
        return [
            (column_of(codebook, key), tuple(_stored(codebook, key, code) for code in codes))
            for key, codes in self.conditions
            if key != RESPONDENT_TYPE and EVERY not in codes
        ]

    def describe(self, codebook: Codebook) -> str:
        """Say the selection in words, empty for everybody."""
        parts = []
        for key, codes in self.conditions:
            labels = known_codes(codebook, key)
            named = [labels.get(code, code) for code in codes if code != EVERY]
            if EVERY in codes:
                if key != codebook.wave_dimension:
                    continue
                named = ["all together"]
            if key.startswith(SUBSET):
                parts.append(f"Only {condition_in_words(codebook, key.removeprefix(SUBSET))}")
                continue
            label = codebook.dimensions[key].label if key in codebook.dimensions else key
            label = "Respondent type" if key == RESPONDENT_TYPE else label
            parts.append(f"{label}: {' or '.join(named) if named else 'nothing chosen'}")
        return "; ".join(parts)


def several(given: Any) -> tuple[Any, ...]:
    """One value, or each of several."""
    return (given,) if isinstance(given, str) or not isinstance(given, Iterable) else tuple(given)


def keys_of(by: str | Iterable[str] | None) -> tuple[str, ...]:
    """Dimensions and response columns that groups are formed by, each once."""
    keys = () if by is None else several(by)
    if all(isinstance(key, str) for key in keys):
        return tuple(dict.fromkeys(keys))
    raise InsightsError(f"by is {by!r}: name a dimension or response column, or several in a list.")


def _codes(key: str, codes: str | Iterable[str]) -> tuple[str, ...]:
    found = several(codes)
    for code in found:
        if not isinstance(code, str):
            raise InsightsError(
                f"where names {key} {code!r}: codes are text, as in the codebook"
                f"{'' if code is None else f', such as {str(code)!r}'}."
            )
    return found


def column_of(codebook: Codebook, key: str) -> str:
    """Frame column of a dimension, response, organisation, subset, `PERSON` or `WEIGHT`.

    Any other key raises `InsightsError`.
    """
    if key in (WEIGHT, PERSON) or str(key).startswith(SUBSET):
        return key
    if key in codebook.dimensions:
        return band_column(key)
    if key in codebook.owners or any(key == p.organisation for p in codebook.populations.values()):
        return key
    if key in codebook.questions:
        raise InsightsError(several_items(codebook.questions[key]))
    dimensions = {d.id: d.label for d in codebook.dimensions.values()}
    columns = {c: q.label if c == q.id else "" for c, q in codebook.owners.items()}
    labels = {**dimensions, **{c: label for c, label in columns.items() if c not in dimensions}}
    named = code_of(str(key), labels)
    names = [RESPONDENT_TYPE, *dimensions, *columns]
    said = f'Did you mean "{named}" ({labels[named]})? ' if named in labels else ""
    raise InsightsError(
        f'There is no dimension or response column "{key}". '
        f"{said or suggest(key, names, 'name')}".strip()
    )


def known_codes(codebook: Codebook, key: str) -> dict[str, str]:
    """Codes of a dimension or response column with their labels, in codebook order.

    Empty for a column that holds numbers, text or names of organisations.
    """
    if key == RESPONDENT_TYPE:
        return {p.id: p.label for p in codebook.populations.values()}
    if key in codebook.dimensions:
        return {**codebook.dimensions[key].bands, NOT_STATED: "Not stated"}
    column_of(codebook, key)
    question = codebook.owners.get(key)
    if question is None or not question.options or not question.tabulates:
        return {}
    missing = {NOT_ANSWERED: "Not answered", NOT_ASKED: "Not asked"}
    return {**{o.code: o.label for o in question.options}, **missing}


def _stored(codebook: Codebook, key: str, code: str) -> str:
    """Code as frames hold it: codes that mean a missing answer are spelled out there."""
    if key in codebook.dimensions:
        return code
    options = codebook.owners[key].options if key in codebook.owners else ()
    meaning = next((o.missing for o in options if o.code == code), Missing.NO)
    return str(meaning) if meaning in (Missing.NOT_ASKED, Missing.NOT_ANSWERED) else code
