"""Filters for notebooks: respondent type, every dimension, and what to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets as widgets
import traitlets

from helpers.codebook.model import RESPONDENT_TYPE, suggest
from helpers.errors import InsightsError
from helpers.estimation.latest_wave import latest
from helpers.notebook.without_kernel import Still, StillForm, still_sentence
from helpers.responses.selection import EVERY, Selection, Where, known_codes
from helpers.responses.survey import Survey


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
        self.label, self.options = label, options
        self.usual = tuple(options) if usual is None else usual  # what is on at first
        self._writing = False
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
        beside = widgets.Layout(flex_flow="row wrap", flex="1 1 16em")  # below on a phone
        boxes = widgets.Box(tuple(self._boxes.values()), layout=beside)
        wrapped = widgets.Layout(flex_flow="row wrap")
        super().__init__((_name(label, width), boxes), layout=wrapped)
        self.value = self.usual
        for box in self._boxes.values():
            box.observe(self._read, "value")

    def _read(self, _: Any) -> None:
        if not self._writing:
            self.value = tuple(code for code, box in self._boxes.items() if box.value)

    @traitlets.observe("value")
    def _write(self, change: Any) -> None:
        self._writing = True
        try:
            for code, box in self._boxes.items():
                box.value = code in change["new"]
        finally:
            self._writing = False

    @property
    def everything(self) -> bool:
        """Whether all options are on, which filters nothing."""
        return set(self.value) == set(self.options)


def _name(text: str, width: str) -> widgets.Label:
    return widgets.Label(text, layout=widgets.Layout(flex="none", width=width))


class Filters(Still, widgets.VBox, widgets.ValueWidget):
    """The filters of a notebook; `interact` and `interactive_output` take them as a control.

    Attributes
    ----------
    value : the selection; it changes once per change of the filters, and you can assign a mapping
        to it, as in `set`. `selection` is the same
    compare : dimension whose groups are set side by side, empty for none
    comparison : the control of `compare`, for `interactive_output`
    choice : value and compare together, which changes once whichever of them does
    """

    value = traitlets.Any(Selection())
    selection = traitlets.Any(Selection())
    compare = traitlets.Any("")
    choice = traitlets.Tuple((Selection(), ""))

    def __init__(
        self, survey: Survey, dimensions: Sequence[str] | None = None, compare: str = ""
    ) -> None:
        self.survey = survey
        codebook = survey.codebook
        names = tuple(codebook.dimensions)
        if dimensions is not None:  # those that this survey has: notebooks run on any
            names = tuple(name for name in dimensions if name in codebook.dimensions)
        self._wave = codebook.wave_dimension if codebook.waves else ""
        if self._wave:  # which one is shown must be seen, and can be chosen
            names = tuple(dict.fromkeys((self._wave, *names)))
        longest = max(len(codebook.dimension(name).label) for name in names) if names else 0
        width = f"{min(24, max(13, round(0.62 * longest)))}em"
        self.chips: dict[str, Chips] = {}
        if len(codebook.populations) > 1:
            self.chips[RESPONDENT_TYPE] = Chips(
                "Respondent type", known_codes(codebook, RESPONDENT_TYPE), width
            )
        for name in names:
            dimension = codebook.dimension(name)
            usual = (latest(survey),) if name == self._wave else None
            self.chips[name] = Chips(dimension.label, dict(dimension.bands), width, usual)
        self.comparisons = {"": "No comparison"} | {n: codebook.dimensions[n].label for n in names}
        # Its own description, of no width, is what a screen reader says; people see the one beside.
        self.comparison = widgets.Dropdown(
            options=[(label, name) for name, label in self.comparisons.items()],
            description="Compare by",
            style={"description_width": "0"},
            layout={"margin": "2px 2px 2px -6px"},  # of the description
        )
        self._reset = widgets.Button(description="Show everybody", icon="undo")
        self._setting = False
        wrapped = widgets.Layout(flex_flow="row wrap")
        row = widgets.HBox((_name("Compare by", width), self.comparison), layout=wrapped)
        super().__init__((*self.chips.values(), row, self._reset))
        self._read(None)
        for control in (*self.chips.values(), self.comparison):
            control.observe(self._read, "value")
        self.observe(self._assigned, ["value", "selection", "compare"])
        self._reset.on_click(lambda _: self.set())
        if compare in self.comparisons:
            self.compare = compare

    def set(self, where: Where = None, compare: str = "") -> None:
        """Set the filters from code; without arguments everybody, of the latest wave, is selected.

        Where a survey has several waves, ``{"wave": "*"}`` selects all of them together.

        Raises
        ------
        InsightsError
            For a filter, code or comparison that is not offered; nothing is changed then.
        """
        named = self._known(where)
        self._compared(compare)
        self._setting = True
        try:
            for key, chips in self.chips.items():
                chips.value = named.get(key, chips.usual)
            self.comparison.value = compare
        finally:
            self._setting = False
        self._read(None)

    def still(self) -> StillForm:
        """Say what is selected and compared, and what a kernel lets you change."""
        chosen = self.selection.describe(self.survey.codebook) or "all respondents"
        by = self.comparisons[self.compare] if self.compare else "nothing"
        offered = [*(chips.label for chips in self.chips.values()), "Compare by"]
        words = f"Filters: {chosen}. Compared by: {by}."
        return still_sentence(f"{words} Interactive in JupyterLab: {'; '.join(offered)}.")

    def _known(self, where: Any) -> dict[str, tuple[str, ...]]:
        """Return the codes of each key of a selection, each known and in the order of its boxes."""
        named = dict(Selection.of(where).conditions)
        for key, codes in named.items():
            if key not in self.chips:
                raise InsightsError(
                    f"There is no filter for {key}. {suggest(key, self.chips, 'filter')}"
                )
            offered = self.chips[key].options
            if EVERY in codes:
                named[key] = tuple(offered)
                continue
            for code in codes:
                if code not in offered:
                    raise InsightsError(f'{key} has no "{code}". {suggest(code, offered, "code")}')
            named[key] = tuple(code for code in offered if code in codes)
        return named

    def _compared(self, name: Any) -> str:
        if name not in self.comparisons:
            known = [one for one in self.comparisons if one]
            raise InsightsError(
                f"There is no comparison by {name!r}. {suggest(name, known, 'comparison')}"
            )
        return str(name)

    @traitlets.validate("value", "selection")
    def _selected(self, proposal: Any) -> Selection:
        named = self._known(proposal["value"])
        return self._selecting(
            {key: named.get(key, chips.usual) for key, chips in self.chips.items()}
        )

    def _selecting(self, chosen: Mapping[str, tuple[str, ...]]) -> Selection:
        """Leave out what filters nothing; all waves together are not the same as one."""
        every = {key: set(codes) == set(self.chips[key].options) for key, codes in chosen.items()}
        return Selection(
            tuple(
                (key, (EVERY,) if every[key] else codes)
                for key, codes in chosen.items()
                if not every[key] or key == self._wave
            )
        )

    @traitlets.validate("compare")
    def _comparing(self, proposal: Any) -> str:
        return self._compared(proposal["value"])

    def _assigned(self, change: Any) -> None:
        """Follow a trait that was set from code, as the controls are followed."""
        if self._setting or change["new"] == self._stands[change["name"]]:
            return
        where = self.value if change["name"] == "compare" else change["new"]
        self.set(where, change["new"] if change["name"] == "compare" else self.compare)

    @property
    def _stands(self) -> dict[str, object]:
        """The traits as the controls have them."""
        chosen = self._selecting({key: chips.value for key, chips in self.chips.items()})
        return {"value": chosen, "selection": chosen, "compare": self.comparison.value or ""}

    def _read(self, _: Any) -> None:
        if self._setting:
            return
        stands = self._stands
        with self.hold_trait_notifications():  # observers of one trait find all of them changed
            for name, value in stands.items():
                setattr(self, name, value)
            self.choice = (stands["value"], stands["compare"])


def filters(survey: Survey, dimensions: Sequence[str] | None = None, compare: str = "") -> Filters:
    """Make filters for a survey: `filters(survey).selection` is what is selected.

    Parameters
    ----------
    dimensions
        Dimensions to offer, where the survey has them; by default all of the codebook.
    compare
        What is compared at first, where it is offered.

    Examples
    --------
    >>> import helpers as h
    >>> chosen = h.filters(h.load_survey("data/example"), ["branch", "age"])
    >>> chosen.set({"branch": "centre"}, compare="age")
    >>> chosen.compare
    'age'
    """
    return Filters(survey, dimensions, compare)
