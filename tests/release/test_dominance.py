"""Nobody's answer follows from a weighted share: what is hidden, and what the audit finds."""

import json
import tracemalloc
from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from every_question import prepare
from helpers.pages import publishing
from helpers.release.attack.audit import audit
from helpers.release.attack.known_weights import Persons, _KnownSums, _Sought
from helpers.release.protect import dominance, protection
from helpers.release.protect.known_weights import KnownWeights
from helpers.release.rules import read_rules
from helpers.responses.survey import load_survey


def survey_of(folder, people, rules="", *, organisation=""):
    """Write a survey of (area, weight, answer, firm): one question of three answers."""
    firm = f", organisation: {organisation}" if organisation else ", other_columns: [firm]"
    files = {
        "codebook/survey.yml": "title: T\nprovenance: public\npopulations:\n"
        f"  people: {{label: People, id: id, weight: w{firm}}}\n"
        "dimensions: {area: {bands: {a: A, b: B, c: C}, source: {people: area}}}\n",
        "codebook/questions.csv": "id,population,kind,label,option_set\nq,people,single,Q,set\n",
        "codebook/options.csv": "set,code,label\nset,yes,Yes\nset,no,No\nset,may,Perhaps\n",
        "codebook/release.yml": f"pages: {{t: {{title: All, questions: [q]}}}}\n{rules}",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "responses").mkdir()
    table = pd.DataFrame(people, columns=["area", "w", "q", "firm"])
    table.insert(0, "id", range(len(table)))
    table.to_csv(folder / "responses" / "people.csv", index=False)
    return load_survey(folder)


def of(area, *answers, firms=None):
    """People of an area: (how many, weight, answer)."""
    rows = [(area, w, answer) for n, w, answer in answers for _ in range(n)]
    return [(*row, f"{area}{k // (firms or 1)}") for k, row in enumerate(rows)]


# One of area A holds 40% of its weight (26 of 65) and says no: yes is 32%, no 55%, perhaps 12%.
HEAVY = of("a", (1, 26, "no"), (10, 1, "no"), (21, 1, "yes"), (8, 1, "may"))
OTHERS = [
    *of("b", (20, 1, "no"), (20, 1, "yes"), (20, 1, "may")),
    *of("c", (30, 1, "no"), (25, 1, "yes"), (30, 1, "may")),
]


def shown(made):
    """Return the shares shown of each area, by answer; hidden ones are None."""
    view = next(q for q in json.loads(made.files["views/t.json"])["questions"])["views"]
    rows = view["area|area=*"]["rows"]
    return {(row[0], row[1]): None if row[2] == "hidden" else row[2] for row in rows}


def methods(made):
    return {leak.method for leak in made.report.leaks}


def unguarded(monkeypatch):
    monkeypatch.setattr(protection, "without_dominated", lambda survey, rules, counts, plan: plan)
    uncured(monkeypatch)


def uncured(monkeypatch):
    """Show what the audit finds instead of hiding it."""
    monkeypatch.setattr(publishing, "_learned", lambda *_: None)


def by_group_alone(monkeypatch):
    """Leave out what follows from all groups together."""
    monkeypatch.setattr(KnownWeights, "told", lambda self: False)


def test_a_share_smaller_than_the_heaviest_is_hidden(tmp_path):
    made = prepare(survey_of(tmp_path, HEAVY + OTHERS))
    assert not made.report.leaks
    found = shown(made)
    # Yes (32%) and perhaps (12%) are below 40%; their sum, 45%, is not, nor is no (55%).
    assert found["Yes", "A"] is None
    assert found["Perhaps", "A"] is None
    assert found["No", "A"] == "55%"
    # B, the smaller of the others, or both would follow from everybody's.
    assert found["Yes", "B"] is None
    assert found["Perhaps", "B"] is None
    assert found["Yes", "C"] == "29%"


def test_the_audit_finds_a_share_that_reveals_the_heaviest_respondent(tmp_path, monkeypatch):
    unguarded(monkeypatch)
    made = prepare(survey_of(tmp_path, HEAVY + OTHERS))
    assert methods(made) == {"dominance", "known weights"}
    assert any(leak.answer == "Yes" and "40%" in leak.words for leak in made.report.leaks)


def test_the_audit_finds_a_hidden_share_that_follows_from_other_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(dominance._GuardedColumn, "_elsewhere", lambda *_: None)
    monkeypatch.setattr(dominance._GuardedColumn, "_revealed", lambda *_: False)
    by_group_alone(monkeypatch)
    uncured(monkeypatch)
    made = prepare(survey_of(tmp_path, HEAVY + OTHERS))
    assert any("follows from those of other groups" in leak.words for leak in made.report.leaks)


def test_the_linear_program_alone_finds_what_follows_from_other_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(dominance._GuardedColumn, "_elsewhere", lambda *_: None)
    made = prepare(survey_of(tmp_path, HEAVY + OTHERS))
    assert not made.report.leaks
    assert shown(made)["Yes", "A"] is None


def test_large_programs_leave_answers_that_are_shown_as_they_are(tmp_path, monkeypatch):
    """No is hidden nowhere: of three areas and three answers, six unknowns instead of nine."""
    sizes = []
    solve = dominance._ShownSums.short

    def short(program, *asked, **more):
        sizes.append(program.held.sum(axis=1).astype(bool).sum() * program.atoms)
        return solve(program, *asked, **more)

    monkeypatch.setattr(dominance._ShownSums, "short", short)
    monkeypatch.setattr(dominance._GuardedColumn, "_elsewhere", lambda *_: None)
    survey = survey_of(tmp_path, HEAVY + OTHERS)
    whole = prepare(survey)
    assert {*sizes} == {6, 9}
    sizes.clear()
    monkeypatch.setattr(dominance, "LARGE", 0)
    assert prepare(survey).files == whole.files and {*sizes} == {6}


@pytest.mark.slow
def test_a_hidden_share_that_is_possible_is_not_asked_about_again(tmp_path, monkeypatch):
    """Each linear program takes time, and what is possible stays so while more is hidden."""
    possible, again, several = set(), [], []
    solve = dominance._ShownSums.short

    def short(program, targets, sign, *more, **named):
        known = {(program.of, sign, target) for target in targets}
        again.extend(known & possible)
        left = solve(program, targets, sign, *more, **named)
        possible.update(known - {(program.of, sign, target) for target in left})
        several.append(program.of.steps)
        return left

    monkeypatch.setattr(dominance._ShownSums, "short", short)
    monkeypatch.setattr(dominance._GuardedColumn, "_elsewhere", lambda *_: None)
    for seed in range(6):
        chance = np.random.default_rng(seed)
        people = [
            (area, float(weight), answer, "")
            for area, weight, answer in zip(
                chance.choice([*"abc"], 90, p=[0.2, 0.3, 0.5]),
                chance.lognormal(0, 1.2, 90).round(3),
                chance.choice(["yes", "no", "may"], 90, p=[0.1, 0.65, 0.25]),
                strict=True,
            )
        ]
        survey = survey_of(tmp_path / str(seed), people)
        protection.protect(survey, read_rules(survey.folder / "codebook", survey.codebook))
    assert possible and max(several) > 0
    assert not again


def test_an_answer_that_nobody_gave_is_shown(tmp_path):
    people = of("a", (1, 26, "no"), (10, 1, "no"), (29, 1, "yes"))
    made = prepare(survey_of(tmp_path, people + OTHERS))
    assert not made.report.leaks
    assert shown(made)["Perhaps", "A"] == "0%"
    assert shown(made)["No", "A"] == "55%"


# Yes of area A: 10 of 50, and its two heaviest hold 9 and 4: more than 10 together.
TWO = of("a", (1, 9, "no"), (1, 4, "may"), (17, 1, "no"), (10, 1, "yes"), (10, 1, "may"))


@pytest.mark.parametrize(("most", "hidden"), [(1, False), (2, True)])
def test_the_owner_can_protect_the_two_heaviest(tmp_path, most, hidden):
    made = prepare(survey_of(tmp_path, TWO + OTHERS, f"dominance: {most}\n"))
    assert not made.report.leaks
    assert (shown(made)["Yes", "A"] is None) == hidden
    assert made.cube["dominance"] == most


def test_an_organisation_counts_as_one(tmp_path):
    # Thirteen firms of A; one has 14 of the 40 people, who share no answer: 35% of the weight.
    people = of("a", (15, 1, "no"), (12, 1, "yes"), (13, 1, "may"))
    firms = [(*row[:3], "big" if k % 3 == 0 else f"f{k}") for k, row in enumerate(people)]
    others = [(*row[:3], f"{row[0]}{k}") for k, row in enumerate(OTHERS)]
    made = prepare(survey_of(tmp_path, firms + others, organisation="firm"))
    assert not made.report.leaks
    assert shown(made)["Yes", "A"] is None  # 30%
    assert shown(made)["No", "A"] == "38%" or shown(made)["No", "A"] is None


# Eleven people. Nobody is heavier than 13%, the share of yes, but no fours make it: 9%, 17%.
SMALL = of("a", (1, 6, "yes"), (6, 4, "no"), (4, 4, "may"))


def test_in_small_groups_every_subset_is_tried(tmp_path, monkeypatch):
    survey = survey_of(tmp_path, SMALL + OTHERS)
    assert not prepare(survey).report.leaks
    by_group_alone(monkeypatch)
    uncured(monkeypatch)
    made = prepare(survey)
    assert "subsets" not in methods(made)
    assert shown(made)["Yes", "A"] is None
    unguarded(monkeypatch)
    assert methods(prepare(survey)) == {"subsets", "known weights"}


def test_groups_are_of_people_whatever_they_weigh(tmp_path):
    """Twelve people make a group, though by their weights they are worth four."""
    people = of("a", (1, 20, "yes"), (5, 1, "no"), (3, 1, "yes"), (3, 1, "may"))
    made = prepare(survey_of(tmp_path, people + OTHERS))
    assert not made.report.leaks
    groups = made.cube["questions"]["q"]["dimensions"]["area"]
    assert [g["bands"] for g in groups] == [["a"], ["b"], ["c"]]


def test_the_audit_needs_the_responses_for_this(tmp_path, monkeypatch):
    unguarded(monkeypatch)
    survey = survey_of(tmp_path, HEAVY + OTHERS)
    files = {n: t for n, t in prepare(survey).files.items()}
    assert "dominance" not in audit(files, codebook=survey.codebook).methods


def test_the_audit_writes_down_only_the_weights_that_a_share_adds_up():
    """Of 400 cells and 5 options, every one of 2,000 weights is in two sums: not in 800,000."""
    cells, options = 400, 5
    survey = Persons(
        np.zeros(cells, int),
        np.arange(cells),
        np.arange(cells) % options,
        np.arange(cells),
        np.ones(cells),
    )
    everybody, each = np.ones((1, cells), bool), np.eye(options, dtype=bool)
    level = SimpleNamespace(masks=everybody, answers=each, n=np.full((1, 1, options), 80.0))
    asked = SimpleNamespace(options=[*"abcde"], frame=SimpleNamespace(cells=cells), levels=[level])
    tracemalloc.start()
    known = _KnownSums(asked, 0, survey)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert known.rows.nnz == 2 * cells * options
    assert (known.rows.sum(axis=1) == [options] * cells + [cells] * options).all()
    assert most < 1_000_000


@pytest.mark.slow
def test_weights_raised_together_reach_what_each_reaches_alone():
    """Against a linear program for each weight that is sought."""
    outcomes = set()
    for seed in range(12):
        chance = np.random.default_rng(seed)
        weight = chance.integers(0, 5, (3, 4)).astype(float)  # [option, cell]
        sums = [np.outer(np.ones(3), one) for one in np.eye(4)]  # weights by cell are known
        sums += [np.outer(one, np.ones(4)) for one in np.eye(3)]
        sums += [np.outer(chance.random(3) < 0.5, chance.random(4) < 0.5) for _ in range(2)]
        rows = np.array([one.reshape(-1) for one in sums], dtype=float)
        known = object.__new__(_KnownSums)
        known.rows, known.cells = csr_array(rows), np.arange(4)
        known.limits = rows @ weight.reshape(-1) - 0.3, rows @ weight.reshape(-1) + 0.3
        limits = np.concatenate([known.limits[1], -known.limits[0]])
        sought, below = [], []
        for cells, side in product(np.eye(4, dtype=bool), np.eye(3, dtype=bool)):
            one = _Sought(cells, side, side, float(chance.uniform(1, 6)))
            target = np.outer(side, cells).reshape(-1)
            most = -linprog(-1.0 * target, np.vstack([rows, -rows]), limits).fun
            sought.append(one)
            below += [one] if most < one.top * 0.99999 else []
        assert {id(one) for one in known.below(sought)} == {id(one) for one in below}, seed
        outcomes.add(0 < len(below) < len(sought))
    assert True in outcomes
