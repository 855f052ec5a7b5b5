"""A form for what an import proposes: yes or no beside each, and the import once more."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from helpers.analysis.files import import_survey
from helpers.errors import InsightsError, Problems
from helpers.notebook.without_kernel import Parts, Words
from helpers.responses.proposals import NO, YES, Proposal, read_proposals, write_answers

_CHOICES = (("open", ""), ("yes", YES), ("no", NO))


class ProposalForm(Parts):
    """The proposals of a survey folder, each with its answer.

    Attributes
    ----------
    answers : by the id of a proposal, the buttons that hold its answer
    again : imports the files once more
    words : what came of it
    """

    def __init__(self, folder: Path, files: Sequence[Path], wave: str = "") -> None:
        self.folder, self.files, self.wave = folder, files, wave
        self.answers: dict[str, widgets.ToggleButtons] = {}
        self.again = widgets.Button(description="Import again", button_style="primary")
        self.again.on_click(self._import)
        self._said = Words("")
        super().__init__()
        self._show()

    @property
    def words(self) -> str:
        """What is to be decided, or came of the import."""
        return str(self._said.still().plain)

    def _show(self) -> None:
        known = read_proposals(self.folder, Problems())
        waiting = sum(not each.answer for each in known)
        self.answers = {each.id: _buttons(each) for each in known}
        for name, buttons in self.answers.items():
            buttons.observe(lambda change, name=name: self._answer(name, change["new"]), "value")
        lines = [
            widgets.HBox([self.answers[each.id], Words(_line(each))], layout=_LINE)
            for each in known
        ]
        self._said.value = f"<p>{waiting:,} of {len(known):,} proposals are open.</p>"
        self.children = (self._said, *lines, *([self.again] if known else []))

    def _answer(self, name: str, word: str) -> None:
        write_answers(self.folder, {name: word})

    def _import(self, _: Any) -> None:
        try:
            report = import_survey(self.files, self.folder, wave=self.wave)
        except InsightsError as problem:
            self._said.value = f"<p>{escape(str(problem))}</p>"
            return
        if report.waits:
            self._show()
            self._said.value = f"<p>Not imported yet.</p>{self._said.value}"
            return
        if not report.imported:
            problems = "".join(f"<li>{escape(str(each))}</li>" for each in report.problems)
            self._said.value = f"<p>Nothing was imported:</p><ul>{problems}</ul>"
            return
        self._show()
        counts = ", ".join(f"{n:,} {escape(name)}" for name, n in report.respondents.items())
        self._said.value = f"<p>Imported {counts}.</p>{self._said.value}"


_LINE = widgets.Layout(align_items="center", grid_gap="16px")


def _buttons(proposal: Proposal) -> widgets.ToggleButtons:
    return widgets.ToggleButtons(
        options=_CHOICES,
        value=proposal.answer,
        description="",
        style={"button_width": "68px"},
        layout=widgets.Layout(flex="0 0 auto"),
        tooltips=("decide later", proposal.if_yes, f"it stays {proposal.now}"),
    )


def _line(proposal: Proposal) -> str:
    """Say what is proposed: where, what was found, what it becomes, and why."""
    numbers = ", ".join(proposal.rows.split())
    rows = f"{'row' if proposal.count == 1 else 'rows'} {numbers}" if numbers else ""
    rows = rows or f"{proposal.count:,} answers"
    where = ", ".join(filter(None, (proposal.about, rows)))
    found = f" “{escape(proposal.found)}”" if proposal.found else ""
    return (
        f"<p><b>{escape(where)}</b>{found}: {escape(proposal.reason)}. "
        f"Yes: {escape(proposal.if_yes)}. Until then: {escape(proposal.now)}.</p>"
    )


def proposals(
    folder: str | Path, files: str | Path | Sequence[str | Path], wave: str = ""
) -> ProposalForm:
    """Show what an import proposes, as a form that writes the answers into the folder.

    Parameters
    ----------
    folder
        Survey folder.
    files
        What was imported into it; *Import again* imports it once more, with the answers.
    wave
        Which wave the files are of, if there are several.
    """
    several = [files] if isinstance(files, str | Path) else files
    return ProposalForm(Path(folder), [Path(file) for file in several], wave)
