"""The profile strict: what it shows, held against every table that agrees with what is shown."""

import json
from itertools import combinations

import numpy as np
import pytest

from every_question import prepare
from helpers.codebook.model import Kind, Missing, Option, Question
from helpers.present.key_answers import positive
from helpers.release import unions
from helpers.release.protect import rounding
from helpers.release.protect.mergers import candidates, merged
from helpers.release.protect.small_counts import (
    BreakdownCounts,
    HiddenCounts,
    ProtectedCount,
    in_a_circle,
    inferred,
    may_be_harmless,
)
from helpers.release.unions import shown
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow

FIVE = tuple(Option(c, c.upper(), n) for n, c in enumerate("abcde", 1))
SCALE = Question("q", "people", Kind.SINGLE, "Q", "", FIVE)


def everything(n, shown):
    """Every table of whole numbers, options by two dimensions, that agrees with what is shown."""
    every = (np.array(counts).reshape(n.shape) for counts in parts(int(n.sum()), n.size))
    true = [summed(n, *facts) for facts in shown]
    return [t for t in every if [summed(t, *facts) for facts in shown] == true]


def summed(n, axes, blocks):
    """Sums of the options of each block by groups of some axes."""
    away = tuple(axis for axis in (1, 2) if axis - 1 not in axes)
    by_group = n.sum(axis=away)
    return [by_group[list(block)].sum(axis=0).tolist() for block in blocks]


def parts(total, count):
    """Every way of writing a total as an ordered sum of `count` whole numbers."""
    if count == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in parts(total - first, count - 1):
            yield (first, *rest)


def given_away(n, shown):
    """Counts of 1 or 2, and of nearly everybody, that all tables agree on: found by trying all."""
    tables = everything(n, shown)
    options = range(n.shape[0])
    for axis in (1, 2):
        by_group = [table.sum(axis=3 - axis) for table in tables]
        true = n.sum(axis=3 - axis)
        for size in range(1, n.shape[axis] + 1):
            for union in map(list, combinations(range(n.shape[axis]), size)):
                base = int(true[:, union].sum())
                for chosen in (c for k in options for c in combinations(options, k) if k):
                    held = int(true[np.ix_(chosen, union)].sum())
                    counts = {int(t[np.ix_(chosen, union)].sum()) for t in by_group}
                    near = {base - 2, base - 1, base}
                    if held in (1, 2) and counts <= {1, 2}:
                        return True
                    if len(chosen) == 1 and base - 2 <= held < base and counts <= near:
                        return True
    return False


@pytest.mark.parametrize("seed", range(40))
def test_what_can_be_inferred_is_what_trying_every_table_finds(seed):
    """Two breakdowns, each alone: every table of both dimensions is tried."""
    random = np.random.default_rng(seed)
    options = int(random.integers(2, 4))
    n = random.multinomial(int(random.integers(3, 7)), np.full(options * 4, 1 / options / 4))
    n = n.reshape(options, 2, 2)
    fine = tuple((o,) for o in range(options))
    coarse = ((0, 1), *((o,) for o in range(2, options)))
    ways = [(), coarse, fine]
    said = {
        (): ways[1 + int(random.integers(2))],
        ("a",): ways[int(random.integers(3))],
        ("b",): ways[int(random.integers(3))],
    }
    counts = {(): n.sum(axis=(1, 2)), ("a",): n.sum(axis=2), ("b",): n.sum(axis=1)}
    axes = {(): (), ("a",): (0,), ("b",): (1,)}
    every = (tuple(range(options)),)  # bases are known
    shown = [(axes[d], (*blocks, *every)) for d, blocks in said.items()]
    known = BreakdownCounts({d: of.astype(np.int64) for d, of in counts.items()})
    assert inferred(known, said, list(range(options))) == given_away(n, shown)


def test_a_count_that_sums_give_is_known_without_an_integer_program(monkeypatch):
    """Six chose the first or second answer, four the first: two the second; of the others, any."""
    known = BreakdownCounts({(): np.array([4, 2, 5, 1])})
    system = HiddenCounts(
        known, [np.array(row) for row in ([1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0])]
    )
    monkeypatch.setattr(HiddenCounts, "extreme", lambda *_: pytest.fail("solved"))
    assert not may_be_harmless(system, [known.truth], ProtectedCount(np.array([0, 1, 0, 0]), 1, 2))
    monkeypatch.undo()
    assert may_be_harmless(system, [known.truth], ProtectedCount(np.array([0, 0, 0, 1]), 1, 2))


def test_breakdowns_that_form_a_circle_are_recognised():
    ab, bc, ca, abc, cd = ("a", "b"), ("b", "c"), ("a", "c"), ("a", "b", "c"), ("c", "d")
    assert in_a_circle([(), ab, bc, ca])
    assert in_a_circle([ab, bc, cd, ("a", "d")])
    assert in_a_circle([("x",), ab, bc, ca, cd])
    assert not in_a_circle([ab, bc, ca, abc])
    assert not in_a_circle([(), ("a",), ("b",), ab, bc, cd, ("e",)])
    assert not in_a_circle([])


def test_five_points_become_three_and_dont_know_is_merged():
    ways = candidates(SCALE, np.ones(5))
    assert ways[0] == ((0,), (1,), (2,), (3,), (4,))
    assert next(w for w in ways if len(w) == 3) == ((0, 1), (2,), (3, 4))
    upper = {3, 4}
    assert all(set(b) <= upper or not set(b) & upper for w in ways if len(w) > 2 for b in w)
    unsure = Option("dk", "Don't know", None, Missing.DONT_KNOW)
    asked = Question("q", "p", Kind.SINGLE, "Q", "", (*FIVE[:2], unsure), base="x")
    assert ((0,), (1, 2)) in candidates(asked, np.ones(3))
    boxes = Question("q", "p", Kind.MULTIPLE, "Q", "", (Option("1", "T", 1), Option("0", "N", 0)))
    assert candidates(boxes, np.ones(2)) == [((0,), (1,))]


def test_merged_answers_keep_the_middle_and_the_upper_end_of_their_scale():
    joined = merged(SCALE, [["a", "b"], ["c"], ["d"], ["e"]])
    assert [o.label for o in joined.options] == ["A or b", "C", "D", "E"]
    assert [o.score for o in joined.options] == [1, 3, 4, 5]
    assert positive(joined) == positive(SCALE) == ("d", "e")
    assert positive(merged(SCALE, [["a", "b"], ["c"], ["d", "e"]])) == ("d+e",)
    assert merged(SCALE, [[c] for c in "abcde"]) is SCALE


def survey_of(
    folder, rows, header="sex,region,q", rules="profile: strict\n", asked="", options="abcde"
):
    """Write a survey of one five-point question, perhaps routed, and read it."""
    for part in ("codebook", "responses"):
        (folder / part).mkdir(exist_ok=True)
    (folder / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: illustrative\npopulations: {people: {}}\ndimensions:\n"
        "  sex: {bands: [m, f], source: {people: sex}}\n"
        "  region: {bands: [r, s, t], source: {people: region}}\n"
    )
    gate = "used,people,single,yn,\n" if asked else ""
    (folder / "codebook" / "questions.csv").write_text(
        f"id,population,kind,option_set,asked_if\n{gate}q,people,single,five,{asked}\n"
    )
    scale = "".join(f"five,{c},{n}\n" for n, c in enumerate(options, 1))
    (folder / "codebook" / "options.csv").write_text(f"set,code,score\nyn,yes,\nyn,no,\n{scale}")
    (folder / "codebook" / "release.yml").write_text(rules)
    (folder / "responses" / "people.csv").write_text("\n".join([header, *rows]) + "\n")
    return load_survey(folder)


def rows_of(n, sexes="mf", regions="rst"):
    """Rows of respondents: n[option][sex][region] of each."""
    return [
        f"{s},{r},{o}"
        for o, by_sex in zip("abcde", n, strict=False)
        for s, by_region in zip(sexes, by_sex, strict=True)
        for r, count in zip(regions, by_region, strict=True)
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("cure", ["merge", "rounding"])
def test_no_small_count_is_shown_or_is_left_over_by_subtraction(tmp_path, seed, cure):
    """Two dimensions, skewed answers: sums and differences of all shown counts are 0 or 3 up."""
    random = np.random.default_rng(seed)
    n = random.poisson(random.choice([0.5, 2, 6], (5, 1, 1)), (5, 2, 3)) + (seed % 3 == 0)
    survey = survey_of(tmp_path, rows_of(n), rules=f"profile: strict\ncure: {cure}\n")
    made = prepare(survey)
    assert made.report.leaks == ()
    question = made.cube["questions"]["q"]
    for level in question["levels"]:
        for group in level["groups"]:
            for count in (c for c in group["n"][0] if c is not None):
                if cure == "rounding":
                    assert count % 3 == 0
                else:
                    base = group["bases"][0]
                    assert count == 0 or 3 <= count <= base - 3 or count == base
    if cure == "merge" and n.sum() >= 60:
        assert question["levels"], "something can be shown of sixty people"


def test_fewer_dimensions_show_finer_answers(tmp_path):
    """Everybody's five answers are large enough; those of each sex only as three."""
    n = [
        [[2, 2, 2], [1, 0, 0]],
        [[4, 4, 4], [4, 4, 4]],
        [[3, 3, 3]] * 2,
        [[3, 3, 3]] * 2,
        [[3] * 3] * 2,
    ]
    survey = survey_of(tmp_path, rows_of(n), rules="profile: strict\ndimensions: [sex]\n")
    levels = prepare(survey).cube["questions"]["q"]["levels"]
    assert [level["dimensions"] for level in levels] == [[], ["sex"]]
    assert levels[0]["answers"] == [["a"], ["b"], ["c"], ["d"], ["e"]]
    assert levels[1]["answers"] == [["a", "b"], ["c"], ["d"], ["e"]]
    question = survey.question("q")
    cube = prepare(survey).cube["questions"]["q"]
    table = unions.table_of(
        unions.rows_of(shown(question, cube, {"sex": ("f",)}), cube, {"sex": ("f",)})
    )
    assert table["option"].tolist() == ["a+b", "c", "d", "e"]
    assert table["estimate"].tolist() == pytest.approx([13 / 40, 9 / 40, 9 / 40, 9 / 40])


def test_who_skipped_a_routed_question_is_not_left_over(tmp_path):
    """Of 30 users two skip what only users are asked: shown, the bases would tell of them."""
    rows = ["m,r,no,"] * 12 + ["m,r,yes,not_answered"] * 2
    rows += [f"m,r,yes,{c}" for c in "abcde" for _ in range(6)]
    rows = [row.replace(",no,", ",no,not_asked") for row in rows]
    for skipped, there in ((2, False), (3, True)):
        more = ["m,r,yes,not_answered"] * (skipped - 2)
        survey = survey_of(
            tmp_path, rows + more, "sex,region,used,q", "profile: strict\n", "used = yes"
        )
        made = prepare(survey)
        assert bool(made.cube["questions"]["q"]["levels"]) is there
        assert made.cube["questions"]["used"]["levels"]
        assert made.report.leaks == ()


@pytest.mark.parametrize("profile", ["standard", "strict"])
def test_being_asked_does_not_reveal_a_unanimous_answer(tmp_path, profile):
    rows = [f"m,r,yes,{c}" for c in "abcde" for _ in range(6)]
    survey = survey_of(tmp_path, rows, "sex,region,used,q", f"profile: {profile}\n", "used = yes")
    questions = prepare(survey).cube["questions"]
    assert not questions["used"]["levels"]
    assert not questions["q"]["levels"]
    assert questions["q"]["asked"] is None


def test_rounded_counts_are_neighbouring_threes_and_their_sums_near():
    random = np.random.default_rng(7)
    for _ in range(60):
        n = random.integers(0, 12, (int(random.integers(2, 6)), 2, 3))
        near = rounding.rounded({("a", "b"): n}, 10)["a", "b"]
        assert (near % 3 == 0).all()
        assert (abs(near - n) < 3).all()
        assert (near[n % 3 == 0] == n[n % 3 == 0]).all()
        for axes in ((0,), (1,), (2,), (1, 2), (0, 1, 2)):
            assert (abs(near.sum(axis=axes) - n.sum(axis=axes)) <= 3).all()


def test_rounded_breakdowns_add_up_alike_and_keep_the_minimum():
    random = np.random.default_rng(8)
    alike = 0
    for _ in range(60):
        n = random.integers(0, 12, (int(random.integers(2, 6)), 3, 4))
        true = {(): n.sum(axis=(1, 2)), ("a",): n.sum(axis=2), ("b",): n.sum(axis=1)}
        near = rounding.rounded(true, 10)
        for breakdown, counts in near.items():
            assert (counts % 3 == 0).all()
            if breakdown:  # those of everybody are sums of the others
                assert (abs(counts - true[breakdown]) < 3).all()
                low = true[breakdown].sum(axis=0) >= 10
                assert (counts.sum(axis=0)[low] >= 10).all()
        assert (near[()] == near["a",].sum(axis=1)).all()
        alike += (near[()] == near["b",].sum(axis=1)).all()
    assert alike >= 57, "in nearly all cases both add up to the same"


def test_rounding_shows_nothing_where_all_but_two_agree():
    assert rounding.showable(np.array([[5], [5]]), [0, 1])
    assert rounding.showable(np.array([[3], [20]]), [0, 1])
    assert not rounding.showable(np.array([[2], [20]]), [0, 1])
    assert not rounding.showable(np.array([[20], [0]]), [0])
    assert rounding.showable(np.array([[0], [20]]), [0]), "nobody ticking a box is no leak"


def test_hidden_columns_are_named_and_never_zero(tmp_path):
    """A box that one of 15 women ticked is hidden for each sex; the reason names no count."""
    (tmp_path / "codebook").mkdir()
    (tmp_path / "responses").mkdir()
    (tmp_path / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: illustrative\npopulations: {people: {}}\n"
        "dimensions: {sex: {bands: [m, f], source: {people: sex}}}\n"
    )
    (tmp_path / "codebook" / "questions.csv").write_text(
        "id,population,kind\nwhy,people,multiple\n"
    )
    (tmp_path / "codebook" / "items.csv").write_text("question,item,label\nwhy,x,Ex\nwhy,y,Why\n")
    (tmp_path / "codebook" / "release.yml").write_text("profile: strict\n")
    rows = [f"{s},{int(k < (6 if s == 'm' else 1))},{k % 2}" for s in "mf" for k in range(15)]
    (tmp_path / "responses" / "people.csv").write_text("\n".join(["sex,why.x,why.y", *rows]) + "\n")
    made = prepare(load_survey(tmp_path))
    assert made.report.leaks == ()
    page = json.loads(
        next(t for n, t in made.files.items() if n.startswith("views/") and "index" not in n)
    )
    views = page["questions"][0]["views"]
    assert views["|sex=*"].get("hidden") is None
    for key in ("|sex=m", "|sex=f", "sex|sex=*"):
        assert views[key]["hidden"] == [
            "Not shown for this selection, to protect confidentiality (hidden, not zero): Ex."
        ]
        hidden = [row for row in views[key]["rows"] if row[0] == "Ex"]
        assert hidden and all(row[-4:] == ["hidden"] * 4 for row in hidden)
        assert "Ex" not in views[key]["sentence"]


@pytest.mark.parametrize("profile", ["standard", "strict"])
@pytest.mark.parametrize(("others", "there"), [(0, False), (4, True)])
def test_boxes_nobody_ticked_do_not_reveal_a_hidden_box(tmp_path, profile, others, there):
    """All 20 ticked x, which is hidden; where nobody ticked y, that says what x was."""
    for part in ("codebook", "responses"):
        (tmp_path / part).mkdir()
    (tmp_path / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: illustrative\npopulations: {people: {}}\n"
    )
    (tmp_path / "codebook" / "questions.csv").write_text(
        "id,population,kind\nwhy,people,multiple\n"
    )
    (tmp_path / "codebook" / "items.csv").write_text("question,item\nwhy,x\nwhy,y\n")
    (tmp_path / "codebook" / "release.yml").write_text(f"profile: {profile}\n")
    rows = [f"1,{int(k < others)}" for k in range(20)]
    (tmp_path / "responses" / "people.csv").write_text("\n".join(["why.x,why.y", *rows]) + "\n")
    made = prepare(load_survey(tmp_path))
    assert made.report.leaks == ()
    assert bool(made.cube["questions"]["why"]["levels"]) is there
