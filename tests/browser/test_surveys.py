"""The whole path, from responses to a page, for the project's own survey and an unlike one."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections import Counter
from contextlib import nullcontext

import pytest
from playwright.sync_api import expect

from helpers import paths
from helpers.cli import main
from places import CYCLING

from .conftest import PATIENCE, hide_charts, leave, served, show_charts, tab, unfold

pytestmark = pytest.mark.browser
LOOK = 100  # milliseconds until a page is looked at again: looking keeps it from drawing
SURVEYS = {"own": (None, "measurement"), "cycling": (CYCLING, "all")}


@pytest.fixture(params=SURVEYS, scope="module")
def shown(request, tmp_path_factory, browser):
    """A page of a survey, released and served as its owner would, and its views."""
    source, name = SURVEYS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    release = paths.RELEASE  # which our responses give: `test_cube` makes it from them
    if source:
        own = folder / "survey"
        shutil.copytree(source, own, ignore=shutil.ignore_patterns("release"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(paths.DATA_VARIABLE, str(own))
            assert main(["release", "--data", str(own)]) == 0
        release = own / "release"
    views = json.loads((release / "views" / f"{name}.json").read_text(encoding="utf-8"))
    ours = None if source else nullcontext(request.getfixturevalue("shipped"))
    with ours or served(release, folder, made=False) as server:
        server.until(lambda: not any(server.prepares(one) for one in ("index", name)))
        complaints: list[str] = []
        page = tab(browser, {"width": 390, "height": 850})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if said.type == "error" else None
        )
        page.goto(f"{server.home}/voila/render/index.ipynb")
        page.get_by_role("main").get_by_role("link", name=views["title"], exact=True).click()
        page.locator("#explorer[data-ready]").wait_for()
        unfold(page)
        yield page, views
        leave(page)
        assert complaints == []


@pytest.fixture
def told(shown):
    """The page for tests of words, without its charts."""
    hide_charts(shown[0])
    return shown


@pytest.fixture
def drawn(shown):
    """The page with its charts."""
    show_charts(shown[0])
    return shown


def test_the_page_says_what_data_it_shows(shown):
    page, views = shown
    expect(page.get_by_role("note")).to_contain_text("simulated")
    expect(page.locator("footer")).to_contain_text(views["provenance"]["fingerprint"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    others = "Other questions" if views["sections"] else "Questions"
    if {q["section"] for q in views["questions"]} - {s["id"] for s in views["sections"]}:
        assert page.locator("#other-questions").text_content() == others


LABELS = """chart => [...chart.querySelectorAll('.annotation .bg')]
  .map(node => node.getBoundingClientRect()).map(({ top, bottom }) => [top, bottom])
  .sort((one, other) => one[0] - other[0])"""


def test_on_a_phone_each_row_is_as_high_as_its_own_words(drawn):
    """Between any two labels is the same room, for one row of marks."""
    page, _ = drawn
    chart = page.locator(".chart").first
    chart.scroll_into_view_if_needed()
    chart.locator(".annotation").first.wait_for()
    labels = chart.evaluate(LABELS)
    between = [after[0] - before[1] for before, after in zip(labels, labels[1:], strict=False)]
    assert all(20 < gap < min(between) + 2 for gap in between)


def test_every_filter_leads_to_its_view(told):
    """Tick each band alone, with and without comparison; read each question's sentence.

    The bands of a dimension share the comparisons. What a question does not cross has no view: it
    says so instead.
    """
    page, views = told
    folds = page.locator("#filters details")
    folds.evaluate_all("all => all.forEach((fold) => (fold.open = true))")
    dimensions = views["dimensions"]
    compares = [d["id"] for d in dimensions]
    choices = [(dimensions[0], None, compares)]
    for dimension in dimensions:
        of = dimension["bands"]
        choices += [(dimension, band, compares[n :: len(of)]) for n, band in enumerate(of)]
    seen = 0
    for dimension, band, among in choices:
        page.get_by_role("button", name="Reset filters").evaluate("button => button.click()")
        for other in dimension["bands"] if band is not None else ():
            if other["id"] != band["id"]:
                box = page.get_by_role("checkbox", name=other["label"], exact=True)
                box.evaluate("box => box.click()")
                assert not box.is_checked()
        for compare in ("", *among):
            page.get_by_label("Compare by").select_option(compare)
            due = {
                question["id"]: question["views"].get(
                    key_of(question, dimension["id"], band, compare),
                    {"sentence": "", "base": "", "reason": question["limit"]},
                )
                for question in views["questions"]
            }
            end = time.monotonic() + PATIENCE
            while wrong := differing(page, due):
                assert time.monotonic() < end, (dimension["id"], band, compare, wrong)
                page.wait_for_timeout(LOOK)
            seen += len(due)
    assert seen >= len(views["questions"]) * 4


STAFF = """title: Staff
provenance: public
populations: {staff: {label: Staff, id: id}}
dimensions:
  team:
    label: Team
    bands:
      n: North, with all who work from home in other parts
      s: South, with all islands and whoever is at sea
    source: {staff: team}
index: {mood: {label: Mood, items: [ten, fair]}}
"""
TOWNS = [n * n % 29 for n in range(77)]  # of the respondents
ENDS = {1: "1 – Not at all fair, for whatever reason", 7: "Entirely fair"}


@pytest.fixture(scope="module")
def scales(tmp_path_factory, browser):
    """A page of two numeric scales, served."""
    folder = tmp_path_factory.mktemp("scales")
    own = folder / "survey"
    files = {
        "codebook/survey.yml": STAFF,
        "codebook/questions.csv": "id,population,kind,label,option_set,favourable\n"
        "ten,staff,single,Satisfaction,ten,high\nfair,staff,single,Pay,fair,high\n"
        "town,staff,single,Town,town,\n",
        "codebook/options.csv": "set,code,label,score\n"
        + "".join(f"ten,{n},{n},{n}\n" for n in range(11))
        + "".join(f'fair,{n},"{ENDS.get(n, n)}",{n}\n' for n in range(1, 8))
        + "".join(f"town,t{n},{chr(65 + n)}ford,\n" for n in range(30)),
        "codebook/release.yml": "dimensions: [team]\n"
        "pages:\n  scales: {title: Scales, questions: [ten, fair]}\n"
        "  places: {title: Places, questions: [town]}\n",
        "responses/staff.csv": "id,team,ten,fair,town\n"
        + "".join(
            f"{n},{'ns'[n % 5 == 0]},{10 - n % 11 // 5 * 2},{n % 7 + 1},t{TOWNS[n]}\n"
            for n in range(77)
        ),
    }
    for name, text in files.items():
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.DATA_VARIABLE, str(own))
        assert main(["release", "--data", str(own)]) == 0
    views = json.loads((own / "release" / "views" / "scales.json").read_text(encoding="utf-8"))
    with served(own / "release", folder, made=False) as server:
        server.until(lambda: not server.prepares("scales"))
        page = tab(browser, {"width": 390, "height": 850})
        page.goto(f"{server.home}/voila/render/scales.ipynb")
        page.locator("#explorer[data-ready]").wait_for()
        unfold(page)
        yield page, views
        leave(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_numeric_scale_is_a_histogram_with_its_mean(scales, width, scheme):
    page, views = scales
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 850})
    page.locator("#filters details").evaluate_all("all => all.forEach((f) => (f.open = true))")
    reset = page.get_by_role("button", name="Reset filters")
    for band in (None, *views["dimensions"][0]["bands"]):
        reset.evaluate("button => button.click()")
        for other in views["dimensions"][0]["bands"] if band else ():
            if other != band:
                box = page.get_by_role("checkbox", name=other["label"], exact=True)
                box.evaluate("box => box.click()")
        due = {
            question["id"]: question["views"][key_of(question, "team", band, "")]
            for question in views["questions"]
        }
        numbers = {q["id"]: numbers_of(q, due[q["id"]]) for q in views["questions"]}
        end = time.monotonic() + PATIENCE
        while wrong := differing(page, due) or misdrawn(page, numbers) or meanless(page, due):
            assert time.monotonic() < end, (band, wrong)
    reset.evaluate("button => button.click()")


def meanless(page, due):
    """Histograms that lack their mean, a number of the scale, or a word of its ends."""
    drawn = page.evaluate(TEXTS)
    wanted = {id: view["values"][2]["text"][0] for id, view in due.items()}
    assert all(re.fullmatch(r"Mean \d+\.\d \(\d+\.\d–\d+\.\d\)", text) for text in wanted.values())
    lacking = [id for id, text in wanted.items() if text not in drawn[id]["all"]]
    said = {
        "ten": [str(n) for n in range(11)],
        "fair": [*"1234567", "Not at all fair,", "Entirely"],
    }
    return lacking + [
        (id, part) for id, parts in said.items() for part in parts if part not in drawn[id]["all"]
    ]


def test_a_comparison_of_a_numeric_scale_names_every_group(scales):
    page, _ = scales
    page.set_viewport_size({"width": 1280, "height": 850})
    page.get_by_label("Compare by").select_option("team")
    key = page.locator("article:has(#q-ten) .key li")
    expect(key).to_have_text([re.compile("^North, with all"), re.compile("^South, with all")])
    assert page.evaluate(TEXTS)["ten"]["wrong"] == []
    page.get_by_label("Compare by").select_option("")


def test_of_very_many_answers_the_most_common_are_shown_until_all_are_asked_for(scales, browser):
    there, _ = scales
    page = tab(browser, {"width": 1280, "height": 850})
    page.goto(there.url.replace("scales.ipynb", "places.ipynb"))
    card = page.locator("article:has(#q-town)")
    rows, all_of_them = card.locator(".chart .ytick text"), Counter(TOWNS)
    expect(rows).to_have_count(15)
    expect(card).to_contain_text("shows the 15 most common of 30 answers")
    drawn = {ord(label[0]) - 65 for label in rows.all_text_contents()}
    fewest = min(all_of_them[n] for n in drawn)
    assert all(all_of_them[n] <= fewest for n in range(30) if n not in drawn)
    card.get_by_role("button", name="Show all 30").click()
    expect(rows).to_have_count(30)
    assert page.evaluate(TEXTS)["town"]["wrong"] == []
    card.get_by_role("button", name="Show the 15 most common").click()
    expect(rows).to_have_count(15)
    card.locator("summary").filter(has_text="Data").click()
    expect(card.locator("table tbody tr")).to_have_count(30)
    leave(page)


def test_bands_without_room_on_a_line_are_folded_away(scales):
    page, _ = scales
    page.set_viewport_size({"width": 720, "height": 850})
    boxes, more = page.get_by_role("checkbox"), page.get_by_role("button", name="1 more …")
    expect(boxes).to_have_count(1)
    page.set_viewport_size({"width": 1280, "height": 850})
    expect(boxes).to_have_count(2)  # there is room for both
    page.set_viewport_size({"width": 720, "height": 850})
    more.press("Enter")
    expect(page.get_by_role("checkbox", name="South")).to_be_focused()
    expect(more).to_have_count(0)
    boxes.last.click()
    expect(page.locator(".summary")).to_contain_text("North")
    page.go_back()


def test_favourable_answers_lead_to_their_questions_and_fit_a_phone(scales, browser):
    there, _ = scales
    page = tab(browser)
    page.goto(there.url.replace("scales.ipynb", "favourable.ipynb"))
    number = page.locator(".numbers li").filter(has_text="Mood")
    # Above the middle: 6 or more of ten, 5 or more of seven.
    favourable = [10 - n % 11 // 5 * 2 > 5 for n in range(77)], [n % 7 + 1 > 4 for n in range(77)]
    expect(number.locator(".big")).to_have_text(f"{sum(map(sum, favourable)) / 77 * 50:.0f}")
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 850})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator("table.items tbody tr")).to_have_count(2)
    page.locator("table.items").get_by_role("link", name="Pay").click()
    expect(page.locator("#q-fair")).to_be_visible()
    leave(page)


SAID = """() => Object.fromEntries([...document.querySelectorAll("article")].map((card) => [
  card.querySelector("h3").id.slice(2),
  [".sentence", ".base", ".reason"].map((part) => card.querySelector(part)).map((node) =>
    node?.checkVisibility() ? node.textContent.replace(/\\s+/g, " ").trim() : ""),
]))"""


def differing(page, due):
    """Questions whose sentence or base is not that of a view, with what they say."""
    said = page.evaluate(SAID)
    return {
        id: said.get(id)
        for id, view in due.items()
        if id not in said
        or said[id][0] != " ".join(view["sentence"].split())
        or " ".join(view["base"].rstrip(".").split()) not in said[id][1]
        or view["reason"] != said[id][2]
    }


def key_of(question, dimension, band, compare):
    """Key of the view that a choice of one band leads to, by the contract of the format."""
    compare = compare if compare in question["filters"] else ""
    parts = []
    for name, groups in question["filters"].items():
        covering = [g["id"] for g in groups if band and band["id"] in g["bands"]]
        chosen = covering if name == dimension and name != compare and band else []
        parts.append(f"{name}={','.join(chosen) if chosen and len(chosen) < len(groups) else '*'}")
    return f"{compare}|{'|'.join(parts)}"


TEXTS = """() => Object.fromEntries([...document.querySelectorAll(".chart")].map((chart) => {
  const edge = chart.getBoundingClientRect();
  const texts = [...chart.querySelectorAll(".main-svg text")]
    .filter((text) => text.textContent.trim() && text.checkVisibility())
    .map((text) => [text.textContent, text.getBoundingClientRect()]);
  const clash = ([, a], [, b]) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
  const wrong = texts.flatMap((one, i) => [
    ...(one[1].left < edge.left - 1 || one[1].right > edge.right + 1 ? [[one[0], "cut off"]] : []),
    ...texts.slice(i + 1).filter((other) => clash(one, other)).map((other) => [one[0], other[0]]),
  ]);
  const id = chart.closest("article").querySelector("h3").id.slice(2);
  return [id, { all: texts.map(([text]) => text).join(" "), wrong }];
}))"""


@pytest.mark.parametrize("width", [390, 1280])
def test_every_mark_has_its_number_and_nothing_overlaps(drawn, width):
    page, views = drawn
    page.set_viewport_size({"width": width, "height": 850})
    page.locator("#filters details").evaluate_all("all => all.forEach((f) => (f.open = true))")
    page.get_by_role("button", name="Reset filters").evaluate("button => button.click()")
    compared = [d["id"] for d in views["dimensions"]][:2]
    for compare in ["", *compared]:
        page.get_by_label("Compare by").select_option(compare)
        due = {}
        for question in views["questions"]:
            by = compare if compare in question["filters"] else ""
            view = question["views"].get(key_of(question, "", None, by))
            if view and view["status"] == "ok":
                due[question["id"]] = numbers_of(question, view)
        end = time.monotonic() + PATIENCE
        while wrong := misdrawn(page, due):
            assert time.monotonic() < end, (compare, wrong)
            page.wait_for_timeout(LOOK)


def numbers_of(question, view):
    """Shares that the marks of a chart stand for, as they are written."""
    found = Counter()
    for frame, values in zip(
        question["figures"][view["figure"]]["data"], view["values"], strict=True
    ):
        written = frame.get("meta") == "column" or frame["type"] == "bar"
        texts = values.get("text", ()) if written else ()
        found.update(share for text in texts for share in re.findall(r"^\d+%", text))
    assert found
    return found


def misdrawn(page, due):
    """Charts that lack a number, or in which words overlap."""
    drawn = page.evaluate(TEXTS)
    lacking = {
        id: numbers - Counter(re.findall(r"\d+%", drawn.get(id, {"all": ""})["all"]))
        for id, numbers in due.items()
    }
    overlaps = {id: drawn[id]["wrong"] for id in due if id in drawn and drawn[id]["wrong"]}
    return {id: (lack, drawn.get(id)) for id, lack in lacking.items() if lack} or overlaps


def test_comparisons_say_their_difference_in_words(told):
    page, views = told
    page.set_viewport_size({"width": 1280, "height": 850})
    page.get_by_role("button", name="Reset filters").evaluate("button => button.click()")
    seen = 0
    for dimension in views["dimensions"]:
        page.get_by_label("Compare by").select_option(dimension["id"])
        for question in views["questions"]:
            found = question["findings"].get(dimension["id"])
            if not found:
                continue
            card = page.locator(f"article:has(#q-{question['id']})")
            fold = card.locator("details", has_text="Differences").first
            expect(fold).to_be_attached()
            rows = fold.locator("tbody tr")
            expect(rows).to_have_count(len(found["rows"]))
            said = [re.compile(rf"^{re.escape(r['said'])}(\.|$)") for r in found["rows"]]
            expect(rows.locator("td:last-child")).to_have_text(said)
            wanted = [
                f"{r['difference']} ({r['range'][0]} to {r['range'][1]})" for r in found["rows"]
            ]
            expect(rows.locator(":nth-child(3)")).to_have_text(wanted)
            seen += len(wanted)
        # A filter leaves nothing of it: words are about everybody.
        first = views["dimensions"][0]
        if dimension["id"] != first["id"]:
            page.get_by_role("checkbox", name=first["bands"][0]["label"], exact=True).uncheck()
            expect(page.locator("details:visible", has_text="Differences")).to_have_count(0)
            page.get_by_role("button", name="Reset filters").evaluate("button => button.click()")
    assert seen > 15


@pytest.mark.parametrize("width", [1280, 390])
def test_a_change_says_between_which_points_in_time_it_is(drawn, width):
    page, views = drawn
    page.set_viewport_size({"width": width, "height": 850})
    page.get_by_role("button", name="Reset filters").evaluate("button => button.click()")
    for question in views["questions"]:
        card = page.locator(f"article:has(#q-{question['id']})")
        pairs = [f["rows"][0] for f in question["findings"].values() if "times" in f["rows"][0]]
        for row in pairs:
            first, last = (time["label"] for time in row["times"])
            then, now = (f"{label[0].lower()}{label[1:]}" for label in (first, last))
            expect(card.locator(".word")).to_contain_text(f"rom {then} to {now}")
            head = f"Change, {then} → {now} (adjusted range)"
            table = card.locator("details", has_text="Differences").first
            expect(table.locator("thead th", has_text=head)).to_be_attached()
            answers = {r[0] for r in question["views"][key_of(question, "", None, "")]["rows"]}
            if answers & {row["label"], row["answer"]}:
                words = head if width > 800 else f"{first} → {now}: {row['difference']}"
                lines = re.compile(r"\s*".join(map(re.escape, words.split())))
                expect(card.locator(".chart")).to_contain_text(lines)


def test_a_closed_line_shows_the_groups_side_by_side(told):
    page, views = told
    page.set_viewport_size({"width": 1280, "height": 850})
    page.get_by_role("button", name="Reset filters").evaluate("button => button.click()")
    seen = Counter()
    for dimension in views["dimensions"]:
        page.get_by_label("Compare by").select_option(dimension["id"])
        for question in views["questions"]:
            whole = question["views"].get(key_of(question, "", None, ""), {})
            compared = question["views"].get(key_of(question, "", None, dimension["id"]), {})
            if dimension["id"] not in question["filters"] or not whole.get("key"):
                continue
            places = question["columns"][whole["figure"]]
            share = places.index("Share")
            speaks = whole["rows"][whole["key"][min(1, len(whole["key"]) - 1)]]
            named = dict(zip(places[:share], speaks, strict=False))
            heads = question["columns"][compared["figure"]]
            (group,) = set(heads[: heads.index("Share")]) - set(named)
            rows = [dict(zip(heads, row, strict=True)) for row in compared["rows"]]
            rows = [row for row in rows if named.items() <= row.items() and "%" in row["Share"]]
            words = "".join(f"{row[group]} {row['Share']}" for row in rows)
            if len(rows) > 3:
                ranked = sorted(int(row["Share"].strip("%")) for row in rows)
                words = f"{ranked[0]}% – {ranked[-1]}%"
            line = page.locator(f"article:has(#q-{question['id']}) .glance")
            expect(line.locator(".share")).to_have_text(words)
            expect(line.locator(".track text")).to_have_count(len(rows))
            expect(line.locator("rect")).to_have_count(len(rows))
            seen[len(rows)] += 1
    page.get_by_role("button", name="Reset filters").evaluate("button => button.click()")
    assert sum(seen.values()) > 9, seen


def test_a_card_says_whether_groups_of_the_first_dimension_differ(told) -> None:
    page, views = told
    page.set_viewport_size({"width": 1280, "height": 850})
    page.get_by_role("button", name="Reset filters").evaluate("button => button.click()")
    page.locator("#explorer[data-ready]").wait_for()
    told = 0
    for question in views["questions"]:
        found = [(d, question["findings"].get(d["id"])) for d in views["dimensions"]]
        of = [(d["label"].lower(), f["rows"]) for d, f in found if f and f["rows"]]
        said = page.locator(f"article:has(#q-{question['id']}) .word").text_content()
        if not of:
            assert not said or "By " not in said
            continue
        name, rows = of[0]
        n = {word: sum(row["word"] == word for row in rows) for word in ("clear", "likely")}
        words = f"By {name}, of {len(rows)} differences, none is clear or likely."
        if any(n.values()):
            counts = ", ".join(f"{count} {word}" for word, count in n.items() if count)
            words = f"By {name}, {len(rows)} differences: {counts}."
        if len(rows) == 1:
            words = f"By {name}: {rows[0]['said']}."
        assert said.endswith(words), question["id"]
        told += 1
    assert told > 1
    # Words are about everybody: a filter leaves nothing of them.
    first = views["dimensions"][0]
    page.get_by_role("checkbox", name=first["bands"][0]["label"], exact=True).uncheck()
    expect(page.locator(".word:visible", has_text="By ")).to_have_count(0)
    page.get_by_role("button", name="Reset filters").evaluate("button => button.click()")


WRITTEN = """() => [...document.querySelectorAll("article .chart")].map((chart) => [
  [...chart.querySelectorAll(".textpoint text")].map((text) => text.textContent).filter(Boolean),
  (chart.data ?? []).filter(({ mode }) => mode === "text").flatMap(({ text }) => text)
    .filter(Boolean).map((text) => text.replaceAll("<br>", "")),
]).filter(([, due]) => due.length)"""


@pytest.mark.parametrize("shown", ["own"], indirect=True)
def test_a_number_that_was_blank_is_written_again(shown):
    """Plotly forgets the place of a text that was empty."""
    first, views = shown
    page = tab(first.context.browser, {"width": 1280, "height": 850})
    page.goto(first.url.replace("measurement.", "context."))
    page.locator("#explorer[data-ready]").wait_for()
    unfold(page)
    settled(page)
    smaller = page.get_by_role("checkbox", name="Smaller")
    for choose in (smaller.uncheck, smaller.check):
        choose()
        settled(page)
    for dimension in views["dimensions"]:
        page.get_by_label("Compare by").select_option(dimension["id"])
        settled(page)
    leave(page)


def settled(page):
    """Wait until each chart in sight shows all words of its columns."""
    end = time.monotonic() + PATIENCE
    page.locator("#explorer[data-ready]").wait_for()
    while True:
        charts = page.evaluate(WRITTEN)
        wrong = [pair for pair in charts if Counter(pair[0]) != Counter(pair[1])]
        if charts and not wrong:
            return
        assert time.monotonic() < end, wrong
        page.wait_for_timeout(LOOK)


def test_a_page_without_filters_has_no_bar_for_them(tmp_path, browser):
    own = tmp_path / "survey"
    (own / "codebook").mkdir(parents=True)
    (own / "responses").mkdir()
    for name, text in {
        "codebook/survey.yml": "title: Tea\nprovenance: public\npopulations:\n"
        "  guests: {label: Guests, label_one: guest, id: ref}\n",
        "codebook/questions.csv": "id,population,kind,label,option_set\n"
        "tea,guests,single,Tea,yn\ncake,guests,single,Cake,yn\n",
        "codebook/options.csv": "set,code,label\nyn,y,Yes\nyn,n,No\n",
        "responses/guests.csv": "ref,tea,cake\n"
        + "".join(f"{n},{'yn'[n % 2]},{'yn'[n % 3 == 0]}\n" for n in range(60)),
    }.items():
        (own / name).write_text(text, encoding="utf-8")
    assert main(["release", "--data", str(own)]) == 0
    with served(own / "release", tmp_path) as server:
        [name] = {path.stem for path in (own / "release" / "views").iterdir()} - OF_EACH
        for width in (1280, 390):
            page = tab(browser, {"width": width, "height": 800})
            page.goto(f"{server.home}/voila/render/{name}.ipynb")
            page.locator("#explorer[data-ready]").wait_for()
            assert page.locator(".bar, .filters").count() == 0
            said = page.locator("body").inner_text()
            assert "ilter" not in said and "Yes" in said
            leave(page)


OF_EACH = {"index", "overview", "favourable"}
