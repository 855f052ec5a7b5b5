"""The codebook: what is read, and that everything wrong is reported at once and located."""

import shutil
from pathlib import Path

import pytest
import yaml

from helpers import paths
from helpers.codebook import yamlfiles
from helpers.codebook.model import Kind
from helpers.codebook.reading import read_codebook
from helpers.codebook.routing import parse_routing
from helpers.errors import InsightsError, Problems, SurveyProblems
from places import CYCLING

BOOK = CYCLING / "codebook"


@pytest.fixture
def codebook(tmp_path):
    """A copy of the cycling codebook to damage."""
    return Path(shutil.copytree(BOOK, tmp_path / "codebook"))


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(folder):
    with pytest.raises(SurveyProblems) as error:
        read_codebook(folder)
    return [str(p) for p in error.value.problems]


def test_the_project_s_own_questionnaires_cover_every_chart():
    own = read_codebook(paths.DATA / "codebook")
    sources = {q.source for q in own.questions.values()}
    for figure in (*map(str, range(3, 10)), "10a", "10b", *map(str, range(11, 21))):
        assert f"Figure {figure}" in sources, figure
    for told in (
        "contract_change",
        "consortium",
        "move_to_outcomes",
        "outcome_meaning",
        "contract_flexibility",
        "finding_needs",
    ):
        assert own.questions[told].source.startswith("Text")
    assert {p: sum(q.population == p for q in own.questions.values()) for p in own.populations} == {
        "commissioners": 15,
        "providers": 16,
        "frontline": 7,
    }
    assert own.matches("contract_types_used") == ("contract_targets",)


def test_columns_follow_question_item_and_time():
    own = read_codebook(paths.DATA / "codebook")
    columns = [c.column for c in own.questions["contract_types_used"].cells]
    assert columns[:4] == [
        "contract_types_used.grant_sla.then",
        "contract_types_used.grant_sla.now",
        "contract_types_used.grant_sla.anticipated",
        "contract_types_used.spend_based.then",
    ]
    assert [c.column for c in own.questions["change_drivers"].cells][
        0
    ] == "change_drivers.improve_outcomes"


def test_order_comes_from_the_order_column():
    read = read_codebook(BOOK)
    assert [o.code for o in read.questions["often"].options] == ["daily", "weekly", "never", "98"]
    assert read.questions["barriers"].ticked.code == "x"
    assert read.questions["distance"].kind is Kind.NUMBER


def test_a_dimension_may_be_a_question(codebook):
    edit(
        codebook / "survey.yml", "dimensions:", "dimensions:\n  often: {}\n  helmet: {label: Head}"
    )
    often, helmet = (read_codebook(codebook).dimensions[name] for name in ("often", "helmet"))
    assert often.label == "How often" and helmet.label == "Head"
    assert list(often.bands) == ["daily", "weekly", "never"]
    assert {s.column for s in often.source.values()} == {"often"}
    edit(codebook / "survey.yml", "  often: {}", "  barriers: {}\n  nothing: {}")
    found = problems(codebook)
    assert len(found) == 2
    assert all("or name a question with one answer" in line for line in found)


def test_all_problems_come_at_once_and_located(codebook):
    edit(codebook / "questions.csv", "agree,residents,grid", "agree,resident,grid")
    edit(codebook / "questions.csv", "owns = yes and often in", "owns = yess and oftn in")
    edit(codebook / "questions.csv", "helmet,residents,single", "helmet,residents,singel")
    edit(codebook / "options.csv", "agree5,3,Neither,,3,", "agree5,3,Neither,,three,")
    edit(codebook / "items.csv", "barriers,theft", "barriers,weather")
    edit(codebook / "survey.yml", "older: 60 and over", "oldest: 60 and over")
    found = problems(codebook)
    assert len(found) == 7
    for part in (
        'questions.csv, row 6, column population: found "resident"; allowed: residents',
        'questions.csv, row 4, column asked_if: found "yess"',
        'questions.csv, row 4, column asked_if: found "oftn"',
        'questions.csv, row 7, column kind: found "singel"; allowed: single, multiple, grid',
        'options.csv, row 13, column score: found "three"; allowed: a number',
        'items.csv, row 8, column item: found "weather"; allowed: each item once per question',
        'survey.yml, row 11, column dimensions.age.source.residents.map.60+: found "older"',
    ):
        assert any(line.startswith(part) for line in found), (part, found)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("survey.yml", "populations:", "population:", 'found "population"'),
        ("survey.yml", "wave:", "title:", "the key appears twice"),
        ("survey.yml", "title: Getting", "weight: w\ntitle: Getting", "below the population it is"),
        ("survey.yml", "id: ref,", "id: ref, wave: x,", "Write it at the top of the file"),
        (
            "survey.yml",
            '"60+": older',
            '"16 to 30": older, "20 to 60": older',
            "20 has a band already",
        ),
        ("survey.yml", "title: Getting", "title: [Getting", "not valid YAML"),
        (
            "survey.yml",
            "district:\n",
            "respondent_type:\n",
            "every survey already has the dimension",
        ),
        ("questions.csv", "owns,residents", "2owns,residents", "a letter, then"),
        ("questions.csv", "often,residents", "owns,residents", "each id once"),
        ("questions.csv", "label", "lable", "an unknown column"),
        ("questions.csv", ",yn,,\n", ",ny,,\n", 'found "ny"'),
        ("questions.csv", ",yn,,\n", ",,,\n", "needs an option set"),
        (
            "questions.csv",
            "agree,residents,grid",
            "agre,residents,grid",
            "a grid question needs items",
        ),
        ("questions.csv", "agree,residents,grid", "agree,residents,single", "has items for this"),
        (
            "questions.csv",
            "remark,residents,text,Remark",
            'remark,residents,text,"Remark',
            "not a table from here on",
        ),
        ("questions.csv", ",asked\n", ",askd\n", 'found "askd"'),
        (
            "options.csv",
            "yn,-9,Refused,3,,not_answered",
            "yn,-9,Refused,3,,refused",
            'found "refused"',
        ),
        ("options.csv", "box,o,Not named,2,0,", "box,o,Not named,2,2,", "score 1 for ticked"),
        ("options.csv", "yn,no,No", "yn,yes,No", "each code once in a set"),
        ("items.csv", "purposes,fun", "purpose,fun", 'found "purpose"'),
        ("items.csv", "purposes,fun,Leisure", "purposes,fun", "2 cells where the header has 3"),
    ],
)
def test_each_kind_of_mistake_is_reported(codebook, file, old, new, said):
    edit(codebook / file, old, new)
    found = problems(codebook)
    assert any(said in line for line in found), found
    assert len({line.split(",")[0] for line in found}) <= 2


@pytest.mark.parametrize(
    ("text", "said_of_it"),
    [
        ("a: &x [1]\nb: *x\n", "row 2: aliases (*) are not read"),
        ("a: " + "[" * 3000 + "]" * 3000, "nested more than 20 deep"),
        ("title: T\npopulations: {p: {respondents: ²}}\n", "a whole number"),
        ("", "the file is empty"),
    ],
)
def test_hostile_yaml_is_refused_quickly(codebook, text, said_of_it):
    (codebook / "survey.yml").write_text(text, encoding="utf-8")
    assert any(said_of_it in line for line in problems(codebook))


@pytest.mark.parametrize(
    "text",
    [
        "a: [b?, c]", "a\tb: [c]", "a: {b: c\t}", "a:\n\ufeff b: c", "a: [!b, c]", "|# a\n b: c",
        "a: >-\n  b\n  c\nd: ''\ne: null", "a: {b: [c, d], e: 'null'}\nf:\n  - g: 1",
        "a: [b", "- a",
    ],
)  # fmt: skip
def test_yaml_is_read_alike_with_and_without_libyaml(tmp_path, monkeypatch, text):
    def read():
        found = Problems()
        file = yamlfiles.YamlFile(tmp_path / "a.yml", found)
        return file.data, file.line("a", "b"), [str(one) for one in found]

    (tmp_path / "a.yml").write_text(text, encoding="utf-8")
    fast = read()
    monkeypatch.setattr(yamlfiles, "_FAST", yaml.SafeLoader)
    assert fast == read()


def test_circular_routing_is_reported_once(codebook):
    edit(
        codebook / "questions.csv",
        "owns,residents,single,Owns a bicycle,Do you own a bicycle?,yn,,",
        "owns,residents,single,Owns a bicycle,Do you own a bicycle?,yn,helmet = yes,",
    )
    found = problems(codebook)
    assert len(found) == 1
    assert "row 2, column asked_if: owns needs helmet needs owns" in found[0]


def test_codes_of_a_dimension_may_mean_not_stated(codebook):
    edit(codebook / "survey.yml", '"60+": older', '"60+": not_stated')
    assert (
        read_codebook(codebook).dimensions["age"].source["residents"].bands["60+"] == "not_stated"
    )


def test_a_missing_file_is_named(codebook):
    (codebook / "questions.csv").unlink()
    with pytest.raises(InsightsError, match=r"questions\.csv missing"):
        read_codebook(codebook)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("../release.yml", "release.yml"),
        ("../derived.yaml", "derived.yml"),
        ("release.yaml", "release.yml"),
        ("Items.csv", "items.csv"),
    ],
)
def test_a_file_that_nobody_would_read_is_reported(codebook, name, place):
    """Rules of a release in the wrong place would not protect anybody."""
    read_codebook(codebook)
    (codebook / place).unlink(missing_ok=True)
    (codebook / name).write_text("minimum_base: 30\n", encoding="utf-8")
    with pytest.raises(SurveyProblems, match=f"Move it to codebook/{place}"):
        read_codebook(codebook)


@pytest.mark.parametrize(
    ("text", "answers", "asked"),
    [
        ("a = yes", {"a": "yes"}, True),
        ("a = yes", {"a": "no"}, False),
        ("a != yes", {"a": "no"}, True),
        ("a != yes", {"a": "not_answered"}, False),
        ("a != yes", {"a": ""}, False),
        ("a in x y", {"a": "y"}, True),
        ("a not in x y", {"a": "z"}, True),
        ("a not in x y", {"a": "y"}, False),
        ("a >= 18", {"a": "18"}, True),
        ("a >= 18", {"a": "not_answered"}, False),
        ("a = 1 or b = 1 and c = 1", {"a": "0", "b": "1", "c": "0"}, False),
        ("a = 1 or b = 1 and c = 1", {"a": "1", "b": "0", "c": "0"}, True),
    ],
)
def test_routing_conditions(text, answers, asked):
    assert parse_routing(text).asked({k: [v] for k, v in answers.items()}, 1) == [asked]


@pytest.mark.parametrize("text", ["a", "= yes", "a = ", "a > many", "a yes", ""])
def test_an_unreadable_condition_is_reported(text):
    with pytest.raises(ValueError, match=r"cannot read|needs a number"):
        parse_routing(text)


def test_the_owner_names_contact_corrections_and_accessibility(codebook):
    edit(
        codebook / "survey.yml",
        "title:",
        """contact: The cycling office
corrections:
  - {date: 3 May 2026, what: The share of helmets was that of 2024.}
accessibility:
  tested: With a screen reader.
  date: May 2026
  problems: [Maps, Long tables]
  complaints: The ombudsman
title:""",
    )
    read = read_codebook(codebook)
    assert read.contact == "The cycling office"
    assert [(c.date, c.what) for c in read.corrections] == [
        ("3 May 2026", "The share of helmets was that of 2024.")
    ]
    access = read.accessibility
    assert (access.tested, access.date) == ("With a screen reader.", "May 2026")
    assert access.problems == ("Maps", "Long tables") and access.complaints == "The ombudsman"
    assert access.contact == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("corrections: [{what: A number}]", "a correction needs a date"),
        ("corrections: [A number]", "a mapping of keys to values is needed here"),
        ("corrections: A number", "a list is needed here"),
        ("accessibility: {tested: By hand}", "how the pages were tested, and when"),
        ("accessibility: {date: May 2026}", "how the pages were tested, and when"),
        ("accessibility: {problem: x}", 'Did you mean "problems"?'),
        ("contact: [a, b]", "a single text is needed here"),
    ],
)
def test_what_the_owner_says_is_checked(codebook, text, said):
    edit(codebook / "survey.yml", "title:", f"{text}\ntitle:")
    found = problems(codebook)
    assert any(said in problem and "survey.yml, row" in problem for problem in found), found


DISTRICTS = "  district:\n    label: District\n    bands: {north: North, centre: Centre"
YEARS = '  year:\n    label: Year\n    bands: {"2019": First, 2021: Second, centre: Centre'


@pytest.mark.parametrize("wave", ['"2021"', "2021", "second", "Second"])
def test_a_wave_is_not_one_band_of_a_dimension_of_years(codebook, wave):
    """Its answers and those of 2019 would be pooled, and called 2021."""
    edit(codebook / "survey.yml", 'wave: "2021"', f"wave: {wave}")
    edit(codebook / "survey.yml", DISTRICTS, YEARS)
    edit(codebook / "survey.yml", "south: South, island: Island}", "south: South, north: N}")
    [told] = [line for line in problems(codebook) if ", column wave:" in line]
    assert "the dimension year has it beside 4 more" in told
    assert "wave_dimension: year" in told


def test_a_wave_may_be_named_like_a_band_of_anything_else(codebook):
    edit(codebook / "survey.yml", 'wave: "2021"', "wave: North")
    assert read_codebook(codebook).wave == "North"


def test_waves_are_not_labelled_with_each_other_s_codes(codebook):
    edit(codebook / "survey.yml", 'wave: "2021"\n', "wave_dimension: district\n")
    edit(codebook / "survey.yml", "north: North, centre", "north: south, centre")
    [told] = problems(codebook)
    assert 'found "south"' in told and "another wave has this label as its code" in told
