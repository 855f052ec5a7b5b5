"""``import helpers as h``: few names, cheap to import, each explained with an example that runs."""

import doctest
import inspect
import json
import os
import subprocess
import sys

import pandas as pd
import pytest

import helpers as h
from helpers.analysis.result import Result
from helpers.dashboards.site.reference import METHODS, reference
from helpers.errors import InsightsError
from helpers.notebook import drawing
from places import ROOT

MOST = 25


def explained():
    """Public names, what they hold where they are modules, and the methods of their objects."""
    for name in h.__all__:
        thing = getattr(h, name)
        yield name, thing
        if inspect.ismodule(thing):
            parts = ((part, getattr(thing, part)) for part in thing.__all__)
            yield from ((f"{name}.{part}", one) for part, one in parts if callable(one))
    for kind in (type(h.load_survey("data/example")), Result):
        for name, thing in inspect.getmembers(kind):
            if not name.startswith("_") and (callable(thing) or isinstance(thing, property)):
                yield f"{kind.__name__}.{name}", thing


def test_tab_completion_shows_only_public_names():
    assert dir(h) == sorted(h.__all__) and len(h.__all__) <= MOST
    for name in h.__all__:
        thing = getattr(h, name)
        if inspect.ismodule(thing):
            assert dir(thing) == sorted(thing.__all__), name
    with pytest.raises(AttributeError, match="no public name 'proportion'"):
        h.proportion  # noqa: B018


def test_tab_completion_shows_what_an_analyst_uses_of_a_survey_and_a_result():
    survey = h.load_survey("data/example")
    raked = survey.rake({"age": {"younger": 0.5, "older": 0.5}})
    result = h.share(survey, "views")
    assert {"chart", "df", "save", "sentence", "table"} <= {*dir(result)} and len(dir(result)) < 10
    assert {"design", "df", "find", "rake", "release", "where"} <= {*dir(survey)}
    assert len(dir(survey)) <= 30
    for thing in (raked, result):
        assert all(hasattr(thing, name) for name in dir(thing))


def test_tables_of_a_survey_say_whose_they_are():
    survey = h.load_survey(ROOT / "data")
    said = "Tables of commissioners, providers, frontline: name one, as in ['commissioners']"
    assert {repr(t) for t in (survey.frames, survey.missing, survey.codes)} == {said}


def test_a_message_lists_at_most_twenty_names():
    survey = h.load_survey(ROOT / "data")
    with pytest.raises(InsightsError, match=r"Known names: resp.* and \d+ more\.$") as said:
        h.share(survey, "influence", by="siz")
    listed = str(said.value).partition("names: ")[2].partition(" and ")[0]
    assert listed.count(", ") == 19 and "organisation_size" in listed


@pytest.mark.parametrize(
    ("by", "meant"),
    [
        ("size", '"organisation_size"'),
        ("type", '"respondent_type" or "body_type"'),
        ("Organisation size", '"organisation_size"'),
        ("servicearea", '"service_area"'),
    ],
)
def test_a_message_names_what_may_be_meant(by, meant):
    with pytest.raises(InsightsError, match=f'"{by}". Did you mean {meant}'):
        h.share(h.load_survey(ROOT / "data"), "influence", by=by)


@pytest.mark.parametrize(
    ("name", "thing"), [*explained()], ids=lambda x: x if isinstance(x, str) else ""
)
def test_a_public_name_is_explained(name, thing):
    assert len(inspect.getdoc(thing) or "") > 20


@pytest.mark.parametrize("name", sorted(h.__all__))
def test_the_example_of_a_public_name_runs(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    [found] = doctest.DocTestFinder(recurse=False).find(getattr(h, name), name, globs={})
    assert found.examples
    said = []
    doctest.DocTestRunner().run(found, out=said.append)
    assert not said, "".join(said)


@pytest.mark.parametrize("method", METHODS["Survey"][1])
def test_the_examples_of_a_survey_run(method, monkeypatch):
    monkeypatch.chdir(ROOT)
    thing = inspect.getattr_static(type(h.load_survey("data/example")), method)
    [found] = doctest.DocTestFinder(recurse=False).find(thing, method, globs={})
    assert found.examples
    said = []
    doctest.DocTestRunner().run(found, out=said.append)
    assert not said, "".join(said)


RECIPES = [(name, getattr(h.recipes, name)) for name in (*h.recipes.__all__,)]


@pytest.mark.parametrize(
    ("name", "thing"), [*RECIPES, ("reliability", h.quality.reliability)], ids=lambda x: str(x)[:20]
)
def test_the_example_of_a_part_runs(name, thing, monkeypatch):
    monkeypatch.chdir(ROOT)
    [found] = doctest.DocTestFinder(recurse=False).find(thing, name, globs={})
    said = []
    doctest.DocTestRunner().run(found, out=said.append)
    assert found.examples and not said, "".join(said)


def test_importing_loads_no_library():
    code = (
        "import sys, helpers; "
        "print([n for n in ('pandas', 'plotly', 'statsmodels', 'numpy') if n in sys.modules])"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env
    )
    assert said.stdout.strip() == "[]"


# What a result is


RESULTS = {
    "share": lambda s: h.share(s, "views"),
    "share of two characteristics": lambda s: h.share(s, "visits", by=["branch", "age"]),
    "share of ticks": lambda s: h.share(s, "reasons", of="ticks"),
    "share of answers together": lambda s: h.share(s, "views", combine={"agree": ["4", "5"]}),
    "share with bounds": lambda s: h.share(s, "visits", bounds=True),
    "mean": lambda s: h.mean(s, "views", by="branch"),
    "net": lambda s: h.net(s, "views"),
    "total": lambda s: h.total(s.design(population_size=900), "visits"),
    "compare": lambda s: h.compare(s, "views", "branch"),
    "change": lambda s: h.change(s, "uses", "before", "now"),
    "crosstab": lambda s: h.crosstab(s, "reasons", "visits"),
    "model": lambda s: h.model(s, "views", "branch", "hours"),
    "logistic model": lambda s: h.model(s, "visits ~ age", combine={"often": ["weekly"]}),
    "linear model": lambda s: h.model(s, "views.hours ~ age + branch", kind="linear"),
    "weights": lambda s: s.rake({"age": {"younger": 0.5, "older": 0.5}}).weights,
}


@pytest.fixture(scope="module")
def library():
    return h.load_survey(ROOT / "data" / "example")


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_data_table_chart_sentence_and_files(name, library, tmp_path):
    found = RESULTS[name](library)
    assert isinstance(found, Result) and len(found.df) and found.df.index.is_unique
    assert any(str(column).endswith("_label") for column in found.df.columns)
    assert found.sentence.startswith(("Simulated: ", "In the simulated answers"))
    assert found.sentence in repr(found) and "<table" in found._repr_html_()
    assert isinstance(found.table().data, pd.DataFrame)
    assert found.chart().data and found.chart() is found.chart()
    assert "simulated" in found.chart()._slide.kind and found.chart()._slide.question
    found.chart().update_layout(title="Restyled")
    assert "Restyled" in found.save(tmp_path / "chart.html").read_text(encoding="utf-8")
    csv = found.save(tmp_path / "table.csv").read_text(encoding="utf-8-sig")
    assert "Readers of a town library" in csv and str(found.table().data.iloc[0, 0]) in csv
    assert found.save(tmp_path / "table.xlsx").read_bytes().startswith(b"PK")


def test_labels_follow_codes(library):
    df = h.share(library, "visits", by="branch").df
    at = list(df.columns)
    assert at[at.index("option") + 1] == "option_label"
    assert at[at.index("branch") + 1] == "branch_label"
    assert dict(zip(df["branch"], df["branch_label"], strict=True)) == {
        "centre": "Centre",
        "harbour": "Harbour",
    }


def test_shares_of_two_characteristics_are_those_of_their_groups(library):
    """Each crossed group against a count of the raw rows."""
    found = h.share(library, "visits", by=["branch", "age"]).df
    frame = library.frames["readers"]
    for (branch, age), rows in found.groupby(["branch", "age"]):
        held = frame[(frame["branch"] == branch) & (frame["_band_age"] == age)]
        expected = held["visits"].value_counts(normalize=True)
        for row in rows.to_dict("records"):
            assert row["estimate"] == pytest.approx(expected.get(row["option"], 0.0))


def test_missing_charts_and_unknown_file_types_say_so(library, tmp_path):
    found = h.share(library, "views")
    with pytest.raises(InsightsError, match=r"\.xlsx, \.png, \.svg, \.pdf"):
        found.save(tmp_path / "chart.gif")


def test_a_survey_shows_what_it_is(library):
    text, page = repr(library), library._repr_html_()
    for said in ("Readers of a town library", "Illustrative data", "60 readers", "95% ranges"):
        assert said in text and said in page
    assert list(library.questions["id"]) == list(library.codebook.questions)


def test_any_question_is_found_by_its_words(library):
    found = h.explore(library, first="visits")
    assert found.choice.value == "visits" and found._place.children[0].question.id == "visits"
    found.search.value = "town centre nobody wrote"
    assert "No question" in found._place.children[0].value
    found.search.value = "agree"
    assert found.choice.value == "views"
    found.filters.set({"branch": "centre"})
    assert "Centre" in found._place.children[0].found["filters"]


def test_the_reference_is_made_of_the_docstrings():
    written = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    again = "write it anew: python -m helpers.dashboards.site.reference > docs/api.md"
    assert written == reference(), again
    assert all(f"### h.{name}\n" in written for name in h.__all__)


def test_every_place_names_the_level_of_the_design(library):
    """Tables, sentences, charts and the words of the script that draws; none says 95%."""
    stated = library.design(level=0.9)
    view = h.question(stated, "views", h.filters(stated))
    assert json.dumps(stated.say.browser()) in drawing._script("en", "90%")._esm
    assert "95%" not in json.dumps(stated.say.browser())
    shown = [repr(h.share(stated, "views")), repr(h.mean(stated, "views")), view.still().html]
    shown += [json.dumps(view.found), repr(stated)]
    assert not [text for text in shown if "95%" in text]
    assert "90% range" in view.found["view"]["sentence"] and "90% from" in view.found["columns"]
