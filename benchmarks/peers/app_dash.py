"""The page in Dash: data read once a process, first views in the layout, one callback for all."""

import dash
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
from dash import Input, Output, dcc, html

views = page()
questions, dimensions = views["questions"], views["dimensions"]
app = dash.Dash(__name__, title=views["title"], compress=True, update_title=None)
server = app.server


def words(text, **more):
    """Return HTML as one element: a component for every cell of a table would take seconds."""
    return dcc.Markdown(text, dangerously_allow_html=True, **more)


def parts(question, choice):
    """Return what changes with a choice: words, chart, whether it is seen, words below it."""
    shown = look_up(question, choice)
    figure = shown.figure or dash.no_update
    style = {"display": "block" if shown.figure else "none"}
    return heading(question, shown), figure, style, footing(shown)


def card(at, question):
    """Return one question as a page shows it first."""
    above, figure, style, below = parts(question, everything())
    return html.Section(
        [
            words(above, id=f"above-{at}"),
            dcc.Graph(figure=figure, config=CONFIG, id=f"chart-{at}", style=style),
            words(below, id=f"below-{at}"),
        ]
    )


def boxes(control, label, things):
    """Return a named row of checkboxes, all ticked."""
    offered = {identifier: name for name, identifier in labels(things).items()}
    box = dcc.Checklist(offered, list(offered), inline=True, id=control)
    return html.Div([html.Label(label), box])


offered = [{"label": name, "value": identifier} for name, identifier in comparisons().items()]
app.layout = html.Main(
    [
        words(introduction()),
        boxes("who", "Respondent type", views["populations"]),
        *(boxes(f"band-{d['id']}", d["label"], d["bands"]) for d in dimensions),
        html.Label("Compare by"),
        dcc.Dropdown(offered, "", id="by", clearable=False),
        *(card(at, question) for at, question in enumerate(questions)),
    ],
    style={"maxWidth": 900, "margin": "auto", "fontFamily": "system-ui, sans-serif"},
)


@app.callback(
    [
        Output(f"{part}-{at}", kind)
        for at in range(len(questions))
        for part, kind in (
            ("above", "children"),
            ("chart", "figure"),
            ("chart", "style"),
            ("below", "children"),
        )
    ],
    Input("who", "value"),
    Input("by", "value"),
    *(Input(f"band-{d['id']}", "value") for d in dimensions),
    prevent_initial_call=True,
)
def chosen(who, by, *bands):
    """Show the choice on every card."""
    ticked = tuple((d["id"], tuple(b)) for d, b in zip(dimensions, bands, strict=True))
    choice = Choice(tuple(who), ticked, by)
    return [part for question in questions for part in parts(question, choice)]


# A worker knows its scripts once it has written the page: written here, before workers part, so
# that none of them answers a browser with an error.
server.test_client().get("/")
