"""Two releases that divide people by other characteristics: groups of both single nobody out.

Invented people in sectors and regions. What a reader learns who knows who is in which groups is
worked out by numpy from the two cubes and the two lists of people, with no code of the project.
"""

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from helpers import paths
from helpers.cli import main
from helpers.pages import publishing
from helpers.release import history
from helpers.release.protect.earlier import Earlier
from helpers.release.rules import read_rules
from helpers.responses.survey import load_survey

BANDS = {
    "sector": {"pub": "Public", "pri": "Private", "vol": "Voluntary"},
    "region": {"north": "North", "south": "South", "east": "East"},
}
LABELS = {"qold": "Which of these places is yours?"}
MINIMUM = 10


def people(*groups):
    """List people: how many are in a sector and a region; every other one says yes."""
    rows = [(s, r, ("yes", "no")[k % 2]) for n, s, r in groups for k in range(n)]
    rows = pd.DataFrame(rows, columns=["sector", "region", "q"])
    return rows.assign(id=[f"p{k}" for k in range(len(rows))])


def write(folder, rows, by, profile="standard", **more):
    """Write a survey whose release breaks answers down by some characteristics."""
    for part in ("codebook", "responses"):
        (folder / part).mkdir(exist_ok=True)
    who = {"id": "id"} | ({"person": "person"} if "person" in rows else {})
    outline = {
        "title": "Invented",
        "populations": {"people": who},
        "dimensions": {
            d: {"label": d.title(), "bands": bands, "source": {"people": d}}
            for d, bands in BANDS.items()
        },
    }
    asked = [c for c in rows if c.startswith("q")]
    book = folder / "codebook"
    (book / "survey.yml").write_text(json.dumps(outline))
    (book / "questions.csv").write_text(
        "id,population,kind,label,option_set\n"
        + "".join(f"{q},people,single,{LABELS.get(q, q.title())},yn\n" for q in asked)
    )
    (book / "options.csv").write_text("set,code\nyn,yes\nyn,no\n")
    (book / "release.yml").write_text(json.dumps({"profile": profile, "dimensions": by, **more}))
    rows.to_csv(folder / "responses" / "people.csv", index=False)


def released(folder):
    """Release the survey; what the cube then shows of its questions."""
    survey = load_survey(folder)
    prepared = publishing.prepare(survey)
    publishing.publish(survey, prepared, folder / "release")
    return prepared.cube["questions"]


def forgetful(folder):
    """Methods by which a release leaks that forgets the earlier ones, by question."""
    survey = load_survey(folder)
    rules = read_rules(folder / "codebook", survey.codebook)
    records = history.other_records(survey)
    made = publishing._made(survey, rules, Earlier(), records, lambda _: None)
    return {(leak.question, leak.method) for leak in made.report.leaks}


def cured(folder):
    """What protection alone leaves of a release, and what the audit then finds."""
    survey = load_survey(folder)
    rules = read_rules(folder / "codebook", survey.codebook)
    records = history.other_records(survey)
    earlier = publishing._earlier(survey, records)
    made = publishing._made(survey, rules, earlier, records, lambda _: None)
    return made.cube["questions"], [leak.words for leak in made.report.leaks]


def divided(question):
    return {d for level in question["levels"] for d in level["dimensions"]}


def whole(question):
    """What a question shows of everybody."""
    return [level["groups"] for level in question["levels"] if not level["dimensions"]]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("more", [1, 6, 9, 10, 14])
@pytest.mark.parametrize("swapped", [False, True])
def test_a_group_and_a_few_more_of_another_characteristic_are_not_shown(folder, more, swapped):
    """The north is the public sector and a few people more, or the other way round."""
    rows = people((40, "pub", "north"), (more, "pri", "north"), (80, "pri", "south"),
                  (30, "vol", "south"), (30, "vol", "east"))  # fmt: skip
    by = ["region", "sector"] if swapped else ["sector", "region"]
    write(folder, rows, by[:1])
    released(folder)
    write(folder, rows, by[1:])
    few = more < MINIMUM
    assert (("q", "earlier releases") in forgetful(folder)) == few
    now, leaks = cured(folder)
    assert not leaks
    assert (divided(now["q"]) == set()) == few, "protection and audit agree"
    assert divided(released(folder)["q"]) == divided(now["q"])
    assert main(["audit", str(folder)]) == 0


def test_a_breakdown_that_gives_way_to_another_one_is_not_forgotten(folder):
    """Today the sector comes first, and the regions of yesterday are not shown beside it."""
    rows = people((40, "pub", "north"), (6, "pri", "north"), (50, "pri", "south"),
                  (33, "pri", "east"))  # fmt: skip
    write(folder, rows, ["sector", "region"])
    released(folder)
    write(folder, rows, ["region", "sector"])
    assert ("q", "earlier releases") in forgetful(folder)
    now, leaks = cured(folder)
    assert not leaks
    assert divided(now["q"]) == set()


@pytest.mark.parametrize("newcomers", [3, 12])
def test_newcomers_of_the_same_group_under_another_characteristic(folder, newcomers):
    """Everybody in the public sector is in the north; many came, and few of them are there."""
    first = people((40, "pub", "north"), (50, "pri", "south"), (33, "vol", "east"))
    write(folder, first, ["sector"])
    released(folder)
    more = people((newcomers, "pub", "north"), (15, "pri", "south"), (15, "vol", "east"))
    rows = pd.concat([first, more.assign(id="n" + more["id"])], ignore_index=True)
    write(folder, rows, ["region"])
    few = newcomers < MINIMUM
    assert (("q", "earlier releases") in forgetful(folder)) == few
    now, leaks = cured(folder)
    assert not leaks
    assert (divided(now["q"]) == set()) == few


def test_one_changed_answer_of_the_same_group_under_another_characteristic(folder):
    """Many changed theirs in the other groups, so that nothing follows from these."""
    rows = people((40, "pub", "north"), (60, "pri", "south"), (66, "vol", "east"))
    write(folder, rows, ["sector"])
    released(folder)
    rows.loc[0, "q"] = "no"
    others = rows.index[(rows["region"] != "north") & (rows["q"] == "yes")]
    rows.loc[others[::2], "q"] = "no"
    write(folder, rows, ["region"])
    assert ("q", "earlier releases") in forgetful(folder)
    now, leaks = cured(folder)
    assert not leaks
    assert divided(now["q"]) == set()


def test_answers_of_the_same_people_count_as_one(folder):
    """The north has 12 answers more than the public sector, of two people."""
    rows = people((60, "pub", "north"), (12, "pri", "north"), (90, "pri", "south"))
    twins = (rows["sector"] == "pri") & (rows["region"] == "north")
    rows["person"] = np.where(twins, "t" + (rows.index % 2).astype(str), rows["id"])
    write(folder, rows, ["sector"])
    released(folder)
    write(folder, rows, ["region"])
    assert ("q", "earlier releases") in forgetful(folder)
    now, leaks = cured(folder)
    assert not leaks
    assert divided(now["q"]) == set()


def test_a_near_duplicate_of_an_earlier_release_is_counted_by_what_divided_it(folder):
    """A question that nearly repeats one of the earlier release, among a few people more."""
    draw = np.random.default_rng(2)
    rows = people((60, "pub", "north"), (6, "pri", "north"), (80, "pri", "south"))
    rows["q"] = draw.choice(["yes", "no"], len(rows))
    write(folder, rows.rename(columns={"q": "qold"}), ["sector"])
    released(folder)
    rows["qold"] = rows["q"]
    swap = rows.index[10:130:40]
    rows.loc[swap, "q"] = np.where(rows.loc[swap, "q"] == "yes", "no", "yes")
    write(folder, rows, ["region"], pages={"one": {"questions": ["q"]}})
    now, leaks = cured(folder)
    assert not leaks
    assert divided(now["q"]) == set()


def test_a_release_shows_again_what_the_last_one_showed_of_near_duplicates(folder):
    """Nothing changed: bases are four people apart, but 20 answered only one of both."""
    draw = np.random.default_rng(2)
    rows = people((40, "pub", "north"), (40, "pri", "north"), (52, "pri", "south"))
    rows["q"] = draw.choice(["yes", "no"], len(rows))
    rows["qold"] = rows["q"]
    rows.loc[rows.index[::11], "qold"] = ""
    rows.loc[rows.index[5:88:11], "q"] = ""
    write(folder, rows, ["sector"])
    first = released(folder)
    write(folder, rows, ["region"])
    again, leaks = cured(folder)
    assert not leaks
    for name, question in first.items():
        assert whole(question) == whole(again[name])
        assert whole(question)


# Random people, moved and asked again


def tables(question, rows):
    """Tables that a cube shows: a vector over people for each of their groups."""
    bands = {(d, g["id"]): g["bands"] for d, of in question["dimensions"].items() for g in of}
    for level in question["levels"]:
        chosen = [[bands[at] for at in entry["groups"].items()] for entry in level["groups"]]
        yield [
            np.all([rows[d].isin(b) for d, b in zip(level["dimensions"], of, strict=True)], axis=0)
            if of else np.ones(len(rows), dtype=bool)
            for of in chosen
        ]  # fmt: skip


def separated(held, rows):
    """Whether groups of a table, taken together, are 1 to 9 people more than those of another."""
    unions = np.array([
        np.logical_or.reduce(many)
        for groups in held
        for size in range(1, len(groups) + 1)
        for many in combinations(groups, size)
    ], dtype=int)  # fmt: skip
    more = unions.sum(axis=1)[:, None] - unions @ unions.T
    return bool(((more.T == 0) & (more > 0) & (more < MINIMUM)).any())


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["standard", "strict"])
@pytest.mark.parametrize("seed", range(8))
def test_no_two_releases_by_different_characteristics_separate_a_few(folder, seed, profile):
    """The north is the public sector and a few more; all others are anywhere else."""
    draw = np.random.default_rng(seed)
    number = int(draw.integers(90, 300))
    sector = draw.choice([*BANDS["sector"]], number, p=(0.3, 0.5, 0.2))
    region = np.where(
        sector == "pub", "north", draw.choice(["south", "east"], number, p=(0.7, 0.3))
    )
    others = np.flatnonzero(sector != "pub")
    region[draw.choice(others, int(draw.integers(1, 16)), replace=False)] = "north"
    rows = pd.DataFrame({"sector": sector, "region": region, "id": range(number)})
    for q in ("qa", "qb", "qc"):
        rows[q] = draw.choice(["yes", "no"], number)
    by = [["sector"], ["region"]][:: int(draw.choice([1, -1]))]
    write(folder, rows, by[0], profile)
    first = released(folder)
    write(folder, rows, by[1], profile)
    leaky = {q for q, _ in forgetful(folder)}
    now = released(folder)
    for q in first:
        both = [*tables(first[q], rows), *tables(now[q], rows)]
        assert not separated(both, rows)
    assert not [q for q in leaky if divided(now[q])]
    assert main(["audit", str(folder)]) == 0
