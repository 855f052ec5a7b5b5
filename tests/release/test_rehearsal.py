"""The rehearsal tells what is wrong with a survey, and how to repeat it."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from benchmarks import release_sizes, releases, run
from benchmarks.tools import insider, trial
from benchmarks.tools.exact import cost, tables_of_responses
from benchmarks.tools.reading import cube_cost, read_column
from benchmarks.tools.surveys import plan, write

from helpers.release.cube import build_cube
from helpers.release.rules import read_rules
from helpers.responses.survey import load_survey
from places import ROOT

pytestmark = pytest.mark.slow

CALM = {"error": "", "leaks": [], "leak_count": 0, "repeats": None, "empty": False}


def test_failures_are_reported_with_their_seed():
    base = {"seed": 17, "profile": "strict", **CALM}
    assert releases.wrong(base) == ""
    faults = {
        "error": "TypeError: no",
        "repeats": False,
        "empty": True,
        "leaks": [{"words": "It is known that …"}],
        "methods": {"inferred": ["q .x"]},
        "outsider": {"twins: Mood: Mood again": "1 more at most"},
    }
    for name, value in faults.items():
        assert releases.wrong({**base, name: value}).startswith("--only 17 (strict): ")


def test_an_exception_is_a_finding_and_does_not_end_the_run(tmp_path, monkeypatch):
    def broken(survey, rules):
        raise ValueError("broken on purpose")

    monkeypatch.setattr(trial, "prepare", broken)
    record = trial.attempt(plan(5), tmp_path)
    assert record["error"] == "ValueError: broken on purpose"
    assert "seed" in record


def test_a_survey_that_takes_too_long_is_given_up():
    with pytest.raises(trial.TooLong), trial.limited(1):
        while True:
            pass


def test_a_run_goes_on_where_it_was_stopped_but_not_with_other_code(tmp_path, monkeypatch):
    kept = tmp_path / "releases.jsonl"
    monkeypatch.setattr(releases, "DONE", kept)
    with pytest.raises(SystemExit, match="no run of this code"):
        releases._done()
    tried = {"seed": 3, "profile": "strict", **CALM}
    kept.write_text("\n".join(map(json.dumps, ({"version": releases._version()}, tried))) + "\n")
    assert releases._done() == [tried]
    assert releases.run([3], releases._done()) == [tried]  # nothing left to try
    kept.write_text(json.dumps({"version": "of yesterday"}) + "\n")
    with pytest.raises(SystemExit, match="no run of this code"):
        releases._done()


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    folder = tmp_path_factory.mktemp("survey")
    write(plan(10), folder)
    return load_survey(folder)


def test_tables_of_responses_add_up_and_a_standard_cube_shows_them_truly(survey):
    rules = read_rules(survey.folder / "codebook", survey.codebook)
    truth = {(q, c): t for q, c, t in tables_of_responses(survey, rules.dimensions)}
    frame = survey.frames["people"]
    answered = frame["mood"].isin(truth["mood", "."].options).sum()
    assert truth["mood", "."].counts.sum() == answered
    cube = build_cube(survey, rules)
    for (question, column), table in truth.items():
        reading = read_column(cube["questions"][question], column, table)
        for axes in table.levels:
            counts = table.level(axes)
            base = np.maximum(counts.sum(axis=0), 1)
            shown = (reading.status[axes] == 0) & (counts.sum(axis=0) > 0)
            assert np.allclose(reading.share[axes][shown], (counts / base)[shown])
        assert cost(table, reading).to_json()["values"] > 0
    assert cube_cost(cube, truth).to_json()["shown"] > 0


@pytest.mark.slow
def test_a_profile_that_hides_everything_does_not_pass(survey):
    prepared = trial.whole(survey)
    for entry in prepared.cube["questions"].values():
        entry["columns"] = []
    told = trial.told(survey, prepared)
    assert told["empty"]
    assert releases.wrong({"seed": 11, "profile": "standard", **CALM, **told, "leaks": []})


def test_other_bytes_are_noticed():
    record = releases.one(9)
    assert record["error"] == ""
    assert releases.repeated(record)
    assert not releases.repeated({**record, "digest": "another"})


def test_the_page_on_protection_has_the_figures_of_the_last_run():
    page = (ROOT / "docs" / "protection.md").read_text(encoding="utf-8")
    written = page.partition(run.START)[2].partition(run.END)[0]
    assert written.split("\n")[:-1] == run.attacked_lines()


def test_a_survey_is_released_again_and_compared_with_what_was_published(tmp_path):
    """Names may change; that a few are gone is refused, or tells the outsider nothing."""
    small = replace(plan(5), families=frozenset(), respondents=400, bands=(2, 3))
    came = replace(small, moved="nothing", renamed="item")
    record = trial.attempt(came, tmp_path / "same")
    assert record["error"] == ""
    assert record["second"] == {"refused": ""}
    assert record["outsider"] == {}
    few = replace(came, moved="few withdrawn", renamed="")
    record = trial.attempt(few, tmp_path / "few")
    assert "not written" in record["second"]["refused"] or record["outsider"] == {}


def test_what_an_insider_knows_is_written_down_by_label(tmp_path):
    wanted = replace(plan(5), families=frozenset({"weighted", "one firm"}), respondents=60)
    write(wanted, tmp_path)
    survey = load_survey(tmp_path)
    people = insider.known(survey)["people"]
    assert len(people) == 60
    assert people[0]["weight"] == survey.codes["people"]["_weight"][0]
    assert {p["unit"] for p in people} == set(survey.codes["people"]["employer"])
    assert set(people[0]["groups"]) == {d.label for d in survey.codebook.dimensions.values()}
    moods = [p["answers"].get("Mood", "") for p in people]
    base = survey.codes["people"]["mood"].isin([o.code for o in survey.question("mood").in_base])
    assert sum(map(bool, moods)) == base.sum()
    write(replace(wanted, families=frozenset({"nested dimensions"}), bands=(3, 3)), tmp_path / "n")
    never = insider.known(load_survey(tmp_path / "n"), nested=True)["never"]
    assert ("Dimension d1", "Band 2", "Dimension d2", "Band 1") in never


def test_a_size_is_released_in_a_process_of_its_own(tmp_path, monkeypatch, capsys):
    few = {"small": (60, (2, 2), 6, 0.3, frozenset())}
    monkeypatch.setattr(release_sizes, "SIZES", few)
    monkeypatch.setattr(sys, "argv", ["release_sizes", "--output", str(tmp_path / "sizes.json")])
    monkeypatch.setattr(release_sizes, "PROFILES", ("standard",))
    release_sizes.main()
    record = json.loads((tmp_path / "sizes.json").read_text(encoding="utf-8"))["small"]["standard"]
    assert record["status"] == "ok"
    assert record["leaks"] == 0
    assert set(record["filters"]) == {"d1", "d2"}
    assert record["questions"] >= 6
    assert all(0 <= share <= 1 for share in record["values"].values())
    assert "| small | standard |" in capsys.readouterr().out


@pytest.mark.slow
def test_the_figures_of_a_run_become_a_table(monkeypatch):
    records = [releases.one(seed) for seed in (9, 615, 278)]
    assert [r["profile"] for r in records] == ["standard", "strict", "rounding"]
    result = releases.summary(records)
    assert result["surveys"] == 3
    assert sum(kind["pairs"] for kind in result["pairs"].values()) == 1
    assert result["profiles"]["standard"]["filters"]["possible"] > 0
    assert result["compared"]["strict"]["surveys"] == 1
    result["own"] = {"standard": {"seconds": 1.25}}
    monkeypatch.setattr(run, "read", lambda name: {"releases": result}[name])
    table = "\n".join(run.releases_lines())
    assert "| `strict`, `cure: rounding` | 1 |" in table
    assert "| greedy joint suppression |" in table
    assert "| all dimensions crossed |" in table
    assert "takes 1.2 s (`standard`)" in table
