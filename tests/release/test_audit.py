"""The audit: good releases pass, and whatever is planted in one is found."""

import copy
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tracemalloc
from collections import Counter
from functools import cache
from itertools import product

import numpy as np
import pytest

from every_question import prepare
from helpers.codebook.model import Option
from helpers.codebook.routing import parse_routing
from helpers.errors import InsightsError
from helpers.pages import dashboard
from helpers.pages.findings import findings
from helpers.pages.publishing import changed_files
from helpers.release.attack.audit import audit
from helpers.release.attack.links import Overlap
from helpers.release.attack.partition import Frame
from helpers.release.rules import PageRule, read_rules
from helpers.responses.survey import load_survey
from helpers.terminal import Step
from places import ROOT
from releases import codebook, cube_question, printed, question, release, shipped

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def survey():
    return load_survey()


def found(report):
    return {leak.method for leak in report.leaks}


def of_one(counts, bands="ab", profile="standard", levels=None, **more):
    """Audit a release of one question in groups of one dimension."""
    asked = question(options=len(counts[0]))
    book = codebook([asked], {"group": bands})
    alone = [[o.code] for o in asked.options]
    cube = cube_question(asked, counts, {"group": bands}, levels or [(("group",), alone, [])])
    return audit(release({"q": cube}, book, profile, **more), codebook=book)


# The auditor itself


def test_the_shipped_release_leaks_nothing(survey):
    files = shipped()
    earlier = [{"cube": json.loads(files["cube.json"])}]
    report = audit(files, codebook=survey.codebook, survey=survey, earlier=earlier)
    assert report.leaks == ()
    assert report.targets > 3000
    assert set(report.methods) >= {"views read", "isolation", "certain claims", "inference"}
    assert report.weakest["base"]["n"] >= 10


@pytest.mark.slow
def test_the_shipped_pages_as_html_leak_nothing(survey, monkeypatch):
    files = shipped()
    monkeypatch.setenv("INSIGHTS_RELEASE", str(ROOT / "data" / "release"))
    pages = {f"{n}.html": dashboard.page(n).html for n in ("measurement",)}
    pages["index.html"] = dashboard.index().html
    assert '<script type="application/json"' in pages["measurement.html"]
    assert audit({**files, **pages}, codebook=survey.codebook).leaks == ()
    alone = {name: files[name] for name in ("cube.json", "views/measurement.json")}
    html = pages["measurement.html"].replace("</main>", "<p>3 of 17</p></main>")
    leaks = audit({**alone, "measurement.html": html}, codebook=survey.codebook).leaks
    assert ["17" in leak.words for leak in leaks] == [True]


def test_a_page_whose_views_are_not_those_of_the_release_is_found(survey):
    files = few()
    other = json.loads(files["views/measurement.json"])
    page = {"measurement.html": dashboard.as_served(other)}
    assert not audit({**files, **page}, codebook=survey.codebook).leaks
    other["questions"][0]["views"].popitem()
    page = {"measurement.html": dashboard.as_served(other)}
    assert found(audit({**files, **page}, codebook=survey.codebook)) == {"unexplained"}


@pytest.mark.slow
def test_weighted_shares_must_be_those_of_the_cube():
    from helpers.pages.publishing import prepare

    survey = load_survey(ROOT / "tests" / "surveys" / "cycling")
    rules = read_rules(survey.folder / "codebook", survey.codebook)
    few = PageRule("all", "All", ("often", "owns", "agree"))
    made = prepare(survey, dataclasses.replace(rules, pages=(few,)))
    files = dict(made.files)
    pages = {n[6:-5]: json.loads(text) for n, text in files.items() if n.startswith("views/")}
    assert not made.report.leaks
    name = next(n for n, page in pages.items() if page.get("questions"))
    view = next(iter(pages[name]["questions"][0]["views"].values()))
    view["rows"][0][1] = f"{int(view['rows'][0][1].rstrip('%')) - 2}%"
    files[f"views/{name}.json"] = json.dumps(pages[name])
    assert found(audit(files, codebook=survey.codebook, survey=survey)) == {"inconsistent"}
    assert found(audit(files, codebook=survey.codebook)) == {"inconsistent"}


@pytest.mark.slow
def test_a_report_is_the_same_whatever_the_order_of_sets():
    """Its counts are in the manifest, whose bytes must be reproducible."""
    script = (
        "import json, sys; sys.path.insert(0, 'tests'); from releases import shipped\n"
        "from helpers.release.attack.audit import audit\n"
        "from helpers.responses.survey import load_survey\n"
        "survey, files = load_survey(), shipped()\n"
        "cube = json.loads(files['cube.json']); cube['profile'] = 'strict'\n"
        "few = ('funding_bodies', 'consortium')\n"
        "for part in ('questions', 'changes'):\n"
        "    cube[part] = {name: one for name, one in cube[part].items() if name in few}\n"
        "report = audit({'cube.json': json.dumps(cube)}, codebook=survey.codebook, survey=survey)\n"
        "print(json.dumps({**report.to_json(), 'seconds': 0}))\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    methods = {leak["method"] for leak in json.loads(said[0])["leaks"]}
    assert methods == {"inference", "changes", "non-response", "insiders"}
    assert said[0] == said[1]


def test_a_report_is_plain_json(survey):
    report = of_one([[9, 0], [12, 12]])
    read = json.loads(json.dumps(report.to_json()))
    assert read["profile"] == "standard"
    assert {"question", "column", "group", "answer", "method", "words"} == set(read["leaks"][0])
    words = read["leaks"][0]["words"]
    assert "Question q" in words
    assert "Band a" in words
    assert "9" in words


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "cube.json is missing"),
        ({"cube.json": "{"}, "damaged"),
        ({"cube.json": '{"format": 1}'}, "another version"),
        (
            {"cube.json": '{"format": 2, "profile": "lax", "minimum_base": 10, "questions": {}}'},
            'Unknown profile "lax"',
        ),
    ],
)
def test_a_folder_that_is_not_a_release_is_reported(files, said):
    with pytest.raises(InsightsError, match=said):
        audit(files, codebook=codebook([], {}))


# Groups


@pytest.mark.parametrize(("n", "leaks"), [(9, True), (10, False), (11, False)])
def test_a_group_below_the_minimum_base_is_a_leak(n, leaks):
    report = of_one([[4, n - 4], [20, 20]])
    assert ("isolation" in found(report)) == leaks
    assert (not report.leaks) != leaks


def test_the_owner_may_ask_for_a_larger_base():
    counts = [[6, 6], [20, 20]]
    assert not of_one(counts).leaks
    assert "isolation" in found(of_one(counts, minimum_base=15))


def test_a_group_that_a_difference_separates_is_a_leak():
    """The cube shows everybody, a page also a with c: b is the difference."""
    asked = question(options=2)
    bands = "abc"
    book = codebook([asked], {"group": bands})
    counts = [[10, 10], [2, 3], [10, 10]]
    cube = cube_question(asked, counts, {"group": bands}, [((), [["o1"], ["o2"]], [])])
    good = release({"q": cube}, book)
    assert not audit(good, codebook=book).leaks
    page = json.loads(good["views/p.json"])
    shown = page["questions"][0]
    full = cube_question(asked, counts, {"group": bands}, [(("group",), [["o1"], ["o2"]], [])])
    other = json.loads(release({"q": full}, book)["views/p.json"])["questions"][0]
    shown["views"]["|group=a,c"] = other["views"]["|group=a,c"]
    report = audit({**good, "views/p.json": json.dumps(page)}, codebook=book)
    assert [leak.group for leak in report.leaks if leak.method == "isolation"] == ["Band b"]
    assert "everybody has more than Band a or Band c" in report.leaks[0].words


def test_a_group_of_which_nobody_answered_is_a_leak_where_others_show_it():
    first, second = question("q"), question("r")
    book = codebook([first, second], {"group": "ab"})
    level = [(("group",), [["o1"], ["o2"], ["o3"]], [])]
    everybody = cube_question(first, [[5, 5, 5], [5, 5, 5]], {"group": "ab"}, level)
    half = cube_question(second, [[0, 0, 0], [5, 5, 5]], {"group": "ab"}, level)
    assert not audit(release({"r": half}, book), codebook=book).leaks
    report = audit(release({"q": everybody, "r": half}, book), codebook=book)
    assert [(leak.question, leak.group) for leak in report.leaks] == [("r", "Band a")]


# Certain claims


def test_a_unanimous_group_is_a_leak_unless_allowed():
    counts = [[12, 0], [6, 6]]
    report = of_one(counts)
    assert {(leak.group, leak.answer) for leak in report.leaks} == {("Band a", "Answer A")}
    assert found(report) == {"certain claims"}
    assert not of_one(counts, allow_unanimous=True).leaks
    assert not of_one([[11, 1], [6, 6]]).leaks


@pytest.mark.parametrize(("ticks", "leaks"), [(12, True), (11, False), (0, False)])
def test_of_a_select_all_only_everybody_ticking_is_a_claim(ticks, leaks):
    asked = question(kind="multiple", items=("x", "y"))
    book = codebook([asked], {"group": "ab"})
    counts = np.array([[[ticks, 12 - ticks], [6, 6]], [[5, 7], [6, 6]]])
    cube = cube_question(asked, counts, {"group": "ab"}, [(("group",), [["1"], ["0"]], [])])
    report = audit(release({"q": cube}, book), codebook=book)
    assert bool(report.leaks) == leaks


@pytest.mark.parametrize(("few", "leaks"), [(0, False), (1, True), (2, True), (3, False)])
def test_strict_forbids_one_and_two(few, leaks):
    report = of_one([[few, 6, 6], [5, 5, 5]], profile="strict")
    assert bool(report.leaks) == leaks
    assert not of_one([[few, 6, 6], [5, 5, 5]]).leaks


def test_strict_forbids_nearly_unanimous_groups():
    """Only that 12 of 14 or more said A follows; B and C are shown together as 2."""
    levels = [(("group",), [["o1"], ["o2", "o3"]], [])]
    assert "inference" in found(of_one([[12, 1, 1], [5, 5, 5]], profile="strict", levels=levels))
    report = of_one([[12, 2, 2], [5, 5, 5]], profile="strict", levels=levels)
    assert not report.leaks
    report = of_one([[13, 2, 0], [3, 6, 6]], "ab", "strict", [((), [["o1"], ["o2"], ["o3"]], [])])
    assert not report.leaks
    assert "certain claims" in found(of_one([[14, 0, 0], [5, 5, 5]], profile="strict"))
    assert not of_one([[14, 0, 0], [5, 5, 5]], profile="strict", allow_unanimous=True).leaks


def test_the_boxes_of_a_select_all_bound_one_another():
    """Of 12, 2 ticked x, 11 ticked y or z, hidden; all ticked something: it follows nothing here.

    With y hidden and x and z ticked by 5 and 6 in 12, at least one ticked y; hidden it stays.
    """
    asked = question(kind="multiple", items=("x", "y"))
    book = codebook([asked], {})
    cube = cube_question(asked, [[[0, 12], [12, 0]]], {}, [((), [["1"], ["0"]], [1])])
    report = audit(release({"q": cube}, book, "strict"), codebook=book)
    assert [(leak.column, leak.method) for leak in report.leaks] == [("Item y", "certain claims")]
    cube = cube_question(asked, [[[6, 6], [9, 3]]], {}, [((), [["1"], ["0"]], [1])])
    assert not audit(release({"q": cube}, book, "strict"), codebook=book).leaks


# Routing


def gated(first, second, asked=None, profile="standard", levels=("group",), bands="ab"):
    """Audit a question (yes, no) and one put to those who say yes."""
    gate = question("used", options=2)
    routed = question("often", options=2, asked_if=parse_routing("used = o1"))
    book = codebook([gate, routed], {"group": bands})
    alone = [["o1"], ["o2"]]
    one = cube_question(gate, first, {"group": bands}, [(("group",), alone, [])])
    two = cube_question(routed, second, {"group": bands}, [(tuple(levels), alone, [])])
    two["asked"] = int(np.array(first)[:, 0].sum()) if asked is None else asked
    two["respondents"] = one["respondents"]
    return audit(release({"used": one, "often": two}, book, profile), codebook=book)


@pytest.mark.parametrize(("answered", "leaks"), [(14, True), (13, True), (12, False), (15, False)])
def test_strict_hides_counts_of_one_or_two_non_respondents(answered, leaks):
    second = [[answered - 7, 7], [8, 7]]
    report = gated([[15, 10], [15, 10]], second, profile="strict")
    assert ({leak.method for leak in report.leaks} == {"routing"}) == leaks
    assert not gated([[15, 10], [15, 10]], second).leaks


def test_strict_reads_who_was_asked_where_the_gate_is_not_released():
    routed = question("often", options=2, asked_if=parse_routing("used = o1"))
    gate = question("used", options=2)
    book = codebook([gate, routed], {})
    cube = cube_question(routed, [[10, 10]], {}, [((), [["o1"], ["o2"]], [])], respondents=50)
    for asked, leaks in ((20, False), (21, True), (22, True), (23, False), (None, False)):
        files = release({"often": {**cube, "asked": asked}}, book, "strict")
        assert (found(audit(files, codebook=book)) == {"routing"}) == leaks, asked


def test_a_routed_question_bounds_what_its_gate_hides():
    """The gate hides group a (12: 11 yes); 11 of it answered on, so that at most one said no."""
    gate = question("used", options=2)
    routed = question("often", options=2, asked_if=parse_routing("used = o1"))
    book = codebook([gate, routed], {"group": "ab"})
    alone = [["o1"], ["o2"]]
    first = [[11, 1], [20, 20]]
    one = cube_question(
        gate, first, {"group": "ab"}, [((), alone, []), (("group",), [["o1", "o2"]], [])]
    )
    files = release({"used": one}, book, "strict")
    assert not audit(files, codebook=book).leaks
    two = cube_question(routed, [[5, 6], [10, 10]], {"group": "ab"}, [(("group",), alone, [])])
    two["respondents"] = one["respondents"]
    report = audit(release({"used": one, "often": two}, book, "strict"), codebook=book)
    assert ("used", "certain claims") in {
        (leak.question, leak.method) for leak in report.leaks
    } or ("used", "inference") in {(leak.question, leak.method) for leak in report.leaks}


def test_a_gate_and_its_question_may_not_be_grouped_across_one_another():
    """The gate shows a and (b, c), the question (a, b) and c: 4 users of b are exposed."""
    gate = question("used", options=2)
    routed = question("often", options=2, asked_if=parse_routing("used = o1"))
    book = codebook([gate, routed], {"group": "abc"})
    alone = [["o1"], ["o2"]]
    first, second = [[60, 100], [4, 0], [20, 150]], [[30, 30], [2, 2], [10, 10]]
    one = regrouped(
        cube_question(gate, first, {"group": "abc"}, [(("group",), alone, [])]), "a", "bc"
    )
    two = cube_question(routed, second, {"group": "abc"}, [(("group",), alone, [])])
    two["respondents"] = 334
    apart = audit(release({"used": one, "often": regrouped(two, "ab", "c")}, book), codebook=book)
    assert "routing" in found(apart)
    alike = audit(release({"used": one, "often": regrouped(two, "a", "bc")}, book), codebook=book)
    assert not alike.leaks


def regrouped(cube, *groups):
    """Merge the groups of a cube's question."""
    cube = copy.deepcopy(cube)
    cube["dimensions"]["group"] = [
        {"id": g, "label": " or ".join(f"Band {b}" for b in g), "bands": list(g)} for g in groups
    ]
    for level in cube["levels"]:
        old = {g["groups"]["group"]: np.array(g["n"]) for g in level["groups"]}
        level["groups"] = [
            {"groups": {"group": g}, "n": sum(old[b] for b in g).tolist()} for g in groups
        ]
    return cube


# Earlier releases


def against(before, now, old_groups=("a", "b", "c"), new_groups=("a", "b", "c")):
    asked = question(options=2)
    book = codebook([asked], {"group": "abc"})
    level = [(("group",), [["o1"], ["o2"]], [])]
    old = regrouped(cube_question(asked, before, {"group": "abc"}, level), *old_groups)
    new = regrouped(cube_question(asked, now, {"group": "abc"}, level), *new_groups)
    return audit(
        release({"q": new}, book), codebook=book, earlier=[{"cube": {"questions": {"q": old}}}]
    )


SAME = [[10, 10], [15, 15], [12, 12]]


@pytest.mark.parametrize(
    ("now", "leaks"),
    [
        (SAME, False),
        ([[11, 10], [15, 15], [12, 12]], True),  # one late answer
        ([[10, 10], [15, 15], [12, 3]], True),  # nine withdrawals
        ([[15, 15], [15, 15], [12, 12]], False),  # ten late answers
        ([[20, 10], [15, 15], [12, 12]], True),  # ten late answers, all the same
        ([[9, 11], [15, 15], [12, 12]], True),  # one changed answer
        ([[20, 0], [15, 15], [12, 12]], True),  # all unanimous, and ten changed answers
        ([[20, 20], [25, 25], [22, 22]], False),
    ],
)
def test_a_change_by_few_people_is_a_leak(now, leaks):
    assert bool(against(SAME, now).leaks) == leaks


def test_other_groups_of_the_same_people_separate_smaller_ones():
    counts = [[10, 10], [2, 2], [12, 12]]
    assert not against(counts, counts, ("ab", "c"), ("ab", "c")).leaks
    report = against(counts, counts, ("a", "bc"), ("ab", "c"))
    assert found(report) == {"earlier releases"}
    assert "Band b" in {leak.group for leak in report.leaks}
    assert not against(SAME, SAME, ("a", "bc"), ("ab", "c")).leaks


def test_who_was_asked_is_compared():
    asked = question(options=2)
    book = codebook([asked], {})
    cube = cube_question(asked, SAME, {"group": "abc"}, [((), [["o1"], ["o2"]], [])])
    for now, leaks in ((90, False), (93, True), (100, False)):
        old = {"cube": {"questions": {"q": {**cube, "asked": 90}}}}
        files = release({"q": {**cube, "asked": now}}, book)
        report = audit(files, codebook=book, earlier=[old])
        assert (found(report) == {"earlier releases"}) == leaks, now


def test_hidden_answers_shown_by_an_earlier_release_are_known():
    asked = question()
    book = codebook([asked], {"group": "ab"})
    counts = [[2, 6, 6], [5, 5, 5]]
    merged = [(("group",), [["o1", "o2"], ["o3"]], [])]
    full = [(("group",), [["o1"], ["o2"], ["o3"]], [])]
    now = cube_question(asked, counts, {"group": "ab"}, merged)
    before = cube_question(asked, counts, {"group": "ab"}, full)
    files = release({"q": now}, book, "strict")
    assert not audit(files, codebook=book).leaks
    earlier = [{"cube": {"questions": {"q": before}}}]
    leaks = audit(files, codebook=book, earlier=earlier).leaks
    assert ("Band a", "Answer A") in {(leak.group, leak.answer) for leak in leaks}


def test_a_merged_group_is_compared_with_its_parts():
    assert against(SAME, [[10, 10], [16, 15], [12, 12]], new_groups=("ab", "c")).leaks


# Insiders


def answered(folder, rows, organisation="body"):
    """Load a survey of one question with an organisation column and one dimension."""
    for part in ("codebook", "responses"):
        (folder / part).mkdir(exist_ok=True)
    people = f"organisation: {organisation}" if organisation else "other_columns: [body]"
    (folder / "codebook" / "survey.yml").write_text(
        f"title: T\nprovenance: illustrative\npopulations: {{people: {{{people}}}}}\n"
        "dimensions: {group: {bands: {a: Band a, b: Band b}, source: {people: group}}}\n"
    )
    (folder / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\nq,people,single,abc\n"
    )
    (folder / "codebook" / "options.csv").write_text("set,code\nabc,o1\nabc,o2\nabc,o3\n")
    lines = [f"{group},{answer},{body}" for group, answer, body in rows]
    (folder / "responses" / "people.csv").write_text("\n".join(["group,q,body", *lines]) + "\n")
    return load_survey(folder)


def inside(folder, rows, profile="standard", organisation="body"):
    survey = answered(folder, rows, organisation)
    counts = np.zeros((2, 3), dtype=int)
    for group, answer, _ in rows:
        counts["ab".index(group), int(answer[1]) - 1] += 1
    asked = survey.codebook.questions["q"]
    cube = cube_question(
        asked, counts, {"group": "ab"}, [(("group",), [["o1"], ["o2"], ["o3"]], [])]
    )
    files = release({"q": cube}, survey.codebook, profile, views=False)
    return audit(files, codebook=survey.codebook, survey=survey)


def mixed(group, n=15):
    return [(group, f"o{1 + i % 3}", f"{group}{i}") for i in range(n)]


@pytest.mark.parametrize(("members", "leaks"), [(1, False), (2, True), (3, True)])
def test_an_organisation_may_not_learn_that_all_others_agree(tmp_path, members, leaks):
    """15 say A, but for the members of one organisation."""
    rows = [("a", "o1", f"x{i}") for i in range(15 - members)] + [("a", "o2", "big")] * members
    report = inside(tmp_path, rows + mixed("b"))
    assert (found(report) == {"insiders"}) == leaks


def test_members_in_two_groups_count_together(tmp_path):
    """In each group all but one say A; the two others are of one organisation."""
    rows = [(g, "o1", f"{g}{i}") for g in "ab" for i in range(14)]
    rows += [("a", "o2", "big"), ("b", "o3", "big")]
    assert found(inside(tmp_path, rows)) == {"insiders"}
    rows[-1] = ("b", "o3", "other")
    assert not inside(tmp_path, rows).leaks


@pytest.mark.parametrize(("bodies", "leaks"), [(9, True), (10, False)])
def test_a_group_of_few_organisations_is_a_leak(tmp_path, bodies, leaks):
    rows = [("a", f"o{1 + i % 3}", f"x{i % bodies}") for i in range(30)]
    report = inside(tmp_path, rows + mixed("b"))
    assert (found(report) == {"organisations"}) == leaks


def test_under_strict_a_respondent_may_not_learn_that_all_others_agree(tmp_path):
    rows = [("a", "o1", f"x{i}") for i in range(14)] + [("a", "o2", "y")]
    report = inside(tmp_path, rows + mixed("b"), "strict", organisation="")
    assert "insiders" in found(report)
    assert "insiders" not in found(inside(tmp_path, mixed("a") + mixed("b"), "strict", ""))


# What a viewer receives


FEW = ("contract_types_used", "move_to_outcomes", "influence")  # the first is in the headline
HELD = ("cube.json", "views/measurement.json", "manifest.json")


@cache
def _few():
    """Return the cube, a page and the manifest of a release of a few questions."""
    files = shipped()
    cube, page, manifest = (json.loads(files[name]) for name in HELD)
    page["questions"] = [q for q in page["questions"] if q["id"] in FEW]
    for inside, part in ((cube, "questions"), (cube, "changes"), (manifest, "atoms")):
        inside[part] = {name: q for name, q in inside[part].items() if name in FEW}
    compared, _ = findings(load_survey().codebook, cube)  # there are fewer than on all pages
    for shown in page["questions"]:
        shown["findings"] = compared[shown["id"]]
    return [json.dumps(part) for part in (cube, page, manifest)]


def few(change=lambda *_: None):
    """Return the shipped release of a few questions of a page; `change` gets what files hold."""
    parts = [json.loads(text) for text in _few()]
    change(*parts)
    return dict(zip(HELD, map(json.dumps, parts), strict=True))


def mutated(change):
    """Change that page; `change` gets its question move_to_outcomes."""

    def changed(_, page, __):
        one = next(q for q in page["questions"] if q["id"] == "move_to_outcomes")
        views = one["views"]
        key = next(k for k in views if k.startswith("|organisation_size=smaller"))
        change(page, one, views[key])

    return few(changed)


def at(*path, value):
    def change(page, question, view):
        inside = {"page": page, "question": question, "view": view}[path[0]]
        for step in path[1:-1]:
            inside = inside[step]
        inside[path[-1]] = value

    return change


def added(text, *path):
    def change(page, question, view):
        inside = {"page": page, "question": question, "view": view}[path[0]]
        for step in path[1:-1]:
            inside = inside[step]
        inside[path[-1]] += text

    return change


def row_of_another_question(page, question, view):
    view["rows"].append(["Nonsense", "36%", "21%", "54%", "28"])


def more_points(page, question, view):
    view["values"][0]["x"].append(12.5)


def another_trace(page, question, view):
    view["values"].append(view["values"][0])


def figure_with_numbers(page, question, view):
    question["figures"][""]["data"][0]["customdata"] = ["1 of 3"] * 4
    for one in question["views"].values():
        for trace in one["values"]:
            trace.pop("customdata", None)


def test_a_few_questions_of_the_shipped_release_leak_nothing(survey):
    """Else what is planted in them below could not be what is found."""
    assert audit(few(), codebook=survey.codebook).leaks == ()


@pytest.mark.parametrize(
    "change",
    [
        at("view", "rows", 0, 1, value="37%"),
        at("view", "rows", 0, 3, value="55%"),
        at("view", "rows", 0, 4, value="27"),
        row_of_another_question,
        at("view", "values", 0, "x", 0, value=35.9),
        at("view", "values", 1, "text", 0, value="35% (21–54%)"),
        at("view", "values", 0, "customdata", 0, value="10 of 28"),
        at("view", "values", 0, "customdata", 0, value="36% (21–54%)<br>Base: 27"),
        at("view", "values", 0, "error_x", "array", 1, value=18.3),
        at("view", "values", 0, "error_x", "arrayminus", 1, value=16.0),
        more_points,
        another_trace,
        figure_with_numbers,
        at("view", "n", value=27),
        at("view", "base", value="Base: 28 frontline workers who answered, 3 of them late."),
        added(" Of the others, 7 did not know.", "view", "sentence"),
        added(" 11% changed their minds.", "view", "sentence"),
        at("view", "caveats", value=["Only 2 answers were left out."]),
        at("view", "reason", value="Only 4 answered."),
        at("view", "debug", value={"n": [10, 12, 4, 2]}),
        added(" 3 did not.", "question", "asked"),
        at("question", "method", value="Of 27 answers."),
        at("question", "not_offered", value={"Sector": "Only 3 of them are private."}),
        at("question", "hidden", value=["A row of 2 was hidden."]),
        at("question", "wording", value="How far? (3 said: not at all)"),
        at("question", "raw", value=[1, 2, 3]),
        at("question", "figures", "", "layout", "annotations", value=[{"text": "2 more"}]),
        added(" 6 said otherwise.", "page", "headline"),
        added(" 73.5% said otherwise.", "page", "headline"),
    ],
)
def test_a_number_that_the_cube_does_not_give_is_found(survey, change):
    files = mutated(change)
    report = audit(files, codebook=survey.codebook)
    assert found(report) & {"unexplained", "inconsistent"}, report.leaks


@pytest.mark.parametrize(
    ("said", "leaks"),
    [("if “Often” is Up to 3 times", False), ("if “Age” >= 18", False), ("if 4 say so", True)],
)
def test_who_was_asked_may_be_said_in_the_words_of_the_gate(said, leaks):
    times = (Option("few", "Up to 3 times"), Option("many", "More"))
    gate = question("often", option_set=times)
    gate = dataclasses.replace(gate, label="Often")
    routed = question(options=2, asked_if=parse_routing("often = few or age >= 18"))
    book = codebook([gate, routed], {})
    files = release(
        {"q": cube_question(routed, [[10, 10]], {}, [((), [["o1"], ["o2"]], [])])}, book
    )
    page = json.loads(files["views/p.json"])
    page["questions"][0]["asked"] = f"Asked of people {said}; 20 of 20 asked answered."
    files["views/p.json"] = json.dumps(page)
    assert bool(audit(files, codebook=book).leaks) == leaks


def test_a_card_of_the_index_is_read(survey):
    files = shipped()
    index = json.loads(files["views/index.json"])
    index["pages"][0]["headline"] += " 7 of them did not."
    files["views/index.json"] = json.dumps(index)
    assert found(audit(files, codebook=survey.codebook)) == {"unexplained"}


@pytest.mark.parametrize(
    ("key", "value"),
    [("atoms", {"influence": [{"groups": {}, "n": 3}]}), ("spare", {"n": 4})],
)
def test_the_manifest_is_read(survey, key, value):
    files = few(lambda _, __, manifest: manifest.update({key: value}))
    assert found(audit(files, codebook=survey.codebook)) == {"unexplained"}


def test_unknown_files_and_parts_of_the_cube_are_leaks(survey):
    assert found(audit({**few(), "notes.txt": ""}, codebook=survey.codebook)) == {"unexplained"}
    for path in ((), ("levels", 0), ("levels", 0, "groups", 0)):

        def planted(cube, *_, path=path):
            inside = cube["questions"]["influence"]
            for step in path:
                inside = inside[step]
            inside["transitions"] = [[1, 2], [3, 4]]

        assert found(audit(few(planted), codebook=survey.codebook)) == {"unexplained"}


def test_tables_that_contradict_each_other_are_found():
    asked = question(options=2)
    book = codebook([asked], {"group": "ab"})
    alone = [["o1"], ["o2"]]
    cube = cube_question(
        asked, [[6, 7], [8, 9]], {"group": "ab"}, [((), alone, []), (("group",), alone, [])]
    )
    assert not audit(release({"q": cube}, book), codebook=book).leaks
    cube["levels"][0]["groups"][0]["n"] = [[15, 15]]
    assert "inconsistent" in found(audit(release({"q": cube}, book, views=False), codebook=book))


def test_a_question_that_no_cube_holds_is_found(survey):
    files = few(lambda cube, *_: cube["questions"].pop("influence"))
    report = audit(files, codebook=survey.codebook)
    assert any("influence" in leak.words for leak in report.leaks)


def test_the_ends_of_an_interval_reveal_a_hidden_share():
    """The cube shows A or B together; a row of A hides its share but not its interval."""
    asked = question()
    book = codebook([asked], {})
    cube = cube_question(asked, [[2, 6, 6]], {}, [((), [["o1", "o2"], ["o3"]], [])])
    files = release({"q": cube}, book, "strict")
    assert not audit(files, codebook=book).leaks
    page = json.loads(files["views/p.json"])
    one = page["questions"][0]
    one["answers"][""].append(["Answer A", ["o1"]])
    hidden = ["Answer A", "hidden", "hidden", "hidden", "14"]
    one["views"]["|"]["rows"].append(hidden)
    files["views/p.json"] = json.dumps(page)
    assert not audit(files, codebook=book).leaks
    hidden[2:4] = printed(2, 14, 14)[1:3]
    files["views/p.json"] = json.dumps(page)
    leaks = audit(files, codebook=book).leaks
    assert {(leak.answer, leak.method) for leak in leaks} >= {("Answer A", "inference")}


# Rounding


def test_rounded_tables_are_bounds_and_their_views_must_follow_them(tmp_path):
    rows = [("a", "o1", "")] * 12 + [("a", "o2", "")] * 7 + [("a", "o3", "")] * 8 + mixed("b", 30)
    survey = answered(tmp_path, rows, "")
    asked = survey.codebook.questions["q"]
    alone = [["o1"], ["o2"], ["o3"]]
    near = [[12, 6, 9], [9, 12, 9]]
    cube = cube_question(asked, near, {"group": "ab"}, [(("group",), alone, [])], rounded=3)
    files = release({"q": cube}, survey.codebook, "strict")
    assert not audit(files, codebook=survey.codebook, survey=survey).leaks
    page = json.loads(files["views/p.json"])
    page["questions"][0]["views"]["|group=a"]["rows"][1][-4:] = ["26%", "13%", "45%", "27"]
    broken = {**files, "views/p.json": json.dumps(page)}
    assert "inconsistent" in found(audit(broken, codebook=survey.codebook, survey=survey))


def test_a_small_group_is_a_leak_rounded_or_not(tmp_path):
    rows = [("a", "o1", "")] * 4 + [("a", "o2", "")] * 4 + mixed("b", 30)
    survey = answered(tmp_path, rows, "")
    asked = survey.codebook.questions["q"]
    alone = [["o1"], ["o2"], ["o3"]]
    cube = cube_question(
        asked, [[6, 6, 0], [9, 12, 9]], {"group": "ab"}, [(("group",), alone, [])], rounded=3
    )
    files = release({"q": cube}, survey.codebook, "strict")
    assert "isolation" in found(audit(files, codebook=survey.codebook, survey=survey))


def _pieces(chance, dimensions):
    """Divide up to five bands of each dimension into pieces, by chance."""
    found = {}
    for d in dimensions:
        place = chance.integers(0, 3, chance.integers(1, 6)).tolist()
        bands = [(f"{d}{n}", at) for n, at in enumerate(place)]
        found[d] = tuple(frozenset(b for b, at in bands if at == k) for k in sorted({*place}))
    return found


def test_cells_of_two_questions_overlap_where_each_shared_dimension_does():
    """Against the definition, cell by cell; frames share all dimensions, some or none."""
    chance = np.random.default_rng(4)
    for _ in range(60):
        frames = [
            Frame(_pieces(chance, chance.permutation([*"abc"])[: chance.integers(0, 4)]), {})
            for _ in range(2)
        ]
        first, second = (
            [dict(zip(frame.pieces, of, strict=True)) for of in product(*frame.pieces.values())]
            for frame in frames
        )
        meet = np.array(
            [[all(a[d] & b[d] for d in a.keys() & b.keys()) for b in second] for a in first]
        )
        given = chance.random(len(first)) < chance.random()
        overlap = Overlap(*frames)
        assert (overlap.touched(given) == meet[given].any(axis=0)).all()
        assert (overlap.within(given) == ~meet[~given].any(axis=0)).all()


def test_the_overlap_of_large_frames_takes_no_table_of_all_pairs_of_cells():
    frame = Frame({d: tuple(frozenset({f"{d}{n}"}) for n in range(10)) for d in "abcd"}, {})
    tracemalloc.start()
    found = Overlap(frame, frame).touched(frame.mask({"a": frozenset({"a3"})}))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.sum() == 1_000 and most < 1_000_000  # of 10,000 cells; pairs are 100 million


def test_every_long_step_of_a_release_and_of_its_audit_says_how_far_it_is(tmp_path):
    folder = shutil.copytree(ROOT / "data" / "example", tmp_path / "survey")
    (folder / "codebook" / "release.yml").write_text(
        "minimum_base: 10\ndimensions: [branch]\npages:\n"
        "  use: {title: Use, questions: [visits, views]}\n"
        "  again: {title: Once more, questions: [visits]}\n"
    )
    survey, steps = load_survey(folder), []
    made = prepare(survey, progress=steps.append)
    changed_files(made.files, survey, steps.append)
    said = Counter(words.partition(":")[0] for words in steps if isinstance(words, Step))
    shown = sum(len(page.questions) for page in made.rules.pages)
    released = len({q for page in made.rules.pages for q in page.questions})
    assert shown > released
    assert said["Protecting questions"] == said["Counting answers"] == 2 * released
    assert said["Writing pages"] == 2 * shown
    assert said["Reading pages"] == said["Attacking questions"] >= len(made.cube["questions"])
    assert "Comparing questions" in steps


def test_releases_and_audits_multiply_in_one_thread_unless_told_otherwise():
    """Of matrices as small as these two threads only wait for one another."""
    code = (
        "import os, sys, helpers.cli, helpers.commands.release as release\n"
        "assert 'numpy' not in sys.modules\n"
        "release._in_one_thread()\n"
        "import numpy\n"
        "numpy.linalg.svd(numpy.ones((400, 400)))\n"
        "print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    for given, said in (({}, "1"), ({"OPENBLAS_NUM_THREADS": "2"}, "2")):
        free = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
        done = subprocess.run(
            [sys.executable, "-c", code], env=free | given, capture_output=True, text=True
        )
        assert done.stdout.strip() == said, done.stderr
