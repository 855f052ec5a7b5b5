"""A part of the respondents, chosen by a condition on any of their answers."""

from __future__ import annotations

import csv
import shutil

import pandas as pd
import pytest

import helpers as h
from helpers.errors import InsightsError
from places import CYCLING, ROOT
from three_waves import survey_of

RESPONSES = CYCLING / "responses" / "residents.csv"
YOUNG = ("16-24", "25-34")


@pytest.fixture(scope="module")
def survey():
    return h.load_survey(CYCLING)


@pytest.fixture(scope="module", params=["duckdb"])
def engine(request):
    """What holds the responses besides memory; `test_spark` has the same test of Spark."""
    return request.param


def number(cell: str) -> float | None:
    return float(cell) if cell else None


def people() -> list[dict[str, str]]:
    with RESPONSES.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# What Python makes of the cells of the file, by the rules that the questionnaire states.
CONDITIONS = {
    "age == 'young'": lambda p: p["age_group"] in YOUNG,
    "age != 'young'": lambda p: p["age_group"] not in ("", *YOUNG),
    "not age == 'young'": lambda p: p["age_group"] not in ("", *YOUNG),
    "often in ['daily', 'weekly']": lambda p: (
        p["owns"] == "yes" and p["often"] in ("daily", "weekly")
    ),
    "often not in ['daily', 'weekly']": lambda p: p["owns"] == "yes" and p["often"] == "never",
    "often == 98": lambda p: p["owns"] == "yes" and p["often"] == "98",
    "agree.safe >= 4": lambda p: p["agree.safe"] in ("4", "5"),
    "2 <= agree.safe < 4": lambda p: p["agree.safe"] in ("2", "3"),
    "agree.safe == 5 or agree.lanes == '5'": lambda p: "5" in (p["agree.safe"], p["agree.lanes"]),
    "barriers.hills and not barriers.traffic": lambda p: (
        p["barriers.hills"] == "x" and p["barriers.traffic"] != "x"
    ),
    "interviewer == 'A' and (owns == 'no' or age == 'older')": lambda p: (
        p["interviewer"] == "A" and (p["owns"] == "no" or p["age_group"] == "60+")
    ),
    "`interviewer` != 'A'": lambda p: p["interviewer"] not in ("", "A"),
    "distance > 20": lambda p: (number(p["distance"]) or 0) > 20,
    "not distance > 20": lambda p: p["distance"] != "" and float(p["distance"]) <= 20,
    "distance in [2, 60]": lambda p: number(p["distance"]) in (2, 60),
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_chooses_whom_python_chooses(survey, condition):
    expected = [p["ref"] for p in people() if CONDITIONS[condition](p)]
    assert survey.where(condition).df()["ref"].tolist() == expected and expected


def test_an_engine_chooses_the_same(engine):
    other = h.load_survey(CYCLING, engine=engine)
    for condition in list(CONDITIONS)[::3]:
        expected = [p["ref"] for p in people() if CONDITIONS[condition](p)]
        assert sorted(other.where(condition).df("owns")["ref"]) == expected
    chosen = other.where("age == 'young' and not distance > 20")
    own = h.load_survey(CYCLING).where("age == 'young' and not distance > 20")
    one, two = (h.share(s, "owns", by="district").df for s in (chosen, own))
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize(
    "estimate",
    [
        lambda s, **w: h.share(s, "owns", by="district", **w).df,
        lambda s, **w: h.share(s, "barriers", **w).df,
        lambda s, **w: h.mean(s, "distance", **w).df,
        lambda s, **w: h.total(s, "owns", **w).df,
        lambda s, **w: h.compare(s, "owns", by="district", **w).df,
        lambda s, **w: h.crosstab(s, "often", "district", **w).df,
        lambda s, **w: h.net(s, "agree", **w).df,
    ],
)
def test_estimates_of_a_part_are_those_of_a_filter(survey, estimate):
    """R's survey package confirms those (`tests/estimation`): a domain of the whole sample."""
    filtered = estimate(survey, where={"age": ["young", "middle"]})
    part = estimate(survey.where("age in ['young', 'middle']"))
    pd.testing.assert_frame_equal(part, filtered)
    other = estimate(
        survey.where("age != 'older'"), where={"age": ["young", "middle", "not_stated"]}
    )
    pd.testing.assert_frame_equal(other, filtered)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("age in ['young', 'middle'] and owns != 'yes'",
         "Age: 16 to 34 or 35 to 59; Owns a bicycle: not Yes"),
        ("barriers.weather or age == 'young'", "Weather: Named, or Age: 16 to 34"),
        ("(age == 'young' or owns == 'yes') and 2 < distance <= 60",
         "Age: 16 to 34, or Owns a bicycle: Yes; Longest ride > 2 and Longest ride ≤ 60"),
        ("not (age == 'young' and (owns == 'yes' or distance > 3))",
         "not (Age: 16 to 34 and (Owns a bicycle: Yes, or Longest ride > 3))"),
        ("age == 'young' or owns == 'yes' and distance > 3",
         "Age: 16 to 34, or (Owns a bicycle: Yes and Longest ride > 3)"),
        ("respondent_type == 'residents'", "Respondent type: Residents"),
    ],
)  # fmt: skip
def test_a_condition_is_said_in_labels(survey, condition, words):
    assert survey.where(condition).part == words


def test_results_say_what_they_are_of(survey, tmp_path):
    part = survey.where("age == 'young'")
    there = len(part.df()), len(survey.df())
    assert f"{there[0]} of {there[1]} " in repr(part)
    assert "Only Age: 16 to 34." in repr(part)
    for result in (
        h.share(part, "owns"),
        h.mean(part, "distance"),
        h.compare(part, "owns", by="district"),
        h.crosstab(part, "owns", "district"),
    ):
        assert "Only Age: 16 to 34" in str(result)
    saved = h.question(part, "owns").save(tmp_path / "owns.csv")
    assert ",Only Age: 16 to 34" in saved.read_text(encoding="utf-8-sig")


def test_a_second_condition_is_added_to_the_first(survey):
    both = survey.where("age == 'young' or age == 'middle'").where("owns == 'yes'")
    assert (
        both.df()["ref"].tolist()
        == survey.where("(age == 'young' or age == 'middle') and owns == 'yes'")
        .df()["ref"]
        .tolist()
    )
    assert survey.subset == "" and both.fingerprint == survey.fingerprint


@pytest.mark.slow
def test_several_populations():
    survey = h.load_survey(ROOT / "data")
    some = survey.where("respondent_type != 'frontline' and organisation_size == 'larger'")
    assert {*some.df()["respondent_type"]} == {"Commissioners", "Providers"}
    providers = survey.where("turnover in ['1m_to_10m', 'over_100m']")
    assert {*providers.df()["respondent_type"]} == {"Providers"}
    answered = providers.df()["influence.needs"].notna().sum()
    assert 0 < answered == h.share(providers, "influence").df["n"].max()
    assert set(h.share(providers, "change_drivers").df["status"]) == {"not asked of the selection"}
    with pytest.raises(InsightsError, match="no population has everything that"):
        survey.where("turnover == '1m_to_10m' and change_drivers.user_demand")


def test_the_whole_is_needed_for_some_things(survey, tmp_path):
    part = survey.where("age == 'young'")
    for call in (
        lambda: part.release(tmp_path / "release"),
        lambda: part.export(tmp_path / "a.sav"),
        lambda: part.rake({"district": {"north": 60, "centre": 90, "south": 60, "island": 30}}),
        lambda: h.printed(part),
        lambda: h.findings(part),
        lambda: part.with_responses({}),
    ):
        with pytest.raises(InsightsError, match=r"where|first"):
            call()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("agee == 'young'", 'there is no "agee". Did you mean "age"?'),
        ("age == 'yung'", 'age has no "yung". Did you mean "young" (16 to 34)?'),
        ("owns == 'Yess'", 'owns has no "Yess". Did you mean "yes"?'),
        ("age = 'young'", "has a single =. To compare, write =="),
        ("age == 'young' and", "is not a condition, such as"),
        ("", "give a condition as text"),
        (None, "give a condition as text"),
        ("age", "only a box needs no comparison"),
        ("age > 3", "has no numbers to put in order"),
        ("distance > '3'", "compare distance with a number"),
        ("age in 'young'", "list codes after in"),
        ("age == ['young']", "list codes after in"),
        ("age is 'young'", "compare with == or !="),
        ("age == owns", "compare a name with a code"),
        ("age == None", "compare a name with a code"),
        ("__import__('os').remove('x') == 1", "a name of a dimension or column is wanted"),
        ("[x for x in age]", "this is no condition"),
        ("age.__class__ == 'x'", "there is no"),
        ("_weight > 1", "there is no"),
        ("(" * 400 + "owns == 'yes'" + ")" * 400, "is not a condition"),
        ("not " * 3000 + "owns == 'yes'", "condition"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(survey, condition, said):
    with pytest.raises(InsightsError) as problem:
        survey.where(condition)
    assert str(problem.value).startswith("where: ") and said in str(problem.value)


def test_waves_are_chosen_in_each_call(tmp_path):
    survey = h.load_survey(survey_of(tmp_path))
    with pytest.raises(InsightsError, match=r'as in where={"wave": "2018"}'):
        survey.where("wave == '2018'")
    young = survey.where("age == 'young'")
    for chosen in ({}, {"wave": "2018"}, {"wave": "*"}):
        one = h.share(young, "visits", where=chosen).df
        pd.testing.assert_frame_equal(
            one, h.share(survey, "visits", where={**chosen, "age": "young"}).df
        )


def test_a_number_that_is_a_code_and_another_score_is_refused(tmp_path):
    """Codes of an approval scale run against its scores: == 1 and <= 1 would be opposite ends."""
    folder = tmp_path / "survey"
    shutil.copytree(CYCLING, folder)
    options = folder / "codebook" / "options.csv"
    text = options.read_text()
    lines = [
        line.rsplit(",", 2)[0] + f",{6 - int(line.split(',')[1])}," if line[:7] == "agree5," and
        line.split(",")[1] in "12345" else line
        for line in text.splitlines()
    ]  # fmt: skip
    options.write_text("\n".join(lines) + "\n")
    survey = h.load_survey(folder)
    for condition in ("agree.safe == 1", "agree.safe != 1", "agree.safe in [1, 2]"):
        with pytest.raises(InsightsError, match="is the code of “.*” and the score of"):
            survey.where(condition)
    assert len(survey.where("agree.safe == '1'").df()) == len(survey.where("agree.safe >= 5").df())
    assert len(survey.where("agree.safe == 3").df())  # the middle is the same


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("age == 'young' & owns == 'yes'", "has &. Write and, or, not"),
        ("age == 'young' || owns == 'yes'", r"has \|\|. Write and, or, not"),
        ("~(age == 'young')", "has ~. Write and, or, not"),
        ("age == young", "put the code in quotation marks: 'young'"),
        ("age.isin(['young'])", r"write age in \['a', 'b'\]"),
        ("age.isna()", "write age == 'not_stated'"),
        ("owns.notna()", "write owns != 'not_answered'"),
        ("owns.isnull()", "write owns == 'not_answered'"),
        ("distance.between(1, 5)", "write distance >= 1 and distance <= 5"),
    ],
)
def test_what_pandas_would_take_is_answered_with_what_to_write(survey, written, said):
    with pytest.raises(InsightsError, match=said):
        survey.where(written)


def test_an_item_with_a_number_for_its_name_needs_no_backticks(tmp_path):
    """Codes of items are often numbers; `q.1` is not a part of `q.10`, nor of a text."""
    book = {
        "survey.yml": "title: Items\nprovenance: public\npopulations:\n"
        "  people: {label: People, label_one: person, id: ref}\n",
        "questions.csv": "id,population,kind,label,option_set\nq,people,grid,Items,yn\n"
        "why,people,text,Why,\n",
        "items.csv": "question,item,label\nq,1,One\nq,10,Ten\n",
        "options.csv": "set,code,label\nyn,1,Yes\nyn,2,No\n",
    }
    for name, text in book.items():
        (tmp_path / "codebook").mkdir(exist_ok=True)
        (tmp_path / "codebook" / name).write_text(text)
    (tmp_path / "responses").mkdir()
    cells = "ref,q.1,q.10,why\n1,1,2,q.1\n2,1,1,no\n3,2,1,q.1\n"
    (tmp_path / "responses" / "people.csv").write_text(cells)
    items = h.load_survey(tmp_path)
    assert items.where("q.1 == 1 and q.10 == 2").df()["ref"].tolist() == ["1"]
    assert items.where("why == 'q.1'").df()["ref"].tolist() == ["1", "3"]
    assert items.where("`q.1` == '1' and not q.10 == 2").df()["ref"].tolist() == ["2"]


def test_a_survey_that_is_taken_for_a_table_says_what_to_write(survey):
    with pytest.raises(InsightsError, match=r'survey.df\("owns"\) gives its answers'):
        survey["owns"]
    for name, said in (
        ("owns", r'survey.df\("owns"\) gives the answers'),
        ("head", r"write survey.df\(\).head"),
        ("query", "write survey.where"),
        ("groupby", 'by="…"'),
    ):
        with pytest.raises(AttributeError, match=said):
            getattr(survey, name)
    assert not hasattr(survey, "something") and not hasattr(survey, "_repr_png_")
    assert survey.df(["owns", "age"]).equals(survey.df("owns", "age"))
