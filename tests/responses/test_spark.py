# ruff: noqa: F401, F811  (fixtures of other files are imported, and asked for by name)
"""The same from a Spark cluster: cells, tables, estimates; and what is special about one.

All tests that need Spark are in this file, so that one cluster serves them.
"""

from __future__ import annotations

import os
import shutil
import time

import duckdb
import pandas as pd
import pytest
import test_cells
import test_deriving
import test_engines
import test_labelled
import test_subsets
from test_cells import check_typed, folder
from test_engines import OURS, copy, damaged, other, pandas, said, same, to_parquet

from banners import same_banner
from helpers.errors import InsightsError
from helpers.estimation.estimates import proportion
from helpers.responses import engines
from helpers.responses.survey import load_survey
from places import CYCLING, TESTS

pytestmark = [pytest.mark.spark, pytest.mark.slow]


@pytest.fixture(scope="module", params=["spark"])
def engine(request, spark):
    return request.param


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two small surveys as Parquet: a cluster takes seconds for each population."""
    place = tmp_path_factory.mktemp("surveys")
    return {
        "cycling": to_parquet(copy(CYCLING, place / "cycling")),
        "in parts": to_parquet(copy(OURS / "example", place / "example"), parts=3),
    }


globals().update(
    (test.__name__, test)
    for test in (
        test_engines.test_frames_hold_the_same,
        test_engines.test_what_is_known_of_the_data_is_the_same,
        test_engines.test_tabulate_gives_the_same_table,
        test_engines.test_every_estimate_is_the_same,
        test_engines.test_a_model_is_the_same,
        test_engines.test_paired_change_is_the_same,
        test_engines.test_text_files_can_be_held_by_an_engine_too,
        test_cells.test_every_nasty_cell_in_every_column_gets_the_same_verdict,
        test_cells.test_sound_cells_however_written_give_the_same_tables,
        test_cells.test_numbers_of_any_size_are_written_alike,
        test_labelled.test_an_engine_gives_the_same_frame,
        test_subsets.test_an_engine_chooses_the_same,
        test_deriving.test_an_engine_makes_the_same,
    )
)


@pytest.fixture(scope="module")
def derived():
    """Variables in memory, which those of the cluster are compared with."""
    return load_survey(CYCLING).derive(**test_deriving.NAMES)


def test_people_are_clusters_of_answers(tmp_path, spark):
    """The same as in memory, where R agrees (tests/estimation/test_wave_trends.py)."""
    (tmp_path / "codebook").mkdir()
    (tmp_path / "responses").mkdir()
    (tmp_path / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: public\n"
        "populations: {people: {id: row, person: person, weight: wt, strata: area}}\n"
        "dimensions: {wave: {bands: ['2019', '2022', '2025'], source: {people: wave}}}\n"
    )
    (tmp_path / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\nmember,people,single,yn\nhours,people,number,\n"
    )
    (tmp_path / "codebook" / "options.csv").write_text("set,code\nyn,yes\nyn,no\n")
    shutil.copy(TESTS / "oracles" / "trends_panel.csv", tmp_path / "responses" / "people.csv")
    held = [
        proportion(load_survey(tmp_path, engine=engine), "member", where={"wave": "*"})
        for engine in ("pandas", "spark")
    ]
    pd.testing.assert_frame_equal(*held, rtol=1e-12)
    assert held[0]["df"].iloc[0] < held[0]["n"].iloc[0] / 1.5  # people, not answers


def test_a_banner_is_the_same(tmp_path, spark):
    same_banner("spark", tmp_path / "cycling", ["agree", "distance", "age"])


def test_typed_columns_decide_as_their_text(folder, tmp_path, spark):
    check_typed(folder, tmp_path, lambda path, _: spark.read.parquet(path), "spark")


def test_the_cluster_is_two_processes_besides_this_one(spark):
    def where(_):
        time.sleep(0.2)  # long enough that one worker alone does not take all
        return os.getppid()

    pids = set(spark.sparkContext.parallelize(range(16), 16).map(where).collect())
    assert len(pids) == 2 and os.getpid() not in pids
    assert spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() == 3  # with the driver


def test_damage_in_a_spark_table_names_the_respondent(tmp_path, spark):
    folder = to_parquet(copy(CYCLING, tmp_path / "cycling"))
    damaged(folder, "owns", "maybe")
    who = duckdb.read_parquet(str(folder / "responses" / "residents.parquet")).df()["ref"].iloc[7]
    (problem,) = said(folder, "spark")
    assert problem.startswith(
        f'residents.parquet, column owns: respondent "{who}"; found "maybe"; allowed: yes, no'
    )


def test_a_spark_table_that_the_codebook_names(tmp_path, spark, pandas, folders):
    folder = copy(CYCLING, tmp_path / "cycling")
    shutil.rmtree(folder / "responses")
    path = folder / "codebook" / "survey.yml"
    path.write_text(path.read_text().replace("id: ref,", "id: ref, table: riders,"))
    with pytest.raises(InsightsError, match="Spark cannot open the table riders"):
        load_survey(folder)
    read = spark.read.parquet(str(folders["cycling"] / "responses" / "residents.parquet"))
    read.createOrReplaceTempView("riders")
    survey = load_survey(folder)
    assert engines.engine_of(survey.frames["residents"]) == "spark"
    same(proportion(survey, "often", by="age"), proportion(pandas["cycling"], "often", by="age"))
    changed = read.replace("daily", "weekly", subset=["often"])
    changed.createOrReplaceTempView("riders")
    assert load_survey(folder).fingerprint != survey.fingerprint
