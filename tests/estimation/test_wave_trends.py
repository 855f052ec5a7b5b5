"""Trends over waves against R's survey (tests/oracles/trends.R) and work by hand."""

import csv
import re
import shutil

import numpy as np
import pandas as pd
import pytest

import helpers as h
from helpers.errors import InsightsError, SurveyProblems
from helpers.estimation import compare, crosstabs, waves
from helpers.estimation.association import adjusted
from places import ROOT, TESTS
from three_waves import BOOK, survey_of

PANEL = TESTS / "oracles" / "trends_panel.csv"
SURVEY = """title: Members of a club
provenance: illustrative
populations:
  people: {{label: People, label_one: person, id: row, other_columns: [person{more}]{design}}}
dimensions:
  wave:
    label: Wave
    bands: {{'2019': '2019', '2022': '2022', '2025': '2025'}}
    source: {{people: wave}}
  area: {{label: Area, bands: {{town: Town, coast: Coast, hills: Hills}}, source: {{people: area}}}}
"""
QUESTIONS = """id,population,kind,label,option_set
member,people,single,Member,yn
hours,people,number,Hours,
"""


def write(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def panel_of(folder, weighted):
    design = ", weight: wt, strata: area" if weighted else ""
    more = "" if weighted else ", wt"
    return write(
        folder,
        {
            "codebook/survey.yml": SURVEY.format(design=design, more=more),
            "codebook/questions.csv": QUESTIONS,
            "codebook/options.csv": "set,code,label\nyn,yes,Yes\nyn,no,No\n",
            "responses/people.csv": PANEL.read_text(encoding="utf-8"),
        },
    )


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("panel")
    return {name: panel_of(place / name, name == "weights") for name in ("equal", "weights")}


def oracle():
    with open(TESTS / "oracles" / "trends.csv", encoding="utf-8") as file:
        found = {}
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            found.setdefault(row["case"], {})[row["what"]] = float(row["value"])
        return found


CASES = [
    *(
        (f"{kind} {linked}", kind, linked)
        for kind in ("equal", "weights")
        for linked in ("apart", "panel")
    ),
    ("two waves", "weights", "panel"),
]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
@pytest.mark.parametrize(("question", "variable"), [("member", "y"), ("hours", "x")])
@pytest.mark.parametrize(("case", "kind", "linked"), CASES)
def test_trends_agree_with_r(folders, case, kind, linked, question, variable, engine):
    survey = h.load_survey(folders[kind], engine=engine)
    wanted = oracle()[f"{case} {variable}"]
    where = {"wave": ["2019", "2025"]} if case == "two waves" else None
    found = waves.trend(
        survey,
        question,
        where,
        combine=None if question == "hours" else {"yes": ["yes"]},
        person="person" if linked == "panel" else "",
    )
    tests = found.tests.set_index("compared")
    for n, (at, se) in enumerate(
        zip(found.estimates["estimate"], found.estimates["se"], strict=True)
    ):
        assert at == pytest.approx(wanted[f"estimate{n + 1}"], rel=1e-9)
        if linked == "apart":  # the design of `share` has no clusters
            assert se == pytest.approx(wanted[f"se{n + 1}"], rel=1e-9)
    ends = tests.loc["first to last"]
    assert ends["estimate"] == pytest.approx(wanted["ends"], rel=1e-9)
    assert ends["se"] == pytest.approx(wanted["ends_se"], rel=1e-7)
    step = tests.loc[["step"]].iloc[0]
    assert step["se"] == pytest.approx(wanted["step_se"], rel=1e-7)
    whole = tests.loc["all waves"]
    assert whole["statistic"] == pytest.approx(wanted["f"], rel=1e-6)
    assert (whole["df1"], whole["df2"]) == (wanted["df1"], wanted["df2"])
    assert whole["p"] == pytest.approx(wanted["p"], rel=1e-6)


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_a_person_in_two_waves_as_identifier_is_told_apart_from_a_repeated_row(tmp_path, engine):
    folder = panel_of(tmp_path / "people", False)
    book = folder / "codebook" / "survey.yml"
    named = book.read_text().replace(
        "id: row, other_columns: [person", "id: person, other_columns: [row"
    )
    book.write_text(named)
    with pytest.raises(SurveyProblems, match=r'in another wave.*h\.trend\(…, person="person"\)'):
        h.load_survey(folder, engine=engine)


def test_the_same_people_are_counted_once_and_paired(folders):
    """Counts of the file by hand: who answered in both waves."""
    rows = pd.read_csv(PANEL, keep_default_na=False)
    rows = rows[rows["member"] != ""]
    there = rows.pivot(index="person", columns="wave", values="member").notna()
    found = h.trend(h.load_survey(folders["equal"]), "member", person="person")
    tests = found.tests.set_index("compared")
    assert tests.loc["first to last", "n_both"] == (there[2019] & there[2025]).sum()
    assert tests.loc["step", "n_both"].tolist() == [
        (there[2019] & there[2022]).sum(),
        (there[2022] & there[2025]).sum(),
    ]
    alone = h.trend(h.load_survey(folders["equal"]), "member").tests.set_index("compared")
    assert (alone["n_both"] == 0).all()
    assert tests.loc["first to last", "se"] < alone.loc["first to last", "se"]
    assert any("their answers are paired" in note for note in found.notes)


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_answers_without_a_wave_or_a_name_are_in_no_pair(folders, tmp_path, engine):
    folder = panel_of(tmp_path / "gaps", False)
    path = folder / "responses" / "people.csv"
    more = ["9001,P001,,town,1,yes,5", "9002,P001,,town,1,no,6", "9003,,2019,town,1,yes,5"]
    path.write_text(path.read_text() + "\n".join([*more, "9004,,2019,town,1,no,"]) + "\n")
    whole = h.trend(h.load_survey(folders["equal"]), "member", person="person").tests
    found = h.trend(h.load_survey(folder, engine=engine), "member", person="person").tests
    assert found["n_both"].tolist() == whole["n_both"].tolist()
    assert found["df2"].tolist() == [df + 2 for df in whole["df2"]]


def test_two_waves_of_the_same_people_are_a_paired_difference(tmp_path):
    """Twelve people answer twice: the mean of their differences and its standard error by hand."""
    before, after = "yynnynnynynn", "yyynynyyyynn"
    rows = [
        f"{wave}{n},{wave},P{n},{'yes' if one == 'y' else 'no'}"
        for wave, answers in (("2019", before), ("2025", after))
        for n, one in enumerate(answers)
    ]
    folder = write(
        tmp_path,
        {
            "codebook/survey.yml": SURVEY.format(design="", more="").rsplit("  area", 1)[0],
            "codebook/questions.csv": QUESTIONS.rsplit("hours", 1)[0],
            "codebook/options.csv": "set,code,label\nyn,yes,Yes\nyn,no,No\n",
            "responses/people.csv": "row,wave,person,member\n" + "\n".join(rows) + "\n",
        },
    )
    gaps = np.array([(b == "y") * 1.0 - (a == "y") for a, b in zip(before, after, strict=True)])
    found = h.trend(h.load_survey(folder), "member", person="person").tests.set_index("compared")
    ends = found.loc["first to last"]
    assert ends["estimate"] == pytest.approx(gaps.mean())
    assert ends["se"] == pytest.approx(gaps.std(ddof=1) / 12**0.5)
    assert ends["statistic"] ** 2 == pytest.approx(found.loc["all waves", "statistic"])
    # With the identifier of an import, P3 of 2019 is "2019-P3".
    named = folder / "responses" / "people.csv"
    lines = [line.split(",") for line in named.read_text().splitlines()]
    named.write_text(
        "\n".join(
            ",".join([head if n == 0 else f"{wave}-{who}", wave, who, said])
            for n, (head, wave, who, said) in enumerate(lines)
        )
        + "\n"
    )
    again = h.trend(h.load_survey(folder), "member", person="row").tests.set_index("compared")
    assert again.loc["first to last", "se"] == pytest.approx(ends["se"])


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Three waves whose questions differ, with the changes made large."""
    import random

    chance, rows = random.Random(3), []
    for wave, likes in (("2018", 0.2), ("2021", 0.5), ("2024", 0.85)):
        for n in range(150):
            late = wave > "2018"
            row = {"ref": f"{wave}-{n}", "wave": wave, "age": chance.choice(["young", "older"])}
            row["visits"] = chance.choice(["daily", "weekly"])
            row["uses.books"] = str(int(chance.random() < likes))
            row["uses.ebooks"] = str(chance.randrange(2)) * late
            row["views.staff"] = "3" if chance.random() < likes else "1"
            row["views.space"] = chance.choice("123") * late
            row["spend"] = str(10 + 5 * late + chance.randrange(6))
            row["first"] = chance.choice(["yes", "no"]) * (wave == "2018")
            row["last"] = chance.choice(["yes", "no"]) * (wave == "2024")
            rows.append(row)
    place = tmp_path_factory.mktemp("library")
    book = {**BOOK, "survey.yml": BOOK["survey.yml"].replace(", weight: WEIGHT", "")}
    book["survey.yml"] = book["survey.yml"].replace("provenance: private", "provenance: public")
    write(place, {f"codebook/{name}": text for name, text in book.items()})
    heads = list(rows[0])
    lines = [",".join(heads), *(",".join(row[c] for c in heads) for row in rows)]
    write(place, {"responses/readers.csv": "\n".join(lines) + "\n"})
    return h.load_survey(place)


def test_items_that_a_wave_did_not_ask_are_compared_over_the_others(library):
    found = h.trend(library, "views")
    tests = found.tests[found.tests["compared"] == "all waves"].set_index("item")
    assert tests.loc["staff", ["first", "last", "df1"]].tolist() == ["2018", "2024", 2]
    assert tests.loc["space", ["first", "last", "df1"]].tolist() == ["2021", "2024", 1]
    assert "not asked" in found.table().data.set_index("Item").loc["There is space · Agree", "2018"]
    assert tests["p_adjusted"].tolist() == pytest.approx(adjusted(tests["p"].to_numpy()).tolist())
    assert "Staff help" in found.sentence and "There is space" not in found.sentence
    assert "from 2018 to 2024" in found.sentence and "points, 95% range" in found.sentence
    assert "Chance of seeing as much if nothing had changed: p <0.001" in found.sentence


def test_a_question_of_one_wave_is_not_tested(library):
    found = h.trend(library, "last")
    assert found.sentence == "No change could be tested."
    assert set(found.tests["status"]) == {waves.FEW_ANSWERS}


def test_waves_in_which_nobody_said_it_are_tested_on_the_share_of_all(library):
    """0 of 150, then 75 of 150: pooled 0.25, so that wave has the variance 0.1875 / 150."""
    frame = library.codes["readers"]
    first = frame["wave"] == "2018"
    half = (frame.groupby("wave").cumcount() % 2).astype(str)
    changed = frame.assign(**{"uses.books": half.where(~first, "0")})
    survey = library.with_responses({"readers": changed})
    found = waves.trend(survey, "uses", {"wave": ["2018", "2021"]}).tests
    ends = found[(found["item"] == "books") & (found["compared"] == "first to last")].iloc[0]
    own = 0.25 / 149  # of the half, with n - 1 in a sample of one domain: n/(n - 1) of all
    assert ends["se"] ** 2 == pytest.approx(0.25 * 0.75 / 150 + own, rel=0.01)
    assert ends["p"] < 1e-10


def test_a_trend_of_numbers_is_of_means(library):
    found = h.trend(library, "spend")
    assert "Spending" in found.sentence and "points" not in found.sentence
    assert found.df["estimate"].is_monotonic_increasing or found.df["estimate"].nunique() == 3
    assert found.chart().data


def test_a_trend_can_be_of_a_part_and_of_chosen_waves(library):
    young = h.trend(library.where("age == 'young'"), "views")
    same = h.trend(library, "views", {"age": "young"})
    assert young.tests["p"].tolist() == pytest.approx(same.tests["p"].tolist(), nan_ok=True)
    two = h.trend(library, "views", {"wave": ["2018", "2024"]})
    assert set(two.df["wave"]) == {"2018", "2024"}


def test_what_has_no_trend_says_why(library):
    example = h.load_survey(ROOT / "data" / "example")
    with pytest.raises(InsightsError, match=r"asked in one wave only.*use `h\.change`"):
        h.trend(example, "uses")
    with pytest.raises(InsightsError, match="needs two waves; there is 2018"):
        h.trend(library, "views", {"wave": "2018"})
    with pytest.raises(InsightsError, match='no column "reff". Did you mean "ref"'):
        h.trend(library, "views", person="reff")
    with pytest.raises(InsightsError, match="is in wave .* twice"):
        h.trend(library, "views", person="age")


def test_the_sentence_gives_no_difference_that_its_range_takes_back(tmp_path):
    """All waves differ, the first and the last need not: the test is not said of their gap."""
    survey = h.load_survey(survey_of(tmp_path / "survey", weighted=True))
    found = h.trend(survey, "visits")
    ends = found.tests[found.tests["compared"] == waves.ENDS]
    whole = found.tests[found.tests["compared"] == waves.EVERY].set_index("option")
    for row in ends.to_dict("records"):
        clear = whole.loc[row["option"], "p_adjusted"] <= 0.05
        label = survey.question("visits").option_label(row["option"])
        lasting = not row["ci_low"] <= 0 <= row["ci_high"]
        if clear:
            said = f"{label}, in between only: not from" in found.sentence
            assert said is not lasting


@pytest.fixture(scope="module")
def clustered(tmp_path_factory):
    """Write the panel with a score of the hours, and with the person named."""
    table = pd.read_csv(PANEL, dtype=str, keep_default_na=False)
    scored = [str(min(int(float(v) // 4), 4) + 1) if v else "" for v in table["hours"]]
    table = table.assign(score=scored)
    place, found = tmp_path_factory.mktemp("clustered"), {}
    for name in ("equal", "weights"):
        folder = panel_of(place / name, name == "weights")
        book = folder / "codebook" / "survey.yml"
        book.write_text(book.read_text().replace("[person", "[").replace("[, wt", "[wt"))
        book.write_text(book.read_text().replace("id: row,", "id: row, person: person,"))
        with (folder / "codebook" / "questions.csv").open("a") as file:
            file.write("score,people,single,Score,five\n")
        points = "".join(f"five,{k},{k},{k}\n" for k in range(1, 6))
        (folder / "codebook" / "options.csv").write_text(
            f"set,code,label,score\nyn,yes,Yes,\nyn,no,No,\n{points}"
        )
        table.to_csv(folder / "responses" / "people.csv", index=False)
        found[name] = folder
    return found


CLUSTERS = list(
    csv.DictReader(
        line
        for line in (TESTS / "oracles" / "clusters.csv").read_text().splitlines()
        if not line.startswith("#")
    )
)


R_OF_PEOPLE: dict[str, dict[str, float]] = {}
for line in CLUSTERS:
    R_OF_PEOPLE.setdefault(line["case"], {})[line["what"]] = float(line["value"])


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
@pytest.mark.parametrize("name", ["equal", "weights"])
def test_people_are_clusters_where_waves_are_taken_together(clustered, name, engine):
    survey = h.load_survey(clustered[name], engine=engine)
    R = {(r["case"], r["what"]): float(r["value"]) for r in CLUSTERS}
    waves_of = {"all": "*", "two": ["2019", "2022"]}
    for case, chosen in waves_of.items():
        where = {"wave": chosen}
        yes = h.share(survey, "member", where=where).df.set_index("option").loc["yes"]
        same = h.share(survey, "member", where=where, combine={"it": ["yes"]}).df.iloc[0]
        score = h.mean(survey, "score", where=where).df.iloc[0]
        for row, of in ((yes, "member"), (same, "member"), (score, "score")):
            assert row["estimate"] == pytest.approx(R[f"{name} {case} {of}", "estimate"], rel=1e-12)
            assert row["se"] == pytest.approx(R[f"{name} {case} {of}", "se"], rel=1e-8)
        people = survey.codes["people"] if engine == "pandas" else None
        if people is not None:
            there = people[people["wave"].isin(waves_of["two"]) | (chosen == "*")]
            there = there[there["member"].isin(["yes", "no"])]
            strata = there["area"].nunique() if name == "weights" else 1
            persons = len(there[["person", "area"]].drop_duplicates())
            persons = persons if name == "weights" else there["person"].nunique()
            assert yes["df"] == persons - strata
            assert yes["n"] == len(there)
    for by, of in (("member", "member"), ("score", "score")):
        verb = h.share if of == "member" else h.mean
        split = verb(survey, by, by="area", where={"wave": "*"}).df
        split = split[split["option"] == "yes"] if of == "member" else split
        for area, se in zip(split["area"], split["se"], strict=True):
            assert se == pytest.approx(R[f"{name} {area} {of}", "se"], rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
@pytest.mark.parametrize("name", ["equal", "weights"])
def test_people_are_clusters_in_comparisons_and_crosstabs(clustered, name, engine):
    survey = h.load_survey(clustered[name], engine=engine)
    everybody = {"wave": "*"}
    for by in ("area", "wave"):
        combine = {"yes": ["yes"]}
        found = compare.groups(survey, "member", by, everybody, combine=combine)
        assert len(found) == 3
        for row in found.to_dict("records"):
            ends, sign = (row["group"], row["other"]), 1
            if f"{name} {' '.join(ends)}" not in R_OF_PEOPLE:
                ends, sign = ends[::-1], -1
            wanted = R_OF_PEOPLE[f"{name} {' '.join(ends)}"]
            assert row["estimate"] == pytest.approx(sign * wanted["difference"], rel=1e-10)
            assert row["statistic"] == pytest.approx(sign * wanted["t"], rel=1e-8)
            assert row["test"] == "t"
            assert row["df"] == wanted["df"]
            for what in ("se", "p"):
                assert row[what] == pytest.approx(wanted[what], rel=1e-8)
        for of in ("member", "score"):
            row = crosstabs.table(survey, of, by, everybody).iloc[0]
            wanted = R_OF_PEOPLE[f"{name} {of} by {by}"]
            for ours, theirs in (("statistic", "f"), ("df1", "df1"), ("df2", "df2"), ("p", "p")):
                assert row[ours] == pytest.approx(wanted[theirs], rel=1e-8)


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_the_rest_of_a_group_of_the_same_people_is_compared_as_any_two_groups(clustered, engine):
    """A column that says of an area whether somebody is there gives the same two groups."""
    survey = h.load_survey(clustered["equal"], engine=engine)
    survey = survey.derive(
        coast=h.recipes.recode("area", {"coast": ["coast"], "other": ["town", "hills"]})
    )
    everybody, combine = {"wave": "*"}, {"yes": ["yes"]}
    rest = compare.groups(survey, "member", "area", everybody, combine=combine, rest=True)
    rest = rest.set_index("group").loc["coast"]
    two = compare.groups(survey, "member", "coast", everybody, combine=combine).iloc[0]
    assert abs(rest["estimate"]) == pytest.approx(abs(two["estimate"]), rel=1e-9)
    for what in ("se", "df", "p"):
        assert rest[what] == pytest.approx(two[what], rel=1e-9)


def test_families_of_several_waves_take_people_together(clustered):
    """All comparisons at once are those of each question by itself."""
    survey = h.load_survey(clustered["weights"])
    found, whole = compare.all_questions(survey, {"member": None, "score": None}, "wave")
    for name in ("member", "score"):
        alone = compare.groups(survey, name, "wave")
        at_once = found[found["question"] == name].reset_index(drop=True)
        shared = [column for column in at_once if column != "status"]
        pd.testing.assert_frame_equal(at_once[shared], alone[shared], rtol=1e-10)
        test = crosstabs.table(survey, name, "wave").iloc[0]
        assert whole[name, "", ""] == pytest.approx(test["p"], rel=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
@pytest.mark.parametrize("name", ["equal", "weights"])
def test_people_are_clusters_in_means_and_totals_of_numbers(clustered, name, engine):
    survey = h.load_survey(clustered[name], engine=engine)
    where = {"wave": "*"}
    whole = R_OF_PEOPLE[f"{name} hours"]
    mean, total = h.mean(survey, "hours", where=where), h.total(survey, "hours", where=where)
    yes = h.total(survey, "member", where=where).df.set_index("option").loc["yes"]
    for row, of, wanted in (
        (mean.df.iloc[0], "mean", whole),
        (total.df.iloc[0], "total", whole),
        (yes, "total", R_OF_PEOPLE[f"{name} yes"]),
    ):
        assert row["estimate"] == pytest.approx(wanted[of], rel=1e-10)
        assert row["se"] == pytest.approx(wanted[f"{of} se"], rel=1e-8)
    for verb, of in ((h.mean, "mean se"), (h.total, "total se")):
        split = verb(survey, "hours", by="area", where=where).df
        for area, se in zip(split["area"], split["se"], strict=True):
            assert se == pytest.approx(R_OF_PEOPLE[f"{name} {area} hours"][of], rel=1e-8)
    for result in (mean, total):
        assert any("take the answers of each person together" in note for note in result.notes)


NAMES = {"constant": "(Intercept)", "area": "area", "wave": "waves"}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
@pytest.mark.parametrize("name", ["equal", "weights"])
@pytest.mark.parametrize("kind", ["logistic", "linear"])
def test_people_are_clusters_in_models(clustered, name, engine, kind):
    survey = h.load_survey(clustered[name], engine=engine)
    of, reference = ("member" if kind == "logistic" else "hours"), {"area": "coast"}
    found = h.model(survey, f"{of} ~ area + wave", where={"wave": "*"}, reference=reference)
    for row in found.tests.to_dict("records"):
        wanted = R_OF_PEOPLE[f"{name} {kind} {NAMES[row['term']]}{row['level']}"]
        assert row["estimate"] == pytest.approx(wanted["estimate"], rel=1e-7, abs=1e-9)
        assert row["se"] == pytest.approx(wanted["se"], rel=1e-7)
        assert row["df"] == R_OF_PEOPLE[f"{name} {kind}"]["df"]
        assert row["p"] == pytest.approx(wanted["p"], rel=1e-5)
    assert any("take the answers of each person together" in note for note in found.notes)


@pytest.mark.slow
def test_people_are_clusters_in_ordinal_models(clustered, tmp_path):
    """Rows of whom nobody is named are people of their own, as rows with names of their own are."""
    folder = shutil.copytree(clustered["weights"], tmp_path / "ordinal")
    book = folder / "codebook" / "survey.yml"
    book.write_text(book.read_text().replace(", strata: area", ""))
    asked = dict(where={"wave": "*"}, reference={"area": "coast"})
    found = h.model(h.load_survey(folder), "score ~ area + wave", **asked).tests
    for row in found[found["term"] != "threshold"].to_dict("records"):
        wanted = R_OF_PEOPLE[f"ordinal {NAMES[row['term']]}{row['level']}"]
        assert row["estimate"] == pytest.approx(wanted["estimate"], rel=1e-3)
        assert row["se"] == pytest.approx(wanted["se"], rel=1e-3)
    table = pd.read_csv(folder / "responses" / "people.csv", dtype=str, keep_default_na=False)
    made = {}
    for case, names in (("none", ""), ("own", [f"X{n}" for n in range(len(table))])):
        alone = table["person"].str[-1] == "7"
        named = pd.Series(names, table.index, dtype=str)
        table.assign(person=table["person"].mask(alone, named)).to_csv(
            folder / "responses" / "people.csv", index=False
        )
        survey = h.load_survey(folder)
        made[case] = [
            h.model(survey, "score ~ area + wave", **asked).tests["se"],
            h.model(survey, "hours ~ area + wave", **asked).tests["se"],
            h.compare(survey, "member", "area", where=asked["where"]).tests["se"],
            h.mean(survey, "hours", where=asked["where"]).df["se"],
        ]
    for none, own in zip(made["none"], made["own"], strict=True):
        np.testing.assert_allclose(none, own, rtol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
@pytest.mark.parametrize("name", ["equal", "weights"])
def test_a_net_is_followed_as_the_number_that_it_is_the_mean_of(clustered, tmp_path, name, engine):
    """One of 1 for the upper end of the scale, -1 for the lower, and 0: R's `svyby` of numbers."""
    folder = shutil.copytree(clustered[name], tmp_path / "net")
    with (folder / "codebook" / "questions.csv").open("a") as file:
        file.write("side,people,number,Side,\n")
    table = pd.read_csv(folder / "responses" / "people.csv", dtype=str, keep_default_na=False)
    side = [str(int(np.sign(int(v) - 3))) if v else "" for v in table["score"]]
    table.assign(side=side).to_csv(folder / "responses" / "people.csv", index=False)
    survey = h.load_survey(folder, engine=engine)
    net, number = h.trend(survey, "score", combine="net"), h.trend(survey, "side")
    for what in ("estimate", "se", "n_both", "df2", "p"):
        np.testing.assert_allclose(
            net.tests[what].astype(float), number.tests[what].astype(float), rtol=1e-9, atol=1e-14
        )
    assert net.df["estimate"].tolist() == pytest.approx(number.df["estimate"].tolist())
    assert "points" in net.sentence or "None of" in net.sentence or "is no larger" in net.sentence
    assert "Scale: “4” or “5” less “1” or “2”." in net.notes
    assert "First to last in points" in net.table().data


def test_a_trend_names_the_answers_that_some_waves_did_not_offer(tmp_path):
    survey = h.load_survey(survey_of(tmp_path / "survey", weighted=True))
    said = "The answers offered differ: “By app alone” in 2024 only."
    assert any(note.startswith(said) for note in h.trend(survey, "visits").notes)
    assert not any("offered" in note for note in h.trend(survey, "views").notes)
    two = h.trend(survey, "visits", {"wave": ["2018", "2021"]})
    assert not any("offered" in note for note in two.notes)


def test_two_changes_are_both_or_neither(tmp_path):
    survey = h.load_survey(survey_of(tmp_path / "survey", weighted=True))
    assert h.trend(survey, "visits").sentence.startswith("Both changes are larger than chance")
    assert h.trend(survey, "uses").sentence.startswith("Neither of two changes is larger")


def test_where_no_change_is_clear_the_largest_is_told_with_its_range(tmp_path):
    found = h.trend(h.load_survey(survey_of(tmp_path / "survey", weighted=True)), "uses")
    ends = found.tests[found.tests["compared"] == "first to last"]
    largest = ends.loc[ends["estimate"].abs().idxmax()]
    gap = f"{100 * largest['estimate']:+.0f} points, 95% range".replace("-", "−")
    assert re.search(
        rf" The largest: E-books, 56% to 43% from 2021 to 2024 \({gap} .+\); it may be chance\. ",
        found.sentence,
    )
    assert found.notes[0].endswith(".") and any("ranges follow" in n for n in found.notes)
