"""The page as an analyst writes it for Voila: widgets, and a FigureWidget for each question.

The harness makes this file the one cell of a notebook.
"""

import ipywidgets as widgets
import plotly.graph_objects as go
from content import (
    CONFIG,
    Choice,
    comparisons,
    everything,
    footing,
    heading,
    introduction,
    labels,
    look_up,
    page,
)
from IPython.display import display

views = page()


def boxes(label, things):
    """Return a named row of checkboxes."""
    ticked = {
        identifier: widgets.Checkbox(True, description=name, indent=False)
        for name, identifier in labels(things).items()
    }
    return ticked, widgets.VBox([widgets.Label(label), *ticked.values()])


class Card:
    """One question."""

    def __init__(self, question):
        self.question = question
        shown = look_up(question, everything())
        self.above, self.below = (
            widgets.HTML(heading(question, shown)),
            widgets.HTML(footing(shown)),
        )
        self.figure = go.FigureWidget(shown.figure)
        self.figure._config = {**self.figure._config, **CONFIG}
        self.element = widgets.VBox([self.above, self.figure, self.below])
        self.kind = ""

    def show(self, choice):
        """Show what the question has for a choice."""
        shown = look_up(self.question, choice)
        self.above.value = heading(self.question, shown)
        self.below.value = footing(shown)
        if shown.figure is None:
            self.kind, self.figure.data = None, ()
            return
        with self.figure.batch_update():
            if self.kind == choice.by:
                self.figure.update(shown.figure)
            else:
                self.figure.data = ()
                self.figure.add_traces(shown.figure["data"])
                self.figure.layout = shown.figure["layout"]
                self.kind = choice.by


who, who_element = boxes("Respondent type", views["populations"])
bands = [(d["id"], *boxes(d["label"], d["bands"])) for d in views["dimensions"]]
compare = widgets.Dropdown(options=list(comparisons().items()), description="Compare by")
cards = [Card(question) for question in views["questions"]]


def chosen(_=None):
    """Show the choice on every card."""
    ticked = [(name, tuple(i for i, box in all_.items() if box.value)) for name, all_, _ in bands]
    choice = Choice(tuple(i for i, box in who.items() if box.value), tuple(ticked), compare.value)
    for card in cards:
        card.show(choice)


for control in [compare, *who.values(), *(box for _, all_, _ in bands for box in all_.values())]:
    control.observe(chosen, "value")
filters = widgets.HBox([who_element, *(element for _, _, element in bands), compare])
display(widgets.HTML(introduction()), filters, *(card.element for card in cards))
