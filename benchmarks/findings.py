"""Findings of releases beside those of the responses, in synthetic surveys.

    python -m benchmarks.findings [--seeds 72]

Releases each survey, and says of how many differences word and range are those that `compare` and
`change` give for the same comparisons.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pandas as pd
from benchmarks.tools.surveys import plan, write

from helpers.errors import InsightsError
from helpers.estimation.findings import ROW, judge_family
from helpers.pages.publishing import prepare
from helpers.present.findings import PLACE, answered, latest_wave, moved, released
from helpers.responses.survey import Survey, load_survey


def own(survey: Survey, key: str, known: pd.DataFrame) -> pd.DataFrame:
    """Return the findings of the comparisons that are `known`, from the responses."""
    rows = [pd.DataFrame(columns=ROW)]
    for question in dict.fromkeys(known["question"]):
        times = key.split(" to ")
        made = moved(survey, question, *times) if len(times) == 2 else None
        rows.append(answered(survey, question, key) if made is None else made)
    return judge_family(pd.concat(rows).merge(known[PLACE], on=PLACE))


def one(seed: int) -> pd.DataFrame:
    """Release a survey, and set its findings beside those of the responses."""
    survey_plan, found = plan(seed), []
    with tempfile.TemporaryDirectory() as folder:
        write(survey_plan, Path(folder) / "s")
        survey = load_survey(Path(folder) / "s")
        cube = prepare(survey).cube
        wave = latest_wave(survey.codebook, cube["questions"])
        weighted = any(question["weighted"] for question in cube["questions"].values())
        for key, rows in released(survey.codebook, cube, wave).items():
            try:
                beside = own(survey, key, rows)
            except InsightsError:  # a stratum of one respondent
                continue
            both = rows.merge(beside, on=PLACE, suffixes=("", "_own"))
            found.append(both.assign(profile=survey_plan.profile, weighted=weighted))
    return pd.concat(found) if found else pd.DataFrame()


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=72)
    every = [found for seed in range(parser.parse_args().seeds) if len(found := one(seed))]
    both = pd.concat(every)
    both["same word"] = both["word"] == both["word_own"]
    both["apart"] = 100 * (both["low"] - both["low_own"]).abs()
    table = both.groupby(["profile", "weighted"]).agg(
        differences=("word", "size"), same=("same word", "mean"), apart=("apart", "median")
    )
    print(table.to_string(float_format="{:.3f}".format))


if __name__ == "__main__":
    main()
