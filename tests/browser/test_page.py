"""What a reader sees and clicks, in a real Chromium."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, Page, expect

from . import crosstabs, library
from .conftest import unfold

pytestmark = pytest.mark.browser
VIEWS = library.views()["visits"]
QUESTIONS = {question["id"]: question for question in VIEWS["questions"]}


def card(page: Page, question: str) -> Locator:
    return page.locator("article", has=page.locator(f"#q-{question}"))


def chip(page: Page, label: str) -> Locator:
    return page.get_by_role("checkbox", name=label, exact=True)


def sentence(question: str, key: str) -> str:
    return QUESTIONS[question]["views"][key]["sentence"]


def drawn(page: Page, question: str) -> Locator:
    """The chart of a question, once it is drawn."""
    chart = card(page, question).locator(".chart")
    chart.scroll_into_view_if_needed()
    chart.locator(".bars path").first.wait_for(state="attached")
    return chart


def first_bar(page: Page, question: str) -> float:
    """Width of the first bar in pixels."""
    return drawn(page, question).locator(".bars path").first.bounding_box()["width"]


def test_every_question_is_drawn_with_words_base_and_table(visit) -> None:
    page = visit()
    expect(page).to_have_title(f"Visits & services – {library.SURVEY['title']}")
    for id, question in QUESTIONS.items():
        here = card(page, id)
        view = question["views"]["|" + "|".join(f"{d}=*" for d in question["filters"])]
        expect(here.locator("h3")).to_have_text(question["title"])
        put = f"{question['wording']} · {question['asked']}"
        expect(here.locator(".wording")).to_have_text(put)
        expect(here.locator(".sentence")).to_have_text(view["sentence"])
        expect(here.locator(".base")).to_have_text(view["base"] + ".")
        chart = drawn(page, id)
        assert chart.get_attribute("role") == "img"
        assert view["sentence"] in chart.get_attribute("aria-label")
        table = here.locator("table").first
        expect(table.locator("caption")).to_have_count(1)
        assert table.locator("thead th:not([scope=col]), tbody th:not([scope^=row])").count() == 0
        wanted = crosstabs.cells_of(question["columns"][""], view["rows"])
        assert crosstabs.settled(table.evaluate(crosstabs.READ)) == crosstabs.settled(wanted)


DRAWN = "[...document.querySelectorAll('.chart')].filter((c) => c.querySelector('.bars path'))"
WATCH = f"""
const state = () => ({{ drawn: {DRAWN}.length, height: document.documentElement.scrollHeight }});
const once = (holds) => new Promise((resolve) => {{
  const look = () => (holds() ? resolve(state()) : requestAnimationFrame(look));
  requestAnimationFrame(look);
}});
const charts = () => [...document.querySelectorAll(".chart")];
globalThis.reserved = once(() => charts().length && charts().every((c) => c.style.height));
globalThis.finished = once(() => charts().length && charts().length === {DRAWN}.length);
"""


def test_charts_reserve_their_space_before_they_are_drawn(visit) -> None:
    """Otherwise a reader further down loses their place with every chart."""
    for width in (1280, 390):
        page = visit(viewport={"width": width, "height": 844})
        page.add_init_script(WATCH)
        page.reload()
        before, after = (page.evaluate(name) for name in ("reserved", "finished"))
        assert before["drawn"] < after["drawn"]
        assert before["height"] == after["height"]


def test_provenance_stays_in_sight(visit) -> None:
    for options in (
        {},
        {"viewport": {"width": 390, "height": 844}},
        {"viewport": {"width": 1280, "height": 500}},
    ):
        page = visit(charts=False, **options)
        expect(page.locator(".banner")).to_contain_text("Illustrative data")
        expect(page.locator(".banner")).to_contain_text(library.PROVENANCE["banner"])
        page.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")
        expect(page.locator(".mark")).to_be_in_viewport()
        expect(page.locator(".mark")).to_contain_text("Illustrative data")


def test_filters_change_chart_sentence_base_and_table(visit) -> None:
    page = visit()
    before = first_bar(page, "services")
    chip(page, "60 or over").uncheck()
    key = "|age=under_30,30_to_59|branch=*"
    expect(card(page, "services").locator(".sentence")).to_have_text(sentence("services", key))
    expect(card(page, "services").locator(".base")).to_have_text(
        "Base: 64 readers who answered. Age: Under 30 and 30 to 59."
    )
    first, *_ = crosstabs.cells_of(
        QUESTIONS["services"]["columns"][""], QUESTIONS["services"]["views"][key]["rows"]
    )
    table = card(page, "services").locator("table").first
    expect(table.locator("td").first).to_have_text(f"{first['share']} {first['range']}")
    assert table.evaluate(crosstabs.READ)[0] == first
    page.wait_for_function(
        "([id, before]) => Math.abs(document.getElementById(id).closest('article')"
        ".querySelector('.bars path').getBoundingClientRect().width - before) > 1",
        arg=["q-services", before],
    )
    chip(page, "Village & hamlet").uncheck()
    key = "|age=under_30,30_to_59|branch=town"
    expect(card(page, "services").locator(".sentence")).to_have_text(sentence("services", key))
    expect(page.locator(".summary")).to_have_text(
        "Showing all respondent types; age: Under 30 and 30 to 59; branch: Town."
    )


def test_every_choice_of_bands_has_a_view_or_a_message(visit) -> None:
    page = visit()
    ages = list(library.AGE.values())
    for wanted in range(8):
        for i, label in enumerate(ages):
            chip(page, label).set_checked(bool(wanted >> i & 1))
        expect(page.locator(".reason:visible")).to_have_count(0 if wanted else len(QUESTIONS))
        for id in QUESTIONS:
            here = card(page, id)
            shown = here.locator(".chart").is_visible()
            reason = here.locator(".reason").is_visible()
            assert shown != reason, (wanted, id)
    for _ in range(2):
        chip(page, "Town").set_checked(not chip(page, "Town").is_checked())
        assert page.locator(".chart:visible").count() + page.locator(".reason:visible").count() == 7


def test_nothing_chosen_says_so(visit) -> None:
    page = visit("visits.ipynb?branch=")
    reasons = page.locator(".reason:visible")
    expect(reasons).to_have_count(7)
    expect(reasons.first).to_contain_text("Nothing is chosen under “Branch”")
    expect(page.locator(".chart:visible")).to_have_count(0)


def test_a_question_not_asked_of_the_selection_says_who_was_asked(visit) -> None:
    page = visit()
    chip(page, "Library staff").uncheck()
    hours = card(page, "hours")
    expect(hours.locator(".not-asked")).to_have_text(
        "Not asked of readers. Asked of library staff."
    )
    expect(hours.locator(".chart")).to_be_hidden()
    assert drawn(page, "reasons").bounding_box()["width"] > 1000
    link = card(page, "reasons_seen").get_by_role("link", name="Reasons for coming")
    link.click()
    expect(page.locator("#q-reasons")).to_be_in_viewport()
    chip(page, "Readers").uncheck()
    expect(hours.locator(".not-asked")).to_have_text(
        "No respondent type is chosen. Choose at least one."
    )


def test_comparison(visit) -> None:
    page = visit()
    page.get_by_label("Compare by").select_option("branch")
    here = card(page, "services")
    expect(here.locator(".sentence")).to_have_text(sentence("services", "branch|age=*|branch=*"))
    drawn(page, "services")
    assert here.locator(".key li").all_text_contents() == ["Town", "Village & hamlet"]
    expect(chip(page, "Town")).to_be_disabled()
    expect(card(page, "agreement").locator(".note")).to_have_text("Not compared by branch.")
    page.get_by_label("Compare by").select_option("age")
    note = card(page, "reasons").locator(".note")
    expect(note).to_contain_text("Not compared by age. Not split by age: fewer than 10 readers")
    expect(chip(page, "Town")).to_be_enabled()


def test_wider_groups_are_named(visit) -> None:
    page = visit("visits.ipynb?age=60_plus", charts=False)
    note = card(page, "agreement").locator(".note")
    expect(note).to_have_text(
        "Wider than chosen (Age): 30 or over is shown, the smallest group on offer that holds"
        " 60 or over."
    )
    expected = sentence("agreement", "|age=30_plus|branch=*")
    expect(card(page, "agreement").locator(".sentence")).to_have_text(expected)
    expect(card(page, "reasons").locator(".note")).to_contain_text("Not filtered by age")
    expect(card(page, "hours").locator(".note")).to_be_hidden()
    chip(page, "30 to 59").check()
    expect(card(page, "agreement").locator(".note")).to_be_hidden()
    expect(card(page, "hours").locator(".note")).to_contain_text("one group at a time or for all")
    expect(card(page, "hours").locator(".sentence")).to_have_text(sentence("hours", "|age=*"))


def test_a_hidden_view_and_a_filter_not_on_offer_say_why(visit) -> None:
    page = visit("visits.ipynb?branch=town")
    expect(card(page, "closing").locator(".reason")).to_have_text(
        "Everyone gave the same answer, so it is not shown."
    )
    expect(card(page, "closing").locator(".chart")).to_be_hidden()
    expect(card(page, "training").locator(".notes")).to_contain_text(
        "Not split by branch: only 18 staff answered."
    )
    page.get_by_role("button", name="Reset filters").click()
    hidden = card(page, "closing").locator(".withheld")
    expect(hidden).to_have_text("Not shown (hidden, not zero): No.")
    chart = card(page, "closing").locator(".chart").bounding_box()
    assert hidden.bounding_box()["y"] >= chart["y"] + chart["height"]  # names can fill a screen


def test_the_address_holds_the_state(visit) -> None:
    page = visit(charts=False)
    chip(page, "Under 30").uncheck()
    page.get_by_label("Compare by").select_option("branch")
    edition = page.locator("#views").get_attribute("data-edition")
    assert page.url.endswith(f"?age=30_to_59,60_plus&compare-by=branch&edition={edition}")
    page.go_back()
    expect(page.get_by_label("Compare by")).to_have_value("")
    expect(chip(page, "Under 30")).not_to_be_checked()
    page.go_back()
    expect(chip(page, "Under 30")).to_be_checked()
    page.go_forward()
    expect(chip(page, "Under 30")).not_to_be_checked()
    again = visit(page.url.rsplit("/", 1)[1], charts=False)
    expect(chip(again, "Under 30")).not_to_be_checked()
    expected = card(page, "services").locator(".sentence").text_content()
    expect(card(again, "services").locator(".sentence")).to_have_text(expected)
    again.get_by_role("button", name="Reset filters").click()
    assert "?" not in again.url
    expect(chip(again, "Under 30")).to_be_checked()


def test_a_link_with_unknown_names_is_read_as_far_as_possible(visit) -> None:
    page = visit("visits.ipynb?age=under_30,ninety&shoe=9&compare-by=shoe", charts=False)
    expect(page.locator(".notice")).to_have_text(
        "This link names “ninety”, “shoe” and “shoe”, which this page does not have."
        " It is left out."
    )
    expect(chip(page, "Under 30")).to_be_checked()
    expect(chip(page, "30 to 59")).not_to_be_checked()
    chip(page, "30 to 59").check()
    expect(page.locator(".notice")).to_be_hidden()


def test_csv_holds_the_view_and_no_formula(visit) -> None:
    page = visit("visits.ipynb?branch=village", charts=False)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download CSV: Reasons for coming").click()
    assert caught.value.suggested_filename == "reasons-branch-village-hamlet.csv"
    raw = caught.value.path().read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(raw, newline="")))
    view = QUESTIONS["reasons"]["views"]["|branch=village"]
    heads = QUESTIONS["reasons"]["columns"][""]
    assert rows[0][: len(heads)] == heads
    assert rows[1][0] == "'=SUM(1,2)"
    assert [row[1 : len(heads)] for row in rows[1:]] == [row[1:] for row in view["rows"]]
    for row in rows[1:]:
        about = dict(zip(rows[0], row, strict=True))
        assert about["Question"] == "Reasons for coming"
        assert about["Filters"] == "Branch: Village & hamlet"
        assert about["Provenance"] == f"Illustrative data. {library.PROVENANCE['banner']}"
        assert about["Data version"] == library.PROVENANCE["fingerprint"]
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]


def test_pictures_explain_themselves(visit) -> None:
    page = visit("visits.ipynb?age=under_30", color_scheme="dark")
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download SVG: Services in use").click()
    picture = caught.value.path().read_text(encoding="utf-8")
    for words in (
        "Services in use",
        "Age: Under 30",
        "Base: 32 readers",
        "invented for tests",
        "0123456789ab",
    ):
        assert words in picture
    parts = list(ElementTree.fromstring(picture).iter())
    assert not [part for part in parts if part.tag.endswith(("script", "foreignObject", "img"))]
    assert not [name for part in parts for name in part.attrib if name.startswith("on")]
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download PNG: Services in use").click()
    raw = caught.value.path().read_bytes()
    assert raw[:8] == b"\x89PNG\r\n\x1a\n" and len(raw) > 20_000
    wide, high = int.from_bytes(raw[16:20]), int.from_bytes(raw[20:24])
    assert (wide, high) == (2560, 1440)


def test_live_region_follows(visit) -> None:
    page = visit(charts=False)
    chip(page, "Under 30").uncheck()
    live = page.locator("[aria-live=polite]")
    expect(live).to_contain_text("age: 30 to 59 and 60 or over")
    expect(live).to_contain_text(sentence("agreement", "|age=30_plus|branch=*"))


@pytest.mark.parametrize("width", [1280, 760, 390])
def test_choosing_does_not_move_the_page(visit, width: int) -> None:
    page = visit(viewport={"width": width, "height": 800}, opened=False)
    if width < 700:
        page.locator(".sheet > summary").click()
    start = place_of_the_list(page)
    for choose in (
        lambda: chip(page, "Town").uncheck(),
        lambda: chip(page, "Under 30").uncheck(),
        lambda: chip(page, "Readers").uncheck(),
        lambda: page.get_by_label("Compare by").select_option("branch"),
        lambda: page.get_by_role("button", name="Reset filters").click(),
    ):
        choose()
        page.locator("#explorer[data-ready]").wait_for()
        assert place_of_the_list(page) == start
        words = page.locator(".selected:visible, .summary:visible").all_inner_texts()
        changed = page.get_by_role("button", name="Reset filters").get_attribute("aria-disabled")
        assert bool("".join(words)) == (changed == "false")


def place_of_the_list(page: Page) -> float:
    return page.evaluate("document.querySelector('article').getBoundingClientRect().top + scrollY")


def test_everything_works_with_only_a_keyboard(visit) -> None:
    page = visit(opened=False)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(chip(page, "Readers")).to_be_focused()
    outline = page.locator(".chip", has=chip(page, "Readers")).evaluate(
        "node => getComputedStyle(node).outlineStyle"
    )
    assert outline == "solid"
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(chip(page, "Under 30")).not_to_be_checked()
    for _ in range(5):
        page.keyboard.press("Tab")
    expect(page.get_by_label("Compare by")).to_be_focused()
    page.keyboard.press("ArrowDown")
    assert "compare-by=age" in page.url
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "?" not in page.url
    expect(page.get_by_role("button", name="Reset filters")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy link")).to_be_focused()
    for name in ("Visits", "Work"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Open all")).to_be_focused()
    page.keyboard.press("Tab")
    fold = page.get_by_role("button", name="Agreement with three statements", exact=True)
    expect(fold).to_be_focused()
    for expanded in ("false", "true"):  # a page without printed numbers begins with an open card
        page.keyboard.press("Enter")
        expect(fold).to_have_attribute("aria-expanded", expanded)
    page.keyboard.press("Tab")
    copy = page.get_by_role("button", name="Copy the sentence: Agreement with three statements")
    expect(copy).to_be_focused()
    page.keyboard.press("Tab")
    summary = card(page, "agreement").locator("summary").first
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    rows = card(page, "agreement").locator(".scroll").first
    expect(rows).to_be_visible()
    page.keyboard.press("Tab")
    expect(rows).to_be_focused()
    seen = page.evaluate("document.activeElement.getBoundingClientRect().top")
    assert seen >= page.locator(".bar").bounding_box()["height"]


def is_open(page: Page, question: str) -> bool:
    return card(page, question).locator(".card").get_attribute("hidden") is None


def test_a_page_is_a_list_of_questions_that_open(visit) -> None:
    """Each line draws the share that its sentence names; of simulated answers it says nothing."""
    page = visit(opened=False)
    first, *others = QUESTIONS
    assert [is_open(page, id) for id in QUESTIONS] == [True] + [False] * len(others)
    for id in others:
        view = QUESTIONS[id]["views"]["|" + "|".join(f"{d}=*" for d in QUESTIONS[id]["filters"])]
        line = card(page, id).locator(".glance")
        printed = [f"Printed{said['statement']}" for said in QUESTIONS[id]["published"]]
        expect(line.locator(".finding")).to_have_text("".join(printed[:1]))
        expect(line.locator(".mini")).to_be_visible(visible=bool(view.get("key")))
        if view.get("key"):
            at = QUESTIONS[id]["columns"][""].index("Share")
            shares = [view["rows"][row][at] for row in view["key"]]
            expect(line.locator(".share")).to_have_text(" → ".join(shares))
            expect(line.locator("circle")).to_have_count(len(shares))
        expect(card(page, id).locator(".chart")).to_be_hidden()
    page.get_by_role("button", name=QUESTIONS[others[0]]["title"], exact=True).click()
    drawn(page, others[0])
    expect(card(page, others[0]).locator(".glance")).to_be_hidden()
    page.reload()
    page.locator("#explorer[data-ready]").wait_for()
    assert is_open(page, others[0]) and not is_open(page, others[1])
    page.get_by_role("button", name="Open all").click()
    assert all(is_open(page, id) for id in QUESTIONS)
    page.get_by_role("button", name="Close all").click()
    assert not any(is_open(page, id) for id in QUESTIONS)


def test_of_real_answers_a_line_says_what_the_sentence_says(visit) -> None:
    page = visit("about.ipynb")

    def real(route) -> None:
        found = route.fetch()
        route.fulfill(
            response=found, body=found.text().replace('"kind":"illustrative"', '"kind":"public"')
        )

    page.route("**/visits.ipynb", real)
    page.goto(page.url.replace("about.ipynb", "visits.ipynb"))
    page.locator("#explorer[data-ready]").wait_for()
    for id, question in QUESTIONS.items():
        view = question["views"]["|" + "|".join(f"{d}=*" for d in question["filters"])]
        if not is_open(page, id):
            expect(card(page, id).locator(".finding")).to_have_text(view["sentence"])
    assert page.locator(".tag.printed, .tag.simulated, .band").count() == 0


def test_a_closed_line_says_in_the_column_of_data_why_it_has_none(visit) -> None:
    page = visit("visits.ipynb?branch=town", opened=False)
    line = card(page, "closing").locator(".glance")
    expect(line.locator(".mini")).to_contain_text("Everyone gave the same answer")
    expect(line.locator(".finding")).to_have_text("")
    page.get_by_role("button", name="Reset filters").click()
    expect(line.locator(".mini")).not_to_contain_text("Everyone gave the same answer")


def test_a_closed_line_says_how_it_differs_from_what_is_chosen(visit) -> None:
    page = visit("visits.ipynb?compare-by=age&branch=town", opened=False)
    said = {id: card(page, id).locator(".glance .differs") for id in QUESTIONS}
    expect(said["services"]).to_be_hidden()
    expect(said["reasons"]).to_have_text("Not compared by age.")
    expect(said["training"]).to_have_text("Not compared by age. Not filtered by branch.")
    page.get_by_label("Compare by").select_option("")
    expect(said["reasons"]).to_be_hidden()
    page = visit("visits.ipynb?age=60_plus", opened=False)
    for id in QUESTIONS:  # in no line is the number of others than those chosen without these words
        notes = card(page, id).locator(".note").text_content()
        about = "Wider than chosen: age." if "Wider" in notes else notes and "Not filtered by age."
        expect(card(page, id).locator(".glance .differs")).to_have_text(about)


def test_links_search_and_print_open_what_is_closed(visit) -> None:
    last = [*QUESTIONS][-1]
    page = visit(f"visits.ipynb#q-{last}", opened=False)
    assert is_open(page, last)
    drawn(page, last)
    page = visit(opened=False)
    assert not is_open(page, last)
    page.evaluate(f"location.hash = 'q-{last}'")
    drawn(page, last)
    page = visit(opened=False)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert all(is_open(page, id) for id in QUESTIONS)
    assert page.evaluate(f"{DRAWN}.length") == len(QUESTIONS)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert not is_open(page, last)
    found = card(page, last).locator(".card")
    assert found.get_attribute("hidden") == "until-found"
    found.dispatch_event("beforematch")  # what the browser's search sends before it scrolls there
    assert is_open(page, last)


def test_structure_for_a_screen_reader(visit) -> None:
    page = visit()
    assert page.locator("html").get_attribute("lang") == "en-GB"
    for landmark in ("banner", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1, landmark
    for name in ("Pages", "On this page"):
        assert page.get_by_role("navigation", name=name, exact=True).count() == 1
    levels = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].filter(h => h.checkVisibility())"
        ".map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button,select,input')]"
        ".filter(n => !(n.getAttribute('aria-label') || n.labels?.length || n.textContent)).length"
    )
    assert unnamed == 0
    assert page.locator(".modebar").count() == 0


def test_survey_text_is_text(visit) -> None:
    page = visit()
    for id in QUESTIONS:
        drawn(page, id)
    assert page.locator("main img, main [onmouseover], main [onerror]").count() == 0
    expect(card(page, "reasons").locator(".wording")).to_contain_text('<b onmouseover="alert(1)">')
    expect(page.locator(".top")).to_contain_text("<script>alert(1)</script>")
    expect(drawn(page, "services")).to_contain_text("<img src=x onerror=alert(1)>")


@pytest.mark.parametrize("query", ["", "?age=60_plus&compare-by=branch", "?branch="])
def test_phone(visit, query: str) -> None:
    page = visit(f"visits.ipynb{query}", viewport={"width": 390, "height": 844}, has_touch=True)
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    if not query.endswith("="):
        for id in QUESTIONS:
            drawn(page, id)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    wide = page.evaluate(
        "[...document.querySelectorAll('.chart text')].filter(n => n.checkVisibility())"
        ".map(n => [n.textContent, n.getBoundingClientRect()])"
        ".filter(([, { left, right }]) => left < 0 || right > 390)"
    )
    assert wide == []


def test_after_any_changes_of_width_each_chart_has_its_own(visit) -> None:
    page = visit(viewport={"width": 390, "height": 844}, opened=False)
    unfold(page)
    for width in (1280, 760, 390, 1280):  # without waiting in between
        page.set_viewport_size({"width": width, "height": 800})
    fits(page)
    page.locator(".fold-all").evaluate("button => button.click()")
    page.set_viewport_size({"width": 390, "height": 800})
    unfold(page)
    fits(page)


@pytest.mark.parametrize("start, end", [(390, 1280), (1280, 390)])
def test_after_a_new_width_what_is_in_sight_is_drawn_first(visit, start: int, end: int) -> None:
    page = visit(viewport={"width": start, "height": 800})
    page.locator("article").nth(3).scroll_into_view_if_needed()
    fits(page)
    page.evaluate("""() => {
      globalThis.drawn = [];
      const left = new Set(document.querySelectorAll(".chart"));
      new MutationObserver(() => {
        const now = [...left].filter((chart) => chart._fullLayout.width === chart.clientWidth);
        if (now.length === 0) return;
        drawn.push(now.map((chart) => {
          const { top, bottom } = chart.closest("article").getBoundingClientRect();
          return Math.max(0, top - innerHeight, -bottom);
        }));
        for (const chart of now) left.delete(chart);
      }).observe(document.querySelector("#explorer"), { childList: true, subtree: true });
    }""")
    page.set_viewport_size({"width": end, "height": 800})
    fits(page)
    first, *others = page.evaluate("drawn")  # what was drawn together: how far each was from sight
    away = [distance for together in others for distance in together]
    assert max(first) == 0 and len(away) > 3, (first, others)
    assert away[-1] == max(away), others


FITS = """() => [...document.querySelectorAll(".chart")].every((chart) =>
  !chart.checkVisibility() || chart._fullLayout?.width === chart.clientWidth)"""


def fits(page: Page) -> None:
    page.wait_for_function(FITS)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    assert page.evaluate(FITS)


def test_resizing_draws_for_the_new_width(visit) -> None:
    page = visit()
    drawn(page, "services")
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.documentElement.scrollWidth === 390")
    labels = drawn(page, "services").locator(".annotation")
    expect(labels).to_have_count(4)
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(labels).to_have_count(0)


def test_dark_print_and_reduced_motion(visit) -> None:
    page = visit(color_scheme="dark", reduced_motion="reduce")
    text = drawn(page, "services").locator(".ytick text").first
    assert text.evaluate("node => getComputedStyle(node).fill") == "rgb(232, 236, 239)"
    page.emulate_media(color_scheme="light")
    expect(text).to_have_css("fill", "rgb(31, 42, 51)")
    page.emulate_media(color_scheme="dark")
    expect(text).to_have_css("fill", "rgb(232, 236, 239)")
    assert page.pdf()[:4] == b"%PDF"
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator(".banner")).to_be_visible()


def test_contrast(visit) -> None:
    for scheme in ("light", "dark"):
        page = visit(color_scheme=scheme, charts=False)
        poor = page.evaluate(CONTRAST)
        assert poor == [], scheme


CONTRAST = """() => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const lum = (c) => c.slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (let n = node; n; n = n.parentElement) {
      const c = parse(getComputedStyle(n).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !node.checkVisibility() || node.closest('svg') || node.disabled) continue;
    const [a, b] = [lum(parse(getComputedStyle(node).color)), lum(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push([node.tagName, node.textContent.slice(0, 30), ratio]);
  }
  return poor;
}"""
