"""Comparisons as a reader sees them: the numbers of the estimates, in labels and true words."""

import html
import shutil
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import binomtest

import helpers as h
from helpers.analysis.comparisons import differing_in_words
from helpers.errors import InsightsError
from helpers.estimation import compare, crosstabs
from helpers.present.formats import difference, percent
from helpers.responses.survey import load_survey
from places import CYCLING

NOTHING = "says nothing about the world"


@pytest.fixture
def twelve(tmp_path):
    """Ten pairs: 7 took it up, 1 gave it up, 1 kept it, 1 never; two more lack an answer."""
    pairs = [("n", "y")] * 7 + [("y", "n"), ("y", "y"), ("n", "n"), ("", "y"), ("n", "")]
    (tmp_path / "codebook").mkdir()
    (tmp_path / "responses").mkdir()
    (tmp_path / "codebook/survey.yml").write_text(
        "title: T\nprovenance: public\npopulations: {p: {id: id}}\ntimes: {then: T, now: N}\n"
        "dimensions: {g: {label: G, bands: {a: A, b: B}, source: {p: g}}}\n"
    )
    (tmp_path / "codebook/questions.csv").write_text(
        "id,population,kind,label,option_set,times\nq,p,time_grid,Q,yn,then now\n"
    )
    (tmp_path / "codebook/items.csv").write_text('question,item,label\nq,i,"<b>Item</b> & co"\n')
    (tmp_path / "codebook/options.csv").write_text("set,code,label,score\nyn,y,Y,1\nyn,n,N,0\n")
    frame = pd.DataFrame(pairs, columns=["q.i.then", "q.i.now"])
    frame["id"], frame["g"] = range(12), ["a", "b"] * 6
    frame.to_csv(tmp_path / "responses/p.csv", index=False)
    return load_survey(tmp_path)


def test_change_by_hand(twelve):
    found = h.change(twelve, "q", "then", "now")
    row = found.table().data.set_index("Answer").loc["Y"]
    assert row[["Took it up", "Gave it up", "Kept it", "Never"]].tolist() == [7, 1, 1, 1]
    assert row["p"] == f"{binomtest(1, 8).pvalue:.3f}"  # McNemar's exact test: 1 of 8 against
    assert row["Difference in points"].startswith("+60 (")  # (7 - 1) / 10
    assert found.sentence == (
        "The only change from t to n tested is no larger than chance would explain."
    )
    assert not found.notes


@pytest.mark.parametrize("by", ["branch", "age"])
def test_word_p_and_sentence_of_a_difference_agree(by):
    """All three allow for the same comparisons; with a filter, for those of the question."""
    survey = h.load_survey("data/example")
    found = h.compare(survey, "views", by=by)
    differs = found.df["finding"].isin(["clear", "likely"])
    assert (found.df["significant"] == differs).all()
    assert ((found.df["p_adjusted"] <= 0.05) == differs).all()
    assert "So do adjusted p values; the ranges in brackets are adjusted ones." in found.notes[0]
    part = h.compare(survey, "views", by=by, where={"visits": ["weekly", "monthly"]})
    assert any("tests of this question only, the 95% ranges in brackets" in n for n in part.notes)
    assert (part.df["finding"] == "").all()
    assert len(part.df["p_adjusted"].dropna()) > 1


def few(tmp_path):
    """Two groups of thirty, and one of two people."""
    (tmp_path / "codebook").mkdir()
    (tmp_path / "responses").mkdir()
    (tmp_path / "codebook/survey.yml").write_text(
        "title: T\nprovenance: public\npopulations: {p: {id: id}}\n"
        "dimensions: {g: {label: G, bands: {a: A, b: B, c: C}, source: {p: g}}}\n"
    )
    (tmp_path / "codebook/questions.csv").write_text(
        "id,population,kind,label,option_set\nq,p,single,Q,ynm\n"
    )
    (tmp_path / "codebook/options.csv").write_text(
        "set,code,label\nynm,y,Yes\nynm,n,No\nynm,m,Maybe\n"
    )
    frame = pd.DataFrame({"g": ["a"] * 30 + ["b"] * 30 + ["c"] * 2})
    frame["q"] = ["y"] * 20 + ["n"] * 10 + ["y"] * 8 + ["n"] * 22 + ["m"] * 2
    frame.assign(id=range(62)).to_csv(tmp_path / "responses/p.csv", index=False)
    return load_survey(tmp_path)


def test_a_headline_is_not_of_a_few_people(tmp_path):
    survey = few(tmp_path)
    assert "A 67%" in h.share(survey, "q", by="g").sentence
    assert "B 27%" in h.share(survey, "q", by="g").sentence
    combined = h.share(survey, "q", by="g", combine={"sure": ["y", "n"], "rest": ["m"]})
    assert "A" in combined.sentence


def test_a_part_has_no_rows_of_groups_outside_it(tmp_path):
    survey = few(tmp_path)
    assert {*h.compare(survey, "q", by="g").df["other"]} == {"b", "c"}
    part = h.compare(survey.where("g != 'c'"), "q", by="g")
    assert {*part.df["group"], *part.df["other"]} == {"a", "b"}


def test_change_within_each_group(twelve):
    table = h.change(twelve, "q", "then", "now", by="g").table().data
    yes = table[table["Answer"] == "Y"].set_index("G")
    assert yes.loc[["A", "B"], "Took it up"].tolist() == [4, 3]  # a b a b … of the first seven


def test_markup_in_labels_is_shown_as_text(tmp_path):
    survey = load_survey("tests/surveys/cycling")
    page = h.compare(survey, "barriers", "age")._repr_html_()
    assert "&lt;b&gt;" in page and "<b>and" not in page
    shutil.copytree("data/example", tmp_path / "s")
    options = tmp_path / "s" / "codebook" / "options.csv"
    evil = "<img src=x onerror=alert(1)> [a](javascript:b) *c*"
    options.write_text(options.read_text().replace("Every week", evil))
    page = h.share(load_survey(tmp_path / "s"), "visits")._repr_html_()
    assert html.escape(evil) in page and "<img" not in page


@pytest.mark.slow
def test_differences_are_those_of_the_estimates():
    survey = load_survey()
    shown = h.compare(survey, "opportunities", "organisation_size")
    upper = {"positive": ("largely", "fully")}
    found = compare.groups(survey, "opportunities", "organisation_size", combine=upper)
    assert len(shown.df) == len(found) == 5
    rows = shown.table().data.to_dict("records")
    for row, expected in zip(rows, found.to_dict("records"), strict=True):
        assert f"{percent(expected['share'])} of {expected['n']}" in row["Group"]
    everybody = {"sector": [*survey.codebook.dimensions["sector"].bands]}
    some = h.compare(survey, "opportunities", "organisation_size", where=everybody)
    found = compare.groups(survey, "opportunities", "organisation_size", everybody, combine=upper)
    expected = [f"{p:.3f}" for p in found["p_adjusted"]]
    assert some.table().data["p adjusted"].tolist() == expected  # of the question alone
    assert shown.sentence.startswith("Simulated: none of 5 differences is larger than")
    assert NOTHING in shown.notes[-1]


@pytest.mark.slow
def test_clear_changes_are_named_with_their_interval():
    said = h.change(load_survey(), "contract_types_used", "then", "now").sentence
    assert "2 of 5 changes from three years ago to now are larger than chance would explain" in said
    assert "Grant with a service level agreement (−29 points, " in said
    assert "adjusted range −49 to −11)" in said  # wide enough for all changes from then to now


def test_sentences_name_the_level_of_the_design():
    survey = load_survey().design(level=0.9)
    assert "90% range" in h.change(survey, "contract_types_used", "then", "now").sentence
    assert "90% from" in h.net(survey, "influence").table().data


@pytest.mark.slow
def test_a_scale_moves_up_or_down():
    row = h.change(load_survey(), "pbr_income", "then", "now").table().data.iloc[0]
    assert (row["Moved up"], row["Stayed"], row["Moved down"]) == (25, 30, 0)
    assert row["Difference in mean score"].startswith("+0.49 (")
    assert row["p"] == "<0.001"


def test_two_questions_crossed():
    survey = load_survey()
    now = "commissioning_approach.organisation.now"
    found = h.crosstab(survey, "provider_list", now)
    row = found.tests.iloc[0]
    expected = crosstabs.table(survey, "provider_list", now).iloc[0]
    assert row["n"] == expected["n"] == 27 and row["p"] == expected["p"]
    assert "approximate" in repr(found)


def test_a_model_gives_effects_or_says_why_not():
    survey = load_survey()
    found = h.model(survey, "influence", "organisation_size", "needs")
    assert len(found.table().data) == 5 and set(found.df["n"]) == {55}
    assert "Left out of the model: 11 (no answer on the scale)." in found.notes
    assert found.sentence.startswith("Simulated: ")
    assert {"odds_ratio", "p"} <= set(found.tests.columns)
    with pytest.raises(InsightsError, match="3 respondents gave the rarer answer"):
        h.model(survey, "consortium", "organisation_size")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda s: h.change(s, "gone", "then", "now"), 'no question "gone"'),
        (lambda s: h.change(s, "influence", "then", "now"), "not asked of several points in time"),
        (lambda s: h.compare(s, "influence", "colour"), '"colour"'),
        (lambda s: h.compare(s, "influence", "body_type"), "not known for them"),
        (lambda s: h.compare(s, "gone", "sector"), 'no question "gone"'),
        (lambda s: h.crosstab(s, "gone", "sector"), 'no question "gone"'),
        (lambda s: h.crosstab(s, "influence", "colour"), '"colour"'),
        (lambda s: h.model(s, "gone", "sector"), 'no question "gone"'),
        (lambda s: h.model(s, "influence", "colour", "needs"), '"colour"'),
        (lambda s: h.share(s, "influence", of="votes"), "known: people, ticks"),
        (lambda s: h.compare(s, "influence", ["sector", "reach"]), "not by sector and reach"),
        (lambda s: h.crosstab(s, "influence", ["sector", "reach"]), "not by sector and reach"),
        (lambda s: h.share(s, "influence").save("x.docx"), ".csv, .xlsx, .png, .svg, .pdf, .html"),
    ],
)
def test_unknown_names_list_those_that_exist(call, said):
    with pytest.raises(InsightsError) as error:
        call(load_survey())
    assert said in str(error.value)


def test_a_cross_table_by_hand(twelve):
    """Now Y: the 7 who took it up, 1 who kept it, 1 who only answered now; of 11. G: a b a b …"""
    table = h.crosstab(twelve, "q", "g").table().data
    now = table[(table["When"] == "N") & (table["Answer"] == "Y")].iloc[0]
    assert now[["A", "B", "All"]].tolist() == ["too few (6)", "too few (5)", "82% of 11 [u]"]


def test_any_two_questions_are_crossed_and_tested_with_correction():
    survey = load_survey()
    found = h.crosstab(survey, "collaboration_forms", "contract_change")
    table = found.table().data
    frame = survey.frames["providers"]
    changed = frame[frame["contract_change"] == "yes"]["collaboration_forms.cross_sector_partner"]
    assert list(table.columns) == ["Item", "Yes", "No", "All"]
    assert table["Yes"][1] == f"{percent((changed == '1').mean())} of {len(changed)}"
    p, adjusted = found.tests["p"], found.tests["p_adjusted"]
    assert adjusted[p.idxmin()] == pytest.approx(p.min() * 5)  # least of five


def test_groups_too_small_to_read_are_not_tested():
    found = h.compare(load_survey(), "opportunities", "organisation_size", {"sector": "private"})
    shown = found.table().data
    assert set(shown["Group"]) == {"Smaller: too few (4)"}
    assert set(shown["p adjusted"]) == {"–"} == set(shown["Difference in points"])
    assert found.sentence.startswith("Simulated: no difference could be tested.")


def test_points_in_time_are_named_as_in_the_codebook():
    shown = h.compare(load_survey(), "commissioning_approach", "organisation_size").table().data
    assert shown["Answer"].str.endswith((" · Three years ago", " · Now", "two years")).all()


@pytest.mark.slow
def test_filters_do_not_apply_to_the_groups_compared():
    survey = load_survey()
    one = h.compare(survey, "influence", "organisation_size", {"organisation_size": "smaller"})
    assert one.df.equals(h.compare(survey, "influence", "organisation_size").df)


def test_a_headline_is_about_groups_that_were_stated():
    """Those who did not state their age are no group, however far their answers are."""
    survey = h.load_survey(CYCLING)
    changed = survey.codes["residents"]
    few = changed.index[changed["owns"] == "no"][:40]
    changed.loc[few, "age_group"] = ""
    found = h.share(survey.with_responses({"residents": changed}), "owns", by="age")
    shares = found.df[(found.df["option"] == "yes")].set_index("age")["estimate"]
    assert shares.idxmin() == "not_stated" and "Not stated" not in found.sentence
    assert "follow the weights" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("tested", "named", "said"),
    [
        (0, "", "no difference could be tested."),
        (1, "", "the only difference tested is no larger than chance would explain."),
        (1, "a", "the only difference tested is larger than chance would explain: a."),
        (3, "", "none of 3 differences is larger than chance would explain."),
        (3, "a", "1 of 3 differences is larger than chance would explain: a."),
        (3, "abc", "all 3 differences are larger than chance would explain: a; b; c."),
        (
            9,
            "abcdefg",
            "7 of 9 differences are larger than chance would explain: a; b; c; d; e; and 2 more.",
        ),
    ],
)
def test_tests_are_told_in_a_sentence(tested, named, said):
    survey = h.load_survey("data/example")
    assert differing_in_words(survey, tested, "difference", [*named]) == f"Simulated: {said}"


def test_groups_keep_their_labels_and_the_surest_come_first(tmp_path):
    """A name of a people is not written small; the largest difference is the surest here."""
    rows = [(g, n < k) for g, k in (("Welsh", 90), ("Irish", 60), ("Manx", 20)) for n in range(100)]
    survey = survey_of(tmp_path, rows)
    said = h.compare(survey, "q", "people").sentence
    assert "All 3 differences are larger than chance would explain: Yes, " in said
    assert said.index("Welsh against Manx") < said.index("Welsh against Irish")
    assert " may go unnoticed." in said


def survey_of(folder, rows):
    """Write a survey of one yes-no question; rows of group and answer."""
    for part in ("codebook", "responses"):
        (folder / part).mkdir()
    bands = ", ".join(dict.fromkeys(group for group, _ in rows))
    (folder / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: public\npopulations: {all: {}}\n"
        f"dimensions: {{people: {{bands: [{bands}], source: {{all: people}}}}}}\n"
    )
    (folder / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\nq,all,single,yn\n"
    )
    (folder / "codebook" / "options.csv").write_text("set,code,label\nyn,yes,Yes\nyn,no,No\n")
    lines = [f"{group},{'yes' if yes else 'no'}" for group, yes in rows]
    (folder / "responses" / "all.csv").write_text("\n".join(["people,q", *lines]) + "\n")
    return h.load_survey(folder)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((-0.02, 0.04), "+1 (−2 to +4)"),
        ((-0.002, 0.03), "+1 (0 to +3)"),
        ((0.002, 0.03), "+1.0 (+0.2 to +3.0)"),
        ((0.0003, 0.03), "+1.00 (+0.03 to +3.00)"),
        ((0.02, 0.03), "+1 (+2 to +3)"),
    ],
)
def test_a_range_that_leaves_nought_out_is_not_written_with_it(ends, said):
    row = {"estimate": 0.01, "ci_low": ends[0], "ci_high": ends[1]}
    assert difference(row) == said


@pytest.mark.parametrize(
    ("ends", "said"),
    [((-0.001, 0.002), "+0.1 (−0.1 to +0.2)"), ((-0.0001, 0.0004), "+0.02 (−0.01 to +0.04)"),
     ((-0.004, 0.03), "+1 (0 to +3)"), ((0.0, 0.0), "0 (0 to 0)")],
)  # fmt: skip
def test_the_effect_of_one_year_is_not_rounded_away(ends, said):
    row = {"estimate": round(sum(ends) / 2, 4), "ci_low": ends[0], "ci_high": ends[1]}
    assert difference(row) == said


def test_a_group_called_all_has_a_column_beside_that_of_everybody(tmp_path):
    folder = Path(shutil.copytree(CYCLING, tmp_path / "survey"))
    file = folder / "codebook" / "survey.yml"
    file.write_text(file.read_text().replace("north: North", "north: All"))
    table = h.crosstab(load_survey(folder), "owns", by="district").table().data
    plain = h.crosstab(load_survey(CYCLING), "owns", by="district").table().data
    assert table["All"].tolist() == plain["All"].tolist()
    assert table["All (2)"].tolist() == plain["North"].tolist()


def test_a_range_that_allows_for_other_comparisons_has_a_name_of_its_own(tmp_path):
    """Sentence, notes, CSV and workbook call it adjusted, and 95% ranges are those of `ci_low`."""
    survey = h.load_survey("data/example")
    whole = h.compare(survey, "views", by="age")
    part = h.compare(survey, "views", by="age", where={"visits": ["weekly", "monthly"]})
    judged = h.findings(survey, by="age")
    for found, ends, name in (
        (whole, "_adjusted", "adjusted "),
        (judged, "_adjusted", "adjusted "),
        (part, "", ""),
    ):
        table = pd.read_csv(found.save(tmp_path / "t.csv"))
        for end, head in (("low", "from"), ("high", "to")):
            printed = table[f"Difference in points: {name}{head}"].to_numpy()
            assert printed == pytest.approx(found.df[f"ci_{end}{ends}"].to_numpy(), nan_ok=True)
        assert any(f"{name}ranges" in note for note in found.notes)
        assert len([c for c in table if c.startswith("Difference in points")]) == 3
    assert (
        "adjusted range"
        in h.change(h.load_survey("data"), "contract_types_used", "then", "now").sentence
    )


def test_the_picture_of_a_comparison_shows_its_differences(tmp_path):
    survey = load_survey()
    found = h.compare(survey, "influence", by="organisation_size")
    (trace,) = found.chart().data
    assert list(trace.x) == pytest.approx(found.df["estimate"] * 100)
    high = [x + up for x, up in zip(trace.x, trace.error_x.array, strict=True)]
    assert high == pytest.approx(found.df["ci_high_adjusted"] * 100)
    cells = found.table().data["Difference in points"]
    assert all(cell in row.replace("<br>", " ") for cell, row in zip(cells, trace.y, strict=True))
    axis = found.chart().layout.xaxis.title.text
    assert axis == "Effective or very effective: Smaller less Larger, in points (adjusted range)"
    slide = found.chart()._slide
    assert slide.finding == found.sentence and "27 to 28 providers" in slide.below
    many = h.compare(survey, "influence", by="service_area")
    (trace,) = many.chart().data
    largest = many.df["estimate"].abs().nlargest(len(trace.x)) * 100
    assert list(map(abs, trace.x)) == pytest.approx(largest) and 1 < len(trace.x) < len(many.df)
    assert f"{len(trace.x)} largest of {len(many.df)}" in many.chart().layout.xaxis.title.text
    changed = h.change(survey, "contract_types_used", "then", "now")
    assert changed.chart()._slide.finding == changed.sentence


def test_a_picture_of_a_model_speaks_of_nothing_that_is_only_in_tables():
    model = h.model(load_survey(CYCLING), "helmet", ["district", "age"], combine={"yes": ["yes"]})
    assert "allows for all" in model.chart()._slide.below
    assert "below" not in model.chart()._slide.below
