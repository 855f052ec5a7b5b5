"""Several waves in one folder: the latest is shown, another only where it is chosen and said."""

import json
import shutil
from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
import pytest

import helpers as h
from files import SIMPLE, taken, write
from helpers.codebook.model import Provenance
from helpers.errors import Problems, SurveyProblems
from helpers.estimation import compare, contrast, crosstabs, means
from helpers.estimation.estimates import proportion
from helpers.estimation.request import Status
from helpers.importing.importing import import_files
from helpers.importing.report import Options
from helpers.ledger.measures import Measures
from helpers.notebook import following, quality
from helpers.notebook.controls import filters
from helpers.notebook.questions import question as shown
from helpers.pages import dashboard
from helpers.pages.publishing import prepare
from helpers.present import tables, wording
from helpers.present.downloads import Export
from helpers.present.results import live
from helpers.release.attack.audit import audit
from helpers.responses.selection import Selection
from helpers.responses.survey import check_survey, load_survey
from three_waves import BOOK, WAVES, rows_of, survey_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return survey_of(tmp_path_factory.mktemp("waves") / "three")


@pytest.fixture(scope="module")
def survey(folder):
    return load_survey(folder)


@pytest.fixture(scope="module")
def prepared(survey):
    return prepare(survey)


def daily(rows, waves):
    held = [row for row in rows if row["wave"] in waves]
    return sum(row["visits"] == "daily" for row in held) / len(held), len(held)


def test_an_estimate_is_of_the_latest_wave_unless_another_is_chosen(survey):
    rows = rows_of()
    for where, waves, named in (
        (None, ["2024"], "2024"),
        ({"wave": "2018"}, ["2018"], "2018"),
        ({"age": ["young", "older"]}, ["2024"], "2024"),
        ({"wave": "*"}, WAVES, "all waves together"),
        ({"wave": ["2018", "2021"]}, ["2018", "2021"], "2018 and 2021 together"),
    ):
        found = proportion(survey, "visits", where=where)
        share, n = daily(rows, waves)
        assert (found["estimate"][0], found["n"][0]) == (pytest.approx(share), n)
        assert found.attrs["wave"] == named and found.attrs["survey"].endswith(f" · {named}")
    side = proportion(survey, "visits", "wave")
    assert side[side["option"] == "daily"]["n"].tolist() == [60, 70, 80]
    assert side.attrs["wave"] == ""


def test_no_other_estimate_pools_waves_either(survey):
    assert means.mean(survey, "spend")["estimate"][0] > 200
    assert means.net(survey, "views")["n"].tolist() == [80, 80]
    assert means.mentions(survey, "uses")["n"].max() <= 80
    assert means.ticked_none(survey, "uses")["n"].tolist() == [80]
    found = compare.groups(survey, "visits", "age")
    assert (found["n"] + found["n_other"]).unique().tolist() == [80]
    by_wave = compare.groups(survey, "visits", "wave")
    assert set(zip(by_wave["n"], by_wave["n_other"], strict=True)) == {(70, 60), (80, 60), (80, 70)}
    assert crosstabs.table(survey, "visits", "age")["n"].tolist() == [80]
    found = contrast.selections(survey, "visits", {"wave": "2018"}, None)
    assert (found["n"][0], found["n_other"][0], found["n_both"][0]) == (60, 80, 0)
    answers = Measures(survey)
    assert answers.respondents("readers") == 80


@pytest.mark.parametrize(
    ("question", "item", "option", "asked"),
    [
        ("visits", "", "app", {"2024"}),
        ("visits", "", "daily", {*WAVES}),
        ("uses", "ebooks", "1", {"2021", "2024"}),
        ("views", "space", "3", {"2021", "2024"}),
        ("first", "", "yes", {"2018"}),
    ],
)
def test_waves_are_compared_on_what_both_offered(survey, question, item, option, asked):
    """By hand: two waves are compared only if both asked the item and offered the answer."""
    rows = compare.groups(survey, question, "wave")
    rows = rows[(rows["item"] == item) & (rows["option"] == option)]
    assert len(rows) == 3
    for row in rows.to_dict("records"):
        both = {row["group"], row["other"]} <= asked
        assert pd.notna(row["estimate"]) == pd.notna(row["p"]) == both
        assert (row["status"] == Status.NOT_ASKED) != both
        assert both or not row["significant"]


def test_printed_statements_are_compared_with_their_own_wave(tmp_path):
    outline = BOOK["survey.yml"] + "published_wave: '2018'\n"
    survey = load_survey(survey_of(tmp_path / "s", survey_yml=outline))
    assert Measures(survey).respondents("readers") == 60


@pytest.mark.parametrize("named", ["2019", "2018"])
def test_one_wave_named_beside_a_dimension_of_several_is_a_problem(named, tmp_path):
    outline = f"wave: '{named}'\n{BOOK['survey.yml']}"
    with pytest.raises(SurveyProblems) as stopped:
        load_survey(survey_of(tmp_path / "s", survey_yml=outline))
    [problem] = stopped.value.problems
    assert (problem.file, problem.row, problem.column) == ("survey.yml", 1, "wave")
    assert "2018, 2021, 2024" in problem.message and "Remove `wave`" in problem.fix


def test_a_question_a_wave_did_not_ask_is_never_0_per_cent(survey):
    side = proportion(survey, "visits", "wave").set_index(["wave", "option"])
    assert side.loc[("2018", "app"), "status"] == "not asked of the selection"
    assert side["estimate"].isna().sum() == 2  # of the app, in 2018 and 2021
    boxes = proportion(survey, "uses", "wave").set_index(["wave", "item"])
    assert boxes.loc[("2018", "ebooks"), "n"] == 0 and boxes.loc[("2018", "books"), "n"] == 60
    written = {tuple(row[:2]): row[2] for row in tables.rows(live(survey, "uses", by="wave"))}
    assert written["E-books", "2018"] == "not asked" and written["E-books", "2021"].endswith("%")
    pooled = wording.caveats(live(survey, "uses", {"wave": "*"}))
    assert "Not asked in 2018: “E-books”." in pooled
    assert wording.sentence(live(survey, "first"), Provenance.PRIVATE) == "Not asked in 2024."
    assert shown(survey, "first", filters(survey)).message == "Not asked in 2024. Asked in 2018."


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_every_engine_knows_who_was_asked(folder, tmp_path, engine):
    held = load_survey(
        as_parquet(folder, tmp_path) if engine == "duckdb" else folder, engine=engine
    )
    boxes = proportion(held, "uses", "wave").set_index(["item", "wave"])["n"]
    assert [boxes["ebooks", wave] for wave in WAVES] == [0, 70, 80]
    assert proportion(held, "first", "wave")["n"].tolist() == [60, 60, 0, 0, 0, 0]
    assert proportion(held, "visits")["n"].tolist() == [80, 80, 80]


def as_parquet(folder, target):
    """Hold the same responses in Parquet, which DuckDB leaves where they are."""
    shutil.copytree(folder, target / "held")
    path = target / "held" / "responses" / "readers.csv"
    held = f"SELECT * FROM read_csv('{path}', all_varchar=true)"
    duckdb.sql(f"COPY ({held}) TO '{path.with_suffix('.parquet')}' (FORMAT parquet)")
    path.unlink()
    return target / "held"


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
@pytest.mark.parametrize(
    ("column", "cell"), [("uses.ebooks", "0"), ("visits", "app"), ("last", "yes")]
)
def test_an_answer_that_the_wave_did_not_offer_is_a_problem(tmp_path, column, cell, engine):
    place = survey_of(tmp_path / "s", edit=lambda rows: rows[3].update({column: cell}))
    place = as_parquet(place, tmp_path) if engine == "duckdb" else place
    problems = Problems()
    check_survey(place, problems, engine=engine)
    [problem] = list(problems)
    assert (problem.kind, problem.row, problem.column) == ("not_offered", 5, column)
    assert 'the wave "2018" did not offer this' in str(problem)


def test_a_wave_that_the_codebook_does_not_know_is_a_problem(tmp_path):
    items = BOOK["items.csv"].replace("uses,ebooks,E-books,2021 2024", "uses,ebooks,E-books,2020")
    problems = Problems()
    check_survey(survey_of(tmp_path / "s", items_csv=items), problems)
    assert 'column waves: found "2020"; allowed: 2018, 2021, 2024' in " ".join(map(str, problems))


def test_another_dimension_may_be_the_wave(tmp_path):
    outline = BOOK["survey.yml"].replace("  wave:", "  year:") + "wave_dimension: year\n"
    survey = load_survey(survey_of(tmp_path / "s", survey_yml=outline))
    assert proportion(survey, "visits").attrs["wave"] == "2024"


@pytest.mark.parametrize("weighted", [False, True])
def test_sentences_bases_and_files_name_the_wave(tmp_path, weighted):
    survey = load_survey(survey_of(tmp_path / "s", WAVES[1:], weighted))
    for name in ("visits", "uses", "views"):
        for where, named in ((None, "2024"), ({"wave": "*"}, "all waves together")):
            result = live(survey, name, where)
            assert wording.sentence(result, Provenance.PRIVATE).startswith(f"In {named}, ")
            assert wording.sentence(result, Provenance.PRIVATE, named=True).startswith(
                f"In {named}, in “"
            )
            assert wording.base(result).endswith(f", {named}.")
            about = dict(Export(survey, result).about(date(2026, 1, 1)))
            assert about["Wave"] == named and named in about["Asked"]
        assert h.share(survey, name).sentence.startswith("In 2024, in “")
    assert wording.means_in_words(survey.question("spend"), means.mean(survey, "spend")).endswith(
        " of 80 who answered, 2024"
    )
    assert "Readers, 2024" in quality.dropout_in_words(survey).data


def test_filters_of_a_notebook_open_with_the_latest_wave(survey):
    chosen = filters(survey)
    assert chosen.selection == Selection.of({"wave": "2024"})
    view = shown(survey, "visits", chosen)
    assert view.result.n == (80, 80) and ", 2024." in view.found["view"]["base"]
    assert "2024" in view.about["question"]["asked"]
    chosen.set({"wave": "*"})
    assert view.result.n == (210, 210) and "all waves together" in view.found["view"]["sentence"]
    chosen.set({"wave": "2018", "age": "young"})
    assert view.result.wave == "2018"
    chosen.set(compare="wave")
    assert view.result.by == "wave" and view.result.wave == ""
    chosen.set()
    assert chosen.selection == Selection.of({"wave": "2024"})
    followed = following.follow(chosen, h.share, survey, "visits")
    assert followed.shown.sentence.startswith("In 2024, in “")
    assert filters(survey, ["age"]).selection == Selection.of({"wave": "2024"})


def test_a_release_opens_with_the_latest_wave_and_passes_its_audit(survey, prepared):
    assert not prepared.report.leaks
    page = json.loads(prepared.files["views/all.json"])
    assert page["wave"] == {"id": "wave", "latest": "2024"}
    assert page["dimensions"][0]["id"] == "wave"
    share, n = daily(rows_of(), ["2024"])
    questions = {q["id"]: q for q in page["questions"]}
    for key, named, waves in (
        ("|wave=2024|age=*", "2024", ["2024"]),
        ("|wave=*|age=*", "all waves together", WAVES),
    ):
        view = questions["visits"]["views"][key]
        share, n = daily(rows_of(), waves)
        assert view["rows"][0][0] == "Daily" and view["rows"][0][-1] == str(n)
        assert view["rows"][0][1] == f"{100 * share + 1e-9:.0f}%"
        assert view["base"].endswith(f", {named}.") and view["sentence"].startswith(f"In {named}, ")
    assert page["headline"].startswith("In 2024, in “Views”, ")
    assert questions["first"]["waves"] == ["2018"]
    assert questions["uses"]["views"]["|wave=2018|age=*"]["rows"][1][1] == "not asked"
    said = {q["id"]: words for q, _, words in dashboard.unfiltered(page)}
    assert said["first"] == "Not asked in 2024." and said["visits"].startswith("In 2024, ")
    html = dashboard.as_served(page)
    assert '<h1>Results<span class="wave">, 2024</span></h1>' in html


def test_who_answered_is_of_the_wave_whose_numbers_stand_beside_it(survey, prepared):
    """80 readers of 2024 answered, 210 of all waves; one half of 80 on 80 * 79 / 80 is 39 to 61."""
    page = json.loads(prepared.files["views/overview.json"])
    assert [row["label"] for row in page["answered"]] == ["Readers, 2024"]
    [row] = page["answered"]
    assert (row["replied"], row["fewest"], row["most"], row["half"]) == (80, 80, 80, "±11 points")
    assert dashboard.overview_line(page) == "Based on 80 readers, 2024 (±11 points)."
    [every] = json.loads(prepared.files["views/index.json"])["answered"]
    assert every["label"] == "Readers, all waves together" and every["replied"] == 210
    for part, wrong in (("replied", 81), ("most", 79), ("half", "±10 points")):
        page["answered"] = [row | {part: wrong}]
        files = {**prepared.files, "views/overview.json": json.dumps(page)}
        assert audit(files, codebook=survey.codebook).leaks


def test_waves_are_always_separate_in_a_release(tmp_path):
    place = survey_of(tmp_path / "s", release_yml="dimensions: []\n")
    prepared = prepare(load_survey(place))
    assert not prepared.report.leaks
    assert [*prepared.cube["questions"]["visits"]["dimensions"]] == ["wave"]


def test_an_item_nobody_of_a_group_answered_is_still_a_leak_where_it_was_asked(survey, prepared):
    """That a wave did not ask is public only where the codebook says so."""
    asked = survey.codebook.questions["uses"]
    items = tuple(replace(item, waves=()) for item in asked.items)
    questions = survey.codebook.questions | {"uses": replace(asked, items=items)}
    book = replace(survey.codebook, questions=questions)
    files = {name: text for name, text in prepared.files.items() if name != "manifest.json"}
    found = audit(files, codebook=book)
    assert any(leak.question == "uses" and leak.method == "isolation" for leak in found.leaks)


def test_a_small_wave_is_merged_with_a_note(tmp_path):
    def few(rows):
        del rows[4:60]  # 4 answered in 2018

    survey = load_survey(survey_of(tmp_path / "s", edit=few))
    prepared = prepare(survey)
    assert not prepared.report.leaks
    page = json.loads(prepared.files["views/all.json"])
    visits = next(q for q in page["questions"] if q["id"] == "visits")
    assert [g["label"] for g in visits["filters"]["wave"]] == ["2018 or 2021", "2024"]
    together = visits["views"]["|wave=g1_2018_2021|age=*"]
    assert together["sentence"].startswith("In 2018 and 2021 together, ")


@pytest.mark.slow
def test_an_import_says_in_the_codebook_which_wave_asked_what(tmp_path):
    out = tmp_path / "out"
    taken(write(tmp_path / "one.csv", SIMPLE), out, wave="2025")
    second = [[*row[:2], *row[3:]] for row in SIMPLE]
    for n, row in enumerate(second[1:]):
        row[0] = str(100 + n)
    path = write(tmp_path / "two.csv", second)
    before = (out / "codebook" / "questions.csv").read_bytes()
    report = import_files([path], out, Options(wave="2026"))
    assert [(p.kind, p.about) for p in report.proposals] == [("not_asked", "Do you cycle?")]
    assert (out / "codebook" / "questions.csv").read_bytes() == before
    report = taken(path, out, wave="2026", allow=("missing_column",))
    assert any("cycle (2025)" in remark for remark in report.remarks)
    survey = load_survey(out)
    assert survey.question("cycle").waves == ("2025",)
    side = proportion(survey, "cycle", "wave")
    assert side[side["wave"] == "2026"]["status"].unique().tolist() == [
        "not asked of the selection"
    ]
    taken(path, out, wave="2026")  # again: the codebook knows
    third = [SIMPLE[0], *([str(200 + n), *row[1:]] for n, row in enumerate(SIMPLE[1:]))]
    taken(write(tmp_path / "three.csv", third), out, wave="2027")
    survey = load_survey(out)
    assert survey.question("cycle").waves == ("2025", "2027")
    assert proportion(survey, "cycle")["n"].tolist() == [12, 12]
    assert survey.codebook.wave == "" and "2025, 2026, 2027" in survey.describe
