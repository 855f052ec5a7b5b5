"""People in several strata, and as clusters in every table, against R (tests/oracles/panels.R)."""

import csv

import numpy as np
import pandas as pd
import pytest
from test_wave_trends import write

import helpers as h
from helpers.errors import InsightsError
from helpers.estimation import compare, crosstabs
from helpers.estimation.columns import block_of, estimate_columns
from helpers.estimation.estimates import worst_case
from helpers.estimation.index import index_columns, index_mean
from helpers.estimation.means import mentions, ticked_none
from helpers.responses.recoding import FIRST_STRATUM
from places import TESTS

PANEL = TESTS / "oracles" / "panels_panel.csv"
KINDS = {"named": "weight: wt, strata: named", "moved": "weight: wt, strata: moved", "equal": ""}
EVERYBODY = {"wave": "*"}
PLACES = {"all": {}, "coast": {"area": "coast"}, "town": {"area": "town"}, "late": {"wave": "2025"}}
BOOK = {
    "questions.csv": """id,population,kind,label,option_set,favourable
member,people,single,Member,yn,
hours,people,number,Hours,,
score,people,single,Score,five,high
ease,people,single,Ease,five,high
uses,people,multiple,Uses,,
""",
    "items.csv": "question,item,label\nuses,walk,Walks\nuses,bus,Bus\nuses,car,Car\n",
    "options.csv": "set,code,label,score\nyn,yes,Yes,\nyn,no,No,\n"
    + "".join(f"five,{k},{k},{k}\n" for k in range(1, 6)),
}


def book(design, person="person: person,"):
    others = [name for name in ("wt", "moved", "named", "person") if f" {name}" not in design]
    others = [name for name in others if not (person and name == "person")]
    return f"""title: Members of a club
provenance: illustrative
populations:
  people: {{label: People, label_one: person, id: row, {person} {design}{"," * bool(design)}
    other_columns: [{", ".join(others)}]}}
dimensions:
  wave:
    label: Wave
    bands: {{'2019': '2019', '2022': '2022', '2025': '2025'}}
    source: {{people: wave}}
  area: {{label: Area, bands: {{coast: Coast, hills: Hills, town: Town}}, source: {{people: area}}}}
index:
  pleased: {{label: Pleased, items: [score, ease], measure: score}}
"""


def panel(folder, design, person="person: person,", rows=None):
    files = {f"codebook/{name}": text for name, text in BOOK.items()}
    text = PANEL.read_text(encoding="utf-8") if rows is None else rows.to_csv(index=False)
    files |= {"codebook/survey.yml": book(design, person), "responses/people.csv": text}
    return write(folder, files)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("panels")
    return {name: panel(place / name, design) for name, design in KINDS.items()}


def expected():
    with open(TESTS / "oracles" / "panels.csv", encoding="utf-8") as file:
        found = {}
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            found.setdefault(row["case"], {})[row["what"]] = float(row["value"])
        return found


R = expected()
PAIRS = [("coast", "hills"), ("coast", "town"), ("hills", "town")]


def holds(case, row, names=("estimate", "se")):
    for name in names:
        assert row[name] == pytest.approx(R[case][name], rel=1e-8), (case, name)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
@pytest.mark.parametrize("kind", KINDS)
def test_estimates_of_people_are_those_of_r(folders, kind, engine):
    survey = h.load_survey(folders[kind], engine=engine)
    for place, more in PLACES.items():
        where = EVERYBODY | more
        shares = h.share(survey, "member", where=where).df.set_index("option")
        holds(f"{kind} {place} yes", shares.loc["yes"])
        holds(f"{kind} {place} score", h.mean(survey, "score", where=where).df.iloc[0])
        holds(f"{kind} {place} hours", h.mean(survey, "hours", where=where).df.iloc[0])
        walks = h.share(survey, "uses", where=where).df.set_index("item")
        holds(f"{kind} {place} walk", walks.loc["walk"])
        holds(f"{kind} {place} none", ticked_none(survey, "uses", where=where).iloc[0])
        ticks = mentions(survey, "uses", where=where).set_index("item")
        for item in ("walk", "bus"):
            holds(f"{kind} {place} ticks of {item}", ticks.loc[item])
        holds(f"{kind} {place} index", index_mean(survey, "pleased", where=where).iloc[0])
        bounds = worst_case(survey, "member", where=where).set_index("option").loc["yes"]
        for end in ("lowest", "highest"):
            assert bounds[end] == pytest.approx(R[f"{kind} {place} {end}"]["estimate"], rel=1e-10)
    by_area = index_mean(survey, "pleased", "area", EVERYBODY).set_index("area")
    holds(f"{kind} town index", by_area.loc["town"])
    split = mentions(survey, "uses", "area", EVERYBODY).set_index(["area", "item"])
    holds(f"{kind} coast ticks of bus", split.loc["coast", "bus"])


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
@pytest.mark.parametrize("kind", KINDS)
def test_differences_models_and_totals_of_people_are_those_of_r(folders, kind, engine):
    survey = h.load_survey(folders[kind], engine=engine)
    steps = compare.groups(survey, "member", "wave", EVERYBODY, combine={"yes": ["yes"]})
    steps = steps.set_index(["group", "other"])
    holds(f"{kind} 2019 2022", steps.loc["2022", "2019"])
    holds(f"{kind} 2022 2025", steps.loc["2025", "2022"])
    fit = h.model(survey, "hours ~ area", where=EVERYBODY, reference={"area": "coast"}).tests
    assert fit.set_index("level").loc["hills", "se"] == pytest.approx(
        R[f"{kind} linear model"]["se"], rel=1e-7
    )
    total = h.total(survey, "hours", where=EVERYBODY).df.iloc[0]
    assert total["se"] == pytest.approx(R[f"{kind} total"]["se"], rel=1e-8)
    f = crosstabs.table(survey, "member", "area", EVERYBODY).iloc[0]["statistic"]
    assert f == pytest.approx(R[f"{kind} crosstab"]["f"], rel=1e-8)


def columns_of(survey, question, codes, engine_rows=("area",)):
    """Estimates in the columns of a banner: everybody, then each area; with their tests."""
    blocks = [block_of(survey, []), block_of(survey, engine_rows)]
    asked = survey.question(question)
    return estimate_columns(survey, asked, blocks, codes, EVERYBODY)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
@pytest.mark.parametrize("kind", KINDS)
def test_people_are_clusters_in_banners(folders, kind, engine):
    survey = h.load_survey(folders[kind], engine=engine)
    asked = {
        "yes": ("member", [("yes",)], "rows"),
        "score": ("score", [("1",)], "mean"),
        "x": ("hours", [], "mean"),
        "uses.walk": ("uses", [("1",)], "rows"),
        "none": ("uses", [("1",)], "none"),
    }
    names = {"yes": "yes", "score": "score", "x": "hours", "uses.walk": "walk", "none": "none"}
    for variable, (question, codes, what) in asked.items():
        found = columns_of(survey, question, codes)
        values = found.of(what)
        for column, place in ((0, "all"), (1, "coast"), (3, "town")):
            row = {name: values[name][column].reshape(-1)[0] for name in ("estimate", "se")}
            holds(f"{kind} {place} {names[variable]}", row)
        (tests,) = [t for t in found.tests if t.of == what]
        assert [*tests.pairs] == [(1, 2), (1, 3), (2, 3)]
        for n, pair in enumerate(PAIRS):
            first = tests.values["p"].reshape(-1, len(PAIRS))[0]
            wanted = R[f"{kind} {variable} {' '.join(pair)}"]["p"]
            assert first[n] == pytest.approx(wanted, rel=1e-6), (variable, pair)
    whole = index_columns(
        survey, "pleased", [block_of(survey, []), block_of(survey, ["area"])], EVERYBODY
    )
    for column, place in ((0, "all"), (1, "coast"), (3, "town")):
        holds(
            f"{kind} {place} index",
            {name: whole.mean[name][column, 0] for name in ("estimate", "se")},
        )


def test_population_sizes_are_of_people(folders):
    survey = h.load_survey(folders["moved"])
    sizes = {"coast": 120, "hills": 300, "town": 95}  # fewer than there are rows
    strata = survey.frames["people"].groupby(FIRST_STRATUM)
    assert strata.size()["town"] > 95 and strata.size()["hills"] > 180
    assert strata["person"].nunique().to_dict() == {"coast": 63, "hills": 111, "town": 86}
    sized = survey.design(population_size=sizes)
    for place, more in PLACES.items():
        where = EVERYBODY | more
        holds(f"sizes {place} hours", h.mean(sized, "hours", where=where).df.iloc[0])
        holds(f"sizes {place} index", index_mean(sized, "pleased", where=where).iloc[0])
    with pytest.raises(InsightsError, match=r"at least the 86 who responded"):
        h.mean(survey.design(population_size={**sizes, "town": 85}), "hours")
    with pytest.raises(InsightsError, match=r"in which nobody is first has no size of its own"):
        h.mean(survey.design(population_size={**sizes, "moor": 85}), "hours")


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_somebody_in_several_strata_counts_in_the_first(folders, tmp_path, engine):
    """The same as if the file named the first stratum of everybody in every row."""
    rows = pd.read_csv(PANEL, dtype=str, keep_default_na=False)
    first = rows.sort_values(["person", "wave"]).groupby("person")["moved"].first()
    rows = rows.assign(moved=rows["person"].map(first))
    plain = h.load_survey(panel(tmp_path / "plain", KINDS["moved"], rows=rows), engine=engine)
    survey = h.load_survey(folders["moved"], engine=engine)
    assert FIRST_STRATUM not in plain.columns("people")
    for ask in (
        lambda s: h.share(s, "member", where=EVERYBODY).df,
        lambda s: h.share(s, "member").df,
        lambda s: h.compare(s, "score", "area", where=EVERYBODY).tests,
        lambda s: h.trend(s, "member").tests,
    ):
        pd.testing.assert_frame_equal(ask(survey), ask(plain), rtol=1e-12)
    notes = h.share(survey, "member", where=EVERYBODY).notes
    said = "together; who is in several strata counts in the first."
    assert any(note.endswith(said) for note in notes)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_a_person_named_in_a_trend_counts_in_the_first_stratum_too(folders, tmp_path, engine):
    design = KINDS["named"]
    unnamed = h.load_survey(panel(tmp_path / "unnamed", design, person=""), engine=engine)
    survey = h.load_survey(folders["named"], engine=engine)
    one, two = h.trend(survey, "score"), h.trend(unnamed, "score", person="person")
    for what in ("tests", "df"):
        pd.testing.assert_frame_equal(getattr(one, what), getattr(two, what), rtol=1e-12)


@pytest.mark.slow
def test_people_without_a_name_are_people_of_their_own_in_every_table(folders, tmp_path):
    """Rows without a name give what rows with names of their own give."""
    rows = pd.read_csv(PANEL, dtype=str, keep_default_na=False)
    alone = rows["person"].str[-1] == "7"
    found = []
    for case, names in (("none", [""] * len(rows)), ("own", [f"X{n}" for n in range(len(rows))])):
        new = rows.assign(person=rows["person"].mask(alone, pd.Series(names, dtype=str)))
        survey = h.load_survey(panel(tmp_path / case, KINDS["named"], rows=new))
        values = []
        for question, codes in (("member", [("yes",)]), ("score", [("1",)]), ("hours", [])):
            made = columns_of(survey, question, codes)
            values += [made.rows["se"], made.rows["df"]]
            values += [made.mean["se"], made.mean["df"]] if made.mean else []
            values += [test.values["p"] for test in made.tests]
        values += [index_mean(survey, "pleased", "area", EVERYBODY)["se"]]
        values += [mentions(survey, "uses", "area", EVERYBODY)[["se", "df"]]]
        values += [ticked_none(survey, "uses", "area", EVERYBODY)["se"]]
        found.append(values)
    for one, two in zip(*found, strict=True):
        np.testing.assert_allclose(np.asarray(one, float), np.asarray(two, float), rtol=1e-8)


def test_overlapping_columns_of_a_banner_take_people_together(folders):
    """Columns of who ticked each box: each is the estimate of that part."""
    survey = h.load_survey(folders["moved"])
    found = columns_of(survey, "member", [("yes",)], ("uses",))
    for n, box in enumerate(("walk", "bus", "car")):
        row = h.share(survey, "member", where=EVERYBODY | {f"uses.{box}": "1"}).df
        row = row.set_index("option").loc["yes"]
        assert found.rows["se"][1 + n, 0, 0] == pytest.approx(row["se"], rel=1e-10)
