"""The page in Panel: data read once a process, a session made ahead, panes updated in place."""

import panel as pn
from content import (
    CONFIG,
    Choice,
    comparisons,
    footing,
    heading,
    introduction,
    labels,
    look_up,
    page,
)

pn.extension("plotly")
views = page()


class Card:
    """One question."""

    def __init__(self, question):
        self.question = question
        self.above, self.below = pn.pane.HTML(), pn.pane.HTML()
        self.chart = pn.pane.Plotly(config=CONFIG, sizing_mode="stretch_width")
        self.element = pn.Column(
            self.above, self.chart, self.below, sizing_mode="stretch_width", max_width=900
        )

    def show(self, choice):
        """Show what the question has for a choice."""
        shown = look_up(self.question, choice)
        self.above.object = heading(self.question, shown)
        self.below.object = footing(shown)
        self.chart.visible = shown.figure is not None
        if shown.figure:
            self.chart.param.update(
                object=shown.figure, height=shown.figure["layout"].get("height", 420)
            )


def boxes(label, things):
    """Return a named row of checkboxes, all ticked."""
    options = labels(things)
    group = pn.widgets.CheckBoxGroup(options=options, value=list(options.values()), inline=True)
    return group, pn.Column(pn.pane.HTML(label), group)


who, who_element = boxes("Respondent type", views["populations"])
bands = [(d["id"], *boxes(d["label"], d["bands"])) for d in views["dimensions"]]
compare = pn.widgets.Select(name="Compare by", options=comparisons())
cards = [Card(question) for question in views["questions"]]


def chosen(*_):
    """Show the choice on every card."""
    ticked = tuple((name, tuple(box.value)) for name, box, _ in bands)
    choice = Choice(tuple(who.value), ticked, compare.value)
    with pn.io.hold():
        for card in cards:
            card.show(choice)


chosen()
for control in (who, compare, *(box for _, box, _ in bands)):
    control.param.watch(chosen, "value")
pn.Column(
    pn.pane.HTML(introduction()),
    pn.Row(who, compare, *(box for _, box, _ in bands)),
    *(card.element for card in cards),
    sizing_mode="stretch_width",
).servable(title=views["title"])
