"""Pages beyond single questions: the overview, who answered, what the source prints."""

import json
import re
from dataclasses import replace

import pytest

from helpers.codebook.model import Provenance
from helpers.errors import SurveyProblems
from helpers.pages import dashboard
from helpers.pages.key_numbers import opinions_first
from helpers.pages.publishing import changed_files, prepare, with_reader_pages
from helpers.paths import RELEASE
from helpers.release.attack.audit import audit
from helpers.release.rules import read_rules
from helpers.responses.survey import load_survey

SURVEY = """title: Canteen
provenance: illustrative
populations:
  guests: {label: Guests, label_one: guest}
  cooks: {label: Cooks, label_one: cook}
  others: {label: Others, id: x}
trends: {food: {label: Food}, place: {label: Place}}
"""
QUESTIONS = """id,population,kind,option_set,asked_if,trend,label
like,guests,single,yn,,food,Likes it
salt,guests,single,yn,like = no,food,Salt
queue,guests,single,yn,,place,Queue
heat,cooks,single,yn,,place,Heat
"""
# 40 guests: 30 like it, 10 do not and are asked about salt; 32 answered on the queue, 16 yes.
GUESTS = [
    ("yes" if n < 30 else "no", "" if n < 30 else "yes" if n % 2 else "no",
     "" if n >= 32 else "yes" if n < 16 else "no")
    for n in range(40)
]  # fmt: skip
COOKS = ["yes"] * 7 + ["no"] * 5


@pytest.fixture
def folder(tmp_path):
    for part in ("codebook", "responses", "published"):
        (tmp_path / part).mkdir()
    codebook = tmp_path / "codebook"
    (codebook / "survey.yml").write_text(SURVEY)
    (codebook / "questions.csv").write_text(QUESTIONS)
    (codebook / "options.csv").write_text("set,code\nyn,yes\nyn,no\n")
    rows = "\n".join(",".join(row) for row in [("like", "salt", "queue"), *GUESTS])
    (tmp_path / "responses" / "guests.csv").write_text(rows + "\n")
    (tmp_path / "responses" / "cooks.csv").write_text("\n".join(["heat", *COOKS]) + "\n")
    (tmp_path / "responses" / "others.csv").write_text("x\n1\n")
    return tmp_path


def rules(folder, text):
    (folder / "codebook" / "release.yml").write_text(text)


def views(prepared, name):
    return json.loads(prepared.files[f"views/{name}.json"])


def test_each_page_has_a_headline_and_counts_who_answered(folder):
    prepared = prepare(load_survey(folder))
    page = views(prepared, "overview")
    assert prepared.report.leaks == ()
    assert [q["id"] for q in page["questions"]] == ["like", "queue"]
    assert [(s["label"], s["page"]) for s in page["sections"]] == [
        ("Food", "food"),
        ("Place", "place"),
    ]
    # Salt was put to ten only: it is no measure of how many answered. Nobody asked the others.
    # Wilson at 1/2 on 32 * 39 / 40 = 31.2: 1.96 / (2 * sqrt(31.2 + 3.84)) = 0.1656: 17 points.
    # On 12 * 11 / 12 = 11 of the cooks: 1.96 / (2 * sqrt(11 + 3.84)) = 0.2544: 25 points.
    assert [tuple(row.values()) for row in page["answered"]] == [
        ("guests", "Guests", 40, 32, 40, "±17 points"),
        ("cooks", "Cooks", 12, 12, 12, "±25 points"),
    ]
    assert page["headline"] == "Based on 40 guests and 12 cooks."
    assert [p["id"] for p in page["pages"]] == ["overview", "food", "place"]
    assert views(prepared, "index")["answered"] == page["answered"]
    # What the overview shows of a question is what its own page shows.
    own = views(prepared, "place")["questions"][0]
    assert page["questions"][1] == own | {"section": "place", "matched": []}


def test_the_owner_chooses_the_headline_of_a_page(folder):
    rules(folder, "pages: {all: {title: All, questions: [like, queue, heat], headline: heat}}\n")
    survey = load_survey(folder)
    prepared = prepare(replace(survey, provenance=Provenance.PUBLIC))
    assert [q["id"] for q in views(prepared, "overview")["questions"]] == ["heat"]
    assert "“Heat”" in views(prepared, "all")["headline"]
    # Of simulated answers nothing is a headline: only what the source prints is.
    assert views(prepare(survey), "all")["headline"] == ""


def test_numbers_of_real_answers_are_under_the_title_of_the_page(folder):
    survey = replace(load_survey(folder), provenance=Provenance.PUBLIC)
    prepared = prepare(survey)
    page = views(prepared, "overview")
    assert prepared.report.leaks == ()
    # 30 of 40 like it, 16 of 32 say yes on the queue; then 7 of 12 on the heat. Salt is of some.
    assert [(n["question"], n["value"]) for n in page["numbers"]] == [
        ("like", "75%"),
        ("queue", "50%"),
        ("heat", "58%"),
        ("salt", "50%"),
    ]
    html = dashboard.as_served(page)
    assert "<h1>Key findings</h1>" in html and html.count("Based on 40 guests") == 1


def test_numbers_to_open_with_are_first_of_what_is_no_characteristic(folder):
    """Weights may have been fitted to it: its shares would be those of the targets."""
    made = (
        "dimensions:\n  fan: {label: Fan, bands: {'yes': Yes, 'no': No}, source: {guests: like}}\n"
    )
    outline = folder / "codebook" / "survey.yml"
    outline.write_text(outline.read_text().replace("trends:", f"{made}trends:"))
    rules(folder, "pages: {all: {title: All, questions: [like, salt, queue]}}\n")
    codebook = load_survey(folder).codebook
    known = read_rules(folder / "codebook", codebook)
    assert opinions_first(known.pages[0], codebook, known) == ["salt", "queue", "like"]


def test_a_number_says_of_which_share_its_range_is():
    """Figure 7 of the report: 8, then 1 of 31 without a process, which is 3%."""
    for name in ("overview", "context"):
        page = json.loads((RELEASE / "views" / f"{name}.json").read_text(encoding="utf-8"))
        said = {number["value"]: number for number in page["numbers"]}
        assert said["8 → 1"]["counted"] == "Now 3%"
        low, high = said["8 → 1"]["ends"]
        assert low < 3 < high
        for number in page["numbers"]:
            assert "%" in number["value"] or re.search(r"\d%", number["counted"])


def test_a_release_that_shows_nothing_has_no_overview(folder):
    rules(folder, "minimum_base: 50\n")
    prepared = prepare(load_survey(folder))
    assert "views/overview.json" not in prepared.files
    index = views(prepared, "index")
    assert [row["most"] for row in index["answered"]] == [0, 0]
    assert [row["half"] for row in index["answered"]] == ["", ""]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "pages: {overview: {questions: [like]}}",
            "index, overview, favourable, method and about are taken",
        ),
        (
            "pages: {about: {questions: [like]}}",
            "index, overview, favourable, method and about are taken",
        ),
        (
            "pages: {method: {questions: [like]}}",
            "index, overview, favourable, method and about are taken",
        ),
        ("embed: [example.org]", "https://www.example.org"),
        ("embed: ['https://a.example/path']", "without a path"),
        ('embed: ["https://a.example; script-src *"]', "without a path"),
        ("pages: {p: {questions: [like], headline: heat}}", "like"),
        ("pages: {p: {questions: [like], printed: {menu: {}}}}", "published/prices.csv"),
        ("pages: {p: {questions: [like], printed: {../codebook/options: {}}}}", "prices.csv"),
        ("pages: {p: {questions: [like], printed: {prices: {columns: [x]}}}}", "dish, price"),
        ("pages: {p: {questions: [like], printed: {prices: {colums: [x]}}}}", '"columns"'),
    ],
)
def test_impossible_page_rules_are_refused(folder, text, said):
    (folder / "published" / "prices.csv").write_text("dish,price\nSoup,3.20\n")
    rules(folder, text + "\n")
    with pytest.raises(SurveyProblems, match="release.yml, row 1") as error:
        read_rules(folder / "codebook", load_survey(folder).codebook)
    assert said in str(error.value)


PRINTED = (
    "pages: {p: {questions: [like], printed: {prices: {title: Prices, columns: [price, dish]}}}}"
)


def test_source_tables_are_shown_below_the_questions(folder, monkeypatch):
    (folder / "published" / "prices.csv").write_text("dish,price,year\n<b>Soup,12500,2013\n")
    rules(folder, PRINTED + "\n")
    survey = load_survey(folder)
    prepared = prepare(survey)
    assert prepared.report.leaks == ()
    table = views(prepared, "p")["printed"][0]
    assert (table["columns"], table["rows"]) == (["Price", "Dish"], [["12,500", "<b>Soup"]])
    html = dashboard.as_served(views(prepared, "p"))
    assert html.index('id="explorer"') < html.index("&lt;b&gt;Soup</td>") and "<b>Soup" not in html
    assert changed_files(prepared.files, survey) == []
    (folder / "published" / "prices.csv").write_text("dish,price\nSoup,13000\n")
    assert changed_files(prepared.files, survey) == ["manifest.json", "views/p.json"]


def test_a_survey_without_its_source_can_be_released(folder):
    rules(folder, PRINTED + "\n")
    (folder / "published").rmdir()
    assert "printed" not in views(prepare(load_survey(folder)), "p")


@pytest.mark.parametrize(
    ("key", "value"),
    [("replied", 41), ("fewest", 31), ("most", 39), ("half", "32 to 68%"), ("left", 8)],
)
def test_the_audit_finds_what_the_cube_does_not_say_of_who_answered(folder, key, value):
    survey = load_survey(folder)
    files = prepare(survey).files
    for name in ("overview", "index"):
        page = json.loads(files[f"views/{name}.json"])
        page["answered"][0][key] = value
        leaks = audit(
            {**files, f"views/{name}.json": json.dumps(page)}, codebook=survey.codebook
        ).leaks
        assert leaks and {leak.method for leak in leaks} == {"unexplained"}


def test_the_audit_finds_numbers_under_a_name_that_no_page_has(folder):
    survey = load_survey(folder)
    files = prepare(survey).files
    page = json.loads(files["views/food.json"]) | {"remark": "3 of them were cross"}
    leaks = audit({**files, "views/food.json": json.dumps(page)}, codebook=survey.codebook).leaks
    assert ["remark" in leak.words for leak in leaks] == [True]


def test_websites_that_may_embed_are_part_of_the_release(folder):
    rules(folder, 'embed: ["https://a.example", "http://b.example:8080"]\nreleased: May 2026\n')
    prepared = prepare(load_survey(folder))
    manifest = json.loads(prepared.files["manifest.json"])
    assert manifest["rules"]["embed"] == ["https://a.example", "http://b.example:8080"]
    assert manifest["released"] == "May 2026" and prepared.report.leaks == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda index: index["listed"][0].update(title="7 of 9 agree"), "7 of 9 agree"),
        (lambda index: index["listed"][0]["labels"].append("12%"), "12%"),
        (lambda index: index["listed"][0].update(id="other"), "which the cube lacks"),
        (lambda index: index["listed"][0].update(more="12"), "“more”"),
        (lambda index: index["methods"][0].update(method="Of 13"), "Of 13"),
        (lambda index: index["owner"].update(contact="Ask the 3 who left"), "contact"),
    ],
)
def test_the_audit_finds_what_the_index_should_not_say(folder, change, said):
    survey = load_survey(folder)
    files = prepare(survey).files
    index = json.loads(files["views/index.json"])
    assert [one["id"] for one in index["listed"]]
    change(index)
    found = audit({**files, "views/index.json": json.dumps(index)}, codebook=survey.codebook).leaks
    assert any(said in leak.words for leak in found), found


def test_readers_receive_the_list_and_the_method_and_the_audit_reads_them(folder):
    survey = load_survey(folder)
    whole = with_reader_pages(prepare(survey).files)
    assert {"index.html", "method.html", "about.html"} <= whole.keys()
    assert audit(whole, codebook=survey.codebook).leaks == ()
    for name in ("index.html", "method.html", "about.html"):
        html = whole[name].replace("</main>", "<p>1,234 of them</p></main>")
        leaks = audit({**whole, name: html}, codebook=survey.codebook).leaks
        assert ["1,234" in leak.words for leak in leaks] == [True], name
