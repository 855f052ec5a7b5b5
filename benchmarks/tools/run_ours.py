"""Our own suite: one call a question."""

from pathlib import Path
from typing import Any

from report import COLUMNS, run  # isort: skip  (its clock starts first)

import pandas as pd
from people import QUESTIONS

from helpers.estimation.estimates import proportion
from helpers.responses.survey import Survey, load_survey


def load(folder: Path) -> Survey:
    """Read, and check every cell once."""
    return load_survey(folder)


def estimate(survey: Survey) -> Any:
    """Shares by type and size, as an analyst asks for them."""
    tables = [proportion(survey, question, by=("type", "size")) for question in QUESTIONS]
    return pd.concat(tables, ignore_index=True)[COLUMNS]


if __name__ == "__main__":
    run(load, estimate, {})
