"""What is left of a notebook where no kernel is, and charts in files."""

import json
import os
import re
import subprocess
import sys
from html import unescape

import ipywidgets as widgets
import nbformat
import pandas as pd
import plotly.graph_objects as go
import pytest
from nbconvert import HTMLExporter, MarkdownExporter

import helpers as h
from helpers import paths
from helpers.errors import InsightsError
from helpers.notebook import (
    controls,
    planning,
    quality,
    questions,
    without_kernel,
)
from helpers.notebook.converting import Unplugged
from helpers.notebook.following import follow, matched
from helpers.present import figures, summaries, tables
from helpers.responses.survey import load_survey

SMALLER = {"organisation_size": "smaller"}
SHARE = re.compile(r"\d+%")


@pytest.fixture(scope="module")
def survey():
    return load_survey()


@pytest.fixture(scope="module")
def shown(survey):
    """One of each kind of object that a cell of a notebook ends in, its filters set."""
    filters = controls.filters(survey)
    filters.set(SMALLER)
    providers = controls.filters(survey)
    providers.set({"respondent_type": "providers"})
    change = (survey, "pbr_income", "then", "now")
    return {
        "filters": filters,
        "question": questions.question(survey, "influence", filters),
        "not asked": questions.question(survey, "outcome_meaning", providers),
        "unknown": questions.question(survey, "gone", filters),
        "trend": h.question(survey, trend="context", filters=filters),
        "table": follow(filters, h.compare, survey, "influence", "sector"),
        "words": follow(filters, _in_words, survey, "influence"),
        "figure": follow(filters, _figure, survey, "influence"),
        "matched": matched(survey, "contract_types_used", filters),
        "side by side": h.question(survey, "collaboration_forms", beside=(SMALLER, None)),
        "plan": planning.plan(360, 10),
        "picture": quality.dropout_chart(survey),
        "printed": h.printed(survey).table("themes", "number", "gist"),
        "styled": summaries.questions(survey, "context"),
        "crossed": h.crosstab(survey, "collaboration_forms", "contract_change"),
        "tested": h.change(*change),
        "plotly": questions.question(survey, "influence", filters).figure,
    }


def _in_words(survey, question, where):
    return "**in words**"


def _figure(survey, question, where):
    return go.Figure(go.Bar(x=[45, 55], y=["low", "high"], orientation="h", name="own chart"))


def bundle(made):
    found = made._repr_mimebundle_() if hasattr(made, "_repr_mimebundle_") else None
    if found is None:
        return {"text/plain": repr(made)}
    return found[0] if isinstance(found, tuple) else found


@pytest.mark.slow
def test_every_object_says_in_plain_text_what_it_shows(shown):
    for name, made in shown.items():
        for text in (bundle(made)["text/plain"], repr(made)):
            assert "object at 0x" not in text and "children=" not in text, name
            assert re.search(r"[a-z]{3}", text), name


def test_a_table_is_text_with_a_dash_for_what_is_missing():
    table = tables.shown(pd.DataFrame({"Who": ["a", None], "n": [1.0, None]}), ["n"])
    said = [line.split() for line in repr(table.set_caption("1 &lt; 2")).splitlines()]
    assert said == [["Who", "n"], ["a", "1.0"], ["–", "–"], ["1", "<", "2"]]


def test_widgets_show_a_live_view_and_a_still_one_in_one_output(shown):
    for name, made in shown.items():
        if isinstance(made, widgets.Widget):
            data = bundle(made)
            assert data[without_kernel.VIEW]["model_id"] == made.model_id, name
            assert len(data["text/html"]) > 40 and "<script" not in data["text/html"], name


def test_a_question_shows_chart_sentence_base_filters_and_table(shown):
    data = bundle(shown["question"])
    view = shown["question"]
    words = unescape(re.sub(r"<[^>]+>", " ", data["text/html"]))
    for said in (
        view.question.label,
        view.found["view"]["sentence"],
        "Base: 28 providers",
        "Organisation size: Smaller",
        "Illustrative data",
    ):
        assert said in data["text/plain"], said
        assert said in words, said
    assert data["text/html"].count("<img ") == 1 and data["image/svg+xml"].startswith("<svg")
    rows = data["text/html"].count("<tr>") - 1
    assert len(view.result.drawn) == 25  # five items, five answers, and a total of each scale
    assert rows == 25 + 5
    assert len(SHARE.findall(data["text/plain"])) > 75
    assert "put to frontline workers" in bundle(shown["not asked"])["text/html"]


def test_still_views_follow_the_filters(survey):
    filters = controls.filters(survey)
    view = questions.question(survey, "influence", filters)
    assert "all respondents. Compared by: nothing" in bundle(filters)["text/plain"]
    before = bundle(view)
    filters.set(SMALLER, compare="sector")
    assert bundle(view)["image/svg+xml"] != before["image/svg+xml"]
    assert "Organisation size: Smaller. Compared by: Sector." in bundle(filters)["text/plain"]


def test_parts_are_shown_in_their_order_and_controls_in_words(shown):
    plan = bundle(shown["plan"])
    assert "Interactive in JupyterLab: People in the population (360); Margin" in plan["text/plain"]
    assert plan["text/html"].count("<img ") == 1
    trend = bundle(shown["trend"])["text/html"]
    assert trend.count("<img ") == trend.count("<h3>") == 5
    both = bundle(shown["side by side"])
    assert both["text/html"].count("<img ") == 2 and "Difference in points" in both["text/html"]
    figure = bundle(shown["figure"])
    assert 'alt="Chart. own chart."' in figure["text/html"] and "own chart" in figure["text/plain"]


def test_controls_show_labels_of_choices_and_nothing_for_what_is_empty():
    find = widgets.Text(description="Find")
    choice = widgets.Dropdown(options=[("All respondents", "all")], description="Who")
    said = without_kernel.controls(widgets.VBox([find, choice]))
    assert said == "Interactive in JupyterLab: Find; Who (All respondents)."


def executed(*made):
    """A notebook as stock tools leave it: outputs of every kind, and the state of all widgets."""
    cells = []
    for each in made:
        data = {k: v for k, v in bundle(each).items() if not isinstance(v, bytes)}
        cells.append(
            nbformat.v4.new_code_cell(
                "shown",
                outputs=[nbformat.v4.new_output("execute_result", data, execution_count=1)],
            )
        )
    notebook = nbformat.v4.new_notebook(cells=cells)
    state = {"model_id": {"model_name": "AnyModel", "model_module": "anywidget", "state": {}}}
    ids = [
        b[without_kernel.VIEW]["model_id"] for b in map(bundle, made) if without_kernel.VIEW in b
    ]
    notebook.metadata.widgets = {
        "application/vnd.jupyter.widget-state+json": {
            "version_major": 2,
            "version_minor": 0,
            "state": {one: state["model_id"] for one in ids},
        }
    }
    return notebook


def test_html_of_an_executed_notebook_needs_no_network_for_our_widgets(shown):
    notebook = executed(*(shown[name] for name in ("filters", "question", "plan")))
    exporter = HTMLExporter(preprocessors=[Unplugged])
    body, _ = exporter.from_notebook_node(notebook)
    assert "application/vnd.jupyter.widget" not in body and "html-manager" not in body
    assert body.count('<img alt="Chart. ') == 2
    assert without_kernel.VIEW in notebook.cells[0].outputs[0].data, (
        "the notebook itself is left alone"
    )


def test_widgets_that_are_not_ours_keep_their_view(shown):
    slider = widgets.IntSlider()
    exporter = HTMLExporter(preprocessors=[Unplugged])
    body, _ = exporter.from_notebook_node(executed(slider, shown["question"]))
    assert slider.model_id in body and "html-manager" in body


def test_pictures_are_files_beside_the_markdown(shown):
    exporter = MarkdownExporter(preprocessors=[Unplugged])
    notebook = executed(shown["filters"], shown["trend"], shown["picture"])
    body, resources = exporter.from_notebook_node(notebook, {"output_files_dir": "some_files"})
    used = re.findall(r'src="(some_files/chart_[^"]+\.svg)"', body)
    assert len(used) == len(set(used)) == 6
    assert all(resources["outputs"][name].startswith(b"<svg") for name in used)
    assert "data:image" not in body and "object at 0x" not in body


def test_the_package_configures_nbconvert():
    """What a newcomer types has no options for it."""
    settings = json.loads(
        (
            paths.PROJECT / "src/helpers/pages/browser/jupyter/jupyter_nbconvert_config.json"
        ).read_text()
    )
    there = os.path.join(sys.prefix, "etc", "jupyter", "jupyter_nbconvert_config.json")
    with open(there, encoding="utf-8") as file:
        assert json.load(file) == settings
    name = f"{Unplugged.__module__}.{Unplugged.__name__}"
    assert settings == {"Exporter": {"preprocessors": [name]}}


# Files


@pytest.fixture(scope="module")
def view(survey):
    filters = controls.filters(survey)
    filters.set(SMALLER)
    return questions.question(survey, "outcome_meaning", filters)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<svg"), ("pdf", b"%PDF")]
)
def test_charts_are_saved_as_pictures(view, survey, tmp_path, monkeypatch, ending, start):
    if ending == "png":  # by the Chromium that is found where none is named
        monkeypatch.delenv("BROWSER_PATH", raising=False)
    shown = {
        "png": view,
        "svg": view.figure,
        "pdf": quality.dropout_chart(survey),
    }[ending]
    target = tmp_path / f"chart.{ending}"
    assert shown.save(target) == target
    raw = target.read_bytes()
    assert raw.startswith(start) and len(raw) > 5000
    if ending == "svg":
        text = " ".join(re.findall(r">([^<>]+)</t", raw.decode()))
        assert "Organisation size: Smaller" in text and view.survey.fingerprint in text
        banner = view.survey.provenance.banner
        said = (banner, view.question.label, view.question.wording, "95% range", "Source: ")
        assert all(words in text for words in said)
    if ending == "png":
        wide, high = (int.from_bytes(raw[at : at + 4], "big") for at in (16, 20))
        assert (wide, high) == (2 * figures.SLIDE.width, 2 * figures.SLIDE.height)
    assert [each.name for each in tmp_path.iterdir()] == [target.name]


def test_charts_and_tables_are_saved_without_a_browser(view, tmp_path, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/none")
    text = view.save(tmp_path / "chart.html").read_text(encoding="utf-8")
    assert "Organisation size: Smaller" in text and "Plotly.newPlot" in text
    assert not re.search(r"<script[^>]*\ssrc=", text)
    assert view.save(str(tmp_path / "table.xlsx")).read_bytes().startswith(b"PK")
    assert b"Organisation size: Smaller" in view.save(tmp_path / "table.csv").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("browser", ["/none", "/bin/false"])
def test_without_a_browser_pictures_say_what_to_install(view, tmp_path, monkeypatch, browser):
    monkeypatch.setenv("BROWSER_PATH", browser)
    with pytest.raises(InsightsError, match="install it .on Debian and Ubuntu: apt install chrom"):
        view.save(tmp_path / "chart.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.browser
def test_a_picture_that_takes_too_long_is_reported_and_leaves_no_file(view, tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "STALLED", 0.001)
    monkeypatch.setattr(figures, "PATIENCE", 0.001)
    with pytest.raises(InsightsError, match="did not finish the picture"):
        view.save(tmp_path / "chart.png")
    assert list(tmp_path.iterdir()) == []


def test_impossible_files_are_refused(view, survey, tmp_path):
    with pytest.raises(InsightsError, match=r"written as \.png, \.svg, \.pdf, \.html.*\.gif"):
        view.save(tmp_path / "chart.gif")
    with pytest.raises(InsightsError, match="There is no folder"):
        view.save(tmp_path / "none" / "chart.png")
    filters = controls.filters(survey)
    filters.set({"respondent_type": "providers"})
    nothing = questions.question(survey, "outcome_meaning", filters)
    with pytest.raises(InsightsError, match="no chart to save. Not asked"):
        nothing.save(tmp_path / "chart.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_figures_in_a_cell_leave_a_picture(tmp_path):
    """Run by a stock kernel: what `display` sends, not what a method returns."""
    code = """
from helpers.notebook import controls, question_view, questions
from helpers.responses.survey import load_survey

survey = load_survey()
questions.question(survey, "influence", controls.filters(survey)).figure
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbformat.write(notebook, tmp_path / "one.ipynb")
    command = [sys.executable, "-m", "jupyter", "execute", "--inplace", str(tmp_path / "one.ipynb")]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    [output] = nbformat.read(tmp_path / "one.ipynb", as_version=4).cells[0].outputs
    assert figures.PLOTLY in output.data and "<img " in output.data["text/html"]
    assert output.data["image/svg+xml"].startswith("<svg")
    assert output.data["text/plain"].startswith("Chart. Simulated: ")
