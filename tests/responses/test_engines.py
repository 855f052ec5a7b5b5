"""One survey held by pandas, DuckDB and Spark: the same frames, tables, estimates and problems."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from helpers.errors import InsightsError, SurveyProblems
from helpers.estimation import change, compare, crosstabs, means, models, totals, weights
from helpers.estimation import tabulate as tabulating
from helpers.estimation.estimates import proportion, worst_case
from helpers.estimation.tabulate import coded, joint, numbers, respondents, strata, tabulate
from helpers.responses import engines, screening
from helpers.responses.selection import Selection
from helpers.responses.survey import load_survey
from places import CYCLING, ROOT

pytestmark = pytest.mark.slow

OURS = ROOT / "data"
SIZES = {"north": 900, "centre": 120, "south": 2500, "island": 14}


def to_parquet(folder, columns="*", parts=1):
    """Turn the response files of a copied survey into Parquet, as one file or in parts."""
    for path in sorted(folder.glob("*/*.csv")):
        if path.parent.name not in ("responses", "illustrative"):
            continue
        table = duckdb.read_csv(str(path), all_varchar=True, header=True).project(columns).df()
        target = path.with_suffix(".parquet")
        path.unlink()
        if parts > 1:
            target.mkdir()
            (target / "_SUCCESS").touch()
        for n in range(parts):
            part = table.iloc[n * len(table) // parts : (n + 1) * len(table) // parts]
            duckdb.from_df(part).write_parquet(
                str(target / f"part-{n:05}.parquet" if parts > 1 else target)
            )
    return folder


def copy(source, target):
    return Path(
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("private", "release"))
    )


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two surveys as Parquet."""
    place = tmp_path_factory.mktemp("surveys")
    return {
        "cycling": to_parquet(copy(CYCLING, place / "cycling")),
        "in parts": to_parquet(copy(OURS, place / "ours"), parts=3),
    }


@pytest.fixture(scope="module")
def pandas(folders):
    return {name: load_survey(folder, engine="pandas") for name, folder in folders.items()}


@pytest.fixture(scope="module", params=["duckdb"])
def engine(request):
    """What holds the responses besides memory; `test_spark` has the same tests of Spark."""
    return request.param


@pytest.fixture(scope="module")
def other(engine, folders):
    """The same surveys, held by another engine."""
    return {name: load_survey(folder, engine=engine) for name, folder in folders.items()}


def same(found, expected):
    """Equal but for the last digits of sums, which no engine adds up in the same order."""
    assert_frame_equal(found, expected, rtol=1e-11, atol=1e-13, check_exact=False)
    for column in expected.columns:
        if expected[column].dtype.kind in "iOb" or column in ("n", "status"):
            assert found[column].tolist() == expected[column].tolist()


def fetched(frame):
    return engines.collected(nw.from_native(frame))


TABLES = ("codes", "frames", "missing")


def test_frames_hold_the_same(other, pandas, request):
    spark = "spark" in request.node.callspec.id  # it takes seconds for each table
    for name, survey in pandas.items():
        tables = [(p, t) for p in survey.held for t in TABLES]
        for population, table in tables[: 1 if spark and name == "in parts" else None]:
            frame = getattr(survey, table)[population]
            held = fetched(getattr(other[name], table)[population])
            key = survey.codebook.populations[population].identifier
            held, frame = (f.sort_values(key).reset_index(drop=True) for f in (held, frame))
            assert sorted(held.columns) == sorted(frame.columns)
            assert_frame_equal(held[frame.columns].astype(frame.dtypes), frame)


def test_what_is_known_of_the_data_is_the_same(other, pandas):
    for name, survey in pandas.items():
        assert other[name].fingerprint == survey.fingerprint
        assert other[name].notes == survey.notes
        assert engines.engine_of(next(iter(other[name].frames.values()))) != "pandas"
        for population in survey.frames:
            assert respondents(other[name], population) == len(survey.frames[population])
            same(strata(other[name], population), strata(survey, population))


def test_tabulate_gives_the_same_table(other, pandas, request):
    spark = "spark" in request.node.callspec.id
    for name, every in (("cycling", 3 if spark else 1), ("in parts", 2 if spark else 4)):
        survey = pandas[name]
        for number, question in enumerate(list(survey.codebook.questions.values())[::every]):
            by = [
                d for d, v in survey.codebook.dimensions.items() if question.population in v.source
            ]
            some = {by[0]: list(survey.codebook.dimensions[by[0]].bands)[:1]}
            asks = [(keys, where) for keys in ((), by[:1], by[:2]) for where in ({}, some)]
            turn = number % 2  # two questions share what can be asked
            tried = asks[1::3] if spark else [asks[turn], asks[3 - turn], asks[4 + turn]]
            for keys, where in tried:
                ask = (question, keys, Selection.of(where))
                found, expected = tabulate(other[name], *ask), tabulate(survey, *ask)
                same(found.cells, expected.cells)
                same(found.strata, expected.strata)


def test_codes_of_respondents_are_those_of_memory(other, pandas):
    """Fetched key by key, they still belong to the same respondents."""
    survey, held = pandas["cycling"], other["cycling"]
    keys = [c.column for q in survey.codebook.questions.values() if q.tabulates for c in q.cells]
    keys += list(survey.codebook.dimensions)
    rows = []
    for one in (survey, held):
        found = coded(one, "residents", keys)
        listed = [[codes[place] for place in at] for at, codes in (found[key] for key in keys)]
        rows.append(sorted(zip(*listed, strict=True)))
    assert rows[0] == rows[1]
    assert len(rows[0]) == respondents(survey, "residents")


CALLS = {
    "a share by two dimensions": lambda s: proportion(s, "often", by=("age", "district")),
    "a share with a correction": lambda s: proportion(s.design(population_size=SIZES), "owns"),
    "item non-response in the base": lambda s: proportion(s, "helmet", by="age", base="asked"),
    "a filter on a routed answer": lambda s: proportion(
        s, "agree", where={"often": "daily"}, combine={"agree": ["4", "5"]}
    ),
    "groups of a routed answer": lambda s: proportion(s, "barriers", by="often"),
    "a select-all with routing": lambda s: proportion(s, "purposes", by="district"),
    "bounds": lambda s: worst_case(s, "often", by="age"),
    "a mean score": lambda s: means.mean(s, "agree", by="age"),
    "a mean of numbers": lambda s: means.mean(s, "distance", by="district"),
    "a net score": lambda s: means.net(s, "agree"),
    "share of mentions": lambda s: means.mentions(s, "barriers", by="age"),
    "a total": lambda s: totals.total(s, "owns", by="age"),
    "a total of numbers": lambda s: totals.total(s, "distance"),
    "groups compared": lambda s: compare.groups(s, "often", "age"),
    "association": lambda s: crosstabs.table(s, "owns", "district"),
    "raked": lambda s: proportion(raked(s), "often", by="age"),
    "raked within bounds": lambda s: proportion(raked(s, trim=(0.3, 3)), "owns"),
    "weights of a column": lambda s: proportion(raked(s).design(weight="wt"), "owns", by="age"),
    "post-stratified": lambda s: proportion(post_stratified(s), "often", by="age"),
    "trimmed": lambda s: proportion(weights.trim(raked(s), 0.5, 1.3, strict=True), "owns"),
    "nobody": lambda s: proportion(s, "owns", where={"age": []}),
    "numbers as groups": lambda s: joint(s, "residents", ["distance"], ["often"]),
    "numbers": lambda s: numbers(s, s.question("distance"), ["age"], centre=3.5),
}


def raked(survey, **ways):
    ages = {"young": 300, "middle": 500, "older": 190, "not_stated": 10}
    return weights.rake(survey, {"age": ages}, **ways)


def post_stratified(survey):
    places = {"north": 300, "centre": 240, "south": 410, "island": 50}
    return weights.post_stratify(survey, {"district": places})


@pytest.mark.parametrize("call", CALLS)
def test_every_estimate_is_the_same(other, pandas, call):
    same(CALLS[call](other["cycling"]), CALLS[call](pandas["cycling"]))


def test_a_model_is_the_same(other, pandas):
    ways = {"item": "safe", "on": ("age",), "fewest": 1}
    found, expected = (
        models.ordinal(made["cycling"].design(single_stratum="adjust"), "agree", **ways)
        for made in (other, pandas)
    )
    assert_frame_equal(found.coefficients, expected.coefficients, rtol=1e-6, atol=1e-8)


def test_paired_change_is_the_same(other, pandas):
    grids = [q for q in pandas["in parts"].codebook.questions.values() if q.times]
    for question in grids[:2]:
        first, *_, last = question.times
        for run in (change.paired, change.item_tests):
            ask = (question.id, first, last)
            same(run(other["in parts"], *ask), run(pandas["in parts"], *ask))


# --- what is wrong in a table that is not in memory


DAMAGES = {
    "an unknown code": ("owns", "maybe"),
    "a word for a number": ("distance", "far"),
    "an infinite number": ("distance", "inf"),
    "an unknown band": ("age_group", "old"),
    "no weight": ("wt", None),
    "a negative weight": ("wt", "-1"),
    "no identifier": ("ref", None),
    "a blank identifier": ("ref", "  "),
    "a repeated identifier": ("ref", "OTHER"),
    "no stratum": ("district", None),
    "an answer of somebody not asked": ("helmet", "ROUTED"),
    "a label": ("often", "Every day"),
}


def damaged(folder, column, value, rows=(7,)):
    path = folder / "responses" / "residents.parquet"
    table = duckdb.read_parquet(str(path)).df()
    for row in rows:
        at = row
        if value == "ROUTED":
            at = table.index[table["owns"] == "no"][row]
            value = "yes"
        table.loc[at, column] = table[column].iloc[0] if value == "OTHER" else value
    path.unlink()
    duckdb.from_df(table).write_parquet(str(path))


def taken(folder, engine):
    """What is wrong with a survey, and the survey where nothing is."""
    try:
        return [], load_survey(folder, engine=engine)
    except SurveyProblems as error:
        return [str(problem) for problem in error.problems], None


def said(folder, engine):
    return taken(folder, engine)[0]


def test_nothing_is_wrong_before(folders):
    assert said(folders["cycling"], "duckdb") == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_located_as_in_memory(tmp_path, monkeypatch, damage):
    folder = to_parquet(copy(CYCLING, tmp_path / "cycling"))
    damaged(folder, *DAMAGES[damage])
    expected = said(folder, "pandas")
    assert expected and said(folder, "duckdb") == expected
    monkeypatch.setattr(screening, "_WIDE", 0)  # as a table of hundreds of columns
    monkeypatch.setattr(screening, "_PARTS", 3)
    assert said(folder, "duckdb") == expected


def test_a_question_of_a_file_is_counted_by_its_own_columns(folders, monkeypatch):
    asked = []
    text = engines._Files.text

    def noted(self, names=None, name=str):
        asked.append(names)
        return text(self, names, name)

    monkeypatch.setattr(engines._Files, "text", noted)
    survey = load_survey(folders["cycling"], engine="duckdb")
    asked.clear()
    counted = tabulate(survey, survey.question("owns"), ["district"]).cells
    assert any("owns" in names for names in asked)
    assert all({*names} <= {"owns", "district", "wt"} for names in asked)  # a weight for each
    memory = load_survey(folders["cycling"], engine="pandas")
    assert_frame_equal(counted, tabulate(memory, memory.question("owns"), ["district"]).cells)


@pytest.mark.parametrize("few", [0, 1_000], ids=["sorted", "counted"])
def test_codes_of_a_wide_file_are_fetched_once_and_count_the_same(folders, monkeypatch, few):
    monkeypatch.setattr(tabulating, "_WIDE", 0)
    monkeypatch.setattr(tabulating, "_FEW", few)
    survey = load_survey(folders["cycling"], engine="duckdb")
    memory = load_survey(folders["cycling"], engine="pandas")
    for question in survey.codebook.questions.values():
        for by in ([], ["age", "district"]):
            expected = tabulate(memory, question, by)
            assert_frame_equal(tabulate(survey, question, by).cells, expected.cells)
    monkeypatch.delattr(engines._Files, "text")  # the file is not asked again
    tabulate(survey, survey.question("owns"), ["age"])


@pytest.fixture(params=["", ", weight: wt"], ids=["unweighted", "weighted"])
def travellers(tmp_path, request):
    """A survey whose filter looks 200 countries up, in a file of many row groups."""
    book, place = tmp_path / "codebook", tmp_path / "responses" / "people.parquet"
    book.mkdir()
    place.parent.mkdir()
    bands = ", ".join(f"c{n}: {'north' if n % 3 else 'south'}" for n in range(200))
    (book / "survey.yml").write_text(
        f"title: Travel\nprovenance: public\npopulations: {{people: {{id: ref{request.param}}}}}\n"
        "dimensions:\n  half:\n    bands: {north: North, south: South}\n"
        f"    source: {{people: {{column: country, map: {{{bands}}}}}}}\n"
    )
    (book / "questions.csv").write_text(
        "id,population,kind,label,wording,option_set\n"
        "country,people,single,Country,Which country?,countries\n"
        "fly,people,single,Flies,Do you fly?,yn\n"
    )
    (book / "options.csv").write_text(
        "set,code,label,order\nyn,yes,Yes,1\nyn,no,No,2\n"
        + "".join(f"countries,c{n},Country {n},{n}\n" for n in range(200))
    )
    at = np.arange(60_000)
    country = at * 7919 % 200
    fly = np.where((country % 3 == 0) ^ (at % 10 == 0), "yes", "no")  # of the south, nine in ten
    table = pd.DataFrame({"ref": at, "country": [f"c{n}" for n in country], "fly": fly})
    if request.param:
        table["wt"] = np.where(country % 3, 1.0, 2.0)
    duckdb.from_df(table.astype(str)).write_parquet(str(place), row_group_size=2048)
    return tmp_path, table.assign(half=np.where(country % 3, "north", "south"))


def test_columns_fetched_one_after_another_are_of_the_same_people(travellers, monkeypatch):
    """DuckDB loses the order of rows where it looks codes up in a long list."""
    folder, table = travellers
    expected = table.groupby(["half", "fly"]).size().to_dict()
    weights = {"north": 1.0, "south": 2.0 if "wt" in table else 1.0}
    for _ in range(5):  # which part of the file comes first is a matter of chance
        with monkeypatch.context() as patched:
            patched.setattr(tabulating, "_WIDE", 0)
            patched.setattr(tabulating, "_AT_ONCE", 1)
            survey = load_survey(folder, engine="duckdb")
            counted = tabulate(survey, survey.question("fly"), ["half"]).cells
            found = coded(survey, "people", ["half", "fly"])
        assert dict(counted.set_index(["half", "option"])["n"]) == expected
        assert (counted["sum_w"] == counted["n"] * counted["half"].map(weights)).all()
        for name, (places, codes) in found.items():
            assert (np.array(codes)[places] == table[name]).all()
        fetched = load_survey(folder, engine="duckdb").held["people"].in_memory()
        for name, column in {"ref": "ref", "fly": "fly", "half": "_band_half"}.items():
            assert (fetched[column] == table[name].astype(str)).all()


@pytest.fixture
def questionnaire(tmp_path):
    """Eight questions with one answer each, of which one is asked of some, and a grid."""
    book, place = tmp_path / "codebook", tmp_path / "responses" / "people.parquet"
    book.mkdir()
    place.parent.mkdir()
    (book / "survey.yml").write_text(
        "title: Travel\nprovenance: public\n"
        "populations: {people: {id: ref, weight: wt, strata: area}}\n"
        "dimensions:\n  half:\n    bands: {north: North, south: South}\n"
        "    source: {people: {column: half, map: {n: north, s: south}}}\n"
    )
    rows = [f"q{n},people,single,Q{n},Question {n}?,abc,{'q1=a' * (n == 4)}" for n in range(8)]
    rows.append("grid,people,grid,Grid,Which?,abc,")
    (book / "questions.csv").write_text(
        "id,population,kind,label,wording,option_set,asked_if\n" + "\n".join(rows) + "\n"
    )
    (book / "items.csv").write_text(
        "question,item,label\n" + "".join(f"grid,i{n},Item {n}\n" for n in range(6))
    )
    (book / "options.csv").write_text("set,code,label\nabc,a,A\nabc,b,B\nabc,c,C\n")
    draw = np.random.default_rng(8)
    n, columns = 4_000, [*(f"q{n}" for n in range(8)), *(f"grid.i{n}" for n in range(6))]
    table = pd.DataFrame({c: draw.choice(["a", "b", "c", ""], n) for c in columns})
    table.loc[table["q1"] != "a", "q4"] = ""
    table = table.assign(ref=np.arange(n), half=draw.choice(["n", "s", ""], n))
    table = table.assign(area=draw.choice(["x", "y"], n), wt=draw.uniform(0.2, 3, n).round(4))
    duckdb.from_df(table.astype(str)).write_parquet(str(place))
    return tmp_path


def test_questions_asked_for_in_turn_are_counted_together(questionnaire, monkeypatch):
    """Whatever was counted ahead, each table is of its own question, groups and people."""
    fetches = []
    collected = tabulating.collected
    monkeypatch.setattr(
        tabulating, "collected", lambda counted: fetches.append(1) or collected(counted)
    )
    known, survey = (load_survey(questionnaire, engine=e) for e in ("pandas", "duckdb"))
    asked = list(survey.codebook.questions.values())
    halves = [Selection.of({"half": codes}) for codes in ("north", (), ("north", "south"))]
    ways = [((), None), (("half",), None), (("q2",), halves[0]), ((), halves[1]), ((), halves[2])]

    def compare(question, by, where):
        found = tabulate(survey, question, by, where)
        same(found.cells, tabulate(known, question, by, where).cells)
        same(found.strata, tabulate(known, question, by, where).strata)

    for by, where in ways:
        strata(survey, "people")
        fetches.clear()
        for question in asked:
            found = tabulate(survey, question, by, where)
        assert len(found.cells["column"].unique()) == (6 if where is not halves[1] else 0)
        assert len(fetches) < len(asked)
    for by, where in ways:
        for question in asked:
            compare(question, by, where)
    mixed = [(question, *way) for question in asked * 2 for way in ways]
    random.Random(4).shuffle(mixed)
    for one in mixed[:40]:
        compare(*one)


def test_a_shared_fault_is_reported_once_with_a_count(tmp_path):
    folder = to_parquet(copy(CYCLING, tmp_path / "cycling"))
    damaged(folder, "owns", "maybe", rows=range(10, 30))
    assert len(said(folder, "pandas")) == 20
    (problem,) = said(folder, "duckdb")
    assert problem.startswith(
        'residents.parquet, row 12, column owns: 20 respondents have the same fault; found "maybe"'
    )


@pytest.mark.parametrize("seed", range(20))
def test_random_damage_gives_the_same_verdict(tmp_path, seed):
    """Whatever cells hold, an engine rejects what memory rejects and else reads the same codes."""
    draw = random.Random(seed)
    folder = to_parquet(copy(CYCLING, tmp_path / "cycling"))
    path = folder / "responses" / "residents.parquet"
    table = duckdb.read_parquet(str(path)).df()
    cells = [
        None,
        "",
        " ",
        "yes",
        "no",
        "1",
        "0",
        "-9",
        "98",
        "daily",
        "weekly",
        "not_asked",
        "not_answered",
        "3",
        "4.5",
        "1e3",
        "x",
        " yes ",
    ]
    for _ in range(draw.choice([1, 2, 40])):
        column = draw.choice([c for c in table.columns if c != "ref"])
        table.loc[draw.randrange(len(table)), column] = draw.choice(cells)
    path.unlink()
    duckdb.from_df(table).write_parquet(str(path))
    (expected, one), (found, two) = (taken(folder, engine) for engine in ("pandas", "duckdb"))
    # The first of several that are alike stands for them.
    places = [
        {(p.split(": ")[0].rsplit(", ", 1)[-1], p.split("found")[-1]) for p in said_}
        for said_ in (expected, found)
    ]
    assert places[0] == places[1]
    if not expected:
        here, there = one.frames["residents"], fetched(two.frames["residents"])
        assert_frame_equal(there[here.columns].astype(here.dtypes), here)


def test_missing_repeated_and_unknown_columns_are_reported(tmp_path):
    folder = to_parquet(copy(CYCLING, tmp_path / "cycling"), "* EXCLUDE (owns), 1 AS extra")
    expected = said(folder, "pandas")
    assert len(expected) > 1 and said(folder, "duckdb") == expected


def test_typed_columns_are_read_as_their_codes(tmp_path):
    folder = to_parquet(copy(CYCLING, tmp_path / "cycling"))
    path = folder / "responses" / "residents.parquet"
    expected = load_survey(folder, engine="pandas")
    boxes = [c for c in expected.frames["residents"].columns if c.startswith("purposes.")]
    casts = ", ".join(f'"{c}" = \'1\' AS "{c}"' for c in boxes)
    codes = [c for c in expected.frames["residents"].columns if c.startswith("agree.")]
    casts += "".join(f', "{c}"::DOUBLE AS "{c}"' for c in codes)
    duckdb.read_parquet(str(path)).project(
        f"* REPLACE ({casts}, wt::DOUBLE AS wt, distance::FLOAT AS distance)"
    ).df().pipe(duckdb.from_df).write_parquet(str(path.with_name("typed.parquet")))
    path.with_name("typed.parquet").replace(path)
    for engine in ("pandas", "duckdb"):
        survey = load_survey(folder, engine=engine)
        same(proportion(survey, "purposes", by="age"), proportion(expected, "purposes", by="age"))
        same(means.mean(survey, "agree"), means.mean(expected, "agree"))
        found, wanted = (means.mean(s, "distance") for s in (survey, expected))
        assert_frame_equal(found, wanted, rtol=1e-6)


# --- how a survey says what holds it


def test_large_parquet_files_stay_on_disk(folders, monkeypatch):
    kind = engines.engine_of(load_survey(folders["cycling"]).frames["residents"])
    assert kind == "pandas"
    expected = load_survey(folders["cycling"]).frames["residents"]
    for limit in ("IN_MEMORY", "CELLS"):
        with monkeypatch.context() as patched:
            patched.setattr(engines, limit, 100)
            kind = engines.engine_of(load_survey(folders["cycling"]).frames["residents"])
            assert kind == "duckdb"
    monkeypatch.setattr(engines, "IN_MEMORY", 100)
    # Asked for, they are fetched column by column.
    fetched = load_survey(folders["cycling"], engine="pandas").frames["residents"]
    assert_frame_equal(fetched[expected.columns], expected)


def test_text_files_can_be_held_by_an_engine_too(engine, pandas):
    survey = load_survey(CYCLING, engine=engine)
    assert engines.engine_of(survey.frames["residents"]) == engine
    expected = load_survey(CYCLING)
    assert survey.fingerprint == expected.fingerprint
    same(proportion(survey, "often", by="age"), proportion(expected, "often", by="age"))


def test_open_tables_can_be_given(pandas, folders):
    path = str(folders["cycling"] / "responses" / "residents.parquet")
    expected = proportion(pandas["cycling"], "often", by="age")
    prints = set()
    for table in (duckdb.read_parquet(path), duckdb.read_parquet(path).df()):
        survey = load_survey(CYCLING, tables={"residents": table})
        same(proportion(survey, "often", by="age"), expected)
        prints.add(survey.fingerprint)
    changed = duckdb.read_parquet(path).df()
    changed.loc[changed["owns"] == "no", "remark"] = "?"
    prints.add(load_survey(CYCLING, tables={"residents": changed}).fingerprint)
    prints.add(load_survey(CYCLING, tables={"residents": duckdb.from_df(changed)}).fingerprint)
    assert len(prints) == 4
    with pytest.raises(InsightsError, match="no population"):
        load_survey(CYCLING, tables={"people": changed})
    with pytest.raises(InsightsError, match="cannot be held as builtins.list"):
        load_survey(CYCLING, tables={"residents": []})


def test_mistakes_are_reported(folders, tmp_path):
    with pytest.raises(InsightsError, match='no engine "polars".*pandas, duckdb, spark'):
        load_survey(folders["cycling"], engine="polars")
    folder = copy(CYCLING, tmp_path / "cycling")
    (folder / "responses" / "residents.csv").unlink()
    (folder / "responses" / "residents.parquet").mkdir()
    with pytest.raises(InsightsError, match="a folder without Parquet files"):
        load_survey(folder)
    (folder / "responses" / "residents.parquet" / "a.parquet").write_text("ref,owns\n")
    with pytest.raises(SurveyProblems, match="residents.parquet: not a Parquet file"):
        load_survey(folder)
    (folder / "responses" / "residents.parquet" / "a.parquet").unlink()
    pd.DataFrame({"ref": []}).astype(str).pipe(duckdb.from_df).write_parquet(
        str(folder / "responses" / "residents.parquet" / "a.parquet")
    )
    for engine in ("pandas", "duckdb"):
        with pytest.raises(SurveyProblems, match="there is no respondent in the file"):
            load_survey(folder, engine=engine)
