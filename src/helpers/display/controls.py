"""Filters for notebooks: respondent type, every dimension, and what to compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
import traitlets

from helpers.errors import InsightsError
from helpers.estimation.selection import EVERY, Selection, Where, known_codes
from helpers.estimation.wave import latest
from helpers.survey.codebook import RESPONDENT_TYPE
from helpers.survey.dataset import Survey


class Chips(widgets.HBox):
    """A row of boxes to tick; `value` is the tuple of codes that are ticked."""

    value = traitlets.Tuple()

    def __init__(
        self,
        label: str,
        options: dict[str, str],
        width: str = "13em",
        usual: tuple[str, ...] | None = None,
    ) -> None:
        self.options = options
        self.usual = tuple(options) if usual is None else usual  # what is on at first
        self._boxes = {
            code: widgets.Checkbox(
                value=True,
                description=text,
                indent=False,
                tooltip=f"{label}: {text}",
                layout=widgets.Layout(width="auto", margin="2px 14px 2px 0"),
            )
            for code, text in options.items()
        }
        boxes = widgets.Box(
            tuple(self._boxes.values()), layout=widgets.Layout(flex_flow="row wrap")
        )
        super().__init__((_name(label, width), boxes))
        self.value = tuple(options) if usual is None else usual
        self._write({"new": self.value})
        for box in self._boxes.values():
            box.observe(self._read, "value")

    def _read(self, _: Any) -> None:
        self.value = tuple(code for code, box in self._boxes.items() if box.value)

    @traitlets.observe("value")
    def _write(self, change: Any) -> None:
        with self.hold_trait_notifications():
            for code, box in self._boxes.items():
                box.value = code in change["new"]

    @property
    def everything(self) -> bool:
        """Whether all options are on, which filters nothing."""
        return set(self.value) == set(self.options)


def _name(text: str, width: str) -> widgets.Label:
    return widgets.Label(text, layout=widgets.Layout(flex="none", width=width))


class Filters(widgets.VBox):
    """The filters of a notebook.

    Attributes
    ----------
    selection : what is selected; `set` changes it from code
    compare : dimension whose groups are set side by side, empty for none
    """

    selection = traitlets.Instance(Selection)
    compare = traitlets.Unicode("")

    def __init__(self, survey: Survey, dimensions: Sequence[str] | None = None) -> None:
        self.survey = survey
        codebook = survey.codebook
        names = tuple(codebook.dimensions)
        if dimensions is not None:  # those that this survey has: notebooks run on any
            names = tuple(name for name in dimensions if name in codebook.dimensions)
        wave = codebook.wave_dimension if codebook.waves else ""
        if wave:  # which one is shown must be seen, and can be chosen
            names = tuple(dict.fromkeys((wave, *names)))
        self._wave = wave
        longest = max(len(codebook.dimension(name).label) for name in names) if names else 0
        width = f"{min(24, max(13, round(0.62 * longest)))}em"
        self.chips: dict[str, Chips] = {}
        if len(codebook.populations) > 1:
            self.chips[RESPONDENT_TYPE] = Chips(
                "Respondent type", known_codes(codebook, RESPONDENT_TYPE), width
            )
        for name in names:
            dimension = codebook.dimension(name)
            usual = (latest(survey),) if name == wave else None
            self.chips[name] = Chips(dimension.label, dict(dimension.bands), width, usual)
        self._chosen_comparison = widgets.Dropdown(
            options=[("No comparison", ""), *((codebook.dimensions[d].label, d) for d in names)],
        )
        self._reset = widgets.Button(description="Show everybody", icon="undo")
        self._setting = False
        compare = widgets.HBox((_name("Compare by", width), self._chosen_comparison))
        super().__init__((*self.chips.values(), compare, self._reset))
        self._read(None)
        for chips in self.chips.values():
            chips.observe(self._read, "value")
        traitlets.link((self._chosen_comparison, "value"), (self, "compare"))
        self._reset.on_click(lambda _: self.set())

    def set(self, where: Where = None, compare: str = "") -> None:
        """Set the filters from code; without arguments everybody, of the latest wave, is selected.

        Where a survey has several waves, ``{"wave": "*"}`` selects all of them together.
        """
        wanted = Selection.of(where)
        wanted.check(self.survey.codebook)
        named = dict(wanted.conditions)
        unknown = [key for key in named if key not in self.chips]
        if unknown:
            raise InsightsError(
                f"There is no filter for {', '.join(unknown)}. There are: {', '.join(self.chips)}."
            )
        self._setting = True
        try:
            for key, chips in self.chips.items():
                codes = named.get(key, chips.usual)
                chips.value = tuple(chips.options) if EVERY in codes else codes
        finally:
            self._setting = False
        self.compare = compare if compare in ("", *self.chips) else ""
        self._read(None)

    def _read(self, _: Any) -> None:
        if not self._setting:
            self.selection = Selection(
                tuple(
                    (key, (EVERY,) if chips.everything else chips.value)
                    for key, chips in self.chips.items()
                    if not chips.everything or key == self._wave
                )
            )


def filters(survey: Survey, dimensions: Sequence[str] | None = None) -> Filters:
    """Make filters for a survey: `filters(survey).selection` is what is selected.

    Parameters
    ----------
    dimensions
        Dimensions to offer, where the survey has them; by default all of the codebook.
    """
    return Filters(survey, dimensions)
