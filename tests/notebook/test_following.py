"""Tables and sentences that follow the filters, and what is said where nothing can be read."""

import re
from pathlib import Path

import ipywidgets as widgets
import pandas as pd
import plotly.graph_objects as go
import pytest
from ipywidgets.widgets.widget import _instances

import helpers as h
from helpers import paths
from helpers.errors import InsightsError
from helpers.estimation.estimates import proportion
from helpers.notebook import controls, question_view, questions
from helpers.notebook.drawing import Picture
from helpers.notebook.following import follow, matched
from helpers.notebook.printed import printed
from helpers.present import summaries
from helpers.responses.selection import Selection
from helpers.responses.survey import load_survey
from places import CYCLING

SMALLER = {"organisation_size": "smaller"}


@pytest.fixture(scope="module")
def survey():
    return load_survey()


@pytest.mark.slow
def test_results_follow_the_filters(survey):
    filters = controls.filters(survey)
    shown = follow(filters, h.change, survey, "contract_types_used", "then", "now")
    said = follow(filters, h.share, survey, "contract_targets")
    everybody = shown.shown.df["kept"].tolist()
    filters.set(SMALLER)
    expected = h.change(survey, "contract_types_used", "then", "now", where=SMALLER)
    assert shown.shown.df.equals(expected.df)
    assert shown.shown.df["kept"].tolist() != everybody
    assert said.shown.sentence == h.share(survey, "contract_targets", where=SMALLER).sentence
    assert said.shown.sentence in said.still().plain
    filters.set({"respondent_type": "providers"})
    assert "this question was put to commissioners" in shown.shown.data
    filters.set({"organisation_size": []})
    assert "nobody is selected" in said.shown.data
    assert 'no question "gone"' in follow(filters, h.share, survey, "gone").shown.data


@pytest.mark.slow
def test_a_selection_too_small_to_read_gives_only_a_message(survey):
    filters = controls.filters(survey)
    both = ["organisation_size", "sector"]
    shown = [
        follow(filters, h.change, survey, "pbr_income", "then", "now"),
        follow(filters, h.compare, survey, "influence", "organisation_size"),
        follow(filters, h.model, survey, "influence", both, "needs"),
        follow(filters, h.share, survey, "suggested_reforms"),
        follow(filters, h.crosstab, survey, "collaboration_forms", "contract_change"),
    ]
    filters.set({"sector": "private", "reach": "regional"})
    for each in shown:
        assert "too few to report" in each.shown.data, each.function
    filters.set({"sector": "private"})
    assert "cannot" in shown[2].shown.data or "too few" in shown[2].shown.data
    assert shown[3].shown.df["n"].max() == 11


def test_table_caption_names_the_selection(survey):
    filters = controls.filters(survey)
    shown = follow(filters, h.compare, survey, "influence", "organisation_size")
    assert shown._below(filters.selection) == ""  # its sentence says that it is simulated
    plain = follow(filters, proportion, survey, "influence")
    assert plain._below(filters.selection) == f"*{survey.provenance.banner}*"
    filters.set({"sector": "social"})
    for each in (shown, plain):
        said = each._below(filters.selection)
        assert said.startswith("*Sector: Social sector. Illustrative data")


def test_matched_questions_each_follow_the_filters(survey):
    filters = controls.filters(survey)
    shown = matched(survey, "contract_types_used", filters)
    assert {"Commissioners", "Providers"} < set(shown.shown.data.columns)
    filters.set({"respondent_type": "providers"})
    assert "Commissioners" not in shown.shown.data.columns
    assert "this question was put to commissioners" in shown.shown.caption
    where = {"respondent_type": "providers", "sector": "social"}
    filters.set(where)
    expected = summaries.matched(survey, "contract_types_used", where).data
    assert shown.shown.data.equals(expected) and expected["Providers"].str.endswith("of 43").any()
    filters.set({"respondent_type": "frontline"})
    assert "Not asked of the selection" in shown.shown.data


def test_two_scales_are_shown_side_by_side_by_stage(survey):
    """Scales in other words: the upper end of each, so that no row is half empty."""
    table = summaries.matched(survey, "involvement_usefulness").data
    heads = ["Commissioners: useful or very useful", "Providers: effective or very effective"]
    assert list(table.columns) == ["Item", *heads] and len(table) == 5
    assert not (table == "not asked").to_numpy().any()


@pytest.mark.slow
def test_what_is_printed_says_that_it_follows_no_filters(survey):
    found = printed(survey)
    assert "filters do not apply" in found.beside("influence").caption
    assert "Nothing is printed" in found.beside("gone").caption


# Errors


@pytest.mark.parametrize("error", [ValueError("no such level"), KeyError("ghost"), RuntimeError()])
def test_an_error_replaces_the_result(survey, error):
    """What was made for other filters never stays below the new ones."""

    def fragile(survey, question, where):
        if where.conditions:
            raise error
        return pd.DataFrame({"kept": ["old result"]})

    filters = controls.filters(survey)
    shown = follow(filters, fragile, survey, "influence")
    assert "old result" in shown.children[0].value and shown.problem is None
    filters.set(SMALLER)
    said = "".join(child.value for child in shown.children)
    assert "old result" not in said + shown.still().plain + shown.still().html
    assert f"No result for this selection: {type(error).__name__} in fragile" in said
    assert shown.problem is error
    assert "Organisation size: Smaller" in said
    filters.set()
    assert "old result" in shown.children[0].value and shown.problem is None


def test_a_mistake_in_the_data_shows_its_own_message(survey):
    filters = controls.filters(survey)

    def refuses(survey, question, where):
        raise InsightsError("Rows 3 and 4 are the same.")

    assert (
        follow(filters, refuses, survey, "influence").shown.data == "*Rows 3 and 4 are the same.*"
    )
    missing = follow(filters, lambda survey, question: "", survey, "influence")
    assert "TypeError" in missing.shown.data and "where" in missing.shown.data


def test_charts_and_comparisons_show_their_errors_too(survey, monkeypatch):
    filters = controls.filters(survey)
    view = questions.question(survey, "influence", filters)
    both = h.question(survey, "influence", beside=(SMALLER, None))
    cycling = load_survey(CYCLING)
    number_filters = controls.filters(cycling)
    number = questions.question(cycling, "distance", number_filters)

    def broken(*_, **__):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(question_view, "live", broken)
    monkeypatch.setattr(question_view, "mean", broken)
    monkeypatch.setattr("helpers.notebook.side_by_side.selections", broken)
    filters.set(SMALLER)
    both.one.set()
    number_filters.set({"age": "older"})
    for said in (view.message, view.found["reason"], both._said.value, number._said.value):
        assert "No result for this selection: ZeroDivisionError in broken" in said
    assert view.result is None and view.figure is None and both.table.empty and number.table.empty


# What may be followed


def test_keywords_several_questions_and_the_comparison_reach_the_function(survey):
    seen = []

    def mine(survey, questions, level, *, where, by="nothing", note=""):
        seen.append((questions, level, where, by, note))
        return f"{by}: {', '.join(questions)}"

    filters = controls.filters(survey)
    both = ["influence", "pbr_income"]
    shown = follow(filters, mine, survey, both, 0.9, note="as asked")
    assert seen[-1] == (both, 0.9, Selection(), "nothing", "as asked")
    filters.set({"sector": "social", **SMALLER}, compare="sector")
    smaller = Selection((("organisation_size", ("smaller",)),))
    assert seen[-1] == (both, 0.9, smaller, "sector", "as asked")
    assert shown.shown.data == "sector: influence, pbr_income"
    assert len(seen) == 2, "one change of the filters, one call"
    given = follow(filters, mine, survey, both, 0.9, by="reach")
    where = Selection((("organisation_size", ("smaller",)), ("sector", ("social",))))
    assert seen[-1] == (both, 0.9, where, "reach", "") and given.shown.data.startswith("reach")


def test_a_table_compares_what_the_filters_compare(survey):
    filters = controls.filters(survey)
    shown = follow(filters, h.compare, survey, "influence")
    assert shown.shown.data == "*Choose what to compare by.*"
    filters.set(compare="sector")
    assert shown.shown.df.equals(h.compare(survey, "influence", "sector").df)
    split = follow(filters, proportion, survey, "influence")
    assert split.shown.equals(proportion(survey, "influence", "sector"))
    filters.set()
    assert split.shown.equals(proportion(survey, "influence"))
    filters.set(compare="body_type")  # which providers do not have
    assert shown.shown.data == "*Choose what to compare by.*"
    alone = follow(controls.filters(survey, []), h.compare, survey, "influence")
    assert alone.shown.data == "*There is nothing to compare by.*"


def test_tables_texts_figures_and_widgets_are_shown_as_a_notebook_shows_them(survey):
    filters = controls.filters(survey)

    def shown(made):
        return follow(filters, lambda survey, question, where: made, survey, "influence")

    assert "<td>7</td>" in shown(pd.DataFrame({"n": [7]})).children[0].value
    assert "<strong>7</strong>" in shown("**7** of them").children[0].value
    assert "&lt;b&gt;" in shown("<b>no markup</b>").children[0].value
    assert shown(widgets.Label("own")).children[0].value == "own"
    assert "(1, 2)" in shown((1, 2)).children[0].value
    styled = shown(pd.DataFrame({"n": [7]}).style)
    assert ">7</td>" in styled.children[0].value and "7" in styled.still().plain
    assert " at 0x" not in styled.still().plain
    lines = shown(go.Figure(go.Scatter(x=[1, 2], y=[3, 4], name="trend"))).children[0]
    assert isinstance(lines, Picture) and lines.figure["data"][0]["y"] == [3, 4]
    heat = shown(go.Figure(go.Heatmap(z=[[1, 2]]))).children[0]
    assert isinstance(heat, go.FigureWidget)


def test_nothing_is_displayed_inside_an_output(survey):
    """Nbclient can hang on that, and with it nbconvert, papermill and Voila."""
    before = len(_outputs())
    filters = controls.filters(survey)
    follow(filters, h.compare, survey, "influence", by="sector")
    matched(survey, "contract_types_used", filters)
    h.question(survey, "influence", beside=(None, None))
    filters.set(SMALLER)
    assert len(_outputs()) == before
    source = Path(question_view.__file__).parent
    words = re.compile(r"\b(clear_output|widgets\.Output|interact(ive(_output)?)?)\(")
    for path in (*source.glob("*.py"), *paths.NOTEBOOKS.glob("*.ipynb")):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if words.search(line) and ">>>" not in line], path.name


def _outputs():
    return [each for each in _instances.values() if isinstance(each, widgets.Output)]


@pytest.mark.slow
def test_replaced_results_leave_nothing_behind(survey):
    filters = controls.filters(survey)
    follow(filters, h.compare, survey, "influence", by="sector")
    filters.set(SMALLER)
    before = len(_instances)
    for _ in range(5):
        filters.set()
        filters.set(SMALLER)
    assert len(_instances) == before


# The filters as a control


def test_the_value_of_the_filters_changes_once_for_each_change(survey):
    filters = controls.filters(survey)
    values, choices = [], []
    filters.observe(lambda change: values.append((change["old"], change["new"])), "value")
    filters.observe(lambda change: choices.append(change["new"]), "choice")
    smaller = Selection((("organisation_size", ("smaller",)),))
    both = Selection((("organisation_size", ("smaller",)), ("sector", ("social",))))
    filters.set(SMALLER)
    filters.set(SMALLER)
    filters.set({"sector": "social", **SMALLER}, compare="reach")
    filters.chips["sector"]._boxes["social"].value = False  # now nothing is ticked
    filters.chips["sector"]._boxes["social"].value = True
    filters.set(both, compare="sector")
    filters.set({"organisation_size": ["larger", "smaller"]})  # all there are
    none = Selection((("organisation_size", ("smaller",)), ("sector", ())))
    assert [new for _, new in values] == [smaller, both, none, both, Selection()]
    assert [old for old, _ in values] == [Selection(), smaller, both, none, both]
    assert [compare for _, compare in choices] == ["", "reach", "reach", "reach", "sector", ""]
    assert filters.value == filters.selection and len({new for _, new in values}) == 4


def test_observers_see_one_state(survey):
    filters = controls.filters(survey)
    seen = []
    for name in ("value", "selection", "compare", "choice"):
        filters.observe(lambda _: seen.append((filters.value, filters.compare)), name)
    filters.set(SMALLER, compare="sector")
    assert len(seen) == 4 and len(set(seen)) == 1


def test_the_filters_are_a_control_for_ipywidgets(survey):
    got = []
    filters = controls.filters(survey)

    def mine(selection, by):
        got.append((selection, by))

    widgets.interactive_output(mine, {"selection": filters, "by": filters.comparison})
    filters.set(SMALLER)
    filters.set(SMALLER, compare="sector")
    assert got == [
        (Selection(), ""),
        (Selection.of(SMALLER), ""),
        (Selection.of(SMALLER), "sector"),
    ]
    filters.value = {"sector": ["social"]}
    assert got[-1] == (Selection.of({"sector": "social"}), "sector")
    assert filters.chips["sector"].value == ("social",) and filters.compare == "sector"
    called = widgets.interactive(lambda selection: selection.conditions, selection=filters)
    called.update()
    assert called.result == (("sector", ("social",)),)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"where": {"sectr": "social"}}, 'There is no filter for sectr. Did you mean "sector"?'),
        ({"where": {"sector": "socal"}}, 'sector has no "socal". Did you mean "social"?'),
        ({"where": {"sector": "not_stated"}}, 'sector has no "not_stated"'),
        ({"where": "social"}, "where is 'social'"),
        ({"where": {"sector": 3}}, "where names sector 3: codes are text"),
        ({"compare": "sectr"}, "There is no comparison by 'sectr'. Did you mean \"sector\"?"),
        ({"compare": "respondent_type"}, "There is no comparison by 'respondent_type'"),
        ({"compare": None}, "There is no comparison by None"),
    ],
)
def test_unknown_choices_are_refused_and_change_nothing(survey, given, words):
    filters = controls.filters(survey)
    filters.set(SMALLER, compare="reach")
    with pytest.raises(InsightsError) as refused:
        filters.set(**given)
    assert words in str(refused.value)
    assert filters.choice == (Selection.of(SMALLER), "reach")
    assert filters.chips["organisation_size"].value == ("smaller",)
    for name, value in given.items():
        with pytest.raises(InsightsError):
            setattr(filters, "value" if name == "where" else name, value)
    assert filters.choice == (Selection.of(SMALLER), "reach")


def test_an_unavailable_comparison_starts_as_none():
    """Notebooks run on any survey."""
    cycling = load_survey(CYCLING)
    assert controls.filters(cycling, ["sector"], compare="sector").compare == ""
    assert controls.filters(cycling, compare="age").choice == (Selection(), "age")
