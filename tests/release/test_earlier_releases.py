"""Leaks planted in a second release under other names: each is found by the audit, and cured.

120 invented people in two regions and two ages; each test makes a release, changes or adds a few,
renames something, and releases again. What may be learnt is worked out by pandas from the two
cubes and the two lists of people, with no code of the project.
"""

import json
import shutil
from copy import deepcopy
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import paths
from helpers.cli import main
from helpers.codebook.model import Option
from helpers.pages import publishing
from helpers.release import history
from helpers.release.attack.earlier import Matches
from helpers.release.cube import build_cube
from helpers.release.protect.earlier import Earlier
from helpers.release.rules import read_rules
from helpers.responses.survey import load_survey
from releases import codebook, question

pytestmark = pytest.mark.slow

SPEC = {
    "population": ("people", "People"),
    "dimensions": {
        "region": ("Region", {"north": "North", "south": "South"}),
        "age": ("Age", {"young": "Under 40", "old": "40 and over"}),
    },
    "questions": {
        "tea": ("Tea", "Do you drink tea?", "yn", {}),
        "town": ("Town", "How do you like your town?", "like", {}),
        "read": ("Reading", "How often do you read?", "often",
                 {"news": "Newspapers", "books": "Books", "post": "Letters"}),
    },
    "options": {
        "yn": {"yes": "Yes", "no": "No", "unsure": "Not sure"},
        "like": {"much": "Very much", "bit": "A little", "not": "Not at all"},
        "often": {"daily": "Every day", "weekly": "Every week", "never": "Never"},
    },
}  # fmt: skip
COLUMNS = ("tea", "town", "read.news", "read.books", "read.post")


def people(n=120, seed=4):
    """Draw answers; all columns are independent."""
    draw = np.random.default_rng(seed)
    shares = {"tea": (0.5, 0.3, 0.2), "town": (0.45, 0.35, 0.2)}
    rows = pd.DataFrame({"who": [f"p{k}" for k in range(n)]})
    rows["region"] = draw.choice(["north", "south"], n)
    rows["age"] = draw.choice(["young", "old"], n)
    sets = {"tea": "yn", "town": "like"}
    for at, column in enumerate(COLUMNS):
        codes = [*SPEC["options"][sets.get(column, "often")]]
        rows[column] = draw.choice(codes, n, p=shares.get(column, np.roll((0.5, 0.3, 0.2), at)))
    return rows


def write(folder, spec, rows):
    """Write a survey folder; `rows` has the columns that the names of `spec` make."""
    for part in ("codebook", "responses"):
        (folder / part).mkdir(exist_ok=True)
    population, label = spec["population"]
    outline = {
        "title": "Invented",
        "populations": {population: {"label": label, "id": "who"}},
        "dimensions": {
            d: {"label": said, "bands": bands, "source": {population: d}}
            for d, (said, bands) in spec["dimensions"].items()
        },
    }
    (folder / "codebook" / "survey.yml").write_text(json.dumps(outline))
    asked, items, options = [], [], []
    for q, (said, wording, options_of, rows_of) in spec["questions"].items():
        kind = "grid" if rows_of else "single"
        asked.append((q, population, kind, said, wording, options_of))
        items += [(q, item, words) for item, words in rows_of.items()]
    for name, codes in spec["options"].items():
        options += [(name, code, words) for code, words in codes.items()]
    for name, columns, table in (
        ("questions", ["id", "population", "kind", "label", "wording", "option_set"], asked),
        ("items", ["question", "item", "label"], items),
        ("options", ["set", "code", "label"], options),
    ):
        pd.DataFrame(table, columns=columns).to_csv(
            folder / "codebook" / f"{name}.csv", index=False
        )
    for file in (folder / "responses").glob("*.csv"):
        file.unlink()
    rows.to_csv(folder / "responses" / f"{population}.csv", index=False)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """The survey and its first release, which every test begins with."""
    folder = tmp_path_factory.mktemp("released")
    write(folder, SPEC, people())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.DATA_VARIABLE, str(folder))
        assert main(["release", "--data", str(folder)]) == 0
    return folder


@pytest.fixture
def folder(released, tmp_path, monkeypatch):
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))
    return Path(shutil.copytree(released, tmp_path, dirs_exist_ok=True))


def questions(folder):
    return json.loads((folder / "release" / "cube.json").read_text())["questions"]


def uncured(folder):
    """Methods by which a release that forgets the earlier ones leaks, by question."""
    survey = load_survey(folder)
    rules = read_rules(folder / "codebook", survey.codebook)
    made = publishing._made(survey, rules, Earlier(), history.other_records(survey), lambda _: None)
    return {(leak.question, leak.method) for leak in made.report.leaks}


# What is renamed: each takes the names and the people, and returns both and the name of today


def renamed_key(held, old, new, value=None):
    return {new if k == old else k: (value or v) if k == old else v for k, v in held.items()}


def question_id(spec, rows):
    spec["questions"] = renamed_key(spec["questions"], "tea", "hot_drink")
    return rows.rename(columns={"tea": "hot_drink"}), "hot_drink"


def question_id_and_words(spec, rows):
    said = ("Cups", "Which of these is true of you?", "yn", {})
    spec["questions"] = renamed_key(spec["questions"], "tea", "hot_drink", said)
    return rows.rename(columns={"tea": "hot_drink"}), "hot_drink"


def question_words(spec, rows):
    spec["questions"]["tea"] = ("Cups", "Which of these is true of you?", "yn", {})
    return rows, "tea"


def option_code(spec, rows):
    spec["options"]["yn"] = renamed_key(spec["options"]["yn"], "yes", "y")
    return rows.replace({"tea": {"yes": "y"}}), "tea"


def option_code_and_words(spec, rows):
    spec["options"]["yn"] = renamed_key(spec["options"]["yn"], "yes", "y", "I do")
    return rows.replace({"tea": {"yes": "y"}}), "tea"


def all_options_and_question(spec, rows):
    spec["options"]["yn"] = {"a": "Never", "b": "Always", "c": "Hm"}
    rows = rows.replace({"tea": {"yes": "b", "no": "a", "unsure": "c"}})
    return question_id_and_words(spec, rows)


def options_merged(spec, rows):
    spec["options"]["yn"] = {"yes": "Yes", "other": "Anything else"}
    return rows.replace({"tea": {"no": "other", "unsure": "other"}}), "tea"


def options_split(spec, rows):
    spec["options"]["yn"] = {"strong": "Yes, strong", "weak": "Yes, weak"} | {
        k: v for k, v in spec["options"]["yn"].items() if k != "yes"
    }
    half = np.where(np.arange(len(rows)) % 2 > 0, "strong", "weak")
    return rows.assign(tea=rows["tea"].where(rows["tea"] != "yes", half)), "tea"


def codes_swapped(spec, rows):
    spec["options"]["yn"] = {"no": "Yes", "yes": "No", "unsure": "Not sure"}
    return rows.replace({"tea": {"yes": "no", "no": "yes"}}), "tea"


def population(spec, rows):
    spec["population"] = ("folk", "Folk")
    return rows, "tea"


def population_and_question(spec, rows):
    spec["population"] = ("folk", "Folk")
    return question_id_and_words(spec, rows)


def nothing(spec, rows):
    return rows, "tea"


RENAMED = [
    nothing, question_id, question_words, question_id_and_words, option_code,
    option_code_and_words, all_options_and_question, options_merged, options_split,
    codes_swapped, population, population_and_question,
]  # fmt: skip


def again(folder, rows, rename):
    """Write the second release's survey; returns its name of the question."""
    spec = deepcopy(SPEC)
    rows, name = rename(spec, rows)
    write(folder, spec, rows)
    return name


@pytest.mark.parametrize("rename", RENAMED, ids=lambda r: r.__name__)
def test_one_changed_answer_is_found_and_left_out_whatever_is_renamed(folder, capsys, rename):
    rows = people()
    first = rows.index[rows["tea"] == "yes"][0]
    rows.loc[first, "tea"] = "no"
    name = again(folder, rows, rename)
    assert (name, "earlier releases") in uncured(folder)
    assert main(["release", "--data", str(folder)]) == 0, capsys.readouterr()
    now = questions(folder)
    assert now[name]["levels"] == []
    assert "fewer than 10 people joined or changed" in now[name]["hidden"]
    others = {q for q in now if q != name}
    assert all(now[q]["levels"] for q in others), "the rest is shown as before"
    assert all({*now[q]["dimensions"]} == {*questions_before(folder)["town"]["dimensions"]}
               for q in others)  # fmt: skip
    if rename in (nothing, all_options_and_question, population_and_question):
        assert main(["audit", str(folder)]) == 0, capsys.readouterr()


def questions_before(folder):
    record = json.loads((folder / "responses" / "releases" / "0001.json").read_text())
    return record["cube"]["questions"]


@pytest.mark.parametrize("rename", RENAMED, ids=lambda r: r.__name__)
def test_a_renaming_alone_hides_nothing(folder, capsys, rename):
    name = again(folder, people(), rename)
    assert not uncured(folder)
    assert main(["release", "--data", str(folder)]) == 0, capsys.readouterr()
    assert all(q["levels"] for q in questions(folder).values())
    assert {*questions(folder)[name]["dimensions"]} == {
        *questions_before(folder)["tea"]["dimensions"]
    }


@pytest.mark.parametrize("words", [False, True])
def test_an_item_is_recognised_under_another_id(folder, capsys, words):
    rows = people()
    at = rows.index[rows["read.books"] == "daily"][0]
    rows.loc[at, "read.books"] = "never"
    spec = deepcopy(SPEC)
    label, wording, options, items = spec["questions"]["read"]
    items = renamed_key(items, "books", "novels", "Long stories" if words else None)
    spec["questions"]["read"] = (label, wording, options, items)
    write(folder, spec, rows.rename(columns={"read.books": "read.novels"}))
    assert ("read", "earlier releases") in uncured(folder)
    assert main(["release", "--data", str(folder)]) == 0, capsys.readouterr()
    now = questions(folder)["read"]
    assert [c["item"] for c in now["columns"]] == ["news", "post"]
    assert main(["audit", str(folder)]) == 0, capsys.readouterr()


def test_items_that_change_places_are_recognised(folder, capsys):
    """Each id now belongs to the label of another item."""
    rows = people()
    at = rows.index[rows["read.books"] == "daily"][0]
    rows.loc[at, "read.books"] = "never"
    spec = deepcopy(SPEC)
    label, wording, options, _ = spec["questions"]["read"]
    items = {"news": "Books", "books": "Letters", "post": "Newspapers"}
    spec["questions"]["read"] = (label, wording, options, items)
    turned = {"read.books": "read.news", "read.post": "read.books", "read.news": "read.post"}
    write(folder, spec, rows.rename(columns=turned))
    assert ("read", "earlier releases") in uncured(folder)
    assert main(["release", "--data", str(folder)]) == 0, capsys.readouterr()
    now = questions(folder)["read"]
    assert [c["item"] for c in now["columns"]] == ["books", "post"]


DIMENSIONS = {
    "nothing": ("region", "Region", {"north": "North", "south": "South"}),
    "id": ("part", "Region", {"north": "North", "south": "South"}),
    "id and words": ("part", "Part", {"north": "North", "south": "South"}),
    "bands": ("region", "Region", {"up": "North", "down": "South"}),
    "bands and words": ("region", "Region", {"up": "Upper", "down": "Lower"}),
    "everything": ("part", "Part", {"up": "Upper", "down": "Lower"}),
}


@pytest.mark.parametrize("moved", [True, False])
@pytest.mark.parametrize("kind", DIMENSIONS)
def test_one_who_moved_is_not_shown_by_a_renamed_dimension(folder, capsys, kind, moved):
    """Nobody changes an answer: only the groups differ."""
    rows = people()
    if moved:
        rows.loc[rows.index[rows["region"] == "north"][0], "region"] = "south"
    name, label, bands = DIMENSIONS[kind]
    spec = deepcopy(SPEC)
    spec["dimensions"] = renamed_key(spec["dimensions"], "region", name, (label, bands))
    codes = dict(zip(("north", "south"), bands, strict=True))
    write(folder, spec, rows.replace({"region": codes}).rename(columns={"region": name}))
    assert (("tea", "earlier releases") in uncured(folder)) == moved
    assert main(["release", "--data", str(folder)]) == 0, capsys.readouterr()
    now = questions(folder)
    assert all(q["levels"] for q in now.values())
    if moved:
        assert all(name not in q["dimensions"] for q in now.values())
        assert "compared with an earlier release" in now["tea"]["not_offered"][name]
    else:
        assert any(name in q["dimensions"] for q in now.values())
    if kind in ("nothing", "everything"):
        assert main(["audit", str(folder)]) == 0, capsys.readouterr()


@pytest.mark.parametrize("rename", [nothing, question_id_and_words, population_and_question])
def test_a_newcomer_is_not_shown(folder, capsys, rename):
    rows = pd.concat([people(), people(121).tail(1)], ignore_index=True)
    again(folder, rows, rename)
    assert {q for q, _ in uncured(folder)} >= {"town", "read"}
    before = (folder / "release" / "cube.json").read_bytes()
    assert main(["release", "--data", str(folder)]) == 1
    said = capsys.readouterr().err
    assert "nothing is left to show" in said
    assert "insights withdraw" in said
    assert (folder / "release" / "cube.json").read_bytes() == before


def test_many_newcomers_are_shown(folder):
    late = people(400, seed=9).assign(who=[f"late{k}" for k in range(400)])
    write(folder, SPEC, pd.concat([people(), late], ignore_index=True))
    assert not uncured(folder)
    assert main(["release", "--data", str(folder)]) == 0


# How often counts alone tell


def answered(shares, groups, draw):
    """Answers of each person by group, drawn independently."""
    return [draw.choice(len(shares), size, p=shares) for size in groups]


def cube_of(codes, people):
    """A question of a cube in groups g0, g1, …"""
    counts = [[int((of == k).sum()) for k in range(len(codes))] for of in people]
    names = [f"g{n}" for n in range(len(people))]
    size = sum(map(sum, counts))
    return {
        "population": "people", "respondents": size, "asked": size, "weighted": False,
        "dimensions": {"group": [{"id": g, "label": g, "bands": [g]} for g in names]},
        "columns": [{"item": "", "time": ""}], "hidden_columns": [], "options": codes,
        "levels": [{
            "dimensions": ["group"], "answers": [[c] for c in codes], "hidden": [],
            "groups": [
                {"groups": {"group": g}, "bases": [sum(n)], "n": [n]}
                for g, n in zip(names, counts, strict=True)
            ],
        }],
    }  # fmt: skip


def taken_for_the_same(before, now, codes, minimum=10):
    """Whether a reader takes question `old`, which is gone, for `new`, which appeared."""
    chosen = tuple(Option(c, c.upper()) for c in codes)
    book = codebook([question("new", option_set=chosen)], {"group": ["g0"]})
    old = {"cube": {"questions": {"old": cube_of(["x", "y", "z"][: len(codes)], before)}}}
    return bool(Matches(book, {"questions": {"new": cube_of(codes, now)}}, old, minimum).columns)


GROUPS = {40: (22, 18), 120: (50, 40, 30), 1000: (300, 400, 200, 100)}


@pytest.mark.parametrize("codes", [["x", "y", "z"], ["k", "l", "m"]], ids=["same", "other"])
@pytest.mark.parametrize("n", GROUPS)
def test_counts_tell_a_renamed_question_from_another(n, codes):
    """Of 200 pairs: renamed, one answer changed; another question of other, and of equal shares."""
    draw = np.random.default_rng(n)
    found = {"renamed": 0, "other shares": 0, "equal shares": 0}
    for _ in range(200):
        shares = draw.dirichlet((3, 3, 3))
        before = answered(shares, GROUPS[n], draw)
        changed = [of.copy() for of in before]
        changed[0][0] = (changed[0][0] + 1) % 3
        found["renamed"] += taken_for_the_same(before, changed, codes)
        other = answered(draw.dirichlet((3, 3, 3)), GROUPS[n], draw)
        found["other shares"] += taken_for_the_same(before, other, codes)
        equal = answered(shares, GROUPS[n], draw)
        found["equal shares"] += taken_for_the_same(before, equal, codes)
    rates = {kind: hits / 200 for kind, hits in found.items()}
    assert rates["other shares"] <= 0.06, rates
    assert rates["equal shares"] <= 0.2, rates
    assert rates["renamed"] >= (0.8 if n == 40 else 0.98), rates


@pytest.mark.parametrize(("came", "same"), [(11, True), (14, True), (15, False)])
def test_a_renamed_question_is_recognised_up_to_the_minimum_base(came, same):
    """With a minimum base of 15, up to 14 newcomers could be told apart from the others."""
    draw = np.random.default_rng(came)
    before = answered(np.array([0.5, 0.3, 0.2]), GROUPS[1000], draw)
    now = [*before[:-1], np.concatenate([before[-1], draw.choice(3, came)])]
    assert taken_for_the_same(before, now, ["k", "l", "m"], minimum=15) is same


@pytest.mark.parametrize(("label", "same"), [("Choice", True), ("Distance travelled", False)])
def test_a_question_of_hidden_counts_is_recognised_by_a_title_much_like_its_own(label, same):
    """One of 31 has left; all that pages show of either question is how many answered."""
    codes = ["k", "l", "m"]
    chosen = tuple(Option(c, c.upper()) for c in codes)
    new = question("choice_made", option_set=chosen)
    book = codebook([replace(new, label="Choices", wording="")], {"group": ["g0"]})
    words = {"label": label, "wording": "", "items": {}, "options": {c: c.upper() for c in codes}}
    was, now = (cube_of(codes, [np.arange(size) % 3]) for size in (31, 30))
    for one in (was, now):
        one["levels"][0]["groups"][0]["n"] = [[None, None, 0]]
    record = {"cube": {"questions": {"old": was}}, "words": {"questions": {"old": words}}}
    found = Matches(book, {"questions": {"choice_made": now}}, record).columns
    assert bool(found) is same


@pytest.mark.parametrize(("title", "same"), [("Ratings", True), ("Distance travelled", False)])
def test_a_renamed_item_of_a_question_is_recognised(title, same):
    """Of two items that are new, both could be it, and are compared."""
    codes = ["k", "l", "m"]
    chosen = tuple(Option(c, c.upper()) for c in codes)
    asked = question("ratings", kind="grid", items=("here", "there"), option_set=chosen)
    book = codebook([replace(asked, label="Ratings", wording="")], {"group": ["g0"]})
    options = {c: c.upper() for c in codes}
    words = {"label": title, "wording": "", "items": {"x": "Road"}, "options": options}
    was = cube_of(codes, [np.arange(60) % 3])
    was["columns"] = [{"item": "x", "time": ""}]
    was["levels"][0]["groups"][0]["n"] = [[None, 20, 20]]
    now = cube_of(codes, [np.arange(60) % 3])
    now["columns"] = [{"item": "here", "time": ""}, {"item": "there", "time": ""}]
    group = now["levels"][0]["groups"][0]
    group["bases"], group["n"] = [60, 60], [[None, 24, 16], [None, 19, 21]]
    record = {"cube": {"questions": {"old": was}}, "words": {"questions": {"old": words}}}
    found = Matches(book, {"questions": {"ratings": now}}, record).columns
    assert ((("ratings", 1), ("old", 0)) in found) is same


# An oracle


def margins(cube, names):
    """Every count that a cube gives, in names of the first release: all margins of all levels.

    `names` are earlier names of questions, options and bands. Indexed by question, item,
    dimensions, group and answers.
    """
    rows = []
    for name, asked in cube.items():
        columns = [column["item"] for column in asked["columns"]]
        for level in asked["levels"]:
            answers = ["+".join(sorted(names.get(c, c) for c in a)) for a in level["answers"]]
            for group in level["groups"]:
                for size in range(len(level["dimensions"]) + 1):
                    for by in combinations(level["dimensions"], size):
                        ids = [group["groups"][d] for d in by]
                        key = "|".join(names.get(one, one) for one in ids)
                        for item, counts in zip(columns, group["n"], strict=True):
                            said = zip(answers, counts or (), strict=False)
                            place = (names.get(name, name), item, "|".join(by), key)
                            rows += [(*place, "|".join(level["dimensions"]), a, n) for a, n in said]
    index = ["question", "item", "by", "group", "level", "answer"]
    frame = pd.DataFrame(rows, columns=[*index, "n"]).astype({"n": float})
    sums = frame.groupby(index)["n"].agg(lambda n: n.sum(skipna=False)).dropna()
    return sums.groupby(["question", "item", "by", "group", "answer"]).first()


def few_moved(before, now):
    """Whether 1 to 9 came, went or changed, per question, item and group that both show."""
    both = pd.concat([before, now], axis=1, keys=["before", "now"]).dropna()
    step = (both["now"] - both["before"]).groupby(level=[0, 1, 2, 3])
    moved = np.maximum(step.agg(lambda s: s[s > 0].sum()), step.agg(lambda s: -s[s < 0].sum()))
    return moved.between(1, 9)


@pytest.mark.parametrize("profile", ["standard", "strict"])
@pytest.mark.parametrize("seed", range(4))
def test_no_two_releases_reveal_a_few_people(tmp_path, monkeypatch, capsys, seed, profile):
    """A few change answers or groups, names change: no count that both show differs by 1 to 9."""
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))
    draw = np.random.default_rng(seed)
    rows, spec = people(300, seed), deepcopy(SPEC)
    write(tmp_path, spec, rows)
    (tmp_path / "codebook" / "release.yml").write_text(f"profile: {profile}\n")
    assert main(["release", "--data", str(tmp_path)]) == 0
    first = margins(questions(tmp_path), {})
    for column in draw.choice([*COLUMNS, "region", "age"], 2, replace=False):
        rows.loc[draw.choice(300, 3, replace=False), column] = (
            rows[column].sample(3, random_state=seed).to_numpy()
        )
    rows = rows.replace({"tea": {"yes": "y"}, "region": {"north": "up"}})
    rows = rows.rename(columns={"town": "place"})
    spec["options"]["yn"] = renamed_key(spec["options"]["yn"], "yes", "y")
    spec["questions"] = renamed_key(spec["questions"], "town", "place")
    spec["dimensions"]["region"] = ("Region", {"up": "North", "south": "South"})
    write(tmp_path, spec, rows)
    names = {"y": "yes", "place": "town", "up": "north"}
    survey = load_survey(tmp_path)
    forgetful = build_cube(survey, read_rules(tmp_path / "codebook", survey.codebook))
    assert few_moved(first, margins(forgetful["questions"], names)).any(), "a control"
    assert main(["release", "--data", str(tmp_path)]) == 0, capsys.readouterr()
    now = margins(questions(tmp_path), names)
    assert len(first.index.intersection(now.index)) > 5, "something is shown again"
    assert not few_moved(first, now).any()


def test_two_similar_questions_that_stay_are_no_leak(tmp_path, monkeypatch):
    """Two questions that differ by one answer are not compared with each other."""
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))
    spec = deepcopy(SPEC)
    spec["questions"]["coffee"] = ("Coffee", "Do you drink coffee?", "yn", {})
    rows = people()
    rows["coffee"] = rows["tea"].sample(frac=1, random_state=1).to_numpy()
    write(tmp_path, spec, rows)
    assert main(["release", "--data", str(tmp_path)]) == 0
    spec["population"] = ("folk", "Folk")
    write(tmp_path, spec, rows)
    assert not uncured(tmp_path)
