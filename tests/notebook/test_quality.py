"""Who answered and where people left: worked by hand on twelve respondents."""

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from helpers.estimation.nonresponse import by_question, dropout
from helpers.estimation.tabulate import patterns
from helpers.notebook import quality
from helpers.responses.survey import load_survey

# Twelve people, four questions in this order; b is asked of those who said yes to a.
#   6 answer everything they are asked: 4 said yes (a b c d), 2 said no (a - c d)
#   3 leave after a: 1 said yes (a . . .), 2 said no (a - . .)
#   1 leaves out c and goes on: said yes (a b . d)
#   2 answer nothing at all: the gate is open, so b was not asked (. - . .)
ROWS = (
    [("yes", "x", "1", "x")] * 4
    + [("no", "", "1", "y")] * 2
    + [("yes", "", "", "")]
    + [("no", "", "", "")] * 2
    + [("yes", "y", "", "x")]
    + [("", "", "", "")] * 2
)


def folder(place, rows=ROWS, suffix="csv", weight=False):
    (place / "codebook").mkdir(parents=True)
    (place / "responses").mkdir()
    given = "weight: w, " if weight else ""
    (place / "codebook/survey.yml").write_text(
        f"title: T\nprovenance: public\npopulations: {{p: {{label: People, id: id, {given}}}}}\n"
        "dimensions: {g: {label: Group, bands: {one: One, two: Two, none: None}, source: {p: g}}}\n"
    )
    (place / "codebook/questions.csv").write_text(
        "id,population,kind,label,option_set,asked_if\n"
        "a,p,single,A,yn,\nb,p,single,B,xy,a = yes\nc,p,multiple,C,,\nd,p,single,D,xy,\n"
    )
    (place / "codebook/items.csv").write_text("question,item,label\nc,i,I\nc,j,J\n")
    (place / "codebook/options.csv").write_text("set,code\nyn,yes\nyn,no\nxy,x\nxy,y\n")
    frame = pd.DataFrame(rows, columns=["a", "b", "c.i", "d"])
    frame["c.j"] = ["0" if cell else "" for cell in frame["c.i"]]
    frame["g"] = ["one" if n % 3 else "two" for n in range(len(rows))]
    frame["id"] = [f"r{n}" for n in range(len(rows))]
    if weight:
        frame["w"] = [str(1 + n % 3) for n in range(len(rows))]
    if suffix == "csv":
        frame.to_csv(place / "responses/p.csv", index=False)
    else:
        import duckdb

        with duckdb.connect() as database:
            database.register("t", frame.astype(object))
            database.execute(f"COPY t TO '{place / 'responses/p.parquet'}' (FORMAT parquet)")
    return place


@pytest.fixture(params=["pandas", "duckdb", "weighted"])
def survey(request, tmp_path):
    if request.param == "duckdb":
        return load_survey(folder(tmp_path / "s", suffix="parquet"), engine="duckdb")
    return load_survey(folder(tmp_path / "s", weight=request.param == "weighted"))


def test_patterns_by_hand(survey):
    table = patterns(survey, "p")
    short = {"answered": "+", "not_answered": ".", "not_asked": "-"}
    found = {"".join(short[row[q]] for q in "abcd"): row["n"] for row in table.to_dict("records")}
    assert found == {"++++": 4, "+-++": 2, "+...": 1, "+-..": 2, "++.+": 1, ".-..": 2}
    assert table["n"].is_monotonic_decreasing


def test_item_nonresponse_by_hand(survey):
    table = by_question(survey, "p").set_index("question")
    assert table["asked"].to_dict() == {"a": 12, "b": 6, "c": 12, "d": 12}
    assert table["answered"].to_dict() == {"a": 10, "b": 5, "c": 6, "d": 7}
    for name, left in {"a": 2, "b": 1, "c": 6, "d": 5}.items():
        row = table.loc[name]
        expected = proportion_confint(left, row["asked"], method="wilson")
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(expected, rel=1e-12)
        assert row["share"] == pytest.approx(left / row["asked"], rel=1e-12)


def test_dropout_by_hand(survey):
    found = dropout(survey, "p")
    assert (found.respondents, found.complete, found.left, found.skipped) == (12, 6, 5, 1)
    # those who answered the question or a later one: seven reached d, so they reached c
    assert found.reached["reached"].tolist() == [10, 7, 7, 7]
    assert found.reached["share"].tolist() == pytest.approx([10 / 12, 7 / 12, 7 / 12, 7 / 12])


def test_every_mark_of_the_pattern_chart_is_a_cell(survey):
    chart = quality.patterns_chart(survey, "p")
    marks = {t["name"]: len(t["x"]) for t in chart.figure["data"]}
    # six patterns of four questions: + + + +, + - + +, + . . ., + - . ., + + . +, . - . .
    assert marks == {"Answered": 12, "Not asked": 3, "Left unanswered": 9}
    assert "6 patterns" in chart.words and "12 of 12 respondents" in chart.words
    assert "simulated" not in quality.dropout_in_words(survey).data


def test_who_answered_counts_empty_bands(survey):
    table = quality.who_answered(survey).data
    bands = dict(zip(table["Band"], table["Respondents"], strict=True))
    assert bands == {"": 12, "One": 8, "Two": 4, "None": 0}


@pytest.mark.slow
def test_our_blocks_are_those_of_the_report():
    survey = load_survey()
    bases = {
        name: by_question(survey, name).groupby("block")["answered"].max().tolist()
        for name in survey.codebook.populations
    }
    assert bases == {"commissioners": [31, 27, 22], "providers": [55, 50], "frontline": [56]}
    assert all(dropout(survey, name).skipped == 0 for name in bases)
    for words in (quality.blocks_in_words(survey).data, quality.dropout_in_words(survey).data):
        assert words.startswith("In the simulated data")
    assert "of 40, 31 (7 questions), then 27 (4 questions), then 22 (3 questions)" in (
        quality.blocks_in_words(survey).data
    )
    chart = quality.dropout_chart(survey)
    assert [len(t["x"]) for t in chart.figure["data"]] == [15, 16, 7]
    assert "55% the last" in chart.words  # 22 of 40


def test_a_respondent_without_answers_is_not_an_error(tmp_path):
    survey = load_survey(folder(tmp_path / "s", rows=[("", "", "", "")]))
    found = dropout(survey, "p")
    assert (found.respondents, found.complete, found.left) == (1, 0, 1)
    assert by_question(survey, "p").set_index("question")["asked"].to_dict() == {
        "a": 1, "b": 0, "c": 1, "d": 1,
    }  # fmt: skip
    assert "0 of 1" in quality.dropout_in_words(survey).data
    assert quality.unanswered(survey).data["Answered"].tolist() == [0, 0, 0, 0]
    assert quality.patterns_chart(survey, "p").words
    assert quality.worst_in_words(survey).data.startswith("*Nobody answered")
