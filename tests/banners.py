"""A banner of the same responses in memory and on an engine."""

import shutil

import duckdb
import pandas as pd

import helpers as h
from helpers.responses.survey import load_survey
from places import CYCLING

BY = ["age", "district", ("district", "age")]


def same_banner(engine, folder, asked) -> None:
    """The banner of responses that an engine holds is that of memory; `test_spark` asks it, too."""
    folder = shutil.copytree(CYCLING, folder)
    path = folder / "responses" / "residents.csv"
    table = duckdb.read_csv(str(path), all_varchar=True, header=True)
    table.write_parquet(str(path.with_suffix(".parquet")))
    path.unlink()
    survey = load_survey(folder, engine=engine)
    found = h.banner(survey, asked, by=BY)
    expected = h.banner(load_survey(CYCLING), asked, by=BY)
    pd.testing.assert_frame_equal(found.df, expected.df, rtol=1e-9, atol=1e-12)
    pd.testing.assert_frame_equal(found.tests, expected.tests, rtol=1e-7, atol=1e-12)
