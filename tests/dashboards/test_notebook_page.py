"""Executed notebooks as pages: what stays of results, of widgets and of code."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

import helpers as h
from helpers.dashboards.site import notebook_page
from helpers.dashboards.site.notebook_page import STATE, Booklet, Widgets
from helpers.notebook import controls, questions, sanitizing
from helpers.notebook.without_kernel import VIEW
from helpers.responses.survey import load_survey


@pytest.mark.parametrize(
    ("markup", "kept"),
    [
        ("<p onclick='x()' style='color:red' id='a'>words</p>", "<p>words</p>"),
        ("<script>x()</script><p>a</p><style>p {}</style>", "<p>a</p>"),
        ("<img src=x onerror=x()>a", "a"),
        ("<svg><script>x()</script></svg><iframe src=x>b</iframe>c", "c"),
        ("<form action=x><b>kept</b></form>", "<b>kept</b>"),
        ("<!-- a comment -->a", "a"),
        ('<a href="javascript:x()">a</a>', "<a>a</a>"),
        ('<a href=" javascript:x()">a</a>', "<a>a</a>"),
        ('<a href="//elsewhere.example/x">a</a>', "<a>a</a>"),
        ('<a href="10_trend.ipynb#s">a</a>', '<a href="10_trend.ipynb#s">a</a>'),
        ('<a href="//elsewhere.example/x"><b>a', "<a><b>a</b></a>"),
        ("&lt;script&gt;x()&lt;/script&gt;", "&lt;script&gt;x()&lt;/script&gt;"),
    ],
)
def test_sanitised_results_keep_only_text_and_structure(markup, kept):
    assert sanitizing.html(markup) == kept


@pytest.mark.parametrize(
    "markup",
    [
        "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=x()>'>",
        "<noscript><p title='</noscript><img src=x onerror=x()>'></noscript>",
        "<svg></p><style><a id='</style><img src=x onerror=x()>'></svg>",
        "<!--><img src=x onerror=x()>-->",
        "<textarea></b><img title='</textarea><img src=x onerror=x()>'>",
    ],
)
def test_what_parsers_read_in_two_ways_is_harmless_in_both(markup):
    found = sanitizing.html(markup)
    assert not re.search(r"<(?!/?(p|table|b)\b)", found)
    assert not [tag for tag in BeautifulSoup(found, "html.parser").find_all(True) if tag.attrs]


def test_markup_in_markdown_is_shown_as_it_is_written():
    assert sanitizing.markdown("a <b onclick=x()>b</b> *c*") == (
        "<p>a &lt;b onclick=x()&gt;b&lt;/b&gt; <em>c</em></p>\n"
    )
    assert "<code>&lt;script&gt;</code>" in sanitizing.markdown("`<script>`")
    assert "javascript:x" not in sanitizing.markdown("[a](javascript:x)")


def test_tables_say_what_their_headings_are_for():
    """Four columns: text, numbers with a dash for none, text with a digit, nothing at all."""
    table = sanitizing.html(
        "<style>#T th {}</style><table id='T'><caption>Shares</caption>"
        "<thead><tr><th>Who</th><th>Share</th><th>Test</th><th></th></tr></thead>"
        "<tbody><tr><th>Readers</th><td>12%</td><td>McNemar 2</td><td></td></tr>"
        "<tr><th>Staff</th><td>–</td><td>none</td><td></td></tr></tbody></table>"
    )
    soup = BeautifulSoup(table, "html.parser")
    assert [th["scope"] for th in soup.select("th")] == ["col"] * 4 + ["row"] * 2
    assert [td.get_text() for td in soup.select("td.number")] == ["12%", "–"]
    assert [th.get_text() for th in soup.select("th.number")] == ["Share"]
    box = soup.select_one("div.scroll")
    assert box["aria-label"] == "Table: Shares" and box["tabindex"] == "0"


@pytest.mark.slow
def test_a_table_of_the_suite_keeps_its_text():
    shown = h.compare(load_survey(), "opportunities", "organisation_size").table()
    cells = [cell for row in shown.data.astype(str).to_numpy().tolist() for cell in row]
    text = BeautifulSoup(sanitizing.html(shown.to_html()), "html.parser")
    words = [cell.get_text() for cell in text.select("td")]
    assert len(words) == len(cells)
    assert [w for w, c in zip(words, cells, strict=True) if w != c and c != "nan"] == []


# Widgets


def saved(widget: Any) -> dict[str, Any]:
    """A notebook whose one cell shows a widget, with the state that a front end would save."""
    from ipywidgets import Widget
    from ipywidgets.embed import dependency_state

    state = dependency_state([widget], drop_defaults=False)
    assert isinstance(widget, Widget)
    return {"metadata": {"widgets": {STATE: {"state": json.loads(json.dumps(state))}}}}


def text_of(outputs: list[Any]) -> str:
    return "".join(str(output) for output in outputs)


def test_filters_become_a_sentence_of_their_settings():
    survey = load_survey()
    filters = controls.filters(survey, ("organisation_size",))
    shown = Widgets(saved(filters), text_of).html(filters.model_id)
    assert shown == (
        '<p class="controls">Interactive in JupyterLab: Respondent type; Organisation'
        " size; Compare by. This page shows the notebook as it opens.</p>"
    )
    filters.set({"organisation_size": "smaller"})
    shown = Widgets(saved(filters), text_of).html(filters.model_id)
    assert "Respondent type; Organisation size (Smaller); Compare by." in shown


def test_a_chart_keeps_what_the_script_draws_and_words_without_it():
    survey = load_survey()
    view = questions.question(survey, "opportunities", controls.filters(survey))
    shown = BeautifulSoup(Widgets(saved(view), text_of).html(view.model_id), "html.parser")
    place = shown.select_one("[data-face=question]")
    assert place.p.get_text() == view.found["view"]["sentence"]
    kept = json.loads(place.script.string)
    assert kept == json.loads(json.dumps({"about": view.about, "found": view.found}))


def test_labels_cannot_break_out_of_a_charts_state():
    model = {
        "model_name": "AnyModel",
        "state": {
            "_anywidget_id": "helpers.notebook.drawing.Picture",
            "figure": {"data": [], "layout": {"title": "</script><script>x()</script>"}},
            "words": "</p><script>x()</script>",
        },
    }
    notebook = {"metadata": {"widgets": {STATE: {"state": {"m": model}}}}}
    shown = Widgets(notebook, text_of).html("m")
    assert shown.count("<script") == shown.count("</script>") == 1
    assert json.loads(BeautifulSoup(shown, "html.parser").script.string)["words"].startswith("</p>")


# The page


def made(*cells: dict[str, Any]) -> Booklet:
    notebook = {"metadata": {}, "cells": list(cells)}
    return Booklet("10_visits", notebook, "Illustrative data: invented.", "Visits · 0123456789ab")


@pytest.mark.parametrize("mark", [{}, {"insights": {"file": "10_visits.ipynb", "made": "0"}}])
def test_instructions_to_the_owner_are_not_on_a_site(mark):
    """In a notebook that was made of a codebook; elsewhere such words are the author's."""
    text = "# Visits\n\n*Say what this\nis about.*\n\nOften.\n\n*Write here what you make of it.*"
    yours = {"insights": "for its owner"} if mark else {}
    booklet = made(
        {"cell_type": "markdown", "source": text, "metadata": {}},
        {"cell_type": "markdown", "source": "## Make them yours", "metadata": yours},
    )
    booklet.notebook["metadata"] |= mark
    page = notebook_page.page(booklet)
    assert "Often." in page
    for words in ("Say what this", "Write here", "Make them yours"):
        assert (words in page) == (not mark)


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": list(outputs)}


def test_results_come_before_code_and_warnings_are_left_out():
    shown = {"output_type": "execute_result", "data": {"text/plain": "<42>"}}
    said = {"output_type": "stream", "name": "stdout", "text": "said & done"}
    warned = {"output_type": "stream", "name": "stderr", "text": "/a/folder/of/this/machine.py:1"}
    text = {"cell_type": "markdown", "source": "# Visits & more\n\nWhat they are.\n\n## One"}
    page = notebook_page.page(made(text, code("x = '</code>'", said, warned, shown)))
    assert "<h1>Visits &amp; more</h1>" in page and page.count("<h1>") == 1
    assert "<strong>Illustrative data.</strong> Invented." in page
    assert page.index("said &amp; done") < page.index("&lt;42&gt;") < page.index("<details")
    assert "machine.py" not in page and "<pre><code>" in page and "&lt;/code&gt;" in page


def test_the_list_of_notebooks_describes_each():
    text = {"cell_type": "markdown", "source": "# T\n\nTwo **lines**\nof `x < y`.\n\nMore."}
    one = made(text)
    assert one.intro == "Two lines of x < y."
    page = notebook_page.contents([one], one.banner, one.data)
    assert "<p>Two lines of x &lt; y.</p><p>10_visits.ipynb</p>" in page


def test_main_headings_can_be_linked_to():
    text = {"cell_type": "markdown", "source": "# T\n\n## One `x`\n\nA.\n\n## Two & three"}
    page = BeautifulSoup(notebook_page.page(made(text)), "html.parser")
    links = {a["href"][1:]: a.get_text() for a in page.select("nav.contents a")}
    assert links == {"s-1": "One x", "s-2": "Two & three"}
    assert {h2["id"]: h2.get_text() for h2 in page.select("h2")} == links


def test_an_output_widget_shows_what_was_put_into_it():
    inside = {"output_type": "display_data", "data": {"text/markdown": "*inside*"}}
    model = {"model_name": "OutputModel", "state": {"outputs": [inside]}}
    shown = {
        "output_type": "display_data",
        "data": {VIEW: {"model_id": "m"}, "text/plain": "Out()"},
    }
    one = made(code("x", shown))
    one.notebook["metadata"]["widgets"] = {STATE: {"state": {"m": model}}}
    assert "<em>inside</em>" in notebook_page.page(one) and "Out()" not in notebook_page.page(one)
