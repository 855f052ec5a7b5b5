"""A page of a survey with several waves: it opens with the latest, and says which it shows."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from helpers.cli import main
from three_waves import BOOK, FOUR, survey_of

from .conftest import leave, served, tab, unfold

pytestmark = pytest.mark.browser
SIZES = [(1280, 800), (390, 844)]


def add_joy(rows):
    for n, row in enumerate(rows):
        row["ten"] = str((n * 3 + n // 11) % 11)  # that does not follow from the others


@pytest.fixture(scope="module")
def waves(tmp_path_factory):
    """A release of four waves, served as its owner would, and the views of its page."""
    folder = tmp_path_factory.mktemp("waves")
    ten = {"questions_csv": f"{BOOK['questions.csv']}ten,readers,single,Joy,ten,\n"}
    ten["options_csv"] = BOOK["options.csv"] + "".join(f"ten,{n},{n},{n},\n" for n in range(11))
    own = survey_of(folder / "survey", FOUR, edit=add_joy, recommend=True, **ten)
    assert main(["release", "--data", str(own)]) == 0
    views = json.loads((own / "release" / "views" / "all.json").read_text(encoding="utf-8"))
    with served(own / "release", folder) as server:
        yield f"{server.home}/voila/render/all.ipynb", views


def drawn_through_time(page, question):
    """Each item is a line, with its name, the last number and what changed, none over another."""
    card = page.locator(f"article:has(#q-{question['id']})")
    card.scroll_into_view_if_needed()
    expect(card.locator(".chart .scatterlayer path.js-line")).to_have_count(2)
    texts = card.locator(".chart text").all_text_contents()
    view = question["views"]["wave|wave=*|age=*"]
    for line in view["values"]:
        assert next(text for text in reversed(line["text"]) if text) in texts
    written = " ".join(card.locator(".chart").all_text_contents())
    found = question["findings"]["wave"]["rows"][0]
    later, earlier = (group["label"] for group in found["groups"])
    for words in ("Staff help", f"{earlier} → {later}", found["said"], "not asked", "95% range"):
        assert words in written, words
    boxes = card.locator(".chart .annotation-text").evaluate_all(
        """all => all.map(each => {
            const { left, right, top, bottom } = each.getBoundingClientRect();
            return [left, right, top, bottom];
        })"""
    )
    for n, (left, right, top, bottom) in enumerate(boxes):
        for other in boxes[n + 1 :]:
            apart = left >= other[1] or right <= other[0] or top >= other[3] - 1
            assert apart or bottom <= other[2] + 1


@pytest.mark.parametrize("size", SIZES)
def test_a_page_shows_the_wave_that_is_chosen_and_names_it(waves, browser, size):
    address, views = waves
    questions = {q["id"]: q for q in views["questions"]}
    page = tab(browser, dict(zip(("width", "height"), size, strict=True)))
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.locator("#explorer[data-ready]").wait_for()
    unfold(page)
    if size[0] < 700:  # a phone shows filters when asked to
        page.locator(".sheet > summary").click()

    def said(question, key):
        card = page.locator("article").filter(has=page.locator(f"#q-{question}"))
        view = questions[question]["views"][key]
        expect(card.locator(".sentence")).to_have_text(view["sentence"])
        expect(card.locator(".base").first).to_contain_text(view["base"])

    expect(page.locator("h1")).to_have_text("Results, 2024")
    expect(page.get_by_role("radio", name="2024")).to_be_checked()
    said("visits", "|wave=2024|age=*")
    apart = page.locator("article:has(#q-first) .not-asked")
    expect(apart).to_have_text("Not asked in 2024. Asked in 2018.")
    page.get_by_role("radio", name="2018").check()
    expect(page.locator("h1")).to_have_text("Results, 2018")
    assert "wave=2018" in page.url and "2018" in page.title()
    said("uses", "|wave=2018|age=*")
    page.get_by_role("radio", name="All waves together").check()
    expect(page.locator(".summary")).to_have_text("Showing all readers; all waves together.")
    said("visits", "|wave=*|age=*")
    page.get_by_label("Compare by").select_option("wave")
    said("visits", "wave|wave=*|age=*")
    drawn_through_time(page, questions["views"])
    page.get_by_label("Compare by").select_option("age")
    said("ten", "age|wave=*|age=*")
    joy = page.locator("article:has(#q-ten)")
    joy.scroll_into_view_if_needed()
    expect(joy.locator(".chart path.point")).to_have_count(4)  # of each group mean and range
    marks = joy.locator(".chart .xtick text").evaluate_all(
        "all => all.map((each) => [each.textContent, each.getBoundingClientRect().x])"
    )
    assert [mark for mark, _ in marks][:: len(marks) - 1] == ["0", "10"]
    assert marks[-1][1] - marks[0][1] > size[0] / 2
    page.get_by_label("Compare by").select_option("wave")
    page.get_by_role("button", name="Reset filters").click()
    said("visits", "|wave=2024|age=*")
    page.goto(f"{address}?wave=2021&age=young")
    page.locator("#explorer[data-ready]").wait_for()
    unfold(page)
    said_of = questions["visits"]["views"]["|wave=2021|age=young"]
    card = page.locator("article").filter(has=page.locator("#q-visits"))
    expect(card.locator(".sentence")).to_have_text(said_of["sentence"])
    expect(card.locator(".base").first).to_contain_text(", 2021. Age: under 40.", ignore_case=True)
    with page.expect_download() as download:
        card.get_by_role("button", name="Download CSV: How often").click()
    assert download.value.suggested_filename.startswith("visits-wave-2021-age-")
    page.goto(address)
    page.locator("#explorer[data-ready]").wait_for()
    unfold(page)
    nps = page.locator("article").filter(has=page.locator("#q-nps"))
    nps.locator("summary", has_text="Cite").click()
    rows = questions["nps"]["views"]["|wave=2024|age=*"]["rows"]
    nps.get_by_label("Which number").select_option(label=f"{rows[-1][0]}: {rows[-1][1]}")
    quoted = f"“{rows[-1][0]}”, {rows[-1][1]} (95% range {rows[-1][2]} to {rows[-1][3]}) of 80"
    expect(nps.locator(".citation")).to_contain_text(quoted)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert complaints == []
    leave(page)


@pytest.fixture(scope="module")
def two_waves(tmp_path_factory):
    """The page of two waves side by side, and its views."""
    folder = tmp_path_factory.mktemp("two_waves")
    ten = {"questions_csv": f"{BOOK['questions.csv']}ten,readers,single,Joy,ten,\n"}
    ten["questions_csv"] = ten["questions_csv"].replace(",2018\n", ",2021\n")
    ten["options_csv"] = BOOK["options.csv"] + "".join(f"ten,{n},{n},{n},\n" for n in range(11))
    waves = ("2021", "2024")
    own = survey_of(folder / "survey", waves, edit=add_joy, recommend=True, **ten)
    assert main(["release", "--data", str(own)]) == 0
    views = json.loads((own / "release" / "views" / "all.json").read_text(encoding="utf-8"))
    with served(own / "release", folder) as server:
        yield f"{server.home}/voila/render/all.ipynb?compare-by=wave", views


def side_by_side(two_waves, browser, size, question):
    address, views = two_waves
    page = tab(browser, dict(zip(("width", "height"), size, strict=True)))
    page.goto(address)
    page.locator("#explorer[data-ready]").wait_for()
    unfold(page)
    chart = page.locator(f"#c-{question} .chart")
    chart.scroll_into_view_if_needed()
    expect(chart.locator(".main-svg").first).to_be_visible()
    return page, chart, next(q for q in views["questions"] if q["id"] == question)


@pytest.mark.parametrize("size", SIZES)
def test_compared_means_say_how_groups_differ_and_in_what(two_waves, browser, size):
    page, chart, question = side_by_side(two_waves, browser, size, "ten")
    [found] = question["findings"]["wave"]["rows"]
    assert question["views"]["wave|wave=*|age=*"]["values"][0]["x"][0] <= 10, "means are drawn"
    expect(chart).to_contain_text(found["said"])
    expect(chart).to_contain_text(found["difference"])
    said = "".join("".join(chart.all_text_contents()).split())
    assert "Mean" in said and (size[0] < 700 or "".join(found["answer"].split()) in said)
    leave(page)


def test_waves_named_by_years_are_rows_of_a_net(two_waves, browser):
    page, chart, question = side_by_side(two_waves, browser, SIZES[0], "nps")
    expect(chart.locator(".ytick text")).to_have_count(2)
    assert {*chart.locator(".ytick text").all_text_contents()} == {"2021", "2024"}
    heights = chart.locator(".barlayer path").evaluate_all(
        "all => all.map((each) => each.getBoundingClientRect().height)"
    )
    assert len(heights) == 8 and min(heights) > 10
    numbers = chart.locator(".bartext, .annotation-text").all_text_contents()
    shares = [row[2] for row in question["views"]["wave|wave=*|age=*"]["rows"]]
    assert {share for share in shares if "%" in share} <= {*numbers}
    leave(page)
