"""The page in Dash: data read once a process, first views in the layout, one callback for all."""

import dash
from content import CONFIG, Choice, comparisons, everything, labels, look_up, page
from dash import Input, Output, dcc, html

views = page()
questions, dimensions = views["questions"], views["dimensions"]
app = dash.Dash(__name__, title=views["title"], compress=True, update_title=None)
server = app.server


def table(columns, rows):
    """Return a folded table."""
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in columns]))
    body = html.Tbody([html.Tr([html.Td(str(cell)) for cell in row]) for row in rows])
    return html.Details([html.Summary("Table behind this chart"), html.Table([head, body])])


def parts(question, choice):
    """Return what changes with a choice: sentence, chart, whether it is seen, words below it."""
    shown = look_up(question, choice)
    if shown.figure is None:
        return shown.reason, dash.no_update, {"display": "none"}, []
    notes = html.Ul([html.Li(words) for words in shown.notes])
    below = [html.P(shown.base), table(shown.columns, shown.rows), notes]
    return shown.sentence, shown.figure, {"display": "block"}, below


def card(at, question):
    """Return one question as a page shows it first."""
    sentence, figure, style, below = parts(question, everything())
    return html.Section(
        [
            html.H3(question["title"]),
            html.P(question["wording"]),
            html.P(question["asked"]),
            html.P(html.Strong(sentence, id=f"sentence-{at}")),
            dcc.Graph(figure=figure, config=CONFIG, id=f"chart-{at}", style=style),
            html.Div(below, id=f"below-{at}"),
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
        html.H1(views["title"]),
        html.P(views["provenance"]["banner"]),
        html.P(html.Strong(views["headline"])),
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
            ("sentence", "children"),
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
