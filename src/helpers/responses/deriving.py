"""Derived variables: recipes become columns, a question and a dimension, on every engine."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import narwhals as nw

from helpers.codebook.checks import HEADINGS, RESULT_COLUMNS
from helpers.codebook.model import (
    NOT_STATED,
    RESPONDENT_TYPE,
    Codebook,
    Dimension,
    DimensionSource,
    Kind,
    Missing,
    Question,
    Sort,
    suggest,
)
from helpers.codebook.recipes import Recipe, check_name
from helpers.codebook.textfiles import appearance
from helpers.errors import InsightsError, shortened
from helpers.responses.derivations import Derived, derived
from helpers.responses.recipe_columns import Sources
from helpers.responses.recoding import Held, band_column


def names_any(recipe: object, names: Collection[str]) -> bool:
    """Return whether a recipe has one of these names in it, which could not be made."""
    given = str(recipe.given) if isinstance(recipe, Recipe) else ""
    return any(re.search(rf"\b{re.escape(name)}\b", given) for name in names)


@dataclass(frozen=True)
class Deriving:
    """A codebook and responses, to which variables are added one after the other."""

    codebook: Codebook
    held: Mapping[str, Held]
    recipes: Mapping[str, Recipe] = field(default_factory=dict)

    def add(self, name: str, recipe: Recipe) -> Deriving:
        """Add a variable.

        Raises
        ------
        InsightsError
            For a name that is taken, and a source or code that does not exist.
        """
        self._check_name(name)
        if not isinstance(recipe, Recipe):
            raise InsightsError(
                f"derive: {name} is {_said(recipe)}, which is not a recipe. Use h.recipes, as in "
                f'derive({name}=h.recipes.recode("question", {{"new": ["old", "old"]}})).'
            )
        try:
            made = derived(self._sources, recipe)
        except InsightsError as problem:
            raise InsightsError(f"derive: {name}: {problem}") from problem
        _check_labels(name, made, recipe)
        populations = made.populations or tuple(self._sources.among(made.sources))
        if not populations:
            raise InsightsError(f"derive: {name}: no population has everything that it reads.")
        held = {
            p: self._held(name, made, p, one, len(populations) == 1) if p in populations else one
            for p, one in self.held.items()
        }
        return Deriving(
            self._coded(name, made, populations),
            held,
            {**self.recipes, name: made.kept or recipe},
        )

    @property
    def _sources(self) -> Sources:
        return Sources(self.codebook, self.held)

    def _check_name(self, name: str) -> None:
        check_name(name)
        known = (*self._sources.known, *self.codebook.indices, RESPONDENT_TYPE)
        taken = next((one for one in known if one.lower() == name.lower()), "")
        if taken:
            raise InsightsError(f'derive: the survey already has a "{taken}". Take another name.')
        if name.lower() in RESULT_COLUMNS:
            raise InsightsError(
                f'derive: a variable cannot be called "{name}", because tables of results have a '
                f'column of this name. Take another, such as "my_{name}".'
            )

    # Adding what it makes

    def _held(self, name: str, made: Derived, population: str, held: Held, asked: bool) -> Held:
        names = sorted({s.columns[population] for s in made.sources} | made.more)
        found = {
            f"{name}.{item}" if item else name: expression
            for item, expression in made.columns(population, held.expressions(names)).items()
        }
        if made.kind is Kind.SINGLE:
            cell = found[name]
            there = cell.is_in([o.code for o in made.options if o.missing is Missing.NO])
            found[band_column(name)] = nw.when(there).then(cell).otherwise(nw.lit(NOT_STATED))
            if not asked:  # a column of no question is blank where it says nothing
                found[name] = nw.when(there).then(cell).otherwise(nw.lit(""))
        return held.beside(found, held.read_by(names))

    def _coded(self, name: str, made: Derived, populations: Sequence[str]) -> Codebook:
        codebook = self.codebook
        dimensions, questions = dict(codebook.dimensions), dict(codebook.questions)
        bands = {o.code: o.label for o in made.options if o.missing is Missing.NO}
        follows = self._follows(made, populations)
        if made.kind is Kind.SINGLE:
            of = {p: DimensionSource(name, {code: code for code in bands}) for p in populations}
            dimensions[name] = Dimension(name, made.label, bands, of, made.ordered, follows)
        if len(populations) == 1:
            asked = replace(self._question(name, made, populations[0]), follows=follows)
            questions = _placed(questions, asked)
        return replace(codebook, dimensions=dimensions, questions=questions)

    def _follows(self, made: Derived, populations: Sequence[str]) -> tuple[str, ...]:
        """Name the columns of the file behind the columns it reads."""
        found: list[str] = []
        for population in populations:
            for column in {s.columns[population] for s in made.sources} | made.more:
                of = self._banded.get(column)
                source = of.source.get(population) if of is not None else None
                own = source.column if source is not None else column
                owner = self.codebook.owners.get(own)
                before = of.follows if of is not None else owner.follows if owner else ()
                found += before or [own]
        return tuple(sorted({*found}))

    @property
    def _banded(self) -> dict[str, Dimension]:
        return {band_column(name): one for name, one in self.codebook.dimensions.items()}

    def _question(self, name: str, made: Derived, population: str) -> Question:
        asked = [s.question for s in made.sources if s.question is not None]
        one = {q.asked_if for q in asked}
        waves = [q.waves for q in asked]
        ends = asked[0] if asked else None
        return Question(
            id=name,
            population=population,
            kind=made.kind,
            label=made.label,
            wording=made.says,
            options=made.options,
            items=made.items,
            asked_if=asked[0].asked_if if len(one) == 1 else None,
            trend=ends.trend if ends else "",
            section=ends.section if ends else "",
            source=", ".join(dict.fromkeys(q.source for q in asked if q.source)),
            printed=all(q.printed for q in asked),
            waves=tuple(dict.fromkeys(w for of in waves for w in of)) if all(waves) else (),
            favourable=made.favourable,
            sort=Sort.LISTED if made.ordered else Sort.AUTO,
        )


def _placed(questions: dict[str, Question], new: Question) -> dict[str, Question]:
    """Put a question behind the last one of its section."""
    place = [q.id for q in questions.values() if (q.trend, q.section) == (new.trend, new.section)]
    if not place:
        return {**questions, new.id: new}
    found: dict[str, Question] = {}
    for name, question in questions.items():
        found[name] = question
        if name == place[-1]:
            found[new.id] = new
    return found


def _check_labels(name: str, made: Derived, recipe: Recipe) -> None:
    """Refuse labels of codes that there are not, and two labels that look the same."""
    codes = [*(o.code for o in made.options), *(i.code for i in made.items)]
    for code in recipe.labels:
        if code not in codes:
            raise InsightsError(f"derive: {name}: labels: {suggest(code, codes, 'code')}")
    for part in (made.options, made.items):
        seen: dict[str, str] = {}
        for one in part:
            if appearance(one.label) in seen:
                raise InsightsError(
                    f"derive: {name}: “{one.label}” is the label of two codes, "
                    f"{seen[appearance(one.label)]} and {one.code}. Give labels={{…}}."
                )
            seen[appearance(one.label)] = one.code
    if appearance(made.label) in HEADINGS:
        raise InsightsError(f"derive: {name}: tables have a column “{made.label}”: give label=….")


def _said(given: Any) -> str:
    """Name a value: a table or function by its kind."""
    plain = isinstance(given, str | int | float | list | dict | tuple)
    return shortened(repr(given), 60) if plain else f"a {type(given).__name__}"
