"""Statistics and contradictions on a survey of twelve, worked by hand.

mood (base 10): good 5, fair 3, bad 2; two left it blank. Of the five small ones good 3, of the five
large ones good 2.
topics (base 12): a 6 ticks, b 3, c 3, so 12 ticks in all.
tools, often (base 12): saw 3 then and 9 now; axe 6 then and 8 now.
"""

from pathlib import Path

import pytest

from helpers.errors import InsightsError, SurveyProblems
from helpers.ledger.ledger import as_json, as_text, ledger, printed_beside
from helpers.responses.survey import load_survey

CODEBOOK = {
    "survey.yml": """
title: Twelve gardeners
provenance: public
populations:
  people: {label: People, label_one: person, id: card}
dimensions:
  size: {label: Garden, bands: {small: Small, large: Large}, source: {people: garden}}
times: {then: Then, now: Now}
""",
    "questions.csv": """id,population,kind,option_set,times
mood,people,single,mood,
topics,people,multiple,,
tools,people,time_grid,use,then now
remark,people,text,,
""",
    "items.csv": "question,item\ntopics,a\ntopics,b\ntopics,c\ntools,saw\ntools,axe\n",
    "options.csv": """set,code,score
mood,good,3
mood,fair,2
mood,bad,1
use,often,1
use,never,0
""",
}
RESPONSES = """card,garden,mood,topics.a,topics.b,topics.c,\
tools.saw.then,tools.saw.now,tools.axe.then,tools.axe.now,remark
1,small,good,1,1,0,often,often,often,often,
2,small,good,1,1,0,often,often,often,often,
3,small,good,1,0,0,often,often,often,often,
4,small,fair,1,0,0,never,often,often,often,
5,small,bad,1,0,0,never,often,often,often,
6,small,,1,0,0,never,often,often,often,
7,large,good,0,1,0,never,often,never,often,
8,large,good,0,0,0,never,often,never,often,
9,large,fair,0,0,0,never,often,never,never,
10,large,fair,0,0,1,never,never,never,never,
11,large,bad,0,0,1,never,never,never,never,
12,large,,0,0,1,never,never,never,never,
"""
FINDINGS = "id,population,statement,printed,class,population_n,base_n,repeat_of\n"
COLUMNS = (
    "finding,reading,question,item,option,time,where,statistic,comparator,value,tolerance,base,"
    "ref_question,ref_item,ref_option,ref_time,ref_where"
)


@pytest.fixture
def folder(tmp_path):
    for name, text in CODEBOOK.items():
        write(tmp_path / "codebook" / name, text.lstrip())
    write(tmp_path / "responses" / "people.csv", RESPONSES)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def row(finding, statistic, required, **cells):
    """One line of statements.csv; `required` such as "= 50"."""
    comparator, value = required.split()
    filled = {"finding": finding, "statistic": statistic, "comparator": comparator, "value": value}
    filled |= cells
    assert set(filled) <= set(COLUMNS.split(","))
    return ",".join(str(filled.get(column, "")) for column in COLUMNS.split(","))


def judged(folder, *rows, **files):
    """Ledger of findings that are nothing but their rows, by id."""
    names = dict.fromkeys(r.split(",")[0] for r in rows)
    lines = "".join(f"{name},people,Said.,as printed,hard,12,,\n" for name in names)
    write(folder / "published" / "findings.csv", FINDINGS + lines)
    write(folder / "published" / "statements.csv", "\n".join([COLUMNS, *rows]) + "\n")
    for name, text in files.items():
        write(folder / "published" / name.replace("_dot_", "."), text)
    return {entry.id: entry for entry in ledger(load_survey(folder))}


MOOD = {"question": "mood", "option": "good"}
SAW = {"question": "tools", "item": "saw", "option": "often", "time": "now"}


@pytest.mark.parametrize(
    ("statistic", "cell", "value"),
    [
        ("respondents", {}, 12),
        ("base", {"question": "mood"}, 10),
        ("base", {"question": "topics"}, 12),
        ("count", MOOD, 5),
        ("percent", MOOD, 50),
        ("percent", {**MOOD, "option": "good+fair"}, 80),
        ("percent", {**MOOD, "where": "size=small"}, 60),
        ("percent", {**MOOD, "where": "size=small", "ref_where": "size=large"}, 20),
        ("percent", {**MOOD, "where": "topics.b=1;size=small|large"}, 100),
        ("percent", {"question": "topics", "item": "a"}, 50),
        ("percent", {"question": "topics", "item": "a", "ref_item": "b"}, 25),
        ("share_of_mentions", {"question": "topics", "item": "a"}, 50),
        ("share_of_mentions", {"question": "topics", "item": "b"}, 25),
        ("rank", {"question": "topics", "item": "a"}, 1),
        ("rank", {"question": "topics", "item": "b"}, 2),
        ("rank", {"question": "topics", "item": "c"}, 2),
        ("lead", {"question": "topics", "item": "a"}, 25),
        ("lead", {"question": "topics", "item": "b"}, -25),
        ("rank", {"question": "mood", "option": "fair"}, 2),
        ("lead", MOOD, 20),
        ("percent", SAW, 75),
        ("percent", {**SAW, "ref_time": "then"}, 50),
        ("rank", {**SAW, "item": "axe", "time": "then"}, 1),
        ("rank", {**SAW, "ref_time": "then"}, 1),
        ("rank", {**SAW, "item": "axe", "ref_time": "then"}, 2),
        ("lead", {**SAW, "ref_time": "then"}, 50 - 100 / 6),
        ("rank", {**SAW, "option": ""}, 1),
        ("lead", {**SAW, "option": ""}, 1 / 12),
        ("mean_selected", {**SAW, "item": ""}, 17 / 12),
        ("mean_selected", {**SAW, "item": "", "ref_time": "then"}, 8 / 12),
        ("mean_score", {"question": "mood"}, 2.3),
        ("net", {"question": "mood"}, 30),
        ("two_largest", {"question": "mood"}, 80),
    ],
)
def test_statistics_by_hand(folder, statistic, cell, value):
    entry = judged(folder, row("a", statistic, "> -1000", **cell))["a"]
    assert entry.reproduced == pytest.approx(value)
    assert entry.assessment_in_words == "reproduced"


@pytest.mark.parametrize(
    ("required", "tolerance", "holds"),
    [
        ("= 50", "", True),
        ("= 50.0", "", True),
        ("= 49", "", False),
        ("= 51", "", False),
        ("< 50", "", False),
        ("<= 50", "", True),
        ("> 50", "", False),
        (">= 50", "", True),
        ("> 49.9", "", True),
        ("> 47", "3", True),
        ("> 47", "2.9", False),
        ("< 53", "3", True),
        ("~ 52", "2", True),
        ("~ 52", "1.9", False),
        ("~ 100/2", "0", True),
    ],
)
def test_comparators_at_their_edges(folder, required, tolerance, holds):
    entry = judged(folder, row("a", "percent", required, tolerance=tolerance, **MOOD))["a"]
    assert entry.assessment == ("reproduced" if holds else "differs")


def test_an_adjective_takes_its_number_from_the_assumptions(folder):
    yml = "most: {value: 50, why: More than half.}\n"
    rows = [row("a", "percent", "> @most", **MOOD), row("b", "lead", "> -@most", **MOOD)]
    found = judged(folder, *rows, assumptions_dot_yml=yml)
    assert (found["a"].assessment, found["b"].assessment) == ("differs", "reproduced")
    found = judged(folder, *rows, assumptions_dot_yml=yml.replace("50", "49"))
    assert (found["a"].assessment, found["b"].assessment) == ("reproduced", "reproduced")


def test_all_rows_of_a_statement_must_hold(folder):
    rows = [
        row("a", "percent", "= 50", **MOOD),
        row("a", "percent", "= 31", question="mood", option="fair"),
    ]
    entry = judged(folder, *rows)["a"]
    assert entry.assessment == "differs"
    assert "percent mood = fair is 30%; needed: = 31" in entry.explanation


def test_counts_and_interval_come_from_the_printed_base(folder):
    entry = judged(folder, row("a", "percent", "= 50", base=10, **MOOD))["a"]
    assert (entry.base, entry.counts) == (10, (5,))
    # Wilson for 5 of 10: 0.5 ± 1.96/(2·sqrt(13.8415)) = 0.5 ± 0.2634
    assert entry.interval == pytest.approx((0.2366, 0.7634), abs=5e-5)


def test_a_cell_that_nobody_is_in_is_not_computable(folder):
    entry = judged(folder, row("a", "percent", "= 50", where="mood=bad;topics.b=1", **MOOD))["a"]
    assert entry.assessment_in_words == "not computable"
    assert "Nobody is in the base of mood = good" in entry.explanation


def pairs(folder, *rows):
    return {name: entry.assessment_in_words for name, entry in judged(folder, *rows).items()}


FAIR = {"question": "mood", "option": "fair"}
A, B = ({"question": "topics", "item": item} for item in "ab")
AXE = {**SAW, "item": "axe"}
CONTRADICTIONS = {
    "two options of one answer above the whole": [
        row("x", "percent", "= 60", base=10, **MOOD),
        row("y", "percent", "= 50", base=10, **FAIR),
    ],
    "two numbers for one cell": [
        row("x", "percent", "= 50", base=10, **MOOD),
        row("y", "percent", "= 40", base=10, **MOOD),
    ],
    "a count and a share": [
        row("x", "count", "= 5", base=10, **MOOD),
        row("y", "percent", "< 50", base=10, **MOOD),
    ],
    "first by rank, smaller by share": [
        row("x", "rank", "= 1", base=10, **A),
        row("x", "percent", "= 30", base=10, **A),
        row("y", "percent", "> 30", base=10, **B),
    ],
    "last by rank, above half the ticks": [
        row("x", "rank", "= 3", base=10, **A),
        row("y", "share_of_mentions", "> 50", base=10, **A),
    ],
    "both alone at the top": [row("x", "lead", "> 0", **A), row("y", "lead", "> 0", **B)],
    "two halves of all ticks and more": [
        row("x", "share_of_mentions", "> 50", **A),
        row("y", "share_of_mentions", ">= 50", **B),
    ],
    "a rise above a level that is already high": [
        row("x", "percent", ">= 60", **SAW, ref_time="then"),
        row("y", "percent", "> 40", **{**SAW, "time": "then"}),
    ],
    "one difference both ways": [
        row("x", "percent", "> 0", **SAW, ref_item="axe"),
        row("y", "percent", ">= 0", **AXE, ref_item="saw"),
    ],
    "more in a part than among all": [
        row("x", "count", "= 8", where="size=small", **MOOD),
        row("y", "count", "= 7", base=10, **MOOD),
    ],
    "a mean that the shares cannot have": [
        row("x", "mean_score", "> 2.5", base=10, question="mood"),
        row("y", "percent", "< 50", base=10, **MOOD),
    ],
    "more decreases than increases": [
        row("x", "net", "> 0", base=10, question="mood"),
        row("y", "percent", ">= 50", base=10, **{**MOOD, "option": "bad"}),
    ],
    "more selected than there are items": [
        row("x", "mean_selected", ">= 1.5", **{**SAW, "item": ""}),
        row("y", "percent", "< 50", **SAW),
    ],
    "two bases for one question": [
        row("x", "percent", "> 1", base=10, **MOOD),
        row("y", "percent", "> 1", base=11, **FAIR),
    ],
    "sizes": [row("x", "respondents", "= 12"), row("y", "respondents", "> 12")],
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_two_statements_that_no_answers_can_satisfy(folder, case):
    assert pairs(folder, *CONTRADICTIONS[case]) == {"x": "contradicts y", "y": "contradicts x"}


COMPATIBLE = {
    "ticks may overlap": [
        row("x", "percent", "= 60", base=10, **A),
        row("y", "percent", "= 50", base=10, **B),
    ],
    "second places are shared": [
        row("x", "rank", "= 2", base=10, **A),
        row("y", "rank", "= 2", base=10, **B),
    ],
    "first places are shared": [
        row("x", "rank", "= 1", base=10, **A),
        row("y", "rank", "= 1", base=10, **B),
    ],
    "exactly the whole": [
        row("x", "percent", "= 50", base=10, **MOOD),
        row("y", "percent", "= 50", base=10, **FAIR),
    ],
    "most of a part, few of all": [
        row("x", "percent", "> 90", where="size=small", **MOOD),
        row("y", "percent", "= 10", base=10, **MOOD),
    ],
    "rows of a grid have bases of their own": [
        row("x", "percent", "> 1", base=10, **SAW),
        row("y", "percent", "> 1", base=11, **AXE),
    ],
    "times are different cells": [
        row("x", "lead", "> 0", **SAW),
        row("y", "lead", "> 0", **{**AXE, "time": "then"}),
    ],
}


@pytest.mark.parametrize("case", COMPATIBLE)
def test_two_statements_that_some_answers_satisfy(folder, case):
    assert not any(
        "contra" in v or "imposs" in v for v in pairs(folder, *COMPATIBLE[case]).values()
    )


def test_three_statements_compatible_only_in_pairs(folder):
    rows = [
        row(n, "percent", "= 40", base=10, question="mood", option=o)
        for n, o in zip("xyz", ("good", "fair", "bad"), strict=True)
    ]
    rows.append(row("w", "percent", "= 50", base=10, **A))
    assert pairs(folder, *rows) == {
        "x": "contradicts y, z",
        "y": "contradicts x, z",
        "z": "contradicts x, y",
        "w": "reproduced",
    }


def test_a_statement_that_contradicts_itself_is_impossible(folder):
    rows = [
        row("x", "rank", "= 1", base=10, **A),
        row("x", "percent", "> 0", base=10, **B, ref_item="a"),
        row("y", "percent", "= 50", base=10, **A),
    ]
    found = judged(folder, *rows)
    assert found["x"].assessment_in_words == "impossible as printed"
    assert "contradicts" not in found["y"].assessment_in_words


def test_a_total_added_after_rounding_is_recognised(folder):
    # 3 of 7 is 42.9, 2 of 7 is 28.6, 5 of 7 is 71.4: 43 and 29 add up to 72, which no count gives.
    rows = [
        row("total", "percent", "= 72", base=7, question="mood", option="good+fair"),
        row("good", "percent", "= 43", base=7, **MOOD),
        row("fair", "percent", "= 29", base=7, **FAIR),
    ]
    entry = judged(folder, *rows)["total"]
    assert entry.assessment_in_words == "impossible as printed"
    assert entry.counts == ()
    assert "43% (good) and 29% (fair), added after rounding" in entry.explanation
    assert "3 + 2 = 5 of 7, 71.43%" in entry.explanation
    assert entry.interval == pytest.approx((0.3636, 0.9205), abs=5e-5)  # of 0.72 itself


def test_the_chosen_reading_is_marked(folder):
    rows = [
        row("x", "percent", "= 30", base=10, **MOOD),
        row("y", "percent", "= 50", base=10, **MOOD),
        row("x", "share_of_mentions", "= 50", reading="chosen", **A),
    ]
    found = judged(folder, *rows)
    assert found["x"].assessment_in_words == "contradicts y"
    assert found["x"].reading_assessment == "reproduced"
    assert (found["y"].reading, found["y"].reading_assessment) == ("As printed.", "reproduced")


def test_weighted_shares_are_not_taken_for_counts(folder):
    survey = folder / "codebook" / "survey.yml"
    write(survey, survey.read_text().replace("id: card", "id: card, weight: w"))
    lines = RESPONSES.splitlines()
    write(
        folder / "responses" / "people.csv",
        "\n".join(
            [lines[0] + ",w", *(line + (",3" if "good" in line else ",1") for line in lines[1:])]
        )
        + "\n",
    )
    rows = [
        row("x", "percent", "= 75", base=10, **MOOD),
        row("y", "percent", "= 76", base=10, **MOOD),
    ]
    found = judged(folder, *rows)
    assert found["x"].assessment_in_words == "reproduced"  # 15 of 20
    assert found["x"].counts == () and found["x"].interval is None
    assert found["y"].assessment_in_words == "differs"


RATES = "id,figure,population,question,numerator,denominator,percent\n"


@pytest.mark.parametrize(
    ("rate", "assessment", "words"),
    [
        ("10,12,83", "reproduced", ""),
        ("10,12,84", "impossible as printed", "10 of 12 is 83.3%; no count of 12 gives 84%."),
        ("10,12,75", "impossible as printed", "75% would be 9."),
        ("9,12,75", "differs", ""),
        ("10,11,91", "contradicts n", "denominator 11 disagrees with n (12); 10 of 12 is 83.3%."),
        ("10,11,83", "impossible as printed", "10 of 12 is 83.3%, as printed."),
    ],
)
def test_response_rates(folder, rate, assessment, words):
    rates = f"{RATES}r,1,people,mood,{rate}\n"
    found = judged(folder, row("n", "respondents", "= 12"), response_rates_dot_csv=rates)
    assert found["r"].assessment_in_words == assessment
    assert words in found["r"].explanation
    assert found["n"].assessment_in_words == "reproduced"


DAMAGED = {
    "question": (row("a", "percent", "= 50", question="moood", option="good"), "moood"),
    "option": (row("a", "percent", "= 50", question="mood", option="good+great"), "great"),
    "item": (row("a", "percent", "= 50", question="topics", item="d"), '"d"'),
    "no item": (row("a", "percent", "= 50", question="topics"), "item: the cell is empty"),
    "no option": (row("a", "percent", "= 50", question="mood"), "percent needs an option"),
    "time": (row("a", "percent", "= 50", **{**SAW, "time": "later"}), "later"),
    "no time": (row("a", "percent", "= 50", **{**SAW, "time": ""}), "column time"),
    "reference": (row("a", "percent", "= 50", **SAW, ref_time="soon"), "ref_time"),
    "where": (row("a", "percent", "= 50", where="size=tiny", **MOOD), "tiny"),
    "where column": (row("a", "percent", "= 50", where="sise=small", **MOOD), "sise"),
    "statistic": (row("a", "median", "= 50", **MOOD), "median"),
    "comparator": (row("a", "percent", "== 50", **MOOD), "=="),
    "number": (row("a", "percent", "= 5o", **MOOD), "5o"),
    "assumption": (row("a", "percent", "> @most", **MOOD), "@most"),
    "tolerance": (row("a", "percent", "~ 50", **MOOD), "needs a tolerance"),
    "reading": (row("a", "percent", "= 50", reading="other", **MOOD), "other"),
    "base": (row("a", "percent", "= 50", base="ten", **MOOD), "ten"),
    "text": (row("a", "percent", "= 50", question="remark", option="x"), "text question"),
    "mentions": (row("a", "share_of_mentions", "= 50", **MOOD), "kind multiple"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_row_is_located(folder, case):
    line, words = DAMAGED[case]
    with pytest.raises(SurveyProblems) as error:
        judged(folder, row("a", "percent", "= 50", **MOOD), line)
    assert all((p.file, p.row) == ("statements.csv", 3) for p in error.value.problems)
    assert words in str(error.value)


def test_everything_damaged_is_reported_at_once(folder):
    good = row("a", "percent", "= 50", **MOOD)
    with pytest.raises(SurveyProblems) as error:
        judged(
            folder,
            good.replace("percent", "persent"),
            "b" + good[1:] + ",",
            findings_dot_csv=FINDINGS.replace("class", "clas") + "a,folk,Said.,x,firm,12,x,c\n",
            response_rates_dot_csv=RATES + "r,1,people,mod,x,0,many\n",
            notes_dot_csv="id,text,findings\nn,Said.,z\n",
            assumptions_dot_yml="most: {value: lots}\n",
        )
    said = str(error.value)
    for words in (
        "persent",
        "cells where the header has",
        "clas",
        "the column is missing",
        "mod",
        "many",
        "above 0",
        '"z"',
        "lots",
    ):
        assert words in said


def test_a_folder_without_published_findings_says_so(folder):
    survey = load_survey(folder)
    assert ledger(survey) == []
    assert "has no published/: nothing to compare with" in as_text([], survey)
    with pytest.raises(InsightsError, match="holds no published findings"):
        ledger(survey, folder / "codebook")
    assert printed_beside(load_survey(folder)) == {}


def test_the_same_findings_can_be_in_another_folder(folder, tmp_path_factory):
    judged(folder, row("a", "percent", "= 50", **MOOD))
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "printed"
    (folder / "published").rename(elsewhere)
    assert [e.assessment for e in ledger(load_survey(folder), elsewhere)] == ["reproduced"]


def test_text_and_json_carry_the_same_assessments(folder):
    judged(
        folder,
        row("a", "percent", "= 50", base=10, **MOOD),
        row("b", "percent", "= 60", base=10, **MOOD),
    )
    survey = load_survey(folder)
    entries = ledger(survey)
    assessments = {e["id"]: e["assessment"] for e in as_json(entries)}
    assert assessments == {"a": "contradicts b", "b": "contradicts a"}
    text = as_text(entries, survey)
    assert survey.fingerprint in text and "public" in text and "no evidence" not in text
    assert "2 statements: 0 reproduced, 0 differs, 0 impossible as printed, 2 contradicts" in text


def beside_mood(folder, *rows, **findings):
    """Findings shown with `mood`: words, printed value and what is said against each."""
    lines = "".join(f"{name},people,{words},12,,\n" for name, words in findings.items())
    write(folder / "published" / "findings.csv", FINDINGS + lines)
    write(folder / "published" / "statements.csv", "\n".join([COLUMNS, *rows]) + "\n")
    return [tuple(shown.values()) for shown in printed_beside(load_survey(folder))["mood"]]


def test_repeated_statements_are_shown_once_with_a_question(folder):
    half = {**MOOD, "base": 10}
    rows = [
        row("more", "percent", ">= 50", **half),
        row("more", "rank", "= 1", **half),
        row("again", "percent", ">= 50", **half),
        row("again", "rank", "= 1", **half),
        row("part", "rank", "= 1", **half),
        row("other", "percent", ">= 50", **half),
        row("number", "percent", "= 50", **half),
        row("fraction", "percent", "= 50", **half),
        row("number2", "percent", "= 50", **half),
    ]
    shown = beside_mood(
        folder,
        *rows,
        part="Good leads.,most,ordinal",
        more="Half or more are good; good leads.,most,ordinal",
        again="Most are good.,nearly all,ordinal",
        other="Half or more are good.,half or more,ordinal",
        number="Half are good.,50%,hard",
        fraction="One in two is good.,half,hard",
        number2="A half is good.,50%,hard",
    )
    assert shown == [
        ("Half or more are good; good leads.", "most", ""),  # says `part` in one word, and more
        ("Half or more are good.", "half or more", ""),  # a part of it, printed otherwise
        ("Half are good.", "50%", ""),
        ("One in two is good.", "half", ""),  # the same number, printed otherwise
    ]


def test_a_contradiction_names_the_other_statement_once(folder):
    half = {**MOOD, "base": 10}
    rows = [row(name, "percent", "= 50", **half) for name in ("a", "b")]
    rows += [row("c", "percent", "= 60", **half)]
    shown = beside_mood(
        folder, *rows, a="Half are good.,50%,hard", b="Half are good.,50%,hard",
        c="Six in ten are good.,60%,hard",
    )  # fmt: skip
    assert shown == [
        ("Half are good.", "50%", "Contradicts: “Six in ten are good”."),
        ("Six in ten are good.", "60%", "Contradicts: “Half are good”."),
    ]
