"""Anyone can read the pages: keyboard, screen reader, zoom, contrast, print (WCAG 2.2 AA)."""

from __future__ import annotations

import io
import json
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Browser, Page, expect

from helpers.paths import DASHBOARDS
from places import ROOT

from . import library
from .conftest import ALONE, Server, endless, few, leave, served, tab, unfold
from .test_page import QUESTIONS, card, chip, drawn
from .test_sharing import choose

pytestmark = pytest.mark.browser
PAGES = sorted(path.stem for path in DASHBOARDS.glob("*.ipynb"))
DESK_LIGHT, PHONE_DARK = (1280, "light"), (390, "dark")
LOOKS = [DESK_LIGHT, (1280, "dark"), PHONE_DARK, (390, "light")]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Of what is inside a drawing, axe says of contrast that it cannot tell, and nothing else. Which
# targets cover one another takes it half of its time: it looks where they are closest, on a phone.
AXE = """async ([tags, phone]) => {
  const { violations } = await axe.run({ exclude: [[".chart .svg-container"]] }, {
    runOnly: { type: "tag", values: tags }, resultTypes: ["violations"],
    rules: { "target-size": { enabled: phone } },
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary}`));
}"""


SMALL = """() => [...document.querySelectorAll(
  'a[href], button, select, summary, .chip, textarea, input:not([type=checkbox])')]
  .filter((n) => n.checkVisibility() && n.getBoundingClientRect().right > 0)
  .filter((n) => !(n.matches('p a, li a') && n.parentElement.textContent !== n.textContent))
  .map((n) => [n.textContent.slice(0, 30), n.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([words, box]) => `small: ${words} ${box.width} × ${box.height}`)"""
FRAMES = """(most) => new Promise((done) => {
  const next = (left) => (left ? requestAnimationFrame(() => next(left - 1)) : done());
  next(most);
})"""
DRAWN = """() => [...document.querySelectorAll('.chart')]
  .every((n) => !n.checkVisibility() || n.querySelector('.main-svg'))"""
PALE = """() => {
  const lum = (c) => c.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  return [...document.querySelectorAll('.point')].flatMap((point) => {
    const words = point.querySelector('text'), bar = point.querySelector('path');
    if (!words?.textContent) return [];
    const hatch = getComputedStyle(bar).fill.match(/#([^")]+)/)?.[1];
    const solid = hatch ? document.getElementById(hatch).querySelector('rect') : bar;
    const outside = words.classList.contains('bartext-outside');
    const ground = outside
      ? getComputedStyle(document.documentElement).backgroundColor
      : getComputedStyle(solid).fill;
    const found = ratio(lum(getComputedStyle(words).fill), lum(ground));
    return found < 4.5 ? [`pale: ${words.textContent} on ${ground}, ${found}`] : [];
  });
}"""


@pytest.fixture(scope="module")
def axe(node_modules: Path) -> str:
    return (node_modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The release that the project ships, and a PDF of each page, which it ships without."""
    folder = tmp_path_factory.mktemp("ours")
    release = shutil.copytree(ROOT / "data" / "release", folder / "release")
    library.with_summaries(release, b"%PDF-1.4 a summary")
    with served(release, folder, DASHBOARDS) as running:
        yield running


def faults(page: Page, axe: str, looks: list[tuple[int, str]]) -> dict[str, list[str]]:
    """What axe finds wrong; targets that are small; numbers in bars that are hard to read."""
    page.evaluate(axe)
    found = {}
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.evaluate(FRAMES, 15)  # charts are drawn again for the width
        page.wait_for_function(DRAWN)
        measured = [(AXE, [RULES, width < 700]), (SMALL, None), (PALE, None)]
        found[f"{width} {scheme}"] = [fault for m in measured for fault in page.evaluate(*m)]
    return {look: wrong for look, wrong in found.items() if wrong}


def opened(page: Page, within: str = "main") -> None:
    """Open every panel, and choose a number in each."""
    page.evaluate(
        "(q) => document.querySelectorAll(`${q} details`).forEach((one) => { one.open = true; })",
        within,
    )
    page.wait_for_function(
        "(q) => [...document.querySelectorAll(`${q} .tools select`)].every("
        "(s) => !s.checkVisibility() || s.options.length > 1)",
        arg=within,
    )
    choose_last = """(q) => document.querySelectorAll(`${q} .tools select`).forEach((select) => {
      const last = [...select.options].filter((option) => !option.disabled).at(-1);
      if (!last || !select.checkVisibility()) return;
      select.value = last.value;
      select.dispatchEvent(new Event('change'));
    })"""
    page.evaluate(choose_last, within)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_of_the_release_breaks_a_rule(
    browser: Browser, ours: Server, axe: str, name: str
) -> None:
    page = tab(browser)
    page.goto(f"{ours.home}/voila/render/{name}.ipynb")
    expect(page.locator("h1")).to_have_count(1)
    summary = page.get_by_role("link", name="One-page summary (PDF)")
    expect(summary).to_have_count(int(name not in ("index", "about", "method")))
    if page.locator("#explorer").count():
        page.locator("#explorer[data-ready]").wait_for()
        if page.locator(".fold-all").count():
            assert faults(page, axe, [PHONE_DARK]) == {}, "closed"
            unfold(page)
        first = page.locator("article h3").first.get_attribute("id")
        opened(page, f"article:has(#{first})")
    assert faults(page, axe, [DESK_LIGHT, PHONE_DARK]) == {}
    leave(page)


def test_words_on_a_copied_link_cover_no_other_control(browser: Browser, ours: Server) -> None:
    page = tab(browser, {"width": 1280, "height": 800})
    page.goto(f"{ours.home}/voila/render/overview.ipynb")
    larger = page.get_by_role("checkbox", name="Larger").first
    larger.uncheck()
    expect(page.locator(".bar.level")).to_be_visible()
    page.get_by_role("button", name="Copy link").first.click()
    expect(page.get_by_text("Link copied.")).to_be_visible()
    apart = """() => {
      const [mark, acting] = [".bar .mark", ".bar .acting"].map((one) => {
        const words = document.createRange();
        words.selectNodeContents(document.querySelector(one));
        return words.getBoundingClientRect();
      });
      return mark.right <= acting.left || mark.bottom <= acting.top || mark.top >= acting.bottom;
    }"""
    page.wait_for_function(apart)
    page.get_by_role("button", name="Reset filters").click()
    expect(larger).to_be_checked()
    leave(page)


def by_hand(page: Page) -> None:
    """Where nothing can be copied, the words are in a field."""
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.evaluate("() => { document.execCommand = () => false; }")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_label("Words to copy")).to_be_focused()


STATES: dict[str, tuple[str, Callable[[Page], None] | None]] = {
    "default": ("", None),
    "filtered": ("?age=60_plus&branch=town&respondent-type=readers", None),
    "compared": ("?compare-by=branch", opened),
    "nothing chosen": ("?branch=", None),
    "nobody chosen": ("?respondent-type=", None),
    "notices": ("?edition=00000000&shoe=9&age=under_30", None),
    "copied by hand": ("", by_hand),
}


@pytest.mark.parametrize("state", STATES)
def test_no_state_of_a_page_breaks_a_rule(visit, axe: str, state: str) -> None:
    query, do = STATES[state]
    page = visit(f"visits.ipynb{query}")
    if do:
        do(page)
    assert faults(page, axe, LOOKS if state == "default" else LOOKS[1:3]) == {}


def test_no_placeholder_page_breaks_a_rule(
    browser: Browser, release: Path, tmp_path: Path, axe: str
) -> None:
    copy = shutil.copytree(release, tmp_path / "release")
    endless(few(tmp_path, ALONE) / "waits.ipynb")
    with served(copy, tmp_path, tmp_path / "dashboards", made=False) as server:
        server.rest(but="waits")
        for address in ("waits.ipynb", "visits.ipynb", "index.ipynb", "nowhere.ipynb"):
            name = address.removesuffix(".ipynb")
            if name != "waits":  # a busy machine needs a moment to see what was written
                server.until(lambda name=name: not server.prepares(name))
            page = tab(browser)
            page.goto(f"{server.home}/voila/render/{address}")
            assert page.locator("#views").count() == 0
            assert ("being prepared" in page.content()) == (address == "waits.ipynb")
            assert faults(page, axe, [DESK_LIGHT, PHONE_DARK]) == {}, address
            leave(page)
            (copy / "views" / "visits.json").write_text("{}", encoding="utf-8")


def test_logging_in_and_out_breaks_no_rule(
    browser: Browser, release: Path, tmp_path: Path, axe: str
) -> None:
    with served(release, tmp_path, None, INSIGHTS_PASSWORD="correct horse battery") as server:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{server.home}/voila/render/visits.ipynb")
        assert page.get_by_label("Password").is_visible()
        assert faults(page, axe, [DESK_LIGHT, PHONE_DARK]) == {}
        for password in ("wrong", "correct horse battery"):
            page.get_by_label("Password").fill(password)
            page.keyboard.press("Enter")
            page.locator("#explorer[data-ready], [role=alert]").first.wait_for()
            assert faults(page, axe, [DESK_LIGHT, PHONE_DARK]) == {}, password
        page.goto(f"{server.home}/logout")
        assert faults(page, axe, [DESK_LIGHT, PHONE_DARK]) == {}
        context.close()


# Keyboard

CONTROLS = """() => [...document.querySelectorAll(
  'a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter((n) => n.checkVisibility({ visibilityProperty: true }) && !n.matches(':disabled'))"""
FOCUSED = """(controls) => {
  const node = document.activeElement, box = node.getBoundingClientRect();
  const ring = getComputedStyle(node.closest('.chip') ?? node);
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 12)];
  const on = document.elementFromPoint(x, y);
  return {
    at: controls.indexOf(node),
    ring: ring.outlineStyle === 'none' ? 0 : parseFloat(ring.outlineWidth),
    clear: Boolean(on) && (node.contains(on) || on.contains(node)),
    words: (node.textContent || node.value || node.tagName).slice(0, 40),
  };
}"""


@pytest.mark.parametrize("width", [1280, 390])
def test_tab_reaches_every_control_in_reading_order(visit, width: int) -> None:
    page = visit("visits.ipynb?branch=town", viewport={"width": width, "height": 850})
    opened(page)
    for id in ("agreement", "training"):
        drawn(page, id)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.locator(".bar.at-hand").wait_for(state="attached")  # the filters need no link to them
    controls = page.evaluate_handle(CONTROLS)
    count = controls.evaluate("(all) => all.length")
    assert count > 80
    met = []
    for _ in range(count):
        page.keyboard.press("Tab")
        met.append(page.evaluate(FOCUSED, controls))
    assert [step["at"] for step in met] == list(range(count))
    assert [step["words"] for step in met if step["ring"] < 2] == []
    assert [step["words"] for step in met if not step["clear"]] == []
    page.keyboard.press("Tab")
    left = page.evaluate(FOCUSED, controls)
    assert left["at"] in (-1, 0), "the page holds the focus"


def test_a_number_can_be_quoted_with_only_a_keyboard(visit) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"], charts=False)
    summary = card(page, "reasons").locator("summary", has_text="Cite")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    choice = card(page, "reasons").get_by_label("Which number")
    expect(choice).to_be_focused()
    expect(choice.locator("option").nth(2)).to_be_attached()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    number = QUESTIONS["reasons"]["views"]["|branch=*"]["rows"][1][1]
    expect(card(page, "reasons").get_by_role("status").filter(has_text=number)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(card(page, "reasons").get_by_text("Citation copied.")).to_be_visible()
    assert number in page.evaluate("navigator.clipboard.readText()")


def test_resetting_keeps_the_focus_where_it_is(visit) -> None:
    page = visit("visits.ipynb?age=under_30", charts=False)
    reset = page.get_by_role("button", name="Reset filters")
    reset.focus()
    page.keyboard.press("Enter")
    expect(chip(page, "60 or over")).to_be_checked()
    expect(reset).to_be_focused()
    expect(reset).to_be_disabled()  # said to be, and does nothing; yet it keeps the focus
    before = page.evaluate("history.length")
    page.keyboard.press("Enter")
    assert page.evaluate("history.length") == before


# Screen reader


def test_a_screen_reader_meets_a_question_in_order(visit) -> None:
    page = visit("visits.ipynb?branch=town")
    drawn(page, "reasons")
    view = QUESTIONS["reasons"]["views"]["|branch=town"]
    said = card(page, "reasons").aria_snapshot()
    order = [
        'heading "Reasons for coming" [level=3]',
        "Why do you come?",
        "Asked of readers",
        f'img "Chart. {view["sentence"]}"',
        "Base: 48 readers who answered. Branch: Town.",
        "Data",
        "Cite",
        "Download CSV: Reasons for coming",
    ]
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    assert places[3] < said.rindex(view["sentence"]) < places[4], "the sentence follows the chart"
    assert "To keep warm" not in said, "the drawing is one thing; its labels are in the table"


def test_names_of_controls_include_the_question(visit) -> None:
    page = visit(charts=False)
    names = page.locator("article button, article summary").evaluate_all(
        "all => all.map((n) => n.getAttribute('aria-label') ?? n.textContent)"
    )
    assert len(names) > 40 and len(set(names)) == len(names)


# Sight


@pytest.mark.parametrize("width", [320, 640])
def test_zoomed_in_nothing_needs_scrolling_sideways(visit, width: int) -> None:
    """1280 pixels at 400% and at 200%."""
    page = visit("visits.ipynb?compare-by=branch", viewport={"width": width, "height": 512})
    opened(page)
    for id in QUESTIONS:
        if card(page, id).locator(".chart").is_visible():
            drawn(page, id)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate(
        "[...document.querySelectorAll('main *')].filter((n) => n.checkVisibility()"
        " && !n.closest('.scroll, .chart, .unseen, select, svg')"
        " && n.getBoundingClientRect().right > innerWidth + 1).map((n) => n.outerHTML.slice(0, 90))"
    )
    assert cut == []


def test_series_differ_by_more_than_colour() -> None:
    """Dots differ in symbol, other series in lightness; parts of a bar are in order."""
    pairs = 0
    for path in sorted((ROOT / "data" / "release" / "views").glob("*.json")):
        for question in json.loads(path.read_text(encoding="utf-8")).get("questions", ()):
            for figure in question["figures"].values():
                stacked = figure["layout"].get("barmode") == "relative"
                for first, second in combinations(_series(figure), 2):
                    pairs += 1
                    apart = _ordered if stacked else _apart
                    assert apart(first, second), (question["id"], first["name"], second["name"])
    assert pairs > 50


def _series(figure: dict) -> list[dict]:
    named = [t for t in figure["data"] if t.get("name") and t.get("showlegend") is not False]
    return [t for t in named if isinstance(t.get("marker", {}).get("color"), str)]


def _ordered(first: dict, second: dict) -> bool:
    return first["legendrank"] != second["legendrank"]


def _apart(first: dict, second: dict) -> bool:
    shapes = [one["marker"].get("symbol", "") for one in (first, second)]
    light = [_luminance(one["marker"]["color"]) + 0.05 for one in (first, second)]
    return shapes[0] != shapes[1] or max(light) / min(light) >= 1.25


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_parts_of_a_bar_have_a_gap_between_them(visit) -> None:
    for scheme, paper in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(22, 27, 32)")):
        page = visit(color_scheme=scheme)
        bar = drawn(page, "agreement").locator(".bars path").last  # the middle is one of two halves
        expect(bar).to_have_css("stroke", paper)
        expect(bar).to_have_css("stroke-width", "1.5px")


def test_forced_colours_leave_charts_legible(visit) -> None:
    for scheme in ("light", "dark"):
        page = visit(color_scheme=scheme, forced_colors="active")
        chart = drawn(page, "services")
        ink = chart.locator(".ytick text").first.evaluate("n => getComputedStyle(n).fill")
        ground = chart.evaluate("n => getComputedStyle(n).backgroundColor")
        assert {ink, ground} == (
            {"rgb(31, 42, 51)", "rgb(255, 255, 255)"}
            if scheme == "light"
            else {"rgb(232, 236, 239)", "rgb(22, 27, 32)"}
        )
        border = page.locator(".chip").first.evaluate("n => getComputedStyle(n).borderTopStyle")
        assert border == "solid"


# Paper


def test_print_has_results_and_no_controls(visit) -> None:
    page = visit("visits.ipynb?branch=town", color_scheme="dark")
    card(page, "reasons").locator("summary", has_text="Cite").click()
    choose(card(page, "reasons"), "To work")
    pages = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    assert len(pages) > 2
    said = unicodedata.normalize("NFKC", " ".join(one.extract_text() for one in pages))
    text = " ".join(said.split())
    assert f"Illustrative data. {library.PROVENANCE['banner']}" in text
    for id, question in QUESTIONS.items():
        key = "|".join(f"{d}={'town' if d == 'branch' else '*'}" for d in question["filters"])
        view = question["views"][f"|{key}"]
        shown = view["status"] == "ok"
        words = [view["sentence"], view["base"]] if shown else [view["reason"]]
        for said in (question["title"], *words):
            assert " ".join(said.split()) in text, (id, said)
    assert "Borrowing printed books" in text, "charts are drawn"
    assert "Reasons for coming: “To work”" in text, "a number that was chosen is printed"
    for control in (
        "Reset filters", "Copy", "Download", "Data –", "Cite –", "Change filters",
        "Skip to", "All questions", "Which number",
    ):  # fmt: skip
        assert control not in text, control
