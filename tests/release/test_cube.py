"""Atoms and the protected cube: no group below the minimum base, nothing that a rule forbids."""

import json
from functools import cache
from itertools import combinations, product

import pytest

from every_question import prepare
from helpers import paths
from helpers.cli import main
from helpers.errors import SurveyProblems
from helpers.estimation.estimates import proportion
from helpers.release import store
from helpers.release.cube import build_cube
from helpers.release.rules import read_rules
from helpers.release.unions import rows_of, table_of
from helpers.responses.survey import load_survey
from places import CYCLING

pytestmark = pytest.mark.slow


def survey_of(tmp_path, groups, yes, rules="minimum_base: 10\n"):
    """Write a survey of one question whose groups have `groups` people, `yes` of them say yes."""
    for part in ("codebook", "responses"):
        (tmp_path / part).mkdir(exist_ok=True)
    bands = ", ".join(f"g{n}: Group {n}" for n in range(len(groups)))
    (tmp_path / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: illustrative\npopulations: {people: {}}\n"
        f"dimensions: {{group: {{bands: {{{bands}}}, source: {{people: group}}}}}}\n"
    )
    (tmp_path / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\nq,people,single,yn\n"
    )
    (tmp_path / "codebook" / "options.csv").write_text("set,code\nyn,yes\nyn,no\n")
    (tmp_path / "codebook" / "release.yml").write_text(rules)
    rows = [
        f"g{g},{'yes' if i < y else 'no'}"
        for g, (n, y) in enumerate(zip(groups, yes, strict=True))
        for i in range(n)
    ]
    (tmp_path / "responses" / "people.csv").write_text("\n".join(["group,q", *rows]) + "\n")
    survey = load_survey(tmp_path)
    return survey, build_cube(survey, read_rules(tmp_path / "codebook", survey.codebook))


def written(folder, header, rows, questions, dimensions, rules="minimum_base: 10\n"):
    """Write a survey of yes-no questions to one population, and release it."""
    for part in ("codebook", "responses"):
        (folder / part).mkdir()
    listed = "".join(
        f"  {d}: {{bands: [{', '.join(bands)}], source: {{people: {d}}}}}\n"
        for d, bands in dimensions.items()
    )
    (folder / "codebook" / "survey.yml").write_text(
        f"title: T\nprovenance: illustrative\npopulations: {{people: {{}}}}\ndimensions:\n{listed}"
    )
    (folder / "codebook" / "questions.csv").write_text(
        f"id,population,kind,option_set,asked_if\n{questions}"
    )
    (folder / "codebook" / "options.csv").write_text("set,code\nyn,yes\nyn,no\n")
    (folder / "codebook" / "release.yml").write_text(rules)
    (folder / "responses" / "people.csv").write_text("\n".join([header, *rows]) + "\n")
    survey = load_survey(folder)
    return survey, build_cube(survey, read_rules(folder / "codebook", survey.codebook))


def offered(cube):
    return [g["bands"] for g in cube["questions"]["q"]["dimensions"].get("group", [])]


@pytest.mark.parametrize(
    ("groups", "yes", "atoms"),
    [
        ((9, 30), (4, 10), []),
        ((10, 30), (4, 10), [["g0"], ["g1"]]),
        ((11, 30), (4, 10), [["g0"], ["g1"]]),
        ((5, 11, 20), (2, 5, 9), [["g0", "g1"], ["g2"]]),
        ((20, 5, 5, 20), (9, 2, 2, 9), [["g0"], ["g1", "g2"], ["g3"]]),
        ((0, 20, 20), (0, 9, 9), [["g1"], ["g2"]]),  # nobody is in the first band
        ((20, 20), (20, 9), []),  # a unanimous group
        ((20, 20), (19, 9), []),  # all but one: that it is not offered proves nothing
        ((20, 20), (18, 9), [["g0"], ["g1"]]),
        ((20, 20, 20), (0, 9, 9), [["g0", "g1"], ["g2"]]),
    ],
)
def test_bands_are_merged_until_each_group_may_be_shown(tmp_path, groups, yes, atoms):
    assert offered(survey_of(tmp_path, groups, yes)[1]) == atoms


def test_the_owner_may_allow_unanimous_groups(tmp_path):
    rules = "minimum_base: 10\nallow_unanimous: true\n"
    assert offered(survey_of(tmp_path, (20, 20), (20, 9), rules)[1]) == [["g0"], ["g1"]]


def test_each_dimension_keeps_its_own_groups(tmp_path):
    """20 men and 20 women, evenly in four regions: each alone, and not crossed."""
    rows = [f"{s},{r},{'yes' if n % 2 else 'no'}" for s in "mf" for r in "abcd" for n in range(5)]
    survey, cube = written(
        tmp_path, "sex,region,q", rows, "q,people,single,yn,\n", {"sex": "mf", "region": "abcd"}
    )
    question = cube["questions"]["q"]
    groups = {d: [g["bands"] for g in gs] for d, gs in question["dimensions"].items()}
    assert groups == {"sex": [["m"], ["f"]], "region": [["a"], ["b"], ["c"], ["d"]]}
    assert [level["dimensions"] for level in question["levels"]] == [[], ["sex"], ["region"]]


def test_a_routed_question_has_no_smaller_groups_than_its_gate(tmp_path):
    """Band b holds 4 users of whom 2 answer on; apart, each question would merge it elsewhere."""
    rows = []
    for band, no, yes_no, yes_yes in (("a", 100, 60, 40), ("b", 0, 2, 2), ("c", 150, 4, 4)):
        rows += [f"{band},no,"] * no + [f"{band},yes,no"] * yes_no + [f"{band},yes,yes"] * yes_yes
    _, cube = written(
        tmp_path,
        "group,used,often",
        rows,
        "used,people,single,yn,\noften,people,single,yn,used = yes\n",
        {"group": "abc"},
    )
    used, often = (cube["questions"][q]["dimensions"].get("group", []) for q in ("used", "often"))
    gates = [set(group["bands"]) for group in used]
    for group in often:
        held = [gate for gate in gates if gate & set(group["bands"])]
        assert set().union(*held) == set(group["bands"])


def test_a_group_that_routing_leaves_out_is_not_shown_as_empty(tmp_path):
    """None of the 12 in band b was asked: a base of 0 would tell that of each of them."""
    rows = [
        f"{g},{u},{'' if u == 'no' else 'yes' if n % 2 else 'no'}"
        for g, u in (("a", "yes"), ("b", "no"), ("c", "yes"))
        for n in range(12)
    ]
    _, cube = written(
        tmp_path,
        "group,used,often",
        rows,
        "used,people,single,yn,\noften,people,single,yn,used = yes\n",
        {"group": "abc"},
        "pages: {p: {questions: [often]}}\n",
    )
    often = cube["questions"]["often"]
    assert all(sum(column) >= 10 for atom in often["levels"][0]["groups"] for column in atom["n"])


@pytest.mark.parametrize("groups", [(4, 5), (9, 0)])
def test_fewer_than_the_minimum_are_not_shown_at_all(tmp_path, groups):
    _, cube = survey_of(tmp_path, groups, (2, 0))
    question = cube["questions"]["q"]
    assert question["hidden"]
    assert question["columns"] == []
    assert question["levels"] == []
    assert question["asked"] is None


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("minimum_base: 9\n", "10 or more"),
        ("minimum_bas: 10\n", 'Did you mean "minimum_base"?'),
        ("profile: stric\n", "standard"),
        ("cure: rounding\n", "strict"),
        ("dimensions: [grup]\n", "group"),
        ("pages: {p: {questions: [x]}}\n", "ids of questions.csv"),
    ],
)
def test_an_unknown_rule_is_refused(tmp_path, rules, said):
    with pytest.raises(SurveyProblems) as error:
        survey_of(tmp_path, (20, 20), (9, 9), rules)
    assert said in str(error.value)


@cache
def cube_of(folder):
    """Return a survey and its cube."""
    survey = load_survey(folder)
    return survey, build_cube(survey, read_rules(survey.folder / "codebook", survey.codebook))


@pytest.mark.parametrize("folder", [None, CYCLING], ids=["own", "cycling"])
def test_no_combination_of_released_views_separates_fewer_than_ten(folder):
    """Every atom of every column is empty or holds ten; unions of atoms can only be larger."""
    _, cube = cube_of(folder)
    seen = 0
    for question in cube["questions"].values():
        for atom in (g for level in question["levels"] for g in level["groups"]):
            for base in atom["bases"]:
                assert base == 0 or base >= 10
                seen += 1
    assert seen > 50


def test_unweighted_shares_from_the_cube_equal_those_from_responses():
    survey, cube = cube_of(None)
    for name, question in cube["questions"].items():
        for chosen in ({}, {"organisation_size": ("smaller",)}):
            if not chosen.keys() <= question["dimensions"].keys():
                continue
            released = table_of(rows_of(survey.question(name), question, chosen))
            where = {k: list(v) for k, v in chosen.items()}
            live = proportion(survey, name, where=where)
            for column in ("estimate", "n", "n_effective", "ci_low", "ci_high"):
                assert released[column].tolist() == pytest.approx(live[column].tolist(), abs=1e-12)


def test_weighted_shares_from_the_cube_are_near_those_from_responses():
    survey, cube = cube_of(CYCLING)
    for name, question in cube["questions"].items():
        released = table_of(rows_of(survey.question(name), question, {}))
        live = proportion(survey, name)
        assert released["n"].tolist() == live["n"].tolist()
        assert released["estimate"].tolist() == pytest.approx(live["estimate"].tolist(), abs=0.01)


def test_no_sum_of_weights_is_released():
    _, cube = cube_of(CYCLING)
    for question in cube["questions"].values():
        for atom in (g for level in question["levels"] for g in level["groups"]):
            assert all(round(s, 2) == s for shown in atom["shares"] for s in shown if s is not None)
            assert all(round(w, 3) == w for w in atom["weight"])


def test_a_release_is_byte_identical_and_says_what_it_is(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(paths.DATA_VARIABLE, str(CYCLING))
    survey, _ = survey_of(tmp_path, (20, 20), (9, 9))
    assert main(["release", "--data", str(tmp_path)]) == 0
    first = store.read(tmp_path / "release")
    assert "written" in capsys.readouterr().out
    assert main(["release", "--data", str(tmp_path)]) == 0
    assert "unchanged" in capsys.readouterr().out
    assert store.read(tmp_path / "release") == first
    manifest = json.loads(first["manifest.json"])
    assert manifest["fingerprint"] == survey.fingerprint
    assert set(manifest["files"]) == set(first) - {"manifest.json"}
    assert not list(tmp_path.glob(".release*"))


@pytest.fixture(scope="module")
def fresh():
    """Every file of a release of the illustrative data, made now."""
    return prepare(load_survey()).files


def test_the_committed_release_is_the_one_that_the_illustrative_data_give(fresh):
    if json.loads((paths.RELEASE / "manifest.json").read_text())["provenance"] == "private":
        pytest.skip("data/release holds a release of private responses")
    assert store.read(paths.RELEASE) == fresh, "run `make release` and commit data/release"


def test_private_responses_are_released_only_by_an_explicit_act(tmp_path, monkeypatch, capsys):
    survey_of(tmp_path, (20, 20), (9, 9))
    outline = tmp_path / "codebook" / "survey.yml"
    outline.write_text(outline.read_text().replace("illustrative", "private"))
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))
    assert main(["release"]) == 1
    assert "insights release --data" in capsys.readouterr().err
    assert not (tmp_path / "release").exists()
    assert main(["dashboards", "--port", "0"]) == 1
    assert "Make one first" in capsys.readouterr().err
    assert main(["release", "--data", str(tmp_path)]) == 0


def test_every_view_a_reader_can_choose_is_there(fresh):
    cube = json.loads(fresh["cube.json"])
    for question in json.loads(fresh["views/measurement.json"])["questions"]:
        filters = question["filters"]
        shown = [{*level["dimensions"]} for level in cube["questions"][question["id"]]["levels"]]
        together = not question["single_select"]
        for compare in ("", *filters):
            parts = []
            for dimension, groups in filters.items():
                ids = [g["id"] for g in groups]
                sizes = range(1, len(ids)) if together else (1,)
                unions = [",".join(c) for n in sizes for c in combinations(ids, n)]
                parts.append(
                    [f"{dimension}=*"]
                    if dimension == compare
                    else [f"{dimension}={u}" for u in ("*", *unions)]
                )
            for key in product(*parts):
                used = {d for d, part in zip(filters, key, strict=True) if not part.endswith("*")}
                if not any(used | {*filter(None, [compare])} <= level for level in shown):
                    assert f"{compare}|{'|'.join(key)}" not in question["views"]
                    continue
                view = question["views"][f"{compare}|{'|'.join(key)}"]
                assert view["sentence"].startswith("Simulated: ")
                assert len(view["values"]) == len(question["figures"][view["figure"]]["data"])
                assert all(len(r) == len(question["columns"][view["figure"]]) for r in view["rows"])
