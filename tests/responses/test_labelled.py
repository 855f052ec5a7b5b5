"""Answers as one table in words, and questions found by their words."""

from __future__ import annotations

import csv
import shutil
from collections import Counter

import pandas as pd
import plotly.express
import pytest
import statsmodels.formula.api as smf

import helpers as h
from helpers.errors import InsightsError
from places import CYCLING, ROOT


@pytest.fixture(scope="module")
def survey():
    return h.load_survey(CYCLING)


def rows(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def words(name: str) -> dict[str, str]:
    """Labels of a set of options that answer a question, as its table has them."""
    listed = rows(CYCLING / "codebook" / "options.csv")
    return {o["code"]: o["label"] for o in listed if o["set"] == name and not o["missing"]}


def test_each_respondent_has_a_row_and_each_question_a_column_in_words(survey):
    df = survey.df()
    first = df.set_index("ref").loc["R002"]
    assert first[["age", "district", "owns", "often"]].tolist() == [
        *("16 to 34", "South", "Yes", "Every day")
    ]
    assert first[["purposes.work", "purposes.shops", "barriers.hills"]].tolist() == [0.0, 1.0, 0.0]
    assert first[["agree.lanes", "distance", "remark"]].tolist() == [
        *("Strongly disagree", 25.5, "Nothing, thanks")
    ]
    assert first["weight"] == 1.44 and "wt" not in df and not {*df} & {"_weight", "_band_age"}
    assert df["ref"].tolist() == [
        row["ref"] for row in rows(CYCLING / "responses" / "residents.csv")
    ]


@pytest.mark.parametrize(("column", "options"), [("often", "often"), ("agree.safe", "agree5")])
def test_columns_have_the_answers_of_the_file(survey, column, options):
    labels = words(options)
    cells = [row[column] for row in rows(CYCLING / "responses" / "residents.csv")]
    expected = Counter(labels[cell] for cell in cells if cell in labels)
    assert survey.df()[column].value_counts().to_dict() == expected
    assert survey.df(codes=True)[column].value_counts().to_dict() == Counter(
        cell for cell in cells if cell in labels
    )


def test_a_scale_is_ordered_by_its_scores_and_other_answers_as_they_are_listed(survey):
    df = survey.df()
    assert df["agree.safe"].cat.ordered and df["agree.safe"].cat.categories.tolist() == [
        *("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree")
    ]
    assert not df["often"].cat.ordered
    assert df["often"].cat.categories.tolist() == ["Every day", "Every week", "Never"]
    assert df["age"].cat.categories.tolist() == ["16 to 34", "35 to 59", "60 and over"]
    assert df["age"].cat.ordered


def test_an_answer_that_is_missing_for_any_reason_is_missing(survey):
    df, missing = survey.df(), survey.missing["residents"]
    assert {"not_asked", "dont_know"} <= {*missing["often"].dropna()}
    for column in [c for c in missing if c != "ref"]:
        assert df[column].isna().tolist() == missing[column].notna().tolist()


def test_shares_of_the_frame_are_those_of_share():
    survey = h.load_survey(ROOT / "data" / "example")
    df = survey.df("reasons", "age")
    found = h.share(survey, "reasons", by="age").df
    for row in found[found["status"] == "ok"].itertuples():
        boxes = df.loc[df["age"] == survey.codebook.dimensions["age"].bands[row.age]]
        assert boxes[f"reasons.{row.item}"].mean() == pytest.approx(row.estimate)


@pytest.fixture(params=["duckdb"])
def engine(request):
    """What holds the responses besides memory; `test_spark` has the same test of Spark."""
    return request.param


def test_an_engine_gives_the_same_frame(engine):
    one, other = h.load_survey(CYCLING), h.load_survey(CYCLING, engine=engine)
    for names, codes in (((), False), (("agree", "age", "distance"), True)):
        frame = other.df(*names, codes=codes).sort_values("ref", ignore_index=True)
        pd.testing.assert_frame_equal(frame, one.df(*names, codes=codes))


def test_several_populations_are_one_frame_and_questions_choose_whose():
    survey = h.load_survey(ROOT / "data")
    df = survey.df()
    assert df["respondent_type"].value_counts().to_dict() == {
        "Providers": 66,
        "Frontline workers": 56,
        "Commissioners": 40,
    }
    asked = df["respondent_type"] == "Providers"
    assert df.loc[~asked, "influence.needs"].isna().all()
    assert isinstance(df["influence.needs"].dtype, pd.CategoricalDtype)
    chosen = survey.df("influence", "organisation_size")
    assert {*chosen["respondent_type"]} == {"Providers"} and len(chosen) == 66
    assert [c for c in chosen if not c.startswith("influence.")] == [
        *("respondent_type", "respondent_id", "organisation_size")
    ]
    assert len(survey.df("organisation_size")) == 162
    assert {*survey.df("influence", codes=True)["respondent_type"]} == {"providers"}


def test_a_dimension_with_the_name_of_a_question_stays_beside_it(tmp_path):
    folder = shutil.copytree(CYCLING, tmp_path / "cycling")
    path = folder / "codebook" / "survey.yml"
    path.write_text(
        path.read_text(encoding="utf-8")
        + "  owns: {label: Owner, bands: {owner: Owns one, other: Owns none},"
        " source: {residents: {column: owns, map: {yes: owner, no: other}}}}\n"
        "  often: {label: Often, bands: {daily: Every day, weekly: Every week, never: Never},"
        " source: {residents: often}}\n",
        encoding="utf-8",
    )
    df = h.load_survey(folder).df()
    assert pd.crosstab(df["owns"], df["owns_band"]).loc["Yes", "Owns none"] == 0
    assert {*df["owns_band"].cat.categories} == {"Owns one", "Owns none"}
    assert "often" in df and "often_band" not in df  # the same answers


def test_the_frame_is_usable_at_once(survey):
    df = survey.df()
    fitted = smf.ols("distance ~ age", df).fit()
    means = df.groupby("age", observed=True)["distance"].mean()
    assert fitted.params.iloc[0] == pytest.approx(means["16 to 34"])
    chart = plotly.express.histogram(df, x="often", color="age", labels=df.attrs["labels"])
    assert chart.layout.xaxis.title.text == "How often"
    assert sum(len(trace.x) for trace in chart.data) == df["age"].notna().sum()
    df["often"] = "changed"
    assert "changed" not in {*survey.df()["often"]}


def test_labels_say_what_each_column_is():
    labels = h.load_survey(ROOT / "data").df("contract_types_used", "body_type").attrs["labels"]
    name = "contract_types_used.grant_sla.then"
    assert labels[name] == "Grant with a service level agreement · Three years ago"
    assert labels["body_type"] == "Type of commissioning body"


def test_raked_weights_are_those_of_the_frame(survey):
    margin = {"district": {"north": 60, "centre": 90, "south": 60, "island": 30}}
    raked = survey.rake(margin)
    by = raked.df("district").groupby("district", observed=True)["weight"].sum()
    shares = by / by.sum()
    assert shares.round(6).to_dict() == {
        "North": 0.25,
        "Centre": 0.375,
        "South": 0.25,
        "Island": 0.125,
    }


@pytest.mark.parametrize(
    ("name", "said"), [("agre", 'Did you mean "agree"'), ("_weight", "Known names: ")]
)
def test_a_name_that_does_not_exist_is_said_with_those_that_do(survey, name, said):
    with pytest.raises(InsightsError, match=f'There is no column "{name}". {said}'):
        survey.df(name)


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ("RISK pass providers", {"change_drivers": "item: To pass risk to providers"}),
        ("most regularly drawbridge", {}),
    ],
)
def test_questions_are_found_by_their_words(searched, found):
    survey = h.load_survey(ROOT / "data")
    table = survey.find(searched)
    assert dict(zip(table["id"], table["found_in"], strict=True)) == found
    assert [*table] == ["id", "label", "kind", "asked_of", "found_in"]


def test_the_question_that_asks_for_it_is_found_first(tmp_path):
    """`age` is in *language*, in an answer and in what people wrote: none of them asks for it."""
    wanted = ["How old are you? Your age", "By age"]
    rows = {
        "tongue": ("single", "Language", "tongue"),
        "said": ("text", "What do you say about your age?", ""),
        "why": ("single", "Reason", "why"),
        "old": ("single", wanted[0], "tongue"),
        "grouped": ("single", wanted[1], "tongue"),
    }
    (tmp_path / "codebook").mkdir()
    (tmp_path / "responses").mkdir()
    asked = [f"{name},people,{kind},{label},{of}\n" for name, (kind, label, of) in rows.items()]
    book = {
        "survey.yml": "title: Words\nprovenance: public\npopulations:\n"
        "  people: {label: People, label_one: person, id: ref}\n",
        "questions.csv": "id,population,kind,label,option_set\n" + "".join(asked),
        "options.csv": "set,code,label\ntongue,a,One\ntongue,b,Two\nwhy,a,My age\nwhy,b,Other\n",
    }
    for name, text in book.items():
        (tmp_path / "codebook" / name).write_text(text)
    cells = ["ref", *rows], ["1", "a", "because", "a", "b", "a"], ["2", "b", "age", "b", "a", "b"]
    (tmp_path / "responses" / "people.csv").write_text("\n".join(map(",".join, cells)))
    survey = h.load_survey(tmp_path)
    assert survey.find("Age")["id"].tolist() == ["old", "grouped", "why", "tongue", "said"]
    assert survey.questions["id"].tolist() == ["tongue", "why", "old", "grouped", "said"]
    assert survey.find("")["id"].tolist() == survey.questions["id"].tolist()


def test_words_are_found_wherever_a_question_has_them(survey):
    def places(words: str) -> dict[str, str]:
        table = survey.find(words)
        return dict(zip(table["id"], table["found_in"], strict=True))

    assert places("bicycle OWNS") == {"owns": "label"}
    assert places("Every day") == {"often": "answer: Every day"}
    assert places("how often leisure") == {}
    assert places("barriers theft") == {"barriers": "several places"}
    assert [*places("")] == survey.questions["id"].tolist()
