"""Questions side by side: nearly the same answers of nearly the same people, and who left one."""

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from every_question import prepare
from helpers.cli import main
from helpers.pages import publishing
from helpers.release.attack import near_duplicates as attack_duplicates
from helpers.release.attack.audit import audit
from helpers.release.protect import near_duplicates as protect_duplicates
from helpers.release.protect import protection
from helpers.release.protect.non_response import _Sizes
from helpers.release.protect.rounding import rounded
from helpers.responses import near_duplicates as duplicates
from helpers.responses.survey import load_survey
from releases import codebook, cube_question, question, release

pytestmark = pytest.mark.slow

SKIPPED, UNASKED = "not_answered", "not_asked"


def survey_of(folder, columns, profile="standard", questions=(), more=""):
    """Write a survey: `region`, and answers a, b, c; questions are single unless given."""
    for part in ("codebook", "responses"):
        (folder / part).mkdir(exist_ok=True)
    (folder / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: illustrative\npopulations: {people: {}}\ndimensions:\n"
        "  region: {ordered: false, bands: [n, s, w], source: {people: region}}\n"
    )
    names = dict.fromkeys(c.partition(".")[0] for c in columns if c != "region")
    listed = [f"{n},people,single,abc,Question {n},\n" for n in names]
    listed = questions or listed
    (folder / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set,label,asked_if\n" + "".join(listed)
    )
    items = [c.split(".") for c in columns if "." in c]
    (folder / "codebook" / "items.csv").write_text(
        "question,item,label\n" + "".join(f"{q},{i},Item {i}\n" for q, i in items)
    )
    (folder / "codebook" / "options.csv").write_text(
        "set,code\nabc,a\nabc,b\nabc,c\nyn,yes\nyn,no\nxy,x\nxy,y\n"
    )
    (folder / "codebook" / "release.yml").write_text(f"profile: {profile}\n{more}")
    rows = [",".join(columns), *map(",".join, zip(*columns.values(), strict=True))]
    (folder / "responses" / "people.csv").write_text("\n".join(rows) + "\n")
    return load_survey(folder)


def people(n=169, seed=1):
    """Regions and answers of so many people."""
    random = np.random.default_rng(seed)
    return {
        "region": random.choice(["n", "s", "w"], n).tolist(),
        "first": random.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2]).tolist(),
    }


def put(answers, places, what=SKIPPED):
    """Answers, but another cell in some places."""
    return [what if n in places else a for n, a in enumerate(answers)]


def one_left():
    known = people()
    return {**known, "later": put(known["first"], {7})}


def asked_without_managers():
    """Thirty managers are not asked again; three of them are in the north."""
    known = people()
    regions = known["region"]
    managers = [n for n, r in enumerate(regions) if r == "n"][:3]
    managers += [n for n, r in enumerate(regions) if r == "s"][:27]
    return {**known, "later": put(known["first"], set(managers))}


def another_version():
    """Two changed their minds, four left it."""
    known = people()
    other = ["b" if n < 2 and a != "b" else a for n, a in enumerate(known["first"])]
    return {**known, "later": put(other, {20, 30, 40, 50})}


def derived():
    """Answers a and b together, without those of five."""
    known = people()
    coarse = ["c" if a == "c" else "a" for a in known["first"]]
    return {**known, "later": put(coarse, {1, 2, 3, 4, 5})}


def halves():
    """Each half got a version of its own, but for four people who got neither."""
    known = people()
    size = len(known["first"])
    return {
        **known,
        "later": put(known["first"], set(range(80, size))),
        "third": put(known["first"], set(range(84))),
    }


LEAKS = [one_left, asked_without_managers, another_version, derived, halves]


@pytest.fixture
def unguarded(monkeypatch):
    """Protection question by question only."""
    monkeypatch.setattr(protection, "_apart", lambda survey, rules, found, plans, *_: plans)
    monkeypatch.setattr(publishing, "_learned", lambda *_: None)


def methods(report):
    return {leak.method for leak in report.leaks}


def test_what_only_the_attack_finds_is_hidden_too(tmp_path, monkeypatch):
    monkeypatch.setattr(protection, "_apart", lambda survey, rules, found, plans, *_: plans)
    made = prepare(survey_of(tmp_path, one_left()))
    assert made.report.leaks == () and made.left_out == ()
    hidden = [asked["hidden"] for asked in made.cube["questions"].values() if asked["hidden"]]
    assert hidden and not any("earlier release" in words for words in hidden)


@pytest.mark.parametrize("columns", LEAKS)
def test_few_people_between_two_questions_are_found(tmp_path, unguarded, columns):
    report = prepare(survey_of(tmp_path, columns())).report
    assert methods(report) == {"near-duplicates"}
    assert any("Question first" in leak.words for leak in report.leaks)


@pytest.mark.parametrize("columns", LEAKS)
def test_the_later_question_hides_as_much_as_is_needed(tmp_path, columns):
    made = prepare(survey_of(tmp_path, columns()))
    assert made.report.leaks == ()
    questions = made.cube["questions"]
    assert list(questions["first"]["dimensions"]) == ["region"]
    said = [questions[q]["hidden"] + questions[q]["not_offered"].get("region", "")
            for q in questions if q != "first"]  # fmt: skip
    assert any("side by side with “Question" in words for words in said)


def test_an_earlier_question_keeps_its_breakdown_if_a_later_one_can_go(tmp_path):
    """The total of the later question tells of the groups of the first: but it goes anyway."""
    known = people()
    columns = {"region": ["n" if r == "w" else r for r in known["region"]], "first": known["first"]}
    columns["later"] = put(known["first"], {1, 2, 3})
    questions = prepare(survey_of(tmp_path, columns)).cube["questions"]
    assert list(questions["first"]["dimensions"]) == ["region"]
    assert not questions["later"]["levels"]


def test_managers_who_are_few_in_a_region_cost_that_breakdown_only(tmp_path):
    questions = prepare(survey_of(tmp_path, asked_without_managers())).cube["questions"]
    assert [level["dimensions"] for level in questions["later"]["levels"]] == [[]]


@pytest.mark.parametrize("profile", ["standard", "strict"])
def test_items_of_nearly_the_same_answers_are_guarded_too(tmp_path, profile):
    known = people()
    other = put(known["first"], {3, 9, 11, 40})
    columns = {"region": known["region"], "g.one": known["first"], "g.two": other}
    listed = ["g,people,grid,abc,Grid,\n"]
    made = prepare(survey_of(tmp_path, columns, profile, listed))
    assert made.report.leaks == ()
    assert made.cube["questions"]["g"]["hidden_columns"] == [{"item": "two", "time": ""}]


def test_people_who_are_the_same_may_change_their_minds(tmp_path):
    known = people()
    other = ["b" if n < 2 else a for n, a in enumerate(known["first"])]
    made = prepare(survey_of(tmp_path, {**known, "later": other}))
    assert made.report.leaks == ()
    assert list(made.cube["questions"]["later"]["dimensions"]) == ["region"]


def test_a_gate_and_what_it_opens_are_not_taken_for_one_another(tmp_path):
    """One who said yes left the question: `standard` shows that, as any count of one."""
    known = people()
    gate = ["yes" if n < 120 else "no" for n in range(len(known["first"]))]
    opened = [
        a if n < 119 else SKIPPED if n < 120 else UNASKED for n, a in enumerate(known["first"])
    ]
    listed = ["gate,people,single,yn,Gate,\n", "first,people,single,abc,Opened,gate = yes\n"]
    columns = {"region": known["region"], "gate": gate, "first": opened}
    for profile, there in (("standard", True), ("strict", False)):
        made = prepare(survey_of(tmp_path, columns, profile, listed))
        assert made.report.leaks == ()
        assert bool(made.cube["questions"]["first"]["levels"]) is there
        assert made.cube["questions"]["gate"]["levels"]


@pytest.mark.parametrize("seed", range(2))
def test_both_sides_find_the_pairs_that_crossing_all_respondents_shows(seed):
    """Boxes that few ticked, copies of others but for a few, and questions of several answers."""
    draw = np.random.default_rng(seed)
    columns = [(draw.random(9_000) < share).astype(np.int16) for share in (0.001, 0.003, 0.4)]
    columns += [draw.integers(-1, 5, 9_000).astype(np.int16) for _ in range(2)]
    for of, apart in ((0, 0.0001), (1, 0.001), (2, 0.03), (2, 0.08), (3, 0.02), (4, 0.2)):
        other = draw.random(9_000) < apart
        changed = np.where(other, (columns[of] + 1) % 2, columns[of]).astype(np.int16)
        columns.append(changed)
    due = set()
    for a, b in combinations(range(len(columns)), 2):
        both = (columns[a] >= 0) & (columns[b] >= 0)
        table = pd.crosstab(columns[a][both], columns[b][both]).to_numpy()
        for one in (table, table.T):
            wrong, usual = table.sum() - one.max(axis=1).sum(), table.sum() - one.sum(axis=0).max()
            if 0 < usual >= 2 * wrong and wrong * 20 <= table.sum():
                due.add((a, b))
    people = SimpleNamespace(answers={("q", n): column for n, column in enumerate(columns)})
    found = protect_duplicates.alike(people, list(people.answers), 10)
    assert {(a[1], b[1]) for a, b in found} == due and 4 <= len(due) < 20
    asked = SimpleNamespace(options=["a", "b", "c", "d", "e"])
    everywhere = np.zeros(9_000, dtype=np.int64)
    targets = [attack_duplicates.Target(asked, 0, column, everywhere) for column in columns]
    attacked = attack_duplicates._alike(targets, 10)
    assert {(a, b) for a, others in attacked.items() for b in others if a < b} == due


@pytest.mark.parametrize("seed", range(3))
def test_unrelated_questions_lose_nothing(tmp_path, seed, monkeypatch):
    random = np.random.default_rng(seed)
    known = people(seed=seed)
    size = len(known["first"])
    more = {f"q{n}": put(random.choice(["a", "b", "c"], size), {n}) for n in range(6)}
    rare = {f"r{n}": put(random.choice(["a", "b"], size, p=[0.95, 0.05]), {n}) for n in range(6)}
    survey = survey_of(tmp_path, {**known, **more, **rare})
    made = prepare(survey)
    assert made.report.leaks == ()
    monkeypatch.setattr(protection, "_apart", lambda survey, rules, found, plans, *_: plans)
    monkeypatch.setattr(publishing, "_learned", lambda *_: None)
    assert prepare(survey).cube == made.cube


# By numbers alone

REGIONS = {"region": "nsw"}
TABLES = [[40, 25, 15], [31, 18, 22], [22, 30, 19]]
LEVELS = [((), [["o1"], ["o2"], ["o3"]], []), (("region",), [["o1"], ["o2"], ["o3"]], [])]


@pytest.mark.parametrize(
    ("other", "leaks"),
    [
        ([[40, 25, 15], [31, 17, 22], [22, 30, 19]], True),
        ([[40, 25, 15], [31, 18, 22], [22, 30, 19]], False),
        ([[25, 40, 15], [18, 30, 22], [30, 22, 19]], False),
    ],
)
def test_nearly_the_same_tables_reveal_answers_without_the_responses(other, leaks):
    asked = [question("q"), question("r")]
    book = codebook(asked, REGIONS)
    cube = {
        q.id: cube_question(q, n, REGIONS, LEVELS, respondents=260)
        for q, n in zip(asked, (TABLES, other), strict=True)
    }
    report = audit(release(cube, book), codebook=book)
    assert ("near-duplicates" in methods(report)) is leaks
    assert len(report.leaks) == (2 if leaks else 0)


# Who left a question


def many(n):
    """Answers that no profile minds."""
    return [("a", "b", "c")[k % 3] for k in range(n)]


@pytest.mark.parametrize(("left", "leaks"), [(0, False), (1, True), (2, True), (3, False)])
def test_one_or_two_who_left_a_question_are_not_seen_under_strict(
    tmp_path, monkeypatch, left, leaks
):
    known = {"region": ["n", "s", "w"] * 40, "first": many(120)[::-1]}
    shuffled = np.random.default_rng(4).permutation(many(120)).tolist()
    survey = survey_of(tmp_path, {**known, "later": put(shuffled, set(range(left)))}, "strict")
    made = prepare(survey)
    assert made.report.leaks == ()
    assert bool(made.cube["questions"]["later"]["levels"]) is not leaks
    assert made.cube["questions"]["first"]["levels"]
    monkeypatch.setattr(protection, "_apart", lambda survey, rules, found, plans, *_: plans)
    monkeypatch.setattr(publishing, "_learned", lambda *_: None)
    assert ("non-response" in methods(prepare(survey).report)) is leaks


def strict(counts, levels=LEVELS, items=("", ""), **more):
    """Audit a strict release of questions, each of one column per given table."""
    asked = [question(f"q{n}", kind="grid" if i else "single", items=i)
             for n, i in enumerate(items)]  # fmt: skip
    book = codebook(asked, REGIONS)
    cube = {
        q.id: cube_question(q, n, REGIONS, levels, **more)
        for q, n in zip(asked, counts, strict=True)
    }
    return methods(audit(release(cube, book, "strict"), codebook=book))


@pytest.mark.parametrize(("left", "leaks"), [(1, True), (2, True), (3, False)])
def test_how_many_are_in_a_group_follows_from_other_questions(left, leaks):
    """All answered the first: the second has the base of each region beside it."""
    full = [[20, 20, 20], [30, 20, 20], [24, 23, 23]]
    less = [[14, 20, 20], [23, 20, 20], [19 + 5 - left, 23, 23]]
    assert ("non-response" in strict([full, less], respondents=200)) is leaks
    unsure = [[20, 20, 10], [30, 20, 10], [24, 23, 23]]  # others may be in the last region
    assert "non-response" not in strict([unsure, less], respondents=220)


@pytest.mark.parametrize(("left", "leaks"), [(1, True), (2, True), (3, False)])
def test_how_many_are_in_merged_groups_follows_from_those_of_other_questions(left, leaks):
    """All answered the first; the second shows two regions together."""
    first, second = question("q0"), question("q1")
    apart = cube_question(
        first, [[20, 20, 20], [30, 20, 20], [24, 23, 23]], REGIONS, LEVELS, respondents=200
    )
    bands = REGIONS["region"]
    less = [[40, 43, 47 - left], [22, 21, 20]]
    merged = cube_question(second, less, {"region": bands[1:]}, LEVELS, respondents=200)
    merged["dimensions"]["region"][0]["bands"] = bands[:2]
    book = codebook([first, second], REGIONS)
    found = audit(release({"q0": apart, "q1": merged}, book, "strict"), codebook=book)
    assert ("non-response" in methods(found)) is leaks


def test_the_protection_bounds_a_group_by_the_bases_of_all_questions():
    """Of 120 people 40 and 50 are known to be in two regions; the others are anywhere."""
    north, south, both = ((("region", frozenset(bands)),) for bands in ("n", "s", "ns"))
    sizes = _Sizes({(): 110, north: 40, south: 50, (("region", frozenset("w")),): 20}, 120)
    assert sizes.of(both) == (90, 100)
    assert sizes.of(north) == (40, 50)
    assert sizes.of(()) == (110, 120)


def test_items_reveal_of_one_another_who_left_one(tmp_path, monkeypatch):
    random = np.random.default_rng(5)
    columns = {"region": ["n", "s", "w"] * 50}
    whole = {0, 1, 2, 3, 4, 5}
    for item, left in (("one", whole), ("two", whole | {6}), ("three", {10, 11, 12, 13, 14})):
        columns[f"g.{item}"] = put(random.permutation(many(150)).tolist(), left)
    listed = ["g,people,grid,abc,Grid,\n"]
    survey = survey_of(tmp_path, columns, "strict", listed)
    made = prepare(survey)
    assert made.report.leaks == ()
    assert [c["item"] for c in made.cube["questions"]["g"]["columns"]] == ["one", "three"]
    monkeypatch.setattr(protection, "_apart", lambda survey, rules, found, plans, *_: plans)
    monkeypatch.setattr(publishing, "_learned", lambda *_: None)
    report = prepare(survey).report
    assert methods(report) == {"non-response"}
    assert {leak.column for leak in report.leaks} == {"Item two"}


@pytest.mark.parametrize("seed", range(6))
def test_rounding_prints_no_base_below_the_minimum(seed):
    """Neither of a group, nor of a union of groups, nor of everybody."""
    random = np.random.default_rng(seed)
    n = random.multinomial(10, [0.4, 0.3, 0.2, 0.1], size=4).T
    found = rounded({(): n.sum(axis=1), ("region",): n}, 10)
    bases = found["region",].sum(axis=0)
    assert bases.min() >= 10
    assert found[()].sum() == bases.sum()


def test_pairs_of_columns_are_counted_as_each_by_itself():
    chance = np.random.default_rng(4)
    asked = [np.arange(500) % 3 > 0, np.ones(500, dtype=bool), np.arange(500) < 7]
    answers = [
        np.where(asked[n % 3], chance.integers(0, 2 + n % 4, 500), -1).astype(np.int16)
        for n in range(12)
    ]
    pairs = list(combinations(range(12), 2))
    counted = {(a, b): table for a, b, table in duplicates.crossed_pairs(answers, pairs)}
    assert counted.keys() == {*pairs}
    for (a, b), table in counted.items():
        expected = np.zeros(table.shape, dtype=int)
        both = (answers[a] >= 0) & (answers[b] >= 0)
        np.add.at(expected, (answers[a][both], answers[b][both]), 1)
        assert (table == expected).all() and table.sum() == both.sum()
    few = {pair for pair in pairs if counted[pair].sum() < 10}
    assert few and not few & {*duplicates.possible(answers, 10)}


@pytest.mark.parametrize("seed", range(2))
def test_the_same_release_again_shows_the_same(tmp_path, seed, capsys):
    """What was shown may be shown again, also where its questions are near-duplicates."""
    random = np.random.default_rng(seed)
    known = people(400, seed)
    skipped = [set(np.flatnonzero(random.random(400) < 0.02 * n)) for n in range(4)]
    later = {f"later{n}": put(known["first"], gone) for n, gone in enumerate(skipped * 3)}
    survey_of(tmp_path, {**known, **later})
    outline = tmp_path / "codebook" / "survey.yml"
    outline.write_text(outline.read_text().replace("illustrative", "private"))
    folder = str(tmp_path)
    assert main(["release", "--data", folder]) == 0, capsys.readouterr()
    first = (tmp_path / "release" / "cube.json").read_bytes()
    capsys.readouterr()
    assert main(["release", "--data", folder]) == 0
    assert "Compared with an earlier release" not in capsys.readouterr().out
    assert (tmp_path / "release" / "cube.json").read_bytes() == first
    assert main(["audit", folder]) == 0, capsys.readouterr()
    other = "a" if known["first"][0] == "b" else "b"
    survey_of(tmp_path, {**known, "first": [other, *known["first"][1:]], **later})
    outline.write_text(outline.read_text().replace("illustrative", "private"))
    assert prepare(load_survey(tmp_path)).left_out, "one who changed is still not shown"
