"""What a source says beside its survey: our tables against our findings, and a folder by hand.

Ten walkers. Fast: 6 of 10. With a dog: 4 of 10. With a hat: 6 of the 8 who answered. With a bag: 3
of 10. What is printed about them:

    statement    printed  class    base  assessment
    fast_share   60%      hard     10    reproduced; Wilson 31.3 to 83.2%
    dog_share    45%      hard     10    impossible: 4 of 10 are 40%, 5 50%; Wilson 20.1 to 72.6%
    hat_share    75%      hard      8    contradicts hat_few; Wilson 40.9 to 92.9%
    hat_few      few      ordinal   8    contradicts hat_share
    bag_most     most     ordinal  10    differs: 3 of 10 are not more than half
    mood         good     soft      –    not computable
"""

import csv
import re

import pytest
from IPython.display import Markdown

from helpers.errors import SurveyProblems
from helpers.ledger.ledger import Ledger
from helpers.notebook.drawing import Picture
from helpers.notebook.printed import Printed, printed
from helpers.responses.survey import load_survey
from places import CYCLING, ROOT

PUBLISHED = ROOT / "data" / "published"
SOURCES = {"survey", "focus groups", "interviews", "case study", "workshop", "author's judgement"}
FOLDER = {
    "codebook/survey.yml": """title: Ten walkers
provenance: public
populations:
  people: {label: People, label_one: person, id: card}
trends:
  feet: {label: On foot, sections: {now: Now}}
""",
    "codebook/questions.csv": """id,population,kind,option_set
fast,people,single,yes_no
dog,people,single,yes_no
hat,people,single,yes_no
bag,people,single,yes_no
""",
    "codebook/options.csv": "set,code\nyes_no,yes\nyes_no,no\n",
    "responses/people.csv": """card,fast,dog,hat,bag
1,yes,yes,yes,yes
2,yes,yes,yes,yes
3,yes,yes,yes,yes
4,yes,yes,yes,no
5,yes,no,yes,no
6,yes,no,yes,no
7,no,no,no,no
8,no,no,no,no
9,no,no,,no
10,no,no,,no
""",
    "published/findings.csv": """id,population,statement,printed,class,base_n
fast_share,people,Walkers are fast.,60%,hard,10
dog_share,people,Walkers have a dog.,45%,hard,10
hat_share,people,Walkers wear a hat.,75%,hard,8
hat_few,people,Few wear a hat.,few,ordinal,8
bag_most,people,Most carry a bag.,most,ordinal,10
mood,people,Walkers are in a good mood.,good,soft,
""",
    "published/statements.csv": """finding,question,option,statistic,comparator,value
fast_share,fast,yes,percent,=,60
dog_share,dog,yes,percent,=,45
hat_share,hat,yes,percent,=,75
hat_few,hat,yes,percent,<,50
bag_most,bag,yes,percent,>,50
""",
    "published/themes.csv": """number,trend,gist,evidence,findings
1,feet,Walk <b>fast</b>,survey,fast_share mood
2,feet,Take a dog and a hat,survey,dog_share hat_share bag_most
3,feet,Carry a bag,guess,bag_most mood
4,feet,Be merry,guess,mood
5,feet,Rest,guess,
""",
    "published/size.csv": """fact,value,unit,year_counted
Roads,12000,km,1999
Paths <i>,2.5,km,
Inns,7,houses,2001
""",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in FOLDER.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def walkers(folder):
    return load_survey(folder)


def rows(name):
    with (PUBLISHED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", ["themes", "readiness"])
def test_statements_linked_to_themes_and_needs_are_printed_and_not_repeats(name):
    findings = {row["id"]: row for row in rows("findings")}
    for row in rows(name):
        named = row["findings"].split()
        assert len(named) == len(set(named))
        assert [one for one in named if one not in findings] == []
        assert [one for one in named if findings[one]["repeat_of"]] == []


def test_every_printed_need_is_in_the_readiness_lists_once():
    needs = [row["id"] for row in rows("findings") if row["id"].startswith("rd_")]
    listed = [one for row in rows("readiness") for one in row["findings"].split()]
    assert sorted(one for one in listed if one.startswith("rd_")) == sorted(needs)


def test_there_are_ten_themes_of_known_trends_and_kinds_of_source():
    themes = rows("themes")
    trends = load_survey().codebook.trends
    assert [row["number"] for row in themes] == [str(n) for n in range(1, 11)]
    assert {row["trend"] for row in themes} <= set(trends)
    for row in themes:
        assert set(row["evidence"].split("; ")) <= SOURCES
        assert row["gist"] and row["example"]


def test_figures_about_the_wider_sector_are_numbers_with_unit_and_body():
    for row in rows("context"):
        assert float(row["value"]) > 0
        assert row["unit"] and row["body"]


def test_figures_about_the_wider_sector_agree_with_one_another():
    """Multiply and divide what the source prints side by side."""
    value = {(row["fact"], row["period"]): float(row["value"]) for row in rows("context")}
    grants = value["Grants and subsidies to voluntary bodies", "2010-11"]
    total = value["All government grants and subsidies", "2010-11"]
    share = value["Voluntary share of grants and subsidies", "2010-11"]
    assert round(100 * grants / total, 1) == share
    major = value["Major voluntary organisations", ""] / value["Voluntary organisations", ""]
    assert round(100 * major, 1) == 0.3
    saved = value["Spending that such a case prevents", "five years"]
    cost = value["Average cost of a case closed with success", ""]
    assert saved / cost == value["Return on 1 GBP spent on a family project", ""]


def test_evidence_counted_by_hand(walkers):
    table = printed(walkers).themes().data
    counts = ["Numbers", "Orderings", "Narratives"]
    assert table[counts].to_numpy().tolist() == [
        [1, 0, 1],
        [2, 1, 0],
        [0, 1, 1],
        [0, 0, 1],
        [0, 0, 0],
    ]
    came_to = ["Reproduced", "Differs", "Impossible as printed", "Contradicts", "Not computable"]
    assert table[came_to].to_numpy().tolist() == [
        [1, 0, 0, 0, 1],
        [0, 1, 1, 1, 0],
        [0, 1, 0, 0, 1],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0],
    ]
    assert list(table["Smallest base"]) == ["10", "8", "–", "–", "–"]
    assert list(table["Widest 95% range"]) == ["31–83%", "20–73%", "–", "–", "–"]


def test_strength_in_words_by_hand(walkers):
    said = printed(walkers).themes_in_words().data
    assert "at least one printed number of the survey: themes 1 and 2 (2 of 5)" in said
    assert "an ordering or a direction at best, no number: theme 3 (1 of 5)" in said
    assert "narrative only: theme 4 (1 of 5)" in said
    assert "no printed statement about the survey: theme 5 (1 of 5)" in said
    assert "The smallest base of such a number is 8 respondents." in said
    assert said.endswith("rules out is among those of theme 2.")


def test_the_charts_draw_and_say_what_the_tables_say(walkers):
    drawn = printed(walkers).themes_chart()
    assert isinstance(drawn, Picture)
    assert {t.name: list(t.x) for t in drawn.plotly.data} == {
        "Numbers": [1, 2, 0, 0, 0],
        "Orderings": [0, 1, 1, 0, 0],
        "Narratives": [1, 0, 1, 1, 0],
    }
    assert "theme 1: 1, 0, 1; theme 2: 2, 1, 0; theme 3: 0, 1, 1;" in drawn.words
    drawn = printed(walkers).figures("size", "km")
    assert [list(t.x) for t in drawn.plotly.data] == [[12000, 2.5]]
    assert list(drawn.plotly.data[0].text) == ["12,000", "2.5"]
    assert drawn.words == "In km, largest first: Roads, 12,000; Paths <i>, 2.5."
    assert "has no row in miles" in printed(walkers).figures("size", "miles").data


def test_markup_in_a_cell_is_shown_as_it_is_written(walkers):
    shown = printed(walkers).table("themes").to_html()
    assert "Walk &lt;b&gt;fast&lt;/b&gt;" in shown
    assert "<b>" not in shown + printed(walkers).themes().to_html()
    labels = printed(walkers).themes_chart().plotly.layout.yaxis.ticktext
    assert labels[0] == "1. Walk &lt;b&gt;fast&lt;/b&gt;"


def test_a_table_has_readable_headings_labels_of_trends_and_numbers_that_can_be_read(walkers):
    table = printed(walkers).table("size").data
    assert list(table) == ["Fact", "Value", "Unit", "Year counted"]
    assert list(table["Value"]) == ["12,000", "2.5", "7"]
    assert list(table["Year counted"]) == ["1999", "", "2001"]
    chosen = printed(walkers).table("themes", "gist", "trend", "no_such_column").data
    assert list(chosen) == ["Gist", "Trend"]
    assert set(chosen["Trend"]) == {"On foot"}


def test_numbers_are_right_aligned_and_text_left_aligned(walkers):
    shown = printed(walkers).table("size").to_html()
    rules = re.findall(r"([^{}]*)\{([^}]*)\}", shown.split("</style>")[0])
    right = " ".join(who for who, how in rules if "text-align: right" in how)
    assert {int(n) for n in re.findall(r"col(\d)", right)} == {1, 3}


def test_a_folder_without_the_file_says_so():
    cycling = Printed(load_survey(CYCLING), Ledger(load_survey(CYCLING), None))
    words = "*This survey folder has no published/themes.csv.*"
    for shown in (
        cycling.table("themes"),
        cycling.themes(),
        cycling.themes_in_words(),
        cycling.themes_chart(),
    ):
        assert isinstance(shown, Markdown)
        assert shown.data == words
    shown = cycling.figures("context", "km")
    assert shown.data == "*This survey folder has no published/context.csv.*"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        (",,\n", "the file has no rows"),
        ("gist,findings,evidence\n", "the file has no rows"),
        ("gist,findings,evidence\na,b\n", "2 cells where the header has 3"),
        ('gist,findings,evidence\n"a,,\n', "quotation mark"),
        ("gist,findings\na,\n", "column evidence: the column is missing"),
        ("gist,findings,evidence\na,fast_share fastest,b\n", 'row 2, column findings: found "fast'),
    ],
)
def test_a_damaged_file_is_an_error_that_names_it(folder, text, said):
    (folder / "published" / "themes.csv").write_text(text, encoding="utf-8")
    found = printed(load_survey(folder))
    with pytest.raises(SurveyProblems) as error:
        found.themes()
    assert "themes.csv" in str(error.value)
    assert said in str(error.value)


def test_a_value_that_is_not_a_number_is_an_error(folder):
    path = folder / "published" / "size.csv"
    path.write_text("fact,value,unit\nRoads,many,km\nPaths,,km\n", encoding="utf-8")
    found = printed(load_survey(folder))
    with pytest.raises(SurveyProblems, match=r"size\.csv, row 2, column value: found \"many\""):
        found.figures("size", "km")
