"""Nobody's answer follows from all weighted shares together, for one who knows all weights."""

import json
from functools import reduce

import numpy as np
import pandas as pd
import pytest

from every_question import prepare
from helpers.pages import publishing
from helpers.release.protect.known_weights import MOST_PEOPLE, KnownWeights
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow

DIMENSIONS = ("area", "sex")


def survey_of(folder, table, options=("yes", "no"), rules=""):
    """Write a survey of one question; the table has columns area, sex, w and q."""
    sources = {d: sorted(set(table[d])) for d in DIMENSIONS}
    listed = [
        f"{d}: {{bands: {json.dumps({b: b.upper() for b in bands})}, source: {{people: {d}}}}}"
        for d, bands in sources.items()
    ]
    files = {
        "codebook/survey.yml": "title: T\nprovenance: public\npopulations:\n"
        "  people: {label: People, id: id, weight: w}\n"
        f"dimensions: {{{', '.join(listed)}}}\n",
        "codebook/questions.csv": "id,population,kind,label,option_set\nq,people,single,Q,set\n",
        "codebook/options.csv": "set,code,label\n"
        + "".join(f"set,{code},{code.title()}\n" for code in options),
        "codebook/release.yml": f"pages: {{t: {{title: All, questions: [q]}}}}\n{rules}",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "responses").mkdir(exist_ok=True)
    table = table.assign(id=range(len(table)))
    table.to_csv(folder / "responses" / "people.csv", index=False)
    return load_survey(folder)


def crossed(number):
    """Two areas by two sexes, so many people of each; every other one says yes."""
    rows = [(area, sex, 1.0) for area in "ab" for sex in "fm" for _ in range(number)]
    table = pd.DataFrame(rows, columns=["area", "sex", "w"])
    return table.assign(q=["yes" if k % 2 else "no" for k in range(len(table))])


def printed(made):
    """Read shares from the views: area, sex (* for all) and answer -> whole per cents."""
    question = next(q for q in json.loads(made.files["views/t.json"])["questions"])
    found = {}
    for key, view in question["views"].items():
        compare, *chosen = key.split("|")
        group = tuple({"area": "*", "sex": "*", **dict(c.split("=") for c in chosen)}.values())
        for row in view["rows"] if not compare else ():
            if row[1].endswith("%"):
                found[*group, row[0].lower()] = int(row[1].rstrip("%"))
    return found


def filters(made):
    """Name the filters that are offered."""
    return {d for d, n in (("area", 0), ("sex", 1)) if any(key[n] != "*" for key in printed(made))}


def methods(made):
    return {leak.method for leak in made.report.leaks}


@pytest.fixture
def unguarded(monkeypatch):
    monkeypatch.setattr(KnownWeights, "told", lambda self: False)
    monkeypatch.setattr(publishing, "_learned", lambda *_: None)


# One of 44 weighs one and a half, all others one: a share of 11 of 22.5 is 49%, one of 11.5 is
# 51%, so that halves tell what that one said; of 44.5 they are 2.2 points from sum to sum.
def one_heavier(number):
    table = crossed(number)
    table.loc[0, "w"] = 1.5
    return table


def test_halves_reveal_the_answer_of_the_only_one_with_half_a_weight(tmp_path, unguarded):
    made = prepare(survey_of(tmp_path, one_heavier(11)))
    assert methods(made) == {"known weights"}
    assert "no choice" in made.report.leaks[0].words


def test_shares_that_reveal_somebodys_answer_are_not_shown(tmp_path):
    made = prepare(survey_of(tmp_path, one_heavier(11)))
    assert not made.report.leaks
    assert not printed(made)


def test_of_more_people_everything_is_shown(tmp_path):
    """Sums of 50 lie half a point from one another: in each whole per cent there are several."""
    assert MOST_PEOPLE >= 4 * 50
    made = prepare(survey_of(tmp_path, one_heavier(50)))
    assert not made.report.leaks
    assert filters(made) == {*DIMENSIONS}


def test_people_of_one_weight_are_alike(tmp_path):
    made = prepare(survey_of(tmp_path, crossed(11)))
    assert not made.report.leaks
    assert filters(made) == {*DIMENSIONS}


def small(seed):
    """Twenty-two people, in halves by area and by sex."""
    chance = np.random.default_rng(seed)
    table = crossed(6).drop(index=[0, 23]).reset_index(drop=True)
    weights = np.round(chance.lognormal(0, 0.4, len(table)), 3)
    answers = np.where(chance.permutation(len(table)) < 11, "yes", "no")
    return table.assign(w=weights, q=answers)


def settled(table, shares):
    """Try every set of people who may have said yes: whose answer is the same in all that fit."""
    fit = np.ones(2 ** len(table), dtype=bool)
    for (area, sex, answer), share in shares.items():
        inside = table["area"].isin([area] if area != "*" else ["a", "b"])
        inside &= table["sex"].isin([sex] if sex != "*" else ["f", "m"])
        weights = np.where(inside, table["w"], 0) / table["w"][inside].sum()
        sums = reduce(lambda sums, w: np.concatenate([sums, sums + w]), weights, np.zeros(1))
        sums = sums if answer == "yes" else 1 - sums
        fit &= np.abs(100 * sums - share) <= 0.5 + 1e-7
    sets = np.flatnonzero(fit)
    always, ever = np.bitwise_and.reduce(sets), np.bitwise_or.reduce(sets)
    return bool(always or ever != len(fit) - 1)


@pytest.mark.parametrize("seed", range(6))
def test_the_attack_agrees_with_trying_every_set(tmp_path, unguarded, seed):
    table = small(seed)
    made = prepare(survey_of(tmp_path, table))
    assert printed(made)
    assert settled(table, printed(made)) == ("known weights" in methods(made))


@pytest.mark.parametrize("seed", range(6))
def test_no_set_of_the_shares_shown_reveals_anybody(tmp_path, seed):
    table = small(seed)
    made = prepare(survey_of(tmp_path, table))
    assert not made.report.leaks
    assert not printed(made) or not settled(table, printed(made))
