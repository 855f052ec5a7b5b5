"""Still pictures of charts: by their own scale they show the numbers they were made of."""

import base64
import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

import helpers as h
from helpers.codebook.model import Favourable
from helpers.notebook import controls, planning, quality, questions
from helpers.notebook.printed import printed
from helpers.present import charts, pictures
from helpers.present.figures import specification
from helpers.present.key_answers import leading
from helpers.responses.survey import load_survey

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def survey():
    return load_survey()


@pytest.fixture(scope="module")
def views(survey):
    filters = controls.filters(survey)
    asked = [q.id for q in survey.codebook.questions.values() if q.tabulates]
    return {name: questions.question(survey, name, filters) for name in asked}


def element(spec, room=pictures.NARROW):
    return ET.fromstring(pictures.drawn(spec, room).svg())


def texts(root):
    return [node.text for node in root.iter(f"{SVG}text")]


def at(node, name="x"):
    return float(node.get(name).removesuffix("%"))


def scale(root):
    """From places to values, by the first and last number that is written on the scale."""
    ticks = [n for n in root.iter(f"{SVG}text") if re.fullmatch(r"[\d,]+%", n.text or "")]
    foot = max(float(n.get("y")) for n in ticks)
    marked = sorted((at(n), float(n.text[:-1])) for n in ticks if float(n.get("y")) == foot)
    (low, first), (high, last) = marked[0], marked[-1]
    return lambda place: first + (place - low) / (high - low) * (last - first)


def bars(root):
    return [node for node in root.iter(f"{SVG}rect") if node.get("class") == "bar"]


def marks(root):
    return [node for node in root.iter(f"{SVG}path") if node.get("class") == "mark"]


def places(root):
    """Where the marks of rows are: those of the key are placed in pixels."""
    nodes = [node for node in root.iter(f"{SVG}svg") if (node.get("x") or "").endswith("%")]
    return [at(node) for node in nodes]


def shares_of(view):
    """Shares that a chart draws: of yes and no it is yes."""
    rows = pd.DataFrame(view.result.drawn)
    question = view.question
    if len(question.items) < 2 and len(question.in_base) == 2:
        return rows[rows["option"] == leading(question).code]
    return rows


@pytest.mark.slow
def test_bars_dots_and_intervals_are_where_their_numbers_are(views):
    """Points in time are dots on one line, with the range of the present."""
    checked = {"bars": 0, "dots": 0}
    for view in views.values():
        if charts.form(view.question) != "bars":
            continue
        root, value = element(view.found["figure"]), scale(element(view.found["figure"]))
        table = shares_of(view)
        ranged = table
        if view.question.times:
            ranged = table[table["time"] == view.question.times[1]]
            found, form = [value(x) for x in places(root)], "dots"
        else:
            drawn = [n for n in bars(root) if n.get("height") == str(pictures.LANE - 2)]
            found, form = [value(at(n) + at(n, "width")) for n in drawn], "bars"
        assert sorted(found) == pytest.approx(sorted(table["estimate"] * 100), abs=0.05)
        lines = [n for n in root.iter(f"{SVG}line") if n.get("class") == "interval"]
        ends = sorted((value(at(n, "x1")), value(at(n, "x2"))) for n in lines)
        rows = sorted(zip(ranged["ci_low"] * 100, ranged["ci_high"] * 100, strict=True))
        assert np.array(ends) == pytest.approx(np.array(rows), abs=0.05)
        checked[form] += len(found)
    assert checked["bars"] > 40 and checked["dots"] > 40


def test_every_share_is_written(views):
    """In a bar, beside it or below it, or in a column: no mark is without its number."""
    for view in views.values():
        said = " ".join(t for t in texts(element(view.found["figure"])) if t)
        wanted = Counter(f"{100 * s + 1e-9:.0f}%" for s in shares_of(view)["estimate"] if s > 0)
        found = Counter(re.findall(r"\d+%", said))
        assert not wanted - found, view.question.id


def test_scales_diverge_from_their_middle_and_say_their_totals(views):
    view = views["influence"]
    root = element(view.found["figure"])
    segments = [n for n in bars(root) if n.get("height") == str(pictures.LANE - 2)]
    assert len(segments) == 5 * 6  # five items; four answers, and the middle one in two halves
    first = [n for n in segments if n.get("y") == segments[0].get("y")]
    shares = view.result.table[view.result.table["item"] == view.question.items[0].code]
    one = sum(at(n, "width") for n in first) / (shares["estimate"].sum() * 100)
    low, high = view.found["figure"]["layout"]["xaxis"]["range"]
    assert one == pytest.approx((pictures.RIGHT - pictures.LEFT) / (high - low), abs=1e-3)
    ends = [(at(n), at(n) + at(n, "width")) for n in first]
    assert max(start for start, _ in ends) < max(end for _, end in ends)
    zero = pictures.LEFT + (pictures.RIGHT - pictures.LEFT) * -low / (high - low)
    assert sum(start == pytest.approx(zero, abs=0.02) for start, _ in ends) == 1
    totals = [t for t in texts(root) if re.fullmatch(r"\d+% \(\d+–\d+%\)", t or "")]
    upper = [row["estimate"] for row in view.result.upper]
    assert [int(t.split("%")[0]) for t in totals] == [round(100 * share) for share in upper]


def test_every_label_is_there_whole(views):
    for view in views.values():
        said = " ".join(t for t in texts(element(view.found["figure"])) if t)
        for trace in view.found["figure"]["data"]:
            for label in trace["y"]:
                assert pictures.plain(label) in re.sub(r" \d+% \(\d+–\d+%\)", "", said), label


def test_groups_are_dots_that_differ_in_colour_and_symbol_with_a_key(survey):
    filters = controls.filters(survey, compare="organisation_size")
    view = questions.question(survey, "outcome_meaning", filters)
    root = element(view.found["figure"])
    assert {"Smaller", "Larger"} <= set(texts(root))
    looks = {(node.get("d"), node.get("fill")) for node in marks(root)}
    assert len(looks) == len({d for d, _ in looks}) == len({fill for _, fill in looks}) == 2
    value = scale(root)
    wanted = sorted(100 * row["estimate"] for row in view.result.drawn)
    assert sorted(map(value, places(root))) == pytest.approx(wanted, abs=0.05)


def test_many_groups_are_columns_of_bars_each_with_its_share(survey):
    filters = controls.filters(survey, compare="service_area")
    view = questions.question(survey, "influence", filters)
    root = element(view.found["figure"])
    upper = view.result.upper  # groups are compared on the upper end of a scale
    groups = len({row["service_area"] for row in upper})
    assert groups > charts.MOST_DOTS and len(bars(root)) == len(upper)
    starts = Counter(at(bar) for bar in bars(root))
    assert len(starts) == groups and set(starts.values()) == {5}
    wanted = Counter(f"{100 * row['estimate'] + 1e-9:.0f}%" for row in upper)
    assert Counter(t for t in texts(root) if re.fullmatch(r"\d+%", t or "")) == wanted


def test_answers_without_an_order_come_by_size_and_others_last(views):
    view = views["outcome_meaning"]
    order = view.found["figure"]["layout"]["yaxis"]["categoryarray"]
    shares = {row["option"]: row["estimate"] for row in view.result.drawn}
    labels = {o.label: shares[o.code] for o in view.question.in_base}
    by_size = sorted(labels, key=lambda label: (label.startswith("Other"), -labels[label]))
    assert [pictures.plain(place) for place in order] == by_size
    scale_of_five = views["social_sector_expectation"].found["figure"]["layout"]["yaxis"]
    assert "categoryarray" not in scale_of_five  # it has an order of its own


@pytest.mark.parametrize("end", Favourable)
def test_the_good_end_of_a_scale_is_blue_and_neither_is_unless_it_is_named(views, end):
    result = views["delivery_challenges"].result
    asked = replace(result.question, favourable=end)
    data = charts.specification(replace(result, question=asked))["data"]
    colours = {trace["name"]: trace["marker"]["color"] for trace in data if trace["type"] == "bar"}
    red, _, blue = (int(colours["Major challenge"][i : i + 2], 16) for i in (1, 3, 5))
    expected = {Favourable.HIGH: blue > red + 80, Favourable.LOW: red > blue + 80}
    assert expected.get(end, abs(red - blue) < 80)


@pytest.mark.slow
def test_lines_marks_and_axes_of_other_charts(survey):
    form = element(quality.dropout_chart(survey).figure)
    marks = [n for n in form.iter(f"{SVG}path") if n.get("class") == "mark"]
    steps = quality.dropout_chart(survey).figure["data"]
    assert len(marks) == sum(len(t["x"]) for t in steps) + len(steps)  # and the key
    assert "Question, in the order of the form" in texts(form)
    plan = planning.plan(360, 10).picture
    assert {"± points", "Answers"} <= set(texts(element(plan.figure)))
    dashed = [n for n in element(plan.figure).iter(f"{SVG}line") if n.get("stroke-dasharray")]
    assert len(dashed) == 1  # the margin that is wanted
    checked = printed(survey).chart()
    shares = sum(len(trace["x"]) for trace in checked.figure["data"])
    lines = [n for n in element(checked.figure).iter(f"{SVG}line") if n.get("class") == "interval"]
    assert len(lines) == shares


def test_an_image_carries_words_and_the_whole_drawing():
    spec = {"data": [{"type": "bar", "orientation": "h", "name": "n", "y": ["<b>&"], "x": [5]}]}
    spec["data"][0]["y"] = ["a &lt;b&gt; &amp; c"]  # as `wrapped` writes survey text
    drawn = pictures.drawn(spec | {"layout": {"xaxis": {"range": [0, 10]}}})
    image = drawn.image('5 of "them" <here>')
    assert 'alt="5 of &quot;them&quot; &lt;here&gt;"' in image
    raw = base64.b64decode(re.search(r"base64,([^\"]+)", image)[1])
    assert "a <b> & c" in texts(ET.fromstring(raw))
    assert ET.fromstring(raw).get("width") == "100%"
    assert ET.fromstring(drawn.svg()).get("width") == "640"


@pytest.mark.parametrize(
    ("figure", "labels", "count"),
    [
        (go.Figure(go.Bar(x=["north", "south"], y=[3, 4])), ["north", "south"], 2),
        (go.Figure(go.Bar(x=[3, 4], y=["north", "south"], orientation="h")), ["north"], 2),
        (go.Figure(go.Bar(x=np.array([1, 2, 3]), y=np.array([3.0, 4.0, 5.0]))), ["1", "2"], 3),
    ],
)
def test_upright_bars_are_drawn_horizontally(figure, labels, count):
    spec = specification(figure)
    assert pictures.draws(spec)
    root = element(spec)
    assert len(bars(root)) == count and set(labels) <= set(texts(root))


def test_bars_side_by_side_are_not_added_up():
    figure = go.Figure([go.Bar(x=["north"], y=[40]), go.Bar(x=["north"], y=[50])])
    apart, added = specification(figure), specification(figure.update_layout(barmode="stack"))
    one = [at(bar, "width") for bar in bars(element(apart))]
    assert one[1] / one[0] == pytest.approx(1.25, abs=1e-3) and one[1] > 85
    both = [at(bar, "width") for bar in bars(element(added))]
    assert both[1] / both[0] == pytest.approx(1.25, abs=1e-3) and sum(both) > 85


def test_unsupported_figures_are_recognised():
    assert not pictures.draws(specification(go.Figure(go.Pie(values=[1, 2]))))
    assert not pictures.draws(specification(go.Figure(go.Heatmap(z=[[1]]))))
    assert not pictures.draws(specification(go.Figure(go.Scatter(x=["a"], y=["b"]))))
    assert pictures.draws(specification(go.Figure(go.Scatter(x=[1.5], y=[2]))))


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((0, 100), [0, 20, 40, 60, 80, 100]),
        ((0, 7), [0, 2, 4, 6]),
        ((0.2, 0.9), [0.2, 0.4, 0.6, 0.8]),
        ((-104, 104), [-100, -50, 0, 50, 100]),
    ],
)
def test_scales_have_round_numbers(ends, expected):
    assert pictures.ticks(*ends, 5) == pytest.approx(expected)


@pytest.mark.parametrize("gone", ["then", "anticipated"])
def test_items_of_which_a_time_is_hidden_keep_their_height(views, gone):
    """Protection can leave single items and times: each place that is drawn counts once."""
    whole = views["contract_types_used"].result
    first = whole.rows[0]["item"]
    left = [row for row in whole.rows if row["time"] != gone and row["item"] == first]
    spec = charts.specification(replace(whole, rows=left))
    drawn = [len(trace["y"]) for trace in spec["data"]]
    assert sorted(drawn) == [0, 0, 1, 1, 1, 1]  # dots, and their numbers
    assert spec["layout"]["height"] < charts.specification(whole)["layout"]["height"]
    assert len(places(element(spec))) == 2
    joins = charts.figure(replace(whole, rows=left)).layout.shapes
    assert [join.y0 for join in joins] == spec["data"][1]["y"]


def test_a_bar_and_its_words_round_the_same_share(tmp_path):
    """1,290,000 of 2,000,001 are 64.49997%: 64, not 65 by way of 64.5. Weights say how many."""
    (tmp_path / "codebook").mkdir()
    (tmp_path / "responses").mkdir()
    (tmp_path / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: public\npopulations: {people: {weight: w}}\n"
    )
    (tmp_path / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\nq,people,single,yn\n"
    )
    (tmp_path / "codebook" / "options.csv").write_text("set,code\nyn,yes\nyn,no\n")
    n, yes = 2_000_001, 1_290_000
    assert 0.6449995 <= yes / n < 0.645
    rows = ["q,w", *[f"yes,{yes // 100}"] * 100, *[f"no,{n - yes}"]]
    (tmp_path / "responses" / "people.csv").write_text("\n".join(rows) + "\n")
    result = h.share(h.load_survey(tmp_path), "q")
    assert result.sentence.startswith("In “q”, 64% (95% range ")
    assert result.sentence.endswith(" answered “yes”.")
    chart = result.chart()
    (numbers,) = [trace.text for trace in chart.data if trace.type == "scatter"]
    assert [text.split()[0] for text in numbers] == ["64%"]
