"""This suite: 20 questions by type and size."""

from pathlib import Path
from typing import Any

from report import COLUMNS, run  # isort: skip  (its clock starts first)

import pandas as pd
from people import QUESTIONS

from helpers.estimation.estimates import proportion
from helpers.survey.dataset import Survey, load_survey


def load(folder: Path) -> Survey:
    """Read, and check every cell once."""
    return load_survey(folder)


def estimate(survey: Survey) -> Any:
    """One call a question, as an analyst writes it."""
    tables = [proportion(survey, question, by=("type", "size")) for question in QUESTIONS]
    return pd.concat(tables, ignore_index=True)[COLUMNS]


if __name__ == "__main__":
    run(load, estimate, {})
