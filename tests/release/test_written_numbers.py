"""Numbers as pages write them: the audit reads each as what it says, and a wrong one is found."""

import csv
import json
import random
import subprocess
import warnings

import duckdb
import pytest
from openpyxl import load_workbook

from every_question import prepare
from helpers.pages import accuracy, dashboard, overview
from helpers.pages.about_page import _part
from helpers.pages.publishing import changed_files, with_reader_pages
from helpers.paths import RELEASE
from helpers.present.formats import difference, percent, points
from helpers.release.attack import page_facts
from helpers.release.attack.audit import audit
from helpers.release.attack.written_numbers import candidates, expected, number, written
from helpers.responses.survey import load_survey
from helpers.words import words_in
from places import ROOT

pytestmark = pytest.mark.slow

HEADS = ["Answer", "Share", "95% from", "95% to", "Answered"]
SOURCE = ROOT / "src" / "helpers" / "pages" / "browser" / "source"


# The reader


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,170 to 1,235", [1170, 1235]),
        ("Base: 1,170–1,235 people", [1170, 1235]),
        ("10,000,000", [10_000_000]),
        ("1\u00a0170 and 1\u202f170\u202f000", [1170, 1_170_000]),
        ("31 to 69%", ["31%", "69%"]),
        ("27% (22–31%)", ["27%", "22%", "31%"]),
        ("26-51 per cent", ["26%", "51%"]),
        ("26 - 51\u00a0%", ["26%", "51%"]),
        ("5% to 7", ["5%", 7]),
        ("84% (95% range 71–92), of 71", ["84%", "95%", "71%", "92%", 71]),
        ("+12 (95% range +3 to +20)", [12, "95%", 3, 20]),
        ("−5 points (−9 to −1)", [-5, -9, -1]),
        ("-5 or +3", [-5, 3]),
        ("16-24", [16, 24]),
        ("0.5, 3.25 and 1,234.5", [0.5, 3.25, 1234.5]),
        ("12, 345", [12, 345]),  # a list
        ("1,17 and 1170,000", [1, 17, 1170, 0]),  # separators are between threes or nowhere
        ("1 170", [1, 170]),
        ("2.", [2]),
        ("1e+07 and 1e63", [10_000_000, 1, 63]),
        ("the 3rd of 4th", [3, 4]),
        ("none", []),
    ],
)
def test_numbers_are_read_correctly(text, values):
    read = [f"{w.value:g}%" if w.percent else w.value for w in written(text)]
    assert read == values


COUNTS = [0, 1, 9, 10, 99, 999, 1000, 1001, 12_345, 999_999, 1_000_000, 9_999_999, 10_000_000]


def test_every_form_of_a_count_is_read_back():
    draw = random.Random(2)
    for n in [*COUNTS, *(draw.randrange(10_000_000) for _ in range(500))]:
        for text in (f"{n:,}", f"{n}", words_in().number(n), f"{n:,}".replace(",", "\u202f")):
            read = number(text)
            assert read is not None and (read.value, read.percent) == (n, False)
            assert read.digits == str(n)
        low, high = [w.value for w in written(f"{n:,} to {n + 1234:,} people")]
        assert (low, high) == (n, n + 1234)


def test_every_form_of_a_share_is_read_back():
    draw = random.Random(3)
    for share in [0.0, 0.005, 0.5, 0.995, 1.0, *(draw.random() for _ in range(500))]:
        for digits in (0, 1):
            read = number(percent(share, digits))
            assert read is not None and read.percent
            assert abs(read.value - 100 * share) <= 0.5 * 10**-digits + 1e-9
        for change in (share, -share):
            (read,) = written(points(change))
            assert abs(read.value - 100 * change) <= 0.5 + 1e-9
        ends = {"estimate": -share, "ci_low": -share - 0.01, "ci_high": share}
        read = [w.value for w in written(difference(ends))]
        assert [round(v) for v in read] == read and len(read) == 3
        assert all(abs(r - 100 * e) <= 0.5 + 1e-9 for r, e in zip(read, ends.values(), strict=True))
        (read,) = written(_part(share, words_in()))
        assert read.percent and abs(read.value - 100 * share) <= 0.1
        (read,) = written(accuracy.about_points(100 * share))
        assert abs(read.value - 100 * share) <= 0.1
        (read,) = written(accuracy.most_points(100 * share))
        assert 0 <= read.value - 100 * share < 0.1 + 1e-6


@pytest.mark.parametrize("n", [10, 1_170, 1_000_000, 10_000_000])
def test_the_interval_of_a_half_is_read_back(n):
    # Wilson's interval of a half on n is a half, give or take z / (2 sqrt(n + z²)).
    half = 100 * 1.959964 / (2 * (n + 1.959964**2) ** 0.5)
    (read,) = written(overview._half(n, n, n + 1_000_000_000, words_in()))
    assert not read.percent and abs(read.value - half) <= 0.51


@pytest.mark.parametrize("n", [1, 2, 10, 57, 300])
def test_the_counts_that_print_alike_are_those_that_trying_all_finds(n):
    everybody = n + 7
    for k in range(0, n + 1, max(n // 23, 1)):
        printed = expected(k, n, everybody).texts
        for texts in (printed, printed[:1], ("", *printed[1:]), ("", "", printed[2])):
            ends = [expected(m, n, everybody).texts for m in range(n + 1)]
            alike = [
                m
                for m, end in enumerate(ends)
                if all(not t or t == e for t, e in zip(texts, end, strict=False))
            ]
            found = candidates(texts, n, everybody)
            assert found is not None and found[0] <= min(alike) and found[1] >= max(alike)
            edges = [expected(found[0], n, everybody), expected(found[1], n, everybody)]
            for one in edges:  # no wider than the last digit printed
                ends = zip((one.share, one.low, one.high), texts, strict=False)
                assert all(not t or abs(100 * e - float(t[:-1])) <= 0.51 for e, t in ends)
    assert candidates(("63.7%",), 2, 9) is None


def test_the_counts_that_print_alike_are_found_at_once_among_ten_million():
    low, high = candidates(("27%",), 10_000_000, 10_000_000)
    assert abs(low - 2_649_990) <= 1 and abs(high - 2_750_010) <= 1  # 27%, ± 0.5001 points


# The page's script


def run(script):
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_numbers_that_the_page_quotes_are_read_back(node_modules):
    rows = [["Often", "27%", "25%", "30%", "1170"], ["Rarely", "73%", "70%", "75%", "10000000"]]
    view = {"base": "Base: 1,170 people who answered.", "rows": rows}
    given = {
        "question": {"title": "Q", "population": "p", "columns": {"": HEADS}},
        "found": {"by": "", "filters": "", "view": view},
        "views": {
            "survey": {"title": "S"},
            "populations": [{"id": "p", "label": "People"}],
            "provenance": {"kind": "public", "banner": "Public data.", "fingerprint": "f"},
        },
    }
    script = f"""
import {{ citation, numbers }} from "{SOURCE / "number.js"}";
import {{ learn }} from "{SOURCE / "words.js"}";
learn({json.dumps(words_in().browser())});
const {{ question, found, views }} = {json.dumps(given)};
const ends = ({{ range }}) => Object.values(range).join(" to ");
const said = (one) => [citation(views, question, found, one), ends(one)];
console.log(JSON.stringify(numbers(question, found).map(said)));
"""
    (first, interval), (second, other) = json.loads(run(script))
    assert [w.value for w in written(interval) + written(other)] == [25, 30, 70, 75]
    assert all(w.percent for w in written(interval))
    assert "of 1,170 people who answered" in first  # in the words of the view, which are about it
    assert {1170, 27, 25, 30, 95} == {w.value for w in written(first)}
    assert {10_000_000, 73, 70, 75, 95} == {w.value for w in written(second)}


def test_numbers_of_the_pages_workbook_are_numbers(node_modules, tmp_path):
    rows = [["1,000 to 5,000", "27%", "25.5%", "30 %", "10,000,000"]]
    rows += [["−5", "hidden", "–", "", "1170"]]
    script = f"""
import "{SOURCE / "xlsx.js"}";
import {{ writeFileSync }} from "node:fs";
const about = [["Base", "1,170"]];
const columns = {json.dumps(HEADS)}, rows = {json.dumps(rows)};
const made = await insightsSpreadsheet.single(about, columns, rows, ["About", "Table"], 1);
writeFileSync({json.dumps(str(tmp_path / "t.xlsx"))}, Buffer.from(await made.arrayBuffer()));
"""
    run(script)
    with warnings.catch_warnings(action="ignore"):  # the library leaves the default style out
        sheet = load_workbook(tmp_path / "t.xlsx")["Table"]
    assert [c.value for c in sheet[2]] == ["1,000 to 5,000", 0.27, 0.255, 0.3, 10_000_000]
    assert [c.value for c in sheet[3]][:2] == ["−5", "hidden"] and sheet[3][4].value == 1170


# Releases

LABELS = {
    "title": "A survey of 10,000 homes & 1,234 farms",
    "people": "Under-25s & 65+",
    "bands": ("£0 – £9,999", "£10,000 – £49,999", "50,000-99,999 & more <yes>"),
    "options": ("£1,000 to £4,999 per 1\u00a0000 & 50%", "31–69%", ">10,000,000"),
    "items": ("5 & 6, or 1,000 <a> of a very long label that goes on over 3 lines", "−5 to +5"),
}


def folder_of(root, n, rules, large=False):
    """Write a survey whose labels are full of numbers; `large` as Parquet, made by DuckDB."""
    bands = dict(zip(("low", "mid", "high"), LABELS["bands"], strict=True))
    options = dict(zip("abc", LABELS["options"], strict=True))
    items = dict(zip("xy", LABELS["items"], strict=True))
    known = ["id", "population", "kind", "label", "wording", "option_set", "asked_if"]
    asked = [
        ["q1", "p", "single", "Share of 1,000 at 50%", "How many of 1,250?", "o", ""],
        ["q2", "p", "multiple", "Boxes 1–5", "Tick 5", "", ""],
        ["q3", "p", "single", "Routed 1", "After 1,000", "o", "q1 = a or q1 = b"],
    ]
    if large:
        asked, items = asked[:1], {}
    sets = [["o", code, label, n] for n, (code, label) in enumerate(options.items())]
    boxes = [["q2", code, label, n] for n, (code, label) in enumerate(items.items())]
    sheets = {
        "questions": [[*known, "trend", "section"], *([*row, "t", "s"] for row in asked)],
        "options": [["set", "code", "label", "order"], *sets],
        "items": [["question", "item", "label", "order"], *boxes],
    }
    (root / "codebook").mkdir(parents=True)
    (root / "responses").mkdir()
    for name, rows in sheets.items():
        with open(root / "codebook" / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    source = {"p": {"column": "income"}}
    outline = {
        "title": LABELS["title"], "wave": "2,019", "provenance": "public",
        "description": "In 1,250 places, “−5” to 31–69%.",
        "populations": {"p": {"label": LABELS["people"], "id": "id"}},
        "dimensions": {"income": {"label": "Income, £1,000", "bands": bands, "source": source}},
        "trends": {"t": {"label": "Trend 1,000", "sections": {"s": "Section 2 & 3"}}},
    }  # fmt: skip
    (root / "codebook" / "survey.yml").write_text(json.dumps(outline))
    (root / "codebook" / "release.yml").write_text(f"dimensions: [income]\n{rules}\n")
    # Shares by arithmetic: of 100 rows 20 are low, 60 mid, 20 high; 45 a, 40 b, 12 c, 3 silent.
    query = f"""
        SELECT i::VARCHAR AS id,
          CASE WHEN g = 0 THEN 'low' WHEN g < 4 THEN 'mid' ELSE 'high' END AS income,
          CASE WHEN j < 45 THEN 'a' WHEN j < 85 THEN 'b' WHEN j < 97 THEN 'c'
               ELSE 'not_answered' END AS q1,
          CASE WHEN j >= 85 THEN 'not_asked' WHEN i % 3 = 0 THEN 'a' WHEN i % 7 = 0 THEN 'b'
               ELSE 'c' END AS q3,
          (i % 3 = 0)::INT::VARCHAR AS "q2.x", (i % 4 = 0)::INT::VARCHAR AS "q2.y"
        FROM (SELECT i, i // 100 % 5 AS g, i % 100 AS j FROM range({n}) t(i))"""
    if large:
        query = f"SELECT id, income, q1 FROM ({query})"
    made = duckdb.connect().sql(query)
    if large:
        made.write_parquet(str(root / "responses" / "p.parquet"))
    else:
        made.write_csv(str(root / "responses" / "p.csv"))
    return load_survey(root)


@pytest.mark.parametrize(
    ("n", "rules"),
    [
        (999, "profile: standard"),
        (1_000, "profile: standard"),
        (1_300, "profile: standard"),
        (1_300, "profile: strict"),
        (1_300, "profile: strict\ncure: rounding"),
    ],
)
def test_a_release_of_a_thousand_and_more_is_possible(tmp_path, n, rules):
    survey = folder_of(tmp_path / "s", n, rules)
    made = prepare(survey)
    assert made.report.leaks == ()
    # With its manifest and the page made of it, as `insights audit` reads it.
    whole = with_reader_pages(made.files)
    assert "about.html" in whole
    assert audit(whole, codebook=survey.codebook, survey=survey).leaks == ()
    assert changed_files(made.files, survey) == []


@pytest.mark.slow
def test_a_release_of_ten_million_is_possible(tmp_path):
    survey = folder_of(tmp_path / "s", 10_000_000, "profile: strict", large=True)
    made = prepare(survey)
    assert made.report.leaks == ()
    # 45, 40 and 12 of a hundred answered q1, 3 did not; all 10 million were asked.
    page = json.loads(made.files["views/t.json"])
    asked = next(q for q in page["questions"] if q["id"] == "q1")
    assert "9,700,000 of 10,000,000 answered" in asked["asked"]
    everybody = asked["views"]["|income=*"]
    assert everybody["base"].startswith("Base: 9,700,000 under-25s")
    assert [row[1:] for row in everybody["rows"]] == [
        [share, share, share, "9700000"] for share in ("46%", "41%", "12%")
    ]  # 46.39, 41.24 and 12.37%, give or take 0.03
    whole = with_reader_pages(made.files)
    assert "9,700,000" in whole["overview.html"]
    assert "10,000,000" in whole["about.html"]
    assert audit(whole, codebook=survey.codebook).leaks == ()
    whole["overview.html"] = whole["overview.html"].replace(">9,700,000<", ">9,700,001<")
    assert audit(whole, codebook=survey.codebook).leaks


@pytest.fixture(scope="module")
def thousands(tmp_path_factory):
    survey = folder_of(tmp_path_factory.mktemp("written") / "s", 1_300, "profile: standard")
    return survey, prepare(survey).files


WRONG = {
    # where it is -> right, wrong
    "key number": ("views/overview.json", "1,261 answered", "1,262 answered"),
    "base": ("views/t.json", "Base: 1,261 ", "Base: 1,262 "),
    "hover": ("views/t.json", "Base: 1,261\"", "Base: 1,271\""),
    "asked": ("views/t.json", "; 1,261 of 1,300", "; 1,261 of 1,301"),
    "table": ("views/t.json", '"1261"]', '"1260"]'),
    "table with thousands": ("views/t.json", '"1261"]', '"1,260"]'),
    "who answered": ("views/index.json", '"most":1300', '"most":1290'),
    "served page, range": ("overview.html", "1,261 to 1,300", "1,262 to 1,300"),
    "served page, other end": ("overview.html", "1,261 to 1,300", "1,261 to 1,310"),
    "served page, count": ("overview.html", ">1,300<", ">1,303<"),
    "served page, lead": ("overview.html", "Based on 1,300 ", "Based on 1,400 "),
    "served page, key number": ("overview.html", "1,300 answered", "1,301 answered"),
    "about the data": ("about.html", ">1,300<", ">1,310<"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "right", "wrong"), WRONG.values(), ids=WRONG)
def test_a_wrong_number_of_thousands_is_found(thousands, name, right, wrong):
    survey, files = thousands
    whole = with_reader_pages(files)
    assert right in whole[name], f"{right} no longer stands in {name}"
    whole[name] = whole[name].replace(right, wrong, 1)
    assert audit(whole, codebook=survey.codebook, survey=survey).leaks


def test_the_right_number_may_be_written_in_any_form(thousands):
    survey, files = thousands
    for form in ("1,300", "1300", "1\u00a0300", "1\u202f300"):
        whole = with_reader_pages(files)
        whole["overview.html"] = whole["overview.html"].replace(">1,300<", f">{form}<")
        assert audit(whole, codebook=survey.codebook, survey=survey).leaks == ()


def test_what_a_release_cost_is_read_however_halves_are_rounded():
    """0.8795 is printed as 88.0%, though in binary it is a little less than 87.95%."""
    manifest = json.loads((RELEASE / "manifest.json").read_text(encoding="utf-8"))
    index = json.loads((RELEASE / "views" / "index.json").read_text(encoding="utf-8"))
    for tie in (8795, *range(5, 10_000, 370)):
        for name, value in (("rounded", tie / 10_000), ("page_mean_error", tie / 100)):
            stated = {**manifest, "cost": {**manifest["cost"], name: value}}
            html = dashboard.about_served(index, stated)
            assert list(page_facts.html_faults(html, [index], set(), stated)) == [], (name, tie)
