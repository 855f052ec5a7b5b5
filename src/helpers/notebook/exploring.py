"""Any question of a survey, found by its words: filtered, compared, crossed, saved, as code."""

from __future__ import annotations

import html
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from helpers.analysis.comparisons import crosstab
from helpers.analysis.estimates import mean, share
from helpers.analysis.result import Result
from helpers.codebook.model import Kind, Question
from helpers.codebook.searching import matching
from helpers.errors import InsightsError
from helpers.estimation.latest_wave import known_of
from helpers.notebook.controls import Filters, filters
from helpers.notebook.drawing import Code
from helpers.notebook.following import follow
from helpers.notebook.questions import question
from helpers.notebook.without_kernel import Parts
from helpers.responses.selection import Selection
from helpers.responses.survey import Survey
from helpers.words import lowered

NOTHING = "Nothing"
FEW = 4  # filters that are open at first
ENDINGS = ".xlsx, .csv, .png, .svg, .pdf or .html"


class Explorer(Parts):
    """A search, the questions that match it, filters, and what the chosen question shows.

    Attributes
    ----------
    filters : the filters, which their `set` changes from code
    search : words of a question, of its items or of its answers
    choice : the questions that match; its `value` is the id of the one that is shown
    folding : whether the filters are shown; many are not, at first
    cross : answers that it can be crossed with; its `value` is a response column, empty for none
    code : the code that makes what is shown, as text
    """

    def __init__(self, survey: Survey, under: Filters, first: str, named: CallerNames) -> None:
        self.survey, self.filters, self._named = survey, under, named
        asked = survey.codebook.questions.values()
        who = survey.codebook.populations
        several = len(who) > 1
        self._labels = {
            q.id: f"{q.label} ({lowered(who[q.population].label)})" if several else q.label
            for q in asked
        }
        wide = widgets.Layout(width="auto", max_width="46em")
        narrow = {"description_width": "7em"}
        self.search = widgets.Text(
            placeholder="Find a question", description="Find", layout=wide, style=narrow
        )
        self.choice = widgets.Dropdown(description="Question", layout=wide, style=narrow)
        self.cross = widgets.Dropdown(
            description="Cross with", layout=wide, style=narrow, options=[(NOTHING, "")]
        )
        self._shown: dict[tuple[str, str], Any] = {}
        self._place, self._code = widgets.VBox(), Code()
        self._name = widgets.Text(placeholder="name.xlsx", description="Save as", style=narrow)
        self._save = widgets.Button(description="Save")
        self._saved = widgets.HTML()
        saving = widgets.HBox((self._name, self._save, self._saved))
        self.folding = widgets.ToggleButton(
            value=len(under.chips) <= FEW, icon="filter", layout=widgets.Layout(width="max-content")
        )
        self._filters = widgets.VBox((under,))
        chosen = (self.search, self.choice, self.cross, self.folding, self._filters)
        super().__init__((*chosen, self._place, self._code, saving))
        self._fold(None)
        self._find(None)
        if first:
            self.choice.value = first
        self.folding.observe(self._fold, "value")
        self.search.observe(self._find, "value")
        self.choice.observe(self._offer, "value")
        self.cross.observe(self._show, "value")
        under.observe(self._write, "choice")
        self._save.on_click(self._to_file)
        self._offer(None)

    @property
    def code(self) -> str:
        """The code that makes what is shown."""
        return self._code.code

    @property
    def result(self) -> Result:
        """What is shown, as the code makes it.

        Raises
        ------
        InsightsError
            If nothing is shown, or it cannot be made for the filters as they are.
        """
        asked = self._asked
        if asked is None or asked.kind is Kind.TEXT:
            raise InsightsError("There is no result to save: choose a question with answers.")
        where, by = self._selection(asked)
        if self.cross.value:
            return crosstab(self.survey, asked.id, self.cross.value, where=where)
        return (mean if asked.kind is Kind.NUMBER else share)(self.survey, asked.id, by, where)

    @property
    def _asked(self) -> Question | None:
        return self.survey.codebook.questions.get(self.choice.value or "")

    def _fold(self, _: Any) -> None:
        """Show the filters, or what they would push away from the question."""
        shown = self.folding.value
        self._filters.layout.display = "" if shown else "none"
        self.folding.description = "Hide filters" if shown else "Filters and comparison"

    def _find(self, _: Any) -> None:
        found = [q.id for q in matching(self.survey.codebook, self.search.value)]
        kept = self.choice.value if self.choice.value in found else None
        self.choice.options = [(self._labels[name], name) for name in found]
        if found:
            self.choice.value = kept or found[0]

    def _offer(self, _: Any) -> None:
        """Offer what the chosen one can be crossed with: answers of the same people."""
        asked, kept = self._asked, self.cross.value
        others = self._crossable(asked) if asked is not None and asked.tabulates else {}
        self.cross.unobserve(self._show, "value")
        self.cross.options = [(NOTHING, ""), *((label, name) for name, label in others.items())]
        self.cross.value = kept if kept in others else ""
        self.cross.observe(self._show, "value")
        self.cross.disabled = not others
        self._show(None)

    def _crossable(self, asked: Question) -> dict[str, str]:
        """Name the response columns of other questions to the same people, with their labels."""
        times = self.survey.codebook.times
        found = {}
        for other in self.survey.codebook.questions.values():
            if other.population != asked.population or other.id == asked.id or not other.tabulates:
                continue
            for cell in other.cells:
                parts = (other.label, other.item_label(cell.item), times.get(cell.time, cell.time))
                found[cell.column] = ": ".join(part for part in parts if part)
        return found

    def _show(self, _: Any) -> None:
        name, other = self.choice.value, self.cross.value or ""
        if name is None:
            words = widgets.HTML("<p><em>No question contains these words.</em></p>")
            self._place.children = (words,)
        else:
            if (name, other) not in self._shown:
                self._shown[name, other] = (
                    follow(self.filters, crosstab, self.survey, name, other)
                    if other
                    else question(self.survey, name, self.filters)
                )
            self._place.children = (self._shown[name, other],)
        self._write(None)

    def _selection(self, asked: Question) -> tuple[Selection, tuple[str, ...]]:
        """Whom the filters choose, and by what they compare, as far as a question knows it."""
        codebook, by = self.survey.codebook, self.filters.compare
        compared = bool(by) and asked.population in codebook.dimensions[by].source
        groups = (by,) if compared and not self.cross.value else ()
        chosen = self.filters.selection
        for name in groups:
            chosen = chosen.without(name)
        return known_of(codebook, asked.population, chosen), groups

    def _write(self, _: Any) -> None:
        """Write the code that makes what is shown."""
        asked, self._saved.value = self._asked, ""
        if asked is None:
            self._code.code = ""
            return
        where, by = self._selection(asked)
        given = [repr(asked.id)]
        if asked.kind is Kind.TEXT:
            self._code.code = self._named.call("question", given)
            return
        given += [repr(self.cross.value)] if self.cross.value else []
        given += [f"by={name!r}" for name in by]
        chosen = {key: codes[0] if len(codes) == 1 else [*codes] for key, codes in where.conditions}
        given += [f"where={chosen!r}"] if chosen else []
        verb = "crosstab" if self.cross.value else "mean" if asked.kind is Kind.NUMBER else "share"
        self._code.code = self._named.call(verb, given)

    def _to_file(self, _: Any) -> None:
        """Save what is shown under the name that was given."""
        name = self._name.value.strip()
        if not name:
            said = f"Give a name that ends in {ENDINGS}."
        else:
            try:
                said = f"Saved: {self.result.save(name)}"
            except (InsightsError, OSError) as problem:
                said = str(problem)
        self._saved.value = f"<span role='status'>{html.escape(said)}</span>"


@dataclass(frozen=True)
class CallerNames:
    """What code in a notebook calls a survey, so that a copy runs as it is.

    Attributes
    ----------
    survey, package : names of the variables; `before` are lines that make those that there are not
    """

    survey: str
    package: str
    before: str = ""

    @classmethod
    def among(cls, survey: Survey, variables: Mapping[str, Any]) -> CallerNames:
        """Look for a survey, and for this package, among the variables of a notebook."""

        def names(of: Any) -> list[str]:
            return [n for n, thing in variables.items() if thing is of and not n.startswith("_")]

        package = next(iter(names(sys.modules["helpers"])), "")
        own = names(survey)
        name = "survey" if "survey" in own or not own else own[0]
        before = "" if package else "import helpers as h\n"
        package = package or "h"
        before += "" if own else f"survey = {_made(survey, package)}\n"
        return cls(name, package, before)

    def call(self, verb: str, given: Sequence[str]) -> str:
        """Call a function of the package with the survey."""
        return f"{self.before}{self.package}.{verb}({', '.join([self.survey, *given])})"


def _made(survey: Survey, package: str) -> str:
    """Write how a survey is loaded and changed: weights and designs aside."""
    folder = survey.folder
    here = Path.cwd()
    place = folder.relative_to(here) if folder.is_relative_to(here) else folder
    made = f"{package}.load_survey({str(place)!r})"
    for one in survey.codebook.declared:
        if not one.by_file:
            made += f".as_missing({one.entry!r}, kind={one.kind.value!r})"
    if survey.derived:
        recipes = (f"{name}={package}.{recipe!r}" for name, recipe in survey.derived.items())
        made += f".derive({', '.join(recipes)})"
    return f"{made}.where({survey.subset!r})" if survey.subset else made


def explore(survey: Survey, under: Filters | None = None, first: str = "") -> Explorer:
    """Look at any question of a survey: find it by its words, filter, compare, cross, save.

    Below the result is the code that makes it, to be copied into a cell. It names the survey as you
    do.

    Parameters
    ----------
    under
        Filters of the notebook; by default its own.
    first
        Id of the question to show first.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example")
    >>> found = h.explore(survey)
    >>> found.search.value = "views"
    >>> found.choice.value
    'views'
    >>> found.filters.set({"branch": "centre"})
    >>> found.code
    "h.share(survey, 'views', where={'branch': 'centre'})"
    """
    if first:
        survey.question(first)  # an unknown one is said with those that exist
    caller = sys._getframe(1)
    named = CallerNames.among(survey, {**caller.f_globals, **caller.f_locals})
    return Explorer(survey, under or filters(survey), first, named)
