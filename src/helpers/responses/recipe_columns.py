"""Columns that recipes of derived variables read, looked up by the names that recipes have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from helpers.codebook.model import (
    NOT_STATED,
    Codebook,
    Kind,
    Missing,
    Option,
    Question,
    Sort,
    suggest,
)
from helpers.errors import InsightsError
from helpers.responses.answers import missing_codes
from helpers.responses.recoding import Held, band_column
from helpers.responses.subsets import columns_of_file
from helpers.words import Catalogue, words_in


@dataclass(frozen=True)
class ReadColumn:
    """A column that a recipe reads: of a question, a dimension, or another column of the file.

    Attributes
    ----------
    columns : per population that has it, its name in the tables of codes
    label : in words, with the item
    item : of a column of a question with items
    question : that it is a column of, if it is
    options : known answers, *don't know* included; empty where any text may be
    ordered : whether the answers are in order
    """

    columns: Mapping[str, str]
    label: str
    item: str = ""
    question: Question | None = None
    options: tuple[Option, ...] = ()
    ordered: bool = False

    @property
    def substantive(self) -> tuple[Option, ...]:
        """Answers on the substance."""
        return tuple(o for o in self.options if o.missing is Missing.NO)

    @property
    def missing(self) -> list[str]:
        """Codes that are not an answer."""
        return ["", NOT_STATED] if self.question is None else ["", *missing_codes(self.question)]


@dataclass(frozen=True)
class Sources:
    """What a recipe can name: a codebook, and responses per population."""

    codebook: Codebook
    held: Mapping[str, Held]

    @property
    def say(self) -> Catalogue:
        """Words in the language of the survey."""
        return words_in(self.codebook.language)

    def source(self, name: str, numbers: bool = False) -> ReadColumn:
        """Look up one column; of a question and a dimension of one name the question is meant.

        Unless its answers are numbers, and none are wanted.
        """
        owner = self.codebook.owners.get(name)
        dimension = self.codebook.dimensions.get(name)
        if owner is not None and (numbers or dimension is None or owner.kind is not Kind.NUMBER):
            cell = next(c for c in owner.cells if c.column == name)
            time = self.codebook.times.get(cell.time, cell.time)
            item = ", ".join(filter(None, (owner.item_label(cell.item), time)))
            label = ": ".join(filter(None, (owner.label, item)))
            none = {c for one in self.codebook.declared for c in one.codes.get(owner.id, ())}
            options = tuple(
                o for o in owner.options if o.missing is not Missing.NOT_ASKED or o.code in none
            )
            if owner.population in self.held and name in self.held[owner.population].columns:
                of = {owner.population: name}
                ordered = owner.is_scale or owner.sort is Sort.LISTED
                return ReadColumn(of, label, item, owner, options, ordered)
            raise InsightsError(f"the responses have no column {name}.")
        if dimension is not None:
            there = {p: band_column(name) for p in dimension.source if p in self.held}
            left = dimension.bands
            bands = tuple(
                Option(b, said, missing=Missing.NO if b in left else Missing.NOT_ANSWERED)
                for b, said in self.codebook.known_bands(name).items()
            )
            return ReadColumn(there, dimension.label, "", None, bands, dimension.ordered)
        there = {p: name for p, one in self.held.items() if name in columns_of_file(one.columns)}
        if there:
            return ReadColumn(there, name)
        if name in self.codebook.questions:
            columns = ", ".join(c.column for c in self.codebook.questions[name].cells[:4])
            raise InsightsError(f"{name} has several columns; name one of them: {columns}, …")
        raise InsightsError(f'there is no "{name}". {suggest(name, self.known, "name")}')

    def several(self, names: Sequence[str]) -> list[ReadColumn]:
        """Look up columns, of one population; a question with items is all of its columns."""
        columns: list[str] = []
        for name in names:
            asked = self.codebook.questions.get(name)
            columns += [c.column for c in asked.cells] if asked is not None else [name]
        found = [self.source(name) for name in dict.fromkeys(columns)]
        if not self.among(found):
            raise InsightsError("its sources are of different populations.")
        return found

    def among(self, sources: Iterable[ReadColumn]) -> list[str]:
        """Name the populations that have all of these."""
        listed = [one.columns for one in sources]
        return [p for p in self.held if listed and all(p in columns for columns in listed)]

    @property
    def known(self) -> list[str]:
        """Names of questions, dimensions and columns."""
        there = (columns_of_file(one.columns) for one in self.held.values())
        codebook = self.codebook
        known = [*codebook.questions, *codebook.dimensions, *codebook.owners]
        return list(dict.fromkeys([*known, *(c for columns in there for c in columns)]))
