"""What a survey folder could say in two ways: a problem with its place, or shown to be harmless."""

import csv
import io
import json

import pytest

from helpers.codebook.checks import RESULT_COLUMNS
from helpers.errors import Problems
from helpers.estimation import means, request, tabulate
from helpers.estimation.estimates import proportion
from helpers.pages.publishing import prepare
from helpers.release.rules import check_rules
from helpers.responses.survey import check_survey, load_survey

pytestmark = pytest.mark.slow

OUTLINE = """\
title: T
provenance: public
populations:
  people: {label: People, id: ref, weight: wt, strata: area, other_columns: [spare]}
dimensions:
  age: {label: Age, bands: {young: Young, old: Old}, source: {people: {column: years}}}
  sex: {label: Sex, bands: {f: Women, m: Men}, source: {people: {column: gender}}}
times: {then: Before, now: Today}
trends:
  one: {label: One, sections: {all: First heading, more: More}}
  two: {label: Two, sections: {all: Second heading}}
matched:
  - {questions: [like, want], comparable: "true", why: alike}
"""
SHEETS = {
    "questions": """\
id,population,kind,label,wording,option_set,asked_if,times,trend,section
like,people,single,Like,Do you like it?,yn,,,one,all
want,people,single,Want,Do you want it?,yn,,,two,all
use,people,grid,Use,What do you use?,yn,,,one,more
when,people,time_grid,When,When was it?,yn,,then now,two,
""",
    "items": """\
question,item,label,order
use,bus,Bus,1
use,tram,Tram,2
when,work,Work,1
when,home,Home,2
""",
    "options": """\
set,code,label,order,score,missing
yn,yes,Yes,1,2,
yn,no,No,2,1,
yn,dk,Don't know,3,,dont_know
""",
}
RELEASE = "dimensions: [age, sex]\n"
COLUMNS = "ref wt area spare years gender like want use.bus use.tram".split()  # noqa: SIM905
TIMES = [f"when.{item}.{time}" for item in ("work", "home") for time in ("then", "now")]


def folder_of(root, edits=(), release=RELEASE, more=()):
    """Write the survey with some edits (file, old, new); `more` adds response columns."""
    files = {"survey.yml": OUTLINE, "release.yml": release}
    files |= {f"{name}.csv": text for name, text in SHEETS.items()}
    for file, old, new in edits:
        assert old in files[file], old
        files[file] = files[file].replace(old, new, 1)
    for name, text in files.items():
        place = root / "codebook" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, *TIMES, *more])
    for n in range(120):
        yn = ["yes" if (n * k) % 5 < 2 else "no" for k in (3, 7, 11, 13, 2, 9, 4, 6)]
        row = [n, 1, "a", "", ("young", "old")[n % 2], "fm"[n // 2 % 2], *yn]
        writer.writerow([*row, *(more[name](n) for name in more)])
    (root / "responses").mkdir(exist_ok=True)
    (root / "responses" / "people.csv").write_text(out.getvalue())
    return root


def problems_of(root):
    problems = Problems()
    survey = check_survey(root, problems)
    if survey is not None:
        check_rules(root / "codebook", survey.codebook, problems)
    return [str(p) for p in problems]


def test_the_survey_itself_is_fine(tmp_path):
    assert problems_of(folder_of(tmp_path)) == []


SURVEY, QUESTIONS, ITEMS, OPTIONS = "survey.yml", "questions.csv", "items.csv", "options.csv"
AGE = "age: {label: Age, bands: {young: Young, old: Old}, source: {people: {column: years}}}"
TWICE = {
    "key of YAML": (SURVEY, "title: T\n", "title: T\ntitle: U\n", "survey.yml, row 2"),
    "key deep inside": (SURVEY, "{young: Young,", "{young: Young, young: Y,", "bands.young"),
    "key but for what nobody sees": (
        SURVEY, "{young: Young,", '{young: Young, "young\u200b": Y,', "bands.young"),
    "population in another case": (
        SURVEY, "dimensions:\n", "  People: {label: Others}\ndimensions:\n", "populations.People"),
    "label of a population": (
        SURVEY, "dimensions:\n", "  others: {label: People}\ndimensions:\n",
        "row 5, column populations.others.label"),
    "weight and strata": (SURVEY, "strata: area", "strata: wt", "populations.people.weight"),
    "weight and identifier": (SURVEY, "weight: wt", "weight: ref", "populations.people.weight"),
    "identifier and question": (SURVEY, "id: ref", "id: like", "questions.csv, column id"),
    "column passed over and question": (SURVEY, "[spare]", "[spare, like]", "other_columns"),
    "dimension in another case": (SURVEY, AGE, f"{AGE}\n  A{AGE[1:].replace('Age', 'B')}", "Age"),
    "label of a dimension": (SURVEY, "label: Sex", "label: Age", "row 7, column dimensions.sex"),
    "label but for a blank": (SURVEY, "label: Sex", 'label: " Age "', "dimensions.sex.label"),
    "label but for a direction": (SURVEY, "label: Sex", 'label: "A\u200ege"', "dimensions.sex"),
    "dimension named as the result": (SURVEY, "  age:", "  estimate:", "dimensions.estimate"),
    "dimension headed as the shares": (SURVEY, "label: Age", "label: Share", "dimensions.age"),
    "respondent type": (SURVEY, "  age:", "  respondent_type:", "dimensions.respondent_type"),
    "label of a band": (SURVEY, "old: Old", "old: Young", "dimensions.age.bands.old"),
    "band in a list": (
        SURVEY, "{young: Young, old: Old}", "[young, old, young]", "dimensions.age.bands"),
    "band named as merged ones": (
        SURVEY, "old: Old}", "old: Old, g2_young_old: X}", "bands.g2_young_old"),
    "reserved band": (SURVEY, "old: Old", "not_stated: Old", "bands.not_stated"),
    "order that is neither": (SURVEY, "label: Age,", "label: Age, ordered: maybe,", "age.ordered"),
    "time in a list": (SURVEY, "{then: Before, now: Today}", "[then, now, now]", "column times"),
    "label of a time": (SURVEY, "now: Today", "now: Before", "times.now"),
    "label of a trend": (SURVEY, "label: Two", "label: One", "row 11, column trends.two.label"),
    "label of a section": (SURVEY, "more: More", "more: First  heading", "sections.more"),
    "matched question": (SURVEY, "[like, want]", "[like, like]", "matched.0.questions"),
    "question": (QUESTIONS, "want,people", "like,people", "questions.csv, row 3, column id"),
    "question in another case": (QUESTIONS, "want,people", "Like,people", "row 3, column id"),
    "question named as a word of routing": (QUESTIONS, "want,people", "or,people", "column id"),
    "section without its trend": (QUESTIONS, ",,,two,all", ",,,,all", "row 3, column section"),
    "section of another trend": (QUESTIONS, ",,,two,all", ",,,two,more", "row 3, column section"),
    "point in time": (QUESTIONS, "then now", "then now then", "row 5, column times"),
    "item": (ITEMS, "use,tram,Tram", "use,bus,Tram", "items.csv, row 3, column item"),
    "item in another case": (ITEMS, "use,tram,Tram", "use,BUS,Tram", "row 3, column item"),
    "label of an item": (ITEMS, "use,tram,Tram", "use,tram,Bus", "row 3, column label"),
    "option": (OPTIONS, "yn,no,No", "yn,yes,No", "options.csv, row 3, column code"),
    "label of an option": (OPTIONS, "yn,no,No", "yn,no,Yes", "options.csv, row 3, column label"),
    "label of a missing kind": (OPTIONS, "Don't know", "No", "options.csv, row 4, column label"),
    "order that is not a number": (OPTIONS, "No,2", "No,nan", "row 3, column order"),
    "order without end": (OPTIONS, "No,2", "No,inf", "row 3, column order"),
    "score in other digits": (OPTIONS, "No,2,1", "No,2,\u0661", "row 3, column score"),
    "score with separators": (OPTIONS, "No,2,1", "No,2,1_0", "row 3, column score"),
    "column of a sheet": (QUESTIONS, "label,wording", "label,label", "questions.csv, row 1"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "place"), TWICE.values(), ids=TWICE)
def test_ambiguous_codebooks_are_problems(tmp_path, file, old, new, place):
    said = problems_of(folder_of(tmp_path, [(file, old, new)]))
    assert [p for p in said if place in p], said


RULES = {
    "key": ("profile: strict\nprofile: standard\n", "release.yml, row 2"),
    "dimension": ("dimensions: [age, age]\n", "release.yml, row 1, column dimensions"),
    "page": ("pages: {a: {trend: one}, a: {trend: two}}\n", "pages.a"),
    "page named as one that is there": ("pages: {index: {trend: one}}\n", "pages.index"),
    "page titled as one that is there": (
        "pages: {a: {trend: one, title: Key findings}}\n", "pages.a.title"),
    "title of a page": (
        "pages: {a: {trend: one}, b: {questions: [want], title: One}}\n", "pages.b.title"),
    "question on a page": ("pages: {a: {questions: [like, like]}}\n", "pages.a.questions"),
    "questions and a trend": ("pages: {a: {trend: one, questions: [want]}}\n", "pages.a.trend"),
    "pairs that are no list": ("pairs: {age: sex}\n", "release.yml, row 1, column pairs"),
    "pair of three": ("pairs: [[age, sex, age]]\n", "row 1, column pairs.0"),
    "pair of one": ("dimensions: [age]\npairs: [[age, age]]\n", "row 2, column pairs.0"),
    "pair of an unknown dimension": ("pairs: [[age, size]]\n", "row 1, column pairs.0"),
    "pair of a dimension not offered": (
        "dimensions: [age]\npairs: [[age, sex]]\n", "row 2, column pairs.0"),
    "small groups of an unknown dimension": (
        "small_groups: {size: other}\n", "row 1, column small_groups"),
    "small groups with an unknown way": (
        "small_groups: {age: smallest}\n", "row 1, column small_groups.age"),
    "small groups that are no mapping": ("small_groups: [age]\n", "row 1, column small_groups"),
    "cure of nothing": ("profile: standard\ncure: rounding\n", "column cure"),
}  # fmt: skip


@pytest.mark.parametrize(("release", "place"), RULES.values(), ids=RULES)
def test_ambiguous_release_rules_are_problems(tmp_path, release, place):
    said = problems_of(folder_of(tmp_path, release=release))
    assert [p for p in said if place in p], said


def pages_of(root):
    made = prepare(load_survey(root))
    assert made.report.leaks == ()
    return {n[6:-5]: json.loads(t) for n, t in made.files.items() if n.startswith("views/")}


def headings(page):
    """Title of each question with the heading above it."""
    known = {s["id"]: s["label"] for s in page["sections"]}
    assert len(known) == len(page["sections"])
    return {q["id"]: known.get(q["section"], "") for q in page["questions"]}


def test_sections_of_two_trends_may_share_a_key(tmp_path):
    pages = pages_of(folder_of(tmp_path / "a"))
    assert headings(pages["one"]) == {"like": "First heading", "use": "More"}
    assert headings(pages["two"]) == {"want": "Second heading", "when": ""}
    both = RELEASE + "pages: {both: {questions: [like, want, use]}}\n"
    pages = pages_of(folder_of(tmp_path / "b", release=both))
    assert headings(pages["both"]) == {
        "like": "First heading", "want": "Second heading", "use": "More",
    }  # fmt: skip


SECOND = """\
  years: {label: Years, bands: {y: Y, o: O}, source: {people: {column: years, map: {young: y, old: o}}}}
"""  # noqa: E501
# Edits; the dimensions that a release offers then; and response columns with other names.
HARMLESS = {
    "a section named as a trend": (
        [(SURVEY, "{all: First", "{two: First"), (QUESTIONS, ",,,one,all", ",,,one,two")], {}),
    "a section named as what is left": (
        [(SURVEY, "{all: First", "{other: First"), (QUESTIONS, ",,,one,all", ",,,one,other")], {}),
    "a dimension named as a question": ([(SURVEY, "  age:", "  like:")], {"age": "like"}),
    "a dimension named as a population": ([(SURVEY, "  age:", "  people:")], {"age": "people"}),
    "a dimension named as a trend": ([(SURVEY, "  age:", "  one:")], {"age": "one"}),
    "a dimension named as its column": ([(SURVEY, "  age:", "  years:")], {"age": "years"}),
    "two dimensions of one column": ([(SURVEY, "times:", f"{SECOND}times:")], {}),
    "a question named as a population": (
        [(QUESTIONS, "want,people", "people,people"), (SURVEY, "[like, want]", "[like, people]")],
        {"want": "people"}),
    "a question named as a dimension": (
        [(QUESTIONS, "want,people", "sex,people"), (SURVEY, "[like, want]", "[like, sex]")],
        {"want": "sex"}),
    "two questions of one label": ([(QUESTIONS, "single,Want", "single,Like")], {}),
    "options of one order": ([(OPTIONS, "No,2", "No,1")], {}),
    "options of one score": ([(OPTIONS, "No,2,1", "No,2,2")], {}),
    "option codes in another case": (
        [(OPTIONS, "yn,dk,Don't know,3,,dont_know", "yn,YES,Very,3,3,")], {}),
    "option labels in another case": ([(OPTIONS, "yn,no,No", "yn,no,yes")], {}),
    "trends whose pages would be named alike": (
        [(SURVEY, "  two:", "  One:"), (QUESTIONS, ",,,two,all", ",,,One,all"),
         (QUESTIONS, "then now,two", "then now,One")], {}),
    "a trend named as a page that is there": (
        [(SURVEY, "  two:", "  index:"), (QUESTIONS, ",,,two,all", ",,,index,all"),
         (QUESTIONS, "then now,two", "then now,index")], {}),
    "a text where a list may stand": ([(SURVEY, "[spare]", "spare")], {}),
    "words of YAML as labels": ([(SURVEY, "young: Young", "young: no")], {}),
}  # fmt: skip


@pytest.mark.parametrize(("edits", "names"), HARMLESS.values(), ids=HARMLESS)
def test_unambiguous_codebooks_are_accepted(tmp_path, edits, names):
    age, want = names.get("age", "age"), names.get("want", "want")
    root = folder_of(tmp_path, edits, f"dimensions: [{age}, sex]\n")
    place = root / "responses" / "people.csv"
    place.write_text(place.read_text().replace(",want,", f",{want},", 1))
    assert problems_of(root) == []
    survey = load_survey(root)
    with open(place, newline="") as file:
        rows = list(csv.DictReader(file))

    def counted(of, column):
        return sum(row[column] == "yes" for row in of) / len(of)

    for question, asked in (("like", "like"), ("want", want)):
        everybody = proportion(survey, asked)
        yes = everybody[everybody["option"] == "yes"]["estimate"].item()
        assert yes == pytest.approx(counted(rows, asked)), question
        by = proportion(survey, asked, age)
        young = by[(by[age] == "young") & (by["option"] == "yes")]["estimate"].item()
        assert young == pytest.approx(counted([r for r in rows if r["years"] == "young"], asked))
        women = proportion(survey, asked, where={"sex": "f"}) if want != "sex" else everybody
        of = [row for row in rows if row["gender"] == "f"] if want != "sex" else rows
        found = women[women["option"] == "yes"]["estimate"].item()
        assert found == pytest.approx(counted(of, asked))
    pages = pages_of(root)
    shown = [q["id"] for n, p in pages.items() if n != "overview" for q in p.get("questions", ())]
    assert sorted(shown) == sorted(survey.codebook.questions)


def test_every_column_of_a_result_is_known_to_the_check():
    own = {*request.RESULT, *request.VALUES, *tabulate.SUMS, "column", "stratum"}
    assert own <= set(RESULT_COLUMNS)
    assert {"total", "mentions"} <= set(RESULT_COLUMNS) and means
