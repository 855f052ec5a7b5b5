"""Answers that are declared to be none: in Python, or by one line of survey.yml."""

from __future__ import annotations

import csv
import re
from statistics import fmean

import duckdb
import pytest

import helpers as h
from helpers.cli import main
from helpers.errors import InsightsError, SurveyProblems
from helpers.responses.loading import has_responses

SURVEY = """\
title: A poll
provenance: illustrative
populations:
  people: {label: People, id: ref}
dimensions:
  race: {}
  region:
    bands: {north: North, south: South, ref: Refused}
    source: {people: {column: area, map: {"1": north, "2": south, "9": ref}}}
  grown:
    bands: {young: Young, old: Old}
    source: {people: {column: age, map: {18 to 40: young, 41 to 99: old}}}
"""
QUESTIONS = """\
id,population,kind,label,option_set
race,people,single,Race,race
vote,people,single,Vote,vote
trust,people,grid,Trust,trust
age,people,number,Age,
"""
OPTIONS = """\
set,code,label,score
race,w,White,
race,b,Black,
race,9,Refused,
vote,1,Yes,
vote,2,No,
vote,8,refused,
vote,99,Other party,
trust,1,Low,1
trust,2,High,2
trust,3,Full,3
trust,99,Refused,99
"""
ITEMS = "question,item,label\ntrust,law,The law\ntrust,press,The press\n"


def people():
    ages = (19, 25, 99, 44, 61)
    return [
        {
            "ref": f"p{n}",
            "race": "wbb9w"[n // 3 % 5],
            "vote": ("1", "2", "8", "99", "1", "2")[n % 6],
            "trust.law": ("1", "2", "99")[n % 3],
            "trust.press": ("2", "1")[n % 2],
            "age": str(ages[n % 5]),
            "area": ("1", "2", "9", "1")[n % 4],
        }
        for n in range(60)
    ]


@pytest.fixture
def folder(tmp_path):
    book = tmp_path / "codebook"
    book.mkdir()
    for name, text in (
        *(("survey.yml", SURVEY), ("questions.csv", QUESTIONS)),
        *(("options.csv", OPTIONS), ("items.csv", ITEMS)),
    ):
        (book / name).write_text(text.replace("id: ref}", "id: ref, other_columns: [area]}"))
    (tmp_path / "responses").mkdir()
    with open(tmp_path / "responses" / "people.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, people()[0])
        writer.writeheader()
        writer.writerows(people())
    return tmp_path


def shares(survey, question):
    df = h.share(survey, question).df
    names = [name for name in ("item", "option") if df[name].ne("").any()]
    keys = [k if len(names) > 1 else k[0] for k in df[names].itertuples(index=False, name=None)]
    return dict(zip(keys, df["estimate"].round(10), strict=True))


def expected(column, codes):
    said = [p[column] for p in people() if p[column] in codes]
    return {code: round(said.count(code) / len(said), 10) for code in codes}


def declared(folder, way, line="{not_answered: [Refused, age = 99]}"):
    """The survey by the method, by the line of survey.yml, or on DuckDB."""
    if way == "method":
        return h.load_survey(folder).as_missing("Refused", "age = 99")
    if way.startswith("duckdb"):
        path = folder / "responses" / "people.csv"
        duckdb.sql(
            f"COPY (SELECT * FROM read_csv('{path}', all_varchar = true)) "
            f"TO '{path.with_suffix('.parquet')}'"
        )
        path.unlink()
        if way == "duckdb":
            return h.load_survey(folder, engine="duckdb").as_missing("Refused", "age = 99")
    path = folder / "codebook" / "survey.yml"
    path.write_text(f"{path.read_text()}missing: {line}\n")
    return h.load_survey(folder, engine="duckdb" if way == "duckdb_line" else None)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["method", "line", "duckdb", "duckdb_line"])
def test_a_declared_refusal_is_in_no_base_group_or_number(way, folder):
    survey = declared(folder, way)
    assert shares(survey, "race") == expected("race", "wb")
    assert shares(survey, "vote") == expected("vote", ("1", "2", "99"))
    law = expected("trust.law", ("1", "2", "3"))
    assert {k[1]: v for k, v in shares(survey, "trust").items() if k[0] == "law"} == law
    ages = [int(p["age"]) for p in people() if p["age"] != "99"]
    mean = h.mean(survey, "age").df.iloc[0]
    assert (mean["estimate"], mean["n"]) == (pytest.approx(fmean(ages)), len(ages))
    assert h.mean(survey, "trust").df["estimate"].max() <= 2
    books = survey.codebook.dimensions
    assert [*books["region"].bands] == ["north", "south"] and [*books["race"].bands] == ["w", "b"]
    n = h.share(survey, "trust", by="region").df.query("item == 'press'")
    sizes = n.drop_duplicates("region").set_index("region")["n"].to_dict()
    assert sizes == {"north": 30, "south": 15, "not_stated": 15}
    old = h.share(survey, "race", by="grown").df.drop_duplicates("grown").set_index("grown")["n"]
    both = [p for p in people() if p["race"] != "9" and 41 <= int(p["age"]) < 99]
    assert old["old"] == len(both)
    assert survey.df("age")["age"].isna().sum() == 12
    held = survey.missing["people"]
    held = held.df() if way.startswith("duckdb") else held
    assert (held["age"] == "not_answered").sum() == 12


def test_notes_count_what_is_declared_and_responses_have_another_fingerprint(folder):
    survey = h.load_survey(folder)
    other = survey.as_missing("Refused", "age = 99")
    refused = sum(
        (p["race"] == "9") + (p["vote"] == "8") + (p["trust.law"] == "99") + (p["area"] == "9")
        for p in people()
    )
    assert other.notes == [
        f"“Refused” (refused) counts as not answered in 3 questions and 1 characteristic: "
        f"{refused} answers.",
        "“age = 99” (99) counts as not answered in 1 question: 12 answers.",
    ]
    assert other.fingerprint != survey.fingerprint and not survey.notes
    assert "“Refused”" in repr(other)


def test_a_code_is_none_where_no_answer_has_that_label(folder):
    survey = h.load_survey(folder).as_missing("99", kind="dont_know")
    assert survey.codebook.declared[0].codes == {"vote": ("99",), "trust": ("99",)}
    assert "Other party, Refused" in survey.notes[0]
    assert (survey.missing["people"]["vote"] == "dont_know").sum() == 10
    assert h.mean(survey, "age").df["estimate"].iloc[0] == fmean(int(p["age"]) for p in people())


def test_derived_variables_are_made_again_of_what_is_left(folder):
    survey = h.load_survey(folder).derive(band=h.recipes.bands("age", [0, 41, 150]))
    before = h.share(survey, "band").df["n"].iloc[0]
    after = h.share(survey.as_missing("age in 99"), "band").df["n"].iloc[0]
    assert (before, after) == (60, 48)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["method", "duckdb"])
def test_a_number_that_means_dont_know_is_in_no_band_condition_or_model(way, folder):
    if way == "duckdb":
        declared(folder, way)  # turns the file into Parquet
    survey = h.load_survey(folder, engine=way if way == "duckdb" else None)
    unknown, gone = survey.as_missing("age = 99", kind="dont_know"), survey.as_missing("age = 99")
    assert len(unknown.where("age > 60").df()) == len(gone.where("age > 60").df()) == 12
    assert len(unknown.where("not age < 60").df()) == 12
    made = {
        "band": h.recipes.bands("age", [0, 41, 150]),
        "third": h.recipes.bands("age", quantiles=3),
        "old": h.recipes.first({"older": "age > 60", "younger": "age <= 60"}),
    }
    one, other = unknown.derive(**made), gone.derive(**made)
    for name in made:
        said = h.share(one, name).df[["option", "n", "estimate"]]
        assert said.equals(h.share(other, name).df[["option", "n", "estimate"]])
        assert set(said["n"]) == {48}
    models = [
        (h.model(one, "race", ["age"], combine={"white": ["w"]}), h.model(one, "age", ["region"]))
        for one in (unknown, gone)
    ]
    for one, other in zip(*models, strict=True):
        assert one.df["estimate"].tolist() == other.df["estimate"].tolist()
    assert "12 (age not stated)" in " ".join(models[0][0].notes)


@pytest.mark.parametrize("kind", ["not_answered", "dont_know"])
def test_groups_by_a_number_of_which_a_code_is_none_are_those_of_the_other_numbers(kind, folder):
    survey = h.load_survey(folder).as_missing("age = 99", kind=kind)
    sizes = h.share(survey, "race", by="age").df.drop_duplicates("age").set_index("age")["n"]
    assert sizes[["19", "25", "44", "61"]].tolist() == [12] * 4
    with pytest.raises(InsightsError, match="age holds numbers or text"):
        h.model(survey, "trust", ["age"], item="law")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["not_answered", "not_asked", "dont_know"])
@pytest.mark.parametrize("way", ["line", "duckdb_line"])
def test_who_was_asked_follows_from_answers_before_they_are_none(way, kind, folder):
    """Refusals were a way into these questions: the folder loads, as the method says."""
    questions = folder / "codebook" / "questions.csv"
    head, *rows = questions.read_text().splitlines()
    rows = [f"{row}," for row in rows]
    rows += ["why,people,single,Why,gb,race != w", "no,people,single,Why not,gb,race = 9"]
    rows += ["adult,people,single,Adult,gb,age >= 30"]
    questions.write_text("\n".join([f"{head},asked_if", *rows]) + "\n")
    options = folder / "codebook" / "options.csv"
    options.write_text(f"{options.read_text()}gb,good,Good,\ngb,bad,Bad,\n")
    path = folder / "responses" / "people.csv"
    more = [
        {
            "why": "good" if p["race"] == "9" else "bad" if p["race"] == "b" else "",
            "no": ("good", "")[n % 2] if p["race"] == "9" else "",
            "adult": ("good", "bad")[n % 2] if int(p["age"]) >= 30 else "",
        }
        for n, p in enumerate(people())
    ]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, people()[0] | more[0])
        writer.writeheader()
        writer.writerows(p | q for p, q in zip(people(), more, strict=True))
    engine = "duckdb" if way == "duckdb_line" else None
    by_method = h.load_survey(folder).as_missing("Refused", "age = 99", kind=kind)
    survey = declared(folder, way, f"{{{kind}: [Refused, age = 99]}}")
    assert shares(survey, "adult") == shares(by_method, "adult")
    assert h.share(survey, "adult").df["n"].iloc[0] == sum(int(p["age"]) >= 30 for p in people())
    refused = [p["race"] for p in people()].count("9")
    assert h.share(survey, "no", base="asked").df["n"].iloc[0] == refused
    assert survey.notes == by_method.notes
    codes = survey.codes["people"]
    codes = codes.df() if engine else codes
    expected_codes = by_method.codes["people"]
    assert codes[expected_codes.columns].equals(expected_codes)
    if not engine:
        assert survey.fingerprint == by_method.fingerprint
    again = survey.with_responses({"people": survey.codes["people"]}, engine=engine)
    assert shares(again, "adult") == shares(survey, "adult")
    survey.export(folder / "poll.xlsx")
    h.import_survey(folder / "poll.xlsx", folder / "again")
    assert shares(h.load_survey(folder / "again"), "why") == shares(survey, "why")
    changed = codes.assign(why="good")  # of whoever has said how the question is reached
    with pytest.raises(SurveyProblems, match="why is asked if race != w"):
        survey.with_responses({"people": changed}, engine=engine)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["not_answered", "dont_know"])
@pytest.mark.parametrize("entry", ["age = 99", "age = 99.0"])
@pytest.mark.parametrize("way", ["method", "line", "duckdb"])
def test_numbers_are_compared_as_numbers(way, entry, kind, folder):
    outline = folder / "codebook" / "survey.yml"
    outline.write_text(outline.read_text().partition("  grown:")[0])
    path = folder / "responses" / "people.csv"
    head, *rows = path.read_text().splitlines()
    rows = [re.sub(",99,(.)$", r",99.0,\1", row) if n % 2 else row for n, row in enumerate(rows)]
    path.write_text("\n".join([head, *rows]) + "\n")
    survey = declared(folder, way, f"{{{kind}: [{entry}]}}")
    if way != "line":
        plain = h.load_survey(folder, engine="duckdb" if way == "duckdb" else None)
        survey = plain.as_missing(entry, kind=kind)
    ages = [int(p["age"]) for p in people() if p["age"] != "99"]
    mean = h.mean(survey, "age").df.iloc[0]
    assert (mean["estimate"], mean["n"]) == (pytest.approx(fmean(ages)), len(ages))
    assert survey.notes[0].endswith("in 1 question: 12 answers.")
    missing = survey.missing["people"]
    missing = missing.df() if way == "duckdb" else missing
    assert (missing["age"] == kind).sum() == 12


def test_a_number_that_nobody_gave_is_refused_and_noted_of_a_folder(folder):
    with pytest.raises(InsightsError, match='nobody gave the answer "age = 12345"'):
        h.load_survey(folder).as_missing("age = 12345")
    survey = declared(folder, "line", "{not_answered: [age = 12345, Refused]}")
    assert survey.notes[0].endswith("in 1 question: 0 answers.")
    assert not survey.notes[1].endswith(": 0 answers.")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["not_answered", "dont_know", "not_asked"])
@pytest.mark.parametrize("way", ["before", "after", "line"])
def test_derived_variables_may_name_what_is_declared(way, kind, folder):
    made = {
        "other": h.recipes.recode("race", {"white": ["w"], "rest": ["b"]}),
        "seldom": h.recipes.net(["vote"], codes=["2", "8"]),
        "where": h.recipes.recode("region", {"up": ["north"], "rest": ["south"]}),
        "here": h.recipes.first({"up": "region == 'north'"}, other="Elsewhere"),
    }
    expected = h.load_survey(folder).as_missing("Refused", kind="not_answered").derive(**made)
    made["other"] = h.recipes.recode("race", {"white": ["w"], "rest": ["b", "9"]})
    made["where"] = h.recipes.recode("region", {"up": ["north"], "rest": ["south", "ref"]})
    made["here"] = h.recipes.first(
        {"up": "region == 'north'", "gone": "region == 'ref'"}, other="Elsewhere"
    )
    if way == "line":
        survey = declared(folder, way, f"{{{kind}: [Refused]}}").derive(**made)
    elif way == "before":
        survey = h.load_survey(folder).derive(**made).as_missing("Refused", kind=kind)
    else:
        survey = h.load_survey(folder).as_missing("Refused", kind=kind).derive(**made)
    for name in ("where", "here", *["other", "seldom"] * (kind != "dont_know")):
        shown = {option: n for option, n in shares(survey, name).items() if option != "gone"}
        assert shown == shares(expected, name)
    if kind == "dont_know":  # whoever names it takes it for an answer
        white = [p["race"] for p in people()].count("w") / 60
        assert shares(survey, "other")["white"] == round(white, 10)


@pytest.mark.slow
def test_an_export_keeps_what_is_declared(folder, tmp_path):
    survey = declared(folder, "method")
    survey.export(tmp_path / "poll.xlsx")
    h.import_survey(tmp_path / "poll.xlsx", tmp_path / "again")
    again = h.load_survey(tmp_path / "again")
    assert shares(again, "vote") == shares(survey, "vote")
    assert [*again.codebook.dimensions["region"].bands] == ["north", "south"]
    assert again.question("age").options == survey.question("age").options
    assert has_responses(tmp_path / "again", again.codebook)


@pytest.mark.slow
def test_an_audit_reads_the_same_codebook_as_the_release(folder, monkeypatch):
    """It works out the findings of pages again, of which refusals are not part."""
    survey = declared(folder, "line")
    assert survey.question("vote").option_label("8") == "refused"
    monkeypatch.setenv("INSIGHTS_DATA", str(folder))
    assert main(["release"]) == 0
    assert main(["audit"]) == 0
    shown = "".join(path.read_text("utf-8") for path in (folder / "release").rglob("*.json"))
    assert "Refused" not in shown and "refused" not in shown and "Other party" in shown


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("Refusd", 'Did you mean "Refused"?'),
        ("vote = 7", 'vote has no answer "7"'),
        ("98", 'Of a number, name the question: "age = 98"'),
    ],
)
def test_an_answer_that_nobody_can_give_is_refused(answer, said, folder):
    with pytest.raises(InsightsError, match=said):
        h.load_survey(folder).as_missing(answer)
    with pytest.raises(SurveyProblems, match=said):
        declared(folder, "line", f'{{not_answered: ["{answer}"]}}')


def test_what_is_missing_is_said_before_weights_and_parts(folder):
    survey = h.load_survey(folder)
    with pytest.raises(InsightsError, match="then choose a part"):
        survey.where("vote == '1'").as_missing("Refused")
    weighted = survey.rake({"region": {"north": 0.5, "south": 0.3, "ref": 0.2}})
    with pytest.raises(InsightsError, match="then weight"):
        weighted.as_missing("Refused")
    with pytest.raises(InsightsError, match='Did you mean "dont_know"'):
        survey.as_missing("Refused", kind="dont_knw")


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        (("vote in 1 2 8 99",), "vote"),
        (("White", "Black", "race = 9"), "race"),
        (("North", "South", "Refused"), "region"),
    ],
)
@pytest.mark.parametrize("kind", ["not_answered", "dont_know"])
def test_a_question_keeps_an_answer(answers, name, kind, folder):
    survey = h.load_survey(folder)
    with pytest.raises(InsightsError, match=f"{name} would have no answer left"):
        survey.as_missing(*answers, kind=kind)
    line = ", ".join(f'"{answer}"' for answer in answers)
    with pytest.raises(SurveyProblems, match=f"{name} would have no answer left"):
        declared(folder, "line", f"{{{kind}: [{line}]}}")
